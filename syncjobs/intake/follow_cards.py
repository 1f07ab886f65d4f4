"""Following gift cards: no system tells of them, so both lists are asked. Heartland's by time of change, the store's
whole, since no list says when a balance moved.

Cards that were there before are taken over by a person's import; those that come or move since are followed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, OuterRef

from connections.clients import heartland_client
from connections.connectors.heartland import HeartlandClient
from connections.models import Connection
from errors.failures import SyncFailure
from mappings.core.canonical.card import HeldCard
from mappings.core.canonical.statuses import ENDED, StatusMeaning
from mappings.core.heartland.held_cards import card_from_heartland
from mappings.core.rules.card_ledger import Kind, Place
from mappings.core.rules.card_numbers import OddNumber, card_number
from syncjobs.engine.call_guard import guarded
from syncjobs.engine.circuits import circuits_look
from syncjobs.engine.cursors import cursor_advance, cursor_failed, cursor_postpone, cursor_take
from syncjobs.engine.defects import defects_reported
from syncjobs.engine.enqueueing import jobs_enqueue
from syncjobs.engine.quiet import news_heed, pause_of
from syncjobs.engine.retry_rules import pause_after
from syncjobs.flows.cards import CARDS
from syncjobs.flows.cards.card_documents import missing_of
from syncjobs.flows.cards.card_entries import card_find, card_open
from syncjobs.flows.cards.card_words import ASKED
from syncjobs.flows.cards.read_card import SALE_OVER
from syncjobs.intake.feeds import OVERLAP
from syncjobs.intake.follow_credit import credit_apart, credit_look
from syncjobs.intake.follow_order_cards import order_cards_look
from syncjobs.models import CardMovement, CardSettings, Cursor, GiftCard, Record, ServiceClass
from syncjobs.stores.opening import store_of
from syncjobs.stores.port import Store


@dataclass
class Cards:
    """What one look saw."""

    newest: datetime  # by Heartland's clock
    last_id: int  # of the store's newest card at the first look; of one that lists none, when it was looked at last
    found: int = 0  # cards that moved, or are new
    news: set[int] = field(default_factory=set)  # keys of those to be looked at


def cards_follow(*, connection: Connection, now: datetime) -> Cards | None:
    """Queue the cards that moved on either side.

    None where the look is not due, somebody else has it, cards are not followed, or it failed.
    Calls: a page of Heartland's changed cards, all pages of the store's, and those of `credit_look`.
    """
    options = CardSettings.objects.filter(connection=connection, follows=True).first()
    cursor = cursor_take(connection, Cursor.CARDS, now) if options and connection.is_running else None
    if options is None or cursor is None:
        return None
    circuits = circuits_look(connection.pk, now)
    if circuits.wait:
        cursor_postpone(cursor, now, timedelta(seconds=circuits.wait), failure=cursor.failure)
        return None
    seen = _position(cursor, now)
    since = seen.newest
    try:
        with (
            guarded(connection, ServiceClass.SOON, now, circuits=circuits, reads_heartland=True) as guard,
            defects_reported("following gift cards", connection=connection.pk),
        ):
            if not options.till_asks:
                _till(connection, heartland_client(connection.heartland, guard), options, seen, now)
            store = store_of(connection.store, guard)
            if store.profile.without_gift_cards:
                _orders(connection, store, seen, now)
            else:
                _store(connection, store, seen, now, is_first=not cursor.position)
            if options.credit_field:
                seen.news |= credit_look(connection, store, options, now)
    except SyncFailure as failure:
        cursor_failed(cursor, now, pause_after(failure), failure)
        return None
    seen.news |= _sales_over(connection) | _spent_in_vain(connection) | _expired(connection, now)
    ids = [str(one) for one in sorted(seen.news - _asked_of_people(connection))]
    jobs_enqueue(connection=connection, flow=CARDS.name, external_ids=ids, cause="poll", now=now)
    news_heed(cursor, now, has_news=bool(seen.news or seen.found))
    cursor_advance(
        cursor,
        now,
        pause_of(cursor, now, shortest=settings.POLL_SECONDS_WITHOUT_HOOKS, longest=settings.POLL_SECONDS),
        position=f"{max(since, seen.newest).astimezone(UTC).isoformat()}|{seen.last_id}",
        news_at=cursor.news_at,
        found=cursor.found + seen.found,
    )
    return seen


def _position(cursor: Cursor, now: datetime) -> Cards:
    moment, _, last_id = cursor.position.partition("|")
    return Cards(newest=datetime.fromisoformat(moment) if moment else now, last_id=int(last_id or 0))


def _till(connection: Connection, client: HeartlandClient, options: CardSettings, seen: Cards, now: datetime) -> None:
    """Heartland's cards that changed since; reads overlap, so that most of them are known as they are."""
    since, after, has_more = seen.newest - OVERLAP, 0, True
    while has_more:
        rows, has_more = client.gift_cards_changed_page(after, since=since)
        cards = [card_from_heartland(row) for row in rows]
        if options.credit_field:
            cards, credits = credit_apart(connection, client, options, cards, now)
            seen.news |= credits
        _take_in(connection, Place.TILL, cards, seen, now, opens_after=0)
        stamps = [datetime.fromisoformat(row["updated_at"]) for row in rows if row.get("updated_at")]
        seen.newest = max([seen.newest, *stamps])
        after = int(rows[-1]["id"]) if rows else after


def _store(connection: Connection, store: Store, seen: Cards, now: datetime, *, is_first: bool) -> None:
    """All of the store's: those known, and those that came since the first look. What is not paid for waits."""
    ids = [0]
    for page in store.gift_cards.pages():
        paid = [card for card in page if not card.is_pending]
        _take_in(connection, Place.STORE, paid, seen, now, opens_after=None if is_first else seen.last_id)
        ids += [int(card.id) for card in page]
    seen.last_id = max(ids) if is_first else seen.last_id


def _orders(connection: Connection, store: Store, seen: Cards, now: datetime) -> None:
    """Orders of the store that were read since the last look, from the first one on."""
    since = datetime.fromtimestamp(seen.last_id, UTC) if seen.last_id else now
    seen.found += order_cards_look(connection, store, since, now)
    seen.last_id = int(now.timestamp())


def _take_in(
    connection: Connection,
    place: Place,
    cards: Iterable[HeldCard],
    seen: Cards,
    now: datetime,
    *,
    opens_after: int | None,
) -> None:
    """Queue what differs from what a place was last known to hold, and what is new there beyond an id."""
    rows = list(cards)
    name = "till_id" if place is Place.TILL else "store_id"
    ours = GiftCard.objects.filter(connection=connection, **{f"{name}__in": [card.id for card in rows]})
    known = {getattr(one, name): one for one in ours}
    for card in rows:
        found = known.get(card.id)
        if found is None and opens_after is not None and int(card.id) > opens_after:
            found = _opened(connection, card, now, name)
        if found and (found.writing or card.balance != (found.till_holds if name == "till_id" else found.store_holds)):
            seen.found += 1
            seen.news.add(found.pk)


def _opened(connection: Connection, card: HeldCard, now: datetime, name: str) -> GiftCard | None:
    """Our row of a card; None for what both systems cannot call by one number, and for what is worth nothing."""
    try:
        number = card_number(card.number)
    except OddNumber:
        return None
    if not card.balance and not card.order_id:
        return card_find(connection, number)
    known: dict[str, Any] = {name: card.id, "sold_in": card.order_id, "expires_on": card.expires_on}
    found, is_new = card_open(connection, number, now, **known)
    if not is_new and not getattr(found, name):
        GiftCard.objects.filter(pk=found.pk).update(**{name: card.id})
    return found


def _asked_of_people(connection: Connection) -> set[int]:
    """Cards that wait for an answer, which another look does not give."""
    waiting = Record.objects.filter(connection=connection, flow=CARDS.name, disposition=Record.Disposition.HELD)
    return {int(one) for one in waiting.filter(code__in=ASKED).values_list("external_id", flat=True)}


def _sales_over(connection: Connection) -> set[int]:
    """Cards that are good although the order that sold them was given back."""
    over = [*SALE_OVER, StatusMeaning.PART_REFUNDED]
    orders = Record.objects.filter(
        connection=connection, flow="orders", external_id=OuterRef("sold_in"), source_meaning__in=over
    )
    good = GiftCard.objects.filter(connection=connection, is_good=True, is_kept=False).exclude(sold_in="")
    return set(good.filter(Exists(orders)).values_list("pk", flat=True))


def _expired(connection: Connection, now: datetime) -> set[int]:
    """Cards whose last day is over and that a till, which knows of no days, would still take."""
    today = now.astimezone(ZoneInfo(connection.merchant.time_zone)).date()
    over = GiftCard.objects.filter(connection=connection, expires_on__lt=today, till_holds__gt=0)
    return set(over.values_list("pk", flat=True))


def _spent_in_vain(connection: Connection) -> set[int]:
    """Cards that paid of orders that are over by now: what they paid has to come back."""
    ended = Record.objects.filter(
        connection=connection, flow="orders", external_id=OuterRef("order_id"), source_meaning__in=[*ENDED]
    )
    paid = CardMovement.objects.filter(card__connection=connection, kind=Kind.SPENT).exclude(order_id="")
    cards = paid.filter(Exists(ended)).values_list("card", flat=True).distinct()
    return {card.pk for card in GiftCard.objects.filter(pk__in=cards) if missing_of(card)}
