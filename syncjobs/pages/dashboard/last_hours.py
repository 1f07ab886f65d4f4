"""What happened in each of the last 24 hours: orders by how they stand, and each object's records."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncHour
from django.utils.formats import date_format

from connections.charts import Column, Series
from syncjobs.models import CardMovement, CustomerChange, Record, Run, StockMove
from syncjobs.pages.dashboard.dashboard_scope import Disposition, Scope, placed_on
from syncjobs.pages.orders import order_filters

HOURS = 24
SERIES = (
    Series(key="booked", label="booked", tone="ok"),
    Series(key="waits", label="waiting", tone="info"),
    Series(key="needs", label="need you", tone="warn"),
    Series(key="gave_up", label="gave up", tone="bad"),
    Series(key="aside", label="skipped, cancelled or closed", tone="mute"),
)
LAYERS = {
    Disposition.BOOKED: "booked",
    Disposition.IN_FLIGHT: "waits",
    Disposition.RETRYING: "waits",
    Disposition.HELD: "needs",
    Disposition.DEAD: "gave_up",
}  # what is not named is aside


@dataclass(frozen=True, kw_only=True)
class OrderHours:
    """The stacked chart of a day: a column an hour, the newest last. Empty without orders."""

    columns: Sequence[Column]
    series: Sequence[Series]
    label: str


def order_hours(scope: Scope, *, store: str = "") -> OrderHours:
    """Orders by the hour in which they were placed and by how they stand now: one question."""
    first = _hours(scope)[0]
    rows = scope.orders.alias(placed=placed_on()).filter(placed__gte=first)
    counted = rows.annotate(hour=TruncHour(placed_on(), tzinfo=scope.zone)).values_list("hour", "disposition")
    counts: dict[datetime, Counter[str]] = defaultdict(Counter)
    for hour, disposition, count in counted.annotate(Count("pk")).order_by():
        counts[hour][LAYERS.get(disposition, "aside")] += count
    used = {key for found in counts.values() for key in found}
    hours = _hours(scope) if used else []
    return OrderHours(
        columns=[Column(label=_words(hour), counts=dict(counts[hour]), href=_orders_of(hour, store)) for hour in hours],
        series=[one for one in SERIES if one.key in used],
        label="Orders of the last 24 hours, by the hour in which they were placed",
    )


def shipment_hours(scope: Scope) -> list[int]:
    """Invoices that were told to the stores, by the hour."""
    rows = Record.objects.filter(connection__in=scope.connections, flow="shipments")
    return _counted(scope, rows, "booked_at")


def payment_hours(scope: Scope) -> list[int]:
    """Orders that are booked with what was paid or promised for them, by the hour in which they were placed."""
    return _made(scope, scope.orders.filter(disposition=Disposition.BOOKED).exclude(facts__tenders=[]))


def refund_hours(scope: Scope) -> list[int]:
    """Refunds of the stores and returns at tills that the other side shows too, by the hour in which they were made."""
    rows = Record.objects.filter(connection__in=scope.connections, flow__in=["refunds", "returns"])
    return _made(scope, rows.filter(disposition=Disposition.BOOKED))


def customer_hours(scope: Scope) -> list[int]:
    """Values of customers that somebody changed on either side, by the hour in which it was seen."""
    return _counted(scope, CustomerChange.objects.filter(connection__in=scope.connections), "seen_at")


def card_hours(scope: Scope) -> list[int]:
    """Changes of what gift cards are worth, by the hour."""
    return _counted(scope, CardMovement.objects.filter(card__connection__in=scope.connections), "at")


def stock_hours(scope: Scope) -> list[int]:
    """Numbers that the stores were told because something moved, by the hour."""
    return _counted(scope, StockMove.objects.filter(connection__in=scope.connections), "at")


def item_hours(scope: Scope) -> list[int]:
    """Differences that runs over items found or wrote, by the hour in which the run ended."""
    rows = Run.objects.filter(connection__in=scope.connections, kind__startswith="items")
    ended = rows.filter(finished_at__gte=_hours(scope)[0]).annotate(n=Count("changes"))
    counts: Counter[datetime] = Counter()
    for finished_at, count in ended.values_list("finished_at", "n"):
        if finished_at is None:
            continue
        counts[finished_at.astimezone(scope.zone).replace(minute=0, second=0, microsecond=0)] += count
    return _in_order(scope, counts)


def _made(scope: Scope, rows: QuerySet[Record]) -> list[int]:
    """By when the source made them: their index goes by that, and not by when they were booked."""
    newest = rows.alias(made=placed_on()).filter(made__gte=_hours(scope)[0])
    by_hour = newest.annotate(hour=TruncHour(placed_on(), tzinfo=scope.zone)).values_list("hour")
    return _in_order(scope, dict(by_hour.annotate(Count("pk")).order_by()))


def _counted(scope: Scope, rows: QuerySet[Any], moment: str) -> list[int]:
    newest = rows.filter(**{f"{moment}__gte": _hours(scope)[0]})
    by_hour = newest.annotate(hour=TruncHour(moment, tzinfo=scope.zone)).values_list("hour")
    return _in_order(scope, dict(by_hour.annotate(Count("pk")).order_by()))


def _in_order(scope: Scope, counts: Mapping[datetime, int]) -> list[int]:
    return [counts.get(hour, 0) for hour in _hours(scope)]


def _hours(scope: Scope) -> list[datetime]:
    """Beginnings of the last 24 hours on the merchant's clock, the present one last."""
    present = scope.now.astimezone(scope.zone).replace(minute=0, second=0, microsecond=0)
    return [present - timedelta(hours=ago) for ago in reversed(range(HOURS))]


def _words(hour: datetime) -> str:
    return date_format(hour, "D H:i")


def _orders_of(hour: datetime, store: str) -> str:
    return order_filters.href(order_filters.OrderFilters(hour=hour, store=store))
