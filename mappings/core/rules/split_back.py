"""By which tenders money goes back, where it is ours to say: in proportion to what each of them paid."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from mappings.core.canonical.order import ZERO
from mappings.core.rules.money import CENT


@dataclass(frozen=True, kw_only=True)
class Share:
    """What one tender paid, and what of that was not given back yet; both in whole cents."""

    paid: Decimal  # > 0
    left: Decimal


def split_back(amount: Decimal, tenders: Sequence[Share]) -> list[Decimal]:
    """The part of each: none gets more than it has left, and odd cents go to the one with the most left.

    Raises ValueError when all of them together have less left than the amount.
    """
    if amount > sum((one.left for one in tenders), ZERO):
        raise ValueError(f"{amount} is more than what is left of all tenders")
    paid = sum((one.paid for one in tenders), ZERO)
    parts = [min((amount * one.paid / paid).quantize(CENT, rounding=ROUND_DOWN), one.left) for one in tenders]
    rest = amount - sum(parts, ZERO)
    while rest:
        room = [one.left - part for one, part in zip(tenders, parts, strict=True)]
        most = room.index(max(room))
        step = min(rest, room[most])
        parts[most] += step
        rest -= step
    return parts
