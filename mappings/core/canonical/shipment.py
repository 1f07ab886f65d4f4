"""What left, between the two systems: Heartland's invoice, and parcels of the store's order."""

from collections.abc import Mapping
from dataclasses import dataclass

Pieces = tuple[tuple[str, int], ...]  # order line id and how many, by id


@dataclass(frozen=True, kw_only=True)
class Invoice:
    """A Heartland invoice: what one location shipped of a sales order."""

    id: str
    number: str
    order_id: str  # of the sales order; "" for none
    status: str  # pending, complete, void
    version: str  # see invoice_version
    items: Mapping[str, int]  # whole pieces by Heartland item id
    names: Mapping[str, str]  # Item #, else description, by Heartland item id
    tracking: tuple[str, ...] = ()
    carrier: str = ""
    location_id: str = ""  # Heartland's, that shipped it


@dataclass(frozen=True, kw_only=True)
class Tracking:
    """Carrier and numbers of an invoice, as far as a store has room for them."""

    shown: Mapping[str, str]  # the store's own fields of a shipment that may change later
    number: str  # "" when none of the numbers fits
    further: tuple[str, ...] = ()  # numbers that did not fit beside it: told in words, which the shopper reads
    longest: int  # characters that the store takes


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """Pieces that go to one address."""

    address_id: str
    pieces: Pieces

    @property
    def count(self) -> int:
        return sum(count for _, count in self.pieces)


@dataclass(frozen=True, kw_only=True)
class Shipment(Parcel):
    """A parcel that the store knows of."""

    id: str
    told: Mapping[str, str]  # the fields of `Tracking.shown`, as the store shows them
    tracking_number: str  # … the number among them; "" for none
    carrier: str  # … and the carrier with its service, in words; "" for none
    invoice_id: str = ""  # that we noted on it when we made it; "" where the store takes no such note


def pieces_sorted(pieces: Mapping[str, int]) -> Pieces:
    """By line: shorter ids first, so that numbers stand in their order."""
    return tuple(sorted(pieces.items(), key=lambda pair: (len(pair[0]), pair[0])))
