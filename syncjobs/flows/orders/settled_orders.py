"""An order that a person closed by hand: both systems are asked whether that still holds."""

from typing import TYPE_CHECKING

from errors.failures import NotFound, held
from mappings.core.heartland.sales_orders import sales_order_from_heartland
from syncjobs.flows.base import Outcome
from syncjobs.flows.orders import evidence
from syncjobs.flows.settled import reopened, settlement_of, stay_closed
from syncjobs.models import Settlement

if TYPE_CHECKING:
    from syncjobs.flows.orders.order_context import OrderContext


def closed(context: "OrderContext") -> Outcome | None:
    """End here while the order is as it was when it was closed; None when nobody closed it.

    One call more for what was booked by hand: is that sales order still there? Raises a hold when something changed.
    """
    settlement = settlement_of(context) if context.traces.settlement else None
    if settlement is None:
        return None
    if settlement.about and not is_about_now(context, settlement):
        raise held(reopened(context, settlement, f"the store changed it since: it is {context.order.status} now"))
    Settlement.objects.filter(pk=settlement.pk).update(about=context.state)
    if settlement.heartland_id:
        look_at_hand_booked(context, settlement)
    return stay_closed(context, settlement)


def is_about_now(context: "OrderContext", settlement: Settlement) -> bool:
    """True when the order is as it was when it was closed, also where only the rules of digesting are others since."""
    if settlement.about == context.state:
        return True
    return settlement.about == context.record.state and context.is_as_last_read(context.facts["facts"])


def look_at_hand_booked(context: "OrderContext", settlement: Settlement) -> None:
    """What Heartland holds of the order that was booked by hand. Raises a hold when it holds it no more."""
    try:
        sales_order = sales_order_from_heartland(context.heartland.order_read(settlement.heartland_id))
    except NotFound as gone:
        raise held(reopened(context, settlement, "Heartland does not hold its sales order any more")) from gone
    context.learn(
        target_id=sales_order.id,
        target_label=sales_order.public_id,
        target_total=sales_order.total,
        target_seen_at=context.now,
        is_distributed=sales_order.is_distributed,
        facts=context.facts["facts"] | {"heartland": evidence.heartland_facts(sales_order)},
    )
    if sales_order.status == "canceled":
        raise held(reopened(context, settlement, f"Heartland's {sales_order.public_id} is cancelled"))


def gone_after_closing(context: "OrderContext") -> Outcome | None:
    """The same for an order that the store does not hold any more: only what was booked by hand asks anew."""
    settlement = settlement_of(context)
    if settlement is None:
        return None
    if settlement.heartland_id and settlement.about != context.state:
        raise held(reopened(context, settlement, "the store deleted it since"))
    return stay_closed(context, settlement)
