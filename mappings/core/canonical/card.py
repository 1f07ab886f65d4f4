"""A gift card as one system holds it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class HeldCard:
    """Money in the system's own currency, in cents; below nothing where it lets a card be overdrawn."""

    id: str
    number: str  # as it stands there; core.rules.card_numbers makes one of it that both systems know
    balance: Decimal
    face: Decimal  # what it was sold for, where that is told; else its balance
    is_good: bool = True  # it can be spent there
    is_pending: bool = False  # its sale is not paid yet: nobody owes anything on it
    expires_on: date | None = None
    order_id: str = ""  # of the store's order that sold it
    currency: str = ""  # ISO 4217; "" where the system has one only


@dataclass(frozen=True, kw_only=True)
class CardOfOrder:
    """A gift card that an order sold, with its face, or that paid of it, with how much."""

    number: str
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class CardsOfOrder:
    """What an order tells of gift cards; money in the currency of its store's account, in cents."""

    sold: tuple[CardOfOrder, ...]  # each code that the store made, in the order in which they were made
    pieces: int  # cards that were bought and not cancelled
    spent: tuple[CardOfOrder, ...]
