"""A callback of our own write is known as it comes; whatever may be somebody else's is looked at."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ

from connections.models import Connection, Hook
from syncjobs.engine import job_enqueue, lane_run, lanes
from syncjobs.engine.leases import LeaseLost, lease_take
from syncjobs.engine.recording import Try, try_echoed
from syncjobs.engine.running import job_run
from syncjobs.flows import FLOWS
from syncjobs.flows.base import Context, RunLog
from syncjobs.models import Attempt, InboxEvent, Lane, Record, SyncJob
from tests import factories
from tests.engine.conftest import Scripted
from tests.engine.test_webhooks import body_of, deliver
from tests.flows.test_order_statements import short

ORDER, UPDATED = "10432", "store/order/updated"
WROTE_AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = {"hash": "a2"}
Run = Callable[[], Any]


@pytest.fixture
def orders(monkeypatch: pytest.MonkeyPatch) -> Scripted:
    """The flow of orders, that only notes what it is asked to look at."""
    scripted = Scripted()
    monkeypatch.setitem(FLOWS, "orders", replace(FLOWS["orders"], context=Context, steps=()))
    monkeypatch.setattr("syncjobs.flows.base.Flow.run", lambda flow, context: scripted.run(context))
    return scripted


@pytest.fixture
def booked(pair: Connection) -> Record:
    return factories.order(pair, ORDER, own_write_at=WROTE_AT, read_at=WROTE_AT)


@pytest.fixture
def hook(pair: Connection, booked: Record) -> Hook:
    return factories.hook(pair, UPDATED)


def in_lane() -> None:
    lane_run(lane_id=Lane.objects.get().pk, now=timezone.now())


def alone() -> None:
    for job in SyncJob.objects.filter(status="pending"):
        job_run(job_id=job.pk, now=timezone.now())


both_ways = pytest.mark.parametrize("run", [in_lane, alone])


def tell(hook: Hook, seconds: float = 0, **changes: Any) -> int:
    """Have the store tell of a change so long after our write; answers the status."""
    at = int((WROTE_AT + timedelta(seconds=seconds)).timestamp())
    return deliver(hook, body_of(hook, **({"created_at": at} | changes)))


def tell_early(hook: Hook, seconds: float = 0, **changes: Any) -> int:
    """The same before the run that wrote has recorded it."""
    Record.objects.update(own_write_at=None)
    status = tell(hook, seconds, **changes)
    Record.objects.update(own_write_at=WROTE_AT)
    return status


def dispositions() -> list[str]:
    return list(InboxEvent.objects.order_by("pk").values_list("disposition", flat=True))


@pytest.mark.django_db
@pytest.mark.parametrize("seconds", [0, 2])
def test_one_callback_of_the_time_of_our_write_is_an_echo(hook: Hook, seconds: float) -> None:
    assert tell(hook, seconds) == 200
    assert (dispositions(), SyncJob.objects.exists(), OrmQ.objects.exists()) == (["echo"], False, False)
    assert Record.objects.get().own_write_at is None


@pytest.mark.django_db
@both_ways
@pytest.mark.parametrize("seconds", [0, 2])
def test_an_echo_that_came_before_its_write_was_recorded_is_known_by_the_worker(
    hook: Hook, orders: Scripted, run: Run, seconds: float
) -> None:
    tell_early(hook, seconds)
    run()
    assert (orders.ran, dispositions(), Record.objects.get().own_write_at) == ([], ["echo"], None)
    job, attempt = SyncJob.objects.get(), Attempt.objects.get()
    assert (job.status, job.attempts, bool(job.finished_at)) == ("done", 1, True)
    assert (attempt.job, attempt.outcome, attempt.sentence) == (job, "unchanged", "The store told of our own write.")


def asked_for_otherwise(hook: Hook) -> None:
    """The order is asked for otherwise, too, before the job is taken."""
    tell_early(hook)
    job_enqueue(connection=hook.connection, flow="orders", external_id=ORDER, cause="poll", now=timezone.now())


def named_otherwise(hook: Hook) -> None:
    hook.topic = "store/order/created"
    tell(hook)


def while_a_job_waits(hook: Hook) -> None:
    job_enqueue(connection=hook.connection, flow="orders", external_id=ORDER, cause="poll", now=timezone.now())
    tell(hook)


NO_ECHOES: dict[str, Callable[[Hook], Any]] = {
    "two callbacks before it was recorded": lambda hook: (tell_early(hook), tell_early(hook, 1, **LATER)),
    "one told twice before it was recorded": lambda hook: (tell_early(hook), tell_early(hook)),
    "a poll found it too": asked_for_otherwise,
    "a job waits": while_a_job_waits,
    "another topic": named_otherwise,
    "before": lambda hook: tell(hook, -1),
    "long after": lambda hook: tell(hook, 3),
    "no time": lambda hook: tell(hook, created_at="1772442000"),
    "a time without a date": lambda hook: tell(hook, created_at=10**30),
    "nothing written": lambda hook: (Record.objects.update(own_write_at=None), tell(hook)),
}


@pytest.mark.django_db
@both_ways
@pytest.mark.parametrize("happens", NO_ECHOES.values(), ids=NO_ECHOES)
def test_what_may_be_of_somebody_else_is_looked_at(
    hook: Hook, orders: Scripted, run: Run, happens: Callable[[Hook], Any]
) -> None:
    happens(hook)
    assert InboxEvent.objects.exists()
    run()
    assert orders.ran == [ORDER]
    assert "echo" not in dispositions()


@pytest.mark.django_db
@both_ways
def test_a_second_callback_of_that_time_is_looked_at(hook: Hook, orders: Scripted, run: Run) -> None:
    tell(hook)
    tell(hook, 1, **LATER)
    run()
    assert (orders.ran, dispositions()) == ([ORDER], ["echo", "queued"])


@pytest.mark.django_db
@both_ways
def test_an_echo_that_is_told_again_is_looked_at(hook: Hook, orders: Scripted, run: Run) -> None:
    """Two changes of one second may have one hash: nothing tells a second one from a repeat."""
    tell(hook)
    tell(hook)
    run()
    assert (orders.ran, dispositions()) == ([ORDER], ["queued"])
    event = InboxEvent.objects.get()
    assert (event.deliveries, event.job) == (2, SyncJob.objects.get())


@pytest.mark.django_db
def test_what_was_read_after_our_write_leaves_nothing_to_hear(hook: Hook, orders: Scripted) -> None:
    job_enqueue(connection=hook.connection, flow="orders", external_id=ORDER, cause="poll", now=timezone.now())
    in_lane()
    assert Record.objects.get().own_write_at is None
    tell(hook)
    in_lane()
    assert (orders.ran, dispositions()) == ([ORDER, ORDER], ["queued"])


@pytest.mark.django_db(transaction=True)
def test_of_callbacks_at_the_same_moment_one_is_an_echo(hook: Hook) -> None:
    if database.vendor != "postgresql":
        pytest.skip("SQLite has one writer")

    def told(number: int) -> None:
        tell(hook, hash=f"same{number}")
        database.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(told, range(4)))
    assert sorted(dispositions()) == ["echo", "queued", "queued", "queued"]
    assert SyncJob.objects.get().hints == 3


@pytest.mark.django_db
def test_a_hint_between_the_look_and_the_claim_counts(
    hook: Hook, orders: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell_early(hook)
    monkeypatch.setattr(
        "syncjobs.engine.running.failpoints.passing",
        lambda place: SyncJob.objects.update(hints=2) if place == "job.claimed" else None,
    )
    in_lane()
    assert orders.ran == [ORDER]


@pytest.mark.django_db
def test_who_lost_the_lane_writes_nothing(hook: Hook) -> None:
    tell_early(hook)
    lease = lease_take(Lane.objects.get().pk)
    assert lease
    job = SyncJob.objects.select_related("connection__store").get()
    context = Context(
        connection=job.connection,
        tables=None,  # type: ignore[arg-type]  # nothing is looked up
        external_id=ORDER,
        job=job,
        record=Record.objects.get(),
        now=WROTE_AT,
        read_at=WROTE_AT,
        log=RunLog([]),
    )
    the_try = Try(context=context, lease=replace(lease, owner="gone"), started=0)
    with pytest.raises(LeaseLost):
        try_echoed(the_try)
    assert (dispositions(), Attempt.objects.count(), SyncJob.objects.get().status) == (["queued"], 0, "pending")


@pytest.mark.django_db(transaction=True)
def test_an_echo_costs_a_claim_and_one_statement(hook: Hook, orders: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the second of three: from the look for it to the look for the third."""
    monkeypatch.setattr(lanes, "CONNECTION_SECONDS", 60.0)
    for number in ("1", "2", "3"):
        factories.order(hook.connection, number, read_at=WROTE_AT)
        tell(hook, hash=f"e{number}", data={"type": "order", "id": int(number)})
    Record.objects.update(own_write_at=WROTE_AT)
    with CaptureQueriesContext(database) as log:
        in_lane()
    assert (orders.ran, dispositions()) == ([], ["echo"] * 3)
    words = [short(query["sql"]) for query in log.captured_queries]
    looks = [at for at, word in enumerate(words) if word == "SELECT syncjobs_syncjob"]
    assert words[looks[2] : looks[3]] == [  # the first is for orphans
        "SELECT syncjobs_syncjob",
        "WITH syncjobs_syncjob",  # the claim, with the record as it is
        "WITH syncjobs_lane",  # the lease is still ours; nothing else is behind it: callback, attempt and job
    ]
