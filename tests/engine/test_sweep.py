"""The sweep puts right whatever a lost token or a dead process left undone; and what the clock starts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models.functions import Now
from django.utils import timezone
from django_q.models import Failure, OrmQ, Schedule

from connections.models import Connection
from errors.failures import PermissionMissing
from errors.models import SyncError
from ipaas import processes, queue
from syncjobs import tasks
from syncjobs.engine import jobs_enqueue, retention_apply, sweep, workers_started
from syncjobs.engine.schedules import SCHEDULES, schedules_write
from syncjobs.engine.stalls import look_stalls
from syncjobs.models import (
    Attempt,
    CardSettings,
    Cursor,
    InboxEvent,
    Lane,
    LoyaltySettings,
    RateBudget,
    Run,
    RunChange,
    ServiceClass,
    SyncJob,
    WorkerBeat,
)
from tests import factories
from tests.engine.conftest import NINE, Scripted, later

pytestmark = pytest.mark.django_db
Enqueue = Callable[..., SyncJob]
DEAD = processes.identity().rsplit("/", 2)[0] + "/999999999/1.00"
ELSEWHERE = "another-host/1/7/1.00"


def test_a_lane_whose_token_was_lost_is_woken(enqueue: Enqueue) -> None:
    enqueue()
    assert sweep(now=NINE).lanes_woken == 0  # its token waits
    OrmQ.objects.all().delete()
    assert sweep(now=later(1)).lanes_woken == 1
    assert sweep(now=later(2)).lanes_woken == 0


def test_a_token_that_rang_long_ago_is_lost_even_among_others(enqueue: Enqueue) -> None:
    enqueue()
    OrmQ.objects.all().delete()
    queue.token_put("ipaas", "sweep")
    assert sweep(now=later(299)).lanes_woken == 0
    assert sweep(now=later(301)).lanes_woken == 1


def test_only_running_connections_with_due_work_are_woken(enqueue: Enqueue, pair: Connection) -> None:
    enqueue(not_before=later(61))
    OrmQ.objects.all().delete()
    Lane.objects.update(token_queued_at=None)
    assert sweep(now=NINE).lanes_woken == 0
    pair.state = "paused"
    pair.save()
    assert sweep(now=later(90)).lanes_woken == 0
    pair.state = "active"
    pair.save()
    assert sweep(now=later(91)).lanes_woken == 1


def test_work_due_soon_gets_a_token_that_rings_then(enqueue: Enqueue) -> None:
    enqueue(not_before=later(40))
    OrmQ.objects.all().delete()
    Lane.objects.update(token_queued_at=None)
    assert sweep(now=NINE).lanes_woken == 1
    token = OrmQ.objects.filter(key="ipaas").annotate(clock=Now()).get()
    assert 38 < (token.lock - token.clock).total_seconds() < 41


@pytest.mark.parametrize(("owner", "is_freed"), [(DEAD, True), (ELSEWHERE, False)])
def test_what_a_dead_process_of_this_host_held_is_freed(enqueue: Enqueue, owner: str, is_freed: bool) -> None:
    job = enqueue()
    SyncJob.objects.filter(pk=job.pk).update(status="running", claimed_at=NINE, attempts=1)
    Lane.objects.update(lease_owner=owner, lease_until=Now() + timedelta(seconds=60))
    budget = {"capacity": 1, "refill_per_second": 5, "refilled_at": NINE}
    RateBudget.objects.create(system="heartland", tenant="t", writer=owner, writer_until=later(9), **budget)
    swept = sweep(now=later(1))
    job.refresh_from_db()
    assert (swept.jobs_released, swept.lanes_woken) == ((1, 1) if is_freed else (0, 0))
    assert (job.status, job.deaths) == (("pending", 1) if is_freed else ("running", 0))
    assert Lane.objects.get().lease_owner == ("" if is_freed else owner)
    assert RateBudget.objects.get().writer == ("" if is_freed else owner)


def test_a_lease_that_ran_out_frees_its_job(enqueue: Enqueue) -> None:
    job = enqueue()
    SyncJob.objects.filter(pk=job.pk).update(status="running", claimed_at=NINE, attempts=1)
    Lane.objects.update(lease_owner=ELSEWHERE, lease_until=Now() - timedelta(seconds=1))
    assert sweep(now=later(1)).jobs_released == 1
    assert Attempt.objects.get().outcome == "worker_died"


def test_a_freed_job_gives_way_to_a_newer_one_that_inherits_its_deaths(enqueue: Enqueue) -> None:
    job = enqueue()
    SyncJob.objects.filter(pk=job.pk).update(status="running", claimed_at=NINE, attempts=2, deaths=1)
    newer = enqueue(now=later(1))
    Lane.objects.update(lease_owner="", lease_until=None)
    sweep(now=later(2))
    job.refresh_from_db()
    newer.refresh_from_db()
    assert (job.status, newer.status, newer.deaths, newer.attempts) == ("superseded", "pending", 2, 2)


def test_every_running_connection_is_polled(pair: Connection) -> None:
    idle = factories.connection(state=Connection.State.PAUSED)
    assert sweep(now=NINE).polls_started == 4
    feeds = Cursor.objects.order_by("feed").values_list("connection_id", "feed")
    names = ["heartland.invoices", "heartland.sales_orders", "held", "store.orders"]
    assert list(feeds) == [(pair.pk, name) for name in names]
    assert [queue.token_read(token.payload).ids for token in OrmQ.objects.filter(key="soon")] == [(pair.pk,)] * 4
    Cursor.objects.update(due_at=later(300))
    assert sweep(now=later(310)).polls_started == 0  # their own tokens ring; only late polls get another
    assert sweep(now=later(331)).polls_started == 4
    assert not idle.cursors.exists()


def test_a_start_rings_for_polls_whose_tokens_died_with_the_last_workers(pair: Connection) -> None:
    sweep(now=NINE)
    Cursor.objects.update(due_at=later(20), lease_until=None)
    OrmQ.objects.all().delete()
    assert sweep(now=NINE).polls_started == 0
    assert sweep(now=NINE, is_start=True).polls_started == 4
    assert OrmQ.objects.count() == 4


def test_a_run_ends_when_its_jobs_have(flow: Scripted, pair: Connection) -> None:
    run = Run.objects.create(connection=pair, kind="orders_backfill", is_listed=True, started_at=NINE)
    wish: dict[str, Any] = {
        "connection": pair,
        "flow": "toy",
        "cause": "backfill",
        "now": NINE,
        "service_class": ServiceClass.BULK,
    }
    jobs_enqueue(external_ids=["1", "2"], run=run, **wish)
    assert sweep(now=NINE).runs_settled == 0
    tasks.run_lane(Lane.objects.get(service_class="bulk").pk)
    assert sweep(now=later(9)).runs_settled == 1
    run.refresh_from_db()
    assert (run.state, run.total, run.done, run.finished_at) == ("done", 2, 2, later(9))
    assert run.sentence == "2 looked at: 2 booked."


def test_the_sweep_leaves_a_sign_of_life() -> None:
    from syncjobs.engine import heartbeats

    heartbeats._last.clear()
    sweep(now=NINE)
    sweep(now=NINE)
    assert list(WorkerBeat.objects.values_list("queue", flat=True)) == ["sweep"]


def test_schedules_are_written_once_and_kept_in_step() -> None:
    assert schedules_write() == len(SCHEDULES)
    assert schedules_write() == 0
    Schedule.objects.filter(name="tillbridge.sweep").update(minutes=7)
    Schedule.objects.create(name="tillbridge.gone", func="x.y", schedule_type="I")
    Schedule.objects.create(name="tillbridge.sweep", func="x.y", schedule_type="I")
    Schedule.objects.create(name="another", func="x.y", schedule_type="I")
    kept = Schedule.objects.get(name="tillbridge.hooks")
    assert schedules_write() == 3
    assert sorted(Schedule.objects.values_list("name", flat=True)) == [
        "another",
        *sorted(one.name for one in SCHEDULES),
    ]
    assert Schedule.objects.get(name="tillbridge.hooks").next_run == kept.next_run
    call_command("schedules")


def test_a_cluster_that_starts_takes_over_what_was_left(enqueue: Enqueue) -> None:
    enqueue()
    OrmQ.objects.update(lock=Now() + timedelta(seconds=300))  # claimed by a worker that died
    assert workers_started(now=later(1)).lanes_woken == 1
    assert Schedule.objects.count() == len(SCHEDULES)


def test_every_task_that_is_named_exists() -> None:
    from connections import outbox
    from syncjobs.alerting import watch
    from syncjobs.engine import enqueueing, stalls, sweeping
    from syncjobs.engine.cursors import POLLS
    from syncjobs.intake import first_look

    clocked = {timed.task for timed in SCHEDULES}
    retried = {path.rpartition(".")[2] for path in stalls.LOOKS.values()}
    looks = {
        tasks.CHECK_HOOKS,
        tasks.LOOK_AT_DISTRIBUTION,
        tasks.LOOK_AT_PLACES,
        tasks.PREFLIGHT,
        tasks.TOTAL_CARDS,
        *retried,
    }
    firsts = {first_look.FIRST_LOOK, first_look.FIRST_PREVIEW}
    told = {outbox.DELIVER, watch.DELIVER}
    rung = {enqueueing.RUN_LANE, *POLLS.values(), sweeping.RUN_SLICE, *looks, *firsts, *told}
    assert clocked | rung == tasks.TASKS.keys()
    now = queue.token_read(queue.token("x")).put_at
    called = [queue.Token(task=name, ids=(1,) if name in rung else (), put_at=now) for name in tasks.TASKS]
    assert [tasks.task_of(token).__name__ for token in called] == list(tasks.TASKS)
    assert tasks.sweep().startswith("Swept(")
    assert tasks.retention() == "0 callbacks deleted"


def test_hooks_are_looked_at_spread_over_time(pair: Connection) -> None:
    factories.connection()
    assert tasks.hooks() == "2 connections"
    delays = [row.lock - OrmQ.objects.order_by("lock")[0].lock for row in OrmQ.objects.order_by("lock")]
    assert [round(delay.total_seconds()) for delay in delays] == [0, 300]
    pair.state = "paused"
    pair.save()
    assert tasks.check_hooks(pair.pk) == "not running"


def test_old_callbacks_are_deleted_and_young_ones_kept(pair: Connection, settings: Any, enqueue: Enqueue) -> None:
    settings.PAYLOAD_RETENTION_DAYS = 1
    now = timezone.now()
    for key, age in (("old", 73), ("young", 71)):
        InboxEvent.objects.create(
            connection=pair,
            system="bigcommerce",
            topic="t",
            delivery_key=key,
            body="{}",
            received_at=now - timedelta(hours=age),
            job=enqueue(),
        )
    Failure.objects.create(id="a" * 32, name="x", func="f", started=NINE, stopped=NINE, success=False)
    for age in (73, 71):
        run = Run.objects.create(
            connection=pair, kind="stock_sync", state="done", started_at=NINE, finished_at=now - timedelta(hours=age)
        )
        RunChange.objects.create(run=run, kind="update", subject=f"{age}", after="1")
    assert retention_apply(now) == 1
    assert (RunChange.objects.get().subject, Run.objects.count()) == ("71", 2)
    assert InboxEvent.objects.get().delivery_key == "young"
    assert (SyncJob.objects.count(), Failure.objects.count()) == (1, 0)


@pytest.mark.parametrize(
    ("feed", "model", "switch"), [("cards", CardSettings, "follows"), ("points", LoyaltySettings, "is_on")]
)
def test_a_feed_that_was_switched_off_leaves_neither_looks_nor_its_problem(
    feed: str, model: Any, switch: str, pair: Connection
) -> None:
    row = model(connection=pair, **{switch: True})
    if feed == "points":
        row.heartland_field, row.store_field = "points", "7"
    row.save()
    Cursor.objects.create(connection=pair, feed=feed, due_at=NINE, failure="Not allowed.")
    look_stalls(pair, feed, PermissionMissing("Not allowed."), NINE)
    sweep(now=NINE)
    assert Cursor.objects.filter(feed=feed).count() == 1
    setattr(row, switch, False)
    row.save()
    sweep(now=later(60))
    assert not Cursor.objects.filter(feed=feed).exists()
    assert SyncError.objects.get(external_id=feed).state == SyncError.State.RESOLVED
    OrmQ.objects.all().delete()
    sweep(now=later(120))
    tokens = [queue.token_read(one.payload) for one in OrmQ.objects.all()]
    assert f"run_{feed}" not in {one.task for one in tokens}
