"""Refunds that a store gave as store credit: they explain what an account's credit rose by."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet

from mappings.core.canonical.refund import RefundState
from mappings.core.rules.card_ledger import ZERO, Kind, Movement, Place, unexplained_at
from syncjobs.flows.cards.card_entries import movements_add, movements_of
from syncjobs.flows.refund_records import CREDIT_OF, REFUNDS, TO_CREDIT
from syncjobs.models import CardMovement, GiftCard, Record


def refunds_to(card: GiftCard) -> QuerySet[Record]:
    """Refunds that went to the credit of an account since it is followed."""
    rows = Record.objects.filter(
        connection=card.connection_id, flow=REFUNDS, **{f"facts__{CREDIT_OF}": card.account_id}
    )
    since = card.made_at.replace(microsecond=0)  # stores tell whole seconds
    return rows.filter(source_status=RefundState.DONE, source_placed_at__gte=since).order_by("pk")


def rises_explain(card: GiftCard, now: datetime) -> None:
    """Accept of an unexplained rise what refunds account for; the card is locked.

    What the ledger counts as given back already used up as much of them: a store that gave twice is asked about.
    """
    for record, amount in _unused(card):
        if amount <= unexplained_at(Place.STORE, movements_of(card)):
            moved = [Movement(delta=amount, kind=Kind.ACCEPTED, place=Place.STORE)]
            movements_add(
                card, moved, cause=f"refund:{record.external_id}", now=now, document=record.label,
                order_id=record.order_id,
            )  # fmt: skip


def is_explained(card: GiftCard) -> bool:
    """Whether a refund accounts for some of what waits for a person."""
    rise = unexplained_at(Place.STORE, movements_of(card))
    return any(amount <= rise for _, amount in _unused(card))


def _unused(card: GiftCard) -> Iterator[tuple[Record, Decimal]]:
    """Refunds, oldest first, less what was given back without one being named."""
    rows = CardMovement.objects.filter(card=card, place=Place.STORE, kind=Kind.GIVEN_BACK)
    used = sum(rows.values_list("delta", flat=True), ZERO)
    for record in refunds_to(card):
        if CardMovement.objects.filter(card=card, cause=f"refund:{record.external_id}:0").exists():
            continue
        amount = Decimal(record.facts[TO_CREDIT])
        if amount > used:
            yield record, amount - used
        used = max(used - amount, ZERO)
