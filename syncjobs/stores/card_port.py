"""The part of the store port that is about gift cards and credit; what all of it has in common stands in `port`."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from mappings.core.canonical.card import CardsOfOrder, HeldCard


class Purse(Protocol):
    """Money of shoppers that the store holds. Balances are moved, and what a store overwrites is read before."""

    def card(self, card_id: str) -> HeldCard:
        """One balance: one call. Raises NotFound."""

    def move(self, card_id: str, known: Decimal, delta: Decimal, *, is_good: bool) -> HeldCard | None:
        """Change a balance that was known, and whether the card can be spent: the fewest calls.

        None, and nothing is written, where it is another by now. Not safe to repeat. Raises NotFound or Rejected.
        """


class GiftCards(Purse, Protocol):
    """Gift cards that shoppers spend in the store."""

    asks_before_spending: bool  # it spends nothing that we did not grant

    def pages(self) -> Iterator[list[HeldCard]]:
        """All cards, page by page: one call each."""

    def numbered(self, number: str) -> HeldCard | None:
        """The card with a number, None where there is none: one call."""

    def create(self, number: str, balance: Decimal, *, holder: str, email: str) -> HeldCard:
        """Make a card that the till sold; the store mails nobody. One call, not safe to repeat: look before.

        Raises Rejected, also where the number is taken.
        """


class OrderCards(Protocol):
    """Gift cards of a store that tells of them by its orders alone."""

    def of(self, order_id: str) -> CardsOfOrder:
        """Cards that an order sold, and that paid of it: one call. Raises NotFound."""


class StoreCredit(Purse, Protocol):
    """Credit of customer accounts. Its id is the account's, it has no number, and every account has some, if 0."""

    most_asked: int | None  # accounts that one look may ask of, each a call; None where a call tells of many

    def check(self) -> None:
        """See that this installation lets others read and move it. Raises NotOffered or ConfigurationFailure."""

    def of(self, account_ids: Sequence[str]) -> list[HeldCard]:
        """That of some accounts, without those that are gone: the fewest calls."""

    def changed_since(self, moment: datetime) -> Iterator[list[HeldCard]]:
        """That of accounts that changed since, by the store's clock, as far as `most_asked` goes: a call a page, and
        one an account where that is set. A change of the credit alone may not count as one of its account.
        """

    def part(self, position: str) -> tuple[list[HeldCard], str]:
        """That of a part of all accounts, "" being the first; and where the next begins, "" after the last.

        All where a call tells of many, a call a page; else `most_asked`, with a call for the list and for each.
        """
