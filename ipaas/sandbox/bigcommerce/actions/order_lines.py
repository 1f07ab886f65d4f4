"""Lines in the bodies of order writes: custom ones, catalog ones, what was chosen for them (note §10.2, §13)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ipaas.sandbox.bigcommerce import rows as shapes
from ipaas.sandbox.bigcommerce.actions.totals import line_totals
from ipaas.sandbox.bigcommerce.errors import invalid, missing, read_only
from ipaas.sandbox.bigcommerce.rows import ZERO
from ipaas.sandbox.bigcommerce.state import Row, State, named, objects
from ipaas.sandbox.bigcommerce.wire import parse_decimal, parse_int

LINE_FIELDS = {
    "id",
    "product_id",
    "variant_id",
    "product_options",
    "name",
    "name_customer",
    "name_merchant",
    "sku",
    "upc",
    "quantity",
    "price_ex_tax",
    "price_inc_tax",
    "wrapping_name",
    "wrapping_message",
    "external_id",
}
MODIFIER_TYPES = {
    "text": "Text field",
    "numbers_only_text": "Text field",
    "multi_line_text": "Multi-line text field",
    "date": "Date field",
    "file": "File Upload",
    "checkbox": "Checkbox",
    "swatch": "Swatch",
    "product_list": "Product Pick List",
    "product_list_with_images": "Product Pick List",
}


def price_pair(item: Row, fallback: Decimal | None) -> tuple[Decimal, Decimal]:
    """Prices come in pairs (§13); a catalog line may leave them to the catalog."""
    ex, inc = item.get("price_ex_tax"), item.get("price_inc_tax")
    if ex is None and inc is None and fallback is not None:
        return fallback, fallback
    for name, value in (("price_inc_tax", inc), ("price_ex_tax", ex)):
        if value is None:
            raise missing(name)
    return money_of("price_ex_tax", ex), money_of("price_inc_tax", inc)


def money_of(name: str, value: Any) -> Decimal:
    """An amount of money. Raises 400."""
    try:
        return parse_decimal(value)
    except ValueError as exc:
        raise invalid(name, str(exc)) from exc


def quantity_of(item: Row) -> int:
    """The quantity of a line. Raises 400."""
    if item.get("quantity") is None:
        raise missing("quantity")
    try:
        quantity = parse_int(item["quantity"])
    except ValueError as exc:
        raise invalid("quantity", str(exc)) from exc
    if quantity < 0:
        raise invalid("quantity", "Quantity must not be negative")
    return quantity


def read_line(state: State, item: Any, *, inclusive: bool) -> Row:
    """A new line of a write as a row for `order_place`. Raises 400."""
    if not isinstance(item, dict):
        raise invalid("products", "Objects are expected")
    for name in item:
        if name not in LINE_FIELDS:
            raise read_only(name) if name in shapes.LINE else invalid(name, "Unknown field")
    row = _catalog_line(state, item) if item.get("product_id") else _custom_line(item)
    row["quantity"] = quantity_of(item)
    if row["quantity"] < 1:
        raise invalid("quantity", "Quantity must be at least 1")
    row["price_ex_tax"], row["price_inc_tax"] = price_pair(item, row.pop("catalog_price"))
    for name in (
        "name",
        "name_customer",
        "name_merchant",
        "sku",
        "upc",
        "wrapping_name",
        "wrapping_message",
        "external_id",
    ):
        if item.get(name):
            row[name] = item[name]
    return {**row, **line_totals(row, inclusive=inclusive)}


def _custom_line(item: Row) -> Row:
    if not item.get("name"):
        raise missing("name")
    return {"product_id": 0, "variant_id": 0, "catalog_price": None}


def _catalog_line(state: State, item: Row) -> Row:
    product = named(state.products, item["product_id"])
    if product is None:
        raise invalid("product_id", "The product does not exist")
    variant = _chosen_variant(state, item)
    if variant is None:
        raise invalid("product_options", "The options do not name a variant of the product")
    price = variant["price"] if variant["price"] is not None else product["sale_price"] or product["price"]
    brand = state.brands.get(product["brand_id"]) if product["brand_id"] else None
    return {
        "product_id": product["id"],
        "variant_id": variant["id"],
        "name": product["name"],
        "sku": variant["sku"] or product["sku"],
        "upc": variant["upc"] or product["upc"],
        "type": product["type"],
        "weight": variant["weight"] if variant["weight"] is not None else product["weight"],
        "base_cost_price": variant["cost_price"] or product["cost_price"] or ZERO,
        "brand": brand["name"] if brand else "",
        "option_set_id": product["option_set_id"],
        "product_options": [_option_row(state, product, value) for value in variant["option_values"]]
        + _modifier_rows(state, item),
        "catalog_price": Decimal(price),
    }


def _chosen_variant(state: State, item: Row) -> Row | None:
    variants = state.variants.find(product_id=item["product_id"])
    if item.get("variant_id"):
        return next((row for row in variants if row["id"] == item["variant_id"]), None)
    wanted = {str(option.get("value")) for option in objects(item.get("product_options")) or []}
    for row in variants:
        if {str(value["id"]) for value in row["option_values"]} <= wanted:
            return row
    return None


def _option_row(state: State, product: Row, value: Row) -> Row:
    kinds = {"swatch": "Swatch", "product_list": "Product Pick List", "product_list_with_images": "Product Pick List"}
    option = state.options.get(value["option_id"])
    return {
        "option_id": value["option_id"],
        "product_option_id": value["option_id"],
        "display_name": value["option_display_name"],
        "display_value": value["label"],
        "value": str(value["id"]),
        "type": kinds.get(option["type"] if option else "", "Multiple choice"),
        "name": option["name"] if option else f"{value['option_display_name']}-{product['id']}",
    }


def _modifier_rows(state: State, item: Row) -> list[Row]:
    """What the request says for the product's modifiers, as the order remembers it (§10.2)."""
    given = {
        option.get("id"): str(option.get("value", ""))
        for option in objects(item.get("product_options")) or []
        if isinstance(option.get("id"), int)
    }
    found = []
    for row in state.modifiers.find(product_id=item["product_id"]):
        if row["id"] in given:
            text = given[row["id"]]
            label = next((value["label"] for value in row["option_values"] if str(value["id"]) == text), text)
            found.append(
                {
                    "option_id": row["id"],
                    "product_option_id": row["id"],
                    "display_name": row["display_name"],
                    "display_value": label,
                    "value": text,
                    "name": row["name"],
                    "type": MODIFIER_TYPES.get(row["type"], "Multiple choice"),
                }
            )
    return found
