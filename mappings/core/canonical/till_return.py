"""Goods that came back at a till, and how their money went back there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from mappings.core.canonical.order import ZERO

COMPLETE = "complete"


@dataclass(frozen=True, kw_only=True)
class ReturnedGoods:
    """Pieces of an item that came back."""

    item_id: str  # Heartland's
    name: str  # Item #, else description
    quantity: int  # > 0
    value: Decimal  # what the till gave for them, before tax, > 0


@dataclass(frozen=True, kw_only=True)
class TillReturn:
    """A return ticket. Amounts in Heartland's currency; what the shopper got is positive.

    given = Σ goods + tax + beside − taken_instead, as the ticket's own total says.
    """

    id: str
    number: str
    status: str  # incomplete, suspended, complete, void
    version: str
    completed_at: datetime | None
    parent_id: str  # ticket or invoice on which the goods were sold; "" where the till named none
    customer_id: str  # "" for none
    goods: tuple[ReturnedGoods, ...]
    beside: Decimal  # given for no goods: a delivery, a fee, before tax
    taken_instead: Decimal  # worth of goods and gift cards that the shopper took for it, before tax
    cards: Decimal = ZERO  # of it: gift cards
    given: Decimal  # money back; negative where the shopper paid more
    tenders: Mapping[str, Decimal]  # … of it by payment type; "" is what the till handed out itself

    @property
    def pieces(self) -> int:
        return sum(one.quantity for one in self.goods)

    @property
    def is_money_only(self) -> bool:
        """Money for a web order and no goods: a delivery, or as a kindness."""
        return not self.goods and self.beside > 0

    @property
    def worth(self) -> Decimal:
        """What the till gave for the goods, with the tax: money, goods or cards; of an exchange its net tax.

        Where nothing came back, all that it gave.
        """
        return self.given + self.taken_instead - (0 if self.is_money_only else self.beside)

    def given_by(self, types: frozenset[str]) -> Decimal:
        """Money back by some payment types."""
        return sum((amount for kind, amount in self.tenders.items() if kind in types), ZERO)
