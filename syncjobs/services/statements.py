"""The statements that every job passes, written by hand: the ORM takes longer to word them than to run them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from django.db import connection as database

from ipaas.types import JSON
from syncjobs.models import Record, SyncJob
from syncjobs.services import dialect

NEXT = """
SELECT job.*, {now} AS db_now, EXISTS (
    SELECT 1 FROM syncjobs_syncjob other WHERE other.connection_id = job.connection_id AND other.flow = job.flow
        AND other.external_id = job.external_id AND other.status = 'running') AS is_in_hand
FROM syncjobs_syncjob job
WHERE job.lane_id = %s AND job.status = 'pending' AND job.not_before <= %s
ORDER BY job.id LIMIT 1"""
CLAIM = """
UPDATE syncjobs_syncjob SET status = 'running', claimed_at = %s, attempts = attempts + 1
WHERE id = %s AND status = 'pending' AND not_before <= %s AND NOT EXISTS (
    SELECT 1 FROM syncjobs_syncjob other WHERE other.connection_id = syncjobs_syncjob.connection_id
        AND other.flow = syncjobs_syncjob.flow AND other.external_id = syncjobs_syncjob.external_id
        AND other.status = 'running')"""
EXTEND = "UPDATE syncjobs_lane SET lease_until = {now_plus} WHERE id = %s AND lease_owner = %s"
FINISH = "UPDATE syncjobs_syncjob SET status = %s, finished_at = %s WHERE id = %s"
RECORD = "SELECT * FROM syncjobs_record WHERE connection_id = %s AND flow = %s AND external_id = %s"
ATTEMPT = """
INSERT INTO syncjobs_attempt (job_id, number, worker, outcome, sentence, steps, calls_heartland, calls_bigcommerce,
    began_at, duration_ms) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"""


@dataclass(frozen=True, kw_only=True)
class Due:
    """A lane's next job as it was selected."""

    job: SyncJob
    selected_at: datetime  # by the database's clock
    is_in_hand: bool  # another worker runs a job of the same record


def job_next(lane_id: int, now: datetime) -> Due | None:
    """The oldest due job of a lane."""
    rows = SyncJob.objects.raw(NEXT.format(**dialect.words()), [lane_id, dialect.moment(now)])
    for job in rows:
        seen = vars(job)
        return Due(job=job, selected_at=_aware(seen["db_now"]), is_in_hand=bool(seen["is_in_hand"]))
    return None


def job_claim(job_id: int, now: datetime) -> bool:
    """Take the job, counting the attempt; False when it is not due, or somebody has it or its record in hand."""
    moment = dialect.moment(now)
    return _execute(CLAIM, [moment, job_id, moment]) == 1


def job_finish(job_id: int, status: SyncJob.Status, now: datetime) -> None:
    _execute(FINISH, [str(status), dialect.moment(now), job_id])


def lane_extend(lane_id: int, owner: str, seconds: float) -> bool:
    """Prolong a lease, locking the lane until the transaction ends; False when it is somebody else's."""
    return _execute(EXTEND.format(**dialect.words()), [seconds, lane_id, owner]) == 1


def record_find(connection_id: int, flow: str, external_id: str) -> Record | None:
    rows = Record.objects.raw(RECORD, [connection_id, flow, external_id])
    return next(iter(rows), None)


def attempt_insert(
    job: SyncJob,
    *,
    worker: str,
    outcome: str,
    sentence: str,
    steps: list[JSON],
    calls: tuple[int, int],
    began_at: datetime,
    duration_ms: int,
) -> None:
    """Keep the evidence of one try; `calls` are those to Heartland and to BigCommerce."""
    kept = json.dumps(steps)
    moment = dialect.moment(began_at)
    _execute(ATTEMPT, [job.pk, job.attempts, worker, outcome, sentence, kept, *calls, moment, duration_ms])


def _execute(statement: str, values: Sequence[Any]) -> int:
    with database.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def _aware(value: Any) -> datetime:
    """A raw column of SQLite comes as text, in UTC."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return cast(datetime, moment if moment.tzinfo else moment.replace(tzinfo=UTC))
