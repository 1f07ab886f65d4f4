"""The flows by name. A flow is registered by adding it to this table."""

from syncjobs.flows.base import AnyFlow
from syncjobs.flows.orders import ORDERS

FLOWS: dict[str, AnyFlow] = {ORDERS.name: ORDERS}
