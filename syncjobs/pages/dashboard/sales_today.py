"""What was sold today on the web and at each location: our orders beside Heartland's own report."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.core.cache import cache
from django.db.models import Count, Sum, Value
from django.db.models.functions import Coalesce, NullIf

from connections import clients
from connections.charts import Bar
from connections.models import Connection, HeartlandAccount
from connections.templatetags.tillbridge import money
from errors.failures import PermissionMissing, SyncFailure
from ipaas.cache import kept
from ipaas.types import JSON
from syncjobs.pages.dashboard.dashboard_scope import Disposition, Scope, within

KEPT_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Sold:
    """One channel's day."""

    channel: str
    currency: str
    amount: Decimal
    count: int
    store: str = ""  # whose web orders these are, as our pages name it; "" for a location
    note: str = ""

    @property
    def is_web(self) -> bool:
        return bool(self.store)


@dataclass(frozen=True, kw_only=True)
class Day:
    """Web and shops of one Heartland account. `problem` says why the shops are missing."""

    date: date
    zone: str  # whose day it is
    rows: list[Sold]
    asked_at: datetime  # Heartland
    problem: str
    account: HeartlandAccount
    lacks_leave: bool = False  # Heartland lets us in, but not to its reports

    @property
    def bars(self) -> list[Bar]:
        """Each channel's sales, web first; the currencies of one account are drawn to one measure."""
        return [
            Bar(
                label=row.channel,
                value=float(row.amount),
                text=f"{money(row.amount, row.currency)} · {row.count}",
                tone="accent" if row.is_web else "info",
            )
            for row in self.rows
        ]


@dataclass(frozen=True, kw_only=True)
class Report:
    """What Heartland said of its locations, the greatest first."""

    asked_at: datetime
    rows: list[tuple[str, Decimal, int]] = field(default_factory=list)  # name, net sales, transactions
    problem: str = ""
    lacks_leave: bool = False


def sales_today(connections: Iterable[Connection], now: datetime) -> list[Day]:
    """One day for each Heartland account; Heartland is asked at most once a minute for each."""
    by_account: dict[int, list[Connection]] = {}
    for connection in connections:
        by_account.setdefault(connection.heartland_id, []).append(connection)
    return [_day(mine, now) for mine in by_account.values()]


def _day(connections: list[Connection], now: datetime) -> Day:
    account, zone = connections[0].heartland, _zone(connections[0])
    today = now.astimezone(zone).date()
    web = [row for connection in connections for row in _web(connection, now)]
    sources = {row.order_settings.source_location.name for row in connections if row.order_settings.source_location}
    report = _shops(account, today, now)
    notes = dict.fromkeys(sources, "web orders, counted by Heartland once they are invoiced")
    currency = account.currency or connections[0].store.currency
    rows = [
        Sold(channel=name, currency=currency, amount=amount, count=count, note=notes.get(name, ""))
        for name, amount, count in report.rows
    ]
    return Day(
        date=today,
        zone=zone.key,
        rows=[*web, *rows],
        asked_at=report.asked_at,
        problem=report.problem,
        account=account,
        lacks_leave=report.lacks_leave,
    )


def _web(connection: Connection, now: datetime) -> list[Sold]:
    """Orders that shoppers placed today and that are, or will be, sales: a row for each currency."""
    ended = (Disposition.CANCELLED, Disposition.SKIPPED)
    orders = within(Scope(connections=[connection], now=now), "today").exclude(disposition__in=ended)
    paid_in = Coalesce(NullIf("currency", Value("")), Value(connection.store.currency))  # blank until it was read
    sums = orders.annotate(paid_in=paid_in).order_by("paid_in").values_list("paid_in")
    found = sums.annotate(Sum("source_total"), Count("pk"))
    return [
        Sold(
            channel=f"{connection.store}, web",
            currency=currency,
            amount=amount or Decimal(0),
            count=count,
            store=str(connection.public_id),
            note="orders placed, as the shopper was charged",
        )
        for currency, amount, count in list(found) or [(connection.store.currency, Decimal(0), 0)]
    ]


def _shops(account: HeartlandAccount, today: date, now: datetime) -> Report:
    """Net sales and transactions by the location that is credited with them."""
    key = f"sales-report:{account.pk}:{today}"
    known = kept(key, _report_of)
    if known is None:
        known = _asked(account, today, now)
        rows = [(name, str(net), count) for name, net, count in known.rows]
        cache.set(key, [known.asked_at.isoformat(), rows, known.problem, known.lacks_leave], KEPT_SECONDS)
    return known


def _report_of(value: tuple[str, list[tuple[str, str, int]], str, bool]) -> Report:
    asked_at, rows, problem, lacks_leave = value
    return Report(
        asked_at=datetime.fromisoformat(asked_at),
        rows=[(str(name), Decimal(net), int(count)) for name, net, count in rows],
        problem=str(problem),
        lacks_leave=bool(lacks_leave),
    )


def _asked(account: HeartlandAccount, today: date, now: datetime) -> Report:
    try:
        rows: list[JSON] = clients.heartland_setup_client(account).sales_by_location(today)
    except PermissionMissing:
        return Report(asked_at=now, lacks_leave=True)
    except SyncFailure as failure:
        return Report(asked_at=now, problem=failure.summary)
    found = [
        (str(row["location.name"]), _number(row["source_sales.net_sales"]), int(row["source_sales.transaction_count"]))
        for row in rows
    ]
    return Report(asked_at=now, rows=sorted(found, key=lambda row: (-row[1], row[0])))


def _number(value: object) -> Decimal:
    return Decimal(str(value or 0))


def _zone(connection: Connection) -> ZoneInfo:
    return ZoneInfo(connection.merchant.time_zone)
