"""The page of one person: across stores, with money and points, for who may see shoppers."""

from typing import Any

import pytest

from connections.models import Role
from syncjobs.models import OrderPeople
from tests import factories
from tests.screens.conftest import Shop


@pytest.fixture
def term(shop: Shop) -> str:
    factories.points(shop.connection)
    return factories.shopper(shop.connection)


def test_a_person_is_one_across_the_merchants_stores(shop: Shop, term: str) -> None:
    other = factories.connection(shop.merchant)
    factories.shopper(other)
    answer = shop.client().get(shop.at(f"shoppers/{term}/"))
    person, shown = answer.context["person"], answer.content.decode()
    assert {(str(row.connection.store), row.external_id) for row in person.records} == {
        (str(one.store), number) for one in (shop.connection, other) for number in ("77001", "77002")
    }
    (spent,) = person.spent
    assert (spent.orders, str(spent.charged), str(spent.given_back)) == (4, "160.00", "40.00")
    assert [one.name for one in person.identities if one.store == shop.connection] == ["Ana Ruiz-Lopez", "Ana Ruiz"]
    for words in ("12 Harbor Street", "ana.ruiz@example.com", "order 77002", "customer 100220", "180</strong> points"):
        assert words in shown, words
    assert "-200 points: spent on an order" in shown


@pytest.mark.parametrize("role", Role)
def test_who_may_not_see_shoppers_is_told_whom_to_ask(role: Role, shop: Shop, term: str) -> None:
    answer = shop.client(role).get(shop.at(f"shoppers/{term}/"))
    assert answer.status_code == (403 if role == Role.VIEWER else 200)
    assert ("Ana" in answer.content.decode()) == (role != Role.VIEWER)


def test_a_person_who_is_not_kept_is_nobody(shop: Shop, term: str) -> None:
    OrderPeople.objects.all().delete()
    for unknown in (term, "x" * 200):
        answer = shop.client().get(shop.at(f"shoppers/{unknown}/"), follow=True)
        assert "Nobody is known here any more under this address" in answer.content.decode()


def test_a_stranger_finds_nobody(shop: Shop, rival: Shop, term: str) -> None:
    assert rival.client().get(shop.at(f"shoppers/{term}/")).status_code == 404
    answer = rival.client().get(rival.at(f"shoppers/{term}/"), follow=True)
    assert "Ana" not in answer.content.decode()


def test_tills_are_asked_of_heartland_and_said_when_they_cannot_be(
    shop: Shop, term: str, heartland_server: Any
) -> None:
    path = shop.at(f"shoppers/{term}/tills/")
    assert "Heartland could not be asked." in shop.client().get(path).content.decode()
