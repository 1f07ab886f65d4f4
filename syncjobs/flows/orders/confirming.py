"""Tell the store which sales order its order became, so that it is searchable from both sides."""

from ipaas.types import JSON
from mappings.core.canonical import Order, Source
from mappings.core.reading import Row
from mappings.core.written import notes_of
from syncjobs.flows.base import Outcome
from syncjobs.flows.orders.context import Effect, OrderContext
from syncjobs.models import Record


def is_as_read(answer: JSON, order: Order) -> bool:
    """False when the store's answer to our write shows that somebody changed the order since we read it.

    The version that we know then stays the one that was read: polling finds the order and looks at it again.
    """
    row = Row(answer, f"Order {order.source_id}")
    return (
        row.whole("status_id", order.status_id) == order.status_id
        and row.amount("total_inc_tax", order.total) == order.total
        and notes_of(row) == tuple(one for one in order.written if one.source in {Source.COMMENT, Source.STAFF_NOTES})
        and row.flag("is_deleted") == order.is_deleted
    )


def confirm(context: OrderContext) -> Outcome:
    """Write the Heartland number to the order's external id unless somebody else's stands there; ends the run.

    The write moves the order's date_modified: its new value is kept, so that polling knows our own echo.
    """
    label = context.link.target_label if context.link else ""
    there = context.order.external_order_id
    if there != label and (not there or context.is_our_number(there)):
        context.intend(Effect.NOTHING, f"Booked as {label}; the store's order is told this number.")
        answer = context.bigcommerce.order_update(context.external_id, external_order_id=label)
        if is_as_read(answer, context.order):
            context.learn(source_version=str(answer.get("date_modified") or context.order.version))
        context.decide(f"The store's order now names {label}.")
    return Outcome(disposition=Record.Disposition.BOOKED, sentence=f"Booked as {label}.")
