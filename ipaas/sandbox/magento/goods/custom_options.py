"""Options that a shopper fills in, `options` of a product; a sent list replaces the old one (note §14.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ipaas.sandbox.magento.call import Call
from ipaas.sandbox.magento.errors import Refused
from ipaas.sandbox.magento.goods.product_rows import product_by_sku
from ipaas.sandbox.magento.routing import Routes
from ipaas.sandbox.magento.state import Row, State

routes = Routes()
NO_OPTION = "Option doesn't exist"
DEFAULTS = {"sort_order": 0, "is_require": True}


def options_replace(state: State, product_id: int, wishes: Sequence[Mapping[str, Any]]) -> None:
    """Make the options exactly the given ones: those with a known `option_id` change, the others are new."""
    held = {row["id"] for row in state.product_options.find(product_id=product_id)}
    for gone in held - {wish.get("option_id") for wish in wishes}:
        state.product_options.delete(gone)
    for wish in wishes:
        option_save(state, product_id, wish)


def option_save(state: State, product_id: int, wish: Mapping[str, Any]) -> Row:
    """Change the option of the wish's `option_id`, or add one."""
    held = state.product_options.get(wish.get("option_id") or 0)
    row = {name: value for name, value in wish.items() if name not in ("product_sku", "option_id")}
    if "values" in row:
        row["values"] = _values(state, row["values"] or ())
    if held is not None and held["product_id"] == product_id:
        return state.update(state.product_options, held["id"], row)
    return state.insert(state.product_options, {**DEFAULTS, **row, "product_id": product_id})


def _values(state: State, wishes: Sequence[Mapping[str, Any]]) -> list[Row]:
    numbered = []
    for wish in wishes:
        number = wish.get("option_type_id") or state.option_numbers.insert({})["id"]
        numbered.append({"sort_order": 0, "price": 0, "price_type": "fixed", **wish, "option_type_id": number})
    return numbered


def _option(call: Call, product: Mapping[str, Any], option_id: int) -> Row:
    row = call.state.product_options.get(option_id)
    if row is None or row["product_id"] != product["id"]:
        raise Refused(404, NO_OPTION)
    return row


def _shape(product: Mapping[str, Any], row: Row) -> Row:
    return {**row, "product_sku": product["sku"]}


@routes.get("/V1/products/{sku}/options")
def options_list(call: Call) -> list[Row]:
    """Every option of a product."""
    product = product_by_sku(call.state, call.path["sku"])
    return [_shape(product, row) for row in call.state.product_options.find(product_id=product["id"])]


@routes.get("/V1/products/{sku}/options/{optionId}")
def option_get(call: Call) -> Row:
    """One option."""
    product = product_by_sku(call.state, call.path["sku"])
    return _shape(product, _option(call, product, call.path["optionId"]))


@routes.delete("/V1/products/{sku}/options/{optionId}")
def option_delete(call: Call) -> bool:
    """Take an option away."""
    product = product_by_sku(call.state, call.path["sku"])
    return call.state.product_options.delete(_option(call, product, call.path["optionId"])["id"])


@routes.post("/V1/products/options")
def option_post(call: Call) -> Row:
    """Add an option to the product that it names."""
    wish = call.body["option"]
    product = product_by_sku(call.state, wish.get("product_sku") or "")
    return _shape(product, option_save(call.state, product["id"], wish))


@routes.put("/V1/products/options/{optionId}")
def option_put(call: Call) -> Row:
    """Change an option."""
    wish = {**call.body["option"], "option_id": int(call.path["optionId"])}
    product = product_by_sku(call.state, wish.get("product_sku") or "")
    _option(call, product, wish["option_id"])
    return _shape(product, option_save(call.state, product["id"], wish))
