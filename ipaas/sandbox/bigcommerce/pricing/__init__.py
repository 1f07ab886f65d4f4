"""What a cart costs: `price(Cart) -> PricedOrder`. Pure: everything that must be looked up is in the cart."""

from ipaas.sandbox.bigcommerce.pricing.cart import (
    Cart,
    CartLine,
    Coupon,
    CouponKind,
    Destination,
    Fee,
    Gateway,
    Goods,
    TaxRate,
    Wrapping,
)
from ipaas.sandbox.bigcommerce.pricing.price import price

__all__ = [
    "Cart",
    "CartLine",
    "Coupon",
    "CouponKind",
    "Destination",
    "Fee",
    "Gateway",
    "Goods",
    "TaxRate",
    "Wrapping",
    "price",
]
