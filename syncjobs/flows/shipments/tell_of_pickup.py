"""Tell the store of a pickup order of which all was invoiced: that it waits to be collected, or was."""

from errors.failures import NotFound, NotOffered, Rejected, held
from mappings.core.canonical.statuses import OVER, StatusMeaning, settable
from syncjobs.flows.shipments import shipment_words
from syncjobs.flows.shipments.shipment_context import ShipmentContext
from syncjobs.stores.port import OrderHead


def tell_of_pickup(context: ShipmentContext) -> OrderHead | None:
    """The order as it then is; None where the store can be told nothing. A status says it, else the store's own way.

    Once: an order that shows pieces as fetched, or has come further, is told nothing.
    """
    order, is_ready = context.order, context.settings.tells_pickup_ready
    meaning = StatusMeaning.PICKUP if is_ready else StatusMeaning.COMPLETED
    wanted = settable(context.statuses, meaning)[:1]
    if not wanted and not is_offered(context):
        return None
    try:
        if order.meaning in {meaning, *OVER} or any(line.quantity_shipped for line in order.lines):
            return context.store.orders.head(context.order_id)
        if wanted:
            return context.store.feedback.status_write(context.order_id, wanted[0])
        pickups = context.store.pickups
        context.wait_for_lost_writes()
        return pickups.ready(order) if is_ready else pickups.collected(order, context.invoice)
    except NotFound as failure:
        raise held(shipment_words.order_gone(context)) from failure
    except Rejected as refusal:
        raise held(shipment_words.refused(context, refusal)) from refusal


def is_offered(context: ShipmentContext) -> bool:
    """Whether this kind of store has a way of its own."""
    try:
        return bool(context.store.pickups)
    except NotOffered:
        return False
