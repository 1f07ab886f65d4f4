"""Which rows of a Magento order are to be invoiced as goods leave, and what invoices prove. Magento notes §8.3, §9.

An invoice names a configurable by its own row, a bundle of which the parts bear the price by theirs, and one with a
price of its own by its own: what bears no money is no row of an invoice.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from math import ceil
from typing import Any

from mappings.core.canonical.json_fields import Row
from mappings.core.magento.order_rows import Kept, kept_rows
from mappings.core.magento.sides import EXACT_ZERO, side_of

PAID = 2  # state of an invoice
OPEN = 1  # … whose provider has not answered yet


def uninvoiced_pieces(answer: Mapping[str, Any], leaving: Mapping[str, int], *, currency: str) -> dict[str, int]:
    """Pieces by row that an invoice is to name, for that everything of `leaving` (pieces by line) is invoiced."""
    order = Row(answer, f"Order {answer.get('entity_id') or '?'}")
    kept = kept_rows(order, side_of(order, currency), is_whole=False)
    found: dict[str, int] = {}
    for one in kept:
        if one.has_money and (count := min(leaving_of(one, kept, leaving), int(one.quantity)) - _invoiced(one.row)) > 0:
            found[one.row.identifier("item_id")] = count
    return found


def is_proven(answer: Mapping[str, Any], leaving: Mapping[str, int], invoices: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a provider's transaction stands behind the money of all that leaves; several invoices may name one."""
    order = Row(answer, f"Order {answer.get('entity_id') or '?'}")
    pieces, taken, seen = Counter[str](), EXACT_ZERO, set[str]()
    for invoice in (Row(one, f"{order.label}, invoice {one.get('entity_id', '?')}") for one in invoices):
        transaction = invoice.text("transaction_id")
        if invoice.whole("state", 0) != PAID or not transaction or transaction in seen:
            continue
        seen.add(transaction)
        taken += invoice.amount("base_grand_total", EXACT_ZERO)
        for item in invoice.rows("items", "item"):
            pieces[item.identifier("order_item_id")] += int(item.amount("qty", EXACT_ZERO))
    if taken >= order.amount("base_grand_total", EXACT_ZERO):
        return True
    kept = kept_rows(order, side_of(order, order.text("base_currency_code").upper()), is_whole=False)
    due = {one.row.identifier("item_id"): leaving_of(one, kept, leaving) for one in kept if one.has_money}
    return all(pieces[row] >= count for row, count in due.items())


def has_open_invoice(answer: Mapping[str, Any]) -> bool:
    """Whether more is invoiced than is paid: a provider has not answered yet."""
    order = Row(answer, f"Order {answer.get('entity_id') or '?'}")
    invoiced, paid = (order.amount(f"base_total_{what}", EXACT_ZERO) for what in ("invoiced", "paid"))
    return invoiced - paid >= Decimal("0.01")


def is_taken_online(answer: Mapping[str, Any]) -> bool:
    """Whether a provider took all that the order counts as paid."""
    payment = Row(answer, f"Order {answer.get('entity_id') or '?'}").inside("payment")
    paid, online = (payment.amount(name, EXACT_ZERO) for name in ("base_amount_paid", "base_amount_paid_online"))
    return online >= paid > 0


def leaving_of(one: Kept, kept: Iterable[Kept], leaving: Mapping[str, int]) -> int:
    """Pieces of a row; of a bundle with a price of its own as many as any of its parts needs: it is charged whole."""
    own = leaving.get(one.row.identifier("item_id"), 0)
    if not one.is_bundle:
        return own
    parts = [part for part in kept if part.bundle is one.row and not part.has_money and part.ordered > 0]
    needed = (leaving.get(part.row.identifier("item_id"), 0) * one.ordered / part.ordered for part in parts)
    return max([own, *map(ceil, needed)])


def _invoiced(row: Row) -> int:
    return int(row.amount("qty_invoiced", EXACT_ZERO))
