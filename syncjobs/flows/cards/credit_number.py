"""By which card Heartland keeps a customer's store credit: a field of the customer names it, for cashiers to find.

Heartland has no credit of customers (its notes §13). A number that the customer names already is taken over as long as
no card of ours lies there; else we give one that nobody can guess, since whoever has it has the money.
"""

import secrets
from datetime import datetime

from connections.models import Connection
from errors.failures import NotFound, held
from ipaas.masking import SECRET
from mappings.core.canonical.json_fields import Row
from mappings.core.rules.card_numbers import OddNumber, card_number, last_signs
from mappings.person_keys import digests
from syncjobs.flows.cards import card_words
from syncjobs.flows.cards.card_context import CardContext
from syncjobs.flows.cards.card_entries import SALT, card_find
from syncjobs.models import GiftCard

SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none is taken for another
PREFIX, LENGTH = "SC", 14


def credit_open(connection: Connection, account_id: str, now: datetime) -> GiftCard:
    """The card of an account's credit, made where we have none. It is worth nothing yet."""
    number = PREFIX + "".join(secrets.choice(SIGNS) for _ in range(LENGTH))
    fresh = {**_named(number), "made_at": now, "moved_at": now}
    return GiftCard.objects.get_or_create(connection=connection, account_id=account_id, defaults=fresh)[0]


def number_read(context: CardContext) -> None:
    """See which card the customer names: one call. Raises a hold where that one cannot be the credit's."""
    if not context.customer_id:
        return
    try:
        customer = context.heartland.customer_read(context.customer_id)
    except NotFound:
        context.customer_id = ""
        return
    card = context.card
    typed = Row(customer, "Heartland's customer").inside("custom").text(context.settings.credit_field)
    context.heartland.redactor.conceal(SECRET, [card.number, *filter(None, [typed])])
    if not typed:
        return
    try:
        number = card_number(typed)
    except OddNumber as why:
        raise held(card_words.number_differs(context, str(why))) from why
    if number != card.number:
        _take_over(context, number)
    context.is_named = True


def _take_over(context: CardContext, number: str) -> None:
    card, shown = context.card, last_signs(number)
    if card.till_holds is not None or card.writing:
        said = f"It names card …{shown}, and the credit lies on card …{card.last_signs}."
        raise held(card_words.number_differs(context, said))
    if card_find(context.connection, number):
        said = f"It names card …{shown}, which is followed as a gift card of its own."
        raise held(card_words.number_differs(context, said))
    GiftCard.objects.filter(pk=card.pk).update(**_named(number))
    card.refresh_from_db()
    context.decide(f"Heartland's customer {context.customer_id} has card …{shown} for it already.")


def _named(number: str) -> dict[str, str]:
    return {"number": number, "digest": digests(f"{SALT}{number}")[0], "last_signs": last_signs(number)}


def name(context: CardContext) -> None:
    """Have the customer name the card: one call, once."""
    card = context.card
    lies_there = card.till_holds is not None or context.settings.till_asks
    if not card.is_credit or context.is_named or not context.customer_id or not lies_there:
        return
    context.heartland.customer_update(context.customer_id, custom={context.settings.credit_field: card.number})
    context.decide(f"Heartland's customer {context.customer_id} names card …{card.last_signs} now.")
