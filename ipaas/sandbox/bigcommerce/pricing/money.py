"""Rounding and spreading: every amount of an order is rounded here, half up, and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from ipaas.sandbox.bigcommerce.pricing.cart import TaxRate
from ipaas.sandbox.bigcommerce.rows import ZERO

CENT = Decimal("0.01")
UNIT = Decimal("0.0001")  # unit prices keep four decimals (note §9.3)
HUNDRED = Decimal(100)


def cents(amount: Decimal) -> Decimal:
    """Round to the cent."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def unit(amount: Decimal) -> Decimal:
    """Round a unit price to four decimals."""
    return amount.quantize(UNIT, ROUND_HALF_UP)


def spread(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Split whole cents in proportion; the cents left over go where rounding down took most.

    No share exceeds its weight as long as `amount` does not exceed their sum.
    """
    total = sum(weights, ZERO)
    if not total:
        return [ZERO for _ in weights]
    exact = [amount * weight / total for weight in weights]
    shares = [share.quantize(CENT, "ROUND_DOWN") for share in exact]
    missing = int((amount - sum(shares, ZERO)) / CENT)
    order = sorted(range(len(weights)), key=lambda place: shares[place] - exact[place])
    for place in order[:missing]:
        shares[place] += CENT
    return shares


def taxes_of(amount: Decimal, rates: Sequence[TaxRate], *, included: bool) -> list[Decimal]:
    """The tax of each rate on an amount, to the cent. `included`: the amount already contains all of them."""
    if not included:
        return [cents(amount * rate.rate / HUNDRED) for rate in rates]
    whole = sum((rate.rate for rate in rates), ZERO)
    tax = cents(amount * whole / (HUNDRED + whole))
    return spread(tax, [rate.rate for rate in rates])


def unit_sides(price: Decimal, rates: Sequence[TaxRate], *, included: bool) -> tuple[Decimal, Decimal]:
    """A unit price without and with tax, four decimals."""
    whole = sum((rate.rate for rate in rates), ZERO)
    if included:
        return unit(price * HUNDRED / (HUNDRED + whole)), price
    return price, unit(price * (HUNDRED + whole) / HUNDRED)
