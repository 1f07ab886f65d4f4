"""Rounding as the shop does it: half a cent away from zero, with or without carrying the rest on."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Row = dict[str, Any]

ZERO = Decimal(0)
CENT = Decimal("0.01")
NUDGE = Decimal("0.000001")  # what a carry begins with, so that an exact half goes up
SHORT_BASE = {
    "shipping_discount_tax_compensation_amount": "base_shipping_discount_tax_compensation_amnt",
    "weee_tax_applied_row_amount": "base_weee_tax_applied_row_amnt",
}


def cents(amount: Decimal) -> Decimal:
    """Round to the cent, halves away from zero."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def base(name: str) -> str:
    """The column that holds an amount in the website's base currency (§7); two are cut off by their length."""
    return SHORT_BASE.get(name, f"base_{name}")


def number(row: Row, name: str) -> Decimal:
    """A column's amount; an absent one is zero."""
    return Decimal(row.get(name) or 0)


class Carry:
    """Rounds a run of amounts so that their sum is rounded once: what one loses, the next of its kind gets."""

    def __init__(self, start: Decimal = ZERO) -> None:
        self._start = start
        self._left: dict[object, Decimal] = {}

    def round(self, kind: object, amount: Decimal) -> Decimal:
        """Round `amount` together with what the earlier ones of `kind` left over."""
        exact = amount + self._left.get(kind, self._start)
        rounded = cents(exact)
        self._left[kind] = exact - rounded
        return rounded


def share(total: Decimal, done: Decimal, pieces: Decimal, pieces_done: Decimal, qty: Decimal) -> Decimal:
    """The part of `total` that falls on `qty` of the pieces that are left; the last pieces take all that is left."""
    left = pieces - pieces_done
    return total - done if qty >= left else cents((total - done) / left * qty)
