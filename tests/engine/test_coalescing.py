"""What many callbacks ask for alike is done once, and none of it is lost: counts, and second looks at lanes."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from django_q.models import OrmQ

from connections.models import Connection, Hook
from ipaas.types import System
from syncjobs.callbacks.senders import Callback
from syncjobs.engine.lanes import lane_rest
from syncjobs.engine.leases import Lease, lease_take
from syncjobs.intake.coalescing import Coalescer, Due, coalescer
from syncjobs.intake.inbox import address_find, callback_receive
from syncjobs.models import Cursor, InboxEvent, Lane, SyncJob
from syncjobs.pos.heartland.heartland_hooks import TOPICS
from tests import factories
from tests.codes import ROOT
from tests.engine.conftest import on_its_own

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="elsewhere it is done with the callback"),
]


@pytest.fixture
def hook(pair: Connection) -> Hook:
    return factories.hook(pair, "store/order/created")


def receive(hook: Hook, key: str, now: datetime | None = None) -> bool:
    address = address_find(System.BIGCOMMERCE, hook.token)
    assert address
    callback = Callback(system=System.BIGCOMMERCE, topic=hook.topic, key=key, external_id=key, flow="orders", text="{}")
    return callback_receive(address, callback, now or timezone.now())


def take_lane(hook: Hook) -> Lease:
    """A worker has the lane of the hook's connection."""
    address = address_find(System.BIGCOMMERCE, hook.token)
    assert address
    lease = lease_take(address.lane_id)
    assert lease
    return lease


def test_callbacks_of_many_threads_are_counted_together(hook: Hook) -> None:
    other = factories.hook(hook.connection, "store/order/archived")
    moments = [timezone.now() for _ in range(20)]
    with ThreadPoolExecutor(4) as pool:
        work = [
            partial(receive, one, f"{one.pk}-{number}", now)
            for number, now in enumerate(moments)
            for one in (hook, other)
        ]
        assert all(pool.map(on_its_own, work))
    coalescer.stop()
    for one in (hook, other):
        one.refresh_from_db()
        assert (one.received, one.last_received_at) == (20, max(moments))


def test_a_lane_released_while_a_callback_was_stored_is_woken(hook: Hook) -> None:
    """The callback saw the lane in a worker's hands, and the worker's last look could not see the callback's job."""
    lease = take_lane(hook)
    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            InboxEvent.objects.create(
                connection=hook.connection,
                system="bigcommerce",
                topic=hook.topic,
                delivery_key="7",
                received_at=timezone.now(),
            )  # another delivery of it: ours waits, with what it saw of the lane
            storing = pool.submit(on_its_own, partial(receive, hook, "7"))
            wait_until_somebody_waits()
            pool.submit(on_its_own, partial(lane_rest, lease, now=timezone.now())).result(timeout=20)
            transaction.set_rollback(True)
        assert storing.result(timeout=20)
    coalescer.stop()
    assert SyncJob.objects.get().status == "pending"
    assert OrmQ.objects.count() == 1
    assert Lane.objects.get().token_queued_at


def wait_until_somebody_waits() -> None:
    with connection.cursor() as cursor:
        for _ in range(2_000):
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
            threading.Event().wait(0.01)
    raise AssertionError("nobody waits")


def test_a_lane_in_a_workers_hands_is_left_alone(hook: Hook) -> None:
    take_lane(hook)
    receive(hook, "7")
    coalescer.stop()
    assert OrmQ.objects.count() == 0


def test_a_lane_whose_worker_did_it_all_is_not_woken(hook: Hook) -> None:
    lease = take_lane(hook)
    receive(hook, "7")
    SyncJob.objects.update(status="done")
    lane_rest(lease, now=timezone.now())
    coalescer.stop()
    assert OrmQ.objects.count() == 0


def test_news_of_many_callbacks_bring_a_look_forward_once(hook: Hook) -> None:
    now = timezone.now()
    for feed in (Cursor.HELD, "heartland.items", Cursor.STOCK):
        Cursor.objects.create(connection=hook.connection, feed=feed, due_at=now + timedelta(hours=1))
    for _ in range(5):
        coalescer.news(hook.connection_id, TOPICS["item_updated"])
    coalescer.stop()
    due = dict(Cursor.objects.values_list("feed", "due_at"))
    assert due[Cursor.HELD] - now < timedelta(minutes=1)
    assert due["heartland.items"] - now < timedelta(minutes=1)
    assert due[Cursor.STOCK] == now + timedelta(hours=1)
    assert OrmQ.objects.count() == 2


def test_what_the_database_did_not_take_is_done_later(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("syncjobs.intake.coalescing.AWAY_SECONDS", 0.05)
    settle, failures = Due.settle, [OperationalError("gone"), OperationalError("gone")]

    def away(due: Due) -> None:
        if due and failures:
            raise failures.pop()
        settle(due)

    monkeypatch.setattr(Due, "settle", away)
    receive(hook, "7")
    for _ in range(200):
        hook.refresh_from_db()
        if hook.received:
            break
        threading.Event().wait(0.05)
    assert (hook.received, failures) == (1, [])


def test_the_thread_ends_when_nothing_comes_and_begins_again(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("syncjobs.intake.coalescing.IDLE_SECONDS", 0.05)
    gathering = Coalescer()
    for _ in range(2):
        gathering.received(hook.pk, timezone.now(), awake_lane=None)
        thread = gathering._thread
        assert thread
        thread.join(20)
        assert gathering._thread is None
    hook.refresh_from_db()
    assert hook.received == 2


PROGRAM = """
import django
django.setup()
from django.utils import timezone
from syncjobs.intake.coalescing import Due, coalescer
Due.settle = lambda due: print({hook: count for hook, (count, at) in due.received.items()}, due.lanes)
for _ in range(3):
    coalescer.received(7, timezone.now(), awake_lane=9)
"""


def test_a_process_that_ends_does_first_what_is_due() -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "ipaas.settings"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.splitlines()[0] == "{7: 3} {9}"
