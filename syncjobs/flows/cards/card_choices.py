"""What people say of gift cards: settings, decisions and answers. Each is in the trail, and has the card looked at."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from connections.audit import audit
from connections.models import Connection, User
from connections.store_kinds import profile_of
from errors.failures import ConfigurationFailure
from mappings.core.rules.card_ledger import Kind, Movement, Place, due_at, unexplained_at
from mappings.core.rules.card_ledger import Sharing as Share
from mappings.core.rules.card_numbers import OddNumber, card_number
from syncjobs.flows.cards.card_documents import missing_of
from syncjobs.flows.cards.card_entries import card_locked, card_open, holds_at, holds_set, movements_add, movements_of
from syncjobs.models import CardMovement, CardSettings, Cursor, CustomerSettings, GiftCard
from syncjobs.stores.opening import store_of_patience


def card_settings_save(
    *,
    connection: Connection,
    follows: bool,
    sharing: str,
    reserve: Decimal,
    email: str,
    till_asks: bool,
    credit_field: str,
    actor: User,
    now: datetime,
) -> CardSettings:
    """Keep them; from now on cards and credit are followed, or not any more. Raises SyncFailure.

    Calls: at most two, where store credit is to be followed that was not, to see whether the store lets us.
    """
    if follows and not email and not profile_of(connection.store).without_gift_cards:
        raise ConfigurationFailure("Name an e-mail address of yours: the store asks for one with each card it gets.")
    if credit_field:
        _credit_checked(connection)
    wanted = {
        "follows": follows,
        "sharing": sharing,
        "reserve": reserve,
        "email": email,
        "till_asks": till_asks,
        "credit_field": credit_field,
    }
    with transaction.atomic():
        kept, _ = CardSettings.objects.update_or_create(connection=connection, defaults=wanted)
        if follows:
            Cursor.objects.get_or_create(connection=connection, feed=Cursor.CARDS, defaults={"due_at": now})
        audit(
            merchant=connection.merchant, actor=actor, action="cards.settings_changed", subject=connection,
            follows=follows, sharing=sharing, reserve=str(reserve), till_asks=till_asks,
            credit_field=credit_field,
        )  # fmt: skip
    return kept


def _credit_checked(connection: Connection) -> None:
    if not CustomerSettings.objects.filter(connection=connection, is_on=True).exists():
        raise ConfigurationFailure("Have customers kept alike first: by that it is known whose credit it is.")
    if not CardSettings.objects.filter(connection=connection).exclude(credit_field="").exists():
        store_of_patience(connection.store).store_credit.check()


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Something that a person may do with a card as it is."""

    act: str
    label: str
    is_final: bool = False


ACCEPT, REJECT, WRITE_OFF, END, KEEP = "accept", "reject", "write_off", "end", "keep"
GIVE_BACK, MOVE = "give_back", "move"
LEDGER, SHOWN, BOTH, WRITTEN, UNWRITTEN = "ledger", "shown", "both", "written", "unwritten"


def choices_of(card: GiftCard, code: str) -> list[Choice]:
    """What the card's page offers; `code` is why it waits, "" where it does not."""
    found: list[Choice] = []
    if card.writing:
        found.append(Choice(act=WRITTEN, label=f"The change to {card.writing_to} was made"))
        found.append(Choice(act=UNWRITTEN, label="The change was not made"))
    if code == "card_balances_differ":
        found.append(Choice(act=LEDGER, label=f"It is worth {card.balance}"))
        found.append(Choice(act=SHOWN, label="What the system shows is right"))
        if card.is_credit:
            found.append(Choice(act=BOTH, label="Both count: add them up"))
    if (rise := unexplained_at(Place.STORE, movements_of(card))) > 0:
        found.append(Choice(act=ACCEPT, label=f"Accept the rise of {rise}"))
        found.append(Choice(act=REJECT, label=f"Take the {rise} off in the store"))
    if card.overdrawn:
        found.append(Choice(act=WRITE_OFF, label=f"Write off {card.overdrawn}"))
    if missing := sum((amount for _, amount in missing_of(card).values()), Decimal(0)):
        found.append(Choice(act=GIVE_BACK, label=f"Give back {missing}"))
    if card.is_good and code == "card_sale_refunded":
        found.append(Choice(act=KEEP, label="Keep the card: other goods were given back"))
    if card.is_good and not card.writing and (code == "card_gone" or not card.is_credit):
        found.append(Choice(act=END, label="End the card: void or given back", is_final=True))
    return found


@transaction.atomic
def card_act(
    *,
    card: GiftCard,
    act: str,
    code: str,
    note: str,
    shown: Decimal | None,
    number: str = "",
    actor: User,
    now: datetime,
) -> GiftCard | None:
    """Do one of `choices_of`, or move a lost card to a number; answers the card that took its place.

    `shown` is what the system that disagrees holds. Raises ConfigurationFailure.
    """
    card, fresh = card_locked(card.pk), None
    if act == MOVE and is_movable(card):
        fresh = _moved_to(card, number, note, actor, now)
    elif act not in {one.act for one in choices_of(card, code)}:
        raise ConfigurationFailure("The card is not as it was any more: look again.")
    rise = unexplained_at(Place.STORE, movements_of(card))
    if act == ACCEPT:
        _add(card, Kind.ACCEPTED, Place.STORE, rise, note, actor, now)
    elif act == REJECT:
        _add(card, Kind.REJECTED, Place.STORE, rise, note, actor, now)
    elif act == WRITE_OFF:
        _add(card, Kind.WRITTEN_OFF, Place.US, card.overdrawn, note, actor, now)
    elif act == GIVE_BACK:
        for order_id, (document, amount) in missing_of(card).items():
            _add(card, Kind.GIVEN_BACK, Place.STORE, amount, note, actor, now, document=document, order_id=order_id)
    elif act == END:
        _end(card, rise, note, actor, now, is_gone=code == "card_gone")
    elif act == KEEP:
        GiftCard.objects.filter(pk=card.pk).update(is_kept=True)
    elif act in (WRITTEN, UNWRITTEN):
        known = card.writing_to if act == WRITTEN else card.writing_from
        holds_set(card, Place(card.writing), known or Decimal(0), writing="", writing_from=None, writing_to=None)
    elif act in (LEDGER, SHOWN, BOTH):
        _settle_difference(card, act, shown, note, actor, now)
    audit(
        merchant=card.connection.merchant, actor=actor, action="cards.decided", subject=card.connection,
        card=str(card), what=act, note=note[:300],
    )  # fmt: skip
    return fresh


def is_movable(card: GiftCard) -> bool:
    """Whether what is left of it can be put on another number, as of a card that was lost."""
    rise = unexplained_at(Place.STORE, movements_of(card))
    return card.is_good and not card.is_credit and not card.writing and card.balance > 0 and not rise


def _moved_to(card: GiftCard, typed: str, note: str, by: User, now: datetime) -> GiftCard:
    """End the card, and owe what was left of it on another. Raises ConfigurationFailure."""
    try:
        number = card_number(typed)
    except OddNumber as why:
        raise ConfigurationFailure(str(why)) from why
    known = {"expires_on": card.expires_on, "sold_in": card.sold_in}
    fresh, is_new = card_open(card.connection, number, now, **known)
    if not is_new:
        raise ConfigurationFailure("A card that is followed here has this number already: choose another one.")
    worth = Movement(delta=card.balance, kind=Kind.TAKEN_OVER, place=Place.US)
    told = f"From card …{card.last_signs}. {note}".strip()
    movements_add(card_locked(fresh.pk), [worth], cause=f"moved:{card.pk}", now=now, note=told, by=by)
    _end(card, Decimal(0), f"To card …{fresh.last_signs}. {note}".strip(), by, now, is_gone=False)
    return fresh


def _add(
    card: GiftCard, kind: Kind, place: Place, delta: Decimal, note: str, by: User, now: datetime, **document: str
) -> None:
    count = CardMovement.objects.filter(card=card).count()
    moved = [Movement(delta=delta, kind=kind, place=place)]
    movements_add(card, moved, cause=f"person:{count}", now=now, note=note, by=by, **document)


def _end(card: GiftCard, rise: Decimal, note: str, by: User, now: datetime, *, is_gone: bool) -> None:
    """Nothing is owed on it any more, and neither side takes it; `is_gone`: the store has it no more."""
    if rise > 0:
        _add(card, Kind.REJECTED, Place.STORE, rise, note, by, now)
    if card.balance > 0:
        _add(card, Kind.TAKEN_BACK, Place.US, -card.balance, note, by, now)
    gone: dict[str, Any] = {"store_id": "", "store_holds": None} if is_gone else {}
    GiftCard.objects.filter(pk=card.pk).update(is_good=False, **gone)


def _settle_difference(card: GiftCard, act: str, shown: Decimal | None, note: str, by: User, now: datetime) -> None:
    """Where a place had the card before: what we knew counts, or what it shows, or both, which are two sums."""
    place = Place.TILL if holds_at(card, Place.TILL) is None else Place.STORE
    options = CardSettings.objects.get(connection=card.connection_id)
    due = due_at(place, card.balance, Share(options.sharing), options.reserve)
    if shown is None:
        raise ConfigurationFailure("What the system shows is not known any more: look again.")
    if more := {LEDGER: Decimal(0), SHOWN: shown - due, BOTH: shown}[act]:
        _add(card, Kind.TAKEN_OVER, place, more, note, by, now)
    holds_set(card, place, shown)
