"""What hangs on orders, as a store where an order's clock may stand still has to list it."""

from datetime import timedelta

from syncjobs.stores.port import OrderPart
from tests.stores.contract.orders import LEADS
from tests.stores.under_test import Counted, StoreUnderTest


def test_an_order_is_told_by_what_hangs_on_it_and_when_that_changed(under_test: StoreUnderTest) -> None:
    counted = Counted()
    store = under_test.opened(counted)
    order_id = under_test.order_place(**LEADS)
    placed_at = store.orders.order(order_id).placed_at
    counted.calls.clear()
    walk = store.order_parts.changed_since(OrderPart.SHIPMENTS, placed_at - timedelta(seconds=1))
    assert (list(walk), walk.next_from, len(counted.calls)) == ([], None, 1)
    under_test.sandbox.post(f"/_sim/orders/{order_id}/ship", {})
    for part, calls in ((OrderPart.SHIPMENTS, 2), (OrderPart.REFUNDS, 1)):
        counted.calls.clear()
        walk = store.order_parts.changed_since(part, placed_at - timedelta(seconds=1))
        heads = list(walk)
        told = {OrderPart.SHIPMENTS: [order_id], OrderPart.REFUNDS: []}[part]
        assert ([head.id for head in heads], len(counted.calls)) == (told, calls)
        assert [head.changed_at for head in heads] == [walk.next_from for _ in told]
