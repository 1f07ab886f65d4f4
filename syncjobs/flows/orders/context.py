"""What the steps of the order flow hand on to each other."""

from dataclasses import dataclass, field
from functools import cached_property

from connections.models import OrderSettings
from mappings.core.canonical import HeartlandOrder, Order
from mappings.core.lookups import OrderLookups
from mappings.models import Link
from syncjobs.flows.orders.people import People
from syncjobs.flows.settling import SettlingContext

NUMBERS_TRIED = 5


@dataclass(kw_only=True)
class OrderContext(SettlingContext):
    """One run for one store order. `external_id` is BigCommerce's order id."""

    order: Order = field(init=False)  # from `normalise` on
    content: str = ""  # fingerprint of the order's content
    link: Link | None = None  # to the Heartland sales order, once its id is known; no fingerprint = unfinished
    people: People = field(init=False)  # from `resolve` on
    lookups: OrderLookups = field(init=False)
    desired: HeartlandOrder = field(init=False)  # from `shape` on

    @cached_property
    def settings(self) -> OrderSettings:
        return self.connection.order_settings

    @property
    def number(self) -> str:
        """Our reference in Heartland: the order prefix and the store's order number."""
        return f"{self.settings.order_prefix}{self.external_id}"

    @property
    def numbers(self) -> list[str]:
        """BC-10457, BC-10457-2, …: a number stays taken by the order that was cancelled under it."""
        return [self.number, *(f"{self.number}-{n}" for n in range(2, NUMBERS_TRIED + 1))]
