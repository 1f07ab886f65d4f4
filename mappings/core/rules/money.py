"""Arithmetic in whole cents: rounding, and splitting a sum so that the parts add up again. No floats anywhere."""

from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from mappings.core.canonical.order import ZERO

CENT = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    """The amount in whole cents, half up: the one rounding rule of this product."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def plain(amount: Decimal) -> Decimal:
    """The same amount with at least two decimals and no needless zeros: "24.0000" and 24 read alike."""
    short = amount.normalize()
    return amount.quantize(CENT) if short == short.quantize(CENT) else short


def allocate(total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Split `total` (whole cents, any sign) in proportion to `weights` (>= 0), exactly.

    Largest remainder: everyone gets their share cut to the cent, the cents left over go to the largest cut-off parts,
    the earlier one first when equal. So the same input always gives the same split, and no part of a total that is
    at most the sum of whole-cent weights exceeds its weight. Raises ValueError when nothing can carry the total.
    """
    whole = sum(weights, Decimal(0))
    if not whole:
        if total:
            raise ValueError(f"{total} cannot be split over weights that are all zero")
        return [ZERO for _ in weights]
    sign = -1 if total < 0 else 1
    exact = [abs(total) * weight / whole for weight in weights]
    shares = [part.quantize(CENT, rounding=ROUND_DOWN) for part in exact]
    left = int((abs(total) - sum(shares, ZERO)) / CENT)
    by_remainder = sorted(range(len(shares)), key=lambda i: (shares[i] - exact[i], i))
    for i in by_remainder[:left]:
        shares[i] += CENT
    return [sign * share for share in shares]


def rounded_to(values: Sequence[Decimal], total: Decimal) -> list[Decimal] | None:
    """Exact `values` in whole cents that sum to `total`; None when `total` is not the rounded sum of the values.

    A value that is in whole cents already stays as it is.
    """
    if cents(sum(values, Decimal(0))) != total:
        return None
    shares = [value.quantize(CENT, rounding=ROUND_DOWN) for value in values]
    left = total - sum(shares, ZERO)
    step = CENT if left >= 0 else -CENT
    by_remainder = sorted(range(len(shares)), key=lambda i: (-abs(values[i] - shares[i]), i))
    for i in by_remainder[: int(abs(left) / CENT)]:
        shares[i] += step
    return shares


def unit_prices(net: Decimal, quantity: int) -> list[tuple[int, Decimal]]:
    """`(quantity, unit price)` rows whose values sum to `net` exactly: one, or two whose prices are a cent apart."""
    price = (net / quantity).quantize(CENT, rounding=ROUND_DOWN)
    dearer = int((net - price * quantity) / CENT)
    rows = [(quantity - dearer, price), (dearer, price + CENT)]
    return [row for row in rows if row[0]]
