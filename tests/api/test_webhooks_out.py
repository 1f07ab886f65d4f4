"""Other systems are told: signed, in order, until they take it; nobody to tell costs nothing."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection as database
from django.db import transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from standardwebhooks.webhooks import Webhook

from connections.models import AuditEntry, Connection, Role, WebhookEndpoint, WebhookMessage
from connections.outbox import tell
from connections.services.webhooks import endpoint_change, endpoint_make, message_replay
from errors.failures import ConfigurationFailure
from ipaas.queue import tokens_waiting
from mappings.models import StockLevel
from syncjobs.engine.webhook_delivery import WAITS, webhooks_deliver, webhooks_sweep
from syncjobs.stock.level_rows import Wanted
from syncjobs.stock.moves import moves_note
from tests import factories
from tests.api.conftest import Program
from tests.api.receiver import Receiver, receiver
from tests.screens.conftest import Shop

State = WebhookMessage.State


@pytest.fixture(autouse=True)
def _here(settings: Any) -> None:
    settings.ALLOW_PRIVATE_HOSTS = True


@pytest.fixture
def other() -> Iterator[Receiver]:
    with receiver() as server:
        yield server


def endpoint_of(shop: Shop, other: Receiver, *events: str) -> WebhookEndpoint:
    made = endpoint_make(
        merchant=shop.merchant,
        actor=shop.people[Role.OWNER],
        address=other.address,
        events=events or ("order.booked", "issue.opened", "stock.updated"),
        now=timezone.now(),
    )
    shop.connection.refresh_from_db()
    return made


def told(shop: Shop, number: int, now: Any = None) -> None:
    assert tell(shop.connection, "order.booked", {"number": str(number)}, now or timezone.now()) == 1


def deliver(endpoint: WebhookEndpoint, after: timedelta = timedelta()) -> str:
    return webhooks_deliver(endpoint_id=endpoint.pk, now=timezone.now() + after)


def test_a_message_is_signed_and_delivered_once(shop: Shop, other: Receiver) -> None:
    endpoint = endpoint_of(shop, other)
    told(shop, 10457)
    assert [deliver(endpoint), deliver(endpoint)] == ["1 delivered", "0 delivered"]
    ((headers, body),) = other.got
    verified = Webhook(endpoint.secret).verify(body, headers)
    assert verified["type"] == "order.booked"
    assert verified["data"] == {"store": str(shop.connection.public_id), "number": "10457"}
    message = WebhookMessage.objects.get()
    assert headers["webhook-id"] == f"msg_{message.message_id.hex}"
    assert (message.state, message.attempts) == (State.DELIVERED, 1)
    assert [(one.status, one.problem) for one in message.tries.all()] == [(204, "")]


def test_messages_keep_their_order_while_a_receiver_is_away(shop: Shop, other: Receiver) -> None:
    endpoint = endpoint_of(shop, other)
    for number in (1, 2, 3):
        told(shop, number)
    other.answers = [503, 0]
    assert deliver(endpoint) == "0 delivered"
    assert deliver(endpoint) == "not now"
    assert deliver(endpoint, WAITS[0] + timedelta(seconds=1)) == "0 delivered"  # the line was cut
    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.problem[:9]) == (2, "No answer")
    assert deliver(endpoint, WAITS[0] + WAITS[1] + timedelta(seconds=2)) == "3 delivered"
    assert [json.loads(body)["data"]["number"] for _, body in other.got] == ["1", "1", "1", "2", "3"]
    assert len({headers["webhook-id"] for headers, _ in other.got}) == 3
    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.problem, endpoint.failing_since) == (0, "", None)


def test_what_a_receiver_refuses_holds_nothing_else_up(shop: Shop, other: Receiver) -> None:
    endpoint = endpoint_of(shop, other)
    told(shop, 1)
    told(shop, 2)
    other.answers = [422]
    deliver(endpoint)
    first, second = WebhookMessage.objects.order_by("pk")
    assert (first.state, first.attempts, second.state) == (State.PENDING, 1, State.DELIVERED)
    assert first.not_before > timezone.now()
    WebhookMessage.objects.filter(pk=first.pk).update(attempts=len(WAITS), not_before=timezone.now())
    other.answers = [422]
    deliver(endpoint)
    first.refresh_from_db()
    assert first.state == State.FAILED
    message_replay(message=first, actor=shop.people[Role.OWNER], now=timezone.now())
    assert deliver(endpoint) == "1 delivered"
    assert [json.loads(body)["data"]["number"] for _, body in other.got] == ["1", "2", "1", "1"]


def test_a_dead_receiver_is_switched_off_and_the_owners_are_told(shop: Shop, other: Receiver) -> None:
    endpoint = endpoint_of(shop, other)
    told(shop, 1)
    WebhookEndpoint.objects.update(failing_since=timezone.now() - timedelta(days=5))
    other.answers = [500]
    deliver(endpoint)
    endpoint.refresh_from_db()
    assert (endpoint.is_active, endpoint.problem) == (False, "It was not reached for 5 days: Answered 500.")
    shop.connection.refresh_from_db()
    assert shop.connection.told_events == []
    (sent,) = mail.outbox
    assert sent.to == [shop.people[Role.OWNER].email]
    assert "hush" not in sent.body
    assert AuditEntry.objects.filter(action="webhook.switched_off", actor=None).count() == 1
    assert deliver(endpoint) == "not now"
    endpoint_change(endpoint=endpoint, actor=shop.people[Role.OWNER], events=None, is_active=True, now=timezone.now())
    assert deliver(endpoint) == "1 delivered"


def test_gone_means_gone(shop: Shop, other: Receiver) -> None:
    endpoint = endpoint_of(shop, other)
    told(shop, 1)
    other.answers = [410]
    deliver(endpoint)
    endpoint.refresh_from_db()
    assert not endpoint.is_active


def test_nobody_to_tell_costs_no_statement(shop: Shop, other: Receiver) -> None:
    with CaptureQueriesContext(database) as log:
        assert tell(shop.connection, "order.booked", {}, timezone.now()) == 0
    assert len(log) == 0
    endpoint_of(shop, other, "issue.opened")
    assert tell(shop.connection, "order.booked", {}, timezone.now()) == 0


def test_a_message_vanishes_with_its_transaction(shop: Shop, other: Receiver) -> None:
    endpoint_of(shop, other)
    waiting = tokens_waiting("soon")
    with transaction.atomic():
        told(shop, 1)
        transaction.set_rollback(True)
    assert not WebhookMessage.objects.exists()
    assert tokens_waiting("soon") == waiting


def test_an_issue_that_opens_is_told_once(shop: Shop, other: Receiver) -> None:
    endpoint_of(shop, other)
    for number in ("10457", "10458"):
        factories.problem(shop.connection, number)
    (message,) = WebhookMessage.objects.filter(event="issue.opened")
    data = json.loads(message.body)["data"]
    assert (data["code"], data["title"]) == ("item_not_linked", "No Heartland item has the Item # “MISSING-1”.")


def test_stock_that_the_store_took_is_told(shop: Shop, other: Receiver) -> None:
    endpoint_of(shop, other)
    link = factories.item_link(shop.connection, "HT-M-RED")
    level = StockLevel.objects.create(connection=shop.connection, link=link, item_id=1, sku="HT-M-RED", quantity=3)
    moves_note(shop.connection, [Wanted(level=level, quantity=5)], 7)
    (message,) = WebhookMessage.objects.all()
    assert json.loads(message.body)["data"]["levels"] == [
        {"sku": "HT-M-RED", "store_location": "1", "before": 3, "after": 5}
    ]


def test_a_lost_token_is_put_anew(shop: Shop, other: Receiver) -> None:
    endpoint = endpoint_of(shop, other)
    assert webhooks_sweep(timezone.now()) == 0
    told(shop, 1)
    assert webhooks_sweep(timezone.now()) == 1
    deliver(endpoint)
    assert webhooks_sweep(timezone.now()) == 0


@pytest.mark.parametrize(
    "address", ["http://example.com/x", "https://127.0.0.1/x", "https://u:p@example.com/", "ftp://x"]
)
def test_addresses_that_we_do_not_call(address: str, shop: Shop, settings: Any) -> None:
    settings.ALLOW_PRIVATE_HOSTS = False
    with pytest.raises(ConfigurationFailure):
        endpoint_make(
            merchant=shop.merchant, actor=shop.people[Role.OWNER], address=address, events=["order.booked"],
            now=timezone.now(),
        )  # fmt: skip
    assert not WebhookEndpoint.objects.exists()


def test_address_and_secret_are_encrypted(shop: Shop, other: Receiver) -> None:
    endpoint_of(shop, other)
    with database.cursor() as cursor:
        cursor.execute("SELECT address, secret FROM connections_webhookendpoint")
        assert all(value.startswith("gAAAAA") for value in cursor.fetchone())


def test_the_api_makes_tests_lists_replays_and_ends(api: Program, shop: Shop, other: Receiver) -> None:
    wish = {"address": other.address, "events": ["order.booked"]}
    made = api.call("POST", "webhooks", wish, Idempotency_Key="w-1")
    assert (made.status_code, made.json()["secret"][:6]) == (201, "whsec_")
    assert api.call("POST", "webhooks", wish, Idempotency_Key="w-1").json() == made.json()
    endpoint = WebhookEndpoint.objects.get()
    at = f"webhooks/{endpoint.pk}"
    read = api.get(at)
    assert "secret" not in read
    assert "hush" not in json.dumps(api.get("webhooks"))
    assert api.call("POST", f"{at}/test").status_code == 201
    deliver(endpoint)
    (row,) = api.get(f"{at}/deliveries?state=delivered")["data"]
    assert (row["event"], [one["status"] for one in row["tries"]]) == ("webhook.test", [204])
    assert api.call("POST", f"{at}/deliveries/{row['id']}/replay").json()["state"] == "pending"
    assert api.call("PATCH", at, {"is_active": False, "events": ["order.held"]}).json()["events"] == ["order.held"]
    assert Connection.objects.get().told_events == []
    assert api.call("PATCH", at, {"events": ["order.unknown"]}).status_code == 400
    assert api.call("DELETE", at).status_code == 200
    assert not WebhookMessage.objects.exists()


def test_the_page_makes_tests_and_replays(shop: Shop, other: Receiver) -> None:
    client, at = shop.client(), f"/settings/merchant/{shop.merchant.public_id}/webhooks/"
    shown = client.post(at, {"address": other.address, "events": ["order.booked"]}).content.decode()
    endpoint = WebhookEndpoint.objects.get()
    assert endpoint.secret in shown
    assert endpoint.secret not in client.get(at).content.decode()
    client.post(f"{at}{endpoint.pk}/move/", {"do": "test"})
    deliver(endpoint)
    client.post(f"{at}messages/{WebhookMessage.objects.get().pk}/replay/")
    deliver(endpoint)
    assert len(other.got) == 2
    client.post(f"{at}{endpoint.pk}/move/", {"do": "off"})
    client.post(f"{at}{endpoint.pk}/move/", {"do": "on"})
    client.post(f"{at}{endpoint.pk}/move/", {"do": "end"})
    assert not WebhookEndpoint.objects.exists()
    assert client.post(at, {"address": "nowhere", "events": ["order.booked"]}).status_code == 400


def test_another_merchants_endpoints_do_not_exist(shop: Shop, rival: Shop, other: Receiver) -> None:
    endpoint = endpoint_of(shop, other)
    told(shop, 1)
    at = f"/settings/merchant/{rival.merchant.public_id}/webhooks/"
    assert rival.client().post(f"{at}{endpoint.pk}/move/", {"do": "end"}).status_code == 404
    assert rival.client().post(f"{at}messages/{WebhookMessage.objects.get().pk}/replay/").status_code == 404
    assert shop.client(Role.OPS).get(f"/settings/merchant/{shop.merchant.public_id}/webhooks/").status_code == 403
