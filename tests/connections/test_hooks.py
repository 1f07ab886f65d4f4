"""Webhooks at both sides: registered once, mended, removed."""

import importlib
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection as database
from django.utils import timezone
from pytest_django import Settings

from connections.connect.bigcommerce.hook_side import SECRET_HEADER
from connections.connect.bigcommerce.hook_side import TOPICS as BIGCOMMERCE_TOPICS
from connections.hooks import (
    HEARTLAND_EVENTS,
    HEARTLAND_POLLED,
    hook_address,
    hooks_arm,
    hooks_check,
    hooks_remove,
    hooks_seal,
    hooks_wanted,
)
from connections.models import Connection, Hook, User
from connections.models.pairs import token_digest
from ipaas.types import System
from syncjobs.intake.inbox import address_find
from tests.connections.conftest import rows, sim

pytestmark = pytest.mark.django_db
State = Hook.State


def states(connection: Connection) -> dict[str, str]:
    return dict(connection.hooks.values_list("topic", "state"))


def ours(url: str, table: str) -> list[dict[str, Any]]:
    return [row for row in rows(url, table) if "tillbridge.example" in str(row.get("url") or row.get("destination"))]


def test_arming_twice_registers_each_once(connection: Connection, heartland_url: str, bigcommerce_url: str) -> None:
    for _ in range(2):
        report = hooks_arm(connection)
        assert (report.is_ok, report.problems) == (True, ())
    assert states(connection) == {
        **dict.fromkeys(BIGCOMMERCE_TOPICS, State.LIVE),
        **dict.fromkeys(HEARTLAND_EVENTS, State.LIVE),
        **dict.fromkeys(HEARTLAND_POLLED, State.POLLED),
    }
    at_store = {row["scope"]: row for row in ours(bigcommerce_url, "hooks")}
    assert sorted(at_store) == sorted(BIGCOMMERCE_TOPICS)
    for hook in connection.hooks.filter(system="bigcommerce"):
        row = at_store[hook.topic]
        assert (row["destination"], str(row["id"])) == (hook_address(hook), hook.external_id)
        assert row["headers"] == {SECRET_HEADER: hook.secret}
    at_heartland = {row["events"][0]: row["url"] for row in ours(heartland_url, "webhooks")}
    live = connection.hooks.filter(system="heartland", state=State.LIVE)
    assert at_heartland == {hook.topic: hook_address(hook) for hook in live}
    tokens = [hook.token for hook in connection.hooks.all()]
    assert len(set(tokens)) == len(tokens)
    assert min(map(len, tokens)) >= 43


def test_addresses_are_kept_as_digests(connection: Connection) -> None:
    hooks_arm(connection)
    with database.cursor() as cursor:
        cursor.execute("SELECT row_to_json(t)::text FROM connections_hook t")
        kept = "".join(row for (row,) in cursor.fetchall())
    for hook in connection.hooks.all():
        assert hook.token not in kept
        assert hook.path_token == token_digest(hook.token)
        found = address_find(System(hook.system), hook.token)
        assert found is not None
        assert found.hook_id == hook.pk
        assert address_find(System(hook.system), hook.path_token) is None  # what a dump shows opens nothing


def test_an_address_of_the_version_before_works_until_and_after_it_is_sealed(connection: Connection) -> None:
    hooks_arm(connection)
    hook = connection.hooks.filter(system="heartland")[0]
    plain = hook.token
    Hook.objects.filter(pk=hook.pk).update(path_token=plain, sealed_token="")
    migration: Any = importlib.import_module("connections.migrations.0025_hook_digests")
    for _ in range(2):
        migration.seal(apps, database.schema_editor())
    hook.refresh_from_db()
    assert (hook.path_token, hook.token) == (plain, plain)
    now = timezone.now()
    assert hooks_seal(now) == 0  # workers of the version before read it plain
    assert hooks_arm(connection).is_ok
    assert hooks_seal(now + timedelta(days=2)) == 1
    assert hooks_seal(now + timedelta(days=2)) == 0
    hook.refresh_from_db()
    assert (hook.path_token, hook.token) == (token_digest(plain), plain)
    found = address_find(System.HEARTLAND, plain)
    assert found is not None
    assert found.hook_id == hook.pk
    report = hooks_arm(connection)
    assert (report.is_ok, report.lost) == (True, 0)


def test_who_changed_webhooks_is_noted_and_looking_is_not(connection: Connection, owner: User) -> None:
    hooks_arm(connection, owner)
    hooks_arm(connection, owner)
    hooks_check(connection)
    (entry,) = connection.merchant.audit_entries.filter(action="hooks.changed")
    assert (entry.actor, entry.detail["bigcommerce store/order/created"]) == (owner, "live")
    assert not [hook for hook in connection.hooks.all() if hook.token in str(entry.detail)]


def test_what_was_switched_off_or_lost_is_seen_and_mended(connection: Connection, bigcommerce_url: str) -> None:
    hooks_arm(connection)
    off, lost = connection.hooks.filter(system="bigcommerce")[:2]
    sim(bigcommerce_url, "PUT", f"hooks/{off.external_id}", {"is_active": False})
    Hook.objects.filter(pk=lost.pk).update(sealed_token="moved-to-another-address")
    hooks_check(connection)
    assert (states(connection)[off.topic], states(connection)[lost.topic]) == (State.INACTIVE, State.MISSING)
    assert hooks_arm(connection).is_ok
    at_store = ours(bigcommerce_url, "hooks")
    assert len(at_store) == len(BIGCOMMERCE_TOPICS)
    assert all(row["is_active"] for row in at_store)


def test_a_wrong_secret_is_replaced(connection: Connection, bigcommerce_url: str) -> None:
    hooks_arm(connection)
    hook = connection.hooks.filter(system="bigcommerce")[0]
    hook.secret = "a-new-secret"
    hook.save(update_fields=["secret"])
    assert hooks_arm(connection).is_ok
    (row,) = [row for row in ours(bigcommerce_url, "hooks") if row["scope"] == hook.topic]
    assert row["headers"] == {SECRET_HEADER: "a-new-secret"}


def test_trouble_at_one_side_spares_the_other(connection: Connection, heartland_url: str) -> None:
    sim(heartland_url, "POST", "faults", {"path": "/api/webhooks", "status": 503, "times": 1})
    report = hooks_arm(connection)
    assert not report.is_ok
    assert len(report.problems) == 1
    assert states(connection)["store/order/created"] == State.LIVE
    assert states(connection)["item_updated"] == State.MISSING


def test_an_address_that_bigcommerce_refuses_is_told(connection: Connection, settings: Settings) -> None:
    settings.PUBLIC_URL = "http://tillbridge.example"
    report = hooks_arm(connection)
    assert len(report.problems) >= len(BIGCOMMERCE_TOPICS)
    assert report.problems[0].startswith("store/")
    assert all("(destination: " in problem for problem in report.problems if problem.startswith("store/"))
    assert states(connection)["store/order/created"] == State.MISSING


def test_removing_leaves_nothing_there(connection: Connection, heartland_url: str, bigcommerce_url: str) -> None:
    hooks_arm(connection)
    assert hooks_remove(connection) == ()
    assert (ours(bigcommerce_url, "hooks"), ours(heartland_url, "webhooks")) == ([], [])
    assert set(states(connection).values()) == {State.MISSING, State.POLLED}


def test_a_topic_that_nobody_reads_any_more_is_removed_and_then_forgotten(
    connection: Connection, bigcommerce_url: str
) -> None:
    hooks_arm(connection)
    hook = connection.hooks.get(topic="store/product/created")
    (row,) = [row for row in ours(bigcommerce_url, "hooks") if row["scope"] == hook.topic]
    Hook.objects.filter(pk=hook.pk).update(topic="store/sku/inventory/updated")
    sim(bigcommerce_url, "PUT", f"hooks/{row['id']}", {"scope": "store/sku/inventory/updated"})
    report = hooks_arm(connection)
    assert (report.is_ok, report.lost) == (True, 0)
    assert row["id"] not in {one["id"] for one in ours(bigcommerce_url, "hooks")}
    assert states(connection)["store/sku/inventory/updated"] == State.MISSING
    assert address_find(System.BIGCOMMERCE, hook.token) is not None  # what is still on its way is taken
    assert hook.pk not in {one.pk for one in hooks_wanted(connection)}
    assert hooks_arm(connection).is_ok
    assert "store/sku/inventory/updated" not in states(connection)
    assert len(ours(bigcommerce_url, "hooks")) == len(BIGCOMMERCE_TOPICS)


def test_what_was_lost_is_said_and_counted(connection: Connection, bigcommerce_url: str) -> None:
    assert hooks_arm(connection).lost == 0
    off, gone = connection.hooks.filter(system="bigcommerce")[:2]
    sim(bigcommerce_url, "PUT", f"hooks/{off.external_id}", {"is_active": False})
    Hook.objects.filter(pk=gone.pk).update(sealed_token="moved-to-another-address")
    report = hooks_arm(connection)
    assert (report.is_ok, report.lost) == (True, 2)
    found = connection.hooks.filter(lost_at__isnull=False)
    assert {hook.topic for hook in found} == {off.topic, gone.topic}
    assert all(hook.armed_at >= hook.lost_at for hook in found if hook.armed_at and hook.lost_at)
    assert hooks_arm(connection).lost == 0


def test_a_silent_webhook_is_registered_anew_before_it_is_switched_off(
    connection: Connection, bigcommerce_url: str
) -> None:
    hooks_arm(connection)
    silent, heard = connection.hooks.filter(system="bigcommerce")[:2]
    long_ago = timezone.now() - timedelta(days=76)
    Hook.objects.filter(pk__in=[silent.pk, heard.pk]).update(armed_at=long_ago)
    Hook.objects.filter(pk=heard.pk).update(last_received_at=timezone.now())
    assert hooks_arm(connection).lost == 0
    renewed = Hook.objects.get(pk=silent.pk)
    assert renewed.external_id != silent.external_id
    assert renewed.armed_at
    assert renewed.armed_at > long_ago
    assert Hook.objects.get(pk=heard.pk).external_id == heard.external_id
    assert len(ours(bigcommerce_url, "hooks")) == len(BIGCOMMERCE_TOPICS)


def test_a_blocked_address_is_said_and_is_live_again_afterwards(connection: Connection, bigcommerce_url: str) -> None:
    hooks_arm(connection)
    sim(bigcommerce_url, "POST", "domains/block", {"domain": "tillbridge.example", "seconds": 120})
    report = hooks_arm(connection)
    assert 100 < report.blocked_seconds <= 120
    assert report.problems[0].startswith("BigCommerce sends nothing to tillbridge.example for 1")
    at_store = connection.hooks.filter(system="bigcommerce")
    assert set(at_store.values_list("state", flat=True)) == {State.BLOCKED}
    sim(bigcommerce_url, "POST", "domains/block", {"domain": "tillbridge.example", "seconds": 0})
    assert hooks_arm(connection).is_ok
    assert set(at_store.values_list("state", flat=True)) == {State.LIVE}
    assert not at_store.filter(lost_at__isnull=False).exists()
