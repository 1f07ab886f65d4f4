"""Bulk runs: how far they are, and when they are over."""

from datetime import datetime

from django.db.models import Count, Q

from connections.models import Connection
from syncjobs.models import Record, Run, SyncJob

OPEN = (SyncJob.Status.PENDING, SyncJob.Status.RUNNING)


def runs_settle(now: datetime, connection: Connection | None = None) -> int:
    """Bring running runs' counts up to date and close those that are through; answers how many ended."""
    runs = Run.objects.filter(state=Run.State.RUNNING, is_listed=True)
    if connection:
        runs = runs.filter(connection=connection)
    return sum(run_settle(run, now) for run in runs)


def run_settle(run: Run, now: datetime) -> bool:
    """Count a run's jobs; True when it ended with this."""
    jobs = run.jobs.aggregate(total=Count("pk"), open=Count("pk", filter=Q(status__in=OPEN)))
    is_over = bool(jobs["open"] == 0)
    run.total, run.done = jobs["total"], jobs["total"] - jobs["open"]
    if is_over:
        run.state, run.finished_at, run.sentence = Run.State.DONE, now, run_sentence(run)
    run.save(update_fields=["total", "done", "state", "finished_at", "sentence"])
    return is_over


def run_sentence(run: Run) -> str:
    """What became of a run's records."""
    if not run.total:
        return "There was nothing to fetch."
    ids = run.jobs.values("external_id")
    records = Record.objects.filter(connection=run.connection, external_id__in=ids)
    counts = dict(records.values_list("disposition").annotate(Count("pk")).order_by("disposition"))
    words = [f"{count} {Record.Disposition(name).label.lower()}" for name, count in counts.items()]
    return f"{run.total} looked at: {', '.join(words)}." if words else f"{run.total} looked at."
