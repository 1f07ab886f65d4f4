"""The flows by name. A flow is registered by adding it to this table."""

from syncjobs.flows.base import AnyFlow
from syncjobs.flows.items import ITEMS
from syncjobs.flows.orders import ORDERS
from syncjobs.flows.shipments import SHIPMENTS
from syncjobs.flows.stalled import FEED, RUN
from syncjobs.flows.stock import STOCK

__all__ = ["FEED", "FLOWS", "ITEMS", "ORDERS", "RUN", "SHIPMENTS", "STOCK"]

FLOWS: dict[str, AnyFlow] = {flow.name: flow for flow in (FEED, ITEMS, ORDERS, RUN, SHIPMENTS, STOCK)}
