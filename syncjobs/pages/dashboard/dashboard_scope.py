"""What a page is about: connections, a moment, a period of orders; and which of them wait for a location."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from django.db.models import Case, Q, QuerySet
from django.utils import timezone

from connections.models import Connection
from syncjobs.distribution.waiting_lines import WAITS_FOR_LOCATION
from syncjobs.models import Record
from syncjobs.models.ledger import PLACED

ORDERS = "orders"  # name of the flow
PERIODS = {"today": "of today", "7d": "of the last 7 days", "30d": "of the last 30 days", "all": "we have ever seen"}
NEVER_EXISTED = Q(code="not_in_store", source_placed_at__isnull=True)
Disposition = Record.Disposition


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


def placed_on() -> Case:
    """When an order was placed, or first seen where the store did not say."""
    return PLACED


def undistributed(scope: Scope) -> QuerySet[Record]:
    """Booked orders that nobody has assigned to a shipping location yet, oldest first."""
    rows = scope.orders.filter(WAITS_FOR_LOCATION)
    return rows.select_related("connection__heartland", "connection__store").order_by("booked_at", "id")
