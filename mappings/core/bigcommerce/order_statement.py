"""The money of a BigCommerce order as the store states it, on its pricing side. BigCommerce note §9–§12.

A store enters prices with or without tax (`is_tax_inclusive_pricing`); the amounts of that side are the reliable ones,
and discounts are given on it too. Everything here is on the pricing side unless its name says otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import ZERO
from mappings.core.rules.money import cents


@dataclass(frozen=True, kw_only=True)
class LineStatement:
    """One order line. Amounts exactly as sent, so they may have four decimals."""

    label: str
    total: Decimal  # quantity x unit price, before discounts
    total_ex_tax: Decimal
    tax: Decimal
    coupon: Decimal  # part of coupon_discount on this line, as far as the line tells
    other_discount: Decimal
    knows_discounts: bool  # False on old data without `applied_discounts`
    wrapping: Decimal
    wrapping_tax: Decimal

    @property
    def discount(self) -> Decimal:
        return self.coupon + self.other_discount


@dataclass(frozen=True, kw_only=True)
class FeeStatement:
    """One checkout fee, in whole cents."""

    name: str
    amount: Decimal
    tax: Decimal


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One order, in whole cents except its lines."""

    label: str  # "Order 10432"
    is_inclusive: bool
    subtotal: Decimal
    shipping: Decimal
    handling: Decimal
    wrapping: Decimal
    fees: tuple[FeeStatement, ...]
    other_discount: Decimal
    coupon: Decimal
    total: Decimal
    total_inc_tax: Decimal
    total_ex_tax: Decimal
    total_tax: Decimal
    subtotal_tax: Decimal
    shipping_tax: Decimal
    handling_tax: Decimal
    wrapping_tax: Decimal
    shipping_ex_tax: Decimal
    lines: tuple[LineStatement, ...]

    @property
    def discount(self) -> Decimal:
        return self.coupon + self.other_discount

    @property
    def fee_tax(self) -> Decimal:
        return sum((fee.tax for fee in self.fees), ZERO)

    @property
    def composed(self) -> Decimal:
        """What the parts make; equals `total` in an order that adds up."""
        fees = sum((fee.amount for fee in self.fees), ZERO)
        return self.subtotal + self.shipping + self.handling + self.wrapping + fees - self.discount


def statement_from_bigcommerce(order: Row, lines: Sequence[Row]) -> Statement:
    """Read the amounts of an order and its lines. Raises ContractBroken naming the field."""
    is_inclusive = order.flag("is_tax_inclusive_pricing")
    side = "inc_tax" if is_inclusive else "ex_tax"

    def whole_cents(field: str) -> Decimal:
        return cents(order.amount(field, ZERO))

    statement = Statement(
        label=order.label,
        is_inclusive=is_inclusive,
        subtotal=cents(order.amount(f"subtotal_{side}")),
        shipping=whole_cents(f"shipping_cost_{side}"),
        handling=whole_cents(f"handling_cost_{side}"),
        wrapping=whole_cents(f"wrapping_cost_{side}"),
        fees=tuple(_fee(row, side) for row in order.rows("fees", "fee")),
        other_discount=whole_cents("discount_amount"),
        coupon=whole_cents("coupon_discount"),
        total=cents(order.amount(f"total_{side}")),
        total_inc_tax=cents(order.amount("total_inc_tax")),
        total_ex_tax=cents(order.amount("total_ex_tax")),
        total_tax=cents(order.amount("total_tax")),
        subtotal_tax=whole_cents("subtotal_tax"),
        shipping_tax=whole_cents("shipping_cost_tax"),
        handling_tax=whole_cents("handling_cost_tax"),
        wrapping_tax=whole_cents("wrapping_cost_tax"),
        shipping_ex_tax=whole_cents("shipping_cost_ex_tax"),
        lines=tuple(_line(row, side) for row in lines),
    )
    return _without_repeated_shipping_coupon(statement, whole_cents("base_shipping_cost"))


def _without_repeated_shipping_coupon(statement: Statement, base_shipping: Decimal) -> Statement:
    """The statement without the coupon money that the shipping cost has already lost.

    Shipping coupons "lower the shipping side" (note §12), and the note leaves open whether coupon_discount then counts
    them too. When the parts miss the total by exactly what shipping was lowered, it does.
    """
    lowered = base_shipping - statement.shipping
    if ZERO < lowered <= statement.coupon and statement.composed + lowered == statement.total:
        return replace(statement, coupon=statement.coupon - lowered)
    return statement


def _fee(row: Row, side: str) -> FeeStatement:
    field = f"cost_{side}"
    if field not in row.data and "cost_exc_tax" in row.data:  # as the official sample spells it
        field = "cost_exc_tax" if side == "ex_tax" else field
    return FeeStatement(
        name=row.free_text("display_name_merchant") or row.free_text("display_name_customer") or "Fee",
        amount=cents(row.amount(field)),
        tax=cents(row.amount("cost_tax", ZERO)),
    )


def _line(row: Row, side: str) -> LineStatement:
    coupon = other = Decimal(0)
    for discount in row.rows("applied_discounts", "discount"):
        if "coupon" in discount.text("id"):
            coupon += discount.amount("amount", ZERO)
        else:
            other += discount.amount("amount", ZERO)
    return LineStatement(
        label=row.label,
        total=row.amount(f"total_{side}"),
        total_ex_tax=row.amount("total_ex_tax"),
        tax=row.amount("total_tax", ZERO),
        coupon=coupon,
        other_discount=other,
        knows_discounts=isinstance(row.data.get("applied_discounts"), list),
        wrapping=row.amount(f"wrapping_cost_{side}", ZERO),
        wrapping_tax=row.amount("wrapping_cost_tax", ZERO),
    )
