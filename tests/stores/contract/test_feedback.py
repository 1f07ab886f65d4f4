"""What the store is told of a booked order."""

import pytest

from errors.failures import NotFound, Rejected, Throttled, Unreachable
from mappings.core.canonical.statuses import StatusMeaning, keys_of
from tests.stores.contract.orders import LEADS, NOBODYS
from tests.stores.under_test import LOST, MOVE, NUMBER, Counted, StoreUnderTest


def test_a_number_is_shown_and_its_echo_known(under_test: StoreUnderTest) -> None:
    counted, order_id = Counted(), under_test.order_place(**LEADS)
    store = under_test.opened(counted)
    head = store.feedback.number_write(order_id, "BC-1")
    assert len(counted.calls) == under_test.costs.get(NUMBER, 1)
    assert under_test.number_shown(order_id) == "BC-1"
    order = store.orders.order(order_id)
    assert (head.version, head.status, head.total, head.notes) == (
        order.version, order.status_key, order.total, order.written,
    )  # fmt: skip
    assert order.external_order_id == "BC-1"


def test_a_lost_answer_is_found_again_and_telling_twice_is_telling_once(under_test: StoreUnderTest) -> None:
    store, order_id = under_test.opened(), under_test.order_place(**LEADS)
    under_test.spoil(NUMBER, **LOST)
    with pytest.raises(Unreachable):
        store.feedback.number_write(order_id, "BC-2")
    assert store.orders.order(order_id).external_order_id == under_test.number_shown(order_id) == "BC-2"
    store.feedback.number_write(order_id, "BC-2")
    assert under_test.number_shown(order_id) == "BC-2"


def test_a_status_goes_along_or_alone(under_test: StoreUnderTest) -> None:
    counted, order_id, statuses = Counted(), under_test.order_place(**LEADS), under_test.statuses()
    store = under_test.opened(counted)
    first, then = under_test.moves
    assert {statuses[first].is_settable, statuses[then].is_settable} == {True}
    assert store.feedback.number_write(order_id, "BC-3", status=first).status == first
    assert len(counted.calls) == under_test.costs.get(NUMBER, 1) + under_test.costs.get(MOVE, 1)
    under_test.order_move(order_id, keys_of(statuses, StatusMeaning.OPEN)[0])
    assert store.feedback.status_write(order_id, then).status == then
    assert store.orders.head(order_id).status == then


def test_a_status_that_the_store_gives_alone_is_refused_in_words(under_test: StoreUnderTest) -> None:
    store, order_id = under_test.opened(), under_test.order_place(**LEADS)
    for key in (key for key, status in under_test.statuses().items() if not status.is_settable):
        if store.orders.head(order_id).status == key:
            continue
        with pytest.raises(Rejected, match="by itself"):
            store.feedback.status_write(order_id, key)


def test_an_order_that_is_gone_is_told_nothing(under_test: StoreUnderTest) -> None:
    feedback = under_test.opened().feedback
    with pytest.raises(NotFound):
        feedback.number_write(NOBODYS, "BC-4")
    with pytest.raises(NotFound):
        feedback.status_write(NOBODYS, under_test.moves[0])


def test_a_throttled_write_has_not_happened(under_test: StoreUnderTest) -> None:
    store, order_id = under_test.opened(), under_test.order_place(**LEADS)
    under_test.spoil(NUMBER, **under_test.throttled(4))
    with pytest.raises(Throttled) as caught:
        store.feedback.number_write(order_id, "BC-5")
    assert (caught.value.retry_after, under_test.number_shown(order_id)) == (4.0, "")
