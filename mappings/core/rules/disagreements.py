"""Amounts of a store's order that contradict each other: nobody guesses which of them is wrong."""

from errors.failures import Violation

CODE = "money_does_not_add_up"
FIX = "Open the order in the store, compare its amounts and save it, then retry. Nothing is booked until they agree."


def disagreement(label: str, identity: str, sentence: str) -> Violation:
    """The reason to hold an order whose amounts contradict each other."""
    return Violation(
        code=CODE, sentence=f"{label}: {sentence}", field=identity, value=identity, fix=FIX, fix_page="store"
    )
