"""How many pieces of an item may be sold online: the arithmetic, step by step. Heartland notes §8.1."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum
from typing import Any

from errors.failures import ContractBroken

MOST = 2_147_483_647  # the largest quantity that BigCommerce takes (its notes, §20.2)
ZERO = Decimal()


class Counting(StrEnum):
    """What of a location's stock counts."""

    ON_HAND = "on_hand"  # owned, promised or not
    AVAILABLE = "available"  # owned and free to sell
    INCOMING = "incoming"  # the same, and what is on its way between locations


class Clamp(StrEnum):
    """Why the quantity is not simply the result of the sum."""

    NEGATIVE = "negative"
    FRACTION = "fraction"
    TOO_LARGE = "too_large"
    KEPT_BACK = "kept_back"
    LAST_UNITS = "last_units"


CLAMP_WORDS = {
    Clamp.NEGATIVE: "fewer than none is none",
    Clamp.FRACTION: "only whole pieces are sold",
    Clamp.TOO_LARGE: "the store takes no larger number",
    Clamp.KEPT_BACK: "more is kept back than there is",
    Clamp.LAST_UNITS: "the last pieces are not sold online",
}
BY_RULE = {Clamp.KEPT_BACK, Clamp.LAST_UNITS}  # what the merchant's own rule takes off


@dataclass(frozen=True, kw_only=True)
class Rule:
    """The merchant's rule for one item."""

    counting: Counting = Counting.AVAILABLE
    safety_units: int = 0
    safety_percent: int = 0  # of what counts, rounded up; the larger of both is kept back
    last_units: int = 0  # fewer than these are not sold online at all
    fast_units: int = 0  # kept back besides, while the item moves fast


@dataclass(frozen=True, kw_only=True)
class Figures:
    """An item's stock over the locations that count."""

    on_hand: Decimal = ZERO
    committed: Decimal = ZERO
    available: Decimal = ZERO
    in_transit: Decimal = ZERO
    kept_back: Decimal = ZERO  # by rules of single locations

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(
            on_hand=self.on_hand + other.on_hand,
            committed=self.committed + other.committed,
            available=self.available + other.available,
            in_transit=self.in_transit + other.in_transit,
            kept_back=self.kept_back + other.kept_back,
        )


@dataclass(frozen=True, kw_only=True)
class Answer:
    """counted − kept back − safety − pending = raw, which the clamps make `quantity`."""

    counted: Decimal
    kept_back: Decimal = ZERO  # at single locations
    safety: Decimal
    pending: int  # pieces on web orders that Heartland does not hold yet
    raw: Decimal
    quantity: int
    clamps: tuple[Clamp, ...] = ()

    @property
    def reason(self) -> str:
        """Why the quantity is not the sum; "" when it is."""
        words = "; ".join(CLAMP_WORDS[clamp] for clamp in self.clamps)
        return f"The sum is {self.raw.normalize():f}: {words}." if words else ""


def figures_of(row: Mapping[str, Any]) -> Figures:
    """A row of `/inventory/values`. Raises ContractBroken when a quantity is none."""
    return Figures(
        on_hand=_number(row, "qty_on_hand"),
        committed=_number(row, "qty_committed"),
        available=_number(row, "qty_available"),
        in_transit=_number(row, "qty_in_transit"),
    )


def summed(rows: Iterable[Mapping[str, Any]]) -> Figures:
    """The rows of several locations together."""
    return sum(map(figures_of, rows), Figures())


def sellable(figures: Figures, rule: Rule, pending: int = 0) -> Answer:
    """What the store is told: whole pieces, never fewer than none."""
    counted = _counted(figures, rule.counting)
    safety = _safety(counted, rule)
    raw = counted - figures.kept_back - safety - pending
    quantity, clamps = _clamped(raw, rule, owned=counted - pending)
    return Answer(
        counted=counted,
        kept_back=figures.kept_back,
        safety=safety,
        pending=pending,
        raw=raw,
        quantity=quantity,
        clamps=clamps,
    )


def kept_at(figures: Figures, rule: Rule) -> Decimal:
    """What the rule of one location keeps back of the stock there: all below `last_units`, never more than all."""
    counted = max(_counted(figures, rule.counting), ZERO)
    return counted if counted < rule.last_units else min(counted, _safety(counted, rule))


def _counted(figures: Figures, counting: Counting) -> Decimal:
    match counting:
        case Counting.ON_HAND:
            return figures.on_hand
        case Counting.AVAILABLE:
            return figures.available
        case Counting.INCOMING:
            return figures.available + figures.in_transit


def _safety(counted: Decimal, rule: Rule) -> Decimal:
    share = (max(counted, ZERO) * rule.safety_percent / 100).to_integral_value(ROUND_CEILING)
    return max(Decimal(rule.safety_units), share) + rule.fast_units


def _clamped(raw: Decimal, rule: Rule, *, owned: Decimal) -> tuple[int, tuple[Clamp, ...]]:
    if raw < 0:
        return 0, (Clamp.NEGATIVE if owned < 0 else Clamp.KEPT_BACK,)
    whole = raw.to_integral_value(ROUND_FLOOR)
    clamps = (Clamp.FRACTION,) if whole != raw else ()
    if 0 < whole < rule.last_units:
        return 0, (*clamps, Clamp.LAST_UNITS)
    if whole > MOST:
        return MOST, (*clamps, Clamp.TOO_LARGE)
    return int(whole), clamps


def _number(row: Mapping[str, Any], name: str) -> Decimal:
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ContractBroken(f"Heartland's stock of item {row.get('item_id')} has no number in {name}.")
    return Decimal(value)
