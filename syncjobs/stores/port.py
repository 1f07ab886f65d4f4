"""The store port: what flows, sets, polls, proofs and pages ask of a web store, in canonical records.

One Protocol a capability. Every method is at most the calls that its docstring names, observed by the run that asks
(`stores.opening`), and raises SyncFailure: NotFound and Rejected mean what they mean for one record. Ids are text,
whatever the store makes of them; money is Decimal in the order's currency; datetimes are aware.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from connections.store_kinds import StoreProfile
from errors.failures import SyncFailure
from mappings.core.canonical.order import Order
from mappings.core.canonical.shipment import Invoice, Parcel, Shipment
from mappings.core.rules.payments import PaymentState


@dataclass(frozen=True, kw_only=True)
class OrderHead:
    """What a list of orders says of one, without what hangs on it."""

    id: str
    version: str  # changes with every change of the order; as the store writes it
    changed_at: datetime | None  # by the store's clock
    status: str  # key of the profile's statuses
    status_name: str  # as the store calls it
    total: Decimal  # with tax, all tenders
    currency: str  # ISO 4217; "" when the store does not say
    payment_status: str
    is_deleted: bool = False  # archived
    external_number: str = ""  # our number, or somebody else's, as the store shows it


class OrderWalk(Iterator[OrderHead], Protocol):
    """Orders by ascending id, so that a change during the walk may repeat one and never hide one."""

    first_answer_at: datetime | None  # the store's clock when the walk began: the next cursor; None before the first


class Orders(Protocol):
    """Reading orders."""

    def order(self, order_id: str, *, reads_refunds: bool = False) -> Order:
        """One order, whole: one call, and one more for each part that the order counts and the answer lacks.

        Where it hints at money given back, or `reads_refunds`, `Order.refunded` is read too: one call. Raises NotFound.
        """

    def head(self, order_id: str) -> OrderHead:
        """One call. Raises NotFound."""

    def changed_since(self, moment: datetime) -> OrderWalk:
        """Orders changed at or after a moment."""

    def placed_between(self, first: datetime, last: datetime, *, after: str = "") -> OrderWalk:
        """Orders placed in a time, both included; those with a greater id than `after`."""

    def living(self, order_ids: Collection[str]) -> set[str]:
        """Those that the store has and that are not archived: the fewest calls that tell."""

    def status_counts(self) -> Mapping[str, int]:
        """How many orders are in each status."""


class Payments(Protocol):
    """What was taken of an order's money."""

    def payment_state(self, order: Order) -> PaymentState:
        """As the gateways reported it, for orders that do not say themselves: one call."""


class Feedback(Protocol):
    """What the store is told of a booked order. Answers how the order then is: its version is our own echo."""

    def number_write(self, order: Order, number: str, *, status: str = "") -> OrderHead:
        """Name our sales order on the store's order, and move it to a status where one is given: one call."""

    def status_write(self, order_id: str, status: str) -> OrderHead:
        """One call."""


class Shipments(Protocol):
    """What left, as the store shows it."""

    def shipments(self, order_id: str) -> list[Shipment]:
        """One call. Raises NotFound when the order is gone."""

    def ship(self, order: Order, parcel: Parcel, invoice: Invoice) -> Shipment:
        """Make one shipment; the store may mail the shopper. Not safe to repeat: look before. Raises Rejected."""

    def track(self, order_id: str, shipment: Shipment, invoice: Invoice) -> Shipment:
        """Bring a shipment the carrier and numbers of an invoice. Raises NotFound."""

    def tracking_of(self, invoice: Invoice) -> Mapping[str, str]:
        """Carrier and numbers of an invoice as the store would show them, to be compared; no call."""


@dataclass(frozen=True, kw_only=True)
class Level:
    """A SKU at one place of the store, as its own list says."""

    sku: str
    onhand: int
    product_id: str
    variant_id: str  # "" where the store knows none
    is_counted_by_product: bool  # else by variant, or by SKU


@dataclass(frozen=True, kw_only=True)
class LevelWrite:
    """A quantity to be shown at a place. Named by ids where they are known, since a SKU may have been renamed."""

    sku: str
    place: str
    quantity: int
    product_id: str = ""
    variant_id: str = ""
    is_counted_by_product: bool = False


class Cause(StrEnum):
    """Why a store does not take a quantity."""

    NOT_COUNTED = "not_counted"  # it keeps no stock of the product: nothing to mend, and nothing to tell until it does
    BY_VARIANT = "by_variant"  # it counts the variant and was told of the product: to be told so
    BY_PRODUCT = "by_product"  # it counts whole products where variants are told
    PLACE_GONE = "place_gone"  # no item of the batch can be taken
    SKU_GONE = "sku_gone"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """What a store says of the quantities that it does not take."""

    cause: Cause
    words: str  # the store's own, as a person may read them
    named: tuple[LevelWrite, ...] = ()  # those of the batch that it is about, as far as it names any


class Levels(Protocol):
    """Stock as the store shows it."""

    most_writes: int  # of one call of `write`

    def pages(self, place: str, *, first: int = 1) -> Iterator[list[Level]]:
        """All levels of a place, page by page from the `first` on: one call each. Raises NotFound."""

    def levels(self, skus: Sequence[str]) -> list[Level]:
        """Those of some SKUs at the default place, as far as the store can be asked for them: the fewest calls."""

    def level(self, sku: str, place: str, *, variant_id: str = "") -> Level | None:
        """One SKU at a place, looked for by its variant where that is known; None when it is not listed. One call."""

    def write(self, levels: Sequence[LevelWrite]) -> None:
        """Set quantities of one place, at most `most_writes`: one call, all or none, safe to repeat.

        Raises Rejected or NotFound: `refusal_of` tells why.
        """

    def refusal_of(self, levels: Sequence[LevelWrite], failure: SyncFailure) -> Refusal:
        """What a refusal of these levels says. No call."""

    def count(self, sku: str, product_id: str, *, is_by_variant: bool) -> None:
        """Have the store keep stock of a product, each variant of its own or all as one: one call."""


class Store(Protocol):
    """One web store, ready to be asked: `stores.opening`. Capabilities join when they are fulfilled."""

    profile: StoreProfile
    levels: Levels
