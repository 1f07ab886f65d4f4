"""Reads a return ticket of Heartland's. Heartland note §12.1, §12.4."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from errors.failures import ContractBroken
from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import ZERO
from mappings.core.canonical.till_return import ReturnedGoods, TillReturn
from mappings.core.rules.money import cents

ITEM, TAX, CARD = "ItemLine", "TaxLine", "GiftCardLine"
AT_THE_TILL = {  # what Heartland has from the first: by these a till hands money out itself (§11.1, §11.2)
    "CashPayment", "CheckPayment", "CreditCardPayment", "GiftCardPayment", "Cash", "Check", "Credit Card", "Gift Card",
}  # fmt: skip


def till_return_from_heartland(answer: Mapping[str, Any]) -> TillReturn:
    """Read a ticket answered with `_include[]=lines&_include[]=payments`. Raises ContractBroken naming the field."""
    row = Row(answer, f"Return {answer.get('public_id') or answer.get('id') or '?'}")
    for part in ("lines", "payments"):
        if not isinstance(answer.get(part), list):
            raise ContractBroken(f"{row.label}: {part} are missing from the answer")
    lines = list(row.rows("lines", "line"))
    values = [(line.text("type"), cents(line.amount("value", ZERO))) for line in lines]
    return TillReturn(
        id=row.identifier("id"),
        number=row.text("public_id") or row.identifier("id"),
        status=row.text("status"),
        version=return_version(answer),
        completed_at=row.moment("completed_at") if row.text("completed_at") else None,
        parent_id=row.identifier("parent_transaction_id"),
        customer_id=row.identifier("customer_id"),
        goods=goods_of(line for line in lines if is_returned(line)),
        beside=-sum((value for kind, value in values if kind not in {ITEM, TAX} and value < 0), ZERO),
        taken_instead=sum((value for kind, value in values if kind != TAX and value > 0), ZERO),
        cards=sum((value for kind, value in values if kind == CARD and value > 0), ZERO),
        given=-cents(row.amount("total")),
        tenders=tenders_of(row),
    )


def return_version(answer: Mapping[str, Any]) -> str:
    """Differs when the ticket was changed: a list and a single read say it alike."""
    return f"{answer.get('updated_at')} {answer.get('status')}"


def is_returned(line: Row) -> bool:
    return line.text("type") == ITEM and line.amount("qty", ZERO) < 0 and bool(line.identifier("item_id"))


def goods_of(lines: Iterable[Row]) -> tuple[ReturnedGoods, ...]:
    """Whole pieces by item; what is sold by the metre counts whole ones."""
    by_item: dict[str, list[Row]] = defaultdict(list)
    for line in lines:
        by_item[line.identifier("item_id")].append(line)
    found = (
        ReturnedGoods(
            item_id=item,
            name=rows[0].text("item_public_id") or rows[0].text("description") or f"item {item}",
            quantity=int(-sum((row.amount("qty") for row in rows), ZERO)),
            value=-cents(sum((row.amount("value", ZERO) for row in rows), ZERO)),
        )
        for item, rows in by_item.items()
    )
    return tuple(one for one in found if one.quantity)


def tenders_of(row: Row) -> dict[str, Decimal]:
    """Money back by payment type, without what was voided or is still to come.

    What the till itself handed out stands under "", whatever web orders are booked under that type as well.
    """
    found: dict[str, Decimal] = defaultdict(Decimal)
    for payment in row.rows("payments", "payment"):
        if payment.text("status") in {"", "complete"}:
            is_handed_out = {payment.text("type"), payment.text("description")} & AT_THE_TILL
            kind = "" if is_handed_out else payment.identifier("payment_type_id")
            found[kind] -= cents(payment.amount("amount"))
    return {kind: amount for kind, amount in found.items() if amount}
