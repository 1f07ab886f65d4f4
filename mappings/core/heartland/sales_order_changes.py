"""What the desk did to a sales order since it was booked: what counts is named, how far its fulfilment is does not.

Heartland note §10: status, customer, addresses, lines, money. Distribution, invoices, parted lines, custom fields,
sales rep and shipping method may move freely: they change nothing that the shopper ordered or paid. Pure; no personal
data: people and places are compared by Heartland's ids.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mappings.core.canonical.order import ZERO, HeartlandOrder
from mappings.core.heartland.sales_orders import SalesOrder
from mappings.core.rules.money import cents

Evidence = Mapping[str, Any]  # JSON; money and quantities as text
PEOPLE = {"customer_id": "Customer", "billing_address_id": "Billing address", "shipping_address_id": "Shipping address"}
OPEN = "open"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing that Heartland holds otherwise than when the order was booked."""

    name: str
    booked: str
    now: str


def evidence(sales_order: SalesOrder) -> dict[str, Any]:
    """What counts of a sales order, to be kept as it was booked."""
    answer = sales_order.answer
    return {
        "status": standing(sales_order),
        "total": _text(cents(sales_order.total)),
        "paid": _text(cents(sales_order.paid)),
        "goods": {item: [_text(pieces), _text(value), name] for item, (pieces, value, name) in _goods(sales_order)},
        **{key: _id(answer.get(key)) for key in PEOPLE},
    }


def standing(sales_order: SalesOrder) -> str:
    """Its status, without telling how far an open one is fulfilled."""
    return OPEN if sales_order.status in {"open", "closed"} else sales_order.status


def state(sales_order: SalesOrder) -> str:
    """A digest of what counts: equal digests mean that nothing was done at the desk that does."""
    return digest(evidence(sales_order))


def digest(kept: Evidence) -> str:
    goods = {item: row[:2] for item, row in kept["goods"].items()}
    return hashlib.sha256(json.dumps({**kept, "goods": goods}, sort_keys=True).encode()).hexdigest()


def differences(booked: Evidence, sales_order: SalesOrder) -> list[Difference]:
    """What counts and is not as it was booked, as far as that is known. A cancelled order differs in that alone."""
    now = evidence(sales_order)
    if booked.get("status", OPEN) != now["status"]:
        return [Difference(name="Status", booked=booked.get("status", OPEN), now=sales_order.status)]
    return [*_people(booked, now), *_lines(booked, now), *_money(booked, now)]


def _people(booked: Evidence, now: Evidence) -> Iterator[Difference]:
    for key, name in PEOPLE.items():
        if booked.get(key) and booked[key] != now[key]:
            yield Difference(name=name, booked="as booked", now="another one")


def _lines(booked: Evidence, now: Evidence) -> Iterator[Difference]:
    if "goods" not in booked:
        return
    before, after = booked["goods"], now["goods"]
    for item in dict.fromkeys([*before, *after]):
        if before.get(item, [])[:2] != after.get(item, [])[:2]:
            name = (after.get(item) or before[item])[2]
            yield Difference(name=name, booked=_words(before.get(item)), now=_words(after.get(item)))


def _money(booked: Evidence, now: Evidence) -> Iterator[Difference]:
    for key, name in (("total", "Total"), ("paid", "Paid")):
        if key in booked and booked[key] != now[key]:
            yield Difference(name=name, booked=booked[key], now=now[key])


def goods(sales_order: SalesOrder) -> dict[str, Decimal]:
    """Pieces by item id."""
    return {item: pieces for item, (pieces, _, _) in _goods(sales_order) if pieces}


def goods_wanted(desired: HeartlandOrder) -> dict[str, Decimal]:
    """The same of the sales order as it should be."""
    found: dict[str, Decimal] = {}
    for line in desired.header["lines"]:  # type: ignore[attr-defined]
        item = str(line["item_id"])
        found[item] = found.get(item, ZERO) + Decimal(str(line["qty"]))
    return {item: pieces.normalize() for item, pieces in found.items() if pieces}


def _goods(sales_order: SalesOrder) -> list[tuple[str, tuple[Decimal, Decimal, str]]]:
    """Pieces, what they cost and a name by item id; a line parted in two is still the same goods."""
    found: dict[str, tuple[Decimal, Decimal, str]] = {}
    for line in sales_order.lines:
        item = _id(line.get("item_id"))
        pieces, value, _ = found.get(item, (ZERO, ZERO, ""))
        count = Decimal(str(line.get("qty") or 0))
        adjusted = line.get("adjusted_unit_price")
        price = line.get("original_unit_price") if adjusted is None else adjusted
        name = str(line.get("description") or f"Item {item}")
        found[item] = pieces + count, value + cents(count * Decimal(str(price or 0))), name
    return sorted((item, (pieces.normalize(), value, name)) for item, (pieces, value, name) in found.items())


def _words(row: list[str] | None) -> str:
    return f"{row[0]} for {row[1]}" if row else "not there"


def _id(value: Any) -> str:
    return "" if value is None else str(value)


def _text(amount: Decimal) -> str:
    return f"{amount:f}"
