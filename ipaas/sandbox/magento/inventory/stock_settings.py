"""Settings of a product's stock item: whether stock is kept, backorders, thresholds (note §15.3)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ipaas.sandbox.magento.settings import setting
from ipaas.sandbox.magento.state import Row, State

CONFIG = "cataloginventory/item_options"
PLAIN: Mapping[str, Any] = {
    "is_qty_decimal": False,
    "show_default_notification_message": False,
    "use_config_min_qty": True,
    "min_qty": Decimal(0),
    "use_config_min_sale_qty": 1,
    "min_sale_qty": Decimal(1),
    "use_config_max_sale_qty": True,
    "max_sale_qty": Decimal(10_000),
    "use_config_backorders": True,
    "backorders": 0,
    "use_config_notify_stock_qty": True,
    "notify_stock_qty": Decimal(1),
    "use_config_qty_increments": True,
    "qty_increments": Decimal(0),
    "use_config_enable_qty_inc": True,
    "enable_qty_increments": False,
    "use_config_manage_stock": True,
    "manage_stock": True,
    "low_stock_date": None,
    "is_decimal_divided": False,
    "stock_status_changed_auto": 0,
}
SHOP_WIDE = ("manage_stock", "backorders", "min_qty")


def settings_of(state: State, sku: str) -> Row:
    """The settings that hold for a SKU: its own, or the shop's where it uses those."""
    product = state.products.first(sku_key=sku.casefold())
    held = state.stock_items.first(product_id=product["id"]) if product else None
    return {**PLAIN, **(held or {}), **shop_wide(state, held or {})}


def shop_wide(state: State, held: Mapping[str, Any]) -> Row:
    """Those of the shop's own settings that a stock item uses."""
    used = [name for name in SHOP_WIDE if held.get(f"use_config_{name}", True)]
    values = {name: setting(state, f"{CONFIG}/{name}") for name in used}
    return {name: Decimal(value) if name == "min_qty" else int(value) for name, value in values.items()}
