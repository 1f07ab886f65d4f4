"""What the dashboard says: is every order accounted for, who is needed, how are the systems."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from connections.fixes import Fix, fix_for
from connections.models import AccessState, AuditEntry, Connection
from connections.preflight.findings import Severity
from connections.preflight.kept import preflight_known
from connections.store_kinds import profile_of
from errors.issues.issue_lists import Behind, behind
from errors.models import Issue, SyncError
from mappings.core.rules.stock_arithmetic import Clamp
from mappings.models import StockLevel
from syncjobs.engine.settings_changed import STATUS_CODES
from syncjobs.flows import FLOWS
from syncjobs.models import Attempt, Circuit, Cursor, InboxEvent, RateBudget, Record, SyncJob
from syncjobs.pages.dashboard.orders_news import orders_news
from syncjobs.pages.orders.pipeline import LEFT_OPEN, WAITS_FOR_LOCATION
from syncjobs.stock.plan import plan_of, settings_of
from syncjobs.stock.stale_guard import blind_since

NUMBERED = re.compile(r"^Order \S+: ")
ORDERS = "orders"  # name of the flow
PERIODS = {"today": "of today", "7d": "of the last 7 days", "30d": "of the last 30 days", "all": "we have ever seen"}
NOUNS = {  # by flow
    "orders": "order", "shipments": "invoice", "stock": "SKU", "items": "product", "runs": "run", "feeds": "look",
}  # fmt: skip
URGENT_FINDINGS = {"capture"}  # of the nightly check: money that may not be there any more when goods ship
LATE_READS = 3  # polling intervals without a read before the verdict says so
NEVER_EXISTED = Q(code="not_in_store", source_placed_at__isnull=True)
Disposition = Record.Disposition
WORDS = {
    Disposition.BOOKED: "booked",
    Disposition.CANCELLED: "cancelled",
    Disposition.SKIPPED: "skipped",
    Disposition.IN_FLIGHT: "on their way",
    Disposition.RETRYING: "retrying",
    Disposition.HELD: "need you",
    Disposition.DEAD: "in dead letters",
    Disposition.SETTLED: "closed by hand",
}


SINGULAR = {Disposition.IN_FLIGHT: "on its way", Disposition.HELD: "needs you"}


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


@dataclass(frozen=True, kw_only=True)
class Need:
    """Something that waits for a person, with its one button."""

    title: str
    detail: str
    store: str
    icon: str
    tone: str
    fix: Fix | None
    href: str = ""
    money: tuple[tuple[str, Decimal], ...] = ()  # (currency, amount)
    records: int = 0
    noun: str = "order"  # what is counted
    since: datetime | None = None


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


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line of the activity feed."""

    at: datetime
    who: str
    text: str
    state: str = ""
    href: str = ""
    store: str = ""


@dataclass(kw_only=True)
class Scope:
    """The connections that a page is about, and the moment it is drawn."""

    connections: list[Connection]
    now: datetime = field(default_factory=timezone.now)

    @property
    def zone(self) -> tzinfo:
        """Whose midnight begins today: the first merchant's."""
        return ZoneInfo(self.connections[0].merchant.time_zone) if self.connections else UTC

    @property
    def orders(self) -> QuerySet[Record]:
        """All orders but those that a message named and the store never had."""
        return Record.objects.filter(connection__in=self.connections, flow=ORDERS).exclude(NEVER_EXISTED)


def since(period: str, scope: Scope) -> datetime | None:
    """When a period began: today at the merchant's midnight; None for all time."""
    midnight = scope.now.astimezone(scope.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    days = {"7d": timedelta(days=7), "30d": timedelta(days=30)}
    return midnight if period == "today" else scope.now - days[period] if period in days else None


def within(scope: Scope, period: str) -> QuerySet[Record]:
    """Orders placed in the period (seen, where the store did not say when they were placed)."""
    orders, began = scope.orders, since(period, scope)
    return orders.alias(placed=placed_on()).filter(placed__gte=began) if began else orders


def placed_on() -> Coalesce:
    """When an order was placed, or first seen where the store did not say."""
    return Coalesce("source_placed_at", "first_seen_at")


def verdict(scope: Scope, period: str, *, poll_seconds: int, store: str = "") -> Verdict:
    """Count every order of the period once, and say how sure we are."""
    rows = within(scope, period).values("disposition").annotate(n=Count("id"))
    counts = {row["disposition"]: row["n"] for row in rows}
    total = sum(counts.values())
    filters = {"period": period} | ({"store": store} if store else {})
    reads = [read_at(row) for row in scope.connections if row.is_running]
    oldest = None if None in reads else min((at for at in reads if at), default=None)
    late_after = timedelta(seconds=LATE_READS * poll_seconds)
    return Verdict(
        period=period,
        words=PERIODS[period],
        total=total,
        parts=tuple(parts_of(counts, filters)),
        href=f"{reverse('orders')}?{urlencode(filters)}",
        read_at=oldest,
        is_late=any(at is None or scope.now - at > late_after for at in reads),
    )


def parts_of(counts: Mapping[str, int], filters: Mapping[str, str]) -> Iterator[Part]:
    """The counts that are not zero, in the order of WORDS, each with its piece of the bar."""
    total, start = sum(counts.values()), 0.0
    for state, plural in WORDS.items():
        if count := counts.get(state, 0):
            width = round(100 * count / total, 3)
            yield Part(
                state=state,
                count=count,
                words=SINGULAR.get(state, plural) if count == 1 else plural,
                href=f"{reverse('orders')}?{urlencode({'state': str(state), **filters})}",
                start=start,
                width=width,
            )
            start += width


def read_at(connection: Connection) -> datetime | None:
    """When the store's orders were last read to the end."""
    cursor = Cursor.objects.filter(connection=connection, feed=Cursor.ORDERS).first()
    return cursor.succeeded_at if cursor else None


def needs(scope: Scope) -> list[Need]:
    """What waits for a person: broken access first, then unfinished set-up, then issues by money and age."""
    found = [need for connection in scope.connections for need in connection_needs(connection)]
    issues = issue_needs(scope.connections)
    issues.sort(key=lambda need: (-sum((amount for _, amount in need.money), Decimal(0)), need.since or scope.now))
    return found + issues


def connection_needs(connection: Connection) -> list[Need]:
    """Reconnect, or finish setting up."""
    store, page = str(connection.store), reverse("connection", args=[connection.public_id])
    found = [
        Need(
            title=f"{name} no longer lets us in",
            detail=f"{reason or 'The access was revoked.'} Orders wait; none is lost.",
            store=store,
            icon="plug",
            tone="bad",
            fix=Fix(href=page, label="Reconnect"),
        )
        for name, state, reason in (
            ("Heartland", connection.heartland.state, connection.heartland.state_reason),
            (profile_of(connection.store).name, connection.store.state, connection.store.state_reason),
        )
        if state in {AccessState.REVOKED, AccessState.DISCONNECTED}
    ]
    if connection.state == Connection.State.SETTING_UP:
        found.append(
            Need(
                title="Set-up is not finished",
                detail="Orders come to Heartland once location, station and payment type are chosen.",
                store=store,
                icon="wrench",
                tone="info",
                fix=Fix(href=reverse("setup", args=[connection.public_id]), label="Finish set-up"),
            )
        )
    found += left_needs(connection)
    found += preflight_needs(connection)
    found += stock_needs(connection)
    if blind := blind_since(connection, timezone.now()):
        found.append(
            Need(
                title="Heartland's stock has not been heard of for too long",
                detail="The last pieces are off sale in the store until it answers; then they are offered again.",
                store=store,
                icon="stop",
                tone="bad",
                fix=Fix(href=reverse("inventory", args=[connection.public_id]), label="Open inventory"),
                since=blind,
            )
        )
    return found


def left_needs(connection: Connection) -> list[Need]:
    """Orders that nobody has to pack any more, although Heartland waits for it: they are in no other alert."""
    rows = Scope(connections=[connection]).orders.filter(LEFT_OPEN)
    found = rows.aggregate(n=Count("id"), since=Min("booked_at"))
    if not found["n"]:
        return []
    one = found["n"] == 1
    listed = urlencode({"stage": "left", "store": str(connection.public_id)})
    return [
        Need(
            title="An order has left the store, and is open in Heartland"
            if one
            else f"{found['n']} orders have left the store, and are open in Heartland",
            detail="Shipped or given back in the store: nobody is to pack them. Say on each order's page from where it "
            "left, or call it back from the location that is still asked to ship it.",
            store=str(connection.store),
            icon="truck",
            tone="info",
            fix=Fix(href=f"{reverse('orders')}?{listed}", label="See which"),
            records=found["n"],
            since=found["since"],
        )
    ]


def stock_needs(connection: Connection) -> list[Need]:
    """Nothing may be sold for want of a location; numbers that are not what Heartland's stock adds up to."""
    if not settings_of(connection).follows:
        return []
    levels = StockLevel.objects.filter(connection=connection, clamps__contains=Clamp.NEGATIVE)
    common: dict[str, Any] = {"store": str(connection.store)}
    page, found = reverse("inventory", args=[connection.public_id]), list[Need]()
    if not plan_of(connection).sources:
        found.append(
            Need(
                title="No location counts, so nothing is offered in the store",
                detail="Choose the Heartland locations whose stock may be sold online.",
                icon="stop",
                tone="bad",
                fix=Fix(href=f"{page}#counting", label="Choose locations"),
                **common,
            )
        )
    if count := levels.count():
        found.append(
            Need(
                title=f"{count} SKU{'' if count == 1 else 's'} with fewer than none in Heartland",
                detail="More was sold or kept back than there is: the store shows none. Count them in Heartland.",
                icon="alert",
                tone="info",
                fix=Fix(href=f"{page}#clamped", label="See which"),
                **common,
            )
        )
    return found


def preflight_needs(connection: Connection) -> list[Need]:
    """What the nightly look at both systems found: the worst first, in one card."""
    known = preflight_known(connection)
    if known is None:
        return []
    blocks = known.of(Severity.BLOCK)
    warnings = [finding for finding in known.of(Severity.WARN) if finding.code in URGENT_FINDINGS]
    if not (blocks or warnings):
        return []
    first, more = (blocks + warnings)[0], len(blocks) + len(warnings) - 1
    return [
        Need(
            title="The nightly check found what holds orders up" if blocks else "The nightly check found something",
            detail=first.sentence + (f" And {more} more." if more else ""),
            store=str(connection.store),
            icon="stop" if blocks else "alert",
            tone="bad" if blocks else "warn",
            fix=Fix(href=reverse("preflight", args=[connection.public_id]), label="See all, with fixes"),
            since=known.at,
        )
    ]


def issue_needs(connections: list[Connection]) -> list[Need]:
    """Open issues that a person has to mend, as cards."""
    rows = Issue.objects.filter(connection__in=connections, is_open=True).exclude(owner="nobody")
    issues = list(rows.select_related("connection__store", "connection__heartland"))
    waiting = behind(issues)
    return [issue_need(issue, waiting.get(issue.pk, Behind())) for issue in issues]


def issue_need(issue: Issue, waiting: Behind) -> Need:
    """An issue as a card: what, how many records, how much money, since when."""
    errors_page = f"{reverse('errors', args=[issue.connection.public_id])}?issue={issue.pk}"
    is_theirs = issue.owner == "merchant"
    return Need(
        title=issue.title,
        detail=issue.fix,
        store=str(issue.connection.store),
        icon="hand" if is_theirs else "stop",
        tone="warn" if is_theirs else "bad",
        fix=fix_for(issue.connection, issue.fix_page) or Fix(href=errors_page, label="Look at it"),
        href=errors_page,
        money=waiting.money,
        records=waiting.records,
        noun=NOUNS.get(waiting.flow, "record"),
        since=waiting.since or issue.first_seen_at,
    )


def undistributed(scope: Scope) -> QuerySet[Record]:
    """Booked orders that nobody has assigned to a shipping location yet, oldest first."""
    rows = scope.orders.filter(WAITS_FOR_LOCATION)
    return rows.select_related("connection__heartland", "connection__store").order_by("booked_at", "id")


@dataclass(frozen=True, kw_only=True)
class SkipGroup:
    """Orders left out for the same reason, with the list of exactly these."""

    code: str
    source_status: str  # only where the status is the reason
    count: int
    sentence: str
    href: str


def skips(scope: Scope, period: str, *, store: str = "") -> list[SkipGroup]:
    """Skipped orders by reason, the most frequent first; the sentence is one order's, without its number."""
    rows = within(scope, period).filter(disposition=Disposition.SKIPPED).order_by()
    by_status = rows.filter(code__in=STATUS_CODES).values("code", "source_status")
    by_code = rows.exclude(code__in=STATUS_CODES).values("code")
    found = [
        skip_group(row, period, store)
        for grouped in (by_status, by_code)
        for row in grouped.annotate(n=Count("id"), sentence=Max("reason"))
    ]
    return sorted(found, key=lambda group: (-group.count, group.code, group.source_status))


def skip_group(row: Mapping[str, Any], period: str, store: str) -> SkipGroup:
    status = row.get("source_status", "")
    asked = {"state": "skipped", "code": row["code"], "status": status, "period": period, "store": store}
    return SkipGroup(
        code=row["code"],
        source_status=status,
        count=row["n"],
        sentence=NUMBERED.sub("", row["sentence"]),
        href=f"{reverse('orders')}?{urlencode({name: value for name, value in asked.items() if value})}",
    )


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


def activity(scope: Scope, limit: int = 12) -> list[Event]:
    """What people changed and what became of records, newest first, so that cause and effect are neighbours."""
    merchants = {connection.merchant_id for connection in scope.connections}
    changes = AuditEntry.objects.filter(merchant__in=merchants).select_related("actor").order_by("-at")[:limit]
    tries = Attempt.objects.filter(job__connection__in=scope.connections).order_by("-began_at")
    events = [Event(at=row.at, who=row.who, text=audit_words(row)) for row in changes]
    newest = list(tries.select_related("job__connection__store")[:limit])
    labels = labels_of([row.job for row in newest])
    for row in newest:
        job = row.job
        who = labels.get((job.connection_id, job.flow, job.external_id)) or job_label(job)
        events.append(
            Event(
                at=row.began_at,
                who=who,
                text=row.sentence or who,
                state=row.outcome,
                href=page_of(job),
                store=str(job.connection.store),
            )
        )
    return sorted(events, key=lambda event: event.at, reverse=True)[:limit]


def labels_of(jobs: Sequence[SyncJob]) -> dict[tuple[int, str, str], str]:
    """What the records of jobs are called, by (connection, flow, id): an order's number may be another than its id."""
    rows = Record.objects.filter(
        connection__in={job.connection_id for job in jobs}, external_id__in={job.external_id for job in jobs}
    )
    return {(row.connection_id, row.flow, row.external_id): row.label for row in rows.exclude(label="")}


def job_label(job: SyncJob) -> str:
    return FLOWS[job.flow].label(job.external_id) if job.flow in FLOWS else job.external_id


def page_of(job: SyncJob) -> str:
    """The page that explains a job's record."""
    return reverse("record", args=[job.connection.public_id, job.flow, job.external_id])


def audit_words(entry: AuditEntry) -> str:
    """`store.connected` of Harbor & Pine as `Store connected: Harbor & Pine`."""
    return f"{entry.words}: {entry.subject}"
