"""Gift card ⇄ gift card, and store credit ⇄ gift card: what moved on either side is added to the ledger, and each side
brought what it says.

Calls of a card that moved on one side: 1 look at each, 2 for Heartland's change (its reason, the adjustment; one more
look before it falls) or 2 for the store's (a look right before, since it overwrites). Store credit: 1 more to see which
card Heartland's customer names, and 1 once to have them name it.
"""

from syncjobs.flows.base import Flow, Step
from syncjobs.flows.cards.card_context import CardContext
from syncjobs.flows.cards.credit_number import name
from syncjobs.flows.cards.move_balance import conclude, move
from syncjobs.flows.cards.read_card import CARDS_OFF, note, read

__all__ = ["CARDS", "CARDS_OFF"]

CARDS = Flow(
    name="cards",
    title="Gift card",
    context=CardContext,
    steps=(Step("read", read), Step("note", note), Step("move", move), Step("name", name), Step("conclude", conclude)),
    store_calls=3,
    heartland_calls=4,
)
