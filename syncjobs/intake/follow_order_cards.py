"""Following gift cards of a store that lists none: its orders tell which cards they sold, and which paid of them.

What they paid is taken off the card at the tills; what tills spend, such a store is not told. What a refund gave back
to a card no order says, so that a person is asked once the order is over.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from connections.models import Connection
from errors.failures import NotFound
from mappings.core.canonical.card import CardOfOrder, CardsOfOrder
from mappings.core.canonical.order import TenderKind
from mappings.core.rules.card_ledger import Kind, Movement, Place
from mappings.core.rules.card_numbers import OddNumber, card_number
from syncjobs.engine.enqueueing import jobs_enqueue
from syncjobs.flows.cards import CARDS
from syncjobs.flows.cards.card_entries import card_find, card_locked, card_open, movements_add
from syncjobs.flows.orders import ORDERS
from syncjobs.intake.feeds import OVERLAP
from syncjobs.models import CardMovement, GiftCard, Record
from syncjobs.stores.port import Store


def order_cards_look(connection: Connection, store: Store, since: datetime, now: datetime) -> int:
    """Queue the cards that orders moved which were read since, and count them: a call for each such order."""
    by_card = [{"kind": TenderKind.GIFT_CERTIFICATE}]
    rows = Record.objects.filter(connection=connection, flow=ORDERS.name, source_seen_at__gte=since - OVERLAP)
    rows = rows.filter(Q(facts__cards_sold__isnull=False) | Q(facts__tenders__contains=by_card))
    found = 0
    for record in rows.order_by("pk"):
        try:
            told = store.order_cards.of(record.external_id)
        except NotFound:
            continue
        found += _told(connection, record, told, now)
    return found


@transaction.atomic
def _told(connection: Connection, record: Record, told: CardsOfOrder, now: datetime) -> int:
    """Add to the ledger what an order says, once: above the cards that were bought a code counts only when accepted.

    The cards are queued with it: what the ledger holds already is no news to the next look, should this one break.
    """
    moved: set[int] = set()
    name, order_id = record.label or f"Order {record.external_id}", record.external_id
    for place, one in enumerate(told.sold):
        if number := _number(one):
            card, _ = card_open(connection, number, now, sold_in=order_id)
            kind = Kind.SOLD if place < told.pieces else Kind.UNEXPLAINED
            if _is_new(card) and _add(card, kind, one, f"sold:{order_id}", name, order_id, now):
                moved.add(card.pk)
    for one in told.spent:
        spent_of = card_find(connection, _number(one))
        if spent_of and _add(spent_of, Kind.SPENT, one, f"order:{order_id}", name, order_id, now):
            moved.add(spent_of.pk)
    ids = [str(one) for one in sorted(moved)]
    jobs_enqueue(connection=connection, flow=CARDS.name, external_ids=ids, cause="poll", now=now)
    return len(moved)


def _number(one: CardOfOrder) -> str:
    """As both systems can keep it; "" where they cannot."""
    try:
        return card_number(one.number)
    except OddNumber:
        return ""


def _is_new(card: GiftCard) -> bool:
    return not CardMovement.objects.filter(card=card).exists()


def _add(card: GiftCard, kind: Kind, one: CardOfOrder, cause: str, document: str, order_id: str, now: datetime) -> int:
    delta = -one.amount if kind is Kind.SPENT else one.amount
    moved = [Movement(delta=delta, kind=kind, place=Place.STORE)] if delta else []
    return movements_add(card_locked(card.pk), moved, cause=cause, now=now, document=document, order_id=order_id)
