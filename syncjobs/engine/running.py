"""Running one job: reserve, claim, take the flow's steps, record. The network is never called in a transaction."""

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from django.db.models.functions import Now
from django.utils import timezone

from connections.models import HeartlandAccount, Store
from connections.services import access_recheck
from connections.store_kinds import profile_of
from errors.failures import CircuitOpen, CredentialsRejected, ServerTrouble, SyncFailure, Throttled, TransientFailure
from ipaas import failpoints, queue
from ipaas.logs import bound
from ipaas.types import System
from mappings.value_tables import ValueTables, uses_write
from syncjobs.engine.budgets import Shares
from syncjobs.engine.call_guard import Guard, run_seconds
from syncjobs.engine.circuits import CircuitsSeen, circuits_look
from syncjobs.engine.defects import defect_of
from syncjobs.engine.dependents import invoices_after_order
from syncjobs.engine.enqueueing import jobs_enqueue
from syncjobs.engine.job_traces import attempt_told
from syncjobs.engine.leases import Lease, LeaseLost
from syncjobs.engine.read_connection import connection_read
from syncjobs.engine.recording import UNCHANGED, Try, try_done, try_echoed, try_failed, try_unchanged, try_waits
from syncjobs.engine.retry_rules import Fate, judge, wait_delay
from syncjobs.engine.statements import Due, claim_keep, job_claim
from syncjobs.flows import FLOWS, ORDERS
from syncjobs.flows.ahead import Ahead
from syncjobs.flows.base import AnyFlow, Context, Facts, RunLog
from syncjobs.models import Record, ServiceClass, SyncJob

logger = logging.getLogger(__name__)

NOT_CLAIMED, THROTTLED, PAUSED = "not_claimed", "throttled", "paused"
CONCLUDED = (
    Record.Disposition.BOOKED,
    Record.Disposition.CANCELLED,
    Record.Disposition.SKIPPED,
    Record.Disposition.HELD,
    Record.Disposition.SETTLED,
)
LOOKED_AT = (str(SyncJob.Status.DONE), str(Fate.HOLD))  # results of a run that read its record


@dataclass(frozen=True, kw_only=True)
class Ran:
    """How a run ended, and for how long its lane had better rest (seconds)."""

    result: str
    wait: float = 0.0
    also: tuple[str, ...] = ()  # other records of the flow that the run has reason to look at
    others: tuple[tuple[str, str], ...] = ()  # … and of other flows
    may_have_invoices: bool = True  # False where it was seen that the order has none


def job_run(*, job_id: int, now: datetime) -> str:
    """Run one job by itself, outside its lane. Answers how it ended."""
    clock = list(SyncJob.objects.filter(pk=job_id).values_list(Now(), flat=True))
    job = SyncJob.objects.select_related("lane").get(pk=job_id)
    job.connection = connection_read(job.connection_id)
    circuits = circuits_look(job.connection_id, now)
    if circuits.wait:
        return THROTTLED
    due = Due(job=job, selected_at=clock[0], is_in_hand=False)
    tables = ValueTables(job.connection)
    deadline = time.monotonic() + run_seconds()
    ran = run(due, tables, now=now, circuits=circuits, lease=None, deadline=deadline)
    uses_write(job.connection_id, tables.uses)
    return ran.result


def run(
    due: Due,
    tables: ValueTables,
    *,
    now: datetime,
    circuits: CircuitsSeen,
    lease: Lease | None,
    deadline: float,
    shares: Shares | None = None,
    ahead: Ahead | None = None,
) -> Ran:
    """Run a job whose lane and connection were read. Raises LeaseLost and DATABASE_AWAY.

    `shares` and `ahead` are the lane's. Permits come before the claim: a job that must wait for the rate limit is not
    touched, and keeps its turn.
    """
    job = due.job
    flow = FLOWS.get(job.flow)
    service_class = ServiceClass(job.lane.service_class)
    guard = Guard(job.connection, service_class, circuits, deadline, job.lane_id, shares=shares)
    try:
        if flow and (wait := guard.reserve(flow.calls(profile_of(job.connection.store).system))):
            return Ran(result=THROTTLED, wait=wait)
        claimed = job_claim(job, now)
        if claimed is None:
            return Ran(result=NOT_CLAIMED)
        failpoints.passing("job.claimed")
        job.attempts, job.requested_at = job.attempts + 1, claimed.requested_at
        record = record_of(job, flow, claimed.record, now)
        log, began_at = RunLog([guard], keep=partial(claim_keep, job), flow=job.flow), timezone.now()
        with bound(job=job.pk, attempt=job.attempts, connection=job.connection_id):
            ran = _claimed(due, record, tables, flow, log, guard, now, lease, ahead)
            attempt_told(job, log, ran.result, began_at)
    finally:
        guard.give_back()
    _follow_up(job, now, ran.also, ran.others)
    if job.flow == ORDERS.name and ran.result in LOOKED_AT and ran.may_have_invoices:
        invoices_after_order(job.connection, job.external_id, now)
    return ran


def _claimed(
    due: Due,
    record: Record,
    tables: ValueTables,
    flow: AnyFlow | None,
    log: RunLog,
    guard: Guard,
    now: datetime,
    lease: Lease | None,
    ahead: Ahead | None,
) -> Ran:
    job = due.job
    kind: type[Context] = flow.context if flow else Context
    context = kind(
        connection=job.connection,
        tables=tables,
        external_id=job.external_id,
        job=job,
        record=record,
        now=now,
        read_at=due.selected_at,
        log=log,
        ahead=ahead,
        queue=partial(_queue, job, now),
    )
    the_try = Try(context=context, lease=lease, started=time.perf_counter())
    if was_seen(job, record) and try_unchanged(the_try):
        return Ran(result=UNCHANGED)
    if try_echoed(the_try):
        return Ran(result=UNCHANGED)
    try:
        if flow is None:
            raise SyncFailure(f"Nothing here knows how to carry {job.flow}.")
        outcome = flow.run(context)
        guard.settle(now)
        _follow_up(job, now, context.also, context.others)  # before its outcome: whoever dies after that forgets none
        failpoints.passing("job.recording")
        result = try_done(the_try, outcome)
    except SyncFailure as failure:
        return replace(_failed(the_try, failure, guard), also=tuple(context.also), others=tuple(context.others))
    except LeaseLost:
        raise
    except Exception as exc:
        if queue.is_away(exc):
            raise
        logger.exception("job broke", extra={"job": job.pk, "flow": job.flow})
        context.facts, context.last_link = Facts(), None  # they may be what could not be written
        return _failed(the_try, defect_of(exc), guard)
    failpoints.passing("job.recorded")
    ran = Ran(result=result, may_have_invoices=the_try.has_dependents)
    if job.lane.service_class == ServiceClass.NOW:  # they wait in the same lane: none was looked at before the outcome
        return ran
    return replace(ran, also=tuple(context.also), others=tuple(context.others))


def _queue(job: SyncJob, now: datetime, flow: str, external_ids: Sequence[str]) -> None:
    if external_ids:
        jobs_enqueue(connection=job.connection, flow=flow, external_ids=external_ids, cause="order", now=now)


def _follow_up(job: SyncJob, now: datetime, also: Sequence[str], others: Iterable[tuple[str, str]]) -> None:
    """Queue what a run has reason to look at."""
    _queue(job, now, job.flow, also)
    for name, external_id in others:
        _queue(job, now, name, [external_id])


def record_of(job: SyncJob, flow: AnyFlow | None, known: Record | None, now: datetime) -> Record:
    """The record's row, made when it was queued; a new one where that was before records were made so early."""
    record = known or Record(
        connection=job.connection,
        flow=job.flow,
        external_id=job.external_id,
        first_seen_at=job.created_at,
        changed_at=now,
    )
    record.label = record.label or (flow.label(job.external_id) if flow else job.external_id)[:160]
    return record


def was_seen(job: SyncJob, record: Record) -> bool:
    """True when the last conclusive read began after every hint that we know of."""
    concluded = record.disposition in CONCLUDED
    return concluded and record.read_at is not None and record.read_at > job.requested_at


def _failed(the_try: Try, failure: SyncFailure, guard: Guard) -> Ran:
    now, record = the_try.context.now, the_try.record
    opened = guard.settle(now)
    if isinstance(failure, CredentialsRejected):
        if access_lost(the_try.context, failure):
            try_waits(the_try, failure, timedelta())
            return Ran(result=PAUSED)
        failure = ServerTrouble(f"{failure.summary} A second look was accepted.", detail=failure.detail)
    if opened and isinstance(failure, TransientFailure):
        rest = max((row.probe_after or now) - now for row in opened)
        failure = CircuitOpen(failure.summary, detail=failure.detail, retry_after=rest / timedelta(seconds=1))
    if not failure.counts_as_attempt:
        delay = wait_delay(failure)
        rests = isinstance(failure, CircuitOpen | Throttled)  # what stopped this job stops the others of its lane
        return Ran(result=try_waits(the_try, failure, delay), wait=delay / timedelta(seconds=1) if rests else 0.0)
    log, last = the_try.context.log, the_try.context.log.last_call
    same_results = record.same_result_count + 1 if ends_alike(record, failure) and not log.has_written else 1
    verdict = judge(
        failure,
        attempts=the_try.job.attempts,
        same_results=same_results,
        was_write=last is not None and last.method != "GET",
    )
    return Ran(result=try_failed(the_try, failure, verdict, same_results))


def ends_alike(record: Record, failure: SyncFailure) -> bool:
    """True when the try before ended for the same reason; trouble of the other side is alike whatever it says."""
    if isinstance(failure, TransientFailure) and record.disposition == Record.Disposition.RETRYING:
        return True
    return (record.code, record.reason) == (failure.code, failure.summary)


def access_lost(context: Context, failure: CredentialsRejected) -> bool:
    """After a 401, ask once more; True when the access is gone and the connection stands still."""
    owners: dict[System, HeartlandAccount | Store] = {
        System.HEARTLAND: context.connection.heartland,
        profile_of(context.connection.store).system: context.connection.store,
    }
    last = context.log.last_call
    suspects = [owners[last.system]] if last and last.status == 401 else list(owners.values())
    return any(access_recheck(owner=owner, reason=failure.summary) for owner in suspects)
