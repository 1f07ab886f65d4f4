"""Bulk runs: how far they are, and when they are over."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from connections.models import Connection
from connections.preferences import order_settings
from syncjobs.models import Record, Run, SyncJob

NAMED = 5  # orders that a sentence names
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
    flows = run.jobs.values("flow")
    records = Record.objects.filter(connection=run.connection, flow__in=flows, external_id__in=ids)
    counts = dict(records.values_list("disposition").annotate(Count("pk")).order_by("disposition"))
    words = [f"{count} {Record.Disposition(name).label.lower()}" for name, count in counts.items()]
    said = f"{run.total} looked at: {', '.join(words)}." if words else f"{run.total} looked at."
    return f"{said}{older_words(run.connection, records)}"


def older_words(connection: Connection, records: QuerySet[Record]) -> str:
    """Which of the records were placed before the merchant's start, and were looked at because they were asked for."""
    start = order_settings(connection).history_start_at
    if start is None:
        return ""
    older = records.filter(source_placed_at__lt=start).order_by("source_placed_at", "pk")
    names = list(older.values_list("external_id", flat=True)[: NAMED + 1])
    if not names:
        return ""
    count, day = older.count(), timezone.localtime(start, ZoneInfo(connection.merchant.time_zone)).date()
    named = ", ".join(names[:NAMED]) + (f" and {count - NAMED} more" if count > NAMED else "")
    return f" {count} of them {'was' if count == 1 else 'were'} placed before your start, {day}: {named}."
