"""The part of the store port that is about gift cards; what all of it has in common stands in `port`."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Protocol

from mappings.core.canonical.card import HeldCard


class GiftCards(Protocol):
    """Gift cards that shoppers spend in the store. Balances are moved, and what a store overwrites is read before."""

    asks_before_spending: bool  # it spends nothing that we did not grant

    def pages(self) -> Iterator[list[HeldCard]]:
        """All cards, page by page: one call each."""

    def card(self, card_id: str) -> HeldCard:
        """One card: one call. Raises NotFound."""

    def numbered(self, number: str) -> HeldCard | None:
        """The card with a number, None where there is none: one call."""

    def create(self, number: str, balance: Decimal, *, holder: str, email: str) -> HeldCard:
        """Make a card that the till sold; the store mails nobody. One call, not safe to repeat: look before.

        Raises Rejected, also where the number is taken.
        """

    def move(self, card_id: str, known: Decimal, delta: Decimal, *, is_good: bool) -> HeldCard | None:
        """Change a balance that was known, and whether the card can be spent: the fewest calls.

        None, and nothing is written, where it is another by now. Not safe to repeat. Raises NotFound or Rejected.
        """
