"""Why a gift card waits for a person, in words and numbers; never with its number."""

from decimal import Decimal

from errors.failures import Violation
from mappings.core.rules.card_ledger import Place
from syncjobs.flows.cards.card_context import CardContext

PAGE = "cards"
ASKED = (
    "card_write_unknown",
    "card_balances_differ",
    "card_sale_refunded",
    "card_gone",
    "card_money_missing",
    "credit_number_differs",
)  # until a person answers


def choice_needed(context: CardContext, code: str, sentence: str, fix: str) -> Violation:
    said = f"{context.card}: {sentence}"
    return Violation(code=code, sentence=said, field="balance", value=context.external_id, fix=fix, fix_page=PAGE)


def unanswered(context: CardContext, place: Place, holds: Decimal) -> Violation:
    card, name = context.card, context.name_of(place)
    return choice_needed(
        context,
        "card_write_unknown",
        f"{name} was asked to change it from {card.writing_from} to {card.writing_to} and did not answer. It shows "
        f"{holds} now: somebody spent too, and the change was made before that, or not.",
        f"Look into {name} whether the change was made, and say so on the card's page.",
    )


def differs(context: CardContext, place: Place, holds: Decimal) -> Violation:
    return choice_needed(
        context,
        "card_balances_differ",
        f"it is worth {context.card.balance} by what we know, and {context.name_of(place)} had it before with {holds}.",
        "Say on the card's page which of both is right.",
    )


def rose(context: CardContext, amount: Decimal, causes: str) -> Violation:
    return choice_needed(
        context,
        "card_rise_unexplained",
        f"{context.store_name} shows {amount} more on it than it took{causes}. Heartland is not told of it.",
        "Accept the rise or take it off, on the card's page.",
    )


def too_many(context: CardContext, sold: int, amount: Decimal) -> Violation:
    return choice_needed(
        context,
        "more_cards_than_sold",
        f"more codes than cards sold: order {context.card.sold_in} sold {sold}, and this one, over {amount}, is above "
        "that.",
        "Accept it if it was paid for, or take it off, on the card's page.",
    )


def overdrawn(context: CardContext, documents: str) -> Violation:
    return choice_needed(
        context,
        "card_overdrawn",
        f"it is overdrawn by {context.card.overdrawn}: {documents}. One of them did not ask before.",
        "Write it off on the card's page, or collect it from the shopper and load the card with it.",
    )


def sale_given_back(context: CardContext, spent: Decimal, documents: str) -> Violation:
    return choice_needed(
        context,
        "card_sale_refunded",
        f"money of order {context.card.sold_in}, which sold it, was given back. Refundable is {context.card.balance}"
        + (f": {spent} was spent, {documents}." if spent else "."),
        "Take the rest back on the card's page, which ends the card on both sides; or keep it if other goods were "
        "given back.",
    )


def missing(context: CardContext, document: str, amount: Decimal) -> Violation:
    return choice_needed(
        context,
        "card_money_missing",
        f"{document} is over, and {amount} that the card paid of it has not come back. Heartland is not told of it.",
        f"Look into {context.store_name}; give it back on the card's page, or there.",
    )


def number_differs(context: CardContext, why: str) -> Violation:
    return choice_needed(
        context,
        "credit_number_differs",
        f"Heartland's customer {context.customer_id} has another card for it. {why}",
        f"Have the customer's field “{context.settings.credit_field}” name the card that holds the credit, or leave it "
        "empty, then retry.",
    )


def gone(context: CardContext, place: Place) -> Violation:
    return choice_needed(
        context,
        "card_gone",
        f"{context.name_of(place)} has it no more, where it was last known with {context.card.store_holds}.",
        "Void the card on its page if that was meant, or make it there again.",
    )
