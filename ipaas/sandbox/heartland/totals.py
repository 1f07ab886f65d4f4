"""Money of sales documents: §21.2."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ipaas.sandbox.core.tables import Row

CENT = Decimal("0.01")
COUNTED = ("complete", "pending")  # a pending payment satisfies the balance too (charge upon shipment)


def cents(amount: Any) -> Decimal:
    """Round half up to cents."""
    return Decimal(amount or 0).quantize(CENT, rounding=ROUND_HALF_UP)


def line_price(line: Row) -> Any:
    """What one piece is charged at."""
    adjusted = line.get("adjusted_unit_price")
    return line.get("original_unit_price") if adjusted is None else adjusted


def line_value(line: Row) -> Decimal:
    """qty × price, rounded half up per line."""
    return cents(Decimal(line["qty"]) * Decimal(line_price(line) or 0))


def paid(payments: Iterable[Row]) -> Decimal:
    """Sum of payments that count towards the balance."""
    return sum((cents(row["amount"]) for row in payments if row["status"] in COUNTED), Decimal(0))


def order_total(*, subtotal: Decimal, discounts: Decimal, tax: Decimal, shipping: Decimal) -> Decimal:
    """The total of a document."""
    return subtotal - discounts + tax + shipping


def percentage(amount: Decimal, rate: Any) -> Decimal:
    """A rate in percent of an amount, in cents."""
    return cents(amount * Decimal(rate) / 100)


def share(whole: Decimal, part: Decimal, of: Decimal) -> Decimal:
    """The part of `whole` that `part` is `of`; all of it when `of` is zero."""
    return cents(whole * part / of) if of else whole
