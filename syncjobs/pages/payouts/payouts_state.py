"""What the payouts page shows: whether all is explained, each payout with its difference, rows that need a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Q, Sum
from django.db.models.functions import Abs, TruncDate

from connections.models import Connection
from mappings.core.rules.match_payouts import How
from mappings.core.rules.payout_sums import ZERO, Payout, payouts_of
from syncjobs.models import PayoutEntry, PayoutFile, PayoutWord, Record
from syncjobs.models.payouts import OPEN
from syncjobs.money.give_back_offers import Offer, offer_of
from syncjobs.money.open_points import ROW_REASONS

PAYOUTS, ROWS, FILES, DAYS, OFFERS = 60, 100, 5, 31, 20


@dataclass(frozen=True, kw_only=True)
class OpenRow:
    """A row that waits for a person."""

    entry: PayoutEntry
    reason: str
    orders: tuple[Record, ...]
    offer: Offer | None = None


@dataclass(frozen=True, kw_only=True)
class Day:
    """One of the merchant's days, as its rows stand."""

    day: date
    rows: int
    open: int
    net: Decimal

    @property
    def is_green(self) -> bool:
        return self.open == 0


def page_state(connection: Connection, now: datetime) -> dict[str, Any]:
    """Everything for the template: ten statements, however many rows there are."""
    payouts = newest_payouts(connection)
    rows = PayoutEntry.objects.filter(connection=connection)
    waiting = rows.filter(how__in=OPEN)
    sums = waiting.aggregate(count=Count("pk"), money=Sum(Abs("gross")))
    return {
        "payouts": payouts,
        "differing": [one for one in payouts if one.difference],
        "waiting": open_rows(waiting),
        "waiting_count": sums["count"],
        "waiting_money": sums["money"] or ZERO,
        "rows": rows.count(),
        "outstanding": rows.filter(payout="").exclude(kind="payout").aggregate(net=Sum("net"))["net"] or ZERO,
        "days": days_of(connection, now),
        "files": PayoutFile.objects.filter(connection=connection).select_related("by").order_by("-pk")[:FILES],
        "meanings": PayoutWord.Meaning.choices,
    }


def newest_payouts(connection: Connection) -> list[Payout]:
    """The payouts with the newest rows, the newest first."""
    rows = PayoutEntry.objects.filter(connection=connection).exclude(payout="")
    names = rows.values("payout").annotate(newest=Max("happened_at")).order_by("-newest")[:PAYOUTS]
    wanted = [one["payout"] for one in names]
    return payouts_of((entry.row for entry in rows.filter(payout__in=wanted)), explained(connection, wanted))


def payout_named(connection: Connection, name: str) -> tuple[Payout | None, list[PayoutEntry]]:
    """One payout with its rows."""
    entries = list(PayoutEntry.objects.filter(connection=connection, payout=name).order_by("happened_at", "pk"))
    found = payouts_of((entry.row for entry in entries), explained(connection, [name]))
    return (found[0] if found else None), entries


def explained(connection: Connection, payouts: Sequence[str]) -> dict[str, Decimal]:
    words = PayoutWord.objects.filter(connection=connection, payout__in=payouts, taken_back_at=None)
    return {one["payout"]: one["sum"] for one in words.values("payout").annotate(sum=Sum("amount"))}


def open_rows(waiting: Any) -> list[OpenRow]:
    """Those with the largest amounts, each with the orders that may be it."""
    entries = list(waiting.order_by(Abs("gross").desc(), "pk")[:ROWS])
    ids = {order for entry in entries for order in entry.candidates}
    connection = entries[0].connection_id if entries else None
    orders = Record.objects.filter(connection=connection, flow="orders", external_id__in=ids)
    known = {record.external_id: record for record in orders}
    ended = [entry.pk for entry in entries if entry.how == How.ENDED][:OFFERS]
    return [
        OpenRow(
            entry=entry,
            reason=ROW_REASONS[How(entry.how)],
            orders=tuple(known[one] for one in entry.candidates if one in known),
            offer=offer_of(entry) if entry.pk in ended else None,
        )
        for entry in entries
    ]


def days_of(connection: Connection, now: datetime) -> list[Day]:
    """The merchant's last days that have rows, the newest first."""
    zone = ZoneInfo(connection.merchant.time_zone)
    rows = PayoutEntry.objects.filter(connection=connection, happened_at__gte=now - timedelta(days=DAYS))
    days = (
        rows.exclude(kind="payout")
        .annotate(day=TruncDate("happened_at", tzinfo=zone))
        .values("day")
        .annotate(rows=Count("pk"), open=Count("pk", filter=Q(how__in=OPEN)), net=Sum("net"))
    )
    return [Day(**one) for one in days.order_by("-day")]
