"""A return at a till and a refund noted by staff in the store are one thing once a person says so (P16): never two."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from connections.models import OrderSettings, User
from syncjobs.models import Record
from tests.flows.conftest import Pair
from tests.flows.test_refunds import look, money, of, returns
from tests.flows.test_till_returns import ONE, owner, refunds, sold
from tests.flows.tills import choose, record_of, refunding, take_back, work

__all__ = ["owner"]

D = Decimal


@pytest.fixture
def shop(pair: Pair) -> Pair:
    refunding(pair.connection, books_refunds=False, fee_item_id="100412")
    return pair


def note(shop: Pair, web_id: str, amount: str = "20.00") -> None:
    """Staff note in the panel that money went back by another way."""
    shop.bigcommerce.post(f"/_sim/orders/{web_id}/refund", {"amount": amount, "provider": "custom"})
    shop.bigcommerce.post("/_sim/clock/advance", {"seconds": 60})


def choose_refund(record: Record, choice: str, person: User) -> None:
    client = Client()
    client.force_login(person)
    page = client.get(f"/stores/{record.connection.public_id}/orders/{record.order_id}/").content.decode()
    assert f'id="refund-{record.pk}-{choice}"' in page
    path = f"/stores/{record.connection.public_id}/refunds/{record.external_id}/choose/"
    assert client.post(path, {"choice": choice, "question": record.facts["question"]}).status_code == 302


def both_hold_it_once(shop: Pair, web_id: str, ticket: str) -> None:
    assert [money(row["total"]) for row in returns(shop)] == [D("-20.00")]
    assert [money(row["total_amount"]) for row in refunds(shop, web_id)] == [D("20.00")]
    (told,) = of(shop, web_id)
    assert (told.disposition, record_of(ticket).disposition) == ("booked", "booked")
    assert record_of(ticket).target_id == told.external_id.partition(":")[2]


def test_noted_first_and_taken_back_at_the_till_is_asked_and_booked_once(shop: Pair, owner: User) -> None:
    web_id, made = sold(shop, 3, "20.00")
    note(shop, web_id)
    look(shop, web_id)
    assert [one.code for one in of(shop, web_id)] == ["refund_to_look_at"]
    ticket = take_back(shop.heartland, shop.connection, made, ONE, payment_type="Cash")
    work(shop.connection)
    asked = record_of(ticket)
    assert (asked.disposition, asked.code) == ("held", "return_maybe_noted")
    assert f"Return {asked.number} gave 20.00 for 1 × DOG-LEAD, and the same amount was noted by hand" in asked.reason
    choose(ticket, "heartland", owner)
    work(shop.connection, at=timedelta(seconds=2))
    both_hold_it_once(shop, web_id, ticket)
    for minutes in (5, 10):
        look(shop, web_id)
        work(shop.connection, at=timedelta(minutes=minutes))
    both_hold_it_once(shop, web_id, ticket)


def test_the_refund_is_asked_about_where_the_till_was_first(shop: Pair, owner: User) -> None:
    OrderSettings.objects.filter(connection=shop.connection).update(books_refunds=True)
    web_id, made = sold(shop, 3, "20.00")
    ticket = take_back(shop.heartland, shop.connection, made, ONE, payment_type="Cash")
    note(shop, web_id)
    look(shop, web_id)
    (told,) = of(shop, web_id)
    assert (told.disposition, told.code) == ("held", "refund_maybe_a_return")
    choose_refund(told, "heartland", owner)
    work(shop.connection, at=timedelta(seconds=2))
    both_hold_it_once(shop, web_id, ticket)


def test_two_things_are_two_on_both_sides(shop: Pair, owner: User) -> None:
    web_id, made = sold(shop, 3, "20.00")
    note(shop, web_id)
    look(shop, web_id)
    ticket = take_back(shop.heartland, shop.connection, made, ONE, payment_type="Cash")
    work(shop.connection)
    choose(ticket, "store", owner)
    work(shop.connection, at=timedelta(seconds=2))
    shop.bigcommerce.post("/_sim/clock/advance", {"seconds": 60})
    work(shop.connection, at=timedelta(minutes=3))
    assert [money(row["total_amount"]) for row in refunds(shop, web_id)] == [D("20.00"), D("20.00")]
    first, second = of(shop, web_id)
    assert (first.disposition, second.disposition) == ("held", "booked")
    choose_refund(first, "store", owner)
    work(shop.connection, at=timedelta(minutes=6))
    assert sorted(money(row["total"]) for row in returns(shop)) == [D("-20.00"), D("-20.00")]


def test_one_that_is_booked_as_a_return_of_ours_is_told_to_stand_twice(shop: Pair, owner: User) -> None:
    OrderSettings.objects.filter(connection=shop.connection).update(books_refunds=True)
    web_id, made = sold(shop, 3, "20.00")
    note(shop, web_id)
    look(shop, web_id)
    assert len(returns(shop)) == 1
    ticket = take_back(shop.heartland, shop.connection, made, ONE, payment_type="Cash")
    work(shop.connection)
    assert record_of(ticket).code == "return_maybe_noted"
    choose(ticket, "heartland", owner)
    work(shop.connection, at=timedelta(seconds=2))
    told = record_of(ticket)
    assert (told.disposition, told.code) == ("held", "return_booked_twice")
    assert f"Heartland holds it twice: as return {of(shop, web_id)[0].target_label} too." in told.reason
    assert len(refunds(shop, web_id)) == 1
