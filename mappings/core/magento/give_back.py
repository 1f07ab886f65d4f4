"""Asking a Magento shop for a credit memo: which rows it names, what they come to, which invoices give it back.

Magento notes §8.3, §11.1. There is no quote: a row's money is what its counters leave of it, share by share, as the
shop works a memo out. A memo that moves money is of one invoice: what several hold takes as many.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import ZERO, Order, TenderKind
from mappings.core.canonical.refund import Refund, RefundState
from mappings.core.magento.charges import PAID, leaving_of
from mappings.core.magento.order_rows import BUNDLE, kept_rows
from mappings.core.magento.payments import is_offline
from mappings.core.magento.product_taxes import FIELD as PRODUCT_TAX
from mappings.core.magento.sides import EXACT_ZERO, Side, side_of
from mappings.core.rules.give_back import Quote, Tender
from mappings.core.rules.money import cents

COUNTED = (  # what was invoiced of a row, what of it was given back, and whether it adds to its money
    ("row_invoiced", "amount_refunded", 1),
    ("tax_invoiced", "tax_refunded", 1),
    ("discount_invoiced", "discount_refunded", -1),
    ("discount_tax_compensation_invoiced", "discount_tax_compensation_refunded", 1),
)


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one credit memo is to give back."""

    rows: Mapping[str, int]  # pieces by row; all at zero for an amount that is of no goods
    invoice_id: str = ""  # whose provider gives the money; "" where no single one holds it
    taken_at: datetime | None = None


def rows_back(answer: Mapping[str, Any], pieces: Mapping[str, int], *, currency: str) -> dict[str, int]:
    """Pieces by row that memos are to name, of pieces by line; without any, each row that could be named, at zero."""
    order = Row(answer, f"Order {answer.get('entity_id') or '?'}")
    kept = kept_rows(order, side_of(order, currency), is_whole=False)
    found = {one.row.identifier("item_id"): leaving_of(one, kept, pieces) for one in kept if one.has_money}
    return {row: count for row, count in found.items() if count} if pieces else found


def has_bundle(answer: Mapping[str, Any]) -> bool:
    """Of a bundle that a memo names with nothing, a shop may take the whole for meant (M06)."""
    order = Row(answer, f"Order {answer.get('entity_id') or '?'}")
    return any(row.text("product_type") == BUNDLE for row in order.rows("items", "line"))


def parts_of(
    invoices: Iterable[Mapping[str, Any]],
    memos: Iterable[Mapping[str, Any]],
    rows: Mapping[str, int],
    amount: Decimal,
    label: str,
) -> list[Part]:
    """One part where a paid invoice of a provider's has room for all of it, else one for each invoice that is needed.

    `amount` is in the shop's base currency, and of no goods where it is not zero; no two invoices share it. What none
    has room for stands last.
    """
    given = [Row(one, f"{label}, credit memo {one.get('entity_id', '?')}") for one in memos]
    found = [Row(one, f"{label}, invoice {one.get('entity_id', '?')}") for one in invoices]
    paid = [one for one in found if one.whole("state", 0) == PAID and one.text("transaction_id")]
    rooms = [(one, _room(one, [memo for memo in given if _is_of(memo, one)])) for one in paid]
    for one, room in rooms:
        has_room = _money_left(one) >= amount if amount else all(room[row] >= count for row, count in rows.items())
        if has_room:
            return [_part(one, rows)]
    parts, rest = list[Part](), Counter(rows)
    for one, room in rooms if not amount else ():
        if mine := {row: min(room[row], count) for row, count in rest.items() if room[row] > 0}:
            parts.append(_part(one, mine))
            rest = rest - Counter(mine)
    last = max((one.moment("created_at") for one in paid), default=None)
    return parts if parts and not rest else [*parts, Part(rows=rest or rows, taken_at=last)]


def left_of(order: Order, given: Sequence[Refund]) -> Decimal:
    """What was not given back yet of an order's money."""
    return order.total - sum((one.total for one in _standing(given)), ZERO)


def quote_from_magento(
    order: Order, answer: Mapping[str, Any], parts: Sequence[Part], given: Sequence[Refund], *, currency: str
) -> Quote:
    """What parts come to, and what is left of each tender: of what is paid beside money the shop alone disposes."""
    whole = Row(answer, f"Order {order.source_id}")
    side = side_of(whole, currency)
    gone = dict.fromkeys(TenderKind, ZERO)
    for refund in _standing(given):
        for tender in refund.tenders:
            gone[tender.kind] += tender.amount
    taken_at = max((part.taken_at for part in parts if part.taken_at), default=None)
    return Quote(
        parts=_worth_of(whole, side, parts),
        left=left_of(order, given),
        tenders=tuple(
            Tender(
                key=str(one.kind),
                name=one.method,
                paid=one.amount,
                left=max(one.amount - gone[one.kind], ZERO),
                taken_at=taken_at if one.kind is TenderKind.GATEWAY else None,
                by_hand=one.kind is not TenderKind.GATEWAY or is_offline(whole),
            )
            for one in order.tenders
        ),
    )


def _standing(given: Sequence[Refund]) -> list[Refund]:
    return [one for one in given if one.state is not RefundState.DECLINED]


def _is_of(memo: Row, invoice: Row) -> bool:
    return memo.identifier("invoice_id") == invoice.identifier("entity_id")


def _room(invoice: Row, memos: Sequence[Row]) -> Counter[str]:
    """Pieces by row that an invoice holds, and none of its memos gave back."""
    room = Counter[str]()
    for document, sign in ((invoice, 1), *((memo, -1) for memo in memos)):
        for item in document.rows("items", "item"):
            room[item.identifier("order_item_id")] += sign * int(item.amount("qty", EXACT_ZERO))
    return room


def _money_left(invoice: Row) -> Decimal:
    return invoice.amount("base_grand_total", EXACT_ZERO) - invoice.amount("base_total_refunded", EXACT_ZERO)


def _part(invoice: Row, rows: Mapping[str, int]) -> Part:
    return Part(rows=rows, invoice_id=invoice.identifier("entity_id"), taken_at=invoice.moment("created_at"))


def _worth_of(order: Row, side: Side, parts: Sequence[Part]) -> tuple[Decimal, ...]:
    """What each part comes to when it is given back after those before it."""
    by_id = {row.identifier("item_id"): row for row in order.rows("items", "line")}
    worth = [EXACT_ZERO for _ in parts]
    for row in {row for part in parts for row in part.rows}:
        counts = [part.rows.get(row, 0) for part in parts]
        worth = [one + share for one, share in zip(worth, _shares(by_id[row], side, counts), strict=True)]
    return tuple(cents(one) for one in worth)


def _shares(row: Row, side: Side, counts: Sequence[int]) -> list[Decimal]:
    """What pieces of a row carry, given back one count after the other: the last ones take all that is left."""
    left = row.amount("qty_invoiced", EXACT_ZERO) - row.amount("qty_refunded", EXACT_ZERO)
    ordered = row.amount("qty_ordered", EXACT_ZERO)
    rests = [side.money(row, invoiced) - side.money(row, refunded) for invoiced, refunded, _ in COUNTED]
    shares = []
    for count in counts:
        parts = [rest if count >= left else cents(rest / left * count) for rest in rests]
        product_tax = cents(side.money(row, PRODUCT_TAX) / ordered * count) if ordered else EXACT_ZERO
        shares.append(product_tax + sum((sign * one for one, (_, _, sign) in zip(parts, COUNTED, strict=True)), ZERO))
        rests = [rest - part for rest, part in zip(rests, parts, strict=True)]
        left -= count
    return shares
