"""People act on both sides within the same second, or while a write of ours is on its way: nothing is moved twice."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from itertools import count

import pytest
import requests
from django.utils import timezone

from ipaas import failpoints
from syncjobs.models import Record
from tests.flows.conftest import Pair
from tests.flows.test_charging import captures, charging, follow
from tests.flows.test_refunds import money, of, returns
from tests.flows.test_shipments import distribute, invoice, record, shipments, shop
from tests.flows.test_till_returns import ONE, refunds, settle, sold
from tests.flows.tills import amounts, record_of, refunding, take_back, work

__all__ = ["charging", "shop"]


@pytest.fixture
def counter(pair: Pair) -> Pair:
    """A shop whose web orders come back at its till, too."""
    refunding(pair.connection)
    return pair


@contextmanager
def meanwhile(monkeypatch: pytest.MonkeyPatch, place: str, act: Callable[[], object]) -> Iterator[None]:
    """Somebody does something at the n-th passage of a place, such as `returns.asks:2`."""
    name, _, number = place.partition(":")
    passages = count(1)

    def passing(where: str) -> None:
        if where == name and next(passages) == int(number):
            act()

    with monkeypatch.context() as patch:
        patch.setattr(failpoints, "passing", passing)
        yield
    assert next(passages) > int(number), "nobody passed"


def store_gives_back(shop: Pair, web_id: str) -> None:
    """Staff of the store give a piece back, where it lets them."""
    with suppress(requests.HTTPError):
        shop.bigcommerce.post(f"/_sim/orders/{web_id}/refund", {"lines": [{"line": 0, "quantity": 1}]})


def look_on(shop: Pair, web_id: str) -> None:
    for minutes in (2, 6, 12):
        shop.run(web_id, at=timezone.now() + timedelta(minutes=minutes))
        settle(shop, at=timedelta(minutes=minutes))


def given_back_at_once(shop: Pair, monkeypatch: pytest.MonkeyPatch, pieces: int, place: str) -> tuple[str, str]:
    """A piece is taken back at the till, and one in the store: before we look, or while we ask the store; answers the
    order and the ticket."""
    shop.connection.order_settings.books_refunds = True
    shop.connection.order_settings.save()
    web_id, made = sold(shop, pieces, "20.00")
    ticket = take_back(shop.heartland, shop.connection, made, ONE)
    if place:
        with meanwhile(monkeypatch, place, lambda: store_gives_back(shop, web_id)):
            work(shop.connection)
    else:
        store_gives_back(shop, web_id)
    look_on(shop, web_id)
    return web_id, ticket


PLACES = ["", "returns.asks:1", "returns.asks:2", "returns.answered:2"]


@pytest.mark.parametrize("place", PLACES)
def test_two_pieces_that_come_back_on_either_side_at_once_are_two_on_both(
    counter: Pair, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    web_id, ticket = given_back_at_once(counter, monkeypatch, 2, place)
    assert amounts(refunds(counter, web_id), "total_amount") == [20, 20]
    assert [money(-one["total"]) for one in returns(counter)] == [20, 20]
    assert {record_of(ticket).disposition, *(one.disposition for one in of(counter, web_id))} == {"booked"}


@pytest.mark.parametrize("place", PLACES)
def test_one_piece_that_comes_back_on_both_sides_at_once_is_given_back_once(
    counter: Pair, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    web_id, ticket = given_back_at_once(counter, monkeypatch, 1, place)
    assert amounts(refunds(counter, web_id), "total_amount") == [20]
    assert [money(-one["total"]) for one in returns(counter)] == [20]
    (told,) = of(counter, web_id)
    if place == "returns.answered:2":  # ours was first, and the store refused its staff
        assert (record_of(ticket).disposition, told.disposition) == ("booked", "booked")
    else:
        assert (record_of(ticket).code, told.code) == ("returned_before", "refund_maybe_a_return")
        assert ticket in told.reason


@pytest.mark.parametrize("place", ["shipments.asks:1", "shipments.answered:1"])
def test_an_order_that_is_cancelled_while_its_money_is_taken_is_not_shipped_silently(
    charging: Pair, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """A shipment would turn the store's order from cancelled to shipped: a person is asked, and told of the money."""
    web_id = charging.book(payment="authorized")
    done = invoice(charging, distribute(charging, web_id))
    with meanwhile(monkeypatch, place, lambda: charging.bigcommerce.post(f"/_sim/orders/{web_id}/cancel", {})):
        follow(charging)
    for minutes in (1, 5, 70):
        follow(charging, at=timedelta(minutes=minutes))
        charging.run(web_id, at=timezone.now() + timedelta(minutes=minutes))
    assert (len(captures(charging, web_id)), shipments(charging, web_id)) == (1, [])
    assert (record(done).disposition, record(done).code) == ("held", "shipped_after_end")
    assert "is Cancelled. Its money was taken as the goods left: give it back" in record(done).reason
    order = Record.objects.get(flow="orders", external_id=web_id)
    assert (order.disposition, order.code) == ("held", "cancelled_after_invoice")
