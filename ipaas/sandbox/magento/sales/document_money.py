"""Amounts of invoices and credit memos, taken piece by piece from the order's, in both currencies (§9, §11).

Every part is a share of what is left, the last one takes the rest: so documents add up to the order, to the cent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ipaas.sandbox.magento.sales.cents import ZERO, Row, base, cents, number, share
from ipaas.sandbox.magento.sales.states import BESIDE, is_money_dummy
from ipaas.sandbox.magento.sales.totals import whole

Side = Callable[[str], str]  # how a column is called in one of the two currencies
Pieces = Mapping[int, Decimal]  # order item -> pieces

SIDES: tuple[Side, Side] = (str, base)
INVOICED = {  # column of a document's row -> counter of the order item
    "row_total": "row_invoiced",
    "tax_amount": "tax_invoiced",
    "discount_amount": "discount_invoiced",
    "discount_tax_compensation_amount": "discount_tax_compensation_invoiced",
}
REFUNDED = {
    "row_total": "amount_refunded",
    "tax_amount": "tax_refunded",
    "discount_amount": "discount_refunded",
    "discount_tax_compensation_amount": "discount_tax_compensation_refunded",
}
SHIPPING = ("shipping_amount", "shipping_incl_tax", "shipping_tax_amount", "shipping_discount_tax_compensation_amount")
COPIED = ("sku", "name", "product_id", "price", "base_price", "price_incl_tax", "base_price_incl_tax", "base_cost")


@dataclass(frozen=True, slots=True)
class Money:
    """Columns of a document and of its rows, which carry their `order_item_id`."""

    columns: Row
    rows: list[Row]


def invoice_money(order: Row, items: Sequence[Row], pieces: Pieces, *, forgets_weee: bool = False) -> Money:
    """The invoice over `pieces`; the delivery goes on the first one."""
    taken = [(item, pieces[item["item_id"]]) for item in items if item["item_id"] in pieces]
    rows = [_invoice_row(item, qty) for item, qty in taken]
    columns: Row = {}
    for side in SIDES:
        part = ZERO if number(order, side("shipping_invoiced")) else number(order, "base_shipping_amount")
        sums = _sums(rows, side, _delivery(order, side, part))
        due = whole(sums) + (ZERO if forgets_weee else _weee(taken, side))
        for name, tender in BESIDE.items():
            sums[name] = min(number(order, side(name)) - number(order, side(f"{tender}_invoiced")), due)
            due -= sums[name]
        columns |= _on(side, sums | {"grand_total": due})
    return Money(columns, rows)


def memo_money(
    order: Row,
    items: Sequence[Row],
    pieces: Pieces,
    *,
    shipping: Decimal,
    positive: Decimal = ZERO,
    negative: Decimal = ZERO,
) -> Money:
    """The credit memo over `pieces`; `shipping` (without tax), `positive` and `negative` are in base currency.

    What exceeds the money that is left goes to what was paid beside money (§23).
    """
    taken = [(item, pieces[item["item_id"]]) for item in items if item["item_id"] in pieces]
    rows = [_memo_row(item, qty) for item, qty in taken]
    rate = number(order, "base_to_order_rate") or Decimal(1)
    columns: Row = {}
    for side, times in zip(SIDES, (rate, Decimal(1)), strict=True):
        sums = _sums(rows, side, _delivery(order, side, shipping))
        added, kept = cents(positive * times), cents(negative * times)
        due = whole(sums) + _weee(taken, side) + added - kept
        beside = _beside_back(order, side, due)
        sums |= beside | {"adjustment_positive": added, "adjustment_negative": kept, "adjustment": added - kept}
        columns |= _on(side, sums | {"grand_total": due - sum(beside.values(), ZERO)})
    return Money(columns, rows)


def shipping_left(order: Row) -> Decimal:
    """How much of the delivery, without tax and in base currency, was paid and not given back yet."""
    return number(order, "base_shipping_invoiced") - number(order, "base_shipping_refunded")


# --- rows -----------------------------------------------------------------------------------------


def _invoice_row(item: Row, qty: Decimal) -> Row:
    row = _named(item, qty)
    if is_money_dummy(item):
        return row
    ordered, invoiced = number(item, "qty_ordered"), number(item, "qty_invoiced")
    for side in SIDES:
        for name, counter in INVOICED.items():
            row[side(name)] = share(number(item, side(name)), number(item, side(counter)), ordered, invoiced, qty)
        row[side("row_total_incl_tax")] = cents(number(item, side("row_total_incl_tax")) * qty / ordered)
    return row


def _memo_row(item: Row, qty: Decimal) -> Row:
    """A row of a memo: its part of what was invoiced."""
    row = _named(item, qty)
    if is_money_dummy(item):
        return row
    invoiced, refunded = number(item, "qty_invoiced"), number(item, "qty_refunded")
    for side in SIDES:
        for name, counter in REFUNDED.items():
            total, done = number(item, side(INVOICED[name])), number(item, side(counter))
            row[side(name)] = share(total, done, invoiced, refunded, qty) if qty else ZERO
        row[side("row_total_incl_tax")] = cents(number(item, side("price_incl_tax")) * qty)
        if item.get(side("weee_tax_applied_amount")):
            row[side("weee_tax_applied_amount")] = item[side("weee_tax_applied_amount")]
            row[side("weee_tax_applied_row_amount")] = item[side("weee_tax_applied_amount")] * qty
    return row


def _named(item: Row, qty: Decimal) -> Row:
    return {name: item.get(name) for name in COPIED} | {"order_item_id": item["item_id"], "qty": qty}


# --- columns --------------------------------------------------------------------------------------


def _on(side: Side, columns: Row) -> Row:
    return {side(name): value for name, value in columns.items()}


def _sums(rows: Sequence[Row], side: Side, delivery: Row) -> Row:
    """The rows' sums with the delivery's own columns; its tax and discount are in the document's."""

    def total(name: str) -> Decimal:
        return sum((number(row, side(name)) for row in rows), ZERO)

    return {name: delivery[name] for name in SHIPPING} | {
        "subtotal": total("row_total"),
        "subtotal_incl_tax": total("row_total_incl_tax"),
        "tax_amount": total("tax_amount") + delivery["shipping_tax_amount"],
        "discount_amount": -(total("discount_amount") + delivery["shipping_discount_amount"]),
        "discount_tax_compensation_amount": total("discount_tax_compensation_amount"),
    }


def _delivery(order: Row, side: Side, part: Decimal) -> Row:
    """What `part` of the delivery (of its amount in base currency) comes to, with tax and discount.

    The part that gives back the last of it takes the rest of the tax.
    """
    whole_amount = number(order, "base_shipping_amount")
    columns = (*SHIPPING, "shipping_discount_amount")
    if not whole_amount or not part:
        return dict.fromkeys(columns, ZERO)
    parts = {name: cents(number(order, side(name)) * part / whole_amount) for name in columns}
    tax, back = number(order, side("shipping_tax_amount")), number(order, side("shipping_tax_refunded"))
    given = number(order, "base_shipping_refunded")
    return parts | {"shipping_tax_amount": share(tax, back, whole_amount, given, part)}


def _weee(taken: Sequence[tuple[Row, Decimal]], side: Side) -> Decimal:
    """Fixed product taxes of the pieces."""
    return sum((number(item, side("weee_tax_applied_amount")) * qty for item, qty in taken), ZERO)


def _beside_back(order: Row, side: Side, due: Decimal) -> Row:
    """What goes back to gift card, credit and points: what the money left does not cover."""
    money = number(order, side("total_paid")) - number(order, side("total_refunded"))
    rest = max(due - money, ZERO)
    back: Row = {}
    for name, tender in BESIDE.items():
        left = number(order, side(f"{tender}_invoiced")) - number(order, side(f"{tender}_refunded"))
        back[name] = min(left, rest)
        rest -= back[name]
    return back
