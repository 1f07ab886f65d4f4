"""What the pages of gift cards show."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, Sum
from django.db.models.functions import TruncDate

from connections.models import Connection
from connections.store_kinds import profile_of
from mappings.core.rules.card_ledger import ZERO, Kind, Sharing
from syncjobs.flows.cards.card_choices import choices_of, is_movable
from syncjobs.models import CardMovement, CardSettings, CardTotal, GiftCard, Record
from syncjobs.money.total_cards import counted_first, shared_worth
from syncjobs.pages.lists.keyset import count_words, some

CARDS, NIGHTS, MOVEMENTS = 60, 31, 200
DAY = timedelta(days=1)
RISKS = {  # by who may spend, in words
    Sharing.BOTH: "Neither asks the other first: who spends in both within some minutes can spend the card twice. What "
    "is spent beyond its worth is listed as overdrawn, with both documents.",
    Sharing.RESERVE: "The web store shows less than the card is worth, by the reserve. A card can be overdrawn by no "
    "more than what both spend within some minutes, less the reserve.",
    Sharing.TILL: "The web store refuses the cards: nothing can be spent twice.",
    Sharing.STORE: "The tills refuse the cards: nothing can be spent twice.",
}


def page_state(connection: Connection) -> dict[str, Any]:
    """Everything for the list, in a fixed number of statements."""
    cards = GiftCard.objects.filter(connection=connection)
    sums = cards.exclude(balance=0).aggregate(
        worth=Sum("balance", filter=Q(balance__gt=0)),
        over=Sum("balance", filter=Q(balance__lt=0)),
        credit=Sum("balance", filter=Q(balance__gt=0) & ~Q(account_id="")),
    )
    options = CardSettings.objects.filter(connection=connection).first() or CardSettings(connection=connection)
    held = Record.objects.filter(connection=connection, flow="cards", disposition=Record.Disposition.HELD)
    return {
        "cards": list(cards.order_by("-moved_at", "-pk")[:CARDS]),
        "count": (count := some(cards.order_by("-moved_at", "-pk"))),
        "count_words": count_words(count),
        "worth": sums["worth"] or ZERO,
        "credit": sums["credit"] or ZERO,
        "shared": shared_worth(connection),
        "shared_with": ", ".join(str(one.store) for one in counted_first(connection)),
        "overdrawn_sum": -(sums["over"] or ZERO),
        "overdrawn": list(cards.filter(balance__lt=0).order_by("balance")[:CARDS]),
        "waiting": [(record, int(record.external_id)) for record in held.order_by("-changed_at")[:CARDS]],
        "options": options,
        "sharings": CardSettings.SHARINGS.items(),
        "risk": RISKS[Sharing(options.sharing)],
        "nights": CardTotal.objects.filter(connection=connection).order_by("-day")[:NIGHTS],
        "lack": profile_of(connection.store).without_gift_cards,
        "days": days_of(connection),
    }


@dataclass(frozen=True, kw_only=True)
class Day:
    """What cards moved on one of the merchant's days. Selling one is no sale, and spending one no discount."""

    day: date
    sold: Decimal  # and loaded
    taken_over: Decimal
    redeemed: Decimal  # less what was given back
    ended: Decimal  # taken back, less what was written off

    @property
    def owed(self) -> Decimal:
        """How much more is owed after the day than before."""
        return self.sold + self.taken_over - self.redeemed - self.ended


COLUMNS = {  # of a Day: the kinds that it adds up, and their sign
    "sold": ((Kind.SOLD, Kind.LOADED, Kind.ACCEPTED), 1),
    "taken_over": ((Kind.TAKEN_OVER,), 1),
    "redeemed": ((Kind.SPENT, Kind.GIVEN_BACK), -1),
    "ended": ((Kind.TAKEN_BACK, Kind.WRITTEN_OFF), -1),
}


def days_of(connection: Connection) -> list[Day]:
    """The days on which cards moved among the NIGHTS that end with the newest: two statements."""
    zone = ZoneInfo(connection.merchant.time_zone)
    cards = GiftCard.objects.filter(connection=connection)
    newest = cards.order_by("-moved_at", "-pk").first()
    if newest is None:
        return []
    began = newest.moved_at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0) - NIGHTS * DAY
    moved = cards.filter(moved_at__gte=began).values("pk")  # by their own index: a movement knows no store
    rows = CardMovement.objects.filter(card__in=moved, at__gte=began)
    rows = rows.exclude(kind__in=(Kind.UNEXPLAINED, Kind.REJECTED))
    sums = {name: Sum("delta", filter=Q(kind__in=kinds)) for name, (kinds, _) in COLUMNS.items()}
    days: Any = rows.annotate(day=TruncDate("at", tzinfo=zone)).values("day").annotate(**sums).order_by("-day")
    return [
        Day(day=one["day"], **{name: (one[name] or ZERO) * sign for name, (_, sign) in COLUMNS.items()})
        for one in days[:NIGHTS]
    ]


def card_state(card: GiftCard) -> dict[str, Any]:
    """One card with its movements, the newest first."""
    record = record_of(card)
    is_held = record is not None and record.disposition == Record.Disposition.HELD
    rows = list(CardMovement.objects.filter(card=card).select_related("by").order_by("-pk")[: MOVEMENTS + 1])
    return {
        "card": card,
        "movements": rows[:MOVEMENTS],
        "has_older": len(rows) > MOVEMENTS,
        "record": record,
        "is_held": is_held,
        "is_movable": is_movable(card),
        "choices": choices_of(card, record.code if record and is_held else ""),
    }


def record_of(card: GiftCard) -> Record | None:
    return Record.objects.filter(connection=card.connection_id, flow="cards", external_id=str(card.pk)).first()
