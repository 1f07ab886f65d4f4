"""What of an order is still to be booked beside sales orders that stay as they are. Pure, exact to the cent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from mappings.core.canonical.order import ZERO, HeartlandOrder, HeartlandTender
from mappings.core.heartland.sales_orders import SalesOrder
from mappings.core.rules.money import cents, unit_prices


class CannotBeSplit(Exception):
    """Its text says in words what those hold that the order does not."""


@dataclass
class Held:
    """What the standing sales orders hold of an item."""

    name: str
    pieces: Decimal = ZERO
    value: Decimal = ZERO
    by_price: dict[Decimal, Decimal] = field(default_factory=dict)  # unit price → pieces


def rest_of_order(desired: HeartlandOrder, standing: Sequence[SalesOrder]) -> HeartlandOrder:
    """The order without what `standing` holds of it. Raises CannotBeSplit, also where nothing is left."""
    lines = list(_lines(_rows(desired.header["lines"]), _held(standing)))
    shipping = Decimal(str(desired.header.get("shipping_charge") or 0))
    shipping -= sum((Decimal(str(one.answer.get("shipping_charge") or 0)) for one in standing), ZERO)
    tax = desired.tax - sum((one.tax or ZERO for one in standing), ZERO)
    if shipping < 0 or tax < 0:
        raise CannotBeSplit(f"{'delivery' if shipping < 0 else 'tax'} of {-min(shipping, tax)} more")
    total = sum((cents(Decimal(str(row["qty"])) * row["adjusted_unit_price"]) for row in lines), ZERO) + shipping + tax
    if total != desired.total - sum((one.total for one in standing), ZERO):
        raise CannotBeSplit("amounts that are not the order's")
    if not lines:
        raise CannotBeSplit("all of its goods")
    tenders = tuple(_tenders(desired.tenders, standing))
    if sum((one.amount for one in tenders), ZERO) != total:
        raise CannotBeSplit("payments that are not the order's")
    header = desired.header | {"lines": lines, "shipping_charge": shipping}
    return replace(desired, header=header, line_count=len(lines), tax=tax, tenders=tenders, total=total)


def _rows(lines: object) -> list[dict[str, Any]]:
    return [dict(line) for line in lines] if isinstance(lines, list) else []


def _held(standing: Iterable[SalesOrder]) -> dict[str, Held]:
    found: dict[str, Held] = {}
    for order in standing:
        for line in order.lines:
            price = line.get("adjusted_unit_price")
            price = Decimal(str(line.get("original_unit_price") if price is None else price))
            count = Decimal(str(line["qty"]))
            item = str(line.get("item_id"))
            held = found.setdefault(item, Held(name=str(line.get("description") or f"item {item}")))
            held.pieces, held.value = held.pieces + count, held.value + cents(count * price)
            held.by_price[price] = held.by_price.get(price, ZERO) + count
    return {item: held for item, held in found.items() if held.pieces}


def _lines(rows: Sequence[dict[str, Any]], held: Mapping[str, Held]) -> Iterable[dict[str, Any]]:
    """The lines that are left, as they were shaped; where prices moved by cents the last one of an item bears them."""
    by_item: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_item.setdefault(str(row["item_id"]), []).append(row)
    for item, theirs in held.items():
        if item not in by_item:
            raise CannotBeSplit(f"{int(theirs.pieces)} × {theirs.name}")
    for item, own in by_item.items():
        yield from _without(own, held[item]) if item in held else own


def _without(rows: Sequence[dict[str, Any]], held: Held) -> Iterable[dict[str, Any]]:
    left = dict(held.by_price)
    kept = []
    for row in rows:
        price = Decimal(str(row["adjusted_unit_price"]))
        taken = min(left.get(price, ZERO), Decimal(str(row["qty"])))
        left[price] = left.get(price, ZERO) - taken
        if rest := Decimal(str(row["qty"])) - taken:
            kept.append(row | {"qty": int(rest)})
    if not any(left.values()):
        return kept
    pieces = sum((Decimal(str(row["qty"])) for row in rows), ZERO) - held.pieces
    worth = sum((cents(Decimal(str(row["qty"])) * row["adjusted_unit_price"]) for row in rows), ZERO) - held.value
    if pieces < 0 or worth < 0 or (not pieces and worth):
        more = f"{int(-pieces)} × {held.name} more" if pieces < 0 else f"{held.name} at another price"
        raise CannotBeSplit(more)
    return [
        rows[-1] | {"qty": count, "adjusted_unit_price": price} for count, price in unit_prices(worth, int(pieces))
    ] if pieces else []  # fmt: skip


def _tenders(wanted: Sequence[HeartlandTender], standing: Iterable[SalesOrder]) -> Iterable[HeartlandTender]:
    """What each payment type still has to bring."""
    paid: dict[str, Decimal] = {}
    for order in standing:
        for payment in order.payments:
            kind = str(payment.get("payment_type_id"))
            paid[kind] = paid.get(kind, ZERO) + Decimal(str(payment.get("amount") or 0))
    for tender in wanted:
        off = min(paid.get(tender.payment_type_id, ZERO), tender.amount)
        paid[tender.payment_type_id] = paid.get(tender.payment_type_id, ZERO) - off
        if tender.amount > off:
            yield replace(tender, amount=tender.amount - off)
