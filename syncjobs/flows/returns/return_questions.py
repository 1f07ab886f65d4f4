"""What only a person can settle about a return at the till, and what they chose: each choice is about one question."""

import hashlib

from errors.failures import Violation, held
from syncjobs.flows.returns.return_context import ReturnContext
from syncjobs.models import Record

WHOSE, DISPUTED, BEFORE, STRANGE = "return_of_which_order", "return_disputed", "returned_before", "return_not_sold"
BESIDE, BY_HAND, DECLINED = "return_gives_more", "refund_by_hand", "refund_declined"
DIFFERS, ONE_THING, BOOKED_TWICE = "refund_differs", "return_maybe_noted", "return_booked_twice"
VOIDED_AFTER = "return_voided_after"
NOTHING_BACK, LEFT = "nothing_given_back", "rest_not_given_back"  # outcomes
KEPT_THOUGH_VOID = "kept_though_void"  # … of a return that does not stand any more
AS_CHOSEN = (
    NOTHING_BACK,
    LEFT,
    KEPT_THOUGH_VOID,
    "not_of_this_store",
)  # codes of outcomes whose choices can be taken back
STORE, HEARTLAND = Record.Choice.STORE, Record.Choice.HEARTLAND
CHOICES = {  # by the code of a hold: the choices with the words of their buttons and what they do
    WHOSE: {
        HEARTLAND: ("It is of this order", "the store gives back what the shopper paid there, never more"),
        STORE: ("It is of no web order", "the store is not asked for anything"),
    },
    DISPUTED: {
        HEARTLAND: ("Release the refund", "the bank gave its money back to you: the store now refunds the shopper"),
        STORE: ("Close it with nothing", "the bank keeps what it took, and the store is not asked for anything"),
    },
    ONE_THING: {
        HEARTLAND: ("Both are one thing", "the store's refund stands for the return: no more is given back"),
        STORE: ("They are two", "the store is asked to give this one back as well"),
    },
    BEFORE: {STORE: ("Give no more back", "what was given back before stands")},
    STRANGE: {STORE: ("Leave those out", "only what the store sold is given back there")},
    BESIDE: {HEARTLAND: ("Give back the goods alone", "the rest is yours to refund in the store")},
    BY_HAND: {HEARTLAND: ("It was paid back by hand", "the store notes it, and asks no provider for that part")},
    VOIDED_AFTER: {HEARTLAND: ("It stands so", "what the store gave back stays given back")},
    DIFFERS: {HEARTLAND: ("It stands so", "both sides stay as they are")},
    DECLINED: {HEARTLAND: ("It was paid back by hand", "the store's refund stands as it is")},
}


def about(violation: Violation) -> str:
    """What a choice on this question is about."""
    return hashlib.sha256(repr((violation.code, violation.value)).encode()).hexdigest()


def answered(context: ReturnContext, violation: Violation) -> Record.Choice:
    """The choice on one question. Raises the hold that asks while nobody has chosen.

    A later question replaces the choice in the record, so that each one that was answered is kept beside it.
    """
    record, key = context.record, about(violation)
    kept = context.facts.get("facts", record.facts).get("answers") or {}
    choice = record.choice if record.choice and record.choice_about == key else kept.get(key)
    if not choice:
        context.keep(question=key)
        raise held(violation)
    context.keep(answers=kept | {key: str(choice)})
    return Record.Choice(choice)
