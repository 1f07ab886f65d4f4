"""The page of one person: across stores, with money and points, for who may see shoppers."""

from html import unescape
from typing import Any

import pytest

from connections.models import AuditEntry, Role
from syncjobs.flows.customers.customer_memory import Memory
from syncjobs.models import CustomerIdentity, CustomerMerge, OrderPeople, Record, SyncJob
from syncjobs.pages.personal.personal_data import account_exported
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
    for words in (
        "12 Harbor Street",
        "$10.00",
        "ana.ruiz@example.com",
        "order 77002",
        "customer 100220",
        "180</strong> points",
    ):
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


def twice(shop: Shop) -> None:
    """The shopper's customer, and another one, each with an account."""
    for number, customer in (("77", "100220"), ("91", "100221")):
        CustomerIdentity.objects.create(
            connection=shop.connection, account_id=number, customer_id=customer, state="linked"
        )


def join(shop: Shop, term: str, role: Role = Role.OPS, **wish: str) -> str:
    return shop.client(role).post(shop.at(f"shoppers/{term}/join/"), wish, follow=True).content.decode()


def test_two_customers_who_are_one_are_joined_by_a_person(shop: Shop, term: str) -> None:
    twice(shop)
    assert "The same person twice?" in shop.client(Role.OPS).get(shop.at(f"shoppers/{term}/")).content.decode()
    shown = join(shop, term, gone="100221", kept="100220")
    assert "Kept: customer 100221 is customer 100220." in shown
    assert "Customer 100221 is the same person: both sides are being told" in shown
    merge = CustomerMerge.objects.get()
    assert (merge.gone_id, merge.kept_id, merge.because) == ("100221", "100220", "person")
    assert SyncJob.objects.get(flow="customers").external_id == "77"
    entry = AuditEntry.objects.get(action="customer.joined")
    assert (entry.detail["former"], entry.detail["customer"]) == ("100221", "100220")


@pytest.mark.parametrize(("gone", "words"), [("100220", "is the one that stays"), ("999", "No account in a store is")])
def test_who_cannot_be_joined_is_said(shop: Shop, term: str, gone: str, words: str) -> None:
    twice(shop)
    assert words in join(shop, term, gone=gone, kept="100220")
    assert not CustomerMerge.objects.exists()


def test_nobody_joins_who_may_not_or_whom_the_page_does_not_show(shop: Shop, rival: Shop, term: str) -> None:
    twice(shop)
    assert "Your role here is viewer" in join(shop, term, role=Role.VIEWER, gone="100221", kept="100220")
    wish = {"gone": "100220", "kept": "100221"}  # of another page
    assert shop.client(Role.OPS).post(shop.at(f"shoppers/{term}/join/"), wish).status_code == 404
    assert rival.client().post(rival.at(f"shoppers/{term}/join/"), wish).status_code == 404
    assert not CustomerMerge.objects.exists()


def test_cards_and_returns_of_the_orders_are_shown(shop: Shop, term: str) -> None:
    card = factories.gift_card(shop.connection)
    type(card).objects.filter(pk=card.pk).update(sold_in="77001")
    Record.objects.create(
        connection=shop.connection, flow="returns", external_id="55210", order_id="77002", disposition="booked",
        label="Return 55210", first_seen_at=factories.NOW, changed_at=factories.NOW,
    )  # fmt: skip
    shown = shop.client().get(shop.at(f"shoppers/{term}/")).content.decode()
    for words in ("Returns and refunds", "Return 55210", "Gift cards", f"…{card.last_signs}", "order 77001"):
        assert words in shown, words


@pytest.mark.parametrize("role", Role)
def test_each_address_says_where_it_stands(role: Role, shop: Shop, term: str) -> None:
    """In orders, in the book of the store's account, and in that of Heartland's customer."""
    books = Memory(
        store_book=({"lines": ["Ana Ruiz", "4 Quay Road", "Austin TX 78701", "US"], "phone": "5125550111"},),
        heartland_book=(
            {"lines": ["Ana Ruiz", "4 Quay Road", "Austin TX 78701", "US"], "phone": ""},
            {"lines": ["Ana Ruiz", "9 Mill Lane", "Austin TX 78702", "US"], "phone": ""},
        ),
    )
    CustomerIdentity.objects.create(
        connection=shop.connection, account_id="77", customer_id="100220", state="linked", said=books.as_text()
    )
    shown = unescape(shop.client(role).get(shop.at(f"shoppers/{term}/")).content.decode())
    customer = "Heartland\u2019s customer 100220</p><p>Ana Ruiz</p>"
    both = f"From account 77 of {shop.connection.store} · {customer}<p>4 Quay Road</p>"
    till = f'<p class="small quiet">From {customer}<p>9 Mill Lane</p>'
    assert [one in shown for one in (both, till, "Quay Road")] == [role != Role.VIEWER] * 3
    exported = account_exported(CustomerIdentity.objects.get(account_id="77"))
    assert [len(exported["kept"][book]) for book in ("store_book", "heartland_book")] == [1, 2]
