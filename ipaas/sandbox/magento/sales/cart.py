"""What a shopper has in the cart when the order is placed, in the website's base currency."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from ipaas.sandbox.magento.sales.cents import ZERO, Row

Algorithm = Literal["UNIT_BASE_CALCULATION", "ROW_BASE_CALCULATION", "TOTAL_BASE_CALCULATION"]
CouponKind = Literal["by_percent", "by_fixed", "cart_fixed", "shipping_fixed", "free_shipping"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRate:
    """One tax of the address. `percent` of 8.25 is 8.25 %."""

    code: str
    percent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRules:
    """How the website taxes: the store configuration under Sales > Tax."""

    algorithm: Algorithm = "TOTAL_BASE_CALCULATION"
    prices_include_tax: bool = False
    shipping_includes_tax: bool = False
    discounts_gross: bool = False  # a percentage is taken of the price with its tax


@dataclass(frozen=True, slots=True, kw_only=True)
class Coupon:
    """A cart rule; without a code it holds for everybody.

    `amount` is per cent, or money in base currency: off each piece, off the cart, off the delivery.
    """

    code: str
    label: str
    kind: CouponKind
    amount: Decimal = ZERO
    to_shipping: bool = False  # a percentage goes for the delivery, too


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the cart, with the lines that belong to it.

    `price` is the unit price as the catalogue has it, with or without tax. A child's `qty` counts what one piece
    of its parent takes. `weee` is the fixed product tax of one piece, untaxed.
    """

    sku: str
    name: str
    product_id: int
    product_type: str
    price: Decimal
    qty: Decimal = Decimal(1)
    original_price: Decimal | None = None
    weee: Decimal = ZERO
    weight: Decimal = ZERO
    is_taxable: bool = True
    takes_coupon: bool = True
    is_virtual: bool = False
    is_qty_decimal: bool = False
    children: tuple[Line, ...] = ()
    children_calculated: bool = False  # a bundle whose parts carry the money
    ships_separately: bool = False  # a bundle whose parts are shipped one by one
    product_option: Row = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftCard:
    """A gift card laid down at the checkout with what is on it, in base currency."""

    id: int
    code: str
    balance: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Cart:
    """Everything the totals of an order depend on. `to_order_rate` turns base currency into the shopper's."""

    lines: tuple[Line, ...]
    rules: TaxRules = TaxRules()
    rates: tuple[TaxRate, ...] = ()
    shipping: Decimal = ZERO
    shipping_rates: tuple[TaxRate, ...] = ()
    coupons: tuple[Coupon, ...] = ()  # in the order in which they apply
    to_order_rate: Decimal = Decimal(1)
    gift_cards: tuple[GiftCard, ...] = ()
    store_credit: Decimal = ZERO
    reward: Decimal = ZERO  # worth of the points laid down
    repeats_child_price: bool = False  # the price of a configurable stands on its child, too

    @property
    def coupon_code(self) -> str:
        return next((coupon.code for coupon in self.coupons if coupon.code), "")

    @property
    def coupon_label(self) -> str:
        return ", ".join(coupon.label for coupon in self.coupons)

    @property
    def ships_free(self) -> bool:
        return any(coupon.kind == "free_shipping" for coupon in self.coupons)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A line at its place among the order's rows. `qty` is counted for the whole order."""

    line: Line
    qty: Decimal
    parent: int | None = None  # index of the parent's row

    def carries_money(self, places: list[Place]) -> bool:
        """Whether the row's price is what is paid: the parent's, or where a bundle is priced by parts the parts'."""
        if self.parent is None:
            return not (self.line.children and self.line.children_calculated)
        return places[self.parent].line.children_calculated


def places(cart: Cart) -> list[Place]:
    """The rows of the order: every line followed by its children."""
    return list(_placed(cart))


def _placed(cart: Cart) -> Iterator[Place]:
    index = 0
    for line in cart.lines:
        yield Place(line=line, qty=line.qty)
        for child in line.children:
            yield Place(line=child, qty=child.qty * line.qty, parent=index)
        index += 1 + len(line.children)
