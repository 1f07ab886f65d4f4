"""What left with a Heartland invoice, as parcels of the store's order.

BigCommerce note §14, Heartland note §12.2 and §12.3. Pure: the flow looks, this plans, the flow posts what is missing.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from errors.failures import ContractBroken
from mappings.core.bigcommerce.tracking import TRACKING_FIELDS, numbers_fit, tracking_body, tracking_numbers
from mappings.core.canonical.order import Line, LineKind, Order

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
    told: Mapping[str, str]  # the fields of `tracking_body`, as the store shows them

    @property
    def tracking_number(self) -> str:
        return self.told["tracking_number"]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to be told to the store, and what of the invoice cannot be."""

    parcels: tuple[Parcel, ...]  # to post
    adopted: tuple[Shipment, ...]  # posted by us without an answer: theirs equal what we would post
    given_back: tuple[Parcel, ...]  # refunded in the store, and yet invoiced
    shipped_before: int  # pieces that the store had shipped otherwise
    surplus: Counter[str]  # pieces by Heartland item id, more than the store sold
    unknown: Counter[str]  # pieces by Heartland item id that the store's order does not hold
    elsewhere: int  # pieces that the store sold and ships to no address: collected, downloaded

    @property
    def is_empty(self) -> bool:
        return not self.parcels and not self.adopted

    @property
    def pieces(self) -> int:
        """Pieces of this invoice that the store shows, or is to show, as shipped."""
        return sum(parcel.count for parcel in (*self.parcels, *self.adopted))


def invoice_from_heartland(answer: Mapping[str, Any], *, tracking_field: str, carrier_field: str) -> Invoice:
    """Read an invoice answered with `_include[]=lines`. Raises ContractBroken naming the field."""
    if not isinstance(answer.get("lines"), list):
        raise ContractBroken(f"Heartland invoice {answer.get('id')}: lines are missing from the answer")
    custom = answer.get("custom") or {}
    lines = [line for line in answer["lines"] if line.get("item_id") is not None]
    names = {
        str(line["item_id"]): str(line.get("item_public_id") or line.get("description") or f"item {line['item_id']}")
        for line in lines
    }
    return Invoice(
        id=str(answer["id"]),
        number=str(answer.get("public_id") or answer["id"]),
        order_id=str(answer.get("order_id") or ""),
        status=str(answer.get("status")),
        version=invoice_version(answer, tracking_field=tracking_field, carrier_field=carrier_field),
        items=pieces_from_heartland(lines),
        names=names,
        tracking=tracking_numbers(str(custom.get(tracking_field) or "")),
        carrier=str(custom.get(carrier_field) or "").strip(),
    )


def pieces_from_heartland(lines: Iterable[Mapping[str, Any]]) -> Counter[str]:
    """Whole pieces by item id; what is sold by the metre counts whole ones of all its lines together."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        if line.get("item_id") is not None:
            found[str(line["item_id"])] += Decimal(str(line.get("qty") or 0))
    return Counter({item: int(quantity) for item, quantity in found.items()})


def invoice_version(answer: Mapping[str, Any], *, tracking_field: str, carrier_field: str) -> str:
    """Differs when anything of an invoice differs that the store is told; Heartland's time alone counts whole seconds.

    The lines of a complete invoice do not change any more.
    """
    custom = answer.get("custom") or {}
    told = [answer.get("status"), custom.get(tracking_field), custom.get(carrier_field)]
    return f"{answer.get('updated_at')} {hashlib.sha256(repr(told).encode()).hexdigest()[:16]}"


def shipment_from_bigcommerce(answer: Mapping[str, Any]) -> Shipment:
    """Read a shipment of the store."""
    pieces = Counter[str]()
    for item in answer.get("items") or ():
        pieces[str(item["order_product_id"])] += int(item["quantity"])
    return Shipment(
        id=str(answer["id"]),
        address_id=str(answer.get("order_address_id") or ""),
        pieces=_sorted(pieces),
        told={name: str(answer.get(name) or "") for name in TRACKING_FIELDS},
    )


def plan(
    order: Order,
    invoice: Invoice,
    *,
    items: Mapping[str, str],
    shipments: Sequence[Shipment],
    ours: Mapping[str, str],
    extras: Collection[str] = (),
    returned: Mapping[str, int] | None = None,
) -> Plan:
    """What the store lacks. `items` are Heartland item ids by SKU; several SKUs may be one item.

    `ours` tells of our shipments which invoice each is of. `extras` are Heartland items of our own making that are no
    goods, such as gift wrapping. `returned` are pieces by item id that Heartland took back since: they are not told.
    """
    lines = shippable(order)
    by_line = {line.source_id: items.get(line.sku, "") for line in lines}
    sold, elsewhere = set(by_line.values()), {items.get(line.sku, "") for line in order.lines}
    goods = {item: count for item, count in invoice.items.items() if item not in extras}
    here = Counter(goods) - Counter(returned or {})
    wanted = Counter({item: count for item, count in here.items() if item in sold})
    wanted -= _by_item([shipment for shipment in shipments if ours.get(shipment.id) == invoice.id], by_line)
    known = [shipment for shipment in shipments if shipment.id in ours]
    fit = numbers_fit(invoice.tracking).number
    adopted = _adopted(_parcels(wanted, lines, by_line, known), shipments, ours, fit)
    rest = wanted - _by_item(adopted, by_line)
    parcels = _parcels(rest, lines, by_line, shipments, spares_refunded=True)
    possible = _parcels(rest, lines, by_line, shipments)
    excess = rest - _by_item(possible, by_line)
    before = excess & _by_item([one for one in shipments if one.id not in ours], by_line)
    return Plan(
        parcels=tuple(parcels),
        adopted=tuple(adopted),
        given_back=tuple(_less(possible, parcels)),
        shipped_before=before.total(),
        surplus=excess - before,
        unknown=Counter({item: n for item, n in here.items() if item not in elsewhere}),
        elsewhere=sum(n for item, n in here.items() if item in elsewhere - sold),
    )


def missing(order: Order, shipments: Iterable[Parcel]) -> list[Parcel]:
    """What the store sold, has not given back and does not show as shipped, by address."""
    lines = shippable(order)
    every = {line.source_id: line.source_id for line in lines}
    wanted = {line.source_id: line.quantity for line in lines}
    return _parcels(wanted, lines, every, shipments, spares_refunded=True)


def joined(parcels: Iterable[Parcel]) -> list[Parcel]:
    """The same pieces with one parcel for each address."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for parcel in parcels:
        found[parcel.address_id].update(dict(parcel.pieces))
    return [Parcel(address_id=address, pieces=_sorted(pieces)) for address, pieces in found.items()]


def shippable(order: Order) -> list[Line]:
    """Lines that go to an address."""
    return [line for line in order.lines if line.kind == LineKind.ITEM and line.address_id]


def has_all_left(order: Order, shipments: Iterable[Parcel]) -> bool:
    """Whether nothing waits any more but what was given back."""
    return not missing(order, shipments)


def _gone(shipments: Iterable[Parcel]) -> Counter[str]:
    gone: Counter[str] = Counter()
    for shipment in shipments:
        gone.update(dict(shipment.pieces))
    return gone


def _by_item(parcels: Iterable[Parcel], by_line: Mapping[str, str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for parcel in parcels:
        for line, count in parcel.pieces:
            if line in by_line:
                found[by_line[line]] += count
    return found


def _parcels(
    wanted: Mapping[str, int],
    lines: Iterable[Line],
    by_line: Mapping[str, str],
    shipments: Iterable[Parcel],
    *,
    spares_refunded: bool = False,
) -> list[Parcel]:
    """The wanted pieces, by what `by_line` calls them, from the lines in turn as far as the shipments left any."""
    gone, left = _gone(shipments), Counter(wanted)
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for line in lines:
        there = line.quantity - gone[line.source_id] - (line.quantity_refunded if spares_refunded else 0)
        count = min(left[by_line[line.source_id]], there)
        if count > 0:
            found[line.address_id][line.source_id] += count
            left[by_line[line.source_id]] -= count
    return [Parcel(address_id=address, pieces=_sorted(pieces)) for address, pieces in found.items()]


def _less(parcels: Iterable[Parcel], others: Iterable[Parcel]) -> Iterator[Parcel]:
    """What the parcels hold beyond the others."""
    gone = _gone(others)
    for parcel in parcels:
        if rest := Counter(dict(parcel.pieces)) - gone:
            yield Parcel(address_id=parcel.address_id, pieces=_sorted(rest))


def _adopted(
    parcels: Iterable[Parcel], shipments: Sequence[Shipment], ours: Mapping[str, str], number: str
) -> list[Shipment]:
    """Shipments that nobody of us remembers and that equal a parcel, number and all."""
    free = [one for one in shipments if one.id not in ours and one.tracking_number == number]
    found = []
    for parcel in parcels:
        same = next((one for one in free if (one.address_id, one.pieces) == (parcel.address_id, parcel.pieces)), None)
        if same:
            free.remove(same)
            found.append(same)
    return found


def shipment_body(parcel: Parcel, invoice: Invoice) -> dict[str, Any]:
    """A parcel as the store takes it."""
    items = [{"order_product_id": int(line), "quantity": count} for line, count in parcel.pieces]
    return {
        "order_address_id": int(parcel.address_id),
        "items": items,
        **tracking_body(invoice.tracking, invoice.carrier),
    }


def _sorted(pieces: Mapping[str, int]) -> Pieces:
    return tuple(sorted(pieces.items(), key=lambda pair: int(pair[0])))
