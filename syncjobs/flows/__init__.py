"""The flows by name. A flow is registered by adding it to this table."""

from syncjobs.flows.base import AnyFlow
from syncjobs.flows.items import ITEMS
from syncjobs.flows.orders import ORDERS
from syncjobs.flows.stock import STOCK

FLOWS: dict[str, AnyFlow] = {ITEMS.name: ITEMS, ORDERS.name: ORDERS, STOCK.name: STOCK}
