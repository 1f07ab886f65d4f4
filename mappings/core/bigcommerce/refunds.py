"""What the store gave back of an order: told by its refund records alone (BigCommerce note §9, §17).

A record names pieces without their money, and one total. A piece's part is what the store takes for it: its line's
money share by share, so that the last piece takes the rest of the cents.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from mappings.core.bigcommerce.statuses import meaning_of
from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import ZERO, Charge, Line, Order, RefundHint, TenderKind
from mappings.core.canonical.refund import Refund, RefundLine, RefundState, RefundTender
from mappings.core.canonical.statuses import StatusMeaning
from mappings.core.rules.disagreements import disagreement
from mappings.core.rules.money import CENT, allocate, cents

KINDS = {"storecredit": TenderKind.STORE_CREDIT, "giftcertificate": TenderKind.GIFT_CERTIFICATE}  # provider_id
CHARGES = {"HANDLING": "Handling", "FEE": "Fee"}  # item_type, with a name of ours: the record names none
GIFT_WRAPPING = "Gift wrapping"
SHIPPING, ORDER, TAX = "SHIPPING", "ORDER", "TAX"  # of the latter two amounts stand beside the goods


def refunded_from_bigcommerce(order_id: str, refunds: Iterable[Mapping[str, Any]]) -> Decimal:
    """The sum of an order's refunds, less the payments that were declined afterwards. Raises ContractBroken."""
    return sum((_given(Row(refund, f"A refund of order {order_id}")) for refund in refunds), ZERO)


def refunds_from_bigcommerce(order: Order, refunds: Iterable[Mapping[str, Any]]) -> list[Refund]:
    """All of an order in the order in which they were made. Raises ContractBroken."""
    rows = [Row(refund, f"Refund {refund.get('id') or '?'} of order {order.source_id}") for refund in refunds]
    before = Counter[str]()  # pieces by line that earlier refunds gave back
    found = []
    for row in sorted(rows, key=lambda row: row.whole("id")):
        found.append(_refund(order, row, before))
        before.update({line.line_id: line.quantity for line in found[-1].lines})
    return found


@dataclass(frozen=True, kw_only=True)
class _Goods:
    """Pieces of a record with what the store takes for them."""

    line: Line
    quantity: int
    gross: Decimal
    tax: Decimal


@dataclass(frozen=True, kw_only=True)
class _Items:
    """What a record names, as far as it tells amounts; with tax, but for `wraps`."""

    goods: tuple[_Goods, ...]
    wraps: tuple[Charge, ...]
    delivery: tuple[tuple[str, Decimal], ...]  # item_type and amount
    free: Decimal
    free_tax: Decimal  # the part of it that is tax alone
    fee: Decimal  # kept

    @property
    def told(self) -> Decimal:
        gross = sum((one.gross for one in self.goods), ZERO) + sum((amount for _, amount in self.delivery), ZERO)
        return gross + sum((charge.amount for charge in self.wraps), ZERO) + self.free - self.fee


def _refund(order: Order, row: Row, before: Mapping[str, int]) -> Refund:
    payments, items = list(row.rows("payments", "payment")), _items(order, row, before)
    state, tax = _state(payments), row.amount("total_tax", ZERO)
    total = row.amount("total_amount", ZERO)
    if state is RefundState.PENDING:
        total = total or items.told  # the record may count nothing before the gateway answered
    is_forced = row.flag("uses_merchant_override_values") or not any(row.rows("items", "item"))
    items = items if is_forced else _settled(items, total)
    taxes, taxes_beside = _taxes(items.goods, items.delivery, tax - items.free_tax)
    lines = tuple(
        RefundLine(line_id=one.line.source_id, quantity=one.quantity, net=one.gross - own, tax=own)
        for one, own in zip(items.goods, taxes, strict=True)
    )
    nets = [(kind, amount - own) for (kind, amount), own in zip(items.delivery, taxes_beside, strict=True)]
    shipping = sum((net for kind, net in nets if kind == SHIPPING), ZERO)
    charges = (*items.wraps, *(Charge(name=CHARGES[kind], amount=net) for kind, net in nets if kind in CHARGES and net))
    sold = sum((line.net for line in lines), ZERO) + sum((charge.amount for charge in charges), ZERO) + shipping
    rest = total - tax + items.fee - sold
    problems = [] if is_forced or items.told == total else [f"its items make {items.told}, but its total is {total}"]
    return Refund(
        source_id=row.identifier("id"),
        number=row.identifier("id"),
        order_id=order.source_id,
        made_at=row.moment("created", order.modified_at),
        state=state,
        total=total,
        tax=tax,
        lines=lines,
        shipping=shipping,
        charges=charges,
        amount=max(rest, ZERO),
        fee=items.fee + max(-rest, ZERO),
        tenders=tuple(_tenders(payments)),
        reason=" ".join(filter(None, [one.free_text("reason") for one in (row, *row.rows("items", "item"))])),
        violations=tuple(
            disagreement(row.label, "refund", problem) for problem in [*problems, *_unpaid(payments, state, total)]
        ),
    )


def _items(order: Order, row: Row, before: Mapping[str, int]) -> _Items:
    rows = list(row.rows("items", "item"))
    amounts = [(item.text("item_type"), item.amount("requested_amount", ZERO)) for item in rows]
    kept = (one.amount("amount", ZERO) for item in rows for one in item.rows("adjustments", "adjustment"))
    return _Items(
        goods=tuple(_goods(order, rows, before)),
        wraps=tuple(_wraps(order, rows)),
        delivery=tuple((kind, amount) for kind, amount in amounts if kind == SHIPPING or kind in CHARGES),
        free=sum((amount for kind, amount in amounts if kind in (ORDER, TAX)), ZERO),
        free_tax=sum((amount for kind, amount in amounts if kind == TAX), ZERO),
        fee=-sum(kept, ZERO),
    )


def _settled(items: _Items, total: Decimal) -> _Items:
    """The last of the goods bear what rounding moved between their parts and the record's total."""
    missing = total - items.told
    if not items.goods or abs(missing) > CENT * len(items.goods):
        return items
    *rest, last = items.goods
    return replace(items, goods=(*rest, replace(last, gross=last.gross + missing)))


def _unpaid(payments: Sequence[Row], state: RefundState, total: Decimal) -> Iterator[str]:
    paid = sum((_amount(one) for one in payments), ZERO)
    if state is RefundState.DONE and paid != total:
        yield f"its payments make {paid}, but its total is {total}"


def _state(payments: Sequence[Row]) -> RefundState:
    """Declined when all of it was; pending while a gateway that was asked has not named its transaction."""
    if payments and all(one.flag("is_declined") for one in payments):
        return RefundState.DECLINED
    asked = [one for one in payments if not one.flag("offline") and not one.flag("is_declined")]
    return RefundState.DONE if all(one.identifier("transaction_id") for one in asked) else RefundState.PENDING


def _goods(order: Order, items: Iterable[Row], before: Mapping[str, int]) -> Iterator[_Goods]:
    lines = {line.source_id: line for line in order.lines}
    done = Counter(before)
    for item in items:
        line = lines.get(item.identifier("item_id"))
        if item.text("item_type") != "PRODUCT" or line is None:
            continue
        quantity, given = item.whole("quantity"), done[line.source_id]
        done[line.source_id] += quantity
        gross, tax = (_part(whole, line, given, quantity) for whole in (line.net + line.tax, line.tax))
        yield _Goods(line=line, quantity=quantity, gross=gross, tax=tax)


def _part(whole: Decimal, line: Line, given: int, quantity: int) -> Decimal:
    """What the next pieces of a line carry of its money; all of them add up to it."""
    return cents(whole * (given + quantity) / line.quantity) - cents(whole * given / line.quantity)


def _wraps(order: Order, items: Iterable[Row]) -> Iterator[Charge]:
    lines = {line.source_id: line for line in order.lines}
    for item in items:
        line = lines.get(item.identifier("item_id"))
        if item.text("item_type") == "GIFT_WRAPPING" and line and line.wrap:
            amount = _part(line.wrap.cost, line, 0, item.whole("quantity"))
            yield Charge(name=line.wrap.name or GIFT_WRAPPING, amount=amount)


def _taxes(
    goods: Sequence[_Goods], delivery: Sequence[tuple[str, Decimal]], tax: Decimal
) -> tuple[list[Decimal], list[Decimal]]:
    """The record's tax on its goods, as the lines had it, and the rest on the delivery; or else all on the goods."""
    own, beside = [one.tax for one in goods], [amount for _, amount in delivery]
    rest = tax - sum(own, ZERO)
    if ZERO <= rest <= sum(beside, ZERO) and any(beside):
        return own, allocate(rest, beside)
    weights = own if any(own) else [one.gross for one in goods]
    if ZERO <= tax <= sum((one.gross for one in goods), ZERO) and any(weights):
        return allocate(tax, weights), [ZERO for _ in beside]
    return [ZERO for _ in own], [ZERO for _ in beside]


def _tenders(payments: Iterable[Row]) -> Iterator[RefundTender]:
    for one in payments:
        if amount := _amount(one):
            provider = one.text("provider_id")
            yield RefundTender(
                kind=KINDS.get(provider, TenderKind.GATEWAY),
                amount=amount,
                method=provider,
                reference=one.identifier("transaction_id"),
                is_offline=one.flag("offline"),
            )


def _amount(payment: Row) -> Decimal:
    return ZERO if payment.flag("is_declined") else payment.amount("amount", ZERO)


def _given(refund: Row) -> Decimal:
    declined = (row.amount("amount") for row in refund.rows("payments", "payment") if row.flag("is_declined"))
    return max(ZERO, refund.amount("total_amount") - sum(declined, ZERO))


def hints_at_refund(order: Order) -> bool:
    """True when the order itself says that money may have gone back; how much, it never says."""
    return order.has_refunds or "refund" in order.payment_status


def refund_hint(status_key: str, payment_status: str) -> RefundHint:
    """What the status and the state of the payment, in lower case, say."""
    meaning = meaning_of(status_key)
    if meaning is StatusMeaning.REFUNDED or payment_status == "refunded":
        return RefundHint.ALL
    is_part = meaning is StatusMeaning.PART_REFUNDED or payment_status == "partially refunded"
    return RefundHint.PART if is_part else RefundHint.NONE
