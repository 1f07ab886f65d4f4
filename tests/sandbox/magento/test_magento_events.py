"""Adobe I/O Events of Adobe Commerce: subscribed by REST, told after the commit, sometimes twice (§19)."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.sandbox.conftest import Receiver
from tests.sandbox.magento.magento_api import Api
from tests.sandbox.magento.sales_desk import line, place, sim

ORDER = "observer.sales_order_save_commit_after"
SHIPMENT = "observer.sales_order_shipment_save_after"


def subscribe(shop: Api, name: str, *fields: str) -> requests.Response:
    event = {"name": name, "fields": [{"name": field} for field in fields], "destination": "default"}
    return shop.post("/V1/eventing/eventSubscribe", {"event": event})


@pytest.fixture
def commerce(shop: Api, hook_receiver: Receiver) -> Api:
    """Adobe Commerce whose events go to the receiver."""
    shop.switch(profile="commerce-2.4.9", event_url=f"{hook_receiver.url}/events")
    return shop


def told(receiver: Receiver, count: int) -> list[tuple[str, Any]]:
    events = receiver.wait("/events", count)
    return [(event["type"].removeprefix("com.adobe.commerce."), event["data"]["value"]) for event in events]


def test_an_order_is_told_once_for_each_time_it_was_saved(commerce: Api, hook_receiver: Receiver) -> None:
    assert subscribe(commerce, ORDER, "entity_id", "state").json() == []
    order_id = place(commerce, line("HP-TEE-RED-XS", "24.00"))
    assert told(hook_receiver, 1) == [(ORDER, {"entity_id": order_id, "state": "new"})]
    commerce.post(f"/V1/orders/{order_id}/hold").raise_for_status()
    assert told(hook_receiver, 2)[1:] == [(ORDER, {"entity_id": order_id, "state": "holded"})]


def test_only_what_was_subscribed_to_is_told(commerce: Api, hook_receiver: Receiver) -> None:
    subscribe(commerce, SHIPMENT, "order_id")
    order_id = place(commerce, line("HP-TEE-RED-XS", "24.00"))
    sim(commerce, f"orders/{order_id}/ship")
    assert told(hook_receiver, 1) == [(SHIPMENT, {"order_id": order_id})]


def test_an_event_may_come_twice(commerce: Api, hook_receiver: Receiver) -> None:
    sim(commerce, "deliveries/controls", {"copies": 2}, method="PUT")
    subscribe(commerce, ORDER, "entity_id")
    order_id = place(commerce, line("HP-TEE-RED-XS", "24.00"))
    assert told(hook_receiver, 2) == [(ORDER, {"entity_id": order_id})] * 2


def test_what_was_undone_is_not_told(commerce: Api, hook_receiver: Receiver) -> None:
    subscribe(commerce, ORDER, "entity_id")
    order_id = place(commerce, line("HP-TEE-RED-XS", "24.00"))
    assert commerce.post(f"/V1/orders/{order_id}/unhold").status_code == 400
    place(commerce, line("HP-TEE-RED-XS", "24.00"))
    assert [value["entity_id"] for _, value in told(hook_receiver, 2)] == [order_id, order_id + 1]


def test_a_subscription_ends(commerce: Api) -> None:
    subscribe(commerce, ORDER, "entity_id")
    assert [row["name"] for row in commerce.get("/V1/eventing/getEventSubscriptions").json()] == [ORDER]
    assert commerce.post(f"/V1/eventing/eventUnsubscribe/{ORDER}").json() == []
    assert commerce.get("/V1/eventing/getEventSubscriptions").json() == []
    assert commerce.post(f"/V1/eventing/eventUnsubscribe/{ORDER}").status_code == 400


def test_open_source_has_no_events(shop: Api) -> None:
    assert subscribe(shop, ORDER, "entity_id").status_code == 404
