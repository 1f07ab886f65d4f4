"""What left with a Heartland invoice, as parcels of the store's order.

BigCommerce note §14, Heartland note §12.2 and §12.3. Pure: the flow looks, this plans, the flow posts what is missing.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mappings.core.canonical.order import Line, LineKind, Order
from mappings.core.canonical.shipment import Invoice, Parcel, Shipment, pieces_sorted


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


def plan(
    order: Order,
    invoice: Invoice,
    *,
    items: Mapping[str, str],
    shipments: Sequence[Shipment],
    ours: Mapping[str, str],
    number: str,
    extras: Collection[str] = (),
    returned: Mapping[str, int] | None = None,
) -> Plan:
    """What the store lacks. `items` are Heartland item ids by SKU; several SKUs may be one item.

    `ours` tells of our shipments which invoice each is of; `number` is the tracking number as the store would show
    it. `extras` are Heartland items that are no goods, such as gift wrapping, unless the shopper bought that very one.
    `returned` are pieces by item id that Heartland took back since: they are not told.
    """
    lines = shippable(order)
    by_line = {line.source_id: items.get(line.sku, "") for line in lines}
    sold, elsewhere = set(by_line.values()), {items.get(line.sku, "") for line in order.lines}
    goods = {item: count for item, count in invoice.items.items() if item in sold or item not in extras}
    here = Counter(goods) - Counter(returned or {})
    wanted = Counter({item: count for item, count in here.items() if item in sold})
    wanted -= _by_item([shipment for shipment in shipments if ours.get(shipment.id) == invoice.id], by_line)
    known = [shipment for shipment in shipments if shipment.id in ours]
    free = [one for one in shipments if one.id not in ours and one.invoice_id in {"", invoice.id}]
    adopted = _adopted(_parcels(wanted, lines, by_line, known), free, number)
    rest = wanted - _by_item(adopted, by_line)
    parcels = _parcels(rest, lines, by_line, shipments, spares_refunded=True)
    possible = _parcels(rest, lines, by_line, shipments)
    excess = rest - _by_item(possible, by_line)
    before = excess & _by_item([one for one in shipments if one.id not in ours], by_line)
    return Plan(
        parcels=tuple(parcels),
        adopted=tuple(adopted),
        given_back=tuple(less(possible, parcels)),
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
    return [Parcel(address_id=address, pieces=pieces_sorted(pieces)) for address, pieces in found.items()]


def shippable(order: Order) -> list[Line]:
    """Lines that go to an address."""
    return [line for line in order.lines if line.kind == LineKind.ITEM and line.address_id]


def has_all_left(order: Order, shipments: Iterable[Parcel]) -> bool:
    """Whether nothing waits any more but what was given back."""
    return not missing(order, shipments)


def less(parcels: Iterable[Parcel], others: Iterable[Parcel]) -> Iterator[Parcel]:
    """What the parcels hold beyond the others."""
    gone = _gone(others)
    for parcel in parcels:
        if rest := Counter(dict(parcel.pieces)) - gone:
            yield Parcel(address_id=parcel.address_id, pieces=pieces_sorted(rest))


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
    return [Parcel(address_id=address, pieces=pieces_sorted(pieces)) for address, pieces in found.items()]


def _adopted(parcels: Iterable[Parcel], shipments: Sequence[Shipment], number: str) -> list[Shipment]:
    """Shipments that nobody of us remembers: noted as this invoice's, or equal to a parcel, number and all."""
    found = [one for one in shipments if one.invoice_id]
    if found:
        return found
    free = [one for one in shipments if one.tracking_number == number]
    for parcel in parcels:
        same = next((one for one in free if (one.address_id, one.pieces) == (parcel.address_id, parcel.pieces)), None)
        if same:
            free.remove(same)
            found.append(same)
    return found
