"""Errors repeat what they are about: the people of an order are kept out of what either system says of it."""

from ipaas.masking import NAME, STREET
from mappings.core.bigcommerce.orders import names_on, streets_on
from mappings.core.canonical.order import Order
from syncjobs.flows.base import Context


def conceal(context: Context, order: Order) -> None:
    """From now on neither system's texts of this run name the order's people or streets."""
    for client in (context.heartland, context.bigcommerce):
        client.redactor.conceal(NAME, names_on(order))
        client.redactor.conceal(STREET, streets_on(order))
