"""Magento's messages at the web server's entry: each way proves its own, is answered at once, and is only a hint."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from connections.connect.magento.hand_ways import EVENTS, MODULE, WAYS, WEBHOOKS
from connections.hand_hooks import hand_hook_end, hand_hook_renew, hand_hooks
from connections.hooks import hooks_arm
from connections.models import Connection, Hook
from syncjobs.intake.polls import poll_interval
from syncjobs.models import Cursor, InboxEvent, Refusal, SyncJob
from tests import factories
from tests.engine.test_webhooks import send

pytestmark = pytest.mark.django_db
SUCCESS = {"op": "success"}
BY_WAY = {one.way: one for one in WAYS}


@pytest.fixture
def connection() -> Connection:
    made = factories.connection(factories.merchant())
    made.store.kind = "magento"
    made.store.save()
    return made


@pytest.fixture
def hooks(connection: Connection) -> dict[str, Hook]:
    actor = factories.member(connection.merchant)
    return {way: hand_hook_renew(connection, one, actor) for way, one in BY_WAY.items()}


def proof(hook: Hook, raw: bytes) -> dict[str, str]:
    if hook.topic == WEBHOOKS:
        return {"X-Tillbridge-Secret": hook.secret}
    if hook.topic == MODULE:
        mac = hmac.new(hook.secret.encode(), raw, hashlib.sha256).hexdigest()
        return {"X-Tillbridge-Signature": f"sha256={mac}"}
    return {}


def told(hook: Hook, body: Any, headers: dict[str, str] | None = None, *, token: str = "") -> HttpResponse:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = proof(hook, raw) if headers is None else headers
    return send(f"/hooks/magento/{token or hook.token}", raw, headers=given)


def jobs() -> list[tuple[str, str, int]]:
    return sorted(SyncJob.objects.values_list("flow", "external_id", "hints"))


@pytest.mark.parametrize("way", [EVENTS, WEBHOOKS, MODULE])
def test_each_way_has_the_order_looked_at_and_is_answered_at_once(hooks: dict[str, Hook], way: str) -> None:
    answer = told(hooks[way], {"event": "order.created", "order_id": 12, "grand_total": "0.01"})
    assert (answer.status_code, json.loads(answer.content)) == (200, SUCCESS)
    assert (answer["Content-Type"], answer["Content-Length"]) == ("application/json", "16")
    event = InboxEvent.objects.get()
    assert (event.system, event.topic, event.external_id, event.disposition) == ("magento", "order", "12", "queued")
    assert jobs() == [("orders", "12", 1)]
    hooks[way].refresh_from_db()
    assert (hooks[way].received, hooks[way].rejected, hooks[way].state) == (1, 0, Hook.State.MANUAL)


def test_an_unusual_type_of_body_is_answered_the_same(hooks: dict[str, Hook]) -> None:
    hook = hooks[EVENTS]
    answer = send(f"/hooks/magento/{hook.token}", b'{"order_id": 12}', "application/cloudevents+json")
    assert (answer.status_code, json.loads(answer.content)) == (200, SUCCESS)
    assert jobs() == [("orders", "12", 1)]


def test_a_repeat_is_dropped_and_a_second_change_in_the_same_words_is_not(hooks: dict[str, Hook]) -> None:
    named = {"event": "order.updated", "order_id": 12, "event_id": "m-1"}
    for _ in range(3):
        assert told(hooks[MODULE], named).status_code == 200
    assert (InboxEvent.objects.get().deliveries, jobs()) == (3, [("orders", "12", 1)])
    for _ in range(2):
        told(hooks[MODULE], {"event": "order.updated", "order_id": 12})
    assert (InboxEvent.objects.count(), jobs()) == (3, [("orders", "12", 3)])


def test_an_order_without_its_id_brings_the_next_look_forward(hooks: dict[str, Hook], connection: Connection) -> None:
    now = timezone.now()
    cursor = Cursor.objects.create(connection=connection, feed=Cursor.ORDERS, due_at=now + poll_interval(connection))
    told(hooks[WEBHOOKS], {"order": {"increment_id": "000000012"}})
    assert jobs() == []
    assert InboxEvent.objects.get().topic == "unnamed order"
    cursor.refresh_from_db()
    assert 4 < (cursor.due_at - now).total_seconds() < 8  # what it tells of may not be committed yet


def test_messages_of_nothing_that_we_read_are_kept_and_queue_nothing(hooks: dict[str, Hook]) -> None:
    assert told(hooks[MODULE], {"event": "category.updated", "id": 5}).status_code == 200
    assert (InboxEvent.objects.get().disposition, jobs()) == ("not_handled", [])


FORGED = [
    (WEBHOOKS, {}, 401, "wrong_secret"),
    (WEBHOOKS, {"X-Tillbridge-Secret": ""}, 401, "wrong_secret"),
    (WEBHOOKS, {"X-Tillbridge-Secret": "another"}, 401, "wrong_secret"),
    (WEBHOOKS, {"X-Tillbridge-Secret": "ü"}, 401, "wrong_secret"),
    (MODULE, {}, 401, "wrong_signature"),
    (MODULE, {"X-Tillbridge-Signature": ""}, 401, "wrong_signature"),
    (MODULE, {"X-Tillbridge-Signature": "sha256="}, 401, "wrong_signature"),
    (MODULE, {"X-Tillbridge-Signature": "ü" * 64}, 401, "wrong_signature"),
]


@pytest.mark.parametrize(("way", "headers", "status", "reason"), FORGED)
def test_the_forged_leave_a_count_and_nothing_else(
    hooks: dict[str, Hook], way: str, headers: dict[str, str], status: int, reason: str
) -> None:
    answer = told(hooks[way], {"order_id": 12}, headers)
    assert (answer.status_code, answer.content) == (status, b"")
    assert dict(Refusal.objects.values_list("reason", "count")) == {reason: 1}
    assert (InboxEvent.objects.count(), jobs()) == (0, [])
    hooks[way].refresh_from_db()
    assert (hooks[way].received, hooks[way].rejected) == (0, 1)


def test_a_signature_is_of_these_bytes_under_this_secret(hooks: dict[str, Hook]) -> None:
    hook, raw = hooks[MODULE], b'{"order_id": 12}'
    others = [proof(hook, raw + b" "), proof(Hook(topic=MODULE, secret=hooks[WEBHOOKS].secret), raw)]
    repeats_it = {"X-Tillbridge-Signature": hook.secret, "X-Tillbridge-Secret": hook.secret}
    for headers in (*others, repeats_it):
        assert told(hook, raw, headers).status_code == 401
    bare = {name: value.removeprefix("sha256=").upper() for name, value in proof(hook, raw).items()}
    assert told(hook, raw, bare).status_code == 200
    assert jobs() == [("orders", "12", 1)]


@pytest.mark.parametrize("name", ["X-Hub-Signature-256", "X-Signature", "X-Shop-Hmac-SHA256"])
def test_a_module_that_was_bought_signs_in_its_own_way(hooks: dict[str, Hook], name: str) -> None:
    hook, raw = hooks[MODULE], b'{"event": "order.created", "order_id": 12}'
    mac = hmac.new(hook.secret.encode(), raw, hashlib.sha256).digest()
    for given in (mac.hex(), base64.b64encode(mac).decode()):
        assert told(hook, raw, {"X-Signature-Version": "1", name: given}).status_code == 200
    for given in (base64.b64encode(mac).decode().swapcase(), base64.b64encode(mac[:-1]).decode(), ""):
        assert told(hook, raw, {name: given}).status_code == 401
    assert told(hook, raw, {"X-Order": mac.hex()}).status_code == 401
    assert jobs() == [("orders", "12", 2)]


def test_a_proof_of_one_way_opens_no_other(hooks: dict[str, Hook]) -> None:
    raw = b'{"order_id": 12}'
    assert told(hooks[MODULE], raw, proof(hooks[WEBHOOKS], raw)).status_code == 401
    assert told(hooks[WEBHOOKS], raw, proof(hooks[MODULE], raw)).status_code == 401
    assert send(f"/hooks/bigcommerce/{hooks[EVENTS].token}", raw).status_code == 404
    assert jobs() == []


@pytest.mark.parametrize("raw", [b"", b"[]", b"id=1", b'{"order_id": 1, "order_id": 2}', b'{"id": NaN}', b"\xff\xfe"])
def test_what_cannot_be_read_is_refused(hooks: dict[str, Hook], raw: bytes) -> None:
    for hook in hooks.values():
        answer = told(hook, raw)
        assert (answer.status_code, answer.content) == (400, b"")
    assert InboxEvent.objects.count() == 0


def test_what_was_renewed_or_removed_is_refused_under_its_former_address(
    hooks: dict[str, Hook], connection: Connection
) -> None:
    actor, raw = factories.member(connection.merchant), b'{"order_id": 12}'
    former = hooks[MODULE]
    renewed = hand_hook_renew(connection, BY_WAY[MODULE], actor)
    assert renewed.pk == former.pk
    assert renewed.secret != former.secret
    assert told(former, raw).status_code == 404
    assert told(renewed, raw, proof(former, raw)).status_code == 401
    assert told(renewed, raw).status_code == 200
    hand_hook_end(connection, BY_WAY[MODULE], actor)
    assert told(renewed, raw).status_code == 404
    assert jobs() == [("orders", "12", 1)]


def test_adobe_is_told_that_the_address_is_ours(hooks: dict[str, Hook]) -> None:
    client = Client()
    there = f"/hooks/magento/{hooks[EVENTS].token}"
    answer = client.get(there, {"challenge": "8ec8d794-e0ab-42df-9017-e3dada8e84f7"})
    assert (answer.status_code, answer.content) == (200, b"8ec8d794-e0ab-42df-9017-e3dada8e84f7")
    assert answer["Content-Type"] == "text/plain"
    for odd in ("", "<script>", "x" * 201):
        assert client.get(there, {"challenge": odd}).status_code == 404
    assert client.get("/hooks/magento/nobody", {"challenge": "1"}).status_code == 404
    assert client.get(f"/hooks/heartland/{hooks[EVENTS].token}", {"challenge": "1"}).status_code == 405
    assert (client.put(there).status_code, InboxEvent.objects.count()) == (405, 0)


def test_the_hourly_look_at_webhooks_leaves_them_alone(
    hooks: dict[str, Hook], connection: Connection, settings: Any
) -> None:
    settings.POLL_SECONDS, settings.POLL_SECONDS_WITHOUT_HOOKS = 300, 60
    before = {hook.pk: hook.token for hook in hooks.values()}
    hooks_arm(connection)
    assert {hook.pk: hook.token for hook in connection.hooks.filter(system="magento")} == before
    assert poll_interval(connection).total_seconds() == 60


def test_what_was_erased_with_a_connection_that_ended_is_no_way_any_more(
    hooks: dict[str, Hook], connection: Connection
) -> None:
    Hook.objects.filter(topic=EVENTS).update(secret="", sealed_token="")  # as the retention run does
    hooks_arm(connection)
    assert [one.hand_hook.way for one in hand_hooks(connection) if one.hook] == [WEBHOOKS, MODULE]
    assert told(hooks[EVENTS], b'{"order_id": 12}').status_code == 404
