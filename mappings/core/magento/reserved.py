"""What an open order reserves: pieces that a stock does not sell again and a source still counts (notes §15.1)."""

from collections import Counter
from decimal import ROUND_CEILING, Decimal

from ipaas.types import JSON
from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import ZERO
from mappings.core.magento.order_rows import INTANGIBLE, Kept, kept_rows
from mappings.core.magento.sides import Side

ORDERED = Side(currency="", is_base=False)  # of its rows only what they sum up to counts


def reserved_by(order: JSON) -> Counter[str]:
    """Pieces by SKU that are ordered, and neither cancelled nor shipped nor given back before they left.

    What has no weight leaves with its invoice. Raises ContractBroken.
    """
    row = Row(order, f"Order {order.get('entity_id')}")
    pieces: Counter[str] = Counter()
    for kept in kept_rows(row, ORDERED, is_whole=False):
        left = _left(kept)
        if left > 0 and not kept.is_bundle:
            pieces[kept.stocked.text("sku")] += int(left.to_integral_value(ROUND_CEILING))
    return pieces


def _left(kept: Kept) -> Decimal:
    if kept.stocked.text("product_type") in INTANGIBLE:
        return kept.quantity - kept.row.amount("qty_invoiced", ZERO)
    return kept.quantity - kept.shipped - kept.refunded
