"""The flows by name. One is registered by adding it to `FLOWS`; rooms above add theirs in `syncjobs/apps.py`."""

from syncjobs.flows.base import AnyFlow
from syncjobs.flows.cards import CARDS
from syncjobs.flows.customers import CUSTOMERS
from syncjobs.flows.desk_orders import DESK_ORDERS
from syncjobs.flows.orders import ORDERS
from syncjobs.flows.points import POINTS
from syncjobs.flows.refunds import REFUNDS
from syncjobs.flows.returns import RETURNS
from syncjobs.flows.shipments import SHIPMENTS

__all__ = [
    "CARDS",
    "CUSTOMERS",
    "DESK_ORDERS",
    "FLOWS",
    "ORDERS",
    "POINTS",
    "REFUNDS",
    "RETURNS",
    "SHIPMENTS",
    "register",
]

FLOWS: dict[str, AnyFlow] = {
    flow.name: flow for flow in (ORDERS, SHIPMENTS, REFUNDS, RETURNS, CUSTOMERS, CARDS, POINTS, DESK_ORDERS)
}


def register(*flows: AnyFlow) -> None:
    """Have the engine run these too."""
    FLOWS.update((flow.name, flow) for flow in flows)
