"""Whose a pending sales order is: what we remembered of the buyer is held against Heartland before the order opens."""

from typing import TYPE_CHECKING

from errors.failures import held
from mappings.core.heartland import customers
from mappings.core.heartland.customers import Mismatch
from mappings.core.heartland.sales_orders import SalesOrder, sales_order_from_heartland
from syncjobs.flows.orders import buyers as people
from syncjobs.flows.orders import guests

if TYPE_CHECKING:
    from syncjobs.flows.orders.order_context import OrderContext


def made_out(context: "OrderContext", sales_order: SalesOrder) -> SalesOrder:
    """The pending sales order, made out to who the buyer is in Heartland now.

    No call while its customer is as remembered: it came with the order. Raises a hold when nobody can tell.
    """
    if context.people.customer_id is None:  # not ours to say: an order that was begun has its customer
        return sales_order
    if str(sales_order.answer.get("customer_id")) == context.people.customer_id:
        mismatch = mismatch_of(context, sales_order.answer.get("customer"))
        if not mismatch:
            return sales_order
        look_again(context, mismatch)
    customer_id, billing_id, shipping_id = people.ensure(context)
    context.heartland.order_update(
        sales_order.id,
        customer_id=int(customer_id),
        billing_address_id=int(billing_id),
        shipping_address_id=int(shipping_id),
    )
    context.decide(f"{sales_order.public_id} is made out to customer {customer_id}.")
    return sales_order_from_heartland(context.heartland.order_read(sales_order.id))


def mismatch_of(context: "OrderContext", row: object) -> Mismatch | None:
    """What speaks against the customer that came with the order; nothing where none came."""
    people = context.people
    return customers.mismatch_of(row, None if people.is_chosen else people.buyer) if isinstance(row, dict) else None


def look_again(context: "OrderContext", mismatch: Mismatch) -> None:
    """Search for the buyer anew; who is only switched off is kept while nobody else is found."""
    before = context.people
    if before.is_chosen:
        raise held(guests.gone(context.settings))
    context.decide(f"Customer {before.customer_id} {mismatch} in Heartland: looked up again.")
    people.forget(context)
    context.people = people.search(context)
    if context.people.violations:
        raise held(*context.people.violations)
    if context.people.customer_id is None and mismatch == Mismatch.SWITCHED_OFF:
        context.people = before
