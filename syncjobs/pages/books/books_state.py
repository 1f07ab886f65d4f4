"""What the pages of the books show: a month day by day, and one day as it would be, or was, closed."""

from calendar import monthrange
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Count, Sum
from django.db.models.functions import TruncDate

from connections.models import Connection
from mappings.core.canonical.order import ZERO
from mappings.core.rules.journal import NAMES, Account, Postings, sums_of
from syncjobs.models import AccountName, DayClose, PayoutEntry
from syncjobs.money.close_day import Posted, last_close
from syncjobs.money.day_span import BOOKED, Span, placed_between
from syncjobs.money.give_back_offers import Offer, offer_of
from syncjobs.money.import_payouts import currency_of
from syncjobs.money.open_points import LABELS, Of, Point, counts_of, points_between

MOST_OFFERS = 50
EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """How many things of one kind are open on a day."""

    of: Of
    label: str
    count: int


@dataclass(frozen=True, kw_only=True)
class DayRow:
    """One day of the grid."""

    day: date
    orders: int
    total: Decimal
    cells: tuple[Cell, ...]
    close: DayClose | None
    is_over: bool
    is_next: bool

    @property
    def is_green(self) -> bool:
        return not any(cell.count for cell in self.cells)


@dataclass(frozen=True, kw_only=True)
class Side:
    """An account of an entry, with its amount on one of both sides."""

    account: str
    label: str
    debit: Decimal | None
    credit: Decimal | None


def today_of(connection: Connection, now: datetime) -> date:
    return now.astimezone(ZoneInfo(connection.merchant.time_zone)).date()


def month_asked(text: str, today: date) -> date:
    """The first day of a month such as "2026-03"; of this one where that is none, or is yet to come."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        first = today
    return first.replace(day=1) if EARLIEST <= first <= today else today.replace(day=1)


def day_asked(text: str) -> date | None:
    """A day such as "2026-03-31"; None where the text is none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if EARLIEST <= day <= date(9998, 1, 1) else None


def month_rows(connection: Connection, first: date, now: datetime) -> list[DayRow]:
    """The days of a month up to today, the newest first: a fixed number of statements, however many orders."""
    today = today_of(connection, now)
    last = min(first.replace(day=monthrange(first.year, first.month)[1]), today)
    span = Span(connection=connection, currency=currency_of(connection), first=first, last=last)
    closes = {
        one.day: one
        for one in DayClose.objects.filter(connection=connection, day__range=(first, last)).defer("lines", "figures")
    }
    newest = last_close(connection)
    wanted = newest.day + timedelta(days=1) if newest else None
    sold = _sold(span)
    counts: dict[date, Counter[str]] = {}
    for point in points_between(connection, first, last, now):
        counts.setdefault(point.day, Counter())[str(point.of)] += 1
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [
        DayRow(
            day=day,
            orders=sold.get(day, (0, ZERO))[0],
            total=sold.get(day, (0, ZERO))[1],
            cells=tuple(Cell(of=of, label=LABELS[of], count=counts.get(day, Counter())[of]) for of in Of),
            close=closes.get(day),
            is_over=day < today,
            is_next=day == wanted or (wanted is None and day < today),
        )
        for day in reversed(days)
    ]


def _sold(span: Span) -> dict[date, tuple[int, Decimal]]:
    """Booked orders of each day and their total in the store."""
    rows = placed_between(span.connection, span.begins, span.ends).filter(disposition__in=BOOKED)
    days = rows.exclude(target_id="").values(day=TruncDate("source_placed_at", tzinfo=span.zone)).order_by()
    found = days.annotate(count=Count("pk"), sum=Sum("source_total"))
    return {one["day"]: (one["count"], one["sum"] or ZERO) for one in found}


def sides_of(amounts: Postings) -> list[Side]:
    """The lines of an entry, debits first."""
    lines = [
        Side(
            account=account,
            label=NAMES[account],
            debit=amount if amount > 0 else None,
            credit=-amount if amount < 0 else None,
        )
        for account, amount in sums_of([amounts]).items()
    ]
    return sorted(lines, key=lambda line: line.debit is None)


def entries_shown(lines: Sequence[Posted], day: date) -> dict[str, object]:
    """The day's own entry, and what it brings of days that were closed before; both with their sum."""
    own = sums_of(line.amounts for line in lines if line.day == day)
    later = [line for line in lines if line.day != day]
    return {
        "own": sides_of(own),
        "own_sum": debits(own),
        "later": sides_of(sums_of(line.amounts for line in later)),
        "later_sum": debits(sums_of(line.amounts for line in later)),
        "later_lines": [(line, debits(line.amounts)) for line in later[:100]],
        "later_count": len(later),
        "documents": sum(line.day == day for line in lines),
    }


def debits(amounts: Postings) -> Decimal:
    return sum((amount for amount in amounts.values() if amount > 0), ZERO)


def groups_of(points: Sequence[Point]) -> list[tuple[Of, str, list[Point]]]:
    """What is open, by what it is."""
    found = counts_of(points)
    return [(of, LABELS[of], [one for one in points if one.of == of]) for of in Of if found[of]]


def offers_of(connection: Connection, points: Sequence[Point]) -> dict[int, Offer]:
    """What can be done about the rows among these, by row."""
    wanted = [one.row for one in points if one.row and one.of in (Of.REFUNDS, Of.ROWS)]
    entries = PayoutEntry.objects.filter(connection=connection, pk__in=wanted[:MOST_OFFERS])
    return {entry.pk: offer for entry in entries if (offer := offer_of(entry))}


def chart_of(connection: Connection) -> list[tuple[Account, str, AccountName | None]]:
    """Our accounts with the merchant's own, where they named them."""
    named = {row.account: row for row in AccountName.objects.filter(connection=connection)}
    return [(account, NAMES[account], named.get(account)) for account in Account]


def balances(figures: dict[str, dict[str, str]]) -> list[tuple[str, Decimal]]:
    """What accounts of things owed and held stand at after the day, since the first that was closed."""
    kept = (Account.GATEWAY, Account.UNPAID, Account.GIFT_CARDS, Account.STORE_CREDIT, Account.RESERVE,
            Account.BY_HAND, Account.UNMATCHED, Account.TAX)  # fmt: skip
    found = figures.get("balances", {})
    return [(NAMES[account], Decimal(found[account])) for account in kept if account in found]
