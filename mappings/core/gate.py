"""The cent-exact gate: an order opens only when Heartland computed what the shopper was charged."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from errors.failures import Violation
from mappings.core.canonical import Order


@dataclass(frozen=True, kw_only=True)
class Part:
    """One place where the two totals part."""

    name: str  # goods, shipping, tax, discounts, rounding
    expected: Decimal
    computed: Decimal
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """Both systems hold the same total."""

    total: Decimal


@dataclass(frozen=True, kw_only=True)
class Difference:
    """The totals differ; the parts' differences sum to the whole."""

    expected: Decimal
    computed: Decimal
    sentence: str
    parts: tuple[Part, ...]

    @property
    def amount(self) -> Decimal:
        """Computed minus expected."""
        return self.computed - self.expected

    def violation(self) -> Violation:
        """The reason to hold the order."""
        raise NotImplementedError


def compare(
    expected: Decimal, computed: Decimal, order: Order, heartland_order: Mapping[str, Any]
) -> Agreement | Difference:
    """Compare our total with Heartland's and explain a difference from Heartland's order JSON."""
    raise NotImplementedError
