"""What a gift card is worth: movements with a cause, added up. Nothing is ever set to a number that was read elsewhere.

A card lies in up to two places, the till and the store, each of which holds a balance of its own. What a place holds
beside what it was last known to hold is a movement there; what the sum of all movements says beside what it holds is
to be moved there. So two places that both spent meet at what is left, in whatever order they are looked at.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

ZERO = Decimal("0.00")


class Place(StrEnum):
    TILL = "till"
    STORE = "store"
    US = "us"  # by a person on our pages


class Kind(StrEnum):
    """Why a balance moved."""

    SOLD = "sold"
    TAKEN_OVER = "taken_over"  # it had this balance before we knew it
    LOADED = "loaded"
    SPENT = "spent"
    GIVEN_BACK = "given_back"
    UNEXPLAINED = "unexplained"  # a rise that nothing explains: counts once a person accepts it
    ACCEPTED = "accepted"
    REJECTED = "rejected"  # … and this is taken off again where it appeared
    WRITTEN_OFF = "written_off"  # an overdraw that the merchant bears
    TAKEN_BACK = "taken_back"  # the rest of a card whose sale was refunded, or that was lost or voided


class Sharing(StrEnum):
    """How much of a card each place may spend without asking the other."""

    BOTH = "both"
    RESERVE = "reserve"
    TILL = "till"
    STORE = "store"


@dataclass(frozen=True, kw_only=True)
class Movement:
    """One change of a card's worth. `delta` is below zero for what was spent."""

    delta: Decimal
    kind: Kind
    place: Place

    @property
    def counted(self) -> Decimal:
        """What of it the balance holds."""
        return ZERO if self.kind in (Kind.UNEXPLAINED, Kind.REJECTED) else self.delta


class NotEnough(Exception):
    """A card holds less than is asked for; `left` is what it holds."""

    def __init__(self, left: Decimal) -> None:
        super().__init__(f"The card has {left:.2f} left.")
        self.left = left


def balance(movements: Iterable[Movement]) -> Decimal:
    """What the card is worth; below zero where two places that did not ask spent more than there was."""
    return sum((one.counted for one in movements), ZERO)


def overdrawn(worth: Decimal) -> Decimal:
    return max(-worth, ZERO)


def spend(worth: Decimal, amount: Decimal, place: Place) -> Movement:
    """What a place spends that asks us first: all of the amount or nothing. Raises NotEnough."""
    if amount > worth:
        raise NotEnough(max(worth, ZERO))
    return Movement(delta=-amount, kind=Kind.SPENT, place=place)


def news(place: Place, known: Decimal, holds: Decimal, taken: Decimal) -> list[Movement]:
    """What happened at a place since it was known to hold an amount.

    `taken`: what it spent in all and has not given back. A store gives back no more than it took: what it shows above
    that is unexplained, and is carried nowhere. The till's staff have a right of its own to load a card.
    """
    change = holds - known
    if change < 0:
        return [Movement(delta=change, kind=Kind.SPENT, place=place)]
    given = min(change, max(taken, ZERO))
    rest = change - given
    found = [Movement(delta=given, kind=Kind.GIVEN_BACK, place=place)] if given else []
    kind = Kind.LOADED if place is Place.TILL else Kind.UNEXPLAINED
    return [*found, *([Movement(delta=rest, kind=kind, place=place)] if rest else [])]


def taken_at(place: Place, movements: Iterable[Movement]) -> Decimal:
    """What a place spent and has not given back."""
    kinds = (Kind.SPENT, Kind.GIVEN_BACK)
    return -sum((one.delta for one in movements if one.place is place and one.kind in kinds), ZERO)


def unexplained_at(place: Place, movements: Iterable[Movement]) -> Decimal:
    """What a place shows beyond the card's worth, until a person decides."""
    signs = {Kind.UNEXPLAINED: 1, Kind.ACCEPTED: -1, Kind.REJECTED: -1}
    return sum((signs.get(one.kind, 0) * one.delta for one in movements if one.place is place), ZERO)


def due_at(place: Place, worth: Decimal, sharing: Sharing, reserve: Decimal) -> Decimal:
    """What a place is to hold of a card that is good: never below zero, whatever was overdrawn."""
    kept = {
        Sharing.BOTH: ZERO,
        Sharing.RESERVE: reserve if place is Place.STORE else ZERO,
        Sharing.TILL: worth if place is Place.STORE else ZERO,
        Sharing.STORE: worth if place is Place.TILL else ZERO,
    }[sharing]
    return max(worth - kept, ZERO)


def after_lost_answer(before: Decimal, after: Decimal, holds: Decimal) -> Decimal | None:
    """What a place was made to hold by a write without an answer; None where what it holds fits neither.

    Then somebody spent meanwhile too, and only a person can tell whether the write came before.
    """
    return holds if holds in (before, after) else None
