"""Credit memos: what a Magento shop gave back of an order. Magento notes §11.2.

A memo has a row for every row of the order, also of children and with quantity 0, without saying what they are: the
order's own lines tell which of them carry money. Amounts are the memo's; the counters of an order's rows tell less (a
bundle's jumps to all of it when one part comes back).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import ZERO, Charge, TenderKind
from mappings.core.canonical.refund import Refund, RefundLine, RefundState, RefundTender
from mappings.core.magento.order_money import BESIDE, COMPENSATION, EXTRA
from mappings.core.magento.order_rows import Kept, kept_rows
from mappings.core.magento.payments import KINDS, is_offline, payment_row
from mappings.core.magento.product_taxes import FIELD as PRODUCT_TAX
from mappings.core.magento.product_taxes import NAME as PRODUCT_TAX_NAME
from mappings.core.magento.sides import Side, side_of
from mappings.core.rules.disagreements import disagreement
from mappings.core.rules.money import cents

STATES = {1: RefundState.PENDING, 2: RefundState.DONE, 3: RefundState.DECLINED}


def refunds_from_magento(
    order: Mapping[str, Any], memos: Iterable[Mapping[str, Any]], *, currency: str
) -> list[Refund]:
    """All of an order, as it was read, in the order in which they were made; amounts in `currency` where it has that.

    Raises ContractBroken.
    """
    row = Row(order, f"Order {order.get('entity_id') or '?'}")
    side = side_of(row, currency)
    kept = kept_rows(row, side, is_whole=True)
    rows = [Row(memo, f"Credit memo {memo.get('increment_id') or memo.get('entity_id') or '?'}") for memo in memos]
    return [_refund(row, kept, memo, side) for memo in sorted(rows, key=lambda one: one.whole("entity_id"))]


def _refund(order: Row, kept: Sequence[Kept], memo: Row, side: Side) -> Refund:
    def money(field: str) -> Decimal:
        return cents(side.money(memo, field))

    lines, charges = tuple(_lines(kept, memo, side)), tuple(_product_taxes(memo, side))
    beside = [cents(side.money(memo.inside(EXTRA), name)) for name in BESIDE]
    total, tax = money("grand_total") + sum(beside, ZERO), money("tax_amount")
    amount, fee = money("adjustment_positive"), money("adjustment_negative")
    goods = sum((line.net for line in lines), ZERO) + sum((charge.amount for charge in charges), ZERO)
    shipping = total - tax - goods - amount + fee
    most = cents(side.money(memo, "shipping_amount") + abs(side.money(memo, "shipping_" + COMPENSATION)))
    problems = []
    if not ZERO <= shipping <= most:
        problems.append(f"its rows make {goods} and its shipping {most}, but its total is {total}")
    tenders = tuple(_tenders(order, memo, money("grand_total"), beside))
    return Refund(
        source_id=memo.identifier("entity_id"),
        number=memo.text("increment_id") or memo.identifier("entity_id"),
        order_id=memo.identifier("order_id"),
        made_at=memo.moment("created_at"),
        state=STATES.get(memo.whole("state", 2), RefundState.PENDING),
        total=total,
        tax=tax,
        lines=tuple(line for line in lines if line.quantity),
        shipping=max(shipping, ZERO),
        charges=charges,
        amount=amount,
        fee=fee,
        tenders=tenders,
        reason=" ".join(one.free_text("comment") for one in memo.rows("comments", "comment")),
        note=f"{cents(memo.amount('grand_total', ZERO))} {side.other}" if side.is_base else "",
        violations=tuple(disagreement(memo.label, "refund", problem) for problem in problems),
    )


def _lines(kept: Sequence[Kept], memo: Row, side: Side) -> Iterator[RefundLine]:
    rows = {one.identifier("order_item_id"): one for one in memo.rows("items", "row")}
    for one in kept:
        source = one.row if one.has_money or one.bundle is None else one.bundle
        if (row := rows.get(source.identifier("item_id"))) is None:
            continue
        quantity = row.amount("qty", ZERO)
        if source is not one.row:  # a part whose price is its bundle's: as many as went back with that
            quantity = quantity * one.ordered / source.amount("qty_ordered")
        has_money = one.has_money
        net = side.money(row, "row_total") - side.money(row, "discount_amount") + side.money(row, COMPENSATION)
        yield RefundLine(
            line_id=one.row.identifier("item_id"),
            quantity=int(quantity),
            net=cents(net) if has_money else ZERO,
            tax=cents(side.money(row, "tax_amount")) if has_money else ZERO,
        )


def _product_taxes(memo: Row, side: Side) -> Iterator[Charge]:
    """Fixed product taxes of the pieces, which the memo counts beside its tax."""
    rows = [one for one in memo.rows("items", "row") if one.amount("qty", ZERO)]
    if amount := cents(sum((side.money(one, PRODUCT_TAX) for one in rows), ZERO)):
        yield Charge(name=PRODUCT_TAX_NAME, amount=amount)


def _tenders(order: Row, memo: Row, money: Decimal, beside: Sequence[Decimal]) -> Iterator[RefundTender]:
    payment = payment_row(order)
    reference = memo.text("transaction_id")
    if money:
        yield RefundTender(
            kind=TenderKind.GATEWAY,
            amount=money,
            method=payment.text("method") or "Unknown method",
            reference=reference if memo.free_text("transaction_id") == reference else "",
            is_offline=is_offline(order) or not reference,
        )
    for kind, amount in zip(KINDS, beside, strict=True):
        if amount:
            yield RefundTender(kind=kind, amount=amount, method=str(kind))
