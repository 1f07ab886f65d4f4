"""Writing down how a try ended: job, record, attempt and problem, together or not at all."""

from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any

from django.db import IntegrityError, transaction
from django.db import connection as database
from django.db.models import F
from django.db.models.functions import Greatest, Now

from connections.outbox import is_told, tell
from connections.store_kinds import profile_of
from errors.failures import SyncFailure, Violation, held
from errors.issues.record_errors import LONGEST_ANSWER, answer_of, error_record, error_resolve, request_of
from errors.models import SyncError
from ipaas.types import System
from mappings.known_links import link_write
from syncjobs.engine.echoes import Echo, echo_find, echo_of
from syncjobs.engine.leases import Lease, me
from syncjobs.engine.retry_rules import Fate, Verdict
from syncjobs.engine.statements import attempt_insert, attempt_values, job_conclude, job_conclude_echo, job_finish
from syncjobs.flows.base import Context, Outcome
from syncjobs.models import AttemptExchange, InboxEvent, Record, SyncJob

TOLD = {"orders": "order", "refunds": "refund", "returns": "return", "customers": "customer"}  # of which others hear
UNCHANGED = "unchanged"
WAITING = "waiting"
CIRCLES = 10  # same skips in a row, each within SOON of the one before, that raise an issue
SOON = timedelta(minutes=10)
TROUBLED = (Record.Disposition.HELD, Record.Disposition.RETRYING, Record.Disposition.DEAD)
STATES = {  # of record, error and job after a failure that counts
    Fate.RETRY: (Record.Disposition.RETRYING, SyncError.State.RETRYING, SyncJob.Status.PENDING),
    Fate.HOLD: (Record.Disposition.HELD, SyncError.State.HELD, SyncJob.Status.HELD),
    Fate.BURY: (Record.Disposition.DEAD, SyncError.State.DEAD, SyncJob.Status.DEAD),
}


@dataclass(kw_only=True)
class Try:
    """One attempt in the making."""

    context: Context
    lease: Lease | None  # None when a job is run by itself, outside a lane
    started: float  # of time.perf_counter
    has_dependents: bool = True  # False once it was seen that nothing belongs to the record's order

    @property
    def job(self) -> SyncJob:
        return self.context.job

    @property
    def record(self) -> Record:
        return self.context.record

    @property
    def seconds(self) -> float:
        """How long it has lasted so far."""
        return perf_counter() - self.started


def try_done(the_try: Try, outcome: Outcome) -> str:
    """The record is booked, cancelled or skipped."""
    facts = dict(the_try.context.facts)
    rounds = _rounds(the_try, outcome)
    is_mended = the_try.record.disposition in TROUBLED or the_try.record.same_result_count >= CIRCLES > rounds
    is_to_tell = is_news(the_try.record, outcome.disposition) and told(the_try, outcome.disposition)
    if rounds != CIRCLES and not is_mended and not is_to_tell and _concluded_at_once(the_try, outcome, facts, rounds):
        return str(SyncJob.Status.DONE)
    with transaction.atomic():
        _still_ours(the_try)
        _link_save(the_try)
        _record_save(the_try, outcome.disposition, outcome.code, outcome.sentence, facts, rounds)
        _attempt_save(the_try, str(outcome.disposition), outcome.sentence)
        job_finish(the_try.job.pk, SyncJob.Status.DONE, the_try.context.now)
        if rounds == CIRCLES:
            _error_save(the_try, going_in_circles(the_try, outcome), SyncError.State.HELD, facts)
        elif is_mended:
            error_resolve(**_whose(the_try.job), now=the_try.context.now)
    return str(SyncJob.Status.DONE)


def _concluded_at_once(the_try: Try, outcome: Outcome, facts: dict[str, Any], rounds: int) -> bool:
    """Write it all in one statement; False where there is more to write, or the database is another."""
    lease, record = the_try.lease, the_try.record
    if lease is None or record.pk is None or database.vendor != "postgresql":
        return False
    done = job_conclude(
        record,
        _record_changes(the_try, outcome.disposition, outcome.code, outcome.sentence, facts, rounds),
        _attempt(the_try, str(outcome.disposition), outcome.sentence),
        lane_id=lease.lane.pk,
        owner=lease.owner,
        seconds=lease.seconds,
        now=the_try.context.now,
        link=the_try.context.last_link,
    )
    if done is None:
        raise lease.lost()
    the_try.has_dependents = done.has_dependents
    return True


def _rounds(the_try: Try, outcome: Outcome) -> int:
    """How often in a row, each soon after the one before, the record was looked at and skipped for the same reason."""
    record = the_try.record
    is_same = outcome.disposition == Record.Disposition.SKIPPED and (record.disposition, record.code) == (
        outcome.disposition,
        outcome.code,
    )
    is_soon = record.read_at is not None and the_try.context.read_at - record.read_at < SOON
    return record.same_result_count + 1 if is_same and is_soon else 0


def going_in_circles(the_try: Try, outcome: Outcome) -> SyncFailure:
    """Somebody changes the record again and again to no effect: two systems that undo each other look like this."""
    label = the_try.context.facts.get("label") or the_try.record.label
    return held(
        Violation(
            code="goes_in_circles",
            sentence=f"{label} was changed in the store {CIRCLES} times in a row to no effect. {outcome.sentence}",
            field="record",
            value=the_try.job.external_id,
            fix="See in its timeline what changes it: another app, or a rule of the store; stop one of them.",
            fix_page=f"order/{the_try.job.external_id}" if the_try.job.flow == "orders" else "",
        )
    )


def try_unchanged(the_try: Try) -> bool:
    """Finish a job whose every hint the last read has seen already; False when a newer hint folded into it."""
    with transaction.atomic():
        _still_ours(the_try)
        seen = SyncJob.objects.filter(pk=the_try.job.pk, requested_at__lt=the_try.record.read_at)
        if not seen.update(status=SyncJob.Status.DONE, finished_at=the_try.context.now):
            return False
        _attempt_save(the_try, UNCHANGED, "Its last look came after this message.")
    return True


def try_echoed(the_try: Try) -> bool:
    """Finish a job whose callback told of our own write; False when something else may be behind it.

    Nothing is asked of anybody.
    """
    echo = echo_of(the_try.job, the_try.record)
    if echo is None:
        return False
    lease, now = the_try.lease, the_try.context.now
    attempt = _attempt(the_try, UNCHANGED, "The store told of our own write.")
    if lease is None or database.vendor != "postgresql":
        return _echoed_in_steps(the_try, echo, attempt)
    is_echo = job_conclude_echo(
        the_try.job,
        the_try.record.pk,
        echo,
        attempt,
        lane_id=lease.lane.pk,
        owner=lease.owner,
        seconds=lease.seconds,
        now=now,
    )
    if is_echo is None:
        raise lease.lost()
    return is_echo


def _echoed_in_steps(the_try: Try, echo: Echo, attempt: dict[str, Any]) -> bool:
    job = the_try.job
    with transaction.atomic():
        _still_ours(the_try)
        event = echo_find(job, echo)
        if event is None:
            return False
        InboxEvent.objects.filter(pk=event.pk).update(disposition=InboxEvent.Disposition.ECHO)
        Record.objects.filter(pk=the_try.record.pk).update(own_write_at=None)
        attempt_insert(attempt)
        job_finish(job.pk, SyncJob.Status.DONE, the_try.context.now)
    return True


def try_waits(the_try: Try, failure: SyncFailure, delay: timedelta) -> str:
    """Not the record's fault: the job goes back in line, and neither counts the attempt nor moves the record."""
    with transaction.atomic():
        _still_ours(the_try)
        _link_save(the_try)
        _record_write(the_try.record, {"read_at": the_try.context.read_at})
        if the_try.context.log.last_call:
            _attempt_save(the_try, WAITING, failure.summary)
        job_put_back(the_try.job, not_before=the_try.context.now + delay, is_attempt=False)
    return WAITING


def try_failed(the_try: Try, failure: SyncFailure, verdict: Verdict, same_results: int) -> str:
    """The record retries, is held for the merchant, or becomes a dead letter; its problem is written down."""
    now = the_try.context.now
    disposition, state, status = STATES[verdict.fate]
    next_try_at = now + verdict.delay if verdict.fate == Fate.RETRY else None
    with transaction.atomic():
        _still_ours(the_try)
        _link_save(the_try)
        facts: dict[str, Any] = dict(the_try.context.facts)
        _record_save(the_try, disposition, failure.code, failure.summary, facts, same_results)
        _exchange_save(_attempt_save(the_try, str(disposition), failure.summary), failure, now)
        if next_try_at:
            job_put_back(the_try.job, not_before=next_try_at)
        else:
            job_finish(the_try.job.pk, status, now)
        _error_save(the_try, failure, state, facts, next_try_at)
    return str(verdict.fate)


def job_put_back(job: SyncJob, *, not_before: datetime, is_attempt: bool = True) -> None:
    """Make a running job pending again, or let it give way to a newer pending job of its record.

    The newer one inherits attempts, deaths and waiting time: hints must not outrun a back-off. `claimed_at` stays, as
    the sign that somebody has worked at the record. What is pending anew
    counts as asked for now: the read that just failed must not pass for one that saw it.
    """
    attempts = job.attempts if is_attempt else max(0, job.attempts - 1)
    changes = {
        "status": SyncJob.Status.PENDING,
        "attempts": attempts,
        "deaths": job.deaths,
        "not_before": not_before,
        "requested_at": Now(),
    }
    try:
        with transaction.atomic():
            SyncJob.objects.filter(pk=job.pk).update(**changes)
    except IntegrityError:  # syncjob_one_pending: a newer hint came meanwhile
        heirs = SyncJob.objects.filter(
            connection=job.connection_id, flow=job.flow, external_id=job.external_id, status=SyncJob.Status.PENDING
        )
        heirs.update(
            attempts=Greatest(F("attempts"), attempts),
            deaths=Greatest(F("deaths"), job.deaths),
            not_before=Greatest(F("not_before"), not_before),
            claimed_at=job.claimed_at,
        )
        SyncJob.objects.filter(pk=job.pk).update(status=SyncJob.Status.SUPERSEDED, finished_at=Now())


def _still_ours(the_try: Try) -> None:
    if the_try.lease:
        the_try.lease.extend()


def _whose(job: SyncJob) -> dict[str, Any]:
    return {"connection": job.connection, "flow": job.flow, "external_id": job.external_id}


def _link_save(the_try: Try) -> None:
    if the_try.context.last_link:
        link_write(the_try.context.last_link)


def _record_save(
    the_try: Try,
    disposition: Record.Disposition,
    code: str,
    sentence: str,
    facts: dict[str, Any],
    same_results: int = 0,
) -> None:
    changes = _record_changes(the_try, disposition, code, sentence, facts, same_results)
    if is_news(the_try.record, disposition) and told(the_try, disposition):
        event = event_of(the_try, disposition)
        tell(the_try.context.connection, event, record_told(the_try, changes), the_try.context.now)
    _record_write(the_try.record, changes)


def is_news(record: Record, disposition: Record.Disposition) -> bool:
    return record.disposition != disposition


def told(the_try: Try, disposition: Record.Disposition) -> bool:
    """Whether another system wants to be told that a record is there now."""
    return the_try.job.flow in TOLD and is_told(the_try.context.connection, event_of(the_try, disposition))


def event_of(the_try: Try, disposition: Record.Disposition) -> str:
    return f"{TOLD[the_try.job.flow]}.{disposition}"


def record_told(the_try: Try, changes: dict[str, Any]) -> dict[str, Any]:
    """What is told of a record: numbers, state and money; nobody is named."""
    record = the_try.record

    def now_of(name: str) -> Any:
        return changes.get(name, getattr(record, name))

    totals = {name: None if now_of(name) is None else str(now_of(name)) for name in ("source_total", "target_total")}
    texts = {name: now_of(name) for name in ("code", "target_id", "target_label", "currency")}
    kind = TOLD[the_try.job.flow]
    named = {kind: record.pk, "external_id": record.external_id, "number": now_of("number") or record.external_id}
    if of_order := now_of("order_id"):
        named["order_external_id"] = of_order
    return {**named, "state": str(changes["disposition"]), **texts, **totals}


def _record_changes(
    the_try: Try,
    disposition: Record.Disposition,
    code: str,
    sentence: str,
    facts: dict[str, Any],
    same_results: int,
) -> dict[str, Any]:
    now = the_try.context.now
    changes = {
        "label": the_try.record.label,
        "own_write_at": None,
        **facts,
        "disposition": disposition,
        "code": code,
        "reason": sentence,
        "read_at": the_try.context.read_at,
        "same_result_count": same_results,
    }
    if disposition == Record.Disposition.BOOKED and not the_try.record.booked_at:
        changes["booked_at"] = now + timedelta(seconds=the_try.seconds)
    if disposition != the_try.record.disposition:
        changes["changed_at"] = now
    return changes


def _record_write(record: Record, changes: dict[str, Any]) -> None:
    if record.pk:
        Record.objects.filter(pk=record.pk).update(**changes)
        return
    fresh = copy(record)  # ours stays as it was: what cannot be written now must not spoil the next writing
    for name, value in changes.items():
        setattr(fresh, name, value)
    fresh.save(force_insert=True)


def _error_save(
    the_try: Try,
    failure: SyncFailure,
    state: SyncError.State,
    facts: dict[str, Any],
    next_try_at: datetime | None = None,
) -> None:
    error_record(
        **_whose(the_try.job),
        label=facts.get("label") or the_try.record.label,
        failure=failure,
        state=state,
        amount=facts.get("source_total") or the_try.record.source_total,
        currency=facts.get("currency") or the_try.record.currency,
        attempts=the_try.job.attempts,
        next_try_at=next_try_at,
        now=the_try.context.now,
    )


def _attempt_save(the_try: Try, outcome: str, sentence: str) -> int:
    return attempt_insert(_attempt(the_try, outcome, sentence))


def _exchange_save(attempt_id: int, failure: SyncFailure, now: datetime) -> None:
    """The call that a try failed at, where there was one."""
    request, response = request_of(failure)[:LONGEST_ANSWER], answer_of(failure)[:LONGEST_ANSWER]
    if request or response:
        AttemptExchange.objects.create(attempt_id=attempt_id, request=request, response=response, at=now)


def _attempt(the_try: Try, outcome: str, sentence: str) -> dict[str, Any]:
    log = the_try.context.log
    return attempt_values(
        the_try.job,
        worker=me(),
        outcome=outcome,
        sentence=sentence,
        steps=log.as_json(),
        calls=(log.calls_to(System.HEARTLAND), log.calls_to(profile_of(the_try.context.connection.store).system)),
        began_at=the_try.context.now,
        duration_ms=int(the_try.seconds * 1000),
    )
