"""Which of an order's two currencies its amounts are read in: each stands there twice. Magento notes §7."""

from dataclasses import dataclass
from decimal import Decimal

from mappings.core.canonical.json_fields import Row

SHORTENED = {  # fields whose base twin is cut to what a column's name may be long
    "shipping_discount_tax_compensation_amount": "base_shipping_discount_tax_compensation_amnt",
    "weee_tax_applied_row_amount": "base_weee_tax_applied_row_amnt",
}
GIFT_WRAP = "gw_"  # its twins say "base" in the middle
EXACT_ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the two; `other` is the currency beside it, "" where both are the same."""

    currency: str  # ISO 4217
    is_base: bool
    other: str = ""

    def money(self, row: Row, field: str) -> Decimal:
        """An amount, by the name of its field in the order's currency; up to four decimals, zero where it lacks."""
        return row.amount(self.field(field), EXACT_ZERO)

    def field(self, name: str) -> str:
        """What the field is called on this side."""
        if not self.is_base:
            return name
        if name.startswith(GIFT_WRAP):
            return name.replace("price", "base_price")
        return SHORTENED.get(name, f"base_{name}")


def side_of(order: Row, wanted: str) -> Side:
    """The side in the wanted currency; where neither is, the order's own, which the shopper paid in."""
    own, base = (order.text(f"{which}_currency_code").upper() for which in ("order", "base"))
    if base == wanted != own:
        return Side(currency=base, is_base=True, other=own)
    return Side(currency=own, is_base=False, other=base if base != own else "")
