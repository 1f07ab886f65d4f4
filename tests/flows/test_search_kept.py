"""What an order is found by comes with the order, follows its edits, and goes with its shopper."""

import json
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from connections.models import Role, User
from connections.services import credentials_rotate
from syncjobs.engine.retention import retention_apply
from syncjobs.models import OrderPeople, OrderTerm, PersonTerm, Record
from syncjobs.pages.personal.personal_data import personal_erase, personal_export
from tests import factories
from tests.flows.conftest import BUYER, Pair
from tests.flows.shoppers import send

OTHER = BUYER | {"first_name": "Zephyrine", "last_name": "Quill", "email": "zq@example.com", "phone": "5125550177"}


def found(pair: Pair, text: str) -> list[str]:
    """What is suggested, as "Orders: Order 250"."""
    client = Client()
    client.force_login(User.objects.first() or factories.member(pair.connection.merchant, Role.STAFF))
    groups = client.get("/search/suggest/", {"q": text, "format": "json"}).json()["groups"]
    return [f"{group['title']}: {hit['text']}" for group in groups for hit in group["hits"]]


def test_a_booked_order_is_found_by_numbers_sku_and_shopper(pair: Pair) -> None:
    web_id = pair.book()
    assert f"Orders: Order {web_id}" in found(pair, f"BC-{web_id}")
    for text in ("ann.ruiz@example.com", "Ruiz", "ann rui", "251-555-0100"):
        assert found(pair, text) == ["Shoppers: Ann Ruiz"], text
    skus = OrderTerm.objects.filter(external_id=web_id, kind="sku").values_list("term", flat=True)
    assert list(skus) == ["=dog-lead"]


@pytest.mark.parametrize("end", ["hold", "retry", "done"])
def test_who_ordered_is_found_however_the_look_ended(pair: Pair, end: str) -> None:
    """Nothing was begun in Heartland: people are kept all the same, and what stops a look has no part in it."""
    web_id = pair.place(guest=OTHER)
    if end == "hold":  # nobody has said in which currency Heartland keeps its sums
        pair.connection.heartland.currency = ""
        pair.connection.heartland.save()
    if end == "retry":
        pair.heartland.post("/_sim/faults", {"method": "GET", "path": "/api/", "status": 503, "times": 50})
    if end == "done":  # not brought down: somebody has not paid
        pair.bigcommerce.post(f"/_sim/orders/{web_id}/status", {"status_id": 0})
    assert pair.run(web_id) == end
    assert not pair.sales_orders(web_id)
    assert found(pair, "zq@example.com") == ["Shoppers: Zephyrine Quill"]


def test_nothing_about_people_stands_in_plain_anywhere(pair: Pair) -> None:
    pair.book(guest=OTHER)
    stored = [*PersonTerm.objects.values_list("term", flat=True), *OrderTerm.objects.values_list("term", flat=True)]
    facts = json.dumps([row.facts for row in Record.objects.all()])
    for text in ("zephyrine", "quill", "zq@", "5550177"):
        assert not [one for one in stored if text in one]
        assert text not in facts.lower()


def test_a_second_look_writes_nothing_and_an_edit_is_followed(pair: Pair) -> None:
    web_id = pair.book()
    before = OrderPeople.objects.get().read_at, set(PersonTerm.objects.values_list("pk", flat=True))
    pair.run(web_id)
    assert (OrderPeople.objects.get().read_at, set(PersonTerm.objects.values_list("pk", flat=True))) == before
    new = {"first_name": "Zephyrine", "last_name": "Quill", "email": "zq@example.com"}
    send(pair, "PUT", f"/v2/orders/{web_id}", {"billing_address": new})
    pair.run(web_id)
    assert found(pair, "zq@example.com") == ["Shoppers: Zephyrine Quill"]
    assert found(pair, "ann.ruiz@example.com") == []


def test_people_move_to_the_newest_key_and_are_found_as_before(pair: Pair, settings: Settings) -> None:
    pair.book()
    kept = OrderPeople.objects.get().content
    newest = Fernet.generate_key().decode()
    settings.CREDENTIAL_KEYS = [newest, *settings.CREDENTIAL_KEYS]
    rotation = credentials_rotate()["syncjobs.OrderPeople.content"]
    assert (rotation.moved, rotation.unreadable) == (1, [])
    settings.CREDENTIAL_KEYS = [newest]
    assert OrderPeople.objects.get().content == kept
    assert found(pair, "ann.ruiz@example.com") == ["Shoppers: Ann Ruiz"]


def test_erasing_a_shopper_takes_what_they_are_found_by(pair: Pair) -> None:
    web_id, other = pair.book(), pair.book(guest=OTHER)
    merchant, owner = pair.connection.merchant, factories.member(pair.connection.merchant)
    exported = personal_export(merchant=merchant, email="zq@example.com", actor=owner)
    assert [row["order"] for row in exported["stores"][0]["shoppers"]] == [other]
    assert personal_erase(merchant=merchant, email="zq@example.com", actor=owner)["names"] == 1
    assert found(pair, "zq@example.com") == found(pair, "Zephyrine") == []
    assert list(OrderPeople.objects.values_list("external_id", flat=True)) == [web_id]
    assert set(PersonTerm.objects.values_list("people__external_id", flat=True)) == {web_id}
    assert f"Orders: Order {other}" in found(pair, f"BC-{other}")


def test_people_go_after_the_merchants_days_and_numbers_stay(pair: Pair) -> None:
    web_id = pair.book()
    retention_apply(timezone.now() + timedelta(days=400))
    assert (OrderPeople.objects.count(), PersonTerm.objects.count()) == (0, 0)
    assert found(pair, "Ruiz") == []
    assert f"Orders: Order {web_id}" in found(pair, f"BC-{web_id}")
