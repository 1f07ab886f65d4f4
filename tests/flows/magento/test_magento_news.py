"""An order is heard of by a message from the shop within seconds, and by the next look where nobody told us."""

import hashlib
import hmac
import json
import time

import pytest
import requests

from connections.connect.magento.hand_ways import EVENTS, MODULE
from connections.hooks import hook_address
from syncjobs.models import Cursor, InboxEvent, Record, SyncJob
from tests.flows.magento.conftest import Pair, line
from tests.flows.magento.hearing import made, ours
from tests.sandbox.magento.magento_api import Api

__all__ = ["ours"]
pytestmark = pytest.mark.django_db(transaction=True)
ORDER = "observer.sales_order_save_commit_after"
SHIPMENT = "observer.sales_order_shipment_save_after"
WAIT_SECONDS = 10.0


@pytest.fixture
def commerce(pair: Pair, ours: str) -> Pair:
    """Adobe Commerce whose events of orders and shipments go to our address."""
    pair.switch(
        profile="commerce-2.4.8", integration_as_bearer=True, event_url=hook_address(made(pair.connection, EVENTS))
    )
    for name, field in ((ORDER, "entity_id"), (SHIPMENT, "order_id")):
        event = {"name": name, "fields": [{"name": field}], "destination": "default"}
        Api(pair.shop).post("/V1/eventing/eventSubscribe", {"event": event}).raise_for_status()
    return pair


def heard(order_id: str, topic: str = "order", deliveries: int = 1) -> InboxEvent:
    """The first message of an order on a topic, once it came so often. Our own writes bring later ones."""
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        found = InboxEvent.objects.filter(external_id=order_id, topic=topic).order_by("pk").first()
        if found and found.deliveries >= deliveries:
            return found
        time.sleep(0.05)
    raise AssertionError(f"nobody told of {order_id}: {list(InboxEvent.objects.values_list('topic', 'external_id'))}")


def test_an_event_has_the_order_booked_within_seconds_and_without_a_look(commerce: Pair) -> None:
    began = time.monotonic()
    order_id = commerce.place(line("DOG-LEAD", "20.00", 2))
    event = heard(order_id)
    assert (event.system, event.topic, event.disposition) == ("magento", "order", "queued")
    assert event.arose_at
    commerce.settle()
    assert time.monotonic() - began < WAIT_SECONDS
    assert commerce.record(order_id).disposition == "booked"
    assert set(SyncJob.objects.filter(flow="orders").values_list("cause", flat=True)) == {"webhook"}
    assert not Cursor.objects.filter(feed=Cursor.ORDERS, position__gt="").exists()  # nobody looked
    assert len(commerce.living()) == 1


def test_events_that_come_twice_and_late_book_one_order_once(commerce: Pair) -> None:
    commerce.magento.put("/_sim/deliveries/controls", {"copies": 2})
    order_id = commerce.place(line("DOG-LEAD", "20.00"))
    assert heard(order_id, deliveries=2).deliveries == 2
    commerce.settle()
    commerce.magento.put("/_sim/deliveries/controls", {"copies": 1})
    commerce.act(order_id, "ship")
    assert heard(order_id, "shipment").disposition == "queued"
    commerce.settle()
    assert (commerce.record(order_id).disposition, len(commerce.sales_orders())) == ("booked", 1)


def test_what_no_event_tells_of_the_next_look_finds(commerce: Pair) -> None:
    commerce.switch(event_url="")
    order_id = commerce.place(line("DOG-LEAD", "20.00"))
    polled = commerce.poll()
    assert (polled.found, polled.queued, InboxEvent.objects.count()) == (1, 1, 0)
    assert (commerce.record(order_id).disposition, len(commerce.living())) == ("booked", 1)


def test_what_was_told_of_is_no_news_for_the_next_look(commerce: Pair) -> None:
    order_id = commerce.place(line("DOG-LEAD", "20.00"))
    heard(order_id)
    commerce.settle()
    polled = commerce.poll()
    assert (polled.found, polled.queued) == (1, 0)


def test_a_module_posts_by_http_and_only_its_id_is_believed(pair: Pair, ours: str) -> None:
    hook = made(pair.connection, MODULE)
    order_id = pair.place(line("DOG-LEAD", "20.00"))
    raw = json.dumps({"event": "order.created", "order_id": int(order_id), "grand_total": "999.00"}).encode()
    mac = hmac.new(hook.secret.encode(), raw, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-Tillbridge-Signature": f"sha256={mac}"}
    answer = requests.post(hook_address(hook), raw, headers=headers, timeout=10)
    assert (answer.status_code, answer.json()) == (200, {"op": "success"})
    pair.settle()
    assert (pair.record(order_id).disposition, float(pair.there(order_id)["total"])) == ("booked", 20.0)
    forged = requests.post(hook_address(hook), raw, headers=headers | {"X-Tillbridge-Signature": "0" * 64}, timeout=10)
    assert (forged.status_code, forged.content) == (401, b"")


def test_a_message_of_an_order_that_the_shop_does_not_have_books_nothing(pair: Pair, ours: str) -> None:
    hook = made(pair.connection, EVENTS)
    for order_id in (987654, 987655):
        requests.post(hook_address(hook), json={"order_id": order_id}, timeout=10).raise_for_status()
    pair.settle()
    assert pair.sales_orders() == []
    assert set(Record.objects.values_list("disposition", flat=True)) == {"retrying"}  # it may not be committed yet
