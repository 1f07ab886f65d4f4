"""Orders, as any store has to tell them."""

from datetime import timedelta
from decimal import Decimal
from itertools import islice

import pytest

from errors.failures import NotFound, Throttled
from mappings.core.canonical.order import PaymentState, TenderKind
from mappings.core.canonical.statuses import ENDED, StatusMeaning, keys_of
from tests.stores.contract.orders import BUYER, LEADS, NOBODYS, TWO, charged
from tests.stores.under_test import ORDER, ORDERS, Counted, StoreUnderTest

CENT = Decimal("0.01")


def test_what_a_shopper_bought_is_told_to_the_cent(under_test: StoreUnderTest) -> None:
    counted = Counted()
    order_id = under_test.order_place(**TWO)
    order = under_test.opened(counted).orders.order(order_id)
    assert (len(counted.calls), order.unanswered, order.violations) == (1, (), ())
    assert order.source_id == order_id
    assert order.total == charged(order) == under_test.order_total(order_id)
    assert sum(tender.amount for tender in order.tenders) == order.total
    assert {line.sku: line.quantity for line in order.lines} == {"DOG-LEAD": 2, "LGT-LANT": 1}
    assert sum(line.discount for line in order.lines) == order.discount
    assert all(line.total == (line.quantity * line.unit_price).quantize(CENT) for line in order.lines)
    assert order.meaning is StatusMeaning.OPEN
    assert [order.status_key] == keys_of(under_test.statuses(), StatusMeaning.OPEN)


def test_who_bought_and_where_it_goes(under_test: StoreUnderTest) -> None:
    order = under_test.opened().orders.order(under_test.order_place(**LEADS))
    (consignment,) = order.consignments
    assert order.buyer.is_guest
    assert (order.buyer.first_name, order.buyer.last_name, order.buyer.email) == ("Ann", "Ruiz", BUYER["email"])
    for address in (order.billing, consignment.address):
        assert address is not None
        assert (address.line_1, address.city, address.state) == ("12 Bay St", "Austin", "TX")
        assert (address.postal_code, address.country) == ("78701", "US")
    assert {line.address_id for line in order.lines} == {consignment.source_id}


def test_the_same_order_is_the_same_record_and_its_head_says_so_too(under_test: StoreUnderTest) -> None:
    orders, order_id = under_test.opened().orders, under_test.order_place(**TWO)
    order, head = orders.order(order_id), orders.head(order_id)
    assert orders.order(order_id) == orders.whole(order_id) == order
    assert (head.id, head.version, head.total) == (order.source_id, order.version, order.total)
    assert (head.status, head.meaning, head.currency) == (order.status_key, order.meaning, order.currency)
    under_test.order_note(order_id, "Ring twice")
    noted = orders.head(order_id)
    assert noted.notes == orders.order(order_id).written != head.notes


def test_every_status_has_a_meaning(under_test: StoreUnderTest) -> None:
    orders, order_id, statuses = under_test.opened().orders, under_test.order_place(**LEADS), under_test.statuses()
    for status in statuses:
        under_test.order_move(order_id, status)
        order = orders.order(order_id)
        assert (order.status_key, order.meaning) == (status, statuses[status].meaning)
        assert order.meaning is not StatusMeaning.UNKNOWN


def test_statuses_are_counted(under_test: StoreUnderTest) -> None:
    orders, statuses = under_test.opened().orders, under_test.statuses()
    (open_key,) = keys_of(statuses, StatusMeaning.OPEN)
    before = {one.key: one.orders for one in orders.status_counts()}
    assert set(statuses) - under_test.uncounted <= set(before) <= set(statuses)
    under_test.order_place(**LEADS)
    after = {one.key: one.orders for one in orders.status_counts()}
    assert after == before | {open_key: before[open_key] + 1}


def test_changes_during_a_walk_hide_no_order(under_test: StoreUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    under_test.pages_of(monkeypatch, 3)
    orders, placed = under_test.opened().orders, [under_test.order_place(**LEADS) for _ in range(8)]
    since = orders.order(placed[0]).placed_at - timedelta(seconds=1)
    walk = orders.changed_since(since)
    rows = iter(walk)
    heads = list(islice(rows, 2))
    first = [head.id for head in heads]
    assert walk.next_from is not None
    for order_id in first:  # they leave the pages that were read: what follows moves up
        under_test.order_remove(order_id)
    under_test.order_note(placed[-1], "Changed meanwhile")
    found = [*first, *(head.id for head in rows)]
    assert set(placed) <= set(found)


def test_orders_of_a_time_go_on_after_the_last_one_known(under_test: StoreUnderTest) -> None:
    orders, placed = under_test.opened().orders, [under_test.order_place(**LEADS) for _ in range(3)]
    first, last = (orders.order(one).placed_at for one in (placed[0], placed[-1]))
    ids = [head.id for head in orders.placed_between(first, last)]
    assert [one for one in ids if one in placed] == placed
    assert [head.id for head in orders.placed_between(first, last, after=placed[0])] == placed[1:]


def test_what_is_gone_is_not_living(under_test: StoreUnderTest) -> None:
    orders = under_test.opened().orders
    kept, removed = under_test.order_place(**LEADS), under_test.order_place(**LEADS)
    under_test.order_remove(removed)
    assert orders.living([]) == set()
    assert orders.living([kept, removed, NOBODYS]) == {kept}
    assert orders.living([kept]) == {kept}
    for ask in (orders.order, orders.whole, orders.head):
        with pytest.raises(NotFound):
            ask(NOBODYS)


@pytest.mark.parametrize("call", [ORDER, ORDERS])
def test_a_throttled_look_says_when_to_come_back(under_test: StoreUnderTest, call: str) -> None:
    orders, order_id = under_test.opened().orders, under_test.order_place(**LEADS)
    since = orders.order(order_id).placed_at
    under_test.spoil(call, **under_test.throttled(4))
    with pytest.raises(Throttled) as caught:
        orders.order(order_id) if call == ORDER else next(iter(orders.changed_since(since)))
    assert caught.value.retry_after == 4.0


@pytest.mark.parametrize(("refund", "is_all"), [("full", True), ("part", False)])
def test_what_was_given_back_is_read_once_it_is_hinted_at(
    under_test: StoreUnderTest, refund: str, *, is_all: bool
) -> None:
    orders = under_test.opened().orders
    whole = orders.whole(under_test.order_place(**LEADS, ship="all", refund=refund))
    assert whole.has_refunds
    assert whole.refunded == orders.refunded(whole.source_id) > 0
    assert (whole.refunded == whole.total) is is_all
    untouched = orders.whole(under_test.order_place(**LEADS))
    assert (untouched.refunded or 0, untouched.given_back) == (0, "")


def test_whether_the_money_was_taken(under_test: StoreUnderTest) -> None:
    store = under_test.opened()
    said = {}
    for payment in ("card", "authorized"):
        order = store.orders.order(under_test.order_place(**LEADS, payment=payment))
        assert {tender.kind for tender in order.tenders} == {TenderKind.GATEWAY}
        said[payment] = order.payment, store.payments.payment_state(order)
    assert said["card"] == (PaymentState.TAKEN, PaymentState.TAKEN)
    assert PaymentState.TAKEN not in said["authorized"]


def test_an_account_is_its_holders(under_test: StoreUnderTest) -> None:
    store = under_test.opened()
    person = under_test.account()
    guest = {name: value for name, value in LEADS.items() if name != "guest"}
    order = store.orders.order(under_test.order_place(**guest, customer=person))
    assert not order.buyer.is_guest
    holder = store.accounts.holder(order.buyer, country="US")
    assert holder is not None
    assert (holder.source_id, holder.email) == (order.buyer.source_id, person)


def test_ended_orders_say_so(under_test: StoreUnderTest) -> None:
    orders, order_id = under_test.opened().orders, under_test.order_place(**LEADS)
    for key in keys_of(under_test.statuses(), *ENDED):
        under_test.order_move(order_id, key)
        assert orders.head(order_id).meaning in ENDED
