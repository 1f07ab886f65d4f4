"""The merchant's days of a store as the books look at them, and a thing that is posted on one of them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as clock
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from connections.models import Connection
from mappings.core.canonical.order import ZERO
from mappings.core.rules.journal import Postings
from syncjobs.flows.orders import ORDERS
from syncjobs.models import Record
from syncjobs.models.ledger import PLACED

SLACK = timedelta(days=1)  # what was written while the close before was made
ZONES = timedelta(hours=26)  # by so much a day moves where the merchant's time zone becomes another
BOOKED = (Record.Disposition.BOOKED, Record.Disposition.SETTLED)
ENDED = (Record.Disposition.CANCELLED, Record.Disposition.SKIPPED)


@dataclass(frozen=True, kw_only=True)
class Document:
    """One thing that is posted."""

    id: str  # "order:10457", "refund:10457:91", "return:5512", "row:17", "word:3"
    day: date
    postings: Postings


@dataclass(frozen=True, kw_only=True)
class Span:
    """Days of a store that are looked at: `last`, and what changed `since` of those from `first` on."""

    connection: Connection
    currency: str
    first: date
    last: date
    since: datetime | None = None  # None: nothing was closed before

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.connection.merchant.time_zone)

    @property
    def begins(self) -> datetime:
        return datetime.combine(self.first, clock.min, self.zone)

    @property
    def last_begins(self) -> datetime:
        return datetime.combine(self.last, clock.min, self.zone)

    @property
    def looks_from(self) -> datetime:
        """From when on everything is looked at: what another time zone would move to a closed day is none's else."""
        return self.last_begins - ZONES

    @property
    def ends(self) -> datetime:
        return datetime.combine(self.last + timedelta(days=1), clock.min, self.zone)

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()


def placed_between(connection: Connection, begins: datetime, ends: datetime) -> QuerySet[Record]:
    """The orders that were placed in this time, read off the index of their age."""
    rows = Record.objects.filter(connection=connection, flow=ORDERS.name, source_placed_at__isnull=False)
    return rows.alias(placed=PLACED).filter(placed__gte=begins, placed__lt=ends)


def amount(text: Any) -> Decimal:
    """An amount of the facts; nothing where there is none."""
    try:
        return Decimal(str(text)).quantize(ZERO) if text else ZERO
    except InvalidOperation:
        return ZERO
