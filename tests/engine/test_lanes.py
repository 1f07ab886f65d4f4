"""A lane: one worker at a time, in order, in slices, by leases that a dead worker does not keep."""

import os
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.forms.models import model_to_dict
from django_q.conf import Conf
from django_q.models import OrmQ

from connections.models import Connection
from errors.failures import Throttled, Unreachable
from errors.models import SyncError
from ipaas import processes
from mappings.services import field_default_set
from syncjobs import tasks
from syncjobs.engine import connection_read, connection_wake, lane_abandon, lane_run
from syncjobs.engine.leases import lease_take, me
from syncjobs.flows.base import Context, Outcome
from syncjobs.models import Attempt, Circuit, Lane, Record, ServiceClass, SyncJob
from tests.engine.conftest import BOOKED, NINE, Scripted, call, calling, later

pytestmark = pytest.mark.django_db
Enqueue = Callable[..., SyncJob]
DEAD = processes.identity().rsplit("/", 2)[0] + "/999999999/1.00"
ELSEWHERE = "another-host/1/7/1.00"


@pytest.fixture
def lane(pair: Connection) -> Lane:
    return Lane.objects.create(connection=pair, service_class="now")


def token_rings_at() -> datetime:
    rings_at = Lane.objects.get().token_queued_at
    assert rings_at
    return rings_at


def hold(lane: Lane, owner: str, until: str = "2999-01-01T00:00:00Z") -> None:
    Lane.objects.filter(pk=lane.pk).update(lease_owner=owner, lease_until=until)


def test_due_jobs_run_in_order_and_the_lane_rests(flow: Scripted, enqueue: Enqueue, lane: Lane) -> None:
    for number in range(3):
        enqueue(str(number))
    OrmQ.objects.all().delete()
    assert lane_run(lane_id=lane.pk, now=NINE) == "3 jobs"
    assert flow.ran == ["0", "1", "2"]
    lane.refresh_from_db()
    assert (lane.lease_owner, lane.lease_until, lane.token_queued_at) == ("", None, None)
    assert OrmQ.objects.count() == 0
    assert lane_run(lane_id=lane.pk, now=NINE) == "0 jobs"


def test_a_worked_lane_is_left_alone(flow: Scripted, enqueue: Enqueue, lane: Lane) -> None:
    enqueue()
    hold(lane, ELSEWHERE)
    assert lane_run(lane_id=lane.pk, now=NINE) == "busy"
    assert (flow.ran, Lane.objects.get().lease_owner) == ([], ELSEWHERE)


def test_a_lease_that_ran_out_is_taken_over_and_its_job_freed(flow: Scripted, enqueue: Enqueue, lane: Lane) -> None:
    job = enqueue()
    SyncJob.objects.filter(pk=job.pk).update(status="running", claimed_at=NINE, attempts=1)
    hold(lane, ELSEWHERE, until="2020-01-01T00:00:00Z")
    assert lane_run(lane_id=lane.pk, now=later(5)) == "1 jobs"
    job.refresh_from_db()
    assert (job.status, job.attempts, job.deaths) == ("done", 2, 1)
    assert list(Attempt.objects.order_by("pk").values_list("outcome", "number")) == [("worker_died", 1), ("booked", 2)]
    assert Attempt.objects.get(number=1).duration_ms == 5000


def test_a_job_that_kills_three_workers_is_a_dead_letter(flow: Scripted, enqueue: Enqueue, lane: Lane) -> None:
    job, other = enqueue("poison"), enqueue("fine")
    moment = 0.0
    for _ in range(3):
        SyncJob.objects.filter(pk=job.pk).update(status="running", claimed_at=later(moment))
        hold(lane, ELSEWHERE, until="2020-01-01T00:00:00Z")
        flow.does(BOOKED)
        lane_run(lane_id=lane.pk, now=later(moment))
        SyncJob.objects.filter(pk=job.pk, status="done").update(status="pending")
        moment += 1000
    job.refresh_from_db()
    other.refresh_from_db()
    assert (job.status, job.deaths, other.status) == ("dead", 3, "done")
    error = SyncError.objects.get()
    assert (error.state, error.code, error.label) == ("dead", "worker_died", "Toy poison")
    assert Record.objects.get(external_id="poison").disposition == "dead"


def test_a_worker_that_lost_its_lease_records_nothing(flow: Scripted, enqueue: Enqueue, lane: Lane) -> None:
    def robbed(context: Context) -> Outcome:
        hold(lane, ELSEWHERE)
        return BOOKED

    flow.does(robbed)
    enqueue()
    enqueue("8")
    assert lane_run(lane_id=lane.pk, now=NINE) == "lost"
    assert flow.ran == ["7"]
    assert (Record.objects.exclude(disposition="in_flight").count(), Attempt.objects.count()) == (0, 0)
    assert Lane.objects.get().lease_owner == ELSEWHERE


def test_after_a_slice_it_is_the_next_lanes_turn(
    flow: Scripted, enqueue: Enqueue, lane: Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("syncjobs.engine.lanes.SLICE_JOBS", 2)
    for number in range(5):
        enqueue(str(number))
    OrmQ.objects.all().delete()
    assert [lane_run(lane_id=lane.pk, now=NINE) for _ in range(3)] == ["2 jobs", "2 jobs", "1 jobs"]
    assert OrmQ.objects.count() == 2  # one token at the tail after each slice that left work
    assert flow.ran == ["0", "1", "2", "3", "4"]


def test_a_stopping_cluster_takes_no_further_job(
    flow: Scripted, enqueue: Enqueue, lane: Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("syncjobs.engine.lanes.queue.is_stopping", lambda: bool(flow.ran))
    enqueue("0")
    enqueue("1")
    OrmQ.objects.all().delete()
    assert lane_run(lane_id=lane.pk, now=NINE) == "1 jobs"
    assert (OrmQ.objects.count(), Lane.objects.get().lease_owner) == (1, "")


def test_a_retry_leaves_a_token_that_rings_when_it_is_due(flow: Scripted, enqueue: Enqueue, lane: Lane) -> None:
    flow.does(Unreachable("No answer.", retry_after=30))
    enqueue()
    OrmQ.objects.all().delete()
    lane_run(lane_id=lane.pk, now=NINE)
    token, lane = OrmQ.objects.annotate(clock=Now()).get(), Lane.objects.get()
    assert 28 < (token.lock - token.clock).total_seconds() < 31
    assert lane.token_queued_at == SyncJob.objects.get().not_before


def test_a_throttled_tenant_rests_the_lane_and_keeps_the_order(flow: Scripted, enqueue: Enqueue, lane: Lane) -> None:
    slow = Throttled("slow", retry_after=7)
    flow.does(slow, BOOKED)
    for number in range(3):
        enqueue(str(number))
    assert lane_run(lane_id=lane.pk, now=NINE) == "0 jobs"
    assert flow.ran == ["0"]
    assert later(7) <= token_rings_at() < later(8)
    lane_run(lane_id=lane.pk, now=later(8))
    assert flow.ran == ["0", "0", "1", "2"]


def test_an_open_circuit_rests_the_lane(flow: Scripted, enqueue: Enqueue, lane: Lane) -> None:
    flow.does(calling(call(status=None), then=Unreachable("No answer.")))
    for number in range(7):
        enqueue(str(number))
    assert lane_run(lane_id=lane.pk, now=NINE) == "4 jobs"
    assert len(flow.ran) == 5
    probe_after = Circuit.objects.get().probe_after
    assert probe_after
    assert token_rings_at() >= probe_after
    assert lane_run(lane_id=lane.pk, now=later(0.5)) == "0 jobs"


@pytest.mark.parametrize(
    ("model", "change"), [("connection", "paused"), ("heartland", "revoked"), ("store", "disconnected")]
)
def test_a_connection_that_stands_still_keeps_its_jobs(
    flow: Scripted, enqueue: Enqueue, lane: Lane, pair: Connection, model: str, change: str
) -> None:
    row: Any = {"connection": pair, "heartland": pair.heartland, "store": pair.store}[model]
    row.state = change
    row.save()
    enqueue()
    OrmQ.objects.all().delete()
    assert lane_run(lane_id=lane.pk, now=NINE) == "0 jobs"
    assert (flow.ran, OrmQ.objects.count(), SyncJob.objects.get().attempts) == ([], 0, 0)
    assert connection_wake(connection=pair, now=NINE) == 1
    assert OrmQ.objects.count() == 1


def test_a_record_in_hand_elsewhere_lets_the_next_job_go_first(flow: Scripted, enqueue: Enqueue, lane: Lane) -> None:
    bulk = enqueue("7", service_class=ServiceClass.BULK)
    SyncJob.objects.filter(pk=bulk.pk).update(status="running", claimed_at=NINE)
    waiting = enqueue("7")
    enqueue("8")
    assert lane_run(lane_id=lane.pk, now=NINE) == "1 jobs"
    waiting.refresh_from_db()
    assert flow.ran == ["8"]
    assert (waiting.status, waiting.attempts) == ("pending", 0)
    assert later(1) <= waiting.not_before < later(2)


def test_a_database_that_went_away_costs_neither_attempt_nor_lease(
    flow: Scripted, enqueue: Enqueue, lane: Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("syncjobs.engine.lanes.database.close", lambda: None)
    job = enqueue()
    OrmQ.objects.all().delete()
    assert lease_take(lane.pk)
    SyncJob.objects.filter(pk=job.pk).update(status="running", claimed_at=NINE, attempts=1)
    assert lane_abandon(lane_id=lane.pk, now=later(1))
    job.refresh_from_db()
    assert (job.status, job.attempts, job.deaths) == ("pending", 0, 0)
    assert (Lane.objects.get().lease_owner, OrmQ.objects.count()) == ("", 1)


def test_leases_outlast_the_time_a_cluster_lets_a_task_run(lane: Lane) -> None:
    lease = lease_take(lane.pk)
    assert lease
    assert lease.seconds > Conf.TIMEOUT + 3
    held = Lane.objects.annotate(clock=Now()).get()
    assert held.lease_until
    assert abs((held.lease_until - held.clock).total_seconds() - lease.seconds) < 2


def test_an_ordinary_job_costs_few_queries(
    flow: Scripted, enqueue: Enqueue, lane: Lane, django_assert_num_queries: Any
) -> None:
    """Lease, orphans, connection, circuits and stock once; per job: next, claim, and one to write it down."""
    for number in range(3):
        enqueue(str(number))
    lane_run(lane_id=lane.pk, now=NINE)
    for number in range(3):
        enqueue(str(number), now=later(1))
    # lease, orphans, connection, circuits, last look, release, again, stock of all stores of the account
    around = 1 + 1 + 1 + 1 + 1 + 4 + 1 + 3
    with django_assert_num_queries(around + 3 * 3):
        assert lane_run(lane_id=lane.pk, now=later(1)) == "3 jobs"


def test_who_we_are_is_known_again() -> None:
    assert me() == processes.identity()
    assert not processes.is_dead(me())
    assert processes.is_dead(DEAD)
    assert not processes.is_dead(ELSEWHERE)  # nobody here can know
    assert not processes.is_dead("nonsense")
    child = os.fork()
    if child == 0:
        os._exit(0)
    twin = f"{me().rsplit('/', 2)[0]}/{child}/{me().rsplit('/', 1)[1]}"
    os.waitpid(child, 0)
    assert processes.is_dead(twin)
    assert processes.is_dead(me().rsplit("/", 1)[0] + "/1.00")  # the pid was given to another process since


def test_a_defect_outside_the_flow_counts_as_a_death_and_frees_the_lane(
    flow: Scripted, enqueue: Enqueue, lane: Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("syncjobs.engine.lanes.database.close", lambda: None)
    monkeypatch.setattr("syncjobs.engine.running.record_of", broken)
    job = enqueue()
    with pytest.raises(ZeroDivisionError):
        tasks.run_lane(lane.pk)
    job.refresh_from_db()
    assert (job.status, job.deaths, Lane.objects.get().lease_owner) == ("pending", 1, "")


def test_a_record_that_killed_before_gets_one_chance_only(flow: Scripted, enqueue: Enqueue, lane: Lane) -> None:
    code = {"disposition": "dead", "code": "worker_died", "first_seen_at": NINE, "changed_at": NINE}
    Record.objects.create(connection=lane.connection, flow="toy", external_id="7", **code)
    job = enqueue()
    SyncJob.objects.filter(pk=job.pk).update(status="running", claimed_at=NINE)
    assert lane_run(lane_id=lane.pk, now=later(1)) == "0 jobs"
    job.refresh_from_db()
    assert (job.status, job.deaths) == ("dead", 1)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite takes text of any length")
@pytest.mark.django_db(transaction=True)  # as in a worker: what fails takes no transaction around it along
def test_facts_that_cannot_be_written_do_not_hold_up_the_lane(flow: Scripted, enqueue: Enqueue, lane: Lane) -> None:
    def learns_too_much(context: Context) -> Outcome:
        context.learn(label="x" * 500)
        return BOOKED

    flow.does(learns_too_much, BOOKED)
    job, other = enqueue("7"), enqueue("8")
    assert lane_run(lane_id=lane.pk, now=NINE) == "2 jobs"
    job.refresh_from_db()
    other.refresh_from_db()
    assert (job.status, job.attempts, other.status) == ("pending", 1, "done")
    assert SyncError.objects.get().answer.startswith("DataError")


def test_a_connection_is_read_as_django_would(pair: Connection) -> None:
    pair.store.owner_email = "owner@example.com"
    pair.store.save()
    read, known = connection_read(pair.pk), Connection.objects.get(pk=pair.pk)
    for one, other in (
        (read, known),
        (read.heartland, known.heartland),
        (read.store, known.store),
        (read.order_settings, known.order_settings),
        (read.store.credential, known.store.credential),
        (read.heartland.credential, known.heartland.credential),
    ):
        assert model_to_dict(one) == model_to_dict(other)  # type: ignore[arg-type]
        assert type(one) is type(other)
    assert (read.is_running, read.store.owner_email) == (True, "owner@example.com")
    pair.store.credential.delete()  # type: ignore[union-attr]
    pair.order_settings.delete()
    read = connection_read(pair.pk)
    assert read.store.credential is None
    assert read.heartland.credential
    assert not hasattr(read, "order_settings")
    with pytest.raises(Connection.DoesNotExist):
        connection_read(0)


@pytest.mark.parametrize(("cause", "seen"), [("fix", [{}, {"tier": "web"}]), ("webhook", [{}, {}])])
def test_what_a_person_just_changed_counts_for_what_they_ask_for(
    flow: Scripted, enqueue: Enqueue, lane: Lane, pair: Connection, cause: str, seen: list[dict[str, str]]
) -> None:
    """Tables are kept for a second; nobody waits for that who mends something and has the order tried again."""
    found = []

    def run(context: Context) -> Outcome:
        found.append(dict(context.tables.field_defaults["customer"]))
        if len(found) == 1:
            field_default_set(connection=pair, group="customer", key="tier", value="web")
            enqueue("8", cause=cause)
        return BOOKED

    flow.does(run)
    enqueue("7")
    assert lane_run(lane_id=lane.pk, now=NINE) == "2 jobs"
    assert found == seen
