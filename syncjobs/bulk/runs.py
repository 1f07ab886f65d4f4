"""Runs over all stock or all items: started, paused and stopped by people, worked in slices that orders overtake."""

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from connections.models import Connection, User
from connections.services import access_recheck
from errors.failures import ConfigurationFailure, CredentialsRejected, SyncFailure
from ipaas import queue
from syncjobs.bulk.night import night_wait
from syncjobs.bulk.run_failures import run_fails, run_moves
from syncjobs.bulk.run_start import run_begin, run_note
from syncjobs.bulk.run_walk import Walk
from syncjobs.bulk.write_lease import write_lease_of
from syncjobs.engine.call_guard import Guard, run_seconds
from syncjobs.engine.circuits import circuits_look
from syncjobs.engine.cursors import feed_ring
from syncjobs.engine.defects import defects_reported
from syncjobs.engine.expedite_stock import stock_expedite
from syncjobs.engine.leases import LeaseLost
from syncjobs.engine.retry_rules import pause_after
from syncjobs.engine.sweeping import RUN_SLICE
from syncjobs.models import Cursor, Run, ServiceClass

WALKS: dict[str, type[Walk]] = {}  # by the kind of run, as the rooms that walk name them in `syncjobs/apps.py`
STANDSTILL = {  # states of a connection in which nothing is begun
    Connection.State.SETTING_UP: "the set-up of this store is not finished. Finish it in the set-up assistant first.",
    Connection.State.DISCONNECTED: "this store is disconnected. Connect it again first.",
}
SLICE_LEASE = timedelta(seconds=130)  # longer than the cluster lets a task run
BUSY_PAUSE = timedelta(seconds=1)
BREATH = timedelta(seconds=0.2)  # between slices, for what goes first
PAUSED_LOOK = timedelta(minutes=1)


def register(walks: Mapping[str, type[Walk]]) -> None:
    """Have runs of these kinds worked by these walks."""
    WALKS.update(walks)


def run_start(
    *, connection: Connection, actor: User | None, kind: str, now: datetime, parameters: dict[str, Any] | None = None
) -> Run:
    """Begin a run. Raises ConfigurationFailure, with nothing begun, when something stands in its way or one goes on."""
    if standstill := STANDSTILL.get(Connection.State(connection.state)):
        raise ConfigurationFailure(f"Nothing was begun: {standstill}")
    prepared = WALKS[kind].prepared(connection, parameters or {})
    return run_begin(connection=connection, actor=actor, kind=kind, now=now, parameters=prepared)


def run_pause(*, run: Run, actor: User | None) -> bool:
    """Rest after the page in hand; False when it does not run."""
    return _move(run, actor, "paused", Run.State.RUNNING, state=Run.State.PAUSED, sentence="")


def run_resume(*, run: Run, actor: User | None, now: datetime) -> bool:
    """Go on from the checkpoint; False when it is not paused."""
    is_moved = _move(run, actor, "resumed", Run.State.PAUSED, state=Run.State.RUNNING, due_at=now)
    if is_moved:
        queue.token_put(ServiceClass.BULK.queue, RUN_SLICE, run.pk)
    return is_moved


def run_stop(*, run: Run, actor: User | None, now: datetime, reason: str = "Stopped by hand.") -> bool:
    """End it where it is: what was written stays. False when it is over already."""
    over = {"state": Run.State.STOPPED, "finished_at": now, "sentence": reason, "is_listed": True}
    is_moved = _move(run, actor, "stopped", Run.State.RUNNING, **over) or _move(
        run, actor, "stopped", Run.State.PAUSED, **over
    )
    if is_moved:
        run_moves(run, now)
    return is_moved


def slice_work(*, run: Run, now: datetime) -> str:
    """Work a run for a slice; goes on from its checkpoint after a kill. Harmless when called twice."""
    if not _claim(run, now):
        return "not due"
    walk = WALKS[run.kind]
    if obstacle := walk.outdated(run):
        return _finish(run, Run.State.STOPPED, f"Stopped: {obstacle}")
    if not run.connection.is_running:
        return _later(run, now, PAUSED_LOOK, "the connection is paused")
    if wait := night_wait(run, now):
        return _later(run, now, wait, "it was put off to the night.")
    circuits = circuits_look(run.connection_id, now)
    if circuits.wait:
        return _later(run, now, timedelta(seconds=circuits.wait), "a system is away")
    deadline = time.monotonic() + run_seconds()
    guard = Guard(run.connection, ServiceClass.BULK, circuits, deadline, reads_heartland=walk.reads_heartland)
    try:
        with defects_reported("the run", run=run.pk, kind=run.kind):
            return _worked(run, guard, now)
    except LeaseLost:
        return _later(run, now, BUSY_PAUSE, "another worker took over")
    except SyncFailure as failure:
        if isinstance(failure, CredentialsRejected):
            access_recheck(owner=run.connection.heartland, reason=failure.summary)
            access_recheck(owner=run.connection.store, reason=failure.summary)
        if run_fails(run, failure, now):
            return _finish(run, Run.State.FAILED, f"Failed: {failure.summary}")
        return _later(run, now, pause_after(failure), failure.summary)
    finally:
        guard.settle(now)
        guard.give_back()


def _worked(run: Run, guard: Guard, now: datetime) -> str:
    with write_lease_of(run.connection, now) as lease:
        if lease is None:
            return _later(run, now, BUSY_PAUSE, "changes go first")
        walk = WALKS[run.kind](run=run, lease=lease, guard=guard, now=now)
        is_through = walk.go()
    if not stock_expedite(run.connection_id, now):  # what moved meanwhile goes before more
        feed_ring(run.connection_id, Cursor.STOCK)
    if is_through or run.stuck_since:
        run_moves(run, now)
    return _finish(run, Run.State.DONE, walk.sentence(run)) if is_through else _later(run, now, BREATH, "")


def _claim(run: Run, now: datetime) -> bool:
    """One worker at a time, and none before its time."""
    due = Run.objects.filter(pk=run.pk, state=Run.State.RUNNING, due_at__lte=now)
    return due.update(due_at=now + SLICE_LEASE) == 1


def _later(run: Run, now: datetime, pause: timedelta, reason: str) -> str:
    """Go on after a pause; the sweep puts a lost token anew."""
    words = f"Waiting: {reason}"[:500] if reason else ""
    going_on = Run.objects.filter(pk=run.pk, state=Run.State.RUNNING)
    if going_on.update(sentence=words, due_at=now + pause):
        queue.token_put(ServiceClass.BULK.queue, RUN_SLICE, run.pk, delay=pause / timedelta(seconds=1))
    return "waiting" if reason else "another slice is ahead"


def _finish(run: Run, state: Run.State, sentence: str) -> str:
    running = Run.objects.filter(pk=run.pk, state=Run.State.RUNNING)
    running.update(state=state, finished_at=timezone.now(), sentence=sentence, is_listed=True)
    return str(state)


def _move(run: Run, actor: User | None, verb: str, former: Run.State, **changes: object) -> bool:
    with transaction.atomic():
        if not Run.objects.filter(pk=run.pk, state=former).update(**changes):
            return False
        run_note(run, actor, verb)
    return True
