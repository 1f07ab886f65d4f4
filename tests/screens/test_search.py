"""Search: numbers of both sides and their parts, items, shoppers by role, callbacks; suggestions while one types."""

import re
from datetime import timedelta

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from connections.models import Role
from mappings.models import CatalogueProduct, CatalogueSku, Side
from mappings.product_terms import terms_write
from syncjobs.models import OrderTerm, PersonTerm, Record
from tests import factories
from tests.screens.conftest import Shop


def order_of(shop: Shop, number: str, **fields: object) -> Record:
    record = factories.order(shop.connection, number, **fields)  # type: ignore[arg-type]
    factories.order_terms(record)
    return record


def product(shop: Shop, name: str, *skus: str, barcode: str = "", key: str = "900") -> None:
    row = CatalogueProduct.objects.create(
        connection=shop.connection, side=Side.STORE, external_id=key, facts={"name": name}
    )
    for number, sku in enumerate(skus):
        CatalogueSku.objects.create(
            connection=shop.connection, side=Side.STORE, product=row, external_id=f"{key}-{number}", sku=sku,
            folded=sku.lower(), barcode=barcode, state="linked",
        )  # fmt: skip
    terms_write([row.pk])


def found(shop: Shop, text: str, role: Role = Role.OWNER) -> dict[str, list[str]]:
    """The suggestions by group: what each hit is called."""
    answer = shop.client(role).get("/search/suggest/", {"q": text, "format": "json"})
    assert answer.status_code == 200
    return {group["title"]: [hit["text"] for hit in group["hits"]] for group in answer.json()["groups"]}


@pytest.mark.parametrize("text", ["457", "bc-104", "BC-10457", "0457", "#10457", "104"])
def test_parts_of_numbers_of_both_sides_are_found(text: str, shop: Shop, rival: Shop) -> None:
    order_of(shop, "10457")
    order_of(shop, "20999", at=factories.NOW - timedelta(days=1))
    order_of(rival, "10457")
    assert found(shop, text) == {"Orders": ["Order 10457"]}


def test_two_signs_find_whole_numbers_only(shop: Shop) -> None:
    order_of(shop, "45")
    order_of(shop, "10457")
    assert found(shop, "45") == {"Orders": ["Order 45"]}


def test_the_newest_come_first_and_a_whole_number_before_parts(shop: Shop) -> None:
    for day in range(8):
        order_of(shop, f"1045{day}", at=factories.NOW + timedelta(days=day))
    order_of(shop, "1045", at=factories.NOW - timedelta(days=1))
    assert found(shop, "1045") == {"Orders": [f"Order {number}" for number in (1045, 10457, 10456, 10455, 10454)]}


def test_a_tracking_number_finds_its_order(shop: Shop) -> None:
    record = order_of(shop, "10457")
    OrderTerm.objects.create(
        connection=shop.connection, external_id="10457", kind="tracking", term="1z999aa10123456784",
        placed_at=record.first_seen_at,
    )  # fmt: skip
    assert found(shop, "1Z999AA10123456784") == {"Orders": ["Order 10457"]}


@pytest.mark.parametrize("text", ["HP-CHM", "slt-xl", "chambray", "CHAMBRAY shirt", "shirt cham", "036000291452"])
def test_items_are_found_by_sku_part_word_and_barcode(text: str, shop: Shop, rival: Shop) -> None:
    product(shop, "Chambray Shirt, slate", "HP-CHM-SLT-XL", barcode="00036000291452")
    product(shop, "Harbor Tee", "HT-M-RED", key="901")
    product(rival, "Chambray Shirt, slate", "HP-CHM-SLT-XL", barcode="00036000291452")
    assert found(shop, text) == {"Items": ["HP-CHM-SLT-XL"]}


def test_an_item_leads_to_its_stock_card_its_orders_and_its_link(shop: Shop) -> None:
    product(shop, "Harbor Tee", "HT-M-RED")
    factories.item_link(shop.connection, "HT-M-RED")
    order_of(shop, "10457")
    page = shop.client().get("/search/", {"q": "harbor"}).content.decode()
    assert f'<a href="{shop.at("inventory/why/")}?sku=HT-M-RED">HT-M-RED</a>' in page
    orders = re.search(r'href="(/orders/[^"]+)">Its orders', page)
    assert orders
    listed = shop.client().get(orders[1].replace("&amp;", "&")).context["rows"]
    assert [row.external_id for row in listed] == ["10457"]
    assert list(shop.client().get("/orders/?sku=HT-M-BLUE").context["rows"]) == []


def test_an_item_that_no_sku_is_linked_with_is_found_by_its_name(shop: Shop) -> None:
    row = CatalogueProduct.objects.create(connection=shop.connection, side=Side.HEARTLAND, external_id="i7", facts={})
    CatalogueSku.objects.create(
        connection=shop.connection, side=Side.HEARTLAND, product=row, external_id="7", sku="100412", folded="100412",
        facts={"description": "Lighthouse mug"},
    )  # fmt: skip
    terms_write([row.pk])
    assert found(shop, "lighthouse") == found(shop, "100412") == {"Items": ["100412"]}


@pytest.mark.parametrize(
    "text",
    ["ana", "RUIZ", "Ana Ruiz", "ruiz an", "ana.ruiz@example.com", "(512) 555-0100", "+1 512 555 0100", "5550100"],
)
def test_a_shopper_is_found_by_name_mail_and_phone(text: str, shop: Shop, rival: Shop) -> None:
    factories.people(order_of(shop, "77001"))
    factories.people(order_of(shop, "77002"), "Tom Abbott", "tom@example.com", "7375559999")
    factories.people(order_of(rival, "77003"))
    assert found(shop, text) == {"Shoppers": ["Ana Ruiz"]}


def test_a_long_name_is_found_at_every_letter(shop: Shop) -> None:
    factories.people(order_of(shop, "77001"), "Anastasia Weatherby", "a@example.com")
    later = order_of(shop, "77002", at=factories.NOW + timedelta(hours=1))
    factories.people(later, "Anastasius Grey", "b@example.com")
    for length in range(3, 8):
        assert found(shop, "Anastas"[:length]) == {"Shoppers": ["Anastasius Grey", "Anastasia Weatherby"]}
    assert found(shop, "anastasia") == found(shop, "anastasia weath") == {"Shoppers": ["Anastasia Weatherby"]}


def test_a_shopper_of_several_orders_leads_to_them_by_a_digest(shop: Shop) -> None:
    factories.people(order_of(shop, "77001"))
    factories.people(order_of(shop, "77002"), phone="")
    factories.people(order_of(shop, "77003"), "Tom Abbott", "tom@example.com", "7375559999")
    answer = shop.client().get("/search/", {"q": "ana.ruiz@example.com"})
    (shopper,) = answer.context["found"].shoppers
    assert sorted(shopper.orders) == ["77001", "77002"]
    own = re.search(r'href="(/stores/[^"]*/shoppers/[^"]+/)"', answer.content.decode())
    assert own
    link = re.search(r'href="(/orders/\?[^"]*shopper=[^"]+)"', shop.client().get(own[1]).content.decode())
    assert link
    assert "ana" not in own[1] + link[1]
    listed = shop.client().get(link[1].replace("&amp;", "&")).context["rows"]
    assert sorted(row.external_id for row in listed) == ["77001", "77002"]
    assert list(shop.client(Role.VIEWER).get(link[1].replace("&amp;", "&")).context["rows"]) == []


@pytest.mark.parametrize("role", Role)
def test_who_may_not_see_shoppers_does_not_find_them(role: Role, shop: Shop) -> None:
    factories.people(order_of(shop, "77001"))
    page = shop.client(role).get("/search/", {"q": "ruiz"}).content.decode()
    if role == Role.VIEWER:
        assert found(shop, "ruiz", role) == {}
        assert "Shoppers are found by people whose role is" in page
        assert "Ana Ruiz" not in page
    else:
        assert found(shop, "ruiz", role) == {"Shoppers": ["Ana Ruiz"]}
        assert "ana.ruiz@example.com" in page


def test_a_callback_is_found_by_its_id(shop: Shop, rival: Shop) -> None:
    event = factories.event(shop.connection, "10457")
    theirs = factories.event(rival.connection, "10457")
    answer = shop.client().get("/search/", {"q": event.delivery_key})
    assert [row.pk for row in answer.context["found"].events] == [event.pk]
    assert f'href="{shop.at("orders/10457/")}"' in answer.content.decode()
    assert found(shop, theirs.delivery_key) == {}


def test_people_are_kept_under_keyed_digests_only(shop: Shop) -> None:
    people = factories.people(order_of(shop, "77001"))
    terms = list(PersonTerm.objects.filter(people=people).values_list("term", flat=True))
    assert all(re.fullmatch(r"[0-9a-f]{40}", term) for term in terms)
    assert (
        len(terms) == len(set(terms)) == 6
    )  # ana, rui, ruiz, the address, two of the phone; the address' head is the name


def test_suggestions_are_a_part_of_a_page_and_hostile_text_is_text(shop: Shop) -> None:
    order_of(shop, "10457")
    part = shop.client().get("/search/suggest/", {"q": "10457"}, headers={"HX-Request": "true"}).content.decode()
    assert part.count("<li>") == 1
    assert "<html" not in part
    for text in ("<script>", "%", "_" * 90, "'; --", "\U0010ffff", "= 1", "=ht", "\u202e", "é" * 80, "a" * 4000):
        assert shop.client().get("/search/suggest/", {"q": text}).status_code == 200
        assert "<script>" not in shop.client().get("/search/", {"q": text}).content.decode().partition("<main")[2]


def test_as_many_questions_whatever_is_found(shop: Shop) -> None:
    """Among many as among few: nothing is asked a hit."""
    client, counts = shop.client(), []
    for start in (0, 40):
        for number in range(start, start + 40):
            factories.people(order_of(shop, f"88{number:03}"), f"Ana Ruiz{number}", f"a{number}@example.com")
        product(shop, "Ana tee", *(f"ANA-{number}" for number in range(30)), key=f"9{start}")
        with CaptureQueriesContext(database) as log:
            hits = client.get("/search/suggest/", {"q": "ana", "format": "json"}).json()["groups"]
        assert [len(group["hits"]) for group in hits] == [5, 5]
        counts.append(sum(bool(re.search(r'FROM "(syncjobs|mappings)_', query["sql"])) for query in log))
    assert counts == [9, 9]
