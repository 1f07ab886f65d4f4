"""Callbacks and pages of the control panel: proven by signature, framed by it alone, without cookies."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import jwt
import pytest
from django.test import Client
from django.utils import timezone

from connections.models import AccessState, Merchant
from tests import factories
from tests.screens.conftest import Shop
from tests.screens.test_dashboard import plain

SECRET = "sim-client-secret-0001"
LOAD, UNINSTALL, REMOVE = (f"/connect/bigcommerce/{name}/" for name in ("load", "uninstall", "remove-user"))


def signed(store_hash: str, *, secret: str = SECRET, algorithm: str = "HS256", **changes: Any) -> dict[str, str]:
    """The query of a callback as BigCommerce signs it."""
    now = datetime.now(UTC)
    claims = {
        "aud": "simclientid0001",
        "iss": "bc",
        "iat": now,
        "nbf": now - timedelta(seconds=5),
        "exp": now + timedelta(hours=24),
        "jti": str(uuid.uuid4()),
        "sub": f"stores/{store_hash}",
        "user": {"id": 501, "email": "staff@example.com", "locale": "en-US"},
        "owner": {"id": 500, "email": "owner@example.com"},
        "url": "/",
        "channel_id": None,
    }
    return {"signed_payload_jwt": jwt.encode(claims | changes, secret, algorithm=algorithm)}


def test_load_shows_the_store_in_the_frame_without_cookies(shop: Shop) -> None:
    answer = Client().get(LOAD, signed(shop.connection.store.store_hash))
    assert answer.status_code == 200
    assert "frame-ancestors https://*.mybigcommerce.com" in answer["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer
    assert not answer.cookies
    assert "Harbor &amp; Pine Outdoor" in answer.content.decode()
    assert "Open Tillbridge" in answer.content.decode()


def test_load_shows_the_three_numbers_that_matter(shop: Shop, rival: Shop) -> None:
    """The last order's age goes on by itself; without a script, its time is by the merchant's clock."""
    now = timezone.now()
    placed_at = now - timedelta(minutes=3)
    Merchant.objects.filter(pk=shop.merchant.pk).update(time_zone="Asia/Kathmandu")
    for number in ("10457", "10458"):
        factories.order(shop.connection, number, at=now - timedelta(minutes=5), is_distributed=False)
    factories.problem(shop.connection, "10459", at=placed_at)
    factories.order(rival.connection, "777", at=now, is_distributed=False)
    page = Client().get(LOAD, signed(shop.connection.store.store_hash)).content
    shown = plain(page)
    clock = f"{placed_at.astimezone(ZoneInfo('Asia/Kathmandu')):%b %-d, %H:%M}"
    assert f"2 to distribute 1 needs you {clock} Order 10459, the last" in shown
    assert f'<relative-time datetime="{placed_at.isoformat()}" time-zone="Asia/Kathmandu"' in page.decode()
    scripts = re.findall(r'<script src="[^"]*/(relative-time-element)[^"/]*\.js"></script>', page.decode())
    assert scripts == ["relative-time-element"]
    assert "777" not in shown


def test_every_other_page_refuses_to_be_framed(shop: Shop) -> None:
    for path in ("/", "/accounts/login/", shop.at("items/")):
        answer = shop.client().get(path, follow=True)
        assert answer["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]


def test_load_of_an_unclaimed_store_offers_to_claim_it(db: None) -> None:
    store = factories.store(None)
    shown = Client().get(LOAD, signed(store.store_hash)).content.decode()
    assert "http://testserver/settings/integrations/bigcommerce/claim/" in shown


def test_an_unknown_store_gets_a_page_that_says_so(db: None) -> None:
    assert "This store is not connected" in Client().get(LOAD, signed("nobody0001")).content.decode()


@pytest.mark.parametrize(
    "changes",
    [
        {"secret": "another-secret-that-is-long"},
        {"algorithm": "HS512"},
        {"aud": "somebody-else"},
        {"iss": "not-bc"},
        {"exp": datetime(2020, 1, 1, tzinfo=UTC)},
        {"sub": "stores/../admin"},
    ],
    ids=["secret", "algorithm", "audience", "issuer", "expired", "subject"],
)
@pytest.mark.parametrize("path", [LOAD, UNINSTALL, REMOVE])
def test_a_forged_callback_is_refused_and_changes_nothing(path: str, changes: dict[str, Any], shop: Shop) -> None:
    store = shop.connection.store
    answer = Client().get(path, signed(store.store_hash, **changes))
    assert answer.status_code == 401
    store.refresh_from_db()
    assert store.state == AccessState.CONNECTED


@pytest.mark.parametrize("path", [LOAD, UNINSTALL, REMOVE])
def test_a_callback_without_proof_is_refused(path: str, db: None) -> None:
    unsigned = jwt.encode({"sub": "stores/a1b2c3d4e5", "aud": "simclientid0001", "iss": "bc"}, "", algorithm="none")
    for query in ({}, {"signed_payload_jwt": "x.y.z"}, {"signed_payload_jwt": unsigned}, {"signed_payload": "x.y"}):
        assert Client().get(path, query).status_code == 401


def test_uninstall_erases_the_token_and_keeps_the_history(shop: Shop) -> None:
    factories.order(shop.connection, "10457")
    store = shop.connection.store
    assert Client().get(UNINSTALL, signed(store.store_hash)).content == b"OK"
    store.refresh_from_db()
    assert (store.state, store.credential) == (AccessState.DISCONNECTED, None)
    assert shop.connection.records.count() == 1
    assert "Flows are paused" in shop.client().get(shop.at("items/")).content.decode()


def test_an_uninstall_that_is_sent_again_does_nothing(shop: Shop) -> None:
    """Replayed after a reinstall, it must not take the fresh token away (GUARANTEES.md, attack 5)."""
    store = shop.connection.store
    query = signed(store.store_hash)
    Client().get(UNINSTALL, query)
    store.state, store.credential = AccessState.CONNECTED, factories.credential()
    store.save()
    assert Client().get(UNINSTALL, query).status_code == 200
    store.refresh_from_db()
    assert store.state == AccessState.CONNECTED


def test_a_removed_user_is_noted_once(shop: Shop) -> None:
    query = signed(shop.connection.store.store_hash)
    assert [Client().get(REMOVE, query).status_code for _ in range(2)] == [200, 200]
    entry = shop.merchant.audit_entries.get(action="store.user_removed")
    assert entry.detail == {"user": "501"}


def test_a_callback_is_about_the_store_that_was_signed_and_no_other(rival: Shop, shop: Shop) -> None:
    assert Client().get(REMOVE, signed(shop.connection.store.store_hash)).status_code == 200
    assert Client().get(UNINSTALL, signed(shop.connection.store.store_hash)).status_code == 200
    assert not rival.merchant.audit_entries.exists()
    stores = [one.connection.store for one in (shop, rival)]
    for store in stores:
        store.refresh_from_db()
    assert [store.state for store in stores] == [AccessState.DISCONNECTED, AccessState.CONNECTED]
    assert "Cove &amp; Cedar" not in Client().get(LOAD, signed(stores[0].store_hash)).content.decode()


def test_an_uninstall_of_a_store_we_do_not_know_is_answered(db: None) -> None:
    assert Client().get(UNINSTALL, signed("nobody0001")).status_code == 200
