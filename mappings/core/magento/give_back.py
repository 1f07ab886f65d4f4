"""Asking a Magento shop for a credit memo: which rows it names, what they come to, which invoice gives it back.

Magento notes §8.3, §11.1. There is no quote: a row's money is what its counters leave of it, share by share, as the
shop works a memo out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import ZERO, Order, TenderKind
from mappings.core.canonical.refund import Refund, RefundState
from mappings.core.magento.charges import PAID, leaving_of
from mappings.core.magento.order_rows import kept_rows
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
class Source:
    """The invoice that gives the money of some rows back."""

    invoice_id: str  # "" where no single one holds them all
    taken_at: datetime | None


def rows_back(answer: Mapping[str, Any], pieces: Mapping[str, int], *, currency: str) -> dict[str, int]:
    """Pieces by row that a memo is to name, of pieces by line."""
    order = Row(answer, f"Order {answer.get('entity_id') or '?'}")
    kept = kept_rows(order, side_of(order, currency), is_whole=False)
    found = {one.row.identifier("item_id"): leaving_of(one, kept, pieces) for one in kept if one.has_money}
    return {row: count for row, count in found.items() if count}


def rows_of_amount(answer: Mapping[str, Any], *, currency: str) -> dict[str, int]:
    """All rows that carry money, none of their pieces: a memo that names no row gives everything back (notes §11.1).

    None where a bundle is among them: of one that is named with nothing a shop may take the whole for meant.
    """
    order = Row(answer, f"Order {answer.get('entity_id') or '?'}")
    if any(row.text("product_type") == "bundle" for row in order.rows("items", "row")):
        return {}
    kept = kept_rows(order, side_of(order, currency), is_whole=False)
    return {one.row.identifier("item_id"): 0 for one in kept if one.has_money}


def quote_from_magento(
    order: Order,
    answer: Mapping[str, Any],
    rows: Mapping[str, int],
    source: Source,
    given: Sequence[Refund],
    *,
    currency: str,
    amount: Decimal = ZERO,
) -> Quote:
    """What rows and an amount beside them come to, and what is left of each tender.

    Of what is paid beside money the shop alone disposes.
    """
    whole = Row(answer, f"Order {order.source_id}")
    side = side_of(whole, currency)
    standing = [one for one in given if one.state is not RefundState.DECLINED]
    gone = dict.fromkeys(TenderKind, ZERO)
    for refund in standing:
        for tender in refund.tenders:
            gone[tender.kind] += tender.amount
    by_id = {row.identifier("item_id"): row for row in whole.rows("items", "line")}
    goods = sum((_worth(by_id[row], side, count) for row, count in rows.items() if count), EXACT_ZERO)
    return Quote(
        total=cents(goods) + amount,
        left=order.total - sum((one.total for one in standing), ZERO),
        tenders=tuple(
            Tender(
                key=str(one.kind),
                name=one.method,
                paid=one.amount,
                left=max(one.amount - gone[one.kind], ZERO),
                taken_at=source.taken_at if one.kind is TenderKind.GATEWAY else None,
                by_hand=one.kind is not TenderKind.GATEWAY or is_offline(whole),
            )
            for one in order.tenders
        ),
    )


def source_of(invoices: Iterable[Mapping[str, Any]], rows: Mapping[str, int], label: str) -> Source:
    """The first paid invoice of a provider's that holds all the rows."""
    found = [Row(one, f"{label}, invoice {one.get('entity_id', '?')}") for one in invoices]
    paid = [one for one in found if one.whole("state", 0) == PAID and one.text("transaction_id")]
    for one in paid:
        held = {item.identifier("order_item_id"): item.amount("qty", EXACT_ZERO) for item in one.rows("items", "item")}
        if all(held.get(row, EXACT_ZERO) >= count for row, count in rows.items()):
            return Source(invoice_id=one.identifier("entity_id"), taken_at=one.moment("created_at"))
    return Source(invoice_id="", taken_at=max((one.moment("created_at") for one in paid), default=None))


def _worth(row: Row, side: Side, count: int) -> Decimal:
    """What the next pieces of a row carry: the last ones take all that is left."""
    left = row.amount("qty_invoiced", EXACT_ZERO) - row.amount("qty_refunded", EXACT_ZERO)
    ordered = row.amount("qty_ordered", EXACT_ZERO)
    total = cents(side.money(row, PRODUCT_TAX) / ordered * count) if ordered else EXACT_ZERO
    for invoiced, refunded, sign in COUNTED:
        rest = side.money(row, invoiced) - side.money(row, refunded)
        total += sign * (rest if count >= left else cents(rest / left * count))
    return total
