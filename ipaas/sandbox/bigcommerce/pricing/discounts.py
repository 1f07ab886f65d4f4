"""Discounts: what each line loses to the coupon and to the manual order discount (note §9.2, §10.1, §12)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from ipaas.sandbox.bigcommerce.pricing.cart import Cart, CartLine, Coupon, CouponKind
from ipaas.sandbox.bigcommerce.pricing.money import HUNDRED, cents, spread
from ipaas.sandbox.bigcommerce.rows import ZERO, Row


def worth(line: CartLine) -> Decimal:
    """A line before discounts, on the side prices are entered in."""
    return cents((line.goods.price + line.extra) * line.quantity)


def coupon_shares(cart: Cart) -> list[Decimal]:
    """What the coupon takes off each line; zero for shipping coupons."""
    coupon = cart.coupon
    values = [worth(line) if line.takes_coupon and _discountable(line) else ZERO for line in cart.lines]
    if coupon is None:
        return [ZERO for _ in cart.lines]
    if coupon.kind is CouponKind.PERCENT:
        return [cents(value * min(coupon.amount, HUNDRED) / HUNDRED) for value in values]
    if coupon.kind is CouponKind.PER_ITEM:
        return [min(value, coupon.amount * line.quantity) for value, line in zip(values, cart.lines, strict=True)]
    if coupon.kind is CouponKind.TOTAL:
        return spread(min(coupon.amount, sum(values, ZERO)), values)
    return [ZERO for _ in cart.lines]


def manual_shares(cart: Cart, coupon: Sequence[Decimal]) -> list[Decimal]:
    """The manual discount over what the coupon left."""
    pairs = zip(cart.lines, coupon, strict=True)
    left = [worth(line) - taken if _discountable(line) else ZERO for line, taken in pairs]
    return spread(min(cart.discount, sum(left, ZERO)), left)


def applied(cart: Cart, coupon: Decimal, manual: Decimal) -> list[Row]:
    """The `applied_discounts` of a line."""
    rows: list[Row] = []
    if coupon and cart.coupon:
        label = "total-coupon" if cart.coupon.kind is CouponKind.TOTAL else "coupon"
        rows.append(
            {"id": label, "amount": coupon, "name": cart.coupon.name, "code": cart.coupon.code, "target": "order"}
        )
    if manual:
        rows.append(
            {"id": "manual-discount", "amount": manual, "name": "Manual Discount", "code": None, "target": "order"}
        )
    return rows


def shipping_shares(coupon: Coupon | None, costs: Sequence[Decimal]) -> list[Decimal]:
    """What a shipping coupon takes off each destination's cost."""
    if coupon is None or coupon.kind not in {CouponKind.SHIPPING, CouponKind.FREE_SHIPPING}:
        return [ZERO for _ in costs]
    whole = sum(costs, ZERO)
    off = whole if coupon.kind is CouponKind.FREE_SHIPPING else min(coupon.amount, whole)
    return spread(off, costs)


def _discountable(line: CartLine) -> bool:
    return line.goods.type != "giftcertificate"
