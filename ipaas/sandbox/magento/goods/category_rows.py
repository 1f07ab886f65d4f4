"""Categories: the tree, what products are in them (note §14.5). Names and flags are values by scope, as of products."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ipaas.sandbox.magento.errors import bad, no_such
from ipaas.sandbox.magento.goods.scoped_values import ADMIN, values_in, values_with
from ipaas.sandbox.magento.goods.url_keys import url_key_of
from ipaas.sandbox.magento.state import Row, State

ROOT, DEFAULT = 1, 2
TOP_LEVEL = ("name", "is_active", "include_in_menu", "available_sort_by")
SCOPES = {"available_sort_by": "global"}


def categories_furnish(state: State) -> None:
    """The root of all and the default category under it."""
    category_insert(state, {"id": ROOT, "parent_id": 0, "name": "Root Catalog"})
    category_insert(state, {"id": DEFAULT, "parent_id": ROOT, "name": "Default Category"})


def category_insert(state: State, wish: Mapping[str, Any]) -> Row:
    """A new category as the last one under its parent."""
    parent = state.categories.get(wish["parent_id"])
    number = wish.get("id") or state.categories.next_id
    values = {name: wish[name] for name in TOP_LEVEL if wish.get(name) is not None}
    values |= {row["attribute_code"]: row["value"] for row in wish.get("custom_attributes") or ()}
    values = {"is_active": True, "include_in_menu": True, "url_key": url_key_of(str(wish["name"])), **values}
    return state.insert(
        state.categories,
        {
            "id": number,
            "parent_id": wish["parent_id"],
            "path": f"{parent['path']}/{number}" if parent else str(number),
            "level": parent["level"] + 1 if parent else 0,
            "position": wish.get("position") or len(state.categories.find(parent_id=wish["parent_id"])) + 1,
            "values": {"0": values},
        },
    )


def category_by_id(state: State, number: Any) -> Row:
    """The category. Raises `Refused` (404)."""
    row = state.categories.get(int(number)) if str(number).isdecimal() else None
    if row is None:
        raise no_such("id", number)
    return row


def category_save(state: State, store: Mapping[str, Any], wish: Mapping[str, Any], number: int | None = None) -> Row:
    """Create a category, or change the one of `number` in the scope of the store view. Raises `Refused`."""
    if number is None:
        if not wish.get("name"):
            raise bad('The "%1" attribute value is empty. Set the attribute and try again.', "Name")
        parent = category_by_id(state, wish.get("parent_id") or DEFAULT)
        return category_insert(state, {**wish, "id": None, "parent_id": parent["id"]})
    row = category_by_id(state, number)
    changes = {name: wish[name] for name in TOP_LEVEL if name in wish}
    changes |= {one["attribute_code"]: one["value"] for one in wish.get("custom_attributes") or ()}
    views = [one["id"] for one in state.store_views.all() if one["website_id"] == store["website_id"]]
    moved = {"position": wish["position"]} if wish.get("position") is not None else {}
    return state.update(
        state.categories, number, {"values": values_with(row["values"], store["id"], changes, SCOPES, views), **moved}
    )


def category_delete(state: State, row: Mapping[str, Any]) -> None:
    """Delete a category with everything below it; products lose the links."""
    if row["id"] in (ROOT, DEFAULT):
        raise bad("Cannot delete category with id %1", row["id"])
    for child in children_of(state, row["id"]):
        category_delete(state, child)
    for product in linked_products(state, row["id"]):
        left = [link for link in product["category_links"] if link["category_id"] != str(row["id"])]
        state.products.update(product["id"], category_links=left)
    state.categories.delete(row["id"])


def children_of(state: State, number: int) -> list[Row]:
    """Categories directly under one, in their order."""
    return sorted(state.categories.find(parent_id=number), key=lambda row: (row["position"], row["id"]))


def linked_products(state: State, number: int) -> list[Row]:
    """Stored products in a category; those of the long list are left out, as nobody lists a million."""
    return [row for row in state.products.stored() if _position(row, number) is not None]


def _position(product: Mapping[str, Any], number: int) -> int | None:
    return next((link["position"] for link in product["category_links"] if link["category_id"] == str(number)), None)


# --- shapes ----------------------------------------------------------------------------------------


def category_columns(row: Mapping[str, Any], store_id: int) -> Row:
    """A category as lists filter it."""
    static = ("parent_id", "path", "level", "position", "created_at", "updated_at")
    return {**values_in(row["values"], store_id), **{name: row[name] for name in static}, "entity_id": row["id"]}


def category_shape(state: State, row: Mapping[str, Any], store_id: int = ADMIN) -> Row:
    """One category as answered."""
    values = values_in(row["values"], store_id)
    children = children_of(state, row["id"])
    texts = {code: _text(value) for code, value in values.items() if code not in TOP_LEVEL}
    texts |= {"path": row["path"], "children_count": str(len(children))}
    return {
        **row,
        **{name: values.get(name) for name in TOP_LEVEL},
        "children": ",".join(str(child["id"]) for child in children),
        "custom_attributes": [{"attribute_code": code, "value": text} for code, text in texts.items()],
    }


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def tree_shape(state: State, row: Mapping[str, Any], store_id: int, depth: int | None) -> Row:
    """A category with those below it, as far down as `depth`."""
    values = values_in(row["values"], store_id)
    below: Iterable[Row] = children_of(state, row["id"]) if depth is None or depth > 0 else ()
    further = None if depth is None else depth - 1
    return {
        **row,
        "name": values.get("name"),
        "is_active": values.get("is_active"),
        "product_count": len(linked_products(state, row["id"])),
        "children_data": [tree_shape(state, child, store_id, further) for child in below],
    }


# --- products in a category ------------------------------------------------------------------------


def links_shape(state: State, number: int) -> list[Row]:
    """Products in a category."""
    rows = ((row["sku"], _position(row, number)) for row in linked_products(state, number))
    return [{"sku": sku, "position": place, "category_id": str(number)} for sku, place in rows]


def link_save(state: State, product: Mapping[str, Any], number: int, position: int) -> None:
    """Put a product into a category; its clock does not move (§20.1)."""
    others = [link for link in product["category_links"] if link["category_id"] != str(number)]
    links = [*others, {"category_id": str(number), "position": position}]
    state.products.update(product["id"], category_links=links)
