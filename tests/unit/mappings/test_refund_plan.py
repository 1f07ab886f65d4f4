"""What refunds become: whatever their sequence, sums are equal to the cent and the piece, and never more than paid."""

from collections import Counter
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.core.bigcommerce.orders import order_from_bigcommerce
from mappings.core.bigcommerce.refunds import refunds_from_bigcommerce
from mappings.core.canonical.order import LineKind, Order, TenderKind
from mappings.core.canonical.refund import Refund, RefundState
from mappings.core.rules.refund_plan import Sold, plan_refund
from mappings.core.rules.what_is_left import KEPT_FEE, what_is_left
from tests.unit.mappings.payloads import JSON, Priced, order_json
from tests.unit.mappings.test_orders_money import store_orders

D, FEE = Decimal, "900"


def cent(amount: Decimal) -> Decimal:
    return amount.quantize(D("0.01"), ROUND_HALF_UP)


def record(number: int, total: Decimal, tax: Decimal, *items: JSON, **more: Any) -> JSON:
    """A refund as the store tells it, by one payment that its gateway confirmed."""
    payment = {"id": 1, "provider_id": "squarev2", "amount": str(total), "offline": False, "transaction_id": "90044"}
    told = {"id": number, "total_amount": str(total), "total_tax": str(tax), "created": "2026-03-02T10:00:00Z"}
    return told | {"items": list(items), "payments": [payment]} | more


def product(line: str, quantity: int, **more: Any) -> JSON:
    return {"item_type": "PRODUCT", "item_id": int(line), "quantity": quantity, "requested_amount": None} | more


def one(order: Order, *rows: JSON) -> Refund:
    return refunds_from_bigcommerce(order, rows)[-1]


def coats(price: str = "100.00", quantity: int = 1, rate: str = "8.25") -> Order:
    return order_from_bigcommerce(order_json(Priced(price=D(price), quantity=quantity, sku="COAT"), rate=D(rate)))


@st.composite
def sequences(draw: st.DrawFn) -> tuple[Order, list[JSON]]:
    """A store's order and refunds of its pieces, some at a time, each over what the store takes for them."""
    order = order_from_bigcommerce(draw(store_orders()))
    lines = [line for line in order.lines if line.kind is LineKind.ITEM and line.quantity]
    done, rows = Counter[str](), []
    for number in range(1, draw(st.integers(1, 6)) + 1):
        open_ones = [line for line in lines if done[line.source_id] < line.quantity]
        if not open_ones:
            break
        line = draw(st.sampled_from(open_ones))
        before = done[line.source_id]
        count = draw(st.integers(1, line.quantity - before))
        done[line.source_id] += count

        def share(whole: Decimal, line: Any = line, before: int = before, count: int = count) -> Decimal:
            return cent(whole * (before + count) / line.quantity) - cent(whole * before / line.quantity)

        total, tax = share(line.net + line.tax), share(line.tax)
        rows.append(record(number, total, tax, product(line.source_id, count)))
    return order, rows


@given(sequences())
def test_any_sequence_of_refunds_adds_up(story: tuple[Order, Sequence[JSON]]) -> None:
    order, rows = story
    refunds = refunds_from_bigcommerce(order, rows)
    items = {line.source_id: str(100 + at) for at, line in enumerate(order.lines)}
    pieces = Counter({items[line.source_id]: line.quantity for line in order.lines})
    given_back = D(0)
    for count, refund in enumerate(refunds, 1):
        assert (refund.violations, refund.sum_of_parts) == ((), refund.total)
        plan = plan_refund(refund, sold_in_two(pieces), items=items, fee_item_id=FEE)
        back = sum((part.pieces for part in plan.returns), Counter[str]())
        assert sum((part.total for part in plan.returns), D(0)) == -refund.total
        assert all(sum(one.amount for one in part.tenders) == -part.total for part in plan.returns)
        assert (back, plan.not_sold) == (Counter({items[line.line_id]: line.quantity for line in refund.lines}), {})
        pieces -= back
        given_back += refund.total
        assert given_back <= order.total
        rest = what_is_left(order, refunds[:count])
        assert rest is not None
        assert rest.total == order.total - given_back
        assert sum(tender.amount for tender in rest.tenders) == rest.total or not rest.lines
        if rest.lines:
            assert Counter({items[line.source_id]: line.quantity for line in rest.lines}) == +pieces


def sold_in_two(pieces: Counter[str]) -> list[Sold]:
    """Two invoices, the first of which holds half of each item."""
    first = Counter({item: count // 2 for item, count in pieces.items()})
    return [
        Sold(invoice_id="7", location_id="1", pieces=first),
        Sold(invoice_id="8", location_id="2", pieces=pieces - first),
    ]


def returned(order: Order, refund: Refund) -> list[Any]:
    """What a return of all that was sold says: total, tax, delivery, and its lines."""
    items = {line.source_id: "100" for line in order.lines}
    sold = [Sold(invoice_id="7", location_id="1", pieces={"100": sum(line.quantity for line in order.lines)})]
    plan = plan_refund(refund, sold, items=items, fee_item_id=FEE)
    return [
        (part.total, part.tax, part.shipping, [(row.item_id, row.quantity, row.price) for row in part.lines])
        for part in plan.returns
    ]


def test_r04_a_restocking_fee_is_kept_and_tax_goes_back_whole() -> None:
    order = coats()
    (line,) = order.lines
    kept = [{"amount": "-15.00", "description": "Restocking"}]
    refund = one(order, record(71, D("93.25"), D("8.25"), product(line.source_id, 1, adjustments=kept)))
    assert (refund.fee, refund.tax, refund.amount, refund.violations) == (D("15.00"), D("8.25"), D(0), ())
    goods = [("100", -1, D("100.00")), (FEE, 1, D("15.00"))]
    assert returned(order, refund) == [(D("-93.25"), D("-8.25"), D(0), goods)]
    rest = what_is_left(coats(quantity=2), refunds_from_bigcommerce(coats(quantity=2), [
        record(71, D("93.25"), D("8.25"), product(line.source_id, 1, adjustments=kept)),
    ]))  # fmt: skip
    assert rest is not None
    assert [(charge.name, charge.amount) for charge in rest.charges] == [(KEPT_FEE, D("15.00"))]


def test_r13_a_free_amount_has_no_tax() -> None:
    order = coats("39.99", rate="7")
    refund = one(order, record(72, D("20.00"), D(0), {"item_type": "ORDER", "item_id": 1, "requested_amount": "20.00"}))
    assert (refund.amount, refund.tax, refund.lines) == (D("20.00"), D(0), ())
    assert returned(order, refund) == [(D("-20.00"), D(0), D(0), [(FEE, -1, D("20.00"))])]
    rest = what_is_left(order, [refund])
    assert rest is not None
    assert (rest.total, rest.tax, rest.lines[0].quantity) == (order.total - D("20.00"), order.tax, 1)


def test_r14_tax_alone_is_given_back_without_an_item() -> None:
    order = coats()
    refund = one(order, record(91, D("1.20"), D("1.20")))
    assert (refund.tax, refund.amount, refund.lines, refund.violations) == (D("1.20"), D(0), (), ())
    assert returned(order, refund) == [(D("-1.20"), D("-1.20"), D(0), [])]


def test_r06_a_refund_whose_record_counts_nothing_yet_says_what_waits() -> None:
    order = coats("45.00", rate="0")
    (line,) = order.lines
    pending = {"provider_id": "squarev2", "amount": "45.00", "offline": False, "transaction_id": None}
    refund = one(order, record(5, D(0), D(0), product(line.source_id, 1), payments=[pending]))
    assert (refund.state, refund.total) == (RefundState.PENDING, D("45.00"))


def test_r09_each_tender_gets_back_its_own() -> None:
    order = coats("30.00", rate="0")
    (line,) = order.lines
    split = [
        {"provider_id": provider, "amount": amount, "offline": False, "transaction_id": "1"}
        for provider, amount in (("squarev2", "18.00"), ("giftcertificate", "12.00"))
    ]
    refund = one(order, record(5, D("30.00"), D(0), product(line.source_id, 1), payments=split))
    kinds = [(tender.kind, tender.amount) for tender in refund.tenders]
    assert kinds == [(TenderKind.GATEWAY, D("18.00")), (TenderKind.GIFT_CERTIFICATE, D("12.00"))]


def test_a_declined_payment_and_items_that_do_not_add_up_are_told() -> None:
    order = coats("45.00", rate="0")
    (line,) = order.lines
    declined = {"provider_id": "squarev2", "amount": "45.00", "is_declined": True}
    assert one(order, record(5, D(45), D(0), product(line.source_id, 1), payments=[declined])).state == "declined"
    odd = one(order, record(5, D("44.00"), D(0), product(line.source_id, 1)))
    assert [reason.code for reason in odd.violations] == ["money_does_not_add_up"]


@pytest.mark.parametrize("pieces", [{}, {"100": 1}])
def test_pieces_that_no_invoice_holds_are_said(pieces: dict[str, int]) -> None:
    order = coats(quantity=2, rate="0")
    (line,) = order.lines
    refund = one(order, record(5, D("200.00"), D(0), product(line.source_id, 2)))
    sold = [Sold(invoice_id="7", location_id="1", pieces=pieces)]
    plan = plan_refund(refund, sold, items={line.source_id: "100"}, fee_item_id=FEE)
    assert plan.not_sold == {"100": 2 - sum(pieces.values())}
