"""How much of a SKU a stock can sell: pure arithmetic over source items and reservations (note §15.1)."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from decimal import Decimal
from typing import Any

IN_STOCK = 1
NONE = Decimal(0)


def salable_quantity(
    source_items: Iterable[Mapping[str, Any]],
    sources: Container[str],
    reservations: Iterable[Mapping[str, Any]],
    min_qty: Decimal = NONE,
) -> Decimal:
    """Quantities in the stock's enabled `sources` with status 1, plus reservations, less the threshold."""
    return stocked_quantity(source_items, sources) + reserved_quantity(reservations) - min_qty


def stocked_quantity(source_items: Iterable[Mapping[str, Any]], sources: Container[str]) -> Decimal:
    """The sum of what lies for sale in the given sources."""
    return sum(
        (Decimal(row["quantity"]) for row in source_items if row["source_code"] in sources and row["status"]), NONE
    )


def reserved_quantity(reservations: Iterable[Mapping[str, Any]]) -> Decimal:
    """The sum of reservations: below zero while orders wait for their goods."""
    return sum((Decimal(row["quantity"]) for row in reservations), NONE)
