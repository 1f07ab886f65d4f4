"""The books of a story: a payout of its gateway is imported and matched, its days closed, both systems beside them."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils import timezone

from mappings.core.rules.journal import Account
from syncjobs.models import DayClose, PayoutEntry
from syncjobs.models.payouts import OPEN
from syncjobs.money.close_day import balances_of, day_close
from syncjobs.money.import_payouts import payouts_import
from syncjobs.money.open_points import Of
from syncjobs.money.total_cards import cards_total
from syncjobs.stories.demo.life_report import alive
from syncjobs.stories.demo.money_report import ZERO, Closed
from syncjobs.stories.demo.money_seen import MoneySeen, Rows
from syncjobs.stories.demo.sim import cents
from syncjobs.stories.shops.shop_side import Moved

HEADINGS = "id,type,reference,gross,fee,net,created_utc,available,payout"
PAYOUT = "PO-STORY"
FEE, FEE_OF_EACH = Decimal("0.029"), Decimal("0.30")  # of what comes; nothing of what goes back
NOTE = "Some orders wait for a person"


def books_closed(story: MoneySeen) -> Closed:
    """Import what the gateway moved, close every day of the story, and say what the closes hold."""
    ours, staff, now = story.connection, story.staff, timezone.now()
    zone = ZoneInfo(ours.merchant.time_zone)
    rows = [row for row in story.store.moved() if row.order in story.placed]
    text = "\n".join([HEADINGS, *lines_of(rows, now, now.astimezone(zone).date())])
    payouts_import(connection=ours, name="payouts.csv", text=text, actor=staff, now=now)
    open_rows = PayoutEntry.objects.filter(connection=ours, how__in=OPEN)
    tomorrow = now + timedelta(days=1)
    cards_total(ours, tomorrow)
    for day in days_of(rows, now, zone):
        day_close(connection=ours, day=day, shown=None, note=NOTE, actor=staff, now=tomorrow)
    closes = list(DayClose.objects.filter(connection=ours).order_by("day"))
    points = closes[-1].open_points if closes else {}
    return Closed(
        store=str(ours.store),
        rows=len(rows),
        unmatched=[f"{row.reference} of {row.gross} ({row.how})" for row in open_rows],
        open_points={of: count for of, count in points.items() if count and of != Of.ORDERS},
        said=said_by(closes),
        there=there_is(story, rows),
    )


def days_of(rows: list[Moved], now: datetime, zone: ZoneInfo) -> Iterator[date]:
    """Of the merchant, from the first movement to today."""
    day, last = min([now, *(row.at for row in rows)]).astimezone(zone).date(), now.astimezone(zone).date()
    while day <= last:
        yield day
        day += timedelta(days=1)


def lines_of(rows: list[Moved], now: datetime, today: date) -> Iterator[str]:
    """The gateway's file: each movement with its fee, and the payout that brings all of it to the bank `today`."""
    net = ZERO
    for row in rows:
        fee = cents(row.amount * FEE) + FEE_OF_EACH if row.amount > 0 else ZERO
        net += row.amount - fee
        kind = "sale" if row.amount > 0 else "refund"
        money = f"{row.amount},{fee},{row.amount - fee}"
        yield f"{row.id},{kind},{row.reference},{money},{row.at:%Y-%m-%d %H:%M:%S},{today},{PAYOUT}"
    yield f"{PAYOUT},payout,,{-net},0,{-net},{now:%Y-%m-%d %H:%M:%S},{today},{PAYOUT}"


def said_by(closes: list[DayClose]) -> dict[str, Decimal]:
    """The sums of all closed days: of booked orders in either system, and what is left at the gateway."""
    balances = balances_of(closes[-1]) if closes else {}
    sums = {
        name: sum((Decimal(one.figures[name]) for one in closes), ZERO) for name in ("store_total", "heartland_total")
    }
    bank = balances.get(Account.BANK, ZERO) + balances.get(Account.FEES, ZERO)
    return {**sums, "bank_and_fees": bank, "left_at_the_gateway": balances.get(Account.GATEWAY, ZERO)}


def there_is(story: MoneySeen, rows: list[Moved]) -> dict[str, Decimal]:
    """The same by both systems themselves. What was given back before it left is a sale and a refund, of no return."""
    seen, sold, given_back = Rows(story.heartland), story.store.books().orders, story.store.given_back()
    store, heartland = ZERO, ZERO
    for web_id in story.placed:
        label = story.label(sold[str(web_id)])
        if booked := alive(seen.orders, label):
            returned = -sum((cents(row["total"]) for row in seen.returns_of(label)), ZERO)
            store += sold[str(web_id)].total
            heartland += sum((cents(row["total"]) for row in booked), ZERO)
            heartland += max(given_back.get(web_id, ZERO) - returned, ZERO)
    moved = sum((row.amount for row in rows), ZERO)
    return {"store_total": store, "heartland_total": heartland, "bank_and_fees": moved, "left_at_the_gateway": ZERO}
