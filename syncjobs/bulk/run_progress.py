"""Runs as the pages show them: what they are called, how far they are, how fast."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from connections.models import Connection
from connections.vocabulary import FETCH_OLDER, PREVIEW
from syncjobs.models import Run

GROUPS = {
    "stock": {
        "stock_sync": "Full sync",
        "stock_preview": PREVIEW,
        "stock_check": "Check of the store",
        "stock_undo": "Undo",
    },
    "items": {
        "items_check": "Check of all items",
        "items_preview": PREVIEW,
        "items_push": "Push to the store",
        "items_pull": "Pull into Heartland",
        "items_undo": "Undo",
        "items_pull_undo": "Undo of a pull",
    },
}
KINDS = {kind: title for group in GROUPS.values() for kind, title in group.items()}
TITLES = KINDS | {  # … with those that no tab of runs lists
    "orders_backfill": FETCH_OLDER,
    "distribution_send": "Distribution",
    "distribution_back": "Taking back a distribution",
}
RUNS_SHOWN = 10


@dataclass(frozen=True, kw_only=True)
class Progress:
    """A run with how far it is."""

    run: Run
    title: str
    percent: int | None  # None while the number of records is not known
    per_second: float
    left: timedelta | None

    @property
    def unit(self) -> str:
        return "SKUs" if group_of(self.run) == "stock" else "records"


def group_of(run: Run) -> str:
    """stock or items."""
    return run.kind.partition("_")[0]


def runs_of(connection: Connection, group: str) -> "QuerySet[Run]":
    """Every run of a group, newest first."""
    rows = Run.objects.filter(connection=connection, kind__in=GROUPS[group])
    return rows.select_related("started_by").order_by("-started_at")


def going_on(connection: Connection, group: str, now: datetime) -> Progress | None:
    """The run of a group that goes on or rests."""
    run = runs_of(connection, group).filter(state__in=[Run.State.RUNNING, Run.State.PAUSED]).first()
    return progress_of(run, now) if run else None


def recent(connection: Connection, group: str, now: datetime) -> list[Progress]:
    return [progress_of(run, now) for run in runs_of(connection, group)[:RUNS_SHOWN]]


def progress_of(run: Run, now: datetime) -> Progress:
    """How far a run is, how fast, and how long it will take from here."""
    seconds = max(((run.finished_at or now) - run.started_at).total_seconds(), 0.001)
    rate = run.done / seconds
    left = None
    if run.total and rate and run.state == Run.State.RUNNING:
        left = timedelta(seconds=max(run.total - run.done, 0) / rate)
    percent = min(100, 100 * run.done // run.total) if run.total else None
    return Progress(run=run, title=KINDS[run.kind], percent=percent, per_second=rate, left=left)
