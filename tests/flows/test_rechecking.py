"""When the cause of a hold is mended in Heartland, what waited goes on by itself, in every mode."""

import json
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from django.test import Client
from django.utils import timezone

from connections.models import ItemSettings
from errors.models import SyncError
from syncjobs import tasks
from syncjobs.engine.rechecking import AT_ONCE, held_recheck
from syncjobs.engine.running import job_run
from syncjobs.engine.sweeping import polls_start
from syncjobs.models import Cursor, SyncJob
from tests import factories
from tests.flows.conftest import BUYER, Pair

KETTLE = {"lines": [{"sku": "CMP-KETL", "quantity": 1}], "guest": BUYER}


def state(pair: Pair, web_id: str) -> tuple[str, str]:
    record = pair.record(web_id)
    return record.disposition, record.code


def hear(pair: Pair, topic: str, **body: object) -> None:
    """Heartland's callback."""
    hook = pair.connection.hooks.get(system="heartland", topic=topic)
    body = {"id": 1, "updated_at": timezone.now().isoformat()} | body
    assert Client().post(f"/hooks/heartland/{hook.token}", json.dumps(body), "application/json").status_code == 200


def round_of(pair: Pair, now: datetime) -> int | None:
    """A round at that time, and what it queued worked off."""
    count = held_recheck(connection=pair.connection, now=now)
    for job in SyncJob.objects.filter(status="pending", cause="recheck"):
        assert job.lane.service_class == "bulk"
        job_run(job_id=job.pk, now=now)
    return count


@pytest.fixture
def held(pair: Pair) -> str:
    tasks.check_hooks(pair.connection.pk)
    assert not ItemSettings.objects.filter(connection=pair.connection).exclude(mode="manual").exists()
    polls_start(timezone.now())
    round_of(pair, timezone.now())
    web_id = pair.place(**KETTLE)
    assert pair.run(web_id) == "hold"
    return web_id


def make_item(pair: Pair, sku: str) -> None:
    pair.heartland_client().item_create({"public_id": sku, "description": sku, "price": 20, "cost": 1})


def test_an_item_made_in_heartland_releases_its_orders_in_manual_mode(pair: Pair, held: str) -> None:
    assert state(pair, held) == ("held", "item_not_linked")
    make_item(pair, "CMP-KETL")
    now = timezone.now() + timedelta(seconds=61)
    hear(pair, "item_created")
    Cursor.objects.filter(feed=Cursor.HELD).update(due_at=now)
    assert round_of(pair, now) == 1
    assert state(pair, held) == ("booked", "")


def test_without_a_word_it_is_looked_at_ever_more_seldom(pair: Pair, held: str) -> None:
    began, looks = timezone.now(), list[float]()
    for minute in range(0, 60 * 24, 5):
        now = began + timedelta(minutes=minute, seconds=1)
        Cursor.objects.filter(feed=Cursor.HELD).update(due_at=now)
        before = SyncJob.objects.filter(cause="recheck").count()
        held_recheck(connection=pair.connection, now=now)
        if SyncJob.objects.filter(cause="recheck").count() > before:
            looks.append(minute)
            SyncJob.objects.filter(status="pending").update(status="done")
            SyncError.objects.open().update(last_seen_at=now)
    assert looks[0] <= 10
    assert len(looks) <= 16
    assert max(b - a for a, b in pairwise(looks)) <= 365
    make_item(pair, "CMP-KETL")
    now = began + timedelta(days=2)
    Cursor.objects.filter(feed=Cursor.HELD).update(due_at=now)
    assert round_of(pair, now) == 1
    assert state(pair, held) == ("booked", "")


def test_a_round_takes_some_at_once_and_what_the_store_must_mend_not_at_all(pair: Pair, held: str) -> None:
    for number in range(AT_ONCE + 5):
        factories.problem(pair.connection, f"9{number:04}", factories.not_linked("NOWHERE"))
    factories.problem(pair.connection, "80001", factories.unmapped("Cash"))
    now = timezone.now() + timedelta(hours=1)
    Cursor.objects.filter(feed=Cursor.HELD).update(due_at=now)
    assert held_recheck(connection=pair.connection, now=now) == AT_ONCE
    queued = set(SyncJob.objects.filter(cause="recheck").values_list("external_id", flat=True))
    assert "80001" not in queued
    assert held_recheck(connection=pair.connection, now=now) is None


def test_an_ambiguous_buyer_goes_on_when_one_twin_is_switched_off(pair: Pair, held: str) -> None:
    client = pair.heartland_client()
    twins = [
        client.customer_create({"first_name": "Ann", "last_name": "Ruiz", "email": BUYER["email"]}) for _ in range(2)
    ]
    web_id = pair.place()
    assert pair.run(web_id) == "hold"
    assert state(pair, web_id) == ("held", "customer_ambiguous")
    client.customer_update(twins[0], active=False)
    now = timezone.now() + timedelta(seconds=61)
    hear(pair, "customer_updated")
    Cursor.objects.filter(feed=Cursor.HELD).update(due_at=now)
    round_of(pair, now)
    assert state(pair, web_id) == ("booked", "")
