"""Gift cards on the page: found by number, decided by people, and nothing happens that a page did not show."""

from datetime import timedelta
from decimal import Decimal
from html import escape

import pytest
from django.test import Client
from django.utils import timezone

from connections.models import AuditEntry, Role, Store
from mappings.core.rules.card_ledger import Kind, Movement, Place
from mappings.core.rules.read_cards import cards_read
from syncjobs import engine
from syncjobs.flows.cards.card_entries import movements_add
from syncjobs.models import CardMovement, CardSettings, Cursor, CustomerSettings, GiftCard, SyncJob
from syncjobs.money.total_cards import shared_worth
from syncjobs.pages.cards import cards_state
from syncjobs.pages.cards.cards_state import days_of
from tests import factories
from tests.screens.conftest import Shop

WANTED = {"follows": "on", "sharing": "reserve", "reserve": "10.00", "email": "cards@harbor.example"}


@pytest.fixture
def client(shop: Shop) -> Client:
    return shop.client()


def test_settings_begin_the_following_and_end_it(shop: Shop, client: Client) -> None:
    place = shop.at("cards/settings/")
    client.post(place, {**WANTED, "was": "stale"})
    assert not CardSettings.objects.exists()
    fresh = CardSettings(connection=shop.connection).shown
    said = client.post(place, {**WANTED, "email": "", "was": fresh}, follow=True).content.decode()
    assert "Name an e-mail address of yours" in said
    said = client.post(place, {**WANTED, "was": fresh}, follow=True).content.decode()
    assert "Gift cards are kept in step." in said
    assert "less the reserve." in said  # the risk that is left, in words
    assert Cursor.objects.filter(connection=shop.connection, feed=Cursor.CARDS).count() == 1
    kept = CardSettings.objects.get()
    credit = {**WANTED, "credit_field": "store_credit", "was": kept.shown}
    said = client.post(place, credit, follow=True).content.decode()
    assert "Have customers kept alike first" in said
    assert CardSettings.objects.get().credit_field == ""
    CustomerSettings.objects.create(connection=shop.connection, is_on=True)
    client.post(place, credit)
    kept = CardSettings.objects.get()
    assert kept.credit_field == "store_credit"
    client.post(place, {"sharing": "both", "reserve": "0", "email": "", "was": kept.shown})
    engine.sweep(now=timezone.now())
    assert not Cursor.objects.filter(feed=Cursor.CARDS).exists()
    assert AuditEntry.objects.filter(action="cards.settings_changed").count() == 3


def test_g03_a_card_is_found_as_it_is_typed_and_shown_by_its_end(shop: Shop, client: Client) -> None:
    card = factories.gift_card(shop.connection, "0042GC7Q2M")
    for typed in ("0042-GC7Q-2M", "0042 gc7q 2m", "0042gc7q2m "):
        answer = client.post(shop.at("cards/find/"), {"number": typed})
        assert answer["Location"] == shop.at(f"cards/{card.pk}/")
    said = client.post(shop.at("cards/find/"), {"number": "1.23457E+11"}, follow=True).content.decode()
    assert "its digits are lost" in said
    shown = client.get(shop.at("cards/")).content + client.get(shop.at(f"cards/{card.pk}/")).content
    assert b"7Q2M" in shown
    assert b"0042GC7Q2M" not in shown


def test_a_card_of_two_stores_of_the_same_tills_is_owed_once(shop: Shop, client: Client) -> None:
    """The store that was connected first counts it; the other says so, on its page and in its nights."""
    second = factories.connection(shop.connection.merchant)
    for one, number in ((shop.connection, "GC100"), (second, "GC100"), (second, "GC200")):
        CardSettings.objects.get_or_create(connection=one, follows=True)
        factories.gift_card(one, number)
    assert (shared_worth(shop.connection), shared_worth(second)) == (Decimal(0), Decimal(50))
    theirs = client.get(f"/stores/{second.public_id}/cards/").content.decode()
    assert "$100.00 is owed on 2 cards." in theirs
    assert f"$50.00 of it is owed once and counted in {escape(str(shop.connection.store))} too" in theirs
    assert "is owed once" not in client.get(shop.at("cards/")).content.decode()


def test_a_decision_is_about_the_card_that_was_shown(shop: Shop, client: Client) -> None:
    card = factories.gift_card(shop.connection)
    over = [Movement(delta=Decimal("-70.00"), kind=Kind.SPENT, place=Place.STORE)]
    movements_add(card, over, cause="over", now=factories.NOW, document="Order 700", order_id="700")
    listed = client.get(shop.at("cards/")).content.decode()
    assert "$20.00 was spent beyond what cards were worth" in listed
    act = shop.at(f"cards/{card.pk}/act/")
    client.post(act, {"act": "write_off", "was": "stale", "note": ""})
    assert GiftCard.objects.get().overdrawn == Decimal(20)
    client.post(act, {"act": "accept", "was": GiftCard.objects.get().shown, "note": ""})
    assert GiftCard.objects.get().overdrawn == Decimal(20)  # nothing is to be accepted
    client.post(act, {"act": "write_off", "was": GiftCard.objects.get().shown, "note": "Both at once"})
    assert GiftCard.objects.get().overdrawn == 0
    assert SyncJob.objects.filter(flow="cards", external_id=str(card.pk)).count() == 1
    page = shop.client(Role.VIEWER).get(shop.at(f"cards/{card.pk}/")).content.decode()
    assert "Both at once" in page
    assert "Order 700" in page
    assert "<button" not in page.partition('id="moved"')[2].partition("</section>")[0]


def test_older_movements_than_a_page_holds_are_told(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    card = factories.gift_card(shop.connection, "GC900", worth="300.00")
    spent = [Movement(delta=Decimal("-1.00"), kind=Kind.SPENT, place=Place.TILL)]
    movements_add(card, spent, cause="spent", now=factories.NOW)
    assert "older ones count" not in shop.client().get(shop.at(f"cards/{card.pk}/")).content.decode()
    monkeypatch.setattr(cards_state, "MOVEMENTS", 1)
    assert "the newest 1; older ones count" in shop.client().get(shop.at(f"cards/{card.pk}/")).content.decode()


def test_g10_a_list_is_read_line_by_line() -> None:
    listed = cards_read("number,balance\nGC100,50.00\ngc100 ,50.00\nGC200,30.00\nGC300,10.00\nGC400,-5.00\n")
    assert [(one.number, one.balance) for one in listed.cards] == [
        ("GC100", Decimal(50)),
        ("GC200", Decimal(30)),
        ("GC300", Decimal(10)),
    ]
    assert [one.line for one in listed.same] == [3]
    assert [one.line for one in listed.refused] == [6]


def test_g09_selling_a_card_is_no_sale(shop: Shop, client: Client) -> None:
    """One card is sold, and another that was there before pays for goods of 30.00 and their tax."""
    other = factories.gift_card(shop.connection, "GC100", worth="40.00")
    CardMovement.objects.filter(card=other).update(kind=Kind.TAKEN_OVER, at=factories.NOW - timedelta(days=9))
    factories.gift_card(shop.connection, "GC200", worth="50.00")
    spent = [Movement(delta=Decimal("-32.48"), kind=Kind.SPENT, place=Place.TILL)]
    movements_add(other, spent, cause="spent", now=factories.NOW)
    day, before = days_of(shop.connection)
    assert (day.sold, day.redeemed, day.owed) == (Decimal(50), Decimal("32.48"), Decimal("17.52"))
    assert (before.taken_over, before.owed) == (Decimal(40), Decimal(40))
    assert "+$17.52" in client.get(shop.at("cards/")).content.decode()


def test_a_store_that_lists_no_cards_says_what_that_means(shop: Shop, client: Client) -> None:
    """It is followed by its orders; store credit is asked about where the shop answers."""
    Store.objects.filter(pk=shop.connection.store_id).update(kind="magento")
    said = client.get(shop.at("cards/")).content.decode()
    assert "Magento Open Source has no gift cards" in said
    assert "it can be spent there again" in said
    assert "with Adobe Commerce 2.4.9 or later" in said
    wish = {"follows": "on", "sharing": "both", "reserve": "0", "email": ""}
    fresh = CardSettings(connection=shop.connection).shown
    client.post(shop.at("cards/settings/"), {**wish, "was": fresh})
    assert CardSettings.objects.get().follows


def test_cards_that_are_kept_in_step_are_not_to_be_switched_on(shop: Shop) -> None:
    page = shop.client().get(shop.at("cards/")).content.decode()
    assert "Switch gift cards on below; cards of before come with a list." in page
    CardSettings.objects.update_or_create(connection=shop.connection, defaults={"follows": True})
    page = shop.client().get(shop.at("cards/")).content.decode()
    assert "Cards that are sold from now on come by themselves; cards of before come with a list." in page
