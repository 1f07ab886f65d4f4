"""The statements that every job passes, written by hand: the ORM takes longer to word them than to run them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

from django.db import connection as database

from ipaas.prepared import columns, fetch, fetch_one, made, made_or_none
from ipaas.types import JSON
from mappings.known_links import WRITE_FOR_EACH, link_values
from mappings.models import Link
from syncjobs.engine import dialect
from syncjobs.engine.echoes import Echo
from syncjobs.models import Circuit, Lane, Record, SyncJob

JOB = columns(SyncJob, "job")
RELAXED = dialect.WORDS["postgresql"]["relaxed"]
NEXT = """
SELECT {columns}, {now} AS db_now, EXISTS (
    SELECT 1 FROM syncjobs_syncjob other WHERE other.connection_id = job.connection_id AND other.flow = job.flow
        AND other.external_id = job.external_id AND other.status = 'running') AS is_in_hand
FROM syncjobs_syncjob job
WHERE job.lane_id = %(lane)s AND job.status = 'pending' AND job.not_before <= %(now)s
ORDER BY job.id LIMIT 1"""
CLAIM = """
UPDATE syncjobs_syncjob SET status = 'running', claimed_at = %(now)s, attempts = attempts + 1
WHERE id = %(job)s AND status = 'pending' AND not_before <= %(now)s AND NOT EXISTS (
    SELECT 1 FROM syncjobs_syncjob other WHERE other.connection_id = syncjobs_syncjob.connection_id
        AND other.flow = syncjobs_syncjob.flow AND other.external_id = syncjobs_syncjob.external_id
        AND other.status = 'running')
RETURNING id"""
CLAIM_AND_READ = f"""
WITH claimed AS ({CLAIM}, connection_id, flow, external_id, requested_at)
SELECT claimed.requested_at, {columns(Record, "record")}, {RELAXED} FROM claimed LEFT JOIN syncjobs_record record
    ON record.connection_id = claimed.connection_id AND record.flow = claimed.flow
    AND record.external_id = claimed.external_id"""  # noqa: S608 (column names of our own models)
KEEP = "UPDATE syncjobs_syncjob SET claimed_at = claimed_at WHERE id = %(job)s"
FREE = "(lease_until IS NULL OR lease_until < {now})"
LEASE = (
    """
UPDATE syncjobs_lane SET lease_owner = %(owner)s, lease_until = {now_plus}, token_queued_at = NULL
WHERE id = %(lane)s AND """
    + FREE
    + " RETURNING id, connection_id, service_class, {relaxed}"
)
EXTEND = (
    "UPDATE syncjobs_lane SET lease_until = {now_plus} WHERE id = %(lane)s AND lease_owner = %(owner)s RETURNING id"
)
ORPHANS = "SELECT id FROM syncjobs_syncjob WHERE lane_id = %(lane)s AND status = 'running'"
TROUBLED = "SELECT id FROM syncjobs_circuit WHERE connection_id = %(connection)s AND failures > 0"
FINISH = "UPDATE syncjobs_syncjob SET status = %(status)s, finished_at = %(now)s WHERE id = %(job)s"
RECORD = "SELECT * FROM syncjobs_record WHERE connection_id = %s AND flow = %s AND external_id = %s"
ATTEMPT_INTO = """INSERT INTO syncjobs_attempt (job_id, number, worker, outcome, sentence, steps, calls_heartland,
    calls_store, began_at, duration_ms)"""
ATTEMPT = f"""
{ATTEMPT_INTO}
VALUES (%(job)s, %(number)s, %(worker)s, %(outcome)s, %(sentence)s, %(steps)s, %(heartland)s, %(store)s,
    %(began_at)s, %(duration_ms)s)
RETURNING id"""
ATTEMPT_AND_DONE = f"""attempt AS (
    {ATTEMPT_INTO}
    SELECT %(job)s, %(number)s, %(worker)s, %(outcome)s, %(sentence)s, %(steps)s::jsonb, %(heartland)s,
        %(store)s, %(began_at)s, %(duration_ms)s FROM {{source}}
), done AS (
    UPDATE syncjobs_syncjob SET status = 'done', finished_at = %(now)s FROM {{source}}
    WHERE syncjobs_syncjob.id = %(job)s
)"""  # noqa: S608 (our own words)
CONCLUDE = f"""
WITH held AS ({EXTEND}), record AS (
    UPDATE syncjobs_record SET {{changes}} FROM held WHERE syncjobs_record.id = %(record)s
){{beside}}, {ATTEMPT_AND_DONE.format(source="held")}
SELECT EXISTS (SELECT 1 FROM syncjobs_record WHERE connection_id = %(connection)s AND order_id = %(external_id)s
    AND order_id <> ''), {{relaxed}} FROM held"""  # noqa: S608 (our own words)
CONCLUDE_ECHO = f"""
WITH held AS ({EXTEND}), event AS (
    UPDATE syncjobs_inboxevent event SET disposition = 'echo' FROM held, syncjobs_syncjob job
    WHERE job.id = %(job)s AND job.hints = 1 AND event.job_id = job.id AND event.deliveries = 1
        AND event.connection_id = %(connection)s AND event.external_id = %(external_id)s
        AND event.system = %(system)s AND event.topic = ANY(%(topics)s::text[])
        AND event.arose_at BETWEEN %(first)s::timestamptz AND %(last)s::timestamptz
    RETURNING event.id
), record AS (
    UPDATE syncjobs_record SET own_write_at = NULL FROM event WHERE syncjobs_record.id = %(record)s
), {ATTEMPT_AND_DONE.format(source="event")}
SELECT EXISTS (SELECT 1 FROM event), {{relaxed}} FROM held"""  # noqa: S608 (our own words)


@dataclass(frozen=True, kw_only=True)
class Due:
    """A lane's next job as it was selected."""

    job: SyncJob
    selected_at: datetime  # by the database's clock
    is_in_hand: bool  # another worker runs a job of the same record


def job_next(lane_id: int, now: datetime) -> Due | None:
    """The oldest due job of a lane."""
    statement = NEXT.format(columns=JOB, **dialect.words())
    values = {"lane": lane_id, "now": dialect.moment(now)}
    if database.vendor == "postgresql":
        row = fetch_one(statement, values)
        return Due(job=made(SyncJob, iter(row)), selected_at=row[-2], is_in_hand=row[-1]) if row else None
    for job in SyncJob.objects.raw(statement, values):
        seen = vars(job)
        return Due(job=job, selected_at=_aware(seen["db_now"]), is_in_hand=bool(seen["is_in_hand"]))
    return None


class Claimed(NamedTuple):
    """A job that is ours now: hints that come from here on make another."""

    requested_at: datetime  # by the database's clock: of the last hint
    record: Record | None  # as it is; None where it has no row yet


def job_claim(job: SyncJob, now: datetime) -> Claimed | None:
    """Take the job, counting the attempt; None when it is not due, or somebody has it or its record in hand."""
    values = {"job": job.pk, "now": dialect.moment(now)}
    if database.vendor == "postgresql":
        row = fetch_one(CLAIM_AND_READ, values)
        return Claimed(row[0], made_or_none(Record, iter(row[1:]))) if row else None
    if not fetch(CLAIM, values):
        return None
    requested_at = SyncJob.objects.values_list("requested_at", flat=True).get(pk=job.pk)
    return Claimed(requested_at, record_find(job.connection_id, job.flow, job.external_id))


def claim_keep(job: SyncJob) -> None:
    """Have the disk hold the claim: a write of ours at the other side must find it there, whatever dies after."""
    fetch(KEEP, {"job": job.pk})


def job_finish(job_id: int, status: SyncJob.Status, now: datetime) -> None:
    fetch(FINISH, {"job": job_id, "status": str(status), "now": dialect.moment(now)})


def lane_extend(lane_id: int, owner: str, seconds: float) -> bool:
    """Prolong a lease, locking the lane until the transaction ends; False when it is somebody else's."""
    return bool(fetch(_timed(EXTEND), {"lane": lane_id, "owner": owner, "seconds": seconds}))


def lane_lease(lane_id: int, owner: str, seconds: float) -> Lane | None:
    """Take a free lane with its token; None when somebody works it."""
    row = fetch_one(_timed(LEASE), {"lane": lane_id, "owner": owner, "seconds": seconds})
    return Lane(pk=row[0], connection_id=row[1], service_class=row[2]) if row else None


def lane_orphans(lane_id: int) -> list[int]:
    """Jobs that run in a lane."""
    return [row[0] for row in fetch(ORPHANS, {"lane": lane_id})]


def circuits_troubled(connection_id: int) -> list[Circuit]:
    """Circuits of systems whose last calls failed."""
    ids = [row[0] for row in fetch(TROUBLED, {"connection": connection_id})]
    return list(Circuit.objects.filter(pk__in=ids)) if ids else []


def record_find(connection_id: int, flow: str, external_id: str) -> Record | None:
    rows = Record.objects.raw(RECORD, [connection_id, flow, external_id])
    return next(iter(rows), None)


def attempt_values(
    job: SyncJob,
    *,
    worker: str,
    outcome: str,
    sentence: str,
    steps: list[JSON],
    calls: tuple[int, int],
    began_at: datetime,
    duration_ms: int,
) -> dict[str, Any]:
    """The evidence of one try as its row holds it; `calls` are those to Heartland and to the store."""
    return {
        "job": job.pk,
        "number": job.attempts,
        "worker": worker,
        "outcome": outcome,
        "sentence": sentence,
        "steps": json.dumps(steps),
        "heartland": calls[0],
        "store": calls[1],
        "began_at": dialect.moment(began_at),
        "duration_ms": duration_ms,
    }


def attempt_insert(attempt: Mapping[str, Any]) -> int:
    """Write a try down; answers its id."""
    return int(fetch_one(ATTEMPT, attempt)[0])


class Concluded(NamedTuple):
    """A job that was done, with all that is told of it."""

    has_dependents: bool  # there are records of what belongs to its order


def job_conclude(
    record: Record,
    changes: Mapping[str, Any],
    attempt: Mapping[str, Any],
    *,
    lane_id: int,
    owner: str,
    seconds: float,
    now: datetime,
    link: Link | None,
) -> Concluded | None:
    """The lease, the record, a link, the attempt and the job in one statement; None, and nothing of it, without lease.

    On PostgreSQL only.
    """
    fields = [field for field in Record._meta.concrete_fields if field.name in changes]
    values = {f"record_{field.name}": field.get_db_prep_save(changes[field.name], database) for field in fields}
    settings = ", ".join(f"{field.column} = %(record_{field.name})s" for field in fields)
    kept = {
        "lane": lane_id,
        "owner": owner,
        "seconds": seconds,
        "record": record.pk,
        "now": now,
        "connection": record.connection_id,
        "external_id": record.external_id,
    }
    beside = f", link AS ({WRITE_FOR_EACH.format(source='held')})" if link else ""
    written = link_values(link) if link else {}
    row = fetch_one(_timed(CONCLUDE, changes=settings, beside=beside), {**values, **written, **kept, **attempt})
    return Concluded(row[0]) if row else None


def job_conclude_echo(
    job: SyncJob,
    record_id: int,
    echo: Echo,
    attempt: Mapping[str, Any],
    *,
    lane_id: int,
    owner: str,
    seconds: float,
    now: datetime,
) -> bool | None:
    """Look whether nothing but an echo is behind a job; then mark it, and write the attempt and the job, in one.

    None, and nothing of it, without the lease. On PostgreSQL only.
    """
    values = {
        **attempt,
        **echo._asdict(),
        "record": record_id,
        "lane": lane_id,
        "owner": owner,
        "seconds": seconds,
        "now": now,
        "connection": job.connection_id,
        "external_id": job.external_id,
    }
    row = fetch_one(_timed(CONCLUDE_ECHO), values)
    return bool(row[0]) if row else None


def _timed(statement: str, **more: str) -> str:
    words = dialect.words()
    now_plus = words["now_plus"].replace("%s", "%(seconds)s")
    return statement.format(now=words["now"], now_plus=now_plus, relaxed=words["relaxed"], **more)


def _aware(value: Any) -> datetime:
    """A raw column of SQLite comes as text, in UTC."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return cast(datetime, moment if moment.tzinfo else moment.replace(tzinfo=UTC))
