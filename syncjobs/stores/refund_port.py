"""The part of the store port that gives money back: see `port.Refunds`."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Protocol

from mappings.core.canonical.order import ZERO, Order
from mappings.core.canonical.refund import Refund
from mappings.core.rules.give_back import Quote, Wish


class GivingBack(Protocol):
    """Giving money back for pieces of an order, as it and its refunds were read in this run."""

    def quote(
        self,
        order: Order,
        pieces: Mapping[str, int],
        given: Sequence[Refund],
        *,
        amount: Decimal = ZERO,
        is_noted: bool = False,
    ) -> Quote:
        """What pieces (by line) come to now, and what is left of each tender; nothing is given back. Two calls at most.

        `amount`: money for nothing that was sold, in place of pieces. `is_noted`: no provider is to be asked for any.
        Raises NotFound, or Rejected where the store gives none of it back.
        """

    def refund(self, order: Order, wish: Wish, part: int = 0) -> None:
        """Give one part back, all or nothing, as it was quoted in this run: one call. No stock is returned by it.

        Its provider may answer later, and its text names the return. Not safe to repeat: look among the refunds before.
        Raises NotFound, or Rejected with the store's or the provider's words.
        """
