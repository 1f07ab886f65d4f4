"""Working a distribution, twenty orders at a time, each read anew before it is written and after. Safe to repeat.

A worker that is killed between two orders leaves them waiting; the next one finds in Heartland what was written.
"""

from datetime import datetime, timedelta

from django.utils import timezone

from connections.services import access_recheck
from errors.failures import CredentialsRejected, SyncFailure
from ipaas import failpoints, queue
from syncjobs.bulk.run_failures import run_fails, run_moves
from syncjobs.distribution.begin_distribution import BACK, assignments_of
from syncjobs.distribution.place_lines import orders_place
from syncjobs.distribution.take_back import orders_take_back
from syncjobs.engine.call_guard import Guard, guarded
from syncjobs.engine.circuits import circuits_look
from syncjobs.engine.defects import defects_reported
from syncjobs.engine.retry_rules import pause_after
from syncjobs.engine.sweeping import RUN_SLICE
from syncjobs.models import Assignment, Run, ServiceClass

AT_ONCE = 20  # orders that share their reads
SLICE_LEASE = timedelta(seconds=130)  # longer than the cluster lets a task run
PAUSED_LOOK = timedelta(minutes=1)
State = Assignment.State


def slice_work(*, run: Run, now: datetime) -> str:
    """Work the next orders of a run, and queue the slice after it; answers how it stands."""
    due = Run.objects.filter(pk=run.pk, state=Run.State.RUNNING, due_at__lte=now)
    if due.update(due_at=now + SLICE_LEASE) != 1:
        return "not due"
    if not run.connection.is_running:
        return _later(run, now, PAUSED_LOOK, "the connection is paused")
    circuits = circuits_look(run.connection_id, now)
    if circuits.wait:
        return _later(run, now, timedelta(seconds=circuits.wait), "a system is away")
    try:
        with (
            guarded(run.connection, ServiceClass.NOW, now, circuits=circuits) as guard,
            defects_reported("the distribution", run=run.pk),
        ):
            is_through = _worked(run, guard, now)
    except SyncFailure as failure:
        if isinstance(failure, CredentialsRejected):
            access_recheck(owner=run.connection.heartland, reason=failure.summary)
            access_recheck(owner=run.connection.store, reason=failure.summary)
        if run_fails(run, failure, now):
            return _finish(run, Run.State.FAILED, f"Ended: {failure.summary}")
        return _later(run, now, pause_after(failure), failure.summary)
    run_moves(run, now)
    return _finish(run, Run.State.DONE, sentence_of(run)) if is_through else _later(run, now, timedelta(), "")


def sentence_of(run: Run) -> str:
    """What became of it, in words."""
    states = list(assignments_of(run).values_list("state", flat=True))
    done = states.count(State.TAKEN_BACK if run.kind == BACK else State.DONE)
    rest = len(states) - done
    if run.kind == BACK:
        return f"{orders(done)} taken back." + (f" {rest} could not be taken back." if rest else "")
    return f"{orders(done)} distributed." + (f" {rest} left over." if rest else "")


def orders(count: int) -> str:
    """`1 order`, `38 orders`."""
    return f"{count} {'order' if count == 1 else 'orders'}"


def _worked(run: Run, guard: Guard, now: datetime) -> bool:
    """The next orders; True when none is left."""
    state = State.TAKING_BACK if run.kind == BACK else State.WAITING
    waiting = assignments_of(run).filter(state=state)
    rows = list(waiting[:AT_ONCE])
    if rows:
        (orders_take_back if run.kind == BACK else orders_place)(run, rows, guard, now)
        left = waiting.count()
        Run.objects.filter(pk=run.pk).update(done=(run.total or 0) - left, stuck_since=None)
        run.stuck_since = None
        failpoints.passing("distribution.slice")
        return left == 0
    return True


def _later(run: Run, now: datetime, pause: timedelta, reason: str) -> str:
    going_on = Run.objects.filter(pk=run.pk, state=Run.State.RUNNING)
    if going_on.update(sentence=f"Waiting: {reason}"[:500] if reason else "", due_at=now + pause):
        queue.token_put(ServiceClass.NOW.queue, RUN_SLICE, run.pk, delay=pause / timedelta(seconds=1))
    return "waiting" if reason else "another slice is ahead"


def _finish(run: Run, state: Run.State, sentence: str) -> str:
    """End it; orders that it did not come to wait as before."""
    run.assignments.filter(state=State.WAITING).update(state=State.LEFT, sentence=sentence[:300])
    run.taken_back.filter(state=State.TAKING_BACK).update(state=State.DONE)
    running = Run.objects.filter(pk=run.pk, state=Run.State.RUNNING)
    running.update(state=state, finished_at=timezone.now(), sentence=sentence, is_listed=True)
    return str(state)
