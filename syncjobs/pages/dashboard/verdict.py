"""The sentence of the dashboard: is every order of a period accounted for, and how sure are we."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse

from connections.models import Connection
from syncjobs.models import Cursor
from syncjobs.pages.dashboard.dashboard_scope import PERIODS, Disposition, Scope, within

LATE_READS = 3  # polling intervals without a read before the verdict says so
WORDS = {
    Disposition.BOOKED: "booked",
    Disposition.CANCELLED: "cancelled",
    Disposition.SKIPPED: "skipped",
    Disposition.IN_FLIGHT: "waiting",
    Disposition.RETRYING: "waiting for a retry",
    Disposition.HELD: "need you",
    Disposition.DEAD: "given up",
    Disposition.SETTLED: "closed by hand",
}
ON_THE_WAY = (Disposition.IN_FLIGHT, Disposition.RETRYING)
SINGULAR = {Disposition.IN_FLIGHT: "waiting", Disposition.HELD: "needs you"}


@dataclass(frozen=True, kw_only=True)
class Part:
    """One count of the verdict with the list behind it. `start` and `width` draw its piece of the bar, in percent."""

    state: str
    count: int
    words: str
    href: str
    start: float
    width: float


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The sentence: all orders of a period, each in exactly one disposition."""

    period: str
    words: str
    total: int
    parts: tuple[Part, ...]
    href: str
    read_at: datetime | None  # the oldest of the last good reads of the stores
    is_late: bool  # a store has not been read for too long: newer orders may be missing from the count
    waiting_before: int = 0  # orders of before the period that are on their way too
    before_href: str = ""


def verdict(
    scope: Scope, period: str, *, poll_seconds: int, store: str = "", waiting: int = 0, away: Collection[str] = ()
) -> Verdict:
    """Count every order of the period once, and say how sure we are.

    `waiting` is how many orders of all time are on their way, `away` what the systems are called that do not answer.
    """
    rows = within(scope, period).values("disposition").annotate(n=Count("id"))
    counts = {row["disposition"]: row["n"] for row in rows}
    total = sum(counts.values())
    filters = {"period": period} | ({"store": store} if store else {})
    on_their_way = filters | {"state": str(Disposition.IN_FLIGHT), "period": "all"}
    reads = [read_at(row) for row in scope.connections if row.is_running]
    oldest = None if None in reads else min((at for at in reads if at), default=None)
    late_after = timedelta(seconds=LATE_READS * poll_seconds)
    return Verdict(
        period=period,
        words=PERIODS[period],
        total=total,
        parts=tuple(parts_of(counts, filters, away)),
        waiting_before=max(0, waiting - sum(counts.get(state, 0) for state in ON_THE_WAY)),
        before_href=f"{reverse('orders')}?{urlencode(on_their_way)}",
        href=f"{reverse('orders')}?{urlencode(filters)}",
        read_at=oldest,
        is_late=any(at is None or scope.now - at > late_after for at in reads),
    )


def parts_of(counts: Mapping[str, int], filters: Mapping[str, str], away: Collection[str] = ()) -> Iterator[Part]:
    """The counts that are not zero, in the order of WORDS, each with its piece of the bar.

    What is on its way waits for the systems that are `away`.
    """
    total, start = sum(counts.values()), 0.0
    for state, plural in WORDS.items():
        if count := counts.get(state, 0):
            width = round(100 * count / total, 3)
            yield Part(
                state=state,
                count=count,
                words=_words(state, count, plural, away),
                href=f"{reverse('orders')}?{urlencode({'state': str(state), **filters})}",
                start=start,
                width=width,
            )
            start += width


def _words(state: Disposition, count: int, plural: str, away: Collection[str]) -> str:
    if away and state == Disposition.IN_FLIGHT:
        return f"wait{'s' if count == 1 else ''} for {' and '.join(sorted(away))}"
    return SINGULAR.get(state, plural) if count == 1 else plural


def read_at(connection: Connection) -> datetime | None:
    """When the store's orders were last read to the end."""
    cursor = Cursor.objects.filter(connection=connection, feed=Cursor.ORDERS).first()
    return cursor.succeeded_at if cursor else None
