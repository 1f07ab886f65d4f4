"""Answer what Heartland asks about a gift card that the till keeps no balance of (heartland-retail.md §16).

One row is locked while its balance decides: two that ask for the same card at the same moment are answered one after
the other, and the second is told what is left. What the web store spent without asking is read before.
"""

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from http import HTTPStatus
from zoneinfo import ZoneInfo

from django.db import transaction

from connections.models import Connection, HeartlandAccount
from errors.failures import SyncFailure
from mappings.core.rules.card_ledger import Kind, Movement, NotEnough, Place, spend, taken_at
from mappings.core.rules.card_numbers import OddNumber, card_number, is_over
from mappings.person_keys import digests
from syncjobs.engine.call_guard import Guard
from syncjobs.engine.circuits import circuits_look
from syncjobs.engine.enqueueing import job_enqueue
from syncjobs.flows.cards import CARDS
from syncjobs.flows.cards.card_entries import (
    SALT,
    card_locked,
    card_open,
    movements_add,
    movements_of,
    place_moved,
)
from syncjobs.flows.own_payments import CAPTURE, REFUND, VOID
from syncjobs.intake.answer_payments import CALL_SECONDS, DONE, SECONDS, Answer, refusal
from syncjobs.models import CardMovement, GiftCard, ServiceClass
from syncjobs.stores.opening import store_of

BALANCE = "balance"
UNKNOWN = refusal(HTTPStatus.NOT_FOUND, "No gift card has this number.")


class CardRefused(Exception):
    """The card cannot be used so; says why."""


@dataclass(frozen=True, kw_only=True)
class CardAnswer:
    """What Heartland is told of a card; `balance` only where that was asked."""

    answer: Answer
    balance: Decimal | None = None


def card_answered(
    account: HeartlandAccount, operation: str, typed: str, payment_id: str, amount: Decimal, now: datetime
) -> CardAnswer:
    """Say what a card is worth, or spend of it, once for each payment and operation."""
    try:
        number = card_number(typed)
    except OddNumber:
        return CardAnswer(answer=UNKNOWN)
    cards = _cards(account, number, opens=operation == REFUND, now=now)
    if not cards:
        return CardAnswer(answer=UNKNOWN)
    for card in cards:
        _hear_store(card, now)
    try:
        worth = _worked(cards, operation, payment_id, amount, now)
    except CardRefused as why:
        return CardAnswer(answer=refusal(HTTPStatus.UNPROCESSABLE_ENTITY, str(why)))
    if operation == BALANCE:
        return CardAnswer(answer=DONE, balance=worth)
    for card in cards:
        job_enqueue(connection=card.connection, flow=CARDS.name, external_id=str(card.pk), cause="order", now=now)
    return CardAnswer(answer=DONE)


def _cards(account: HeartlandAccount, number: str, *, opens: bool, now: datetime) -> list[GiftCard]:
    """The card in each store of the account whose tills ask us; where money goes onto a new one, it is made."""
    asking = Connection.objects.filter(heartland=account, card_settings__till_asks=True, card_settings__follows=True)
    found = GiftCard.objects.filter(connection__in=asking, digest__in=digests(f"{SALT}{number}"))
    cards = list(found.select_related("connection__store__credential", "connection__merchant").order_by("pk"))
    if not cards and opens and (connection := asking.select_related("store__credential", "merchant").first()):
        cards = [card_open(connection, number, now)[0]]
        cards[0].connection = connection
    return cards


def _hear_store(card: GiftCard, now: datetime) -> None:
    """What the store spent meanwhile, as far as it answers in time; else the ledger answers by what it knows."""
    if not (card.store_id or card.account_id) or card.writing:
        return
    deadline = time.monotonic() + SECONDS
    guard = Guard(card.connection, ServiceClass.NOW, circuits_look(card.connection_id, now), deadline)
    try:
        store = store_of(card.connection.store, guard)
        store.limit_calls_to(CALL_SECONDS)
        with suppress(SyncFailure):
            purse = store.store_credit if card.is_credit else store.gift_cards
            holds = purse.card(card.account_id or card.store_id).balance
            with transaction.atomic():
                fresh = card_locked(card.pk)
                if not fresh.writing:
                    place_moved(fresh, Place.STORE, holds, now)
    finally:
        guard.settle(now)
        guard.give_back()


@transaction.atomic
def _worked(cards: Sequence[GiftCard], operation: str, payment_id: str, amount: Decimal, now: datetime) -> Decimal:
    """Do it in each store's ledger, all or none; answers what the card is worth after. Raises CardRefused."""
    locked = [card_locked(card.pk) for card in cards]
    worth = min(card.balance for card in locked)
    if operation == BALANCE:
        _check_good(cards[0], locked, now)
        return max(worth, Decimal(0))
    cause = f"{operation}:{payment_id}"
    if CardMovement.objects.filter(card=locked[0], cause=f"{cause}:0").exists():
        return worth
    if operation == CAPTURE:
        _check_good(cards[0], locked, now)
    for card in locked:
        moved = MOVES[operation](card, worth, payment_id, amount)
        movements_add(card, moved, cause=cause, now=now, document=f"Payment {payment_id}")
    return min(card.balance for card in locked)


def _check_good(card: GiftCard, locked: Sequence[GiftCard], now: datetime) -> None:
    zone = ZoneInfo(card.connection.merchant.time_zone)
    for one in locked:
        if one.expires_on and is_over(one.expires_on, now, zone):
            raise CardRefused(
                f"The card was good through {one.expires_on:%B} {one.expires_on.day}, {one.expires_on:%Y}."
            )
        if not one.is_good:
            raise CardRefused("The card was ended: it is not taken any more.")


def _spent(card: GiftCard, worth: Decimal, payment_id: str, amount: Decimal) -> list[Movement]:
    try:
        return [spend(worth, amount, Place.TILL)]
    except NotEnough as why:
        raise CardRefused(str(why)) from why


def _given(card: GiftCard, worth: Decimal, payment_id: str, amount: Decimal) -> list[Movement]:
    """Back onto the card; above what the tills took of it, it is loaded."""
    back = min(amount, max(taken_at(Place.TILL, movements_of(card)), Decimal(0)))
    found = [Movement(delta=back, kind=Kind.GIVEN_BACK, place=Place.TILL)] if back else []
    rest = amount - back
    return [*found, *([Movement(delta=rest, kind=Kind.LOADED, place=Place.TILL)] if rest else [])]


def _voided(card: GiftCard, worth: Decimal, payment_id: str, amount: Decimal) -> list[Movement]:
    """What the same payment took, whatever amount is named."""
    taken = CardMovement.objects.filter(card=card, cause=f"{CAPTURE}:{payment_id}:0").first()
    if taken is None:
        raise CardRefused(f"Payment {payment_id} took nothing of this card.")
    return [Movement(delta=-taken.delta, kind=Kind.GIVEN_BACK, place=Place.TILL)]


MOVES = {CAPTURE: _spent, REFUND: _given, VOID: _voided}
