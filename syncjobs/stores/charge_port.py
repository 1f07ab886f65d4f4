"""The part of the store port that takes promised money as goods leave."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from mappings.core.canonical.order import Order
from mappings.core.canonical.shipment import Invoice


class ChargeState(StrEnum):
    """How the money of goods that leave stands."""

    TAKEN = "taken"
    PROMISED = "promised"  # and not asked for, or not given when it was
    ASKED = "asked"  # the provider has not answered yet
    MISSING = "missing"  # no promise of it is left: it lapsed, was withdrawn or never given
    UNPROVEN = "unproven"  # the store counts it as paid, and its provider took nothing
    BY_HAND = "by_hand"  # no provider is behind it: whoever is paid says so in the store


@dataclass(frozen=True, kw_only=True)
class Charge:
    """What a provider answered."""

    amount: Decimal  # taken, or asked for; in the order's currency
    is_taken: bool  # False: it answers later
    reference: str = ""  # the provider's transaction, where the store names it at once
    status: str = ""  # the order's then, where the store takes money of orders that ended meanwhile


class Charges(Protocol):
    """Taking an order's promised money as its goods leave.

    `leaving` are the pieces that have left or are to leave, by line of the order as it was read in this run.
    """

    def state(self, order: Order, leaving: Mapping[str, int]) -> ChargeState:
        """How their money stands, also after a lost answer: no call, one where others' invoices have to be proven."""

    def promised(self, order: Order) -> Decimal | None:
        """What is promised of it, where the provider gives the whole alone: one call.

        None where it gives what is asked for, and where the store does not tell.
        """

    def charge(self, order: Order, leaving: Mapping[str, int], invoice: Invoice) -> Charge:
        """Have it taken: of what leaves, or all of the order's where the provider gives it whole alone. Two calls.

        Not safe to repeat: look before. Raises Rejected with the provider's words.
        """

    def release(self, order: Order) -> None:
        """Let the promise go, where the store offers that: one call. Raises Rejected, also where it does not."""
