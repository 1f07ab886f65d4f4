"""Linking by hand, over both sandbox systems: candidates with reasons, a person's choice, and what it frees."""

from django.test import Client

from connections.models import Connection, Role
from errors.models import SyncError
from mappings.models import Link, StockLevel
from syncjobs.models import Record, SyncJob
from tests import factories
from tests.bulk import link_all
from tests.flows.conftest import Pair, heartland_server, open_store, pair
from tests.screens.conftest import Shop

__all__ = ["heartland_server", "open_store", "pair"]
NEAR, NUMBER = "BIN-8X32", "BIN-8×32"


def people_of(pair: Pair) -> Shop:
    return people_of_connection(pair.connection)


def people_of_connection(connection: Connection) -> Shop:
    people = {role: factories.member(connection.merchant, role) for role in Role}
    return Shop(merchant=connection.merchant, connection=connection, people=people)


def said(answer: object) -> list[str]:
    return [str(message) for message in answer.context["messages"]]  # type: ignore[attr-defined]


def link(client: Client, shop: Shop, sku: str, number: str) -> list[str]:
    return said(client.post(shop.at("items/link/"), {"sku": sku, "number": number}, follow=True))


def test_a_near_miss_is_shown_chosen_and_frees_the_order(pair: Pair) -> None:
    shop = people_of(pair)
    web_id = pair.place(lines=[{"sku": NEAR, "quantity": 1}])
    pair.run(web_id)
    assert pair.record(web_id).disposition == Record.Disposition.HELD
    client = shop.client(Role.OPS)
    assert f"items/match/?sku={NEAR}" in client.get(shop.at("items/")).content.decode()
    shown = client.get(shop.at(f"items/match/?sku={NEAR}"))
    best = shown.context["best"]
    assert (best.candidate.number, best.score >= 60) == (NUMBER, True)
    assert "Item # differs from the SKU only in characters that look alike" in shown.content.decode()
    assert link(client, shop, NEAR, NUMBER) == [
        f"{NEAR} is linked with item {NUMBER}.",
        "1 waiting order is looked at again now.",
    ]
    assert SyncJob.objects.filter(external_id=web_id, status="pending").exists()
    pair.run(web_id)
    assert pair.record(web_id).disposition == Record.Disposition.BOOKED
    assert not SyncError.objects.open().exists()
    entry = shop.merchant.audit_entries.get(action="item.linked")
    assert (entry.subject, entry.detail["item_number"], entry.actor) == (NEAR, NUMBER, shop.people[Role.OPS])
    link_all(pair.connection)
    assert "Linked by hand" in client.get(shop.at(f"items/?q={NEAR}")).content.decode()


def test_c32_an_item_may_have_several_listings(pair: Pair) -> None:
    shop = people_of(pair)
    client = shop.client()
    assert link(client, shop, "DOG-LEAD", "DOG-LEAD") == ["DOG-LEAD is linked with item DOG-LEAD."]
    assert link(client, shop, "WEB-CRATE", "DOG-LEAD") == [
        "WEB-CRATE is linked with item DOG-LEAD. DOG-LEAD means it too: both get its stock."
    ]
    assert link(client, shop, "WEB-CRATE", "NO-SUCH")[0].startswith("Nothing was linked. Heartland has no item")
    assert link(client, shop, "WEB-CRATE", "") == ["Nothing was linked: choose an item, or type its Item #."]
    links = Link.objects.of(shop.connection, Link.Kind.ITEM).order_by("pk")
    assert list(links.values_list("source_id", "is_by_hand")) == [("DOG-LEAD", False), ("WEB-CRATE", True)]
    assert len(set(links.values_list("target_id", flat=True))) == 1
    page = client.get(shop.at("items/match/?sku=WEB-CRATE")).content.decode()
    assert "It is linked: a click on another one moves the link." in page
    assert "Several fit" not in page


def test_a_parted_sku_gets_no_stock_any_more(pair: Pair) -> None:
    shop = people_of(pair)
    client = shop.client()
    link(client, shop, "DOG-LEAD", "DOG-LEAD")
    made = Link.objects.get(source_id="DOG-LEAD")
    StockLevel.objects.create(connection=shop.connection, link=made, item_id=int(made.target_id), sku="DOG-LEAD")
    assert "is parted from its item" in said(client.post(shop.at("items/unlink/"), {"sku": "DOG-LEAD"}, follow=True))[0]
    assert (Link.objects.of(shop.connection, Link.Kind.ITEM).count(), StockLevel.objects.count()) == (0, 0)
    (words,) = said(client.post(shop.at("items/unlink/"), {"sku": "DOG-LEAD"}, follow=True))
    assert words == "Nothing was parted: DOG-LEAD is not linked with what the page showed."


def test_a_link_moved_to_another_item_has_its_stock_read_anew(pair: Pair) -> None:
    shop = people_of(pair)
    client = shop.client()
    link(client, shop, "WEB-CRATE", "DOG-LEAD")
    made = Link.objects.get(source_id="WEB-CRATE")
    level = StockLevel.objects.create(
        connection=shop.connection,
        link=made,
        item_id=int(made.target_id),
        sku="WEB-CRATE",
        quantity=4,
        is_dirty=False,
    )
    link(client, shop, "WEB-CRATE", "LGT-LANT")
    former = level.item_id
    level.refresh_from_db()
    assert (level.item_id != former, level.quantity, level.is_dirty) == (True, None, True)


def test_a_sku_of_neither_system_says_so(pair: Pair) -> None:
    shop = people_of(pair)
    page = shop.client().get(shop.at("items/match/?sku=NOBODY-HAS-THIS")).content.decode()
    assert "No product of the store has this SKU now." in page
    assert "No item has anything in common with it." in page


def test_systems_that_do_not_answer_are_named(shop: Shop) -> None:
    page = shop.client().get(shop.at("items/match/?sku=HT-M-RED")).content.decode()
    assert "The systems could not be asked:" in page
    assert shop.client().get(shop.at("items/match/")).status_code == 200
    assert shop.client().post(shop.at("items/link/"), {"sku": ""}).status_code == 404
    answer = shop.client().post(shop.at("items/link/"), {"sku": "A", "number": "B"}, follow=True)
    assert said(answer)[0].startswith("Nothing was linked.")
