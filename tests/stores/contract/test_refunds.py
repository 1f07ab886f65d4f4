"""What was given back of an order, as any store has to tell it."""

from decimal import Decimal

import pytest

from errors.failures import Rejected, Unreachable
from mappings.core.canonical.order import Order, TenderKind
from mappings.core.canonical.refund import Refund, RefundState
from mappings.core.rules.give_back import Payback, Quote, Wish
from syncjobs.stores import port
from tests.stores.contract.orders import TWO
from tests.stores.under_test import LOST, REFUND, Counted, StoreUnderTest


def given_back(under_test: StoreUnderTest, order_id: str, **wish: object) -> None:
    """Staff give money back, and the provider answers."""
    under_test.sandbox.post(f"/_sim/orders/{order_id}/refund", wish)
    under_test.sandbox.post("/_sim/clock/advance", {"seconds": 60})


def told(store: port.Store, order_id: str) -> list[Refund]:
    return store.refunds.refunds(store.orders.whole(order_id))


def test_pieces_shipping_and_an_amount_are_told_to_the_cent(under_test: StoreUnderTest) -> None:
    order_id = under_test.order_place(**TWO)
    store = under_test.opened()
    order = store.orders.whole(order_id)
    lead = next(line for line in order.lines if line.sku == "DOG-LEAD")
    given_back(under_test, order_id, lines=[{"line": int(lead.source_id), "quantity": 1}])
    given_back(under_test, order_id, shipping="2.00")
    given_back(under_test, order_id, amount="1.50")
    given_back(under_test, order_id, lines=[{"line": int(lead.source_id), "quantity": 1}])
    piece, shipping, amount, last = told(store, order_id)
    assert [(one.line_id, one.quantity) for one in (*piece.lines, *last.lines)] == [(lead.source_id, 1)] * 2
    assert piece.lines[0].net + last.lines[0].net == lead.net
    assert piece.tax + last.tax == piece.lines[0].tax + last.lines[0].tax == lead.tax
    assert (shipping.lines, shipping.amount, shipping.shipping + shipping.tax) == ((), Decimal(0), shipping.total)
    assert (amount.lines, amount.amount, amount.tax, amount.total) == ((), Decimal("1.50"), Decimal(0), Decimal("1.50"))
    for one in (piece, shipping, amount, last):
        assert (one.violations, one.state, one.order_id) == ((), RefundState.DONE, order_id)
        assert one.sum_of_parts == one.total == sum(tender.amount for tender in one.tenders)
        assert {tender.kind for tender in one.tenders} == {TenderKind.GATEWAY}
    assert store.orders.refunded(order_id) == piece.total + shipping.total + amount.total + last.total


def test_all_that_is_left_comes_to_what_was_paid(under_test: StoreUnderTest) -> None:
    order_id = under_test.order_place(**TWO)
    given_back(under_test, order_id, lines=[{"line": 0, "quantity": 1}])
    given_back(under_test, order_id)
    refunds = told(under_test.opened(), order_id)
    assert sum(one.total for one in refunds) == under_test.order_total(order_id)
    assert all(one.sum_of_parts == one.total and not one.violations for one in refunds)


def test_refunds_cost_at_most_one_call_beside_the_order(under_test: StoreUnderTest) -> None:
    order_id, counted = under_test.order_place(**TWO), Counted()
    given_back(under_test, order_id, amount="1.50")
    store = under_test.opened(counted)
    order = store.orders.whole(order_id)
    store.refunds.refunds(order)
    assert (order.has_refunds, len(counted.calls)) == (True, 2)


def test_of_an_order_that_nobody_refunded_nothing_is_told(under_test: StoreUnderTest) -> None:
    assert told(under_test.opened(), under_test.order_place(**TWO)) == []


def one_lead(order: Order) -> dict[str, int]:
    return {next(line.source_id for line in order.lines if line.sku == "DOG-LEAD"): 1}


def wished(said: Quote, pieces: dict[str, int], *, kept: str = "0", is_noted: bool = False) -> Wish:
    """All of a quote less what is kept, by the one tender that paid or as a note."""
    (tender,) = said.tenders
    amount = said.total - Decimal(kept)
    back = Payback(amount=amount, tender=None if is_noted else tender)
    return Wish(pieces=pieces, kept=Decimal(kept), paybacks=(back,), note="Ticket 55120 [heartland:return:117260]")


def answered(under_test: StoreUnderTest, store: port.Store, order: Order) -> list[Refund]:
    under_test.sandbox.post("/_sim/clock/advance", {"seconds": 60})
    return store.refunds.refunds(store.orders.whole(order.source_id))


def test_what_is_quoted_is_given_back_by_one_call_and_known_by_its_note(under_test: StoreUnderTest) -> None:
    counted, order_id = Counted(), under_test.order_place(**TWO)
    store = under_test.opened(counted)
    order = store.orders.whole(order_id)
    del counted.calls[:]
    said = store.refunds.quote(order, one_lead(order), [])
    assert (said.left, len(counted.calls) <= 2) == (under_test.order_total(order_id), True)
    assert store.orders.refunded(order_id) == 0
    del counted.calls[:]
    store.refunds.refund(order, wished(said, one_lead(order)))
    assert len(counted.calls) == 1
    (made,) = answered(under_test, store, order)
    assert (made.total, made.state, made.pieces, made.violations) == (said.total, RefundState.DONE, 1, ())
    assert "[heartland:return:117260]" in made.reason
    assert [tender.is_offline for tender in made.tenders] == [False]


def test_what_is_only_noted_moves_no_money(under_test: StoreUnderTest) -> None:
    store, order_id = under_test.opened(), under_test.order_place(**TWO)
    order = store.orders.whole(order_id)
    said = store.refunds.quote(order, one_lead(order), [])
    store.refunds.refund(order, wished(said, one_lead(order), kept="3.00", is_noted=True))
    (made,) = answered(under_test, store, order)
    assert (made.total, made.fee) == (said.total - 3, Decimal(3))
    assert [tender.is_offline for tender in made.tenders] == [True]
    order = store.orders.whole(order_id)
    again = store.refunds.quote(order, one_lead(order), [made])
    assert again.left == under_test.order_total(order_id) - made.total


def test_after_a_lost_answer_the_refund_is_found(under_test: StoreUnderTest) -> None:
    store, order_id = under_test.opened(), under_test.order_place(**TWO)
    order = store.orders.whole(order_id)
    said = store.refunds.quote(order, one_lead(order), [])
    under_test.spoil(REFUND, **LOST)
    with pytest.raises(Unreachable):
        store.refunds.refund(order, wished(said, one_lead(order)))
    assert [one.total for one in answered(under_test, store, order)] == [said.total]


def test_more_pieces_than_are_left_are_refused(under_test: StoreUnderTest) -> None:
    store, order_id = under_test.opened(), under_test.order_place(**TWO)
    order = store.orders.whole(order_id)
    said = store.refunds.quote(order, one_lead(order), [])
    given_back(under_test, order_id)
    with pytest.raises(Rejected):
        store.refunds.refund(order, wished(said, one_lead(order)))
    assert store.orders.refunded(order_id) == under_test.order_total(order_id)


def test_money_for_no_goods_names_no_piece(under_test: StoreUnderTest) -> None:
    store, order_id = under_test.opened(), under_test.order_place(**TWO)
    order = store.orders.whole(order_id)
    said = store.refunds.quote(order, {}, [], amount=Decimal("2.50"))
    (tender,) = said.tenders
    assert said.total == Decimal("2.50")
    back = Payback(amount=said.total, tender=tender)
    note = "Ticket 55120 [heartland:return:117260]"
    store.refunds.refund(order, Wish(pieces={}, amount=said.total, kept=Decimal(0), paybacks=(back,), note=note))
    (made,) = answered(under_test, store, order)
    assert (made.total, made.amount, made.lines, made.tax) == (Decimal("2.50"), Decimal("2.50"), (), Decimal(0))
    assert [line.quantity_refunded for line in store.orders.whole(order_id).lines] == [0] * len(order.lines)
