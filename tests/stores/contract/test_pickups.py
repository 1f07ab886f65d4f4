"""Orders that are collected at a counter, as a store without a status for that has to be told of them."""

from syncjobs.stores import port
from tests.stores.contract.orders import LEADS
from tests.stores.contract.test_shipments import invoice
from tests.stores.under_test import Counted, StoreUnderTest

COLLECTED = LEADS | {"pickup": True}


def shipped(store: port.Store, order_id: str) -> int:
    """Pieces that the store shows as left."""
    return sum(parcel.count for parcel in store.shipments.shipments(order_id))


def test_what_waits_is_told_and_mailed_in_two_calls(under_test: StoreUnderTest) -> None:
    counted, order_id = Counted(), under_test.order_place(**COLLECTED)
    store = under_test.opened(counted)
    order = store.orders.order(order_id)
    del counted.calls[:]
    head = store.pickups.ready(order)
    assert (head.id, len(counted.calls)) == (order_id, 2)
    assert shipped(store, order_id) == 2
    assert under_test.mails(order_id) == 1


def test_what_was_collected_has_left_and_nobody_is_mailed(under_test: StoreUnderTest) -> None:
    order_id = under_test.order_place(**COLLECTED)
    store = under_test.opened()
    head = store.pickups.collected(store.orders.order(order_id), invoice())
    assert (head.id, head.version) == (order_id, store.orders.head(order_id).version)
    assert shipped(store, order_id) == 2
    assert under_test.mails(order_id) == 0
