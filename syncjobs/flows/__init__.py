"""The flows by name. A flow is registered by adding it to this table."""

from syncjobs.flows.base import AnyFlow
from syncjobs.flows.items import ITEMS
from syncjobs.flows.orders import ORDERS
from syncjobs.flows.shipments import SHIPMENTS
from syncjobs.flows.stock import STOCK

__all__ = ["FLOWS", "ITEMS", "ORDERS", "SHIPMENTS", "STOCK"]

FLOWS: dict[str, AnyFlow] = {flow.name: flow for flow in (ITEMS, ORDERS, SHIPMENTS, STOCK)}
