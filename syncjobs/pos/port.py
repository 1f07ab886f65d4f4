"""The POS port: what is asked of a point of sale, one Protocol a capability. Begun with stock and the two feeds.

As at the store port, a method is at most the calls that its docstring names, observed by the run that asks
(`pos.opening`), and may raise what any call may. Places are ids as text, items numbers: those of Heartland's. What is
still asked of Heartland itself, ARCHITECTURE.md lists (*The point of sale*).
"""

from abc import ABC
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from mappings.core.heartland.sales_orders import SalesOrder
from mappings.core.rules.stock_arithmetic import Figures


class Move(NamedTuple):
    """An entry of the ledger of stock: that an item moved, and not how much."""

    entry: int
    item_id: int
    at: datetime  # by the POS's clock


class Held(NamedTuple):
    """What there is of an item."""

    item_id: int
    place: str  # "" where all the places that were asked for are added up
    figures: Figures


class Stock(Protocol):
    """What lies where, and what moved."""

    def newest_entry(self) -> int:
        """The newest entry of the ledger, 0 when it is empty: one call."""

    def moves(self, after: int) -> Iterator[list[Move]]:
        """Newer entries, ascending: a call a page, one where there is none."""

    def page(self, after: int, places: Sequence[str], *, by_place: bool) -> tuple[list[Held], bool]:
        """Items with a greater id, ascending, and if more follow. One without a row never had stock. One call."""

    def of_items(self, items: Sequence[int], places: Sequence[str], *, by_place: bool) -> list[Held]:
        """Some items now: the fewest calls. Raises ContractBroken where it answers for others, Rejected, NotFound."""

    def whole(self, places: Sequence[str]) -> tuple[list[Held], bool]:
        """All by place in whatever order, and whether every row was seen: a call a page."""

    def heeds(self, places: Sequence[str]) -> bool:
        """Whether it heeds which places are asked for: one call."""

    def uncounted(self) -> list[int]:
        """Every item of which it keeps no stock: a call a page."""

    def counts(self, items: Collection[int]) -> Mapping[int, bool]:
        """Whether it keeps stock of some items, as far as it says: the fewest calls."""

    def of_category(self, field: str, value: str) -> list[int]:
        """The items of a category: a call a page. Raises Rejected where there is no such field."""


class InvoiceHead(NamedTuple):
    """What a list of invoices says of one."""

    id: str
    order_id: str  # the sales order's; "" where it belongs to none
    version: str  # differs when anything differs that a store is told
    is_pending: bool  # nothing has left with it yet
    changed_at: datetime  # by the POS's clock


class ChangedOrder(NamedTuple):
    """A sales order as it is after a change."""

    order: SalesOrder
    changed_at: datetime


class ReturnHead(NamedTuple):
    """What a list of returns at the tills says of one."""

    id: str
    parent_id: str  # the ticket or invoice on which it was sold; "" where the till named none
    customer_id: str  # "" for none
    version: str  # differs when the ticket was changed
    changed_at: datetime  # by the POS's clock
    is_void: bool = False  # it does not stand any more


class CustomerHead(NamedTuple):
    """What a list of customers says of one."""

    id: str
    version: str  # changes with every change of the customer
    changed_at: datetime
    is_living: bool  # neither switched off nor deleted


class Feeds(Protocol):
    """What changed since a moment of the POS's clock, by ascending id, so that a change meanwhile hides none."""

    def invoices(self, after: str, *, since: datetime) -> tuple[list[InvoiceHead], bool]:
        """Invoices with a greater id ("": from the first on), and if more follow: one call."""

    def sales_orders(self, after: str, *, since: datetime) -> tuple[list[ChangedOrder], bool]:
        """The same of sales orders, with lines and payments: one call."""

    def till_returns(self, after: str, *, since: datetime) -> tuple[list[ReturnHead], bool]:
        """The same of completed returns, and of those that were voided: one call. Raises PermissionMissing."""

    def orders_of_invoices(self, ids: Sequence[str]) -> Mapping[str, str]:
        """By invoice its sales order, of those ids that are invoices: a call for a hundred."""

    def customers(self, after: str, *, since: datetime) -> tuple[list[CustomerHead], bool]:
        """The same of customers: one call."""

    def returns_of(self, invoices: Sequence[str]) -> Mapping[str, list[str]]:
        """The completed returns of invoices, by invoice: a call a page. Raises PermissionMissing."""


class Pos(ABC):
    """One point of sale, ready to be asked."""

    stock: Stock
    feeds: Feeds
