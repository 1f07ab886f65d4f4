"""Products as rows: look-ups by SKU, what a store view sees of one, and its shape in answers (note §14).

A row of `products` has the static columns and `values` (see `scoped_values.py`), `website_ids`, `category_links`
`[{"category_id": "11", "position": 0}]`, `tier_prices`, `product_links`, `axes` of a configurable with the ids of its
children in `child_ids`, and `giftcard_amounts`. Pictures, customer's options and bundle options are rows of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from ipaas.sandbox.magento.errors import Refused
from ipaas.sandbox.magento.goods.attribute_rows import ROLES, attributes_of_set
from ipaas.sandbox.magento.goods.scoped_values import ADMIN, values_in
from ipaas.sandbox.magento.state import Row, State

NO_PRODUCT = "The product that was requested doesn't exist. Verify the product and try again."
SIMPLE, VIRTUAL, CONFIGURABLE, BUNDLE, GROUPED = "simple", "virtual", "configurable", "bundle", "grouped"
GIFT_CARD = "giftcard"
COMPOSITE = frozenset((CONFIGURABLE, BUNDLE, GROUPED))  # own no stock
TOP_LEVEL = ("name", "price", "status", "visibility", "weight")  # attributes that the answer has as own fields
EMPTY: Mapping[str, Any] = {
    "category_links": [],
    "tier_prices": [],
    "product_links": [],
    "axes": [],
    "child_ids": [],
    "giftcard_amounts": [],
}


def sku_key(sku: str) -> str:
    """A SKU as the database compares it."""
    return sku.casefold()


def product_by_sku(state: State, sku: str) -> Row:
    """The product. Raises `Refused` (404)."""
    found = product_found(state, sku)
    if found is None:
        raise Refused(404, NO_PRODUCT)
    return found


def product_found(state: State, sku: str) -> Row | None:
    """The product of a SKU in any letter case, or None."""
    return state.products.first(sku_key=sku_key(sku))


def product_by_id(state: State, product_id: int) -> Row:
    """The product. Raises `Refused` (404)."""
    found = state.products.get(product_id)
    if found is None:
        raise Refused(404, NO_PRODUCT)
    return found


def product_values(product: Mapping[str, Any], store_id: int = ADMIN) -> dict[str, Any]:
    """Attribute values as a store view sees them."""
    return values_in(product["values"], store_id)


def product_columns(product: Mapping[str, Any], store_id: int) -> Row:
    """A product as lists filter it: static columns and attribute values side by side."""
    static = {name: product[name] for name in STATIC}
    return {**product_values(product, store_id), **static, "entity_id": product["id"]}


STATIC = ("sku", "attribute_set_id", "type_id", "created_at", "updated_at")
STATIC_COLUMNS = {
    "entity_id": "integer",
    "sku": "string",
    "attribute_set_id": "integer",
    "type_id": "string",
    "created_at": "string",
    "updated_at": "string",
}


# --- shape -----------------------------------------------------------------------------------------


def product_shape(state: State, product: Mapping[str, Any], store_id: int) -> Row:
    """A product as a list answers it (without its stock)."""
    values = product_values(product, store_id)
    price = values.get("price")
    return {
        **{name: product[name] for name in STATIC},
        "id": product["id"],
        **{name: values.get(name) for name in TOP_LEVEL},
        "price": Decimal(0) if price is None and product["type_id"] in COMPOSITE else price,
        "extension_attributes": extension_shape(state, product),
        "product_links": [{"sku": product["sku"], **link} for link in product["product_links"]],
        "options": [
            {**row, "product_sku": product["sku"]} for row in state.product_options.find(product_id=product["id"])
        ],
        "media_gallery_entries": gallery_shape(state, product, store_id),
        "tier_prices": [tier_shape(row) for row in product["tier_prices"]],
        "custom_attributes": custom_attributes(state, product, values),
    }


def custom_attributes(state: State, product: Mapping[str, Any], values: Mapping[str, Any]) -> list[Row]:
    """Values that have no field of their own: text, numbers with the six places of their column (§3)."""
    known = attributes_of_set(state, product["attribute_set_id"])
    rows: list[Row] = [
        {"attribute_code": code, "value": custom_value(known[code], value)}
        for code, value in values.items()
        if code in known and code not in TOP_LEVEL
    ]
    if product["category_links"]:
        categories = [link["category_id"] for link in product["category_links"]]
        rows.append({"attribute_code": "category_ids", "value": categories})
    has_options = str(int(bool(product["axes"] or state.product_options.find(product_id=product["id"]))))
    return [*rows, *({"attribute_code": code, "value": has_options} for code in ("required_options", "has_options"))]


def custom_value(attribute: Mapping[str, Any], value: Any) -> str:
    """A stored value as text."""
    return f"{Decimal(value):.6f}" if attribute["backend_type"] == "decimal" else str(value)


def extension_shape(state: State, product: Mapping[str, Any]) -> Row:
    """`extension_attributes` of every answer; single ones have their stock too."""
    shape: Row = {"website_ids": product["website_ids"]}
    if product["category_links"]:
        shape["category_links"] = product["category_links"]
    if product["type_id"] == CONFIGURABLE:
        shape["configurable_product_options"] = [axis_shape(product, axis) for axis in product["axes"]]
        shape["configurable_product_links"] = product["child_ids"]
    if product["type_id"] == BUNDLE:
        shape["bundle_product_options"] = bundle_shape(state, product)
    if product["giftcard_amounts"]:
        shape["giftcard_amounts"] = product["giftcard_amounts"]
    return shape


def axis_shape(product: Mapping[str, Any], axis: Mapping[str, Any]) -> Row:
    """One option of a configurable."""
    values = [{"value_index": number} for number in axis["values"]]
    return {**axis, "attribute_id": str(axis["attribute_id"]), "values": values, "product_id": product["id"]}


def bundle_shape(state: State, product: Mapping[str, Any]) -> list[Row]:
    """Options of a bundle with their parts."""
    rows = state.bundle_options.find(product_id=product["id"])
    return [{**row, "sku": product["sku"]} for row in sorted(rows, key=lambda row: (row["position"], row["id"]))]


def tier_shape(row: Mapping[str, Any]) -> Row:
    """One tier price as products carry it."""
    more = {"website_id": row["website_id"]}
    if row.get("percentage_value") is not None:
        more["percentage_value"] = row["percentage_value"]
    return {**row, "extension_attributes": more}


def gallery_shape(state: State, product: Mapping[str, Any], store_id: int) -> list[Row]:
    """Pictures in their order; a role is held by the picture whose file the role's attribute names."""
    values = product_values(product, store_id)
    return [entry_shape(row, values) for row in gallery_of(state, product["id"])]


def entry_shape(entry: Mapping[str, Any], values: Mapping[str, Any]) -> Row:
    """One picture."""
    return {**entry, "types": [role for role in ROLES if values.get(role) == entry["file"]]}


def gallery_of(state: State, product_id: int) -> list[Row]:
    """Pictures of a product in their order."""
    return sorted(state.media_entries.find(product_id=product_id), key=lambda row: (row["position"], row["id"]))


def products_of(state: State, ids: Iterable[int]) -> list[Row]:
    """Products by id, those that are still there."""
    return [row for row in map(state.products.get, ids) if row is not None]
