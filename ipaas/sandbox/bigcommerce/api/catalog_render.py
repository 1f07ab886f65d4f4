"""Catalog objects as V3 writes them (note §18, §19)."""

from __future__ import annotations

from decimal import Decimal

from ipaas.sandbox.bigcommerce import catalog_rows as shapes
from ipaas.sandbox.bigcommerce.actions.custom_fields import numbered
from ipaas.sandbox.bigcommerce.actions.stock import product_level, variant_level
from ipaas.sandbox.bigcommerce.state import Row, State
from ipaas.sandbox.bigcommerce.wire import iso_offset, iso_z, number

PRODUCT_ORDER = (
    "name",
    "type",
    "sku",
    "description",
    "weight",
    "width",
    "depth",
    "height",
    "price",
    "cost_price",
    "retail_price",
    "sale_price",
    "map_price",
    "calculated_price",
    "tax_class_id",
    "product_tax_code",
    "categories",
    "brand_id",
    "option_set_id",
    "option_set_display",
    "inventory_level",
    "inventory_warning_level",
    "inventory_tracking",
    "reviews_rating_sum",
    "reviews_count",
    "total_sold",
    "fixed_cost_shipping_price",
    "is_free_shipping",
    "is_visible",
    "is_featured",
    "related_products",
    "warranty",
    "bin_picking_number",
    "layout_file",
    "upc",
    "mpn",
    "gtin",
    "search_keywords",
    "availability",
    "availability_description",
    "gift_wrapping_options_type",
    "gift_wrapping_options_list",
    "sort_order",
    "condition",
    "is_condition_shown",
    "order_quantity_minimum",
    "order_quantity_maximum",
    "page_title",
    "meta_keywords",
    "meta_description",
    "date_created",
    "date_modified",
    "view_count",
    "preorder_release_date",
    "preorder_message",
    "is_preorder_only",
    "is_price_hidden",
    "price_hidden_label",
    "custom_url",
    "base_variant_id",
    "open_graph_type",
    "open_graph_title",
    "open_graph_description",
    "open_graph_use_meta_description",
    "open_graph_use_product_name",
    "open_graph_use_image",
)


def calculated_price(product: Row, variant: Row | None = None) -> Decimal:
    """The effective price: the variant's, else the product's sale or normal price."""
    if variant is not None and variant["price"] is not None:
        return Decimal(variant["sale_price"] or variant["price"])
    return Decimal(product["sale_price"] or product["price"])


def product_object(state: State, product: Row, include: set[str] | None = None) -> Row:
    """A product of §18, with what `include` names."""
    include = include or set()
    variants = state.variants.find(product_id=product["id"])
    row = {
        **product,
        "calculated_price": calculated_price(product),
        "inventory_level": product_level(state, product, variants),
        "preorder_release_date": None,
        "date_created": iso_offset(product["date_created"]),
        "date_modified": iso_offset(product["date_modified"]),
    }
    out: Row = {"id": product["id"]}
    for name in PRODUCT_ORDER:
        value = row[name]
        out[name] = number(value) if isinstance(value, Decimal) else value
    if include:
        out.update(_included(state, product, variants, include))
    return out


def _included(state: State, product: Row, variants: list[Row], include: set[str]) -> Row:
    out: Row = {}
    number_ = product["id"]
    if "variants" in include:
        out["variants"] = [variant_object(state, variant, product) for variant in variants]
    if "options" in include:
        out["options"] = [option_object(row) for row in state.options.find(product_id=number_)]
    if "modifiers" in include:
        out["modifiers"] = [modifier_object(row) for row in state.modifiers.find(product_id=number_)]
    images = [image_object(row) for row in state.images.find(product_id=number_)]
    if "images" in include:
        out["images"] = images
    if state.switches["product_includes"] == "empty":
        out |= {name: [] for name in include & {"variants", "images"}}
    if "primary_image" in include:
        out["primary_image"] = next((image for image in images if image["is_thumbnail"]), None)
    if "custom_fields" in include:
        out["custom_fields"] = numbered(product["custom_fields"])
    for name in ("bulk_pricing_rules", "videos", "parent_relations"):
        if name in include:
            out[name] = []
    return out


VARIANT_ORDER = (
    "sku",
    "sku_id",
    "price",
    "calculated_price",
    "sale_price",
    "retail_price",
    "map_price",
    "cost_price",
    "weight",
    "calculated_weight",
    "width",
    "height",
    "depth",
    "is_free_shipping",
    "fixed_cost_shipping_price",
    "purchasing_disabled",
    "purchasing_disabled_message",
    "image_url",
    "upc",
    "mpn",
    "gtin",
    "inventory_level",
    "inventory_warning_level",
    "bin_picking_number",
    "option_values",
)


def variant_object(state: State, variant: Row, product: Row | None = None) -> Row:
    """A variant of §19; null prices and weights inherit from the product."""
    product = product or state.products.get(variant["product_id"]) or shapes.defaults(shapes.PRODUCT)
    by_variant = product["inventory_tracking"] == "variant" or variant["sku_id"] is None
    level = (
        variant_level(state, variant)
        if product["inventory_tracking"] == "variant"
        else (product_level(state, product, [variant]) if by_variant else 0)
    )
    weight = variant["weight"] if variant["weight"] is not None else product["weight"]
    row = {
        **variant,
        "calculated_price": calculated_price(product, variant),
        "calculated_weight": weight,
        "inventory_level": level,
        "map_price": variant["map_price"] if variant["map_price"] is not None else {},
    }
    out: Row = {"id": variant["id"], "product_id": variant["product_id"]}
    for name in VARIANT_ORDER:
        value = row[name]
        out[name] = number(value) if isinstance(value, Decimal) else value
    return out


def option_object(row: Row) -> Row:
    """A variant option."""
    return {
        "id": row["id"],
        "product_id": row["product_id"],
        "name": row["name"],
        "display_name": row["display_name"],
        "type": row["type"],
        "config": row["config"],
        "option_values": row["option_values"],
        "sort_order": row["sort_order"],
        "image_url": row["image_url"],
    }


def modifier_object(row: Row) -> Row:
    """A modifier."""
    return {
        "id": row["id"],
        "product_id": row["product_id"],
        "name": row["name"],
        "display_name": row["display_name"],
        "type": row["type"],
        "required": row["required"],
        "sort_order": row["sort_order"],
        "config": row["config"],
        "option_values": row["option_values"],
    }


def image_object(row: Row) -> Row:
    """An image with its sizes."""
    base = row["image_url"]
    return {
        "id": row["id"],
        "product_id": row["product_id"],
        "image_file": row["image_file"],
        "is_thumbnail": row["is_thumbnail"],
        "sort_order": row["sort_order"],
        "description": row["description"],
        "url_zoom": base,
        "url_standard": base,
        "url_thumbnail": base,
        "url_tiny": base,
        "date_modified": iso_offset(row["date_modified"]),
    }


def location_object(row: Row) -> Row:
    """A location of §21."""
    names = (
        "id",
        "code",
        "label",
        "description",
        "managed_by_external_source",
        "type_id",
        "enabled",
        "operating_hours",
        "time_zone",
    )
    return {
        **{name: row[name] for name in names},
        "created_at": iso_z(row["created_at"]),
        "updated_at": iso_z(row["updated_at"]),
        "address": row["address"],
        "storefront_visibility": row["storefront_visibility"],
        "special_hours": row["special_hours"],
    }
