"""What was sold today on the web and at each location: our orders beside Heartland's own report."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.core.cache import cache
from django.db.models import Count, Sum

from connections import clients
from connections.models import Connection, HeartlandAccount
from errors.failures import SyncFailure
from ipaas.cache import kept
from ipaas.types import JSON
from syncjobs.overview import Disposition, Scope, within

KEPT_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Sold:
    """One channel's day."""

    channel: str
    amount: Decimal
    count: int
    is_web: bool = False
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Day:
    """Web and shops of one Heartland account, in its currency. `problem` says why the shops are missing."""

    currency: str
    rows: list[Sold]
    problem: str


def sales_today(connections: Iterable[Connection], now: datetime) -> list[Day]:
    """One day for each Heartland account; Heartland is asked at most once a minute for each."""
    by_account: dict[int, list[Connection]] = {}
    for connection in connections:
        by_account.setdefault(connection.heartland_id, []).append(connection)
    return [_day(mine, now) for mine in by_account.values()]


def _day(connections: list[Connection], now: datetime) -> Day:
    web = [_web(connection, now) for connection in connections]
    sources = {row.order_settings.source_location.name for row in connections if row.order_settings.source_location}
    shops, problem = _shops(connections[0].heartland, now.astimezone(_zone(connections[0])))
    notes = dict.fromkeys(sources, "web orders, counted by Heartland once they are invoiced")
    rows = [Sold(channel=name, amount=amount, count=count, note=notes.get(name, "")) for name, amount, count in shops]
    return Day(currency=connections[0].store.currency, rows=[*web, *rows], problem=problem)


def _web(connection: Connection, now: datetime) -> Sold:
    """Orders that shoppers placed today and that are, or will be, sales."""
    ended = (Disposition.CANCELLED, Disposition.SKIPPED)
    orders = within(Scope(connections=[connection], now=now), "today").exclude(disposition__in=ended)
    found = orders.aggregate(amount=Sum("source_total"), count=Count("pk"))
    return Sold(
        channel=f"{connection.store}, web",
        amount=found["amount"] or Decimal(0),
        count=found["count"],
        is_web=True,
        note="orders placed, as the shopper was charged",
    )


def _shops(account: HeartlandAccount, today: datetime) -> tuple[list[tuple[str, Decimal, int]], str]:
    """Net sales and transactions by the location that is credited with them, the greatest first."""
    key = f"sales-today:{account.pk}:{today:%Y-%m-%d}"
    known = kept(key, _shops_of)
    if known is None:
        rows, problem = known = _asked(account, today)
        cache.set(key, [[(name, str(net), count) for name, net, count in rows], problem], KEPT_SECONDS)
    return known


def _shops_of(value: tuple[list[tuple[str, str, int]], str]) -> tuple[list[tuple[str, Decimal, int]], str]:
    rows, problem = value
    return [(str(name), Decimal(net), int(count)) for name, net, count in rows], str(problem)


def _asked(account: HeartlandAccount, today: datetime) -> tuple[list[tuple[str, Decimal, int]], str]:
    try:
        rows: list[JSON] = clients.heartland_setup_client(account).sales_by_location(today.date())
    except SyncFailure as failure:
        return [], failure.summary
    found = [
        (str(row["location.name"]), _number(row["source_sales.net_sales"]), int(row["source_sales.transaction_count"]))
        for row in rows
    ]
    return sorted(found, key=lambda row: (-row[1], row[0])), ""


def _number(value: object) -> Decimal:
    return Decimal(str(value or 0))


def _zone(connection: Connection) -> ZoneInfo:
    return ZoneInfo(connection.merchant.time_zone)
