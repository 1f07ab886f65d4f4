"""Make the store's order, once: whatever was made without an answer is found by its mark before it is made again."""

from errors.failures import Violation, held
from ipaas import failpoints
from syncjobs.flows.base import Outcome
from syncjobs.flows.desk_orders.desk_context import SHOWN, DeskContext
from syncjobs.flows.desk_orders.read_desk_order import recorded


def deliver(context: DeskContext) -> Outcome:
    """Write what the person saw. Raises a hold where it is another meanwhile."""
    if context.record.facts.get(SHOWN) != context.shown:
        raise held(
            Violation(
                code="desk_order_changed",
                sentence=f"{context.sales_order.public_id} is not any more as you saw it when you chose to record it.",
                field="record",
                fix="Look at it again on the page of desk orders, and record it as it is now.",
                fix_page="desk_orders",
            )
        )
    context.wait_for_lost_writes()
    there = context.store.desk_orders.record(context.desired)
    failpoints.passing("desk_orders.made")
    return recorded(context, there)
