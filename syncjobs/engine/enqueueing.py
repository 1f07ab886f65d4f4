"""Queueing jobs and waking lanes. One pending job per record; whatever comes meanwhile folds into it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import connection as database
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from connections.models import Connection
from ipaas import queue
from ipaas.prepared import fetch_one
from syncjobs.engine import dialect
from syncjobs.models import Lane, Run, ServiceClass, SyncJob

RUN_LANE = "run_lane"
# A person asks: the back-off and the attempts of a waiting retry are forgotten.
URGENT_CAUSES = ("retry", "fix", SyncJob.LOOK_AGAIN)
ROWS_AT_ONCE = 500

UPSERT = """
INSERT INTO syncjobs_syncjob (connection_id, lane_id, flow, external_id, status, cause, hints, requested_at,
    run_id, attempts, deaths, not_before, created_at)
VALUES {rows}
ON CONFLICT (connection_id, flow, external_id) WHERE status = 'pending' DO UPDATE SET
    hints = syncjobs_syncjob.hints + 1,
    requested_at = {greatest}(syncjobs_syncjob.requested_at, EXCLUDED.requested_at),
    run_id = COALESCE(EXCLUDED.run_id, syncjobs_syncjob.run_id),
    lane_id = CASE WHEN {is_now} THEN EXCLUDED.lane_id ELSE syncjobs_syncjob.lane_id END,
    not_before = CASE WHEN {is_urgent} THEN {least}(syncjobs_syncjob.not_before, EXCLUDED.not_before)
        ELSE syncjobs_syncjob.not_before END,
    cause = CASE WHEN {is_urgent} THEN EXCLUDED.cause ELSE syncjobs_syncjob.cause END,
    attempts = CASE WHEN {is_urgent} THEN 0 ELSE syncjobs_syncjob.attempts END
RETURNING id"""
ROW = "(%s, %s, %s, %s, 'pending', %s, 1, {requested}, %s, 0, 0, %s, %s)"

# A worker writes a record first and then its jobs; who holds a job's row must not wait for the record's. An insert
# waits for whoever is writing the row that it meets, so it is made only where there is none.
RECORDS = """
INSERT INTO syncjobs_record (connection_id, flow, external_id, disposition, code, reason, label, source_status,
    source_version, target_id, target_label, is_distributed, currency, facts, first_seen_at, changed_at,
    same_result_count)
SELECT connection_id, flow, external_id, 'in_flight', '', '', '', '', '', '', '', FALSE, '', '{{}}', %s, %s, 0
FROM syncjobs_syncjob job WHERE id IN ({ids}) AND NOT EXISTS (SELECT 1 FROM syncjobs_record known
    WHERE (known.connection_id, known.flow, known.external_id) = (job.connection_id, job.flow, job.external_id))
ON CONFLICT (connection_id, flow, external_id) DO NOTHING"""

IS_ASLEEP = """
SELECT 1 FROM syncjobs_lane WHERE id = %(lane)s AND (token_queued_at IS NULL OR token_queued_at > %(at)s)
    AND (lease_until IS NULL OR lease_until < {now})"""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is asked for a set of records of one flow."""

    connection_id: int
    lane_id: int
    service_class: ServiceClass
    flow: str
    cause: str  # webhook, poll, backfill, retry, fix, sweep
    now: datetime
    not_before: datetime
    requested_at: datetime | None  # None: the database's clock, which reads are compared with
    run_id: int | None = None


def queue_of(service_class: ServiceClass) -> str:
    """The queue, and with it the cluster, that works a class of service."""
    return ServiceClass(service_class).queue


def lane_of(connection_id: int, service_class: ServiceClass) -> int:
    """The id of a lane, made when its first job comes."""
    known = Lane.objects.filter(connection_id=connection_id, service_class=service_class).values_list("pk", flat=True)
    found = known.first()
    if found is None:
        found = Lane.objects.get_or_create(connection_id=connection_id, service_class=service_class)[0].pk
    return found


def job_enqueue(
    *,
    connection: Connection,
    flow: str,
    external_id: str,
    cause: str,
    now: datetime,
    service_class: ServiceClass = ServiceClass.NOW,
    not_before: datetime | None = None,
    requested_at: datetime | None = None,
) -> SyncJob:
    """Ask that a record be looked at; returns its one pending job, new or folded into. Wakes the lane with it."""
    ids = jobs_enqueue(
        connection=connection,
        flow=flow,
        external_ids=[external_id],
        cause=cause,
        now=now,
        service_class=service_class,
        not_before=not_before,
        requested_at=requested_at,
    )
    return SyncJob.objects.get(pk=ids[0])


def jobs_enqueue(
    *,
    connection: Connection,
    flow: str,
    external_ids: Sequence[str],
    cause: str,
    now: datetime,
    service_class: ServiceClass = ServiceClass.NOW,
    not_before: datetime | None = None,
    requested_at: datetime | None = None,
    run: Run | None = None,
) -> list[int]:
    """`job_enqueue` for many records at once; returns the ids of their pending jobs, in order."""
    lane_id = lane_of(connection.pk, ServiceClass(service_class))
    wish = Wish(
        connection_id=connection.pk,
        lane_id=lane_id,
        service_class=ServiceClass(service_class),
        flow=flow,
        cause=cause,
        now=now,
        not_before=not_before or now,
        requested_at=requested_at,
        run_id=run.pk if run else None,
    )
    wanted = list(dict.fromkeys(external_ids))
    with transaction.atomic():
        ids = [pk for at in range(0, len(wanted), ROWS_AT_ONCE) for pk in upsert(wish, wanted[at : at + ROWS_AT_ONCE])]
        if ids:
            lane_wake(lane_id, wish.service_class, now=now, at=wish.not_before)
    return ids


def upsert(wish: Wish, external_ids: Sequence[str]) -> list[int]:
    """Insert or fold the jobs in one statement; ids in order. Must run in a transaction with the wake-up.

    Each record is there from now on: what waits is counted like what was begun.
    """
    is_now, is_urgent = wish.service_class == ServiceClass.NOW, wish.cause in URGENT_CAUSES
    row = ROW.format(requested=dialect.words()["now"] if wish.requested_at is None else "%s")
    statement = UPSERT.format(
        rows=", ".join([row] * len(external_ids)),
        is_now="TRUE" if is_now else "FALSE",
        is_urgent="TRUE" if is_urgent else "FALSE",
        **{name: dialect.words()[name] for name in ("greatest", "least")},
    )
    requested = [] if wish.requested_at is None else [dialect.moment(wish.requested_at)]
    due, now = dialect.moment(wish.not_before), dialect.moment(wish.now)
    values: list[Any] = []
    for external_id in external_ids:
        values += [wish.connection_id, wish.lane_id, wish.flow, external_id, wish.cause]
        values += [*requested, wish.run_id, due, now]
    with database.cursor() as cursor:
        cursor.execute(statement, values)
        ids = [row[0] for row in cursor.fetchall()]
        cursor.execute(RECORDS.format(ids=", ".join(["%s"] * len(ids))), [now, now, *ids])
    return ids


def lane_wake(
    lane_id: int, service_class: ServiceClass, *, now: datetime, at: datetime | None = None, is_forced: bool = False
) -> bool:
    """Put a token for the lane on its queue unless it is awake; True when a token was put.

    Awake means: a token that rings no later waits, or a worker holds the lease. That costs a look and no write, and
    one more look after the commit: a worker that had already looked for jobs could not see ours before.
    """
    rings_at = max(at or now, now)
    if _token_put(lane_id, service_class, now, rings_at, is_forced=is_forced):
        return True
    if database.in_atomic_block:
        transaction.on_commit(partial(_token_put, lane_id, service_class, now, rings_at, is_forced=False))
    return False


def _token_put(lane_id: int, service_class: ServiceClass, now: datetime, at: datetime, *, is_forced: bool) -> bool:
    if not is_forced and not _is_asleep(lane_id, at):
        return False
    asleep = Q(token_queued_at__isnull=True) | Q(token_queued_at__gt=at)
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=Now())
    lanes = Lane.objects.filter(free, pk=lane_id)
    with transaction.atomic(savepoint=False):
        if not (lanes if is_forced else lanes.filter(asleep)).update(token_queued_at=at):
            return False
        delay = (at - now) / timedelta(seconds=1)
        queue.token_put(queue_of(service_class), RUN_LANE, lane_id, delay=delay)
    return True


def _is_asleep(lane_id: int, at: datetime) -> bool:
    """A look that locks nothing: most lanes that get a job are awake."""
    values = {"lane": lane_id, "at": dialect.moment(at)}
    return fetch_one(IS_ASLEEP.format(**dialect.words()), values) is not None
