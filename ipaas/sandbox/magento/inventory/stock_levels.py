"""Quantities at sources, what stocks can sell of them, and what sales reserve (note §15.1).

Everything that sells, ships or counts goes through here, so that a shop with and one without the inventory modules
both keep their books: with them by source and reservation, without them in the product's one stock item.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from ipaas.sandbox.core.jsonio import dumps
from ipaas.sandbox.magento.inventory.long_list_levels import is_of_long_list, long_list_level_set
from ipaas.sandbox.magento.inventory.stock_settings import settings_of
from ipaas.sandbox.magento.state import Row, State

DEFAULT_SOURCE, DEFAULT_STOCK = "default", 1
WEBSITE = "website"


# --- source items ----------------------------------------------------------------------------------


def source_items_of(state: State, sku: str) -> list[Row]:
    """Where a SKU lies."""
    return state.source_items.find(sku_key=sku.casefold())


def source_item(state: State, sku: str, source_code: str) -> Row | None:
    """One SKU at one source."""
    return next((row for row in source_items_of(state, sku) if row["source_code"] == source_code), None)


def source_item_set(state: State, sku: str, source_code: str, quantity: Any, status: int) -> None:
    """Set quantity and status of a SKU at a source, which it is assigned to if need be."""
    held = source_item(state, sku, source_code)
    if held is None:
        own = {"sku": sku, "sku_key": sku.casefold(), "source_code": source_code}
        state.insert(state.source_items, {**own, "quantity": Decimal(quantity), "status": status})
    elif is_of_long_list(state, held["id"]):
        long_list_level_set(state, held["id"], Decimal(quantity), status)
    else:
        state.source_items.update(held["id"], quantity=Decimal(quantity), status=status)


def source_item_change(state: State, sku: str, source_code: str, by: Decimal) -> Row | None:
    """Add to (or take from) what lies at a source: shipments and returns. None where the SKU is not assigned there.

    What is used up is out of stock from then on; what comes back is for sale again; else the status stays.
    """
    held = source_item(state, sku, source_code)
    if held is None:
        return None
    left = Decimal(held["quantity"]) + by
    status = 0 if left <= 0 else 1 if by > 0 else held["status"]
    source_item_set(state, sku, source_code, left, status)
    return source_item(state, sku, source_code)


# --- stocks ----------------------------------------------------------------------------------------


def stock_of_website(state: State, website_code: str) -> Row:
    """The stock that a website sells from; the default one where none is linked."""
    channel = {"type": WEBSITE, "code": website_code}
    found = next((row for row in state.stocks.all() if channel in row["sales_channels"]), None)
    return found or state.stocks.get(DEFAULT_STOCK) or {}


def sources_of_stock(state: State, stock_id: int) -> list[Row]:
    """Sources of a stock by priority, disabled ones too."""
    links = sorted(state.stock_source_links.find(stock_id=stock_id), key=lambda row: (row["priority"], row["id"]))
    return [row for row in (state.sources.first(source_code=link["source_code"]) for link in links) if row is not None]


def enabled_codes(state: State, stock_id: int) -> frozenset[str]:
    """Codes of the sources whose quantities a stock counts."""
    return frozenset(row["source_code"] for row in sources_of_stock(state, stock_id) if row["enabled"])


# --- salable quantities ----------------------------------------------------------------------------


def salable(state: State, sku: str, stock_id: int) -> Decimal:
    """How much of a SKU a stock can sell: what lies there and reservations, less the threshold (§15.1)."""
    threshold: Decimal = settings_of(state, sku)["min_qty"]
    if not state.switches["inventory_modules"]:
        return legacy_quantity(state, sku) - threshold
    return stocked(state, sku, stock_id) + reserved(state, sku, stock_id) - threshold


def stocked(state: State, sku: str, stock_id: int) -> Decimal:
    """What lies with status 1 in the enabled sources of a stock, reservations not counted."""
    codes = enabled_codes(state, stock_id)
    return total(row for row in source_items_of(state, sku) if row["source_code"] in codes and row["status"])


def reserved(state: State, sku: str, stock_id: int) -> Decimal:
    """The sum of reservations of a SKU in a stock: below zero while orders wait for their goods."""
    rows = state.reservations.find(sku_key=sku.casefold())
    return total(row for row in rows if row["stock_id"] == stock_id)


def is_salable(state: State, sku: str, stock_id: int, quantity: Decimal = Decimal(0)) -> bool:
    """Whether a stock sells a SKU at all, or that many of it."""
    settings = settings_of(state, sku)
    if not settings["manage_stock"]:
        return True
    if state.switches["inventory_modules"] and not _is_assigned(state, sku, stock_id):
        return False
    if settings["backorders"]:
        return True
    left = salable(state, sku, stock_id)
    return left > 0 and left >= quantity


def _is_assigned(state: State, sku: str, stock_id: int) -> bool:
    codes = enabled_codes(state, stock_id)
    return any(row["source_code"] in codes and row["status"] for row in source_items_of(state, sku))


# --- what sales do ---------------------------------------------------------------------------------


def reservation_add(state: State, sku: str, stock_id: int, quantity: Decimal, event_type: str, order: Row) -> None:
    """Append a reservation: below zero for what is sold, above for what is given back. None is ever changed.

    Without the inventory modules the product's stock item moves at once.
    """
    if not state.switches["inventory_modules"]:
        legacy_change(state, sku, quantity)
        return
    metadata = {
        "event_type": event_type,
        "object_type": "order",
        "object_id": str(order["entity_id"]),
        "object_increment_id": order.get("increment_id") or "",
    }
    state.insert(
        state.reservations,
        {
            "sku": sku,
            "sku_key": sku.casefold(),
            "stock_id": stock_id,
            "quantity": quantity,
            "metadata": dumps(metadata),
        },
    )


# --- the product's own stock item ------------------------------------------------------------------


def legacy_quantity(state: State, sku: str) -> Decimal:
    """The quantity of a shop without sources; what lay at its sources until a first write."""
    product = state.products.first(sku_key=sku.casefold())
    held = state.stock_items.first(product_id=product["id"]) if product else None
    if held is not None and held.get("qty") is not None:
        return Decimal(held["qty"])
    return total(source_items_of(state, sku))


def total(rows: Iterable[Row]) -> Decimal:
    """The sum of quantities."""
    return sum((Decimal(row["quantity"]) for row in rows), Decimal(0))


def legacy_change(state: State, sku: str, by: Decimal) -> None:
    """Add to (or take from) the one quantity of a shop without sources."""
    product = state.products.first(sku_key=sku.casefold())
    if product is not None:
        legacy_set(state, product["id"], legacy_quantity(state, sku) + by)


def legacy_set(state: State, product_id: int, quantity: Decimal) -> None:
    """Make the one quantity what it is given as."""
    held = state.stock_items.first(product_id=product_id)
    if held is None:
        state.insert(state.stock_items, {"product_id": product_id, "qty": quantity})
    else:
        state.stock_items.update(held["id"], qty=quantity)
