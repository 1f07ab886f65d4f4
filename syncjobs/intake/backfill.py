"""Backfill: bring orders again, by their numbers or by the days they were placed. A run in the bulk lane."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from connections.models import Connection, User
from connections.services import access_recheck, audit
from connections.store_kinds import profile_of
from errors.failures import ConfigurationFailure, CredentialsRejected, SyncFailure
from ipaas import queue
from syncjobs.bulk.run_failures import run_fails, run_moves
from syncjobs.engine.call_guard import Guard, guarded
from syncjobs.engine.circuits import circuits_look
from syncjobs.engine.defects import defects_reported
from syncjobs.engine.enqueueing import jobs_enqueue, queue_of
from syncjobs.engine.run_counts import run_settle
from syncjobs.engine.sweeping import RUN_SLICE
from syncjobs.intake.polls import FLOW, chunks
from syncjobs.models import Run, ServiceClass
from syncjobs.stores.opening import store_of, store_of_patience

IDS_AT_ONCE = 500
ROWS_AT_ONCE = 250
AFTER_FAILURE = timedelta(seconds=30)
BACKFILL = "orders_backfill"  # kind of the run


def orders_backfill(
    *,
    connection: Connection,
    actor: User | None,
    ids: Sequence[str] = (),
    known_ids: Sequence[str] = (),
    placed_from: date | None = None,
    placed_to: date | None = None,
    now: datetime | None = None,
) -> Run:
    """Start bringing orders: those with these numbers (at most 500), or those placed on these days, both included.

    Days are the merchant's; `known_ids` are ids as the store's own lists gave them. Raises ConfigurationFailure, with
    nothing started, when the wish makes no sense.
    """
    now = now or timezone.now()
    numbers, known = list(dict.fromkeys(ids)), list(dict.fromkeys(known_ids))
    _check(numbers or known, placed_from, placed_to, repeats=profile_of(connection.store).numbers_repeat)
    wanted = known or _ids_of(connection, numbers)
    with transaction.atomic():
        run = Run.objects.create(
            connection=connection,
            kind=BACKFILL,
            parameters=_parameters(wanted, placed_from, placed_to),
            total=len(wanted) or None,
            is_listed=bool(wanted),
            started_by=actor,
            started_at=now,
        )
        if wanted:
            _enqueue(run, wanted, now)
        else:
            queue.token_put(queue_of(ServiceClass.BULK), RUN_SLICE, run.pk)
        audit(merchant=connection.merchant, actor=actor, action="orders.backfilled", subject=connection, run=run.pk)
    return run


def run_slice(*, run: Run, now: datetime) -> str:
    """List the next pages of a run's orders and queue them; goes on from its checkpoint after a kill."""
    if run.state != Run.State.RUNNING or run.is_listed:
        return "nothing to list"
    if not run.connection.is_running:
        return "paused"
    circuits = circuits_look(run.connection_id, now)
    if circuits.wait:
        return _later(run, timedelta(seconds=circuits.wait), "the store is down")
    try:
        with (
            guarded(run.connection, ServiceClass.BULK, now, circuits=circuits) as guard,
            defects_reported("the run", run=run.pk),
        ):
            is_through = _list(run, guard, now)
    except SyncFailure as failure:
        if isinstance(failure, CredentialsRejected):
            access_recheck(owner=run.connection.store, reason=failure.summary)
        if run_fails(run, failure, now):
            over = {"state": Run.State.FAILED, "finished_at": now, "sentence": f"Failed: {failure.summary}"}
            Run.objects.filter(pk=run.pk).update(**over)
            return "failed"
        pause = timedelta(seconds=failure.retry_after) if failure.retry_after else AFTER_FAILURE
        return _later(run, pause, failure.summary)
    if is_through:
        run_moves(run, now)
        run_settle(run, now)
    return "listed" if is_through else "another slice is ahead"


def _ids_of(connection: Connection, numbers: list[str]) -> list[str]:
    """Of the orders that people call so, asked of the store where a number is no id."""
    if not numbers or not profile_of(connection.store).numbers_repeat:
        return numbers
    found = store_of_patience(connection.store).orders.numbered(numbers)
    if unknown := [number for number in numbers if not found.get(number)]:
        raise ConfigurationFailure(f"The store has no order {', '.join(unknown[:5])}. Nothing was started.")
    return [order_id for number in numbers for order_id in found[number]]


def _check(ids: Sequence[str], placed_from: date | None, placed_to: date | None, *, repeats: bool) -> None:
    if bool(ids) == bool(placed_from or placed_to):
        raise ConfigurationFailure("Give either order numbers or dates.")
    if len(ids) > IDS_AT_ONCE:
        raise ConfigurationFailure(f"{len(ids)} numbers are too many: give at most {IDS_AT_ONCE} at once.")
    if wrong := [one for one in ids if not (repeats or (one.isascii() and one.isdigit()))]:
        raise ConfigurationFailure(f"Not an order number: {', '.join(wrong[:5])}.")
    if not ids and not (placed_from and placed_to):
        raise ConfigurationFailure("Give both dates.")


def _parameters(ids: Sequence[str], placed_from: date | None, placed_to: date | None) -> dict[str, Any]:
    if placed_from and placed_to:
        return {"placed_from": placed_from.isoformat(), "placed_to": placed_to.isoformat()}
    return {"ids": list(ids)}


def _list(run: Run, guard: Guard, now: datetime) -> bool:
    """Queue page after page; False when somebody else lists the same run."""
    first, last = days_of(run)
    orders = store_of(run.connection.store, guard).orders
    for heads in chunks(orders.placed_between(first, last, after=run.checkpoint), ROWS_AT_ONCE):
        if not _page_done(run, [head.id for head in heads], now):
            return False
    Run.objects.filter(pk=run.pk).update(is_listed=True)
    run.is_listed = True
    return True


def _page_done(run: Run, ids: list[str], now: datetime) -> bool:
    with transaction.atomic():
        ours = Run.objects.filter(pk=run.pk, checkpoint=run.checkpoint)
        if not ours.update(checkpoint=ids[-1], stuck_since=None):
            return False
        _enqueue(run, ids, now)
        run.checkpoint, run.stuck_since = ids[-1], None
        run.total = run.jobs.count()
        run.save(update_fields=["total"])
    return True


def days_of(run: Run) -> tuple[datetime, datetime]:
    """The first and the last moment of a run's days, in the merchant's time zone."""
    zone = ZoneInfo(run.connection.merchant.time_zone)
    first = datetime.fromisoformat(run.parameters["placed_from"]).replace(tzinfo=zone)
    last = datetime.fromisoformat(run.parameters["placed_to"]).replace(hour=23, minute=59, second=59, tzinfo=zone)
    return first, last


def _enqueue(run: Run, ids: Sequence[str], now: datetime) -> None:
    jobs_enqueue(
        connection=run.connection,
        flow=FLOW,
        external_ids=ids,
        cause="backfill",
        now=now,
        service_class=ServiceClass.BULK,
        run=run,
    )


def _later(run: Run, pause: timedelta, reason: str) -> str:
    Run.objects.filter(pk=run.pk).update(sentence=f"Waiting: {reason}")
    queue.token_put(queue_of(ServiceClass.BULK), RUN_SLICE, run.pk, delay=pause / timedelta(seconds=1))
    return "waiting"
