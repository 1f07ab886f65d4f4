"""How a connection is doing: both systems, how news arrives, what is queued, how fast orders go through."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Sum

from connections.models import Connection
from errors.models import SyncError
from syncjobs.models import Circuit, Cursor, InboxEvent, RateBudget, Record, SyncJob
from syncjobs.pages.dashboard.dashboard_scope import ORDERS
from syncjobs.pages.dashboard.orders_news import orders_news
from syncjobs.pages.dashboard.verdict import read_at


@dataclass(frozen=True, kw_only=True)
class Health:
    """How one connection is doing."""

    connection: Connection
    circuits: Sequence[Circuit]
    mode: str  # how news of orders reaches us
    read_at: datetime | None
    found: int
    missed: int
    echoes: int  # callbacks that told of our own writes, as far as they are kept
    backlog: int
    orders_waiting: int
    oldest_due_at: datetime | None
    heard_ms: float | None  # from placed, by the store's clock, to the first hint, 95th percentile
    lag_ms: float | None  # from there to booked
    budgets: Sequence[RateBudget]


def health(connection: Connection, now: datetime) -> Health:
    """State of both systems, how news arrives, what is queued, how fast orders go through."""
    polls = Cursor.objects.filter(connection=connection, feed=Cursor.ORDERS)
    cursors = polls.aggregate(found=Sum("found"), missed=Sum("missed_by_hooks"))
    due = SyncJob.objects.filter(connection=connection, status__in=["pending", "running"])
    waiting = due.aggregate(n=Count("id"), oldest=Min("created_at"))
    tenants = [connection.heartland.base_url, connection.store.store_hash]
    heard_ms, lag_ms = lags_p95(connection, now)
    return Health(
        connection=connection,
        circuits=list(Circuit.objects.filter(connection=connection, opened_at__isnull=False)),
        mode=orders_news(connection, now),
        read_at=read_at(connection),
        found=cursors["found"] or 0,
        missed=cursors["missed"] or 0,
        echoes=InboxEvent.objects.filter(connection=connection, disposition=InboxEvent.Disposition.ECHO).count(),
        backlog=waiting["n"],
        orders_waiting=due.filter(flow=ORDERS).aggregate(n=Count("external_id", distinct=True))["n"],
        oldest_due_at=waiting["oldest"],
        heard_ms=heard_ms,
        lag_ms=lag_ms,
        budgets=list(RateBudget.objects.filter(tenant__in=tenants).order_by("system")),
    )


def lags_p95(connection: Connection, now: datetime) -> tuple[float | None, float | None]:
    """Milliseconds from placed to first heard of, and from there to booked: 95th percentiles of the last day's newest.

    Of 200 orders. Those that waited for a person or a retry are left out: their time says nothing of ours. Of those
    placed before that day it says nothing either when they were heard of: they were fetched.
    """
    day = now - timedelta(days=1)
    troubled = SyncError.objects.filter(connection=connection, flow=ORDERS).values("external_id")
    rows = Record.objects.filter(connection=connection, flow=ORDERS, booked_at__gte=day).exclude(
        external_id__in=troubled
    )
    times = list(rows.order_by("-booked_at").values_list("source_placed_at", "first_seen_at", "booked_at")[:200])
    heard = [max(seen - placed, timedelta()) for placed, seen, _ in times if placed and placed >= day]
    return p95(heard), p95([booked - seen for _, seen, booked in times if booked])


def p95(spans: Sequence[timedelta]) -> float | None:
    """In milliseconds; None of none."""
    ordered = sorted(spans)
    return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))].total_seconds() * 1000 if ordered else None
