"""Errors repeat what they are about: the people of an order are kept out of what either system says of it."""

from ipaas.masking import NAME, STREET
from mappings.core.canonical.order import Order
from mappings.core.rules.people_named import names_on, streets_on
from syncjobs.flows.base import Context


def conceal(context: Context, order: Order) -> None:
    """From now on Heartland's texts of this run name neither people nor streets of the order, as the store's do."""
    context.heartland.redactor.conceal(NAME, names_on(order))
    context.heartland.redactor.conceal(STREET, streets_on(order))
