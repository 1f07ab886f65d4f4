"""Shipments, as any store has to make and show them."""

from typing import Any

import pytest

from errors.failures import NotFound, Rejected, Throttled, Unreachable
from mappings.core.canonical.order import Order
from mappings.core.canonical.shipment import Invoice, Parcel
from mappings.core.canonical.statuses import StatusMeaning
from mappings.core.rules.shipments import missing, plan
from tests.stores.contract.orders import NOBODYS, TWO
from tests.stores.under_test import LOST, SHIP, TRACK, Counted, StoreUnderTest

ITEMS = {"DOG-LEAD": "1", "LGT-LANT": "2"}  # Heartland's


def invoice(**changes: Any) -> Invoice:
    known: dict[str, Any] = {
        "id": "7", "number": "117007", "order_id": "9", "status": "complete", "version": "",
        "items": {"1": 2, "2": 1}, "names": {}, "tracking": ("1Z999",), "carrier": "UPS Ground",
    }  # fmt: skip
    return Invoice(**known | changes)


def whole(order: Order) -> Parcel:
    """All that the order still waits for."""
    (parcel,) = missing(order, [])
    return parcel


def test_what_left_is_shown_with_its_tracking(under_test: StoreUnderTest) -> None:
    counted, order_id = Counted(), under_test.order_place(**TWO)
    store = under_test.opened(counted)
    order = store.orders.order(order_id)
    del counted.calls[:]
    made = store.shipments.ship(order_id, whole(order), invoice())
    assert len(counted.calls) == under_test.costs.get(SHIP, 1)
    assert store.shipments.shipments(order_id) == [made]
    assert (made.pieces, made.address_id) == (whole(order).pieces, whole(order).address_id)
    assert (made.tracking_number, under_test.tracking_shown(order_id)) == ("1Z999", ["1Z999"])
    assert made.told == store.shipments.tracking_of(invoice()).shown
    assert "UPS" in made.carrier
    after = store.orders.order(order_id)
    assert after.meaning is StatusMeaning.SHIPPED
    assert {line.sku: line.quantity_shipped for line in after.lines} == {"DOG-LEAD": 2, "LGT-LANT": 1}
    assert missing(after, [made]) == []


def test_a_part_leaves_the_rest(under_test: StoreUnderTest) -> None:
    store, order_id = under_test.opened(), under_test.order_place(**TWO)
    order = store.orders.order(order_id)
    lead = next(line for line in order.lines if line.sku == "DOG-LEAD")
    made = store.shipments.ship(order_id, Parcel(address_id=lead.address_id, pieces=((lead.source_id, 1),)), invoice())
    after = store.orders.order(order_id)
    assert after.meaning is StatusMeaning.PART_SHIPPED
    assert sum(parcel.count for parcel in missing(after, [made])) == 2


def test_a_lost_answer_is_found_again(under_test: StoreUnderTest) -> None:
    store, order_id = under_test.opened(), under_test.order_place(**TWO)
    order = store.orders.order(order_id)
    under_test.spoil(SHIP, **LOST)
    with pytest.raises(Unreachable):
        store.shipments.ship(order_id, whole(order), invoice())
    shown = store.shipments.shipments(order_id)
    number = store.shipments.tracking_of(invoice()).number
    found = plan(order, invoice(), items=ITEMS, shipments=shown, ours={}, number=number)
    assert (found.parcels, found.adopted) == ((), tuple(shown))


def test_nothing_leaves_twice(under_test: StoreUnderTest) -> None:
    store, order_id = under_test.opened(), under_test.order_place(**TWO)
    order = store.orders.order(order_id)
    made = store.shipments.ship(order_id, whole(order), invoice())
    with pytest.raises(Rejected):
        store.shipments.ship(order_id, whole(order), invoice())
    assert store.shipments.shipments(order_id) == [made]


def test_a_number_that_comes_later_stands_in_the_shipment(under_test: StoreUnderTest) -> None:
    counted, order_id = Counted(), under_test.order_place(**TWO)
    store = under_test.opened(counted)
    made = store.shipments.ship(order_id, whole(store.orders.order(order_id)), invoice(tracking=(), carrier=""))
    assert (made.tracking_number, made.carrier) == ("", "")
    del counted.calls[:]
    tracked = store.shipments.track(order_id, made.id, invoice())
    assert len(counted.calls) == under_test.costs.get(TRACK, 1)
    assert (tracked.id, tracked.pieces, tracked.tracking_number) == (made.id, made.pieces, "1Z999")
    assert store.shipments.shipments(order_id) == [tracked]


def test_what_is_told_needs_no_call_and_cuts_no_number(under_test: StoreUnderTest) -> None:
    counted = Counted()
    shipments = under_test.opened(counted).shipments
    numbers = tuple(f"{number:034}" for number in range(3))
    told = shipments.tracking_of(invoice(tracking=numbers))
    assert {*told.number.split(", "), *told.further} == set(numbers)
    assert len(told.number) <= told.longest
    assert shipments.tracking_of(invoice(tracking=("9" * (told.longest + 1),))).number == ""
    assert counted.calls == []


def test_of_an_order_that_is_gone_nothing_leaves(under_test: StoreUnderTest) -> None:
    store, order_id = under_test.opened(), under_test.order_place(**TWO)
    parcel = whole(store.orders.order(order_id))
    with pytest.raises(NotFound):
        store.shipments.shipments(NOBODYS)
    with pytest.raises(NotFound):
        store.shipments.ship(NOBODYS, parcel, invoice())
    with pytest.raises(NotFound):
        store.shipments.track(order_id, NOBODYS, invoice())


def test_a_throttled_shipment_was_not_made(under_test: StoreUnderTest) -> None:
    store, order_id = under_test.opened(), under_test.order_place(**TWO)
    parcel = whole(store.orders.order(order_id))
    under_test.spoil(SHIP, **under_test.throttled(4))
    with pytest.raises(Throttled) as caught:
        store.shipments.ship(order_id, parcel, invoice())
    assert (caught.value.retry_after, under_test.tracking_shown(order_id)) == (4.0, [])
