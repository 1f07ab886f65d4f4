"""Product attributes, their options and sets as rows: look-ups, shapes, and what a fresh installation has (note §14.3).

A row of `attributes` has the real columns; its options are rows of `options`:
`{attribute_id, sort_order, is_default, labels: {"0": "Green", "2": "Grün"}}`, whose id is the value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ipaas.sandbox.magento.errors import Refused
from ipaas.sandbox.magento.settings import setting
from ipaas.sandbox.magento.state import Row, State

PRODUCT_TYPE = 4  # entity_type_id of products
DEFAULT_SET = 4
NO_ATTRIBUTE = 'The attribute with a "%1" attributeCode doesn\'t exist. Verify the attribute and try again.'
PRICE_SCOPE = "catalog/price/scope"  # 0 global, 1 website
PRICES = frozenset(("price", "special_price", "special_from_date", "special_to_date", "cost", "msrp"))
BACKEND_TYPES = {
    "text": "varchar",
    "textarea": "text",
    "texteditor": "text",
    "select": "int",
    "swatch_visual": "int",
    "swatch_text": "int",
    "boolean": "int",
    "multiselect": "text",
    "date": "datetime",
    "datetime": "datetime",
    "price": "decimal",
    "weight": "decimal",
    "media_image": "varchar",
    "gallery": "static",
}
OPTIONED = frozenset(("select", "multiselect", "swatch_visual", "swatch_text", "boolean"))
FLAGS = {
    "is_wysiwyg_enabled": False,
    "is_html_allowed_on_front": True,
    "used_for_sort_by": False,
    "is_filterable": False,
    "is_filterable_in_search": False,
    "is_used_in_grid": False,
    "is_visible_in_grid": False,
    "is_filterable_in_grid": False,
    "position": 0,
    "apply_to": [],
    "is_searchable": "0",
    "is_visible_in_advanced_search": "0",
    "is_comparable": "0",
    "is_used_for_promo_rules": "0",
    "is_visible_on_front": "0",
    "used_in_product_listing": "0",
    "is_visible": True,
    "scope": "store",
    "is_required": False,
    "is_user_defined": True,
    "is_unique": "0",
}
#: (id, code, label, input, scope, required) of a fresh installation, as far as products of this shop show them.
SYSTEM = (
    (73, "name", "Product Name", "text", "store", True),
    (74, "sku", "SKU", "text", "global", True),
    (75, "description", "Description", "textarea", "store", False),
    (76, "short_description", "Short Description", "textarea", "store", False),
    (77, "price", "Price", "price", "global", True),
    (78, "special_price", "Special Price", "price", "global", False),
    (79, "special_from_date", "Special Price From Date", "date", "global", False),
    (80, "special_to_date", "Special Price To Date", "date", "global", False),
    (81, "cost", "Cost", "price", "global", False),
    (82, "weight", "Weight", "weight", "global", False),
    (83, "manufacturer", "Manufacturer", "select", "global", False),
    (84, "meta_title", "Meta Title", "text", "store", False),
    (86, "meta_description", "Meta Description", "textarea", "store", False),
    (87, "image", "Base", "media_image", "store", False),
    (88, "small_image", "Small", "media_image", "store", False),
    (89, "thumbnail", "Thumbnail", "media_image", "store", False),
    (93, "color", "Color", "select", "global", False),
    (97, "status", "Enable Product", "select", "website", False),
    (99, "visibility", "Visibility", "select", "store", False),
    (106, "options_container", "Display Product Options In", "select", "store", False),
    (119, "msrp", "Manufacturer's Suggested Retail Price", "price", "global", False),
    (121, "url_key", "URL Key", "text", "store", False),
    (124, "price_type", "Dynamic Price", "boolean", "global", False),
    (127, "shipment_type", "Ship Bundle Items", "select", "global", False),
    (134, "swatch_image", "Swatch", "media_image", "store", False),
    (136, "tax_class_id", "Tax Class", "select", "website", False),
    (138, "giftcard_type", "Card Type", "select", "global", False),
)
USER_DEFINED = frozenset(("manufacturer", "color"))
ROLES = ("image", "small_image", "thumbnail", "swatch_image")


def attributes_furnish(state: State) -> None:
    """The attributes, the set "Default" and its groups of a fresh installation."""
    state.insert(
        state.attribute_sets,
        {
            "attribute_set_id": DEFAULT_SET,
            "attribute_set_name": "Default",
            "sort_order": 1,
            "entity_type_id": PRODUCT_TYPE,
        },
    )
    group = state.insert(
        state.attribute_groups,
        {"attribute_group_id": 7, "attribute_group_name": "Product Details", "attribute_set_id": DEFAULT_SET},
    )
    for number, code, label, kind, scope, required in SYSTEM:
        row = {"attribute_id": number, "attribute_code": code, "frontend_input": kind, "scope": scope}
        texts = {"is_required": required, "default_frontend_label": label}
        attribute_insert(state, {**row, **texts, "is_user_defined": code in USER_DEFINED})
        set_attribute(state, DEFAULT_SET, group["id"], number, number)


def attribute_insert(state: State, wish: Mapping[str, Any]) -> Row:
    """A new attribute with everything that the wish leaves out."""
    kind = wish.get("frontend_input") or "text"
    return state.insert(
        state.attributes,
        {
            **FLAGS,
            **wish,
            "frontend_input": kind,
            "backend_type": BACKEND_TYPES[kind],
            "entity_type_id": str(PRODUCT_TYPE),
        },
    )


def set_attribute(state: State, set_id: int, group_id: int, attribute_id: int, sort_order: int = 0) -> Row:
    """Put an attribute into a set, or move it there to another group."""
    place = {"attribute_group_id": group_id, "sort_order": sort_order}
    held = state.set_attributes.first(attribute_set_id=set_id, attribute_id=attribute_id)
    if held is not None:
        return state.set_attributes.update(held["id"], place)
    return state.set_attributes.insert({"attribute_set_id": set_id, "attribute_id": attribute_id, **place})


# --- looking up ------------------------------------------------------------------------------------


def attribute_named(state: State, code: str) -> Row:
    """The attribute of a code, or of an id in its place. Raises `Refused` (404)."""
    found = state.attributes.first(attribute_code=code)
    if found is None and code.isdecimal():
        found = state.attributes.get(int(code))
    if found is None:
        raise Refused(404, NO_ATTRIBUTE, [code])
    return found


def attributes_of_set(state: State, set_id: int) -> dict[str, Row]:
    """Code -> attribute of everything in the set; values of other attributes are dropped (§14.3)."""
    held = (state.attributes.get(row["attribute_id"]) for row in state.set_attributes.find(attribute_set_id=set_id))
    return {row["attribute_code"]: row for row in held if row is not None}


def scope_of(state: State, attribute: Mapping[str, Any]) -> str:
    """`global`, `website` or `store`; that of prices is a setting of the shop (§14.1)."""
    if attribute["attribute_code"] in PRICES:
        return "website" if str(setting(state, PRICE_SCOPE)) == "1" else "global"
    return str(attribute["scope"])


def options_of(state: State, attribute_id: int) -> list[Row]:
    """Options in the order of the shop."""
    return sorted(state.options.find(attribute_id=attribute_id), key=lambda row: (row["sort_order"], row["id"]))


def label_in(option: Mapping[str, Any], store_id: int) -> str:
    """What the view calls an option."""
    labels = option["labels"]
    return str(labels.get(str(store_id)) or labels["0"])


# --- shapes ----------------------------------------------------------------------------------------


def attribute_shape(state: State, row: Mapping[str, Any], store_id: int) -> Row:
    """An attribute as answered, with its options."""
    labels = [{"store_id": int(at), "label": text} for at, text in row.get("labels", {}).items() if at != "0"]
    shape = {**row, "scope": scope_of(state, row), "frontend_labels": labels, "validation_rules": []}
    return shape | {"options": options_shape(state, row, store_id) if row["frontend_input"] in OPTIONED else []}


def options_shape(state: State, attribute: Mapping[str, Any], store_id: int) -> list[Row]:
    """Options as answered: a blank row first (§14.3), then label and id."""
    if attribute["frontend_input"] == "boolean":
        return [{"label": "Yes", "value": "1"}, {"label": "No", "value": "0"}]
    if attribute["attribute_code"] in FIXED:
        return [{"label": label, "value": value} for value, label in FIXED[attribute["attribute_code"]]]
    if attribute["attribute_code"] == "tax_class_id":
        classes = (row for row in state.tax_classes.all() if row["class_type"] == "PRODUCT")
        return [{"label": "None", "value": "0"}] + [
            {"label": row["class_name"], "value": str(row["id"])} for row in classes
        ]
    rows = options_of(state, attribute["attribute_id"])
    return [{"label": " ", "value": ""}] + [{"label": label_in(row, store_id), "value": str(row["id"])} for row in rows]


FIXED = {
    "status": (("1", "Enabled"), ("2", "Disabled")),
    "visibility": (("1", "Not Visible Individually"), ("2", "Catalog"), ("3", "Search"), ("4", "Catalog, Search")),
    "options_container": (("container1", "Product Info Column"), ("container2", "Block after Info Column")),
    "shipment_type": (("0", "Together"), ("1", "Separately")),
    "giftcard_type": (("0", "Virtual"), ("1", "Physical"), ("2", "Combined")),
}
