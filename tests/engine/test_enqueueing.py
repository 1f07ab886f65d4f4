"""One pending job per record; bursts fold; lanes are woken once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django_q.models import OrmQ

from connections.models import Connection
from syncjobs.engine import jobs_enqueue, lane_wake
from syncjobs.engine.statements import job_claim
from syncjobs.models import Lane, Record, ServiceClass, SyncJob
from tests.engine.conftest import NINE, later, on_its_own

pytestmark = pytest.mark.django_db
Enqueue = Callable[..., SyncJob]


def test_a_burst_folds_into_one_pending_job(enqueue: Enqueue) -> None:
    first = enqueue(requested_at=later(0))
    second = enqueue(requested_at=later(2))
    third = enqueue(requested_at=later(1))
    assert first.pk == second.pk == third.pk
    job = SyncJob.objects.get()
    assert (job.hints, job.requested_at, job.cause, job.attempts) == (3, later(2), "webhook", 0)


def test_a_change_during_a_run_queues_exactly_one_more(enqueue: Enqueue) -> None:
    running = enqueue()
    assert job_claim(running, NINE)
    assert enqueue().pk == enqueue().pk != running.pk
    assert sorted(SyncJob.objects.values_list("status", flat=True)) == ["pending", "running"]


def test_the_database_refuses_a_second_pending_or_running_job(enqueue: Enqueue) -> None:
    job = enqueue()
    for status in ("pending", "running"):
        SyncJob.objects.filter(pk=job.pk).update(status=status, claimed_at=NINE)
        twin = SyncJob.objects.get(pk=job.pk)
        twin.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            twin.save(force_insert=True)


def test_a_waiting_retry_keeps_its_back_off_when_hints_come(enqueue: Enqueue) -> None:
    job = enqueue()
    SyncJob.objects.filter(pk=job.pk).update(not_before=later(300), attempts=4)
    enqueue(now=later(10))
    job.refresh_from_db()
    assert (job.not_before, job.attempts, job.hints) == (later(300), 4, 2)


@pytest.mark.parametrize("cause", ["retry", "fix"])
def test_a_person_overrides_the_back_off(enqueue: Enqueue, cause: str) -> None:
    job = enqueue()
    SyncJob.objects.filter(pk=job.pk).update(not_before=later(300), attempts=4)
    enqueue(now=later(10), cause=cause)
    job.refresh_from_db()
    assert (job.not_before, job.attempts) == (later(10), 0)


def test_an_urgent_hint_moves_a_bulk_job_to_the_fast_lane_but_not_back(enqueue: Enqueue) -> None:
    assert enqueue(service_class=ServiceClass.BULK).lane.service_class == "bulk"
    assert enqueue(service_class=ServiceClass.NOW).lane.service_class == "now"
    assert enqueue(service_class=ServiceClass.BULK).lane.service_class == "now"
    assert SyncJob.objects.count() == 1


def test_a_lane_is_woken_once_for_many_jobs(enqueue: Enqueue, settings: Any) -> None:
    for number in range(5):
        enqueue(str(number))
    assert OrmQ.objects.filter(key=settings.Q_CLUSTER["name"]).count() == 1
    assert Lane.objects.get().token_queued_at == NINE


def test_each_class_has_its_queue(enqueue: Enqueue, settings: Any) -> None:
    for number, service_class in enumerate(ServiceClass):
        enqueue(str(number), service_class=service_class)
    assert sorted(OrmQ.objects.values_list("key", flat=True)) == ["bulk", settings.Q_CLUSTER["name"], "soon"]


def test_a_worked_lane_gets_no_token(enqueue: Enqueue, django_capture_on_commit_callbacks: Any) -> None:
    lane = enqueue().lane
    OrmQ.objects.all().delete()
    Lane.objects.update(token_queued_at=None, lease_owner="somebody", lease_until="2999-01-01T00:00:00Z")
    with django_capture_on_commit_callbacks(execute=True) as looks:
        enqueue("8")
    assert (len(looks), OrmQ.objects.count()) == (1, 0)
    with django_capture_on_commit_callbacks() as looks:
        enqueue("9")
    Lane.objects.update(lease_owner="", lease_until=None)  # released between our look and our commit
    for look in looks:
        look()
    assert OrmQ.objects.count() == 1
    assert lane.jobs.count() == 3


def test_an_early_token_overtakes_a_delayed_one(enqueue: Enqueue) -> None:
    lane = enqueue().lane
    OrmQ.objects.all().delete()
    Lane.objects.update(token_queued_at=None)
    assert lane_wake(lane.pk, ServiceClass.NOW, now=NINE, at=later(30))
    assert not lane_wake(lane.pk, ServiceClass.NOW, now=NINE, at=later(40))
    assert lane_wake(lane.pk, ServiceClass.NOW, now=NINE, at=later(20))
    assert lane_wake(lane.pk, ServiceClass.NOW, now=NINE)
    assert not lane_wake(lane.pk, ServiceClass.NOW, now=NINE)
    assert lane_wake(lane.pk, ServiceClass.NOW, now=NINE, is_forced=True)
    delays = [
        round((row.lock - OrmQ.objects.order_by("-pk")[0].lock).total_seconds()) for row in OrmQ.objects.order_by("pk")
    ]
    assert delays == [30, 20, 0, 0]


def test_many_records_are_queued_in_few_statements(pair: Connection) -> None:
    ids = [str(number) for number in range(1200)]
    wish: dict[str, Any] = {
        "connection": pair,
        "flow": "toy",
        "cause": "backfill",
        "now": NINE,
        "service_class": ServiceClass.BULK,
    }
    jobs_enqueue(external_ids=["0"], **wish)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = jobs_enqueue(external_ids=[*ids, *ids], **wish)
    assert len(found) == len(set(found)) == SyncJob.objects.count() == 1200
    assert [SyncJob.objects.get(pk=pk).external_id for pk in (found[0], found[-1])] == ["0", "1199"]
    told = [query for query in queries if "SAVEPOINT" not in query["sql"]]
    assert len(told) == 8  # lane, three times 500 jobs and their records, wake-up
    assert Record.objects.filter(disposition="in_flight", flow="toy").count() == 1200


def test_queueing_costs_few_queries(enqueue: Enqueue, django_assert_num_queries: Any) -> None:
    enqueue()
    with django_assert_num_queries(7):  # lane, savepoint, job, record, wake-up refused, release, job as it is now
        enqueue("8")


@pytest.mark.django_db(transaction=True)
def test_queueing_waits_for_nobody_who_writes_the_record(pair: Connection) -> None:
    """A worker writes the record and then touches its pending job: whoever held that job meanwhile was a deadlock."""
    wish: dict[str, Any] = {"connection": pair, "flow": "toy", "external_ids": ["7"], "cause": "poll", "now": NINE}
    jobs_enqueue(**wish)
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        Record.objects.update(label="written, not committed")
        ids = pool.submit(on_its_own, partial(jobs_enqueue, **wish)).result(timeout=20)
        assert SyncJob.objects.filter(pk__in=ids).update(hints=9) == 1
