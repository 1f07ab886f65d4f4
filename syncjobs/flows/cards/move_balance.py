"""Bring each place what the ledger says, by the smallest change; what a person has to decide is held after that."""

from decimal import Decimal

from errors.failures import Rejected, TransientFailure, Violation, held
from mappings.core.canonical.statuses import StatusMeaning
from mappings.core.heartland.held_cards import card_from_heartland
from mappings.core.rules.card_ledger import ZERO, Kind, Place, Sharing, due_at, unexplained_at
from syncjobs.flows.base import Outcome
from syncjobs.flows.cards import card_words
from syncjobs.flows.cards.card_context import CardContext
from syncjobs.flows.cards.card_documents import documents_of, missing_of, sale_meaning, spent_in_all
from syncjobs.flows.cards.card_entries import holds_at, movements_of, write_begin, write_end
from syncjobs.models import CardMovement, GiftCard, Record

REASON = "Web store"  # of adjustments in Heartland


def move(context: CardContext) -> None:
    """A call each where the till differs, two where the store does; none where both hold what they should."""
    movements = movements_of(context.card)
    worth = context.card.balance if context.is_good else ZERO
    for place in context.places:
        due = due_at(place, worth, Sharing(context.settings.sharing), context.settings.reserve)
        due += unexplained_at(place, movements)
        holds = holds_at(context.card, place)
        if holds is None and due > 0:
            create(context, place, due)
        elif holds is not None and (due != holds or _is_to_end(context, place)):
            change(context, place, holds, due)
    context.card.refresh_from_db()


def _is_to_end(context: CardContext, place: Place) -> bool:
    """A card that is no good any more is switched off where that can be done."""
    shown = context.held.get(place)
    return place is Place.STORE and not context.card.is_good and shown is not None and shown.is_good


def create(context: CardContext, place: Place, due: Decimal) -> None:
    """Make the card there. An answer that is lost is looked for by its number in the next run."""
    card = context.card
    write_begin(card.pk, place, ZERO, due)
    try:
        made = _created(context, place, due)
    except Rejected:
        write_end(card.pk, place, None)
        raise
    write_end(card.pk, place, due, **made)
    context.decide(f"{context.name_of(place)} has it now, with {due}.")


def _created(context: CardContext, place: Place, due: Decimal) -> dict[str, str]:
    card = context.card
    if place is Place.TILL:
        context.heartland.gift_card_create(card.number, due, reason_id(context))
        return {}
    holder = str(context.connection.merchant)
    made = context.store.gift_cards.create(card.number, due, holder=holder, email=context.settings.email)
    return {"store_id": made.id}


def change(context: CardContext, place: Place, holds: Decimal, due: Decimal) -> None:
    """Move what is missing or too much. Where the place moved meanwhile nothing is written: it is read anew."""
    card = context.card
    write_begin(card.pk, place, holds, due)
    try:
        is_done = _changed(context, place, holds, due - holds)
    except Rejected:
        write_end(card.pk, place, None)
        raise
    write_end(card.pk, place, due if is_done else None)
    if not is_done:
        raise TransientFailure(f"{card}: {context.name_of(place)} spent of it just now; it is read anew.")
    context.decide(f"{context.name_of(place)} was moved from {holds} to {due}.")


def _changed(context: CardContext, place: Place, holds: Decimal, delta: Decimal) -> bool:
    card = context.card
    if place is Place.STORE:
        moved = context.purse.move(card.account_id or card.store_id, holds, delta, is_good=card.is_good)
        return moved is not None
    rows = context.heartland.gift_cards_by_numbers([card.number]) if delta < 0 else []
    if any(card_from_heartland(row).balance != holds for row in rows):
        return False
    context.heartland.gift_card_adjust(int(card.till_id), delta, reason_id(context))
    return True


def reason_id(context: CardContext) -> int:
    """The reason of our adjustments: one call, and one more the first time in an account."""
    rows = context.heartland.gift_card_reasons()
    found = next((int(row["id"]) for row in rows if row.get("name") == REASON), None)
    return found or int(context.heartland.gift_card_reason_create(REASON))


def conclude(context: CardContext) -> Outcome:
    """How the card stands. Raises a hold for what only a person decides."""
    card = context.card
    context.learn(source_total=card.store_holds, target_total=card.till_holds)
    missing = [card_words.missing(context, *found) for found in missing_of(card).values()]
    questions = [*_rises(context), *_overdraws(context), *_sale(context), *missing]
    if questions:
        raise held(*questions)
    return Outcome(disposition=Record.Disposition.BOOKED, sentence=f"It is worth {card.balance} {_where(context)}.")


def _where(context: CardContext) -> str:
    if context.card.is_credit and not context.customer_id:
        return f"in {context.store_name}; Heartland has it once a customer there is linked to the account"
    return "on both sides" if Place.STORE in context.places else "by its orders and at the tills"


def _rises(context: CardContext) -> list[Violation]:
    amount = unexplained_at(Place.STORE, movements_of(context.card))
    if amount <= 0:
        return []
    if not CardMovement.objects.filter(card=context.card).exclude(kind=Kind.UNEXPLAINED).exists():
        return [card_words.too_many(context, _sold_with(context.card), amount)]
    rises = CardMovement.objects.filter(card=context.card, kind=Kind.UNEXPLAINED).exclude(document="")
    document = rises.order_by("-pk").values_list("document", flat=True).first()
    return [card_words.rose(context, amount, f" after {document}" if document else "")]


def _sold_with(card: GiftCard) -> int:
    same = GiftCard.objects.filter(connection=card.connection_id, sold_in=card.sold_in)
    return same.filter(movements__kind=Kind.SOLD).count()


def _overdraws(context: CardContext) -> list[Violation]:
    if not context.card.overdrawn:
        return []
    return [card_words.overdrawn(context, documents_of(context.card))]


def _sale(context: CardContext) -> list[Violation]:
    """A card of an order that was given back in part, until a person ends it or keeps it."""
    card = context.card
    if not card.is_good or card.is_kept or sale_meaning(card) != StatusMeaning.PART_REFUNDED:
        return []
    return [card_words.sale_given_back(context, spent_in_all(card), documents_of(card))]
