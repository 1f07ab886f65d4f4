"""What of a Magento order is fetched at a counter, and where. Magento notes §8.2, §10."""

from collections.abc import Mapping
from typing import Any

from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.shipment import Pieces, pieces_sorted
from mappings.core.magento.order_money import EXTRA
from mappings.core.magento.order_rows import INTANGIBLE, kept_rows
from mappings.core.magento.sides import side_of


def pickup_place(answer: Mapping[str, Any]) -> str:
    """The source at which the order is fetched; "" where it does not say."""
    return _order(answer).inside(EXTRA).text("pickup_location_code")


def pieces_to_collect(answer: Mapping[str, Any], *, currency: str) -> Pieces:
    """What lies on a shelf and was neither shown as left nor given back, by row."""
    order = _order(answer)
    kept = kept_rows(order, side_of(order, currency), is_whole=False)
    left = {
        one.row.identifier("item_id"): int(one.quantity - one.shipped - one.refunded)
        for one in kept
        if not one.is_bundle and one.stocked.text("product_type") not in INTANGIBLE
    }
    return pieces_sorted({row: count for row, count in left.items() if count > 0})


def _order(answer: Mapping[str, Any]) -> Row:
    return Row(answer, f"Order {answer.get('entity_id') or '?'}")
