"""Rows for tests of the books."""

from datetime import UTC, date, datetime, timedelta

from django.utils import timezone

from connections.models import Connection
from syncjobs.models import DayClose, Record
from syncjobs.money.close_day import day_close
from tests import factories

SOLD_AT = datetime(2026, 3, 30, 17, tzinfo=UTC)
LATER = timezone.now()  # after every day that is closed here


def sold(of: Connection, number: str, amount: str, *, at: datetime = SOLD_AT, reference: str = "") -> Record:
    """A booked order that a gateway was paid for: goods and nothing else."""
    record = factories.order(of, number, at=at, total=amount)
    tender = {"method": "Credit Card", "amount": amount, "kind": "gateway", "reference": reference}
    goods = [{"name": "Goods", "amount": amount}, {"name": "Tax", "amount": "0.00"}]
    record.facts |= {"equation": goods, "tenders": [tender], "tax_place": "US IL"}
    record.save(update_fields=["facts"])
    return record


def close(of: Connection, day: str, note: str = "") -> DayClose:
    """Close a day as it is; the days before it first, from the one after the last that is closed."""
    wanted = date.fromisoformat(day)
    last = DayClose.objects.filter(connection=of).order_by("-day").first()
    while last and last.day + timedelta(days=1) < wanted:
        last = day_close(connection=of, day=last.day + timedelta(days=1), shown=None, note=note, actor=None, now=LATER)
    return day_close(connection=of, day=wanted, shown=None, note=note, actor=None, now=LATER)


def closed_day(of: Connection) -> str:
    """A day with an order and rows of which one waits for a person, closed with a note; answers the day."""
    sold(of, "90001", "100.57", reference="pay_501")
    factories.payouts(of)
    close(of, "2026-03-30", note="The row is looked into.")
    return "2026-03-30"
