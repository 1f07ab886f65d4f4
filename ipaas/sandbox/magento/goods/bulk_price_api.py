"""Base, special and tier prices and costs of many products in one call (note §14.2).

The answer is 200 either way: [] where all rows were saved, else what is wrong with those that were not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from ipaas.sandbox.magento.call import Call
from ipaas.sandbox.magento.goods.price_rows import (
    base_check,
    cost_check,
    is_price_global,
    prices_checked,
    special_check,
    tier_check,
)
from ipaas.sandbox.magento.goods.product_rows import product_by_sku, product_found
from ipaas.sandbox.magento.goods.product_save import values_write
from ipaas.sandbox.magento.goods.scoped_values import ADMIN
from ipaas.sandbox.magento.goods.tier_prices import group_name, group_named, tier_key
from ipaas.sandbox.magento.routing import Routes
from ipaas.sandbox.magento.state import Row, State

routes = Routes()
SPECIAL = ("special_price", "special_from_date", "special_to_date")


def _views(state: State, store_id: int) -> list[int]:
    """Where a bulk call writes: one view, not the other views of its website (M12), unless the shop is healed of it."""
    view = state.store_views.get(store_id) or {}
    if store_id == ADMIN or is_price_global(state):
        return [ADMIN]
    if not state.switches["bulk_price_fills_website"]:
        return [store_id]
    return [row["id"] for row in state.store_views.all() if row["website_id"] == view["website_id"]]


def _write(state: State, wish: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    product = product_by_sku(state, wish["sku"])
    for view in _views(state, wish["store_id"]):
        values_write(state, product["id"], view, changes)


def _stored(state: State, skus: Iterable[str], code: str) -> Iterable[tuple[Row, int, Mapping[str, Any]]]:
    """(product, store, values) of every store that has its own value."""
    for sku in skus:
        product = product_found(state, sku)
        if product is not None:
            rows = sorted(product["values"].items())
            yield from ((product, int(store), values) for store, values in rows if code in values)


@routes.post("/V1/products/base-prices")
def base_prices_post(call: Call) -> list[Row]:
    """Set prices."""
    good, failures = prices_checked(call.state, call.body["prices"], base_check)
    for wish in good:
        _write(call.state, wish, {"price": wish["price"]})
    return failures


@routes.post("/V1/products/base-prices-information")
def base_prices_read(call: Call) -> list[Row]:
    """Prices of the `skus`, a row for each store that has its own."""
    rows = _stored(call.state, call.body["skus"], "price")
    return [{"price": values["price"], "store_id": store, "sku": row["sku"]} for row, store, values in rows]


@routes.post("/V1/products/cost")
def costs_post(call: Call) -> list[Row]:
    """Set costs."""
    good, failures = prices_checked(call.state, call.body["prices"], cost_check)
    for wish in good:
        _write(call.state, wish, {"cost": wish["cost"]})
    return failures


@routes.post("/V1/products/cost-information")
def costs_read(call: Call) -> list[Row]:
    """Costs of the `skus`."""
    rows = _stored(call.state, call.body["skus"], "cost")
    return [{"cost": values["cost"], "store_id": store, "sku": row["sku"]} for row, store, values in rows]


@routes.post("/V1/products/cost-delete")
def costs_delete(call: Call) -> bool:
    """Clear the costs of the `skus`."""
    for product, store, _ in list(_stored(call.state, call.body["skus"], "cost")):
        values_write(call.state, product["id"], store, {"cost": None})
    return True


@routes.post("/V1/products/special-price")
def special_prices_post(call: Call) -> list[Row]:
    """Set sale prices with their first and last day."""
    good, failures = prices_checked(call.state, call.body["prices"], special_check)
    for wish in good:
        days = (wish["price"], wish.get("price_from"), wish.get("price_to"))
        _write(call.state, wish, dict(zip(SPECIAL, days, strict=True)))
    return failures


@routes.post("/V1/products/special-price-information")
def special_prices_read(call: Call) -> list[Row]:
    """Sale prices of the `skus`."""
    return [
        {
            "price": values["special_price"],
            "store_id": store,
            "sku": row["sku"],
            "price_from": values.get("special_from_date"),
            "price_to": values.get("special_to_date"),
        }
        for row, store, values in _stored(call.state, call.body["skus"], "special_price")
    ]


@routes.post("/V1/products/special-price-delete")
def special_prices_delete(call: Call) -> list[Row]:
    """Clear sale prices."""
    good, failures = prices_checked(call.state, call.body["prices"], special_check)
    for wish in good:
        _write(call.state, wish, dict.fromkeys(SPECIAL))
    return failures


# --- tier prices -----------------------------------------------------------------------------------


def _tier(state: State, wish: Mapping[str, Any]) -> Row:
    is_discount = wish["price_type"] == "discount"
    return {
        "customer_group_id": group_named(state, wish["customer_group"]),
        "qty": wish["quantity"],
        "value": Decimal(0) if is_discount else wish["price"],
        "percentage_value": wish["price"] if is_discount else None,
        "website_id": wish["website_id"],
    }


def _tiers_saved(call: Call, *, keeps_others: bool) -> list[Row]:
    state = call.state
    good, failures = prices_checked(state, call.body["prices"], tier_check)
    wanted: dict[int, list[Row]] = {}
    for wish in good:
        wanted.setdefault(product_by_sku(state, wish["sku"])["id"], []).append(_tier(state, wish))
    for product_id, rows in wanted.items():
        held = (state.products.get(product_id) or {})["tier_prices"] if keeps_others else []
        merged = {tier_key(row): row for row in (*held, *rows)}
        state.products.update(product_id, tier_prices=list(merged.values()))
    return failures


@routes.post("/V1/products/tier-prices")
def tier_prices_post(call: Call) -> list[Row]:
    """Add or change tier prices; others of the product stay."""
    return _tiers_saved(call, keeps_others=True)


@routes.put("/V1/products/tier-prices")
def tier_prices_put(call: Call) -> list[Row]:
    """Make the tier prices of the named products exactly the given ones."""
    return _tiers_saved(call, keeps_others=False)


@routes.post("/V1/products/tier-prices-delete")
def tier_prices_delete(call: Call) -> list[Row]:
    """Remove tier prices."""
    state = call.state
    good, failures = prices_checked(state, call.body["prices"], tier_check)
    for wish in good:
        product, gone = product_by_sku(state, wish["sku"]), tier_key(_tier(state, wish))
        left = [row for row in product["tier_prices"] if tier_key(row) != gone]
        state.products.update(product["id"], tier_prices=left)
    return failures


@routes.post("/V1/products/tier-prices-information")
def tier_prices_read(call: Call) -> list[Row]:
    """Tier prices of the `skus`."""
    found = filter(None, (product_found(call.state, sku) for sku in call.body["skus"]))
    return [_tier_shape(call.state, product["sku"], row) for product in found for row in product["tier_prices"]]


def _tier_shape(state: State, sku: str, row: Mapping[str, Any]) -> Row:
    is_discount = row.get("percentage_value") is not None
    return {
        "price": row["percentage_value"] if is_discount else row["value"],
        "price_type": "discount" if is_discount else "fixed",
        "website_id": row["website_id"],
        "sku": sku,
        "customer_group": group_name(state, row["customer_group_id"]),
        "quantity": row["qty"],
    }
