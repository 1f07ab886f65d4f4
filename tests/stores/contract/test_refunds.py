"""What was given back of an order, as any store has to tell it."""

from decimal import Decimal

from mappings.core.canonical.order import TenderKind
from mappings.core.canonical.refund import Refund, RefundState
from syncjobs.stores import port
from tests.stores.contract.orders import TWO
from tests.stores.under_test import Counted, StoreUnderTest


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
