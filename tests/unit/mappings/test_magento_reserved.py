"""What an open Magento order reserves, by the counters of its rows (Magento notes §15.1)."""

from decimal import Decimal
from typing import Any

import pytest

from mappings.core.magento.reserved import reserved_by
from mappings.core.magento.source_items import is_same, source_item


def row(item_id: int, sku: str, kind: str = "simple", parent: int | None = None, **counters: int) -> dict[str, Any]:
    found = {f"qty_{name}": Decimal(count) for name, count in counters.items()}
    return {"item_id": item_id, "sku": sku, "product_type": kind, "parent_item_id": parent, "row_total": 0} | found


def order(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"entity_id": 7, "subtotal": 0, "items": list(rows)}


@pytest.mark.parametrize(
    ("rows", "reserved"),
    [
        ([row(1, "MUG", ordered=5)], {"MUG": 5}),
        ([row(1, "MUG", ordered=5, shipped=2, canceled=1)], {"MUG": 2}),
        ([row(1, "MUG", ordered=10, refunded=5, shipped=5)], {}),  # M05: what was given back had not left
        ([row(1, "MUG", ordered=5, shipped=5)], {}),
        ([row(1, "CARD", "virtual", ordered=2, invoiced=1)], {"CARD": 1}),
        (
            [row(1, "TEE-M", "configurable", ordered=3, shipped=1), row(2, "TEE-M", parent=1, ordered=3)],
            {"TEE-M": 2},
        ),
        (
            [
                row(1, "KIT", "bundle", ordered=2, shipped=1),
                row(2, "POT", parent=1, ordered=2),
                row(3, "CUP", parent=1, ordered=8),
            ],
            {"POT": 1, "CUP": 4},
        ),
        ([row(1, "MUG", ordered=1), row(2, "MUG", ordered=2)], {"MUG": 3}),
    ],
    ids=["placed", "in part", "refunded before", "shipped", "virtual", "configurable", "bundle", "twice"],
)
def test_what_is_still_to_leave_is_reserved(rows: list[dict[str, Any]], reserved: dict[str, int]) -> None:
    assert +reserved_by(order(*rows)) == reserved


@pytest.mark.parametrize(
    ("pieces", "present", "status"),
    [(5, None, 1), (0, None, 0), (5, (0, 0), 1), (5, (3, 0), 0), (0, (3, 1), 0), (5, (3, 1), 1)],
)
def test_a_quantity_is_sold_unless_somebody_took_it_off(
    pieces: int, present: tuple[int, int] | None, status: int
) -> None:
    there = {"sku": "MUG", "quantity": present[0], "status": present[1]} if present else None
    wanted = source_item("MUG", "depot", pieces, there)
    assert wanted == {"sku": "MUG", "source_code": "depot", "quantity": pieces, "status": status}
    assert not is_same(wanted, there)
    assert is_same(wanted, wanted | {"quantity": Decimal(pieces)})
