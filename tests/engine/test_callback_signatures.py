"""What proves a callback: its secret, its signature, and that it is of the store that it names."""

import json
import time
from typing import Any

import pytest
from django_q.models import OrmQ

from connections.models import Hook
from syncjobs.callbacks import proving
from syncjobs.models import InboxEvent, SyncJob
from tests import factories
from tests.engine.test_webhooks import (
    SECRET,
    TOPIC,
    body_of,
    deliver,
    hook,
    keep_credential,
    nothing_stored,
    refusals,
    signed,
)

__all__ = ["hook"]
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("secret", ["", "wrong", "ü"])
def test_a_wrong_secret_is_refused(hook: Hook, secret: str) -> None:
    assert deliver(hook, secret=secret) == 401
    assert nothing_stored()
    assert refusals() == {"wrong_secret": 1}
    hook.refresh_from_db()
    assert (hook.received, hook.rejected) == (0, 1)


def test_another_stores_secret_is_refused(hook: Hook) -> None:
    other = factories.hook(factories.connection(), TOPIC)
    other.secret = "another-hooks-secret"
    other.save()
    assert deliver(hook, body_of(other), secret=other.secret, token=other.token) == 200
    InboxEvent.objects.all().delete()
    SyncJob.objects.all().delete()
    OrmQ.objects.all().delete()
    assert deliver(hook, secret=other.secret) == 401
    assert nothing_stored()


def test_an_empty_secret_of_ours_lets_nobody_in(hook: Hook) -> None:
    Hook.objects.update(secret="")
    assert deliver(hook, secret="") == 401


def test_a_signature_is_verified_when_it_is_there(hook: Hook) -> None:
    raw = json.dumps(body_of(hook)).encode()
    assert deliver(hook, raw, **signed(raw)) == 200
    assert InboxEvent.objects.count() == 1


def test_the_documented_vector_verifies() -> None:
    raw = (
        b'{"producer":"stores/a1b2c3d4e5","hash":"6f0c1d5c0f1f4a0f5b1e6f3e7a2b9c8d7e6f5a4b","created_at":1767225600,'
        b'"store_id":"1001234567","scope":"store/order/statusUpdated","data":{"type":"order","id":10432,'
        b'"status":{"previous_status_id":11,"new_status_id":10}}}'
    )
    headers = {
        "webhook-id": "evt_000001",
        "webhook-timestamp": "1767225600",
        "webhook-signature": "v1,MZpkxWVaeltzUOV+5pm9OBw8yoOONFkkoOu1FtNruRs=",
    }
    proving.signature_check(raw, headers, SECRET, 1767225600)
    with pytest.raises(proving.Refused):
        proving.signature_check(raw + b" ", headers, SECRET, 1767225600)


def test_one_of_several_signatures_is_enough(hook: Hook) -> None:
    raw = json.dumps(body_of(hook)).encode()
    headers = signed(raw)
    headers["webhook-signature"] = f"v1,AAAA v2,BBBB {headers['webhook-signature']}"
    assert deliver(hook, raw, **headers) == 200


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": "v1a,{}"},
        {"webhook-id": "evt_2"},
        {"webhook-id": ""},
    ],
)
def test_a_forged_signature_is_refused(hook: Hook, change: dict[str, str]) -> None:
    raw = json.dumps(body_of(hook)).encode()
    assert deliver(hook, raw, **(signed(raw) | change)) == 401
    assert nothing_stored()
    assert refusals() == {"wrong_signature": 1}


def test_a_signature_by_another_secret_or_of_other_bytes_is_refused(hook: Hook) -> None:
    raw = json.dumps(body_of(hook)).encode()
    assert deliver(hook, raw, **signed(raw, secret="other")) == 401
    assert deliver(hook, raw.replace(b"10432", b"10433"), **signed(raw)) == 401
    assert nothing_stored()


@pytest.mark.parametrize(("age", "status"), [(290, 200), (310, 401), (-290, 200), (-310, 401)])
def test_a_signature_ages(hook: Hook, age: int, status: int) -> None:
    raw = json.dumps(body_of(hook)).encode()
    assert deliver(hook, raw, **signed(raw, at=time.time() - age)) == status
    assert nothing_stored() == (status == 401)


@pytest.mark.parametrize("timestamp", ["", "soon", "-1", "1767225600.5", "٣", "²", "9" * 400, "9" * 5000])
def test_a_timestamp_that_is_none_is_stale(hook: Hook, timestamp: str) -> None:
    raw = json.dumps(body_of(hook)).encode()
    assert deliver(hook, raw, **(signed(raw) | {"webhook-timestamp": timestamp})) == 401


def test_our_apps_secret_serves_stores_without_their_own(hook: Hook, settings: Any) -> None:
    settings.BIGCOMMERCE_CLIENT_SECRET = "app-secret"
    keep_credential(hook.connection, token="t")
    raw = json.dumps(body_of(hook)).encode()
    assert deliver(hook, raw, **signed(raw)) == 401
    assert deliver(hook, raw, **signed(raw, secret="app-secret")) == 200


@pytest.mark.parametrize("producer", ["stores/other", "", None, 7, "stores/"])
def test_another_stores_event_is_not_found(hook: Hook, producer: Any) -> None:
    assert deliver(hook, body_of(hook, producer=producer)) == 404
    assert nothing_stored()
    assert refusals() == {"other_store": 1}
