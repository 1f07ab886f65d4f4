"""What a coupon takes off each row and off the delivery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ipaas.sandbox.magento.sales.cart import Coupon
from ipaas.sandbox.magento.sales.cents import ZERO, Carry, cents

HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Discounted:
    """Discount of each row, in the rows' order, and of the delivery; all positive."""

    rows: tuple[Decimal, ...]
    shipping: Decimal = ZERO


def discounts(coupons: Sequence[Coupon], worths: Sequence[tuple[Decimal, Decimal]], shipping: Decimal) -> Discounted:
    """Deal coupons over rows given as (unit price, pieces), each over what the ones before left.

    A row that takes none comes with a price of zero. A coupon's money is in the currency of the prices.
    """
    rows, delivery = [ZERO for _ in worths], ZERO
    for coupon in coupons:
        left = [(price - cut / qty, qty) for (price, qty), cut in zip(worths, rows, strict=True)]
        rows = [before + cut for before, cut in zip(rows, _rows(coupon, left), strict=True)]
        delivery += _delivery(coupon, shipping - delivery)
    return Discounted(rows=tuple(rows), shipping=delivery)


def _rows(coupon: Coupon, worths: Sequence[tuple[Decimal, Decimal]]) -> Sequence[Decimal]:
    if coupon.kind == "by_fixed":
        return [cents(min(coupon.amount, price) * qty) for price, qty in worths]
    if coupon.kind == "cart_fixed":
        return _dealt(coupon.amount, [price * qty for price, qty in worths])
    if coupon.kind != "by_percent":
        return [ZERO for _ in worths]
    carry = Carry()
    return [carry.round("row", price * qty * coupon.amount / HUNDRED) for price, qty in worths]


def _delivery(coupon: Coupon, shipping: Decimal) -> Decimal:
    if coupon.kind == "shipping_fixed":
        return min(coupon.amount, shipping)
    return cents(shipping * coupon.amount / HUNDRED) if coupon.kind == "by_percent" and coupon.to_shipping else ZERO


def _dealt(amount: Decimal, worths: Sequence[Decimal]) -> Sequence[Decimal]:
    """An amount in proportion to what rows are worth, no more than they are; the last one takes what is left."""
    whole = sum(worths, ZERO)
    left = goes = min(amount, whole)
    paying = [index for index, worth in enumerate(worths) if worth]
    dealt = [ZERO] * len(worths)
    for index in paying:
        dealt[index] = left if index == paying[-1] else cents(goes * worths[index] / whole)
        left -= dealt[index]
    return dealt
