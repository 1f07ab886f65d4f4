"""What is owed on gift cards, each night: held against every movement and against what both systems show."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from connections.audit import audit
from connections.clients import heartland_client
from connections.models import Connection
from mappings.core.heartland.held_cards import card_from_heartland
from mappings.core.rules.card_ledger import ZERO, Kind
from syncjobs.engine.call_guard import guarded
from syncjobs.models import CardMovement, CardSettings, CardTotal, GiftCard, ServiceClass
from syncjobs.stores.opening import store_of

UNCOUNTED = (Kind.UNEXPLAINED, Kind.REJECTED)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What both systems show, by their ids of a card or an account."""

    till: Mapping[str, Decimal]
    store: Mapping[str, Decimal]
    credit: Mapping[str, Decimal]


def cards_total(connection: Connection, now: datetime) -> CardTotal | None:
    """Add up the day that ended last, once. None where it was, or where no cards are followed.

    Calls: a page each of the store's cards, and the fewest that tell of its credit and of ours in Heartland.
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
        store = store_of(connection.store, guard)
        pages = () if store.profile.without_gift_cards else store.gift_cards.pages()
        certificates = {one.id: one.balance for page in pages for one in page}
        accounts = [card.account_id for card in cards if card.is_credit] if options.credit_field else []
        credit = {one.id: one.balance for one in store.store_credit.of(accounts)} if accounts else {}
    return Shown(till=till, store=certificates, credit=credit)


def _gaps(card: GiftCard, shown: Shown) -> list[Decimal]:
    """By how much each system shows another balance than we know it to hold."""
    in_store = (shown.credit, card.account_id) if card.is_credit else (shown.store, card.store_id)
    known = ((shown.till, card.till_id, card.till_holds), (*in_store, card.store_holds))
    return [
        abs(place.get(card_id, ZERO) - holds)
        for place, card_id, holds in known
        if card_id and holds is not None and place.get(card_id, ZERO) != holds
    ]


def counted_first(connection: Connection) -> QuerySet[Connection]:
    """Stores of the same tills that were connected before and follow cards too."""
    earlier = Connection.objects.filter(heartland=connection.heartland_id, pk__lt=connection.pk)
    return earlier.filter(card_settings__follows=True).select_related("store").order_by("pk")


def shared_worth(connection: Connection) -> Decimal:
    """What is owed on cards that another store of the same tills counts: the one that was connected first does."""
    theirs = GiftCard.objects.filter(connection__in=counted_first(connection), digest=OuterRef("digest"), balance__gt=0)
    ours = GiftCard.objects.filter(Exists(theirs), connection=connection, balance__gt=0)
    return ours.aggregate(sum=Sum("balance"))["sum"] or ZERO


def _sums(connection: Connection) -> dict[str, Decimal | int]:
    """Of the ledger: what is owed, what is overdrawn, and what all movements add up to."""
    cards = GiftCard.objects.filter(connection=connection).aggregate(
        cards=Count("pk"),
        worth=Sum("balance", filter=Q(balance__gt=0)),
        over=Sum("balance", filter=Q(balance__lt=0)),
        credit=Sum("balance", filter=Q(balance__gt=0) & ~Q(account_id="")),
    )
    counted = CardMovement.objects.filter(card__connection=connection).exclude(kind__in=UNCOUNTED)
    moved = counted.aggregate(sum=Sum("delta"))["sum"] or ZERO
    return {
        "cards": cards["cards"],
        "worth": cards["worth"] or ZERO,
        "credit": cards["credit"] or ZERO,
        "shared": shared_worth(connection),
        "overdrawn": -(cards["over"] or ZERO),
        "moved": moved,
    }
