"""What holds now, of many connections at once: a few queries however many there are."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, Max, Min, OuterRef, QuerySet, Sum
from django.urls import reverse

from connections.models import AccessState, Connection
from connections.store_kinds import profile_of
from errors.alerts.incidents import Condition
from errors.models import AlertKind, Issue, SyncError
from ipaas.counts import many
from syncjobs.distribution.waiting_lines import WAITS_FOR_LOCATION
from syncjobs.models import Circuit, Cursor, PayoutEntry, Record, ServiceClass, SyncJob
from syncjobs.models.ledger import PLACED
from syncjobs.models.payouts import OPEN

ORDERS = "orders"  # name of the flow
HOUR = timedelta(hours=1)
JOBS_LOOKED_AT = 20_000  # of the newest; more of them in an hour say no more
FEWEST_ORDERS = 5  # that a rate or a percentile says something of
DUE_LONG = timedelta(minutes=5)
WAITING = (SyncError.State.HELD, SyncError.State.DEAD)
Found = dict[int, list[Condition]]  # by connection
MONEY = Decimal("0.01")
LONGEST_PROMISE = 60  # days, the most that the settings take
TOLD_AFTER_END = timedelta(days=3)


@dataclass(frozen=True, kw_only=True)
class Hangs:
    """What hangs on one cause."""

    records: int = 0
    money: tuple[tuple[str, Decimal], ...] = ()
    oldest_at: datetime | None = None


def conditions(connections: Sequence[Connection], now: datetime) -> Found:
    """By connection id: everything that holds now. What is no wonder during an outage is not told beside it."""
    found: Found = {one.pk: [] for one in connections}
    down = set()
    for one in (*failures(connections, now), *outages(connections, now)):
        found[one[0]].append(one[1])
        down |= {one[0]} if one[1].kind == AlertKind.OUTAGE else set()
    able = [one for one in connections if one.pk not in down]
    for pk, condition in (*backlogs(able, now), *speeds(able, now), *unheard(able, now)):
        found[pk].append(condition)
    money = (*money_waiting(connections, now), *unexplained(connections), *promises_ending(connections, now))
    for pk, condition in (*money, *to_distribute(connections)):
        found[pk].append(condition)
    return found


def failures(connections: Sequence[Connection], now: datetime) -> Iterator[tuple[int, Condition]]:
    """Causes that records wait for a person behind, but for those that somebody set aside."""
    issues = {one.pk: one for one in Issue.objects.calling(now).filter(connection__in=connections)}
    paths = {one.pk: reverse("errors", args=[one.public_id]) for one in connections}
    for pk, hangs in behind(issues).items():
        issue = issues[pk]
        yield (
            issue.connection_id,
            Condition(
                kind=AlertKind.FAILURE,
                key=issue_key(issue.connection_id, pk),
                title=issue.title,
                page=f"{paths[issue.connection_id]}?{urlencode({'issue': pk})}",
                value=Decimal(hangs.records),
                records=hangs.records,
                money=hangs.money,
                oldest_at=hangs.oldest_at,
                is_known=issue.triage == Issue.Triage.ACKNOWLEDGED,
            ),
        )


def issue_key(connection_id: int, issue_id: int) -> str:
    return f"{connection_id}:issue:{issue_id}"


def behind(issues: Mapping[int, Issue]) -> dict[int, Hangs]:
    """By issue: what waits for a person behind it."""
    rows = SyncError.objects.filter(state__in=WAITING, issues__in=issues).order_by().values("issues", "currency")
    found: dict[int, Hangs] = {}
    for row in rows.annotate(n=Count("pk"), total=Sum("amount"), first=Min("first_seen_at")):
        known = found.get(row["issues"], Hangs())
        found[row["issues"]] = Hangs(
            records=known.records + row["n"],
            money=(*known.money, (row["currency"], row["total"])) if row["total"] else known.money,
            oldest_at=min(known.oldest_at or row["first"], row["first"]),
        )
    return found


def outages(connections: Sequence[Connection], now: datetime) -> Iterator[tuple[int, Condition]]:
    """Systems that do not answer, and access that was taken from us; with the records that wait meanwhile."""
    by_pk = {one.pk: one for one in connections}
    opened = Circuit.objects.filter(connection__in=connections, opened_at__isnull=False)
    silent = [
        (row.connection_id, row.system, f"{_name(by_pk[row.connection_id], row.system)} does not answer", row.opened_at)
        for row in opened.order_by("pk")
    ]
    for one in connections:
        for system, state, at in (
            ("heartland", one.heartland.state, one.heartland.checked_at),
            ("store", one.store.state, None),
        ):
            if state == AccessState.REVOKED:
                silent.append((one.pk, f"access:{system}", f"{_name(one, system)} takes our access no more", at or now))
    waiting = _waiting({pk for pk, *_ in silent})
    for pk, key, title, since in silent:
        yield (
            pk,
            Condition(
                kind=AlertKind.OUTAGE,
                key=f"{pk}:{key}",
                title=title,
                page=reverse("connection", args=[by_pk[pk].public_id]),
                value=minutes(now - min(since or now, now)),
                records=waiting.get(pk, 0),
            ),
        )


def _name(connection: Connection, system: str) -> str:
    return "Heartland" if system == "heartland" else profile_of(connection.store).name


def _waiting(connections: set[int]) -> dict[int, int]:
    jobs = SyncJob.objects.filter(connection__in=connections, status=SyncJob.Status.PENDING, flow=ORDERS)
    return dict(jobs.order_by().values_list("connection").annotate(n=Count("pk")))


def backlogs(connections: Sequence[Connection], now: datetime) -> Iterator[tuple[int, Condition]]:
    """Orders and stock that have been due for long, though nothing is known to be down."""
    jobs = SyncJob.objects.filter(
        connection__in=connections, status=SyncJob.Status.PENDING, not_before__lte=now - DUE_LONG
    ).exclude(lane__service_class=ServiceClass.BULK)
    rows = jobs.order_by().values_list("connection", "connection__public_id")
    for pk, public_id, count, since in rows.annotate(n=Count("pk"), since=Min("not_before")):
        yield (
            pk,
            Condition(
                kind=AlertKind.BACKLOG,
                key=f"{pk}:backlog",
                title="Work waits though both systems answer",
                page=reverse("connection", args=[public_id]),
                value=minutes(now - since),
                records=count,
                oldest_at=since,
            ),
        )


def speeds(connections: Sequence[Connection], now: datetime) -> Iterator[tuple[int, Condition]]:
    """How long the last hour's orders took, and how many of them ended badly; of the newest jobs alone."""
    newest = SyncJob.objects.aggregate(pk=Max("pk"))["pk"] or 0
    jobs = SyncJob.objects.filter(
        pk__gt=newest - JOBS_LOOKED_AT, connection__in=connections, flow=ORDERS, finished_at__gt=now - HOUR
    ).exclude(cause__in=("backfill", SyncJob.LOOK_AGAIN))
    by_connection: dict[int, list[tuple[str, timedelta]]] = defaultdict(list)
    for pk, status, asked, finished in jobs.values_list("connection", "status", "requested_at", "finished_at"):
        if finished and status != SyncJob.Status.SUPERSEDED:
            by_connection[pk].append((status, finished - asked))
    pages = {one.pk: reverse("connection", args=[one.public_id]) for one in connections}
    errors = {one.pk: reverse("errors", args=[one.public_id]) for one in connections}
    for pk, rows in by_connection.items():
        done = sorted(took for status, took in rows if status == SyncJob.Status.DONE)
        bad = sum(status in (SyncJob.Status.HELD, SyncJob.Status.DEAD) for status, _ in rows)
        if len(done) >= FEWEST_ORDERS:
            slow = done[min(len(done) - 1, int(0.95 * len(done)))]
            title = f"5 of 100 orders take longer than {int(slow.total_seconds())} s"
            yield pk, _speed(AlertKind.LATENCY, pk, title, pages[pk], Decimal(int(slow.total_seconds())))
        if len(rows) >= FEWEST_ORDERS and bad:
            share = (Decimal(100 * bad) / len(rows)).quantize(MONEY)
            title = f"{bad} of the last hour's {many(len(rows), 'order')} {'needs' if bad == 1 else 'need'} somebody"
            yield pk, _speed(AlertKind.ERROR_RATE, pk, title, errors[pk], share)


def _speed(kind: AlertKind, pk: int, title: str, page: str, value: Decimal) -> Condition:
    return Condition(kind=kind, key=f"{pk}:{kind}", title=title, page=page, value=value)


def money_waiting(connections: Sequence[Connection], now: datetime) -> Iterator[tuple[int, Condition]]:
    """What the orders are worth together that wait for a person, by currency."""
    calling = Issue.objects.calling(now).filter(errors=OuterRef("pk"))
    rows = SyncError.objects.filter(Exists(calling), connection__in=connections, state__in=WAITING, amount__gt=0)
    grouped = rows.order_by().values_list("connection", "connection__public_id", "currency")
    for pk, public_id, currency, total, count, since in grouped.annotate(
        total=Sum("amount"), n=Count("pk"), since=Min("first_seen_at")
    ):
        yield (
            pk,
            Condition(
                kind=AlertKind.MONEY,
                key=f"{pk}:money:{currency}",
                title="Orders wait for a person",
                page=reverse("errors", args=[public_id]),
                value=total,
                records=count,
                money=((currency, total),),
                oldest_at=since,
            ),
        )


def to_distribute(connections: Sequence[Connection]) -> Iterator[tuple[int, Condition]]:
    """Booked orders that no location is told to ship."""
    rows: QuerySet[Record] = Record.objects.filter(WAITS_FOR_LOCATION, connection__in=connections, flow=ORDERS)
    grouped = rows.order_by().values_list("connection", "connection__public_id")
    for pk, public_id, count, since in grouped.annotate(n=Count("pk"), since=Min("booked_at")):
        yield (
            pk,
            Condition(
                kind=AlertKind.DISTRIBUTE,
                key=f"{pk}:distribute",
                title="Orders wait to be distributed",
                page=f"{reverse('orders')}?{urlencode({'stage': 'distribute', 'store': str(public_id)})}",
                value=Decimal(count),
                records=count,
                oldest_at=since,
            ),
        )


def unexplained(connections: Sequence[Connection]) -> Iterator[tuple[int, Condition]]:
    """Rows of payouts that a person has to say something of."""
    rows = PayoutEntry.objects.filter(connection__in=connections, how__in=OPEN).order_by()
    grouped = rows.values_list("connection", "connection__public_id")
    for pk, public_id, count, since in grouped.annotate(n=Count("pk"), since=Min("happened_at")):
        yield (
            pk,
            Condition(
                kind=AlertKind.BOOKS,
                key=f"{pk}:books",
                title="Money at the gateway is of no booked order",
                page=reverse("payouts", args=[public_id]),
                value=Decimal(count),
                records=count,
                oldest_at=since,
            ),
        )


def promises_ending(connections: Sequence[Connection], now: datetime) -> Iterator[tuple[int, Condition]]:
    """Booked orders whose money was promised and not taken, of which the promise ends within a day or has just ended.

    How long a promise holds is the merchant's to say: no store tells it.
    """
    by_pk = {one.pk: one for one in connections}
    longest = now - timedelta(days=LONGEST_PROMISE) - TOLD_AFTER_END
    rows = Record.objects.filter(
        connection__in=connections, flow=ORDERS, disposition=Record.Disposition.BOOKED, facts__promised=True
    )
    placed = rows.alias(placed=PLACED).filter(placed__gt=longest)
    ends: dict[int, list[datetime]] = defaultdict(list)
    for pk, at in placed.values_list("connection", "source_placed_at"):
        settings = getattr(by_pk[pk], "order_settings", None)
        end = at + timedelta(days=settings.promise_days) if at and settings else None
        if end and now - TOLD_AFTER_END < end <= now + timedelta(days=1):
            ends[pk].append(end)
    for pk, found in ends.items():
        asked = {"store": str(by_pk[pk].public_id), "state": "booked", "sort": "oldest"}
        first = min(found).astimezone(ZoneInfo(by_pk[pk].merchant.time_zone))
        yield (
            pk,
            Condition(
                kind=AlertKind.PROMISE,
                key=f"{pk}:promise",
                title=f"What shoppers' banks promised runs out from {first:%B} {first.day} on",
                page=f"{reverse('orders')}?{urlencode(asked)}",
                value=Decimal(len(found)),
                records=len(found),
            ),
        )


def unheard(connections: Sequence[Connection], now: datetime) -> Iterator[tuple[int, Condition]]:
    """Stores that are to follow Heartland's stock, and nothing was heard of it."""
    followed = [one.pk for one in connections if getattr(getattr(one, "inventory_settings", None), "follows", False)]
    rows = Cursor.objects.filter(connection__in=followed, feed=Cursor.STOCK, succeeded_at__lt=now - DUE_LONG)
    for pk, public_id, at in rows.values_list("connection", "connection__public_id", "succeeded_at"):
        if at is None:
            continue
        yield (
            pk,
            Condition(
                kind=AlertKind.STOCK,
                key=f"{pk}:stock",
                title="Nothing is heard of Heartland's stock",
                page=reverse("inventory", args=[public_id]),
                value=minutes(now - at),
            ),
        )


def minutes(span: timedelta) -> Decimal:
    return Decimal(max(0, int(span.total_seconds() // 60)))
