"""Asking a BigCommerce store for a refund: what a quote says, what its transactions leave, and the request.

BigCommerce notes §15, §17.1.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import ZERO, Line, Order, TenderKind
from mappings.core.canonical.refund import Refund, RefundState
from mappings.core.rules.give_back import Quote, Tender, Wish
from mappings.core.rules.money import allocate

ORDER = "ORDER"  # item_type of an amount that is for nothing that was sold, and bears no tax
TAKES = ("purchase", "capture", "settled")  # events of a transaction
CREDIT, CERTIFICATE, NOTED = "storecredit", "giftcertificate", "custom"  # provider_id
OWN = {"store_credit": CREDIT, "gift_certificate": CERTIFICATE}  # method of a transaction → provider_id
OWN_NAMES = {CREDIT: "Store credit", CERTIFICATE: "Gift certificate"}
FEE = "Kept at the till"


def items_of(order: Order, pieces: Mapping[str, int], amount: Decimal = ZERO) -> list[dict[str, Any]]:
    """The items of a quote."""
    goods = [{"item_type": "PRODUCT", "item_id": int(line), "quantity": count} for line, count in pieces.items()]
    free = {"item_type": ORDER, "item_id": int(order.source_id), "amount": amount}
    return [*goods, *([free] if amount else [])]


def quote_from_bigcommerce(
    order: Order, answer: Mapping[str, Any], transactions: Iterable[Mapping[str, Any]], given: Sequence[Refund]
) -> Quote:
    """What pieces come to, and what is left of each tender. Raises ContractBroken."""
    row = Row(answer, f"Refund quote of order {order.source_id}")
    standing = [one for one in given if one.state is not RefundState.DECLINED]
    taken = _taken(order, transactions)
    return Quote(
        parts=(row.amount("total_refund_amount"),),
        left=order.total - sum((one.total for one in standing), ZERO),
        tenders=tuple(_tenders(order, taken, offered(answer, row), _gone(standing))),
    )


def offered(answer: Mapping[str, Any], row: Row) -> dict[str, tuple[str, bool]]:
    """By provider: its name, and whether it moves money by itself."""
    found: dict[str, tuple[str, bool]] = {}
    methods = answer.get("refund_methods")
    for alternative in methods if isinstance(methods, list) else ():
        for one in Row({"payments": alternative}, row.label).rows("payments", "payment"):
            provider = one.text("provider_id")
            found.setdefault(provider, (one.text("provider_description") or provider, not one.flag("offline")))
    return found


def request_of(order: Order, wish: Wish) -> dict[str, Any]:
    """The body of the refund. What is kept is taken off the goods in proportion to what they cost."""
    lines = {line.source_id: line for line in order.lines}
    worth = [_paid(lines[line]) * count / lines[line].quantity for line, count in wish.pieces.items()]
    items = [item | {"reason": wish.note} for item in items_of(order, wish.pieces, wish.amount)]
    for item, kept in zip(items, allocate(wish.kept, worth), strict=False):  # an amount comes last, and keeps nothing
        if kept:
            item["adjustments"] = [{"amount": -kept, "description": FEE}]
    payments = [
        {"provider_id": one.tender.key, "amount": one.amount, "offline": False}
        for one in wish.paybacks
        if one.tender and not one.is_noted
    ]
    if wish.noted:
        payments.append({"provider_id": NOTED, "amount": wish.noted, "offline": True})
    return {"items": items, "payments": payments}


def _paid(line: Line) -> Decimal:
    return line.net + line.tax


def _taken(order: Order, transactions: Iterable[Mapping[str, Any]]) -> dict[str, tuple[Decimal, datetime]]:
    """By provider: what it took, and when it did last."""
    found: dict[str, tuple[Decimal, datetime]] = {}
    for row in (Row(one, f"Order {order.source_id}, transaction {one.get('id', '?')}") for one in transactions):
        if row.text("status") == "ok" and row.text("event") in TAKES:
            key = OWN.get(row.text("method")) or row.text("gateway")
            before, last = found.get(key, (ZERO, order.placed_at))
            found[key] = before + row.amount("amount"), max(last, row.moment("date_created", order.placed_at))
    return found


def _gone(given: Iterable[Refund]) -> dict[str, Decimal]:
    """What went back by a provider, or is on its way there; what is only noted went by none."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for refund in given:
        for one in refund.tenders:
            if not one.is_offline:
                found[one.method] += one.amount
    return found


def _tenders(
    order: Order,
    taken: Mapping[str, tuple[Decimal, datetime]],
    methods: Mapping[str, tuple[str, bool]],
    gone: Mapping[str, Decimal],
) -> Iterator[Tender]:
    """Of some tenders a quote names none of their providers: it fills the amount from one after the other."""
    any_moves = any(moves for key, (_, moves) in methods.items() if key not in OWN.values())
    for provider, (paid, at) in taken.items():
        is_own = provider in OWN.values()
        name, moves = methods.get(provider, (OWN_NAMES.get(provider, provider), is_own or any_moves))
        yield Tender(
            key=provider,
            name=name,
            paid=paid,
            left=max(paid - gone.get(provider, ZERO), ZERO),
            taken_at=None if is_own else at,
            by_hand=not moves,
        )
    untold = [one for one in order.tenders if one.kind is TenderKind.GATEWAY]
    if untold and not set(taken) - set(OWN.values()):
        paid = sum((one.amount for one in untold), ZERO)
        name = untold[0].method or order.payment_method
        yield Tender(key=NOTED, name=name, paid=paid, left=paid, by_hand=True)
