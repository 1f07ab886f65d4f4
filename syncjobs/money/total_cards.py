"""What is owed on gift cards, each night: held against every movement and against what both systems show."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count, Q, Sum

from connections.audit import audit
from connections.clients import heartland_client
from connections.models import Connection
from mappings.core.heartland.held_cards import card_from_heartland
from mappings.core.rules.card_ledger import ZERO, Kind, Place
from syncjobs.engine.call_guard import guarded
from syncjobs.models import CardMovement, CardSettings, CardTotal, GiftCard, ServiceClass
from syncjobs.stores.opening import store_of

UNCOUNTED = (Kind.UNEXPLAINED, Kind.REJECTED)
Shown = Mapping[Place, Mapping[str, Decimal]]  # by place and its id of a card


def cards_total(connection: Connection, now: datetime) -> CardTotal | None:
    """Add up the day that ended last, once. None where it was, or where no cards are followed.

    Calls: a page each of the store's cards, and the fewest that tell of ours in Heartland.
    """
    day = now.astimezone(ZoneInfo(connection.merchant.time_zone)).date() - timedelta(days=1)
    options = CardSettings.objects.filter(connection=connection, follows=True).first()
    if options is None or CardTotal.objects.filter(connection=connection, day=day).exists():
        return None
    cards = list(GiftCard.objects.filter(connection=connection).order_by("pk"))
    shown = _shown(connection, cards, options, now)
    gaps = [gap for card in cards for gap in _gaps(card, shown)]
    with transaction.atomic():
        total, is_new = CardTotal.objects.get_or_create(
            connection=connection,
            day=day,
            defaults={**_sums(connection), "differing": len(gaps), "difference": sum(gaps, ZERO), "at": now},
        )
        if is_new:
            audit(
                merchant=connection.merchant, actor=None, action="cards.tied_out", subject=connection, day=str(day),
                owed=str(total.worth), overdrawn=str(total.overdrawn), differing=total.differing,
            )  # fmt: skip
    return total


def _shown(connection: Connection, cards: list[GiftCard], options: CardSettings, now: datetime) -> Shown:
    with guarded(connection, ServiceClass.BULK, now, reads_heartland=True) as guard:
        till: dict[str, Decimal] = {}
        if not options.till_asks:
            numbers = [card.number for card in cards if card.till_id]
            rows = heartland_client(connection.heartland, guard).gift_cards_by_numbers(numbers) if numbers else []
            till = {one.id: one.balance for one in map(card_from_heartland, rows)}
        pages = store_of(connection.store, guard).gift_cards.pages()
        store = {one.id: one.balance for page in pages for one in page}
    return {Place.TILL: till, Place.STORE: store}


def _gaps(card: GiftCard, shown: Shown) -> list[Decimal]:
    """By how much each system shows another balance than we know it to hold."""
    known = ((Place.TILL, card.till_id, card.till_holds), (Place.STORE, card.store_id, card.store_holds))
    return [
        abs(shown[place].get(card_id, ZERO) - holds)
        for place, card_id, holds in known
        if card_id and holds is not None and shown[place].get(card_id, ZERO) != holds
    ]


def _sums(connection: Connection) -> dict[str, Decimal | int]:
    """Of the ledger: what is owed, what is overdrawn, and what all movements add up to."""
    cards = GiftCard.objects.filter(connection=connection).aggregate(
        cards=Count("pk"),
        worth=Sum("balance", filter=Q(balance__gt=0)),
        over=Sum("balance", filter=Q(balance__lt=0)),
    )
    counted = CardMovement.objects.filter(card__connection=connection).exclude(kind__in=UNCOUNTED)
    moved = counted.aggregate(sum=Sum("delta"))["sum"] or ZERO
    return {
        "cards": cards["cards"],
        "worth": cards["worth"] or ZERO,
        "overdrawn": -(cards["over"] or ZERO),
        "moved": moved,
    }
