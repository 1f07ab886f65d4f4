"""The store port, stock: what is for sale at the places of a store. See `stores.port`."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from errors.failures import SyncFailure


@dataclass(frozen=True, kw_only=True)
class Level:
    """A SKU at one place of the store, as its own list says."""

    sku: str
    onhand: int  # less what is reserved it is what is for sale
    product_id: str = ""  # "" where the store knows none
    variant_id: str = ""
    is_counted_by_product: bool = False  # else by variant, or by SKU


@dataclass(frozen=True, kw_only=True)
class LevelWrite:
    """A quantity to be sold at a place. Named by ids where they are known, since a SKU may have been renamed."""

    sku: str
    place: str
    quantity: int
    product_id: str = ""
    variant_id: str = ""
    is_counted_by_product: bool = False
    reserved: int = 0  # pieces to be told on top, since the store takes them off what it sells


@dataclass(frozen=True, kw_only=True)
class Reserved:
    """Pieces that the store takes off what it sells, for an order that has not left it, and counts on hand."""

    order_id: str
    sku: str
    place: str  # the first that the order may be sold from, of those asked for
    pieces: int


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


@dataclass(frozen=True, kw_only=True)
class ReservationGap:
    """A SKU whose open orders hold another number of pieces than the store takes off for them."""

    sku: str
    ordered: int  # by its open orders
    reserved: int  # by what it sells


@dataclass(frozen=True, kw_only=True)
class Elsewhere:
    """Pieces of a SKU that the store sells from a place beside those that are told stock."""

    sku: str
    place: str
    pieces: int


class Levels(Protocol):
    """Stock as the store shows it."""

    most_writes: int  # of one call of `write`
    has_ids: bool  # it names what it counts by ids too, which outlive a SKU; else by SKU alone

    def pages(self, place: str, *, first: int = 1) -> Iterator[list[Level]]:
        """All levels of a place, page by page from the `first` on: one call each. Raises NotFound."""

    def levels(self, skus: Sequence[str]) -> list[Level]:
        """Those of some SKUs at the default place, as far as the store can be asked for them: the fewest calls."""

    def level(self, sku: str, place: str, *, variant_id: str = "") -> Level | None:
        """One SKU at a place, looked for by its variant where that is known; None when it is not listed. One call."""

    def reserved(self, places: Collection[str]) -> Sequence[Reserved]:
        """What open orders reserve at some places: a call for each page of them.

        A store whose numbers on hand fall with each order has none, and is not asked.
        """

    def reserved_otherwise(self, *, first: int = 1) -> Iterator[list[ReservationGap]]:
        """SKUs of which the store takes off another number than its open orders hold, page by page of all SKUs.

        A few calls a page; no page where nothing is reserved.
        """

    def elsewhere(self, skus: Sequence[str], places: Collection[str]) -> Sequence[Elsewhere]:
        """What the store sells of some SKUs from other places than these: two calls once, where there are others.

        Then a call for each 200 SKUs where pieces lie there. A store that sells from one place has none, and is not
        asked.
        """

    def late(self) -> Collection[str]:
        """SKUs that the store worked off since the last time, from writes of ours that it had queued.

        What it holds of them is unknown. One call for each such write, none where there is none.
        """

    def write(self, levels: Sequence[LevelWrite]) -> None:
        """Set quantities of one place, at most `most_writes`, safe to repeat: one call, or the fewest that it takes.

        Raises Rejected or NotFound, where some may be written and others not: `refusal_of` tells why.
        """

    def refusal_of(self, levels: Sequence[LevelWrite], failure: SyncFailure) -> Refusal:
        """What a refusal of these levels says. No call."""

    def count(self, sku: str, product_id: str, *, is_by_variant: bool) -> None:
        """Have the store keep stock of a product, each variant of its own or all as one: one call. Raises Rejected."""
