"""Source items: how many pieces of a SKU lie at a source, and whether they are sold (notes §15)."""

from decimal import Decimal
from typing import Any

from errors.failures import ContractBroken
from ipaas.types import JSON

OUT, IN = 0, 1  # of `status`


def source_item(sku: str, place: str, pieces: int, present: JSON | None) -> JSON:
    """The row that sets a quantity, all four fields. What was taken off sale by hand stays so.

    By hand is a row that has pieces and is out of stock: one without any is out of stock by itself.
    """
    is_off_by_hand = present is not None and quantity_of(present) > 0 and present.get("status") == OUT
    status = IN if pieces > 0 and not is_off_by_hand else OUT
    return {"sku": sku, "source_code": place, "quantity": pieces, "status": status}


def is_same(row: JSON, present: JSON | None) -> bool:
    """Whether the store holds what a row would set."""
    if present is None:
        return False
    return (quantity_of(present), present.get("status")) == (row["quantity"], row["status"])


def quantity_of(row: JSON) -> Decimal:
    """Raises ContractBroken when a row has no quantity."""
    quantity: Any = row.get("quantity")
    if isinstance(quantity, bool) or not isinstance(quantity, int | Decimal):
        raise ContractBroken(f"Magento's stock of {row.get('sku')} has no number in quantity.")
    return Decimal(quantity)
