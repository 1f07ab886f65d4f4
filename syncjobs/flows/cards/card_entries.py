"""Writing the ledger of cards: a card under the digest of its number, its movements under what caused them.

Whatever decides by a card's balance holds its row's lock: two that spend at the same moment come one after the other.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from connections.models import Connection, User
from mappings.core.rules.card_ledger import Movement, Place, news, taken_at
from mappings.core.rules.card_numbers import last_signs
from mappings.person_keys import digests
from syncjobs.models import CardMovement, GiftCard

SALT = "gift card "


def card_find(connection: Connection, number: str) -> GiftCard | None:
    """The card with a number (core.rules.card_numbers)."""
    return GiftCard.objects.filter(connection=connection, digest__in=digests(f"{SALT}{number}")).first()


def card_open(connection: Connection, number: str, now: datetime, **known: Any) -> tuple[GiftCard, bool]:
    """The card with a number, made where we have none; and whether it was made. It is worth nothing yet."""
    if found := card_find(connection, number):
        return found, False
    fresh = {"number": number, "last_signs": last_signs(number), "made_at": now, "moved_at": now, **known}
    digest = digests(f"{SALT}{number}")[0]
    return GiftCard.objects.get_or_create(connection=connection, digest=digest, defaults=fresh)


def card_locked(card_id: int) -> GiftCard:
    """The card as it is now, nobody else's until the transaction ends."""
    card: GiftCard = GiftCard.objects.select_for_update().get(pk=card_id)
    return card


def movements_of(card: GiftCard) -> list[Movement]:
    return [one.movement for one in CardMovement.objects.filter(card=card).order_by("pk")]


def movements_add(
    card: GiftCard,
    movements: Iterable[Movement],
    *,
    cause: str,
    now: datetime,
    document: str = "",
    order_id: str = "",
    note: str = "",
    by: User | None = None,
) -> int:
    """Add what a cause moved, once however often it is told; the card is locked. Answers how many are new."""
    added = 0
    for place, one in enumerate(movements):
        row = CardMovement(
            card=card, cause=f"{cause}:{place}"[:120], kind=one.kind, place=one.place, delta=one.delta,
            document=document[:120], order_id=order_id, note=note[:300], by=by, at=now,
        )  # fmt: skip
        if CardMovement.objects.filter(card=card, cause=row.cause).exists():
            continue
        row.save(force_insert=True)
        card.balance += one.counted
        added += 1
    if added:
        card.moved_at = now
        card.save(update_fields=["balance", "moved_at"])
    return added


def holds_at(card: GiftCard, place: Place) -> Decimal | None:
    """What a place was last known to hold; None where the card was not seen there."""
    return card.till_holds if place is Place.TILL else card.store_holds


def holds_set(card: GiftCard, place: Place, amount: Decimal, **more: Any) -> None:
    """Note what a place holds, with whatever else is known by that."""
    name = "till_holds" if place is Place.TILL else "store_holds"
    for field, value in {name: amount, **more}.items():
        setattr(card, field, value)
    card.save(update_fields=[name, *more])


def place_moved(
    card: GiftCard, place: Place, holds: Decimal, now: datetime, document: str = "", order_id: str = ""
) -> bool:
    """Add what moved at a place since it was last known, and note what it holds; the card is locked."""
    known = holds_at(card, place)
    if known is None or known == holds:
        return False
    movements = movements_of(card)
    found = news(place, known, holds, taken_at(place, movements))
    cause = f"{place}:{len(movements)}:{known}>{holds}"
    movements_add(card, found, cause=cause, now=now, document=document, order_id=order_id)
    holds_set(card, place, holds)
    return True


@transaction.atomic
def write_begin(card_id: int, place: Place, before: Decimal, after: Decimal) -> None:
    """Keep that a balance is about to be written, before it is."""
    writing = {"writing": place, "writing_from": before, "writing_to": after}
    GiftCard.objects.filter(pk=card_id).update(**writing)


@transaction.atomic
def write_end(card_id: int, place: Place, holds: Decimal | None, **more: Any) -> None:
    """The write was answered: what the place holds now, or None where nothing was written."""
    name = "till_holds" if place is Place.TILL else "store_holds"
    known = {name: holds} if holds is not None else {}
    done = {"writing": "", "writing_from": None, "writing_to": None}
    GiftCard.objects.filter(pk=card_id).update(**known, **done, **more)
