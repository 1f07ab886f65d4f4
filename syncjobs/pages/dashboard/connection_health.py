"""How a connection is doing: both systems, how news arrives, what is queued, how fast orders go through."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Sum

from connections.models import AccessState, Connection, HeartlandAccount, Store
from connections.store_kinds import profile_of
from errors.models import SyncError
from ipaas.types import System
from syncjobs.models import Circuit, Cursor, InboxEvent, RateBudget, Record, SyncJob
from syncjobs.pages.dashboard.dashboard_scope import ORDERS
from syncjobs.pages.dashboard.orders_news import orders_news
from syncjobs.pages.dashboard.verdict import ON_THE_WAY, read_at
from syncjobs.pages.lists.keyset import count_words, some


@dataclass(frozen=True, kw_only=True)
class SystemHealth:
    """One system of a connection: what its chip says."""

    name: str
    state: str  # "circuit_open" while it does not answer, else its AccessState
    reason: str
    next_try: datetime | None  # when it is asked again, while it does not answer
    budget: RateBudget | None

    @property
    def is_away(self) -> bool:
        return self.state == "circuit_open"


@dataclass(frozen=True, kw_only=True)
class Health:
    """How one connection is doing."""

    connection: Connection
    systems: Sequence[SystemHealth]
    circuits: Sequence[Circuit]  # those that are open
    mode: str  # how news of orders reaches us
    read_at: datetime | None
    found: int
    missed: int
    echoes: int  # callbacks that told of our own writes, as far as they are kept
    backlog: int
    orders_waiting: int  # orders that are neither booked nor left to a person yet
    oldest_due_at: datetime | None
    heard_ms: float | None  # from placed, by the store's clock, to the first hint, 95th percentile
    lag_ms: float | None  # from there to booked

    @property
    def drawer(self) -> str:
        """The id of its panel on the page."""
        return f"health-{self.connection.pk}"

    @property
    def title(self) -> str:
        return f"Health of {self.connection.store}"

    @property
    def echoes_words(self) -> str:
        return count_words(self.echoes)

    @property
    def mode_short(self) -> str:
        return self.mode.partition(";")[0].capitalize()

    @property
    def away(self) -> list[SystemHealth]:
        """The systems that do not answer."""
        return [one for one in self.systems if one.is_away]

    @property
    def is_told(self) -> bool:
        """Whether webhooks tell of orders: those that we register, or what the shop's people set up."""
        return bool(profile_of(self.connection.store).topics) or self.missed < self.found

    @property
    def missed_percent(self) -> float | None:
        """How much of what changed no webhook told of; None where nothing changed."""
        return 100 * self.missed / self.found if self.found else None


def health(connection: Connection, now: datetime) -> Health:
    """State of both systems, how news arrives, what is queued, how fast orders go through."""
    polls = Cursor.objects.filter(connection=connection, feed=Cursor.ORDERS)
    cursors = polls.aggregate(found=Sum("found"), missed=Sum("missed_by_hooks"))
    due = SyncJob.objects.filter(connection=connection, status__in=["pending", "running"])
    waiting = due.aggregate(n=Count("id"), oldest=Min("created_at"))
    orders = Record.objects.filter(connection=connection, flow=ORDERS, disposition__in=ON_THE_WAY)
    heard_ms, lag_ms = lags_p95(connection, now)
    circuits = list(Circuit.objects.filter(connection=connection, opened_at__isnull=False))
    return Health(
        connection=connection,
        systems=_systems(connection, {row.system: row for row in circuits}),
        circuits=circuits,
        mode=orders_news(connection, now),
        read_at=read_at(connection),
        found=cursors["found"] or 0,
        missed=cursors["missed"] or 0,
        echoes=some(InboxEvent.objects.filter(connection=connection, disposition=InboxEvent.Disposition.ECHO)),
        backlog=waiting["n"],
        orders_waiting=orders.count(),
        oldest_due_at=waiting["oldest"],
        heard_ms=heard_ms,
        lag_ms=lag_ms,
    )


def systems_of(connection: Connection) -> list[SystemHealth]:
    """Both systems, and whether they answer."""
    open_ones = Circuit.objects.filter(connection=connection, opened_at__isnull=False)
    return _systems(connection, {row.system: row for row in open_ones})


def _systems(connection: Connection, circuits: Mapping[str, Circuit]) -> list[SystemHealth]:
    """Heartland, then the store. What does not answer is said before what it was last let in by."""
    tenants = [connection.heartland.base_url, connection.store.store_hash]
    budgets = {row.system: row for row in RateBudget.objects.filter(tenant__in=tenants)}
    profile = profile_of(connection.store)
    sides: list[tuple[str, str, HeartlandAccount | Store]] = [
        (System.HEARTLAND, "Heartland", connection.heartland),
        (profile.system, profile.name, connection.store),
    ]
    found = []
    for system, name, side in sides:
        circuit = circuits.get(system)
        is_away = circuit is not None and side.state == AccessState.CONNECTED
        found.append(
            SystemHealth(
                name=name,
                state="circuit_open" if is_away else side.state,
                reason=circuit.reason if circuit and is_away else side.state_reason,
                next_try=circuit.probe_after if circuit and is_away else None,
                budget=budgets.get(system),
            )
        )
    return found


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
