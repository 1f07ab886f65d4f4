"""Store configuration as `core_config_data` keeps it: by path, for everything, one website or one store view."""

from __future__ import annotations

from typing import Any

from ipaas.sandbox.magento.state import State

DEFAULTS: dict[str, Any] = {  # a fresh install's own values
    "general/locale/code": "en_US",
    "general/locale/timezone": "America/Chicago",
    "general/locale/weight_unit": "lbs",
    "currency/options/base": "USD",
    "currency/options/default": "USD",
    "currency/options/allow": "USD",
    "catalog/price/scope": 0,  # 0 global, 1 website
    "customer/account_share/scope": 1,  # 1 per website, 0 global
    "tax/calculation/price_includes_tax": 0,
    "tax/calculation/shipping_includes_tax": 0,
    "tax/calculation/apply_after_discount": 1,
    "tax/calculation/discount_tax": 0,
    "cataloginventory/options/can_subtract": 1,
    "cataloginventory/item_options/manage_stock": 1,
    "cataloginventory/item_options/backorders": 0,
    "cataloginventory/item_options/min_qty": 0,
    "cataloginventory/item_options/auto_return": 0,
    "sales/zero_grand_total_creditmemo/allow_zero_grandtotal": 1,
}


def setting(state: State, path: str, store_id: int = 0) -> Any:
    """The value that holds for a store view: its own, its website's, the installation's, or a fresh install's."""
    found = {(row["scope"], row["scope_id"]): row["value"] for row in state.config.find(path=path)}
    view = state.store_views.get(store_id) or {}
    for scope in (("stores", store_id), ("websites", view.get("website_id")), ("default", 0)):
        if scope in found:
            return found[scope]
    return DEFAULTS.get(path)


def setting_set(state: State, path: str, value: Any, scope: str = "default", scope_id: int = 0) -> None:
    """Store a value for a scope (`default`, `websites` or `stores`), in place of the one it had."""
    row = state.config.first(path=path, scope=scope, scope_id=scope_id)
    if row is None:
        state.config.insert({"path": path, "scope": scope, "scope_id": scope_id, "value": value})
    else:
        state.config.update(row["id"], value=value)
