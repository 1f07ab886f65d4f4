"""A status that no document of the store names: its orders go on once the card or the table says what it means."""

import json

import pytest
from django.utils import timezone

from connections import preferences
from connections.models import Role
from mappings.models import ValueMap
from syncjobs.engine.settings_changed import released_by
from syncjobs.proof.prove_day import day_of, proof_make
from tests.flows.conftest import Pair, heartland_server, open_store, pair
from tests.flows.test_every_code import answer_as, codes
from tests.flows.test_order_changes import state
from tests.screens.conftest import Shop
from tests.screens.test_card_fixes import card, fix
from tests.screens.test_linking import people_of, said

__all__ = ["heartland_server", "open_store", "pair"]
CODE, NAME = "status_unknown", "With the engraver"


@pytest.fixture
def shop(pair: Pair) -> Shop:
    return people_of(pair)


def move(pair: Pair, web_id: str) -> None:
    """The store has the order in a status that is none of its fifteen."""
    pair.bigcommerce.delete("/_sim/faults")
    answer_as(pair, web_id, lambda order: order.update(status_id=42, status=NAME, custom_status=NAME))


def held(pair: Pair) -> str:
    web_id = pair.place()
    move(pair, web_id)
    assert pair.run(web_id) == "hold"
    return web_id


def test_the_card_asks_what_an_unknown_status_stands_for_and_its_orders_are_booked(pair: Pair, shop: Shop) -> None:
    web_id = held(pair)
    assert card(shop, CODE, Role.VIEWER).form.may is False  # type: ignore[union-attr]
    form = card(shop, CODE).form
    assert form is not None
    names = [name for _, name in form.options]
    assert (form.label, len(names)) == ("It stands for", 13)
    assert {"Refunded", "Partially Refunded"}.isdisjoint(names)  # what was given back, the refunds say
    refused = ["Nothing was saved: choose one of those that are offered."]
    assert fix(shop, CODE, target="4") == fix(shop, CODE, target="42") == refused
    assert fix(shop, CODE, target="11") == [
        f"“{NAME}” stands for Awaiting Fulfillment from now on. 1 record is tried again now."
    ]
    assert pair.run(web_id) == "done"
    assert state(pair, web_id) == ("booked", "")
    assert [row["status"] for row in pair.sales_orders(web_id)] == ["open"]
    assert pair.record(web_id).source_status == NAME


def test_one_that_stands_for_cancelled_cancels_what_was_booked_and_the_proof_agrees(pair: Pair, shop: Shop) -> None:
    web_id = pair.book()
    ValueMap.objects.create(connection=pair.connection, kind="status", source_value=NAME, target_value="5")
    move(pair, web_id)
    assert pair.run(web_id) == "done"
    assert state(pair, web_id) == ("cancelled", "cancelled")
    assert [row["status"] for row in pair.sales_orders(web_id)] == ["canceled"]
    listed = json.loads(json.dumps(pair.store_client().order_head(web_id), default=str))
    body = [listed | {"status_id": 42, "status": NAME}]
    pair.bigcommerce.post(
        "/_sim/faults", {"method": "GET", "path": r"/v2/orders\?", "status": 200, "body": body, "times": 1}
    )
    now = timezone.now()
    proof = proof_make(connection=pair.connection, day=day_of(pair.connection, now), now=now)
    assert [line["disposition"] for line in proof.lines if line["order"] == web_id] == ["cancelled"]


def test_the_settings_say_it_too_and_take_it_back(pair: Pair, shop: Shop) -> None:
    web_id = held(pair)
    client = shop.client(Role.OPS)
    table = client.get(shop.at("fulfillment/")).context["maps"][3]
    assert [(row.label, row.target, row.waiting) for row in table.rows] == [(NAME, "", 1)]
    (row,) = table.rows
    sent = {row.field: "8", f"was-{row.field}": ""}
    assert said(client.post(shop.at("fulfillment/maps/status/"), sent, follow=True)) == [
        "1 row saved.",
        "1 waiting order is looked at again now.",
    ]
    assert pair.run(web_id) == "done"
    assert state(pair, web_id) == ("skipped", "awaiting_pickup")
    assert client.get(shop.at("fulfillment/")).context["maps"][3].unmapped == 0
    said(client.post(shop.at("fulfillment/maps/status/"), {row.field: "", f"was-{row.field}": "8"}, follow=True))
    assert pair.run(web_id) == "hold"
    assert codes(web_id) == {CODE}


def test_orders_left_out_by_it_come_once_the_status_it_stands_for_is_chosen(pair: Pair, shop: Shop) -> None:
    web_id = held(pair)
    fix(shop, CODE, target="9")
    assert pair.run(web_id) == "done"
    assert state(pair, web_id) == ("skipped", "status_not_eligible")
    owner = shop.people[Role.OWNER]
    preferences.order_settings_save(connection=pair.connection, changes={"eligible_statuses": ["9", "11"]}, actor=owner)
    pair.connection.refresh_from_db()
    assert released_by(pair.connection, ["eligible_statuses"], actor=owner) == 1
    assert pair.run(web_id) == "done"
    assert state(pair, web_id) == ("booked", "")
