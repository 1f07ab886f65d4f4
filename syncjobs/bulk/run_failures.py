"""What becomes of a run whose slice failed: it waits, or it is over with the words of what stood in its way."""

from datetime import datetime

from errors.failures import CircuitOpen, ConfigurationFailure, CredentialsRejected, SyncFailure, Throttled
from errors.issues.record_errors import error_resolve
from syncjobs.bulk.run_progress import TITLES
from syncjobs.engine.defects import Defect
from syncjobs.engine.stalls import PATIENCE, RUNS, is_refused_again, refusals_forget, stall_note
from syncjobs.models import Run

TOLD_ELSEWHERE = (CredentialsRejected, CircuitOpen, Throttled)  # the state of the system itself says so


def run_fails(run: Run, failure: SyncFailure, now: datetime) -> bool:
    """True when the run is over with this: a defect of ours, or a refusal that came back unchanged.

    Otherwise it is tried again; a person is told of what is theirs to mend, and of what does not pass for a while.
    """
    if run.stuck_since is None:
        refusals_forget(run.connection, RUNS, run.kind)
        run.stuck_since = now
        Run.objects.filter(pk=run.pk).update(stuck_since=now)
    stuck = now - run.stuck_since
    is_over = is_refused_again(run.connection, RUNS, run.kind, failure) or isinstance(failure, Defect)
    is_theirs = isinstance(failure, ConfigurationFailure) or stuck > PATIENCE
    if is_over or (is_theirs and not isinstance(failure, TOLD_ELSEWHERE)):
        stall_note(run.connection, RUNS, run.kind, TITLES[run.kind], failure, now, is_over=is_over)
    if is_over:
        refusals_forget(run.connection, RUNS, run.kind)
    return is_over


def run_moves(run: Run, now: datetime) -> None:
    """It got through, or nobody wants it any more: what was noted closes."""
    refusals_forget(run.connection, RUNS, run.kind)
    error_resolve(connection=run.connection, flow=RUNS, external_id=run.kind, now=now)
