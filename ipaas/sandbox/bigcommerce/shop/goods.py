"""What the shop knows about a SKU: goods, choices and modifiers as the rows of an order line (note §10, §18, §19)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zlib import crc32

from ipaas.sandbox.bigcommerce.actions import stock
from ipaas.sandbox.bigcommerce.pricing import CartLine, Goods
from ipaas.sandbox.bigcommerce.rows import ZERO
from ipaas.sandbox.bigcommerce.state import Row, State

#: v3 type -> the text an order line shows (§10.2).
OPTION_TYPES = {
    "text": "Text field",
    "numbers_only_text": "Text field",
    "multi_line_text": "Multi-line text field",
    "date": "Date field",
    "file": "File Upload",
    "checkbox": "Checkbox",
    "swatch": "Swatch",
    "dropdown": "Multiple choice",
    "radio_buttons": "Multiple choice",
    "rectangles": "Multiple choice",
    "product_list": "Product Pick List",
    "product_list_with_images": "Product Pick List",
}
PICK_LISTS = ("product_list", "product_list_with_images")
LISTS = ("dropdown", "radio_buttons", "rectangles", "swatch", *PICK_LISTS)
NAME_STAMP = 1_700_000_000


class Unsellable(Exception):
    """The shop cannot sell this; `field` says what to mend, the text is for the shopper."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Found:
    """A variant with its product."""

    product: Row
    variant: Row


@dataclass(frozen=True, slots=True)
class Filled:
    """What the modifiers of a line come to."""

    options: tuple[Row, ...] = ()
    extra: Decimal = ZERO
    children: tuple[CartLine, ...] = ()


def find(state: State, sku: str) -> Found:
    """The variant of a SKU. Raises `Unsellable`."""
    variant = state.variants.first(sku=sku)
    product = state.products.get(variant["product_id"]) if variant else None
    if variant is None or product is None:
        raise Unsellable("sku", f"We do not sell {sku}.")
    return Found(product, variant)


def unit_price(found: Found) -> Decimal:
    """The price on the shelf: the variant's, or the product's sale price or price."""
    variant, product = found.variant, found.product
    own = variant.get("sale_price") or variant["price"]
    return Decimal(own if own is not None else product["sale_price"] or product["price"])


def goods_of(state: State, found: Found) -> Goods:
    """The snapshot an order line keeps."""
    product, variant = found.product, found.variant
    brand = state.brands.get(product["brand_id"]) if product["brand_id"] else None

    def either(name: str) -> Any:
        return variant[name] if variant[name] is not None else product[name]

    return Goods(
        product_id=product["id"],
        variant_id=variant["id"],
        name=product["name"],
        price=unit_price(found),
        sku=variant["sku"] or product["sku"],
        upc=variant["upc"] or product["upc"],
        type=product["type"],
        cost=Decimal(either("cost_price") or 0),
        weight=Decimal(either("weight") or 0),
        size=(Decimal(either("width") or 0), Decimal(either("height") or 0), Decimal(either("depth") or 0)),
        brand=brand["name"] if brand else "",
        option_set_id=product["option_set_id"],
        bin_picking_number=variant["bin_picking_number"] or product["bin_picking_number"],
    )


def left(state: State, found: Found) -> int | None:
    """How many the shop can sell; None when it does not count."""
    mode = stock.tracking(found.product)
    if mode == "none":
        return None
    if mode == "variant":
        return stock.variant_level(state, found.variant)
    return stock.product_level(state, found.product, [found.variant])


def choices_of(state: State, found: Found) -> tuple[Row, ...]:
    """The variant choices of a line as option rows."""
    rows = []
    for value in found.variant["option_values"]:
        option = state.options.get(value["option_id"])
        kind = option["type"] if option else "dropdown"
        rows.append(_option(value["option_id"], value["option_display_name"], kind, value["label"], str(value["id"])))
    return tuple(rows)


def _option(number: int, name: str, kind: str, shown: str, value: str) -> Row:
    """An option row: `product_option_id` is the v3 id, `option_id` the shared V2 option of that name (§10.2)."""
    return {
        "option_id": crc32(name.encode()) % 900 + 40,
        "product_option_id": number,
        "display_name": name,
        "display_value": shown,
        "value": value,
        "type": OPTION_TYPES[kind],
        "name": f"{name}{NAME_STAMP}-{number}",
    }


# --- modifiers ------------------------------------------------------------------------------------


def modifiers_of(state: State, product_id: int) -> list[Row]:
    """The product's modifiers in their order."""
    return sorted(state.modifiers.find(product_id=product_id), key=lambda row: (row["sort_order"], row["id"]))


def fill(state: State, product_id: int, given: Mapping[str, Any]) -> Filled:
    """Read what the shopper filled in, by modifier name. Raises `Unsellable` for what is missing or wrong."""
    known = modifiers_of(state, product_id)
    if unknown := given.keys() - {row["display_name"] for row in known}:
        raise Unsellable("modifiers", f"There is no {', '.join(sorted(unknown))} to choose.")
    filled = [_fill_one(state, row, given.get(row["display_name"])) for row in known]
    return Filled(
        options=tuple(option for part in filled for option in part.options),
        extra=sum((part.extra for part in filled), ZERO),
        children=tuple(child for part in filled for child in part.children),
    )


def _fill_one(state: State, modifier: Row, value: Any) -> Filled:
    name, kind = modifier["display_name"], modifier["type"]
    if value in (None, "", False):
        if modifier["required"]:
            raise Unsellable(name, f"Please fill in {name}.")
        return Filled()
    if kind in LISTS:
        return _pick(state, modifier, str(value))
    if kind == "checkbox":
        ticked: Row = next((row for row in modifier["option_values"] if row["value_data"].get("checked_value")), {})
        return Filled((_option(modifier["id"], name, kind, "Yes", "1"),), adjusted(ticked))
    shown, stored = _entered(modifier, str(value))
    return Filled((_option(modifier["id"], name, kind, shown, stored),))


def _pick(state: State, modifier: Row, label: str) -> Filled:
    name = modifier["display_name"]
    value = next((row for row in modifier["option_values"] if row["label"] == label), None)
    if value is None:
        raise Unsellable(name, f"{label} is not a choice for {name}.")
    option = _option(modifier["id"], name, modifier["type"], label, str(value["id"]))
    if modifier["type"] not in PICK_LISTS:
        return Filled((option,), adjusted(value))
    variant = state.variants.first(product_id=value["value_data"]["product_id"])
    product = state.products.get(variant["product_id"]) if variant else None
    if variant is None or product is None:
        raise Unsellable(name, f"{label} is sold out.")
    child = CartLine(goods=goods_of(state, Found(product, variant)), quantity=1)
    return Filled((option,), adjusted(value), (child,))


def adjusted(value: Row) -> Decimal:
    """What a modifier value adds to the unit price."""
    adjuster = (value.get("adjusters") or {}).get("price") or {}
    return Decimal(adjuster.get("adjuster_value") or 0)


def _entered(modifier: Row, text: str) -> tuple[str, str]:
    """What an entry shows and stores. Raises `Unsellable`."""
    name, kind = modifier["display_name"], modifier["type"]
    most = modifier["config"].get("text_max_length") or 0
    if most and len(text) > most:
        raise Unsellable(name, f"{name} takes at most {most} characters.")
    if kind == "numbers_only_text" and not text.replace(" ", "").isdecimal():
        raise Unsellable(name, f"{name} takes digits only.")
    if kind == "date":
        return _entered_date(name, text)
    if kind == "file":
        path = f"{crc32(text.encode()):08x}"
        return text, json.dumps({"originalName": text, "temporaryPath": f"/tmp/{path}", "path": f"configured/{path}"})  # noqa: S108
    return text, text


def _entered_date(name: str, text: str) -> tuple[str, str]:
    try:
        day = date.fromisoformat(text)
    except ValueError as exc:
        raise Unsellable(name, f"{text} is not a date.") from exc
    stamp = int(datetime.combine(day, time(), UTC).timestamp())
    return f"{day:%b} {day.day}, {day.year}", str(stamp)
