"""*Edit* in the Admin: the order is cancelled and a new one takes its place (apis/magento.md §7, case M08)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ipaas.sandbox.magento.errors import bad
from ipaas.sandbox.magento.sales import changing, states
from ipaas.sandbox.magento.sales.cents import Row
from ipaas.sandbox.magento.sales.checkout_end import checked_out
from ipaas.sandbox.magento.sales.numbering import edited_number
from ipaas.sandbox.magento.sales.order_lookup import changed, items_of, order_of
from ipaas.sandbox.magento.shop.recipe import checkout_from
from ipaas.sandbox.magento.state import State


def edit(state: State, order_id: int, wish: Mapping[str, Any]) -> Row:
    """Replace an order: `{"lines": [{"line", "quantity"}], "add": [a recipe's lines], ...}`, the rest as in a recipe.

    `line` is a place among the order's lines; a quantity of 0 drops it. Answers the new order. Raises `Refused` for an
    order that cannot be edited any more: whatever was invoiced or shipped stays.
    """
    order = order_of(state, order_id)
    if not states.can_cancel(order, items_of(state, order_id)) or order.get("recipe") is None:
        raise bad("The order can't be edited.")
    recipe = _edited_recipe(order["recipe"], wish)
    number, original, edits = edited_number(order)
    relation = {
        "original_increment_id": original,
        "edit_increment": edits,
        "relation_parent_id": str(order_id),
        "relation_parent_real_id": order["increment_id"],
    }
    checkout = replace(checkout_from(state, recipe | {"increment_id": number}), edited=relation)
    new = checked_out(state, checkout)
    changed(state, new["entity_id"], {"recipe": recipe})
    changing.cancel(state, order_id)
    if state.switches["edit_links_child"]:
        links = {"relation_child_id": str(new["entity_id"]), "relation_child_real_id": number}
        changed(state, order_id, links)
    return order_of(state, new["entity_id"])


def _edited_recipe(recipe: Row, wish: Mapping[str, Any]) -> Row:
    """The recipe of the order with the wish's changes; what happened after the checkout does not happen again."""
    lines = [dict(line) for line in recipe.get("lines", ())]
    for row in wish.get("lines") or ():
        lines[int(row["line"])]["quantity"] = row["quantity"]
    kept = [line for line in lines if line.get("quantity", 1)]
    once = ("ship", "refund", "status_id", "days_ago", "increment_id")
    rest = {name: value for name, value in wish.items() if name not in ("lines", "add")}
    rest["lines"] = [*kept, *(wish.get("add") or ())]
    return {name: value for name, value in recipe.items() if name not in once} | rest
