"""Totals of orders written or edited through the API (note §9.3, §13). Shop orders come from `pricing.py`."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from ipaas.sandbox.bigcommerce.rows import ZERO
from ipaas.sandbox.bigcommerce.state import Row

COSTS = ("shipping_cost", "handling_cost", "wrapping_cost")


def line_totals(line: Row, *, inclusive: bool) -> Row:
    """Unit price pair and quantity -> the money fields of a line without discounts."""
    quantity, ex, inc = line["quantity"], line["price_ex_tax"], line["price_inc_tax"]
    base = inc if inclusive else ex
    return {
        "base_price": base,
        "price_tax": inc - ex,
        "base_total": base * quantity,
        "total_ex_tax": ex * quantity,
        "total_inc_tax": inc * quantity,
        "total_tax": (inc - ex) * quantity,
        "discounted_total_inc_tax": inc * quantity,
        "applied_discounts": [],
    }


def dropped_discounts(line: Row) -> tuple[Decimal, Decimal]:
    """Coupon and other discounts a line gives up when it is edited (§13)."""
    coupon = sum((d["amount"] for d in line["applied_discounts"] if "coupon" in d["id"]), ZERO)
    other = sum((d["amount"] for d in line["applied_discounts"] if "coupon" not in d["id"]), ZERO)
    return Decimal(coupon), Decimal(other)


def cost_taxes(order: Row) -> Row:
    """The tax fields that follow from the cost pairs, and the base cost."""
    found: Row = {}
    for stem in COSTS:
        ex, inc = order[f"{stem}_ex_tax"], order[f"{stem}_inc_tax"]
        found[f"{stem}_tax"] = inc - ex
        found[f"base_{stem}"] = inc if order["is_tax_inclusive_pricing"] else ex
    return found


def order_totals(order: Row, lines: Iterable[Row], fees: Iterable[Row]) -> Row:
    """Subtotals, taxes and totals by the identities of §9.3."""
    lines, fees = list(lines), list(fees)
    found = cost_taxes(order)
    for side in ("ex", "inc"):
        found[f"subtotal_{side}_tax"] = sum((line[f"total_{side}_tax"] for line in lines), ZERO)
    found["subtotal_tax"] = sum((line["total_tax"] for line in lines), ZERO)
    taxes = [found["subtotal_tax"], *(found[f"{stem}_tax"] for stem in COSTS), *(fee["cost_tax"] for fee in fees)]
    found["total_tax"] = sum(taxes, ZERO)
    side = "inc" if order["is_tax_inclusive_pricing"] else "ex"
    parts = [
        found[f"subtotal_{side}_tax"],
        *(order[f"{stem}_{side}_tax"] for stem in COSTS),
        *(fee[f"cost_{side}_tax"] for fee in fees),
        -order["discount_amount"],
        -order["coupon_discount"],
    ]
    total = max(sum(parts, ZERO), ZERO)
    other = total - found["total_tax"] if side == "inc" else total + found["total_tax"]
    inc, ex = (total, other) if side == "inc" else (other, total)
    return {**found, "total_ex_tax": ex, "total_inc_tax": inc}
