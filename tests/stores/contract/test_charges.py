"""Taking an order's money as its goods leave, as any store has to."""

from decimal import Decimal

import pytest

from errors.failures import Rejected, Unreachable
from mappings.core.canonical.order import Order
from syncjobs.stores import port
from syncjobs.stores.charge_port import ChargeState
from tests.stores.contract.orders import TWO
from tests.stores.contract.test_shipments import invoice
from tests.stores.under_test import CHARGE, LOST, Counted, StoreUnderTest

AUTHORISED = TWO | {"payment": "authorized"}


def all_of(order: Order) -> dict[str, int]:
    return {line.source_id: line.quantity for line in order.lines}


def settled(under_test: StoreUnderTest, store: port.Store, order_id: str) -> ChargeState:
    """How the money stands once the provider has answered."""
    under_test.sandbox.post("/_sim/clock/advance", {"seconds": 60})
    order = store.orders.order(order_id)
    return store.charges.state(order, all_of(order))


def test_promised_money_is_taken_once(under_test: StoreUnderTest) -> None:
    counted, order_id = Counted(), under_test.order_place(**AUTHORISED)
    store = under_test.opened(counted)
    order = store.orders.order(order_id)
    del counted.calls[:]
    assert store.charges.state(order, all_of(order)) is ChargeState.PROMISED
    assert counted.calls == []
    made = store.charges.charge(order, all_of(order), invoice())
    assert (made.amount, len(counted.calls)) == (under_test.order_total(order_id), 2)
    assert settled(under_test, store, order_id) is ChargeState.TAKEN
    with pytest.raises((Rejected, ValueError)):
        store.charges.charge(store.orders.order(order_id), all_of(order), invoice())
    assert under_test.taken(order_id) == under_test.order_total(order_id)


def test_after_a_lost_answer_the_order_tells(under_test: StoreUnderTest) -> None:
    order_id = under_test.order_place(**AUTHORISED)
    store = under_test.opened()
    order = store.orders.order(order_id)
    under_test.spoil(CHARGE, **LOST)
    with pytest.raises(Unreachable):
        store.charges.charge(order, all_of(order), invoice())
    assert settled(under_test, store, order_id) is ChargeState.TAKEN
    assert under_test.taken(order_id) == under_test.order_total(order_id)


def test_what_was_paid_at_the_checkout_is_taken_already(under_test: StoreUnderTest) -> None:
    store, order_id = under_test.opened(), under_test.order_place(**TWO)
    order = store.orders.order(order_id)
    assert store.charges.state(order, all_of(order)) is ChargeState.TAKEN


def test_who_pays_by_hand_has_no_provider(under_test: StoreUnderTest) -> None:
    store, order_id = under_test.opened(), under_test.order_place(**TWO | {"payment": "offline"})
    order = store.orders.order(order_id)
    assert store.charges.state(order, all_of(order)) is ChargeState.BY_HAND
    assert under_test.taken(order_id) == Decimal(0)


def test_staff_are_told_something_once(under_test: StoreUnderTest) -> None:
    store, order_id = under_test.opened(), under_test.order_place(**TWO)
    heads = [store.feedback.note_write(order_id, "Do not hand out.") for _ in range(2)]
    assert heads[0].version == heads[1].version
    assert store.orders.head(order_id).version == heads[1].version
