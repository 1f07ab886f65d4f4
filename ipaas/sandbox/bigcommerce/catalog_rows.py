"""Fields of catalog rows: defaults, kinds and limits (note §18, §19). Values as in `rows.py`."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from ipaas.sandbox.bigcommerce.errors import bad_fields
from ipaas.sandbox.bigcommerce.rows import ZERO
from ipaas.sandbox.bigcommerce.state import Row

MONEY, OPTIONAL_MONEY, WHOLE, FLAG, LIST, OBJECT = "number", "number or null", "integer", "boolean", "array", "object"
Kind = str | int | tuple[str, ...]  # an int is the longest text, a tuple all texts allowed
Fields = Mapping[str, tuple[Any, Kind]]
LONG = 65_535

PRODUCT: Fields = MappingProxyType(
    {
        "name": ("", 250),
        "type": ("physical", ("physical", "digital")),
        "sku": ("", 255),
        "description": ("", LONG),
        "weight": (ZERO, MONEY),
        "width": (ZERO, MONEY),
        "depth": (ZERO, MONEY),
        "height": (ZERO, MONEY),
        "price": (ZERO, MONEY),
        "cost_price": (ZERO, MONEY),
        "retail_price": (ZERO, MONEY),
        "sale_price": (ZERO, MONEY),
        "map_price": (ZERO, MONEY),
        "tax_class_id": (0, WHOLE),
        "product_tax_code": ("", 255),
        "categories": ([], LIST),
        "brand_id": (0, WHOLE),
        "option_set_id": (None, WHOLE),
        "option_set_display": ("right", 255),
        "inventory_warning_level": (0, WHOLE),
        "inventory_tracking": ("none", ("none", "product", "variant")),
        "fixed_cost_shipping_price": (ZERO, MONEY),
        "is_free_shipping": (False, FLAG),
        "is_visible": (False, FLAG),
        "is_featured": (False, FLAG),
        "related_products": ([-1], LIST),
        "warranty": ("", LONG),
        "bin_picking_number": ("", 255),
        "layout_file": ("", 500),
        "upc": ("", 14),
        "mpn": ("", 255),
        "gtin": ("", 14),
        "search_keywords": ("", LONG),
        "availability": ("available", ("available", "disabled", "preorder")),
        "availability_description": ("", 255),
        "gift_wrapping_options_type": ("any", ("any", "none", "list")),
        "gift_wrapping_options_list": ([], LIST),
        "sort_order": (0, WHOLE),
        "condition": ("New", ("New", "Used", "Refurbished")),
        "is_condition_shown": (False, FLAG),
        "order_quantity_minimum": (0, WHOLE),
        "order_quantity_maximum": (0, WHOLE),
        "page_title": ("", 255),
        "meta_keywords": ([], LIST),
        "meta_description": ("", LONG),
        "view_count": (0, WHOLE),
        "preorder_message": ("", 255),
        "is_preorder_only": (False, FLAG),
        "is_price_hidden": (False, FLAG),
        "price_hidden_label": ("", 200),
        "custom_url": ({}, OBJECT),
        "open_graph_type": ("product", 255),
        "open_graph_title": ("", LONG),
        "open_graph_description": ("", LONG),
        "open_graph_use_meta_description": (True, FLAG),
        "open_graph_use_product_name": (True, FLAG),
        "open_graph_use_image": (True, FLAG),
        "custom_fields": ([], LIST),
    }
)
"""Writable fields of a product. Stored besides: id, sku_key, name_key, base_variant_id, total_sold, reviews_*,
date_created, date_modified. Stock lives in the stock table."""

VARIANT: Fields = MappingProxyType(
    {
        "sku": ("", 255),
        "price": (None, OPTIONAL_MONEY),
        "sale_price": (None, OPTIONAL_MONEY),
        "retail_price": (None, OPTIONAL_MONEY),
        "map_price": (None, OPTIONAL_MONEY),
        "cost_price": (None, OPTIONAL_MONEY),
        "weight": (None, OPTIONAL_MONEY),
        "width": (None, OPTIONAL_MONEY),
        "height": (None, OPTIONAL_MONEY),
        "depth": (None, OPTIONAL_MONEY),
        "is_free_shipping": (False, FLAG),
        "fixed_cost_shipping_price": (None, OPTIONAL_MONEY),
        "purchasing_disabled": (False, FLAG),
        "purchasing_disabled_message": ("", 255),
        "image_url": ("", LONG),
        "upc": ("", 14),
        "mpn": ("", 255),
        "gtin": ("", 14),
        "inventory_warning_level": (0, WHOLE),
        "bin_picking_number": ("", 255),
    }
)
"""Writable fields of a variant. Stored besides: id, product_id, sku_id, sku_key, option_values, base_stock (pairs
[location, on hand] of computed rows)."""

OPTION_TYPES = ("radio_buttons", "rectangles", "dropdown", "product_list", "product_list_with_images", "swatch")
MODIFIER_TYPES = ("date", "checkbox", "file", "text", "multi_line_text", "numbers_only_text", *OPTION_TYPES)
OPTION: Fields = MappingProxyType(
    {
        "display_name": ("", 255),
        "type": ("dropdown", OPTION_TYPES),
        "sort_order": (0, WHOLE),
        "config": ({}, OBJECT),
        "image_url": ("", 255),
    }
)
MODIFIER: Fields = MappingProxyType(
    {
        "display_name": ("", 255),
        "type": ("text", MODIFIER_TYPES),
        "required": (False, FLAG),
        "sort_order": (0, WHOLE),
        "config": ({}, OBJECT),
    }
)
BRAND: Fields = MappingProxyType(
    {
        "name": ("", 255),
        "page_title": ("", 250),
        "meta_keywords": ([], LIST),
        "meta_description": ("", LONG),
        "search_keywords": ("", LONG),
        "image_url": ("", 255),
        "custom_url": ({}, OBJECT),
    }
)
CATEGORY: Fields = MappingProxyType(
    {
        "parent_id": (0, WHOLE),
        "name": ("", 50),
        "description": ("", LONG),
        "sort_order": (0, WHOLE),
        "page_title": ("", 255),
        "meta_keywords": ([], LIST),
        "meta_description": ("", LONG),
        "layout_file": ("", 500),
        "is_visible": (True, FLAG),
        "search_keywords": ("", 255),
        "default_product_sort": ("use_store_settings", 50),
        "image_url": ("", 255),
        "custom_url": ({}, OBJECT),
        "tree_id": (1, WHOLE),
    }
)
IMAGE: Fields = MappingProxyType(
    {
        "image_file": ("", 255),
        "is_thumbnail": (False, FLAG),
        "sort_order": (0, WHOLE),
        "description": ("", LONG),
        "image_url": ("", 2_000),
    }
)


def defaults(fields: Fields) -> Row:
    """A row of nothing but defaults, its lists and objects not shared."""
    return {name: value.copy() if isinstance(value, list | dict) else value for name, (value, _) in fields.items()}


def _fault(value: Any, kind: Kind) -> str | None:
    """Why a value does not fit its kind, or None."""
    if isinstance(kind, tuple):
        return None if value in kind else f"must be one of {', '.join(kind)}"
    if isinstance(kind, int):
        if not isinstance(value, str):
            return "must be a string"
        return f"must not be longer than {kind} characters" if len(value) > kind else None
    if value is None and kind in (OPTIONAL_MONEY, OBJECT):
        return None
    number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    fits = {
        MONEY: number,
        OPTIONAL_MONEY: number,
        WHOLE: number and value == int(value),
        FLAG: isinstance(value, bool),
        LIST: isinstance(value, list),
        OBJECT: isinstance(value, dict),
    }
    if not fits[kind]:
        return f"must be of type {kind}"
    return "must be 0 or more" if kind in (MONEY, OPTIONAL_MONEY) and value < 0 else None


def read(fields: Fields, body: Row, prefix: str = "") -> Row:
    """The known fields of a write, as stored; others are ignored as V3 does. Raises 422 naming every bad one."""
    found, faults = {}, {}
    for name in fields.keys() & body.keys():
        kind, value = fields[name][1], body[name]
        fault = _fault(value, kind)
        if fault:
            faults[prefix + name] = f"{name} {fault}"
        money = kind in (MONEY, OPTIONAL_MONEY) and isinstance(value, int) and not isinstance(value, bool)
        found[name] = Decimal(value) if money else value
    if faults:
        raise bad_fields(faults)
    return found
