"""An order's money before tax, in whole cents: what a store's reader makes of its amounts."""

from dataclasses import dataclass
from decimal import Decimal

from errors.failures import Violation
from mappings.core.canonical.order import Charge


@dataclass(frozen=True, kw_only=True)
class LineMoney:
    """One line before tax, in whole cents."""

    total: Decimal  # before discounts
    discount: Decimal
    tax: Decimal
    wrapping: Decimal


@dataclass(frozen=True, kw_only=True)
class OrderMoney:
    """total = subtotal − discount + shipping + charges + wrapping + tax, unless `violations` says why not."""

    total: Decimal  # of all tenders
    subtotal: Decimal
    discount: Decimal
    shipping: Decimal
    shipping_discount: Decimal
    charges: tuple[Charge, ...]
    wrapping: Decimal
    tax: Decimal
    lines: tuple[LineMoney, ...]
    violations: tuple[Violation, ...]
