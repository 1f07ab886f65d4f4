"""The legacy stock item of a product: its settings, and its quantity at the default source (note §15.3)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ipaas.sandbox.magento.goods.product_rows import COMPOSITE
from ipaas.sandbox.magento.inventory.stock_levels import (
    DEFAULT_SOURCE,
    DEFAULT_STOCK,
    legacy_quantity,
    legacy_set,
    source_item,
    source_item_set,
)
from ipaas.sandbox.magento.inventory.stock_settings import PLAIN, shop_wide
from ipaas.sandbox.magento.state import Row, State


def stock_item_shape(state: State, product: Mapping[str, Any]) -> Row:
    """The stock item as answered."""
    held = state.stock_items.first(product_id=product["id"]) or {}
    quantity, is_in_stock = _level(state, product, held)
    return {
        **PLAIN,
        **held,
        **shop_wide(state, held),
        "item_id": product["id"],
        "product_id": product["id"],
        "stock_id": DEFAULT_STOCK,
        "qty": quantity,
        "is_in_stock": is_in_stock,
    }


def _level(state: State, product: Mapping[str, Any], held: Mapping[str, Any]) -> tuple[Decimal, bool]:
    if product["type_id"] in COMPOSITE:
        return Decimal(0), bool(held.get("is_in_stock", True))
    if not state.switches["inventory_modules"]:
        quantity = legacy_quantity(state, product["sku"])
        return quantity, bool(held.get("is_in_stock", quantity > 0))
    row = source_item(state, product["sku"], DEFAULT_SOURCE)
    return (Decimal(row["quantity"]), bool(row["status"])) if row else (Decimal(0), False)


def stock_item_save(state: State, product: Mapping[str, Any], wish: Mapping[str, Any]) -> None:
    """Settings as sent; a quantity goes to the default source, or to the one quantity of a shop without sources."""
    settings = {name: wish[name] for name in (*PLAIN, "is_in_stock") if wish.get(name) is not None}
    held = state.stock_items.first(product_id=product["id"])
    if held is None:
        state.insert(state.stock_items, {"product_id": product["id"], **settings})
    else:
        state.stock_items.update(held["id"], settings)
    if wish.get("qty") is None or product["type_id"] in COMPOSITE:
        return
    if state.switches["inventory_modules"]:
        is_in = wish.get("is_in_stock")
        status = int(wish["qty"] > 0 if is_in is None else is_in)
        source_item_set(state, product["sku"], DEFAULT_SOURCE, wish["qty"], status)
    else:
        legacy_set(state, product["id"], Decimal(wish["qty"]))
