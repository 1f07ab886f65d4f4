"""Callbacks that come while a commit is under way are committed together; each is answered for its own alone."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from django.db import DataError, OperationalError, connection, transaction
from django.utils import timezone
from django_q.models import OrmQ

from connections.models import Connection, Hook
from ipaas.failpoints import EXIT_STATUS
from ipaas.prepared import fetch
from ipaas.types import System
from syncjobs.callbacks.senders import Callback
from syncjobs.intake import group_commit, inbox
from syncjobs.intake.group_commit import MOST, GroupCommit
from syncjobs.intake.inbox import address_find, callback_receive
from syncjobs.models import InboxEvent, Lane, Record, SyncJob
from tests import factories
from tests.codes import ROOT
from tests.databases import database_url
from tests.engine.conftest import on_its_own

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="elsewhere each is stored by itself"),
]


@pytest.fixture
def hook(pair: Connection) -> Hook:
    return factories.hook(pair, "store/order/created")


def receive(hook: Hook, external_id: str, key: str = "") -> bool:
    address = address_find(System.BIGCOMMERCE, hook.token)
    assert address
    callback = Callback(
        system=System.BIGCOMMERCE,
        topic=hook.topic,
        key=key or f"key-{external_id}",
        external_id=external_id,
        flow="orders",
        text="{}",
    )
    return callback_receive(address, callback, timezone.now())


@contextmanager
def commit_under_way() -> Iterator[None]:
    """A commit of this process that ends when the block does."""
    together = inbox._together
    assert not together._is_under_way
    together._is_under_way = True
    try:
        yield
    finally:
        together._told([], [])


@pytest.fixture(autouse=True)
def _time_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads of a slow machine come together, too."""
    monkeypatch.setattr(group_commit, "PATIENCE", 20)


def arrive(pool: ThreadPoolExecutor, *works: Callable[[], bool]) -> list[Future[bool]]:
    """Callbacks that come, each in a thread; returns once all of them wait."""
    futures = [pool.submit(on_its_own, work) for work in works]
    deadline = time.monotonic() + 20
    while len(inbox._together._waiting) < len(works):
        assert time.monotonic() < deadline, "they do not wait"
        time.sleep(0.005)
    return futures


def commits() -> list[int]:
    """How many callbacks each transaction stored, the first first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM syncjobs_inboxevent GROUP BY xmin ORDER BY min(id)")
        return [count for (count,) in cursor.fetchall()]


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All that the inbox asks of the database, in any thread, but for finding addresses."""
    asked: list[str] = []

    def listed(statement: str, values: Any) -> list[Any]:
        asked.append(statement)
        return fetch(statement, values)

    monkeypatch.setattr(inbox, "fetch", listed)
    return asked


@pytest.mark.parametrize(("count", "expected"), [(5, [5]), (20, [MOST, MOST, 4])])
def test_those_that_came_meanwhile_cost_one_statement_and_one_commit(
    hook: Hook, statements: list[str], count: int, expected: list[int]
) -> None:
    with ThreadPoolExecutor(count) as pool:
        with commit_under_way():
            futures = arrive(pool, *(partial(receive, hook, str(number)) for number in range(count)))
            assert not any(future.done() for future in futures)
            assert InboxEvent.objects.count() == 0
        assert [future.result(20) for future in futures] == [True] * count
    assert (commits(), statements) == (expected, [inbox.STORE] * len(expected))
    jobs = {job.external_id: job.pk for job in SyncJob.objects.filter(status="pending", hints=1)}
    assert sorted(jobs) == sorted(map(str, range(count)))
    assert dict(InboxEvent.objects.values_list("external_id", "job_id")) == jobs
    assert set(Record.objects.values_list("external_id", "disposition")) == {(one, "in_flight") for one in jobs}
    assert OrmQ.objects.count() == 1
    assert Lane.objects.get().token_queued_at


def test_one_that_comes_alone_is_stored_at_once(hook: Hook, statements: list[str]) -> None:
    assert [receive(hook, "1"), receive(hook, "2")] == [True, True]
    assert (commits(), statements) == ([1, 1], [inbox.STORE] * 2)


def test_a_commit_that_hangs_keeps_nobody_waiting(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "PATIENCE", 0.05)
    with commit_under_way():
        assert [receive(hook, "1"), receive(hook, "2")] == [True, True]
    assert (commits(), inbox._together._waiting) == ([1, 1], [])


def test_who_is_committed_is_answered_though_the_next_commit_is_under_way() -> None:
    """The first of two commits answers while the second goes on."""
    second_began, second_may_end = threading.Event(), threading.Event()

    def commit(wishes: Sequence[int], is_shared: bool) -> list[int]:
        if 3 in wishes:
            second_began.set()
            assert second_may_end.wait(20)
        return [wish * 10 for wish in wishes]

    together: GroupCommit[int, int] = GroupCommit(commit, lambda wish: frozenset({wish % 3}))  # 3 and 0 never together
    together._is_under_way = True
    with ThreadPoolExecutor(3) as pool:
        futures = [pool.submit(together.store, wish) for wish in (0, 1, 3)]
        while len(together._waiting) < 3:
            time.sleep(0.005)
        together._told([], [])
        assert second_began.wait(20)
        assert (futures[0].result(20), futures[1].result(20), futures[2].done()) == (0, 10, False)
        second_may_end.set()
        assert futures[2].result(20) == 30


def test_a_bad_one_fails_nobody_else(hook: Hook, statements: list[str]) -> None:
    with ThreadPoolExecutor(4) as pool:
        with commit_under_way():
            works = [partial(receive, hook, one) for one in ("1", "9" * 200, "2", "3")]  # longer than its column
            first, bad, *others = arrive(pool, *works)
        with pytest.raises(DataError, match="too long"):
            bad.result(20)
        assert [future.result(20) for future in (first, *others)] == [True] * 3
    assert (commits(), len(statements)) == ([1, 1, 1], 1 + 4)  # together, then each by itself
    assert sorted(SyncJob.objects.values_list("external_id", "hints")) == [("1", 1), ("2", 1), ("3", 1)]


def test_one_whose_address_changed_is_the_only_one_not_stored(hook: Hook) -> None:
    other = factories.hook(hook.connection, "store/order/archived")
    with ThreadPoolExecutor(2) as pool:
        with commit_under_way():
            kept, changed = arrive(pool, partial(receive, hook, "1"), partial(receive, other, "2"))
            Hook.objects.filter(pk=other.pk).update(secret="another")
        assert (kept.result(20), changed.result(20)) == (True, False)
    assert list(InboxEvent.objects.values_list("external_id", flat=True)) == ["1"]


def test_those_of_one_record_or_one_event_follow_each_other(hook: Hook) -> None:
    events = [("7", "a"), ("7", "b"), ("8", "c"), ("8", "c")]
    with ThreadPoolExecutor(4) as pool:
        with commit_under_way():
            futures = arrive(pool, *(partial(receive, hook, *one) for one in events))
        assert [future.result(20) for future in futures] == [True] * 4
    assert sorted(SyncJob.objects.values_list("external_id", "hints")) == [("7", 2), ("8", 1)]
    assert sorted(InboxEvent.objects.values_list("delivery_key", "deliveries")) == [("a", 1), ("b", 1), ("c", 2)]


def test_one_that_waits_for_a_lock_keeps_nobody_waiting(hook: Hook) -> None:
    receive(hook, "7", "first")
    with ThreadPoolExecutor(3) as pool:
        with transaction.atomic():
            SyncJob.objects.select_for_update().get()
            with commit_under_way():
                waits, beside = arrive(pool, partial(receive, hook, "7", "second"), partial(receive, hook, "8"))
            assert beside.result(5)
            assert pool.submit(on_its_own, partial(receive, hook, "9")).result(5)
            assert not waits.done()
        assert waits.result(20)
    assert sorted(SyncJob.objects.values_list("external_id", "hints")) == [("7", 2), ("8", 1), ("9", 1)]


def test_what_was_stored_before_the_answer_was_lost_is_stored_once(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database goes away between a commit and its answer: each asks again, and finds its own there."""
    lost = ["gone"]

    def losing(statement: str, values: Any) -> list[Any]:
        rows = fetch(statement, values)
        if lost:
            raise OperationalError(lost.pop())
        return rows

    monkeypatch.setattr(inbox, "fetch", losing)
    with ThreadPoolExecutor(3) as pool:
        with commit_under_way():
            futures = arrive(pool, *(partial(receive, hook, str(number)) for number in range(3)))
        assert [future.result(20) for future in futures] == [True] * 3
    assert sorted(SyncJob.objects.values_list("external_id", "hints")) == [("0", 1), ("1", 1), ("2", 1)]
    assert list(InboxEvent.objects.values_list("deliveries", flat=True)) == [2, 2, 2]


PROGRAM = """
import os, sys, threading, time
import django
django.setup()
from functools import partial
from ipaas.types import System
from syncjobs.intake import group_commit, inbox
from syncjobs.intake.webhooks import Delivery, take
def answer(number):
    raw = b'{"id": %d, "updated_at": "2026-03-02T09:00:00Z"}' % number
    delivery = Delivery(system=System.HEARTLAND, token=sys.argv[1], meta={}, read=lambda: raw)
    os.write(1, b"%d %d\\n" % (number, take(delivery)))
answer(0)
group_commit.PATIENCE = 20
inbox._together._is_under_way = True
for number in range(1, 6):
    threading.Thread(target=answer, args=[number]).start()
while len(inbox._together._waiting) < 5:
    time.sleep(0.005)
inbox._together._told([], [])
"""


def test_a_process_killed_after_a_commit_has_lost_nothing_that_it_answered(pair: Connection) -> None:
    """It dies when the second answer is due: the first is true, all that were committed are there, and none twice."""
    hook = factories.hook(pair, "item_updated", system="heartland")
    environment = {"DJANGO_SETTINGS_MODULE": "ipaas.settings", "DATABASE_URL": database_url()}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, hook.token],
        cwd=ROOT, env=os.environ | environment | {"FAILPOINT": "webhook.stored:2"}, capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (EXIT_STATUS, "0 200\n"), done.stderr
    assert commits() == [1, 5]
    assert list(InboxEvent.objects.values_list("deliveries", flat=True)) == [1] * 6
