"""What left with a Heartland invoice, as parcels of the store's order.

BigCommerce note §14, Heartland note §12.2 and §12.3. Pure: the flow looks, this plans, the flow posts what is missing.
"""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from errors.failures import ContractBroken
from mappings.core.canonical import Line, LineKind, Order

LONGEST_TRACKING = 50  # characters that the store takes
BETWEEN_NUMBERS = re.compile(r"[,;|\n]+")  # a blank may belong to a number
PROVIDERS = {  # a carrier's name, letters only → the store's word for it; others go by their name as method
    "auspost": "auspost",
    "australiapost": "auspost",
    "canadapost": "canadapost",
    "endicia": "endicia",
    "federalexpress": "fedex",
    "fedex": "fedex",
    "royalmail": "royalmail",
    "unitedparcelservice": "ups",
    "ups": "ups",
    "usps": "usps",
    "uspostalservice": "usps",
    "unitedstatespostalservice": "usps",
}

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
    tracking_number: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to be told to the store."""

    parcels: tuple[Parcel, ...]  # to post
    adopted: tuple[Shipment, ...]  # posted by us without an answer: theirs equal what we would post
    shipped_before: int  # pieces that the store had shipped otherwise
    unknown: tuple[str, ...]  # Heartland item ids that the store's order does not hold

    @property
    def is_empty(self) -> bool:
        return not self.parcels and not self.adopted


def invoice_from_heartland(answer: Mapping[str, Any], *, tracking_field: str, carrier_field: str) -> Invoice:
    """Read an invoice answered with `_include[]=lines`. Raises ContractBroken naming the field."""
    if not isinstance(answer.get("lines"), list):
        raise ContractBroken(f"Heartland invoice {answer.get('id')}: lines are missing from the answer")
    custom = answer.get("custom") or {}
    items: Counter[str] = Counter()
    for line in answer["lines"]:
        if line.get("item_id") is not None:
            items[str(line["item_id"])] += int(Decimal(str(line.get("qty") or 0)))
    return Invoice(
        id=str(answer["id"]),
        number=str(answer.get("public_id") or answer["id"]),
        order_id=str(answer.get("order_id") or ""),
        status=str(answer.get("status")),
        version=invoice_version(answer, tracking_field=tracking_field, carrier_field=carrier_field),
        items=items,
        tracking=tracking_numbers(str(custom.get(tracking_field) or "")),
        carrier=str(custom.get(carrier_field) or "").strip(),
    )


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
        tracking_number=str(answer.get("tracking_number") or ""),
    )


def tracking_numbers(text: str) -> tuple[str, ...]:
    """Numbers separated by commas, semicolons, bars or new lines; each once."""
    return tuple(dict.fromkeys(part.strip() for part in BETWEEN_NUMBERS.split(text) if part.strip()))


def plan(
    order: Order,
    invoice: Invoice,
    *,
    skus: Mapping[str, str],
    shipments: Sequence[Shipment],
    ours: Mapping[str, str],
) -> Plan:
    """What the store lacks. `skus` by Heartland item id; `ours` tells of our shipments which invoice each is of."""
    lines = shippable(order)
    sold = {line.sku for line in lines}
    wanted = Counter({skus[item]: count for item, count in invoice.items.items() if skus.get(item) in sold})
    by_line = {line.source_id: line.sku for line in lines}
    own = [shipment for shipment in shipments if ours.get(shipment.id) == invoice.id]
    wanted -= _by_sku(own, by_line)
    known = [shipment for shipment in shipments if shipment.id in ours]
    adopted = _adopted(_parcels(wanted, lines, known), shipments, ours, numbers_split(invoice)[0])
    rest = wanted - _by_sku(adopted, by_line)
    parcels = _parcels(rest, lines, shipments)
    return Plan(
        parcels=tuple(parcels),
        adopted=tuple(adopted),
        shipped_before=rest.total() - sum(parcel.count for parcel in parcels),
        unknown=tuple(sorted(item for item in invoice.items if skus.get(item) not in sold)),
    )


def shippable(order: Order) -> list[Line]:
    """Lines that go to an address."""
    return [line for line in order.lines if line.kind == LineKind.ITEM and line.address_id]


def has_all_left(order: Order, shipments: Iterable[Shipment]) -> bool:
    """Whether nothing waits any more but what was given back."""
    gone = _gone(shipments)
    return all(gone[line.source_id] >= line.quantity - line.quantity_refunded for line in shippable(order))


def _gone(shipments: Iterable[Shipment]) -> Counter[str]:
    gone: Counter[str] = Counter()
    for shipment in shipments:
        gone.update(dict(shipment.pieces))
    return gone


def _by_sku(parcels: Iterable[Parcel], by_line: Mapping[str, str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for parcel in parcels:
        for line, count in parcel.pieces:
            if line in by_line:
                found[by_line[line]] += count
    return found


def _parcels(wanted: Mapping[str, int], lines: Iterable[Line], shipments: Iterable[Shipment]) -> list[Parcel]:
    """The wanted pieces by address, from the lines in turn, as far as these shipments left any."""
    gone, left = _gone(shipments), Counter(wanted)
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for line in lines:
        count = min(left[line.sku], line.quantity - gone[line.source_id])
        if count > 0:
            found[line.address_id][line.source_id] += count
            left[line.sku] -= count
    return [Parcel(address_id=address, pieces=_sorted(pieces)) for address, pieces in found.items()]


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


def numbers_split(invoice: Invoice) -> tuple[str, tuple[str, ...]]:
    """What stands as the shipment's number, and the numbers that do not fit: all of them, or the first, or none."""
    numbers = invoice.tracking
    for count in (len(numbers), min(1, len(numbers))):
        joined = ", ".join(numbers[:count])
        if len(joined) <= LONGEST_TRACKING:
            return joined, numbers[count:]
    return "", numbers


def tracking_body(invoice: Invoice) -> dict[str, str]:
    """The fields of a shipment that may change later."""
    number, rest = numbers_split(invoice)
    provider = PROVIDERS.get(re.sub(r"[^a-z]", "", invoice.carrier.casefold()), "")
    return {
        "tracking_number": number,
        "shipping_provider": provider,
        "shipping_method": invoice.carrier,
        "comments": f"Further tracking numbers: {', '.join(rest)}" if rest else "",
    }


def shipment_body(parcel: Parcel, invoice: Invoice) -> dict[str, Any]:
    """A parcel as the store takes it."""
    items = [{"order_product_id": int(line), "quantity": count} for line, count in parcel.pieces]
    return {"order_address_id": int(parcel.address_id), "items": items, **tracking_body(invoice)}


def _sorted(pieces: Mapping[str, int]) -> Pieces:
    return tuple(sorted(pieces.items(), key=lambda pair: int(pair[0])))
