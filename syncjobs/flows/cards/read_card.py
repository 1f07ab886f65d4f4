"""The card as both places show it, and what moved there since."""

from decimal import Decimal

from django.db import transaction

from errors.failures import NotFound, Violation, held
from mappings.core.canonical.card import HeldCard
from mappings.core.canonical.order import LineKind
from mappings.core.canonical.statuses import StatusMeaning
from mappings.core.heartland.held_cards import card_from_heartland
from mappings.core.rules.card_ledger import (
    Kind,
    Movement,
    Place,
    Sharing,
    after_lost_answer,
    due_at,
    news,
)
from mappings.core.rules.card_numbers import OddNumber, card_number
from syncjobs.flows.base import Outcome
from syncjobs.flows.cards import card_words
from syncjobs.flows.cards.card_context import CardContext
from syncjobs.flows.cards.card_documents import Documents, documents_of, sale_meaning, spent_in_all
from syncjobs.flows.cards.card_entries import card_locked, holds_at, holds_set, movements_add, place_moved
from syncjobs.flows.cards.credit_number import number_read
from syncjobs.flows.cards.credit_refunds import rises_explain
from syncjobs.models import CardMovement, GiftCard, Record

CARDS_OFF = "cards_off"
SALE_OVER = (StatusMeaning.REFUNDED, StatusMeaning.CANCELLED)


def read(context: CardContext) -> Outcome | None:
    """Ask each place: two calls, and one more of store credit."""
    context.card = GiftCard.objects.get(connection=context.connection, pk=int(context.external_id))
    context.learn(label=str(context.card), currency=context.connection.heartland.currency)
    if not context.settings.follows:
        said = "Gift cards are not kept in step: that is switched off."
        return Outcome(disposition=Record.Disposition.SKIPPED, code=CARDS_OFF, sentence=said)
    if context.card.is_credit and not context.settings.credit_field:
        said = "Store credit is not kept in step: that is switched off."
        return Outcome(disposition=Record.Disposition.SKIPPED, code=CARDS_OFF, sentence=said)
    number_read(context)
    number = context.card.number
    if Place.TILL in context.places:
        rows = context.heartland.gift_cards_by_numbers([number])
        context.held.update((Place.TILL, card_from_heartland(row)) for row in rows)
    if Place.STORE in context.places and (found := _in_store(context, number)):
        context.held[Place.STORE] = found
    context.learn(facts={str(place): str(shown.balance) for place, shown in context.held.items()})
    return None


def _in_store(context: CardContext, number: str) -> HeldCard | None:
    """By its id where we have one. Raises a hold where it is gone, unless a person ended the card."""
    card = context.card
    card_id = card.account_id or card.store_id
    if not card_id:
        return context.store.gift_cards.numbered(number)
    try:
        found = context.purse.card(card_id)
    except NotFound as exc:
        if not card.is_good:
            return None
        raise held(card_words.gone(context, Place.STORE)) from exc
    return found if card.is_credit or _number_of(found) == number else None


def _number_of(card: HeldCard) -> str:
    try:
        return card_number(card.number)
    except OddNumber:
        return ""


def note(context: CardContext) -> None:
    """Add what moved to the ledger, place by place. Raises a hold where that cannot be told."""
    named = {place: _document(context, place, shown) for place, shown in context.held.items()}
    pieces = _pieces_sold(context)
    questions: list[Violation] = []
    with transaction.atomic():
        context.card = card = card_locked(context.card.pk)
        for place in (one for one in context.places if one in context.held):
            shown = context.held[place]
            question = _note_place(context, place, shown, pieces, named[place])
            questions += [question] if question else []
        if card.is_credit:
            rises_explain(card, context.now)
        _end_with_sale(context)
        card.save(update_fields=["expires_on", "till_id", "store_id", "is_good"])
    if questions:
        raise held(*questions)


def _document(context: CardContext, place: Place, shown: HeldCard) -> tuple[str, str]:
    """What a change since the last look belongs to; asked before the card is locked."""
    known = holds_at(context.card, place)
    if known is None or known == shown.balance or context.card.writing == place:
        return "", ""
    return Documents(context).of(place, shown.balance - known)


def _note_place(
    context: CardContext, place: Place, shown: HeldCard, pieces: int | None, named: tuple[str, str]
) -> Violation | None:
    card = context.card
    if place is Place.TILL:
        card.till_id = shown.id
    else:
        card.store_id, card.expires_on = shown.id, shown.expires_on
    known = holds_at(card, place)
    if card.writing == place:
        known = _after_writing(card, known, shown.balance)
        if known is None:
            return card_words.unanswered(context, place, shown.balance)
        holds_set(card, place, known, writing="", writing_from=None, writing_to=None)
    elif known is None:
        return _first_seen(context, place, shown, pieces)
    if place_moved(card, place, shown.balance, context.now, *named):
        document = named[0]
        context.decide(f"{context.name_of(place)} moved it from {known} to {shown.balance}{said(document)}.")
    return None


def _after_writing(card: GiftCard, known: Decimal | None, holds: Decimal) -> Decimal | None:
    """What a place was known to hold once its unanswered write is told; None where nothing tells.

    A card that is there was made by us: whatever it lacks since was spent.
    """
    if card.writing_from is None or card.writing_to is None:
        raise RuntimeError("A write without its amounts")  # the database refuses it
    if known is None:
        return card.writing_to
    return after_lost_answer(card.writing_from, card.writing_to, holds)


def _first_seen(context: CardContext, place: Place, shown: HeldCard, pieces: int | None) -> Violation | None:
    """A card that we did not make there: what it is worth when nothing else is known of it, or a second opinion."""
    card = context.card
    if not CardMovement.objects.filter(card=card).exists():
        return _opened(context, place, shown, pieces)
    if shown.balance != due_at(place, card.balance, Sharing(context.settings.sharing), context.settings.reserve):
        return card_words.differs(context, place, shown.balance)
    holds_set(card, place, shown.balance)
    return None


def _opened(context: CardContext, place: Place, shown: HeldCard, pieces: int | None) -> Violation | None:
    """The first movement: sold where its order tells so, else taken over as it is."""
    card, face = context.card, max(shown.face, shown.balance)
    is_above = pieces is not None and _sold_before(card) >= pieces
    kind = Kind.UNEXPLAINED if is_above else Kind.SOLD if card.sold_in else Kind.TAKEN_OVER
    worth = face if kind is Kind.SOLD else shown.balance
    document = f"Order {card.sold_in}" if card.sold_in else ""
    if worth:
        moved = [Movement(delta=worth, kind=kind, place=place)]
        movements_add(card, moved, cause="opened", now=context.now, document=document, order_id=card.sold_in)
    if kind is Kind.SOLD and (spent := news(place, worth, shown.balance, Decimal(0))):
        movements_add(card, spent, cause="opened:spent", now=context.now)
    holds_set(card, place, shown.balance)
    context.decide(f"It came with {shown.balance} from {context.name_of(place)}.")
    return card_words.too_many(context, pieces or 0, worth) if is_above else None


def _sold_before(card: GiftCard) -> int:
    """Cards of the same order that count already."""
    others = GiftCard.objects.filter(connection=card.connection_id, sold_in=card.sold_in).exclude(pk=card.pk)
    return others.filter(movements__kind=Kind.SOLD).count()


def _pieces_sold(context: CardContext) -> int | None:
    """How many cards the order sold that sold this one: one call, for a card that is new. None where none did."""
    card = context.card
    if not card.sold_in or CardMovement.objects.filter(card=card).exists():
        return None
    try:
        order = context.store.orders.order(card.sold_in)
    except NotFound:
        return 0
    return sum(line.quantity for line in order.lines if line.kind is LineKind.GIFT_CERTIFICATE)


def _end_with_sale(context: CardContext) -> None:
    """A card is over when the order that sold it was given back: what is left of it is owed to nobody."""
    card = context.card
    if not card.is_good or card.is_kept or sale_meaning(card) not in SALE_OVER:
        return
    spent = spent_in_all(card)
    words = f"{spent} of it was spent: {documents_of(card)}. That is lost." if spent else ""
    if card.balance > 0:
        rest = [Movement(delta=-card.balance, kind=Kind.TAKEN_BACK, place=Place.US)]
        document = f"Order {card.sold_in}"
        movements_add(
            card, rest, cause="sale over", now=context.now, document=document, order_id=card.sold_in, note=words
        )
    card.is_good = False
    context.decide(f"Its sale was given back: the card is over. {words}".strip())


def said(document: str) -> str:
    return f" ({document})" if document else ""
