"""From a SKU of the catalogue to a line of the cart (apis/magento.md §8.3, §14)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from ipaas.sandbox.magento.goods.product_rows import product_found, product_values
from ipaas.sandbox.magento.goods.selling_price import selling_price
from ipaas.sandbox.magento.inventory.stock_settings import settings_of
from ipaas.sandbox.magento.sales.cart import Line
from ipaas.sandbox.magento.sales.cents import Row
from ipaas.sandbox.magento.settings import setting
from ipaas.sandbox.magento.shop.unsellable import Unsellable
from ipaas.sandbox.magento.state import State

VIRTUAL = {"virtual", "downloadable"}
TOGETHER = 0


def catalogue_line(state: State, sku: str, store_id: int, group_id: int) -> Line:
    """One piece of a SKU as a shopper of the view puts it into the cart. Raises `Unsellable`."""
    product = product_found(state, sku)
    if product is None:
        raise Unsellable("sku", f"There is no product {sku}.")
    line = _plain(state, product, store_id, group_id)
    if product["type_id"] == "bundle":
        return _bundle(state, product, line, store_id, group_id)
    if product["type_id"] == "configurable":
        raise Unsellable("sku", f"You need to choose options for {sku}.")
    parent = _parent_of(state, product)
    return line if parent is None else _configured(state, parent, product, line)


def _plain(state: State, product: Row, store_id: int, group_id: int) -> Line:
    values = product_values(product, store_id)
    local = _local_time(state, store_id)
    website = state.store_views.get(store_id) or {}
    price = selling_price(
        values, local, tiers=product["tier_prices"], group_id=group_id, website_id=website.get("website_id", 0)
    )
    return Line(
        sku=product["sku"],
        name=str(values.get("name") or product["sku"]),
        product_id=product["id"],
        product_type=product["type_id"],
        price=price,
        original_price=Decimal(values.get("price") or 0),
        weight=Decimal(values.get("weight") or 0),
        is_taxable=str(values.get("tax_class_id", "2")) != "0",
        is_virtual=product["type_id"] in VIRTUAL,
        is_qty_decimal=bool(settings_of(state, product["sku"])["is_qty_decimal"]),
    )


def _local_time(state: State, store_id: int) -> datetime:
    """The present on the clock of the shop, naive, as special prices are read."""
    zone = ZoneInfo(str(setting(state, "general/locale/timezone", store_id)))
    return state.clock.now().astimezone(zone).replace(tzinfo=None)


def _parent_of(state: State, product: Row) -> Row | None:
    """The configurable that a shopper reaches a simple product by."""
    for row in state.products.stored():
        if row["type_id"] == "configurable" and product["id"] in row["child_ids"]:
            return row
    return None


def _configured(state: State, parent: Row, product: Row, child: Line) -> Line:
    """Parent and child, both with the child's SKU; the parent carries the money."""
    values = product_values(product)
    chosen = [
        {"option_id": str(axis["attribute_id"]), "option_value": int(values[_code(state, axis)])}
        for axis in parent["axes"]
        if values.get(_code(state, axis)) is not None
    ]
    return replace(
        child,
        name=str(product_values(parent).get("name") or parent["sku"]),
        product_id=parent["id"],
        product_type="configurable",
        children=(replace(child, qty=Decimal(1)),),
        product_option={"configurable_item_options": chosen},
    )


def _code(state: State, axis: Row) -> str:
    row = state.attributes.get(int(axis["attribute_id"]))
    return str(row["attribute_code"]) if row else ""


def _bundle(state: State, product: Row, line: Line, store_id: int, group_id: int) -> Line:
    """A bundle with the first part of each option, or with those that are preset."""
    values = product_values(product, store_id)
    options: list[Row] = []
    children: list[Line] = []
    for option in state.bundle_options.find(product_id=product["id"]):
        links = option["product_links"]
        chosen = [link for link in links if link["is_default"]] or links[:1]
        options.append(
            {
                "option_id": option["id"],
                "option_qty": int(chosen[0]["qty"]) if chosen else 1,
                "option_selections": [int(link["id"]) for link in chosen],
            }
        )
        for link in chosen:
            part = product_found(state, link["sku"])
            if part is not None:
                children.append(replace(_plain(state, part, store_id, group_id), qty=Decimal(link["qty"])))
    return replace(
        line,
        children=tuple(children),
        children_calculated=str(values.get("price_type", "0")) == "0",
        ships_separately=int(values.get("shipment_type") or TOGETHER) != TOGETHER,
        product_option={"bundle_options": options},
    )


def filled_in(state: State, product_id: int, filled: Mapping[str, Any]) -> tuple[list[Row], Decimal]:
    """What a shopper filled in, by option title, as `custom_options` of the item, and what it adds to a piece.

    Raises `Unsellable` for an option or a choice that the product does not have.
    """
    chosen: list[Row] = []
    added = Decimal(0)
    options = {row["title"]: row for row in state.product_options.find(product_id=product_id)}
    for title, value in filled.items():
        option = options.get(title)
        if option is None:
            raise Unsellable(title, f"The product has no option {title}.")
        picked = _picked(option, "Yes" if value is True else str(value))
        chosen.append({"option_id": str(option["option_id"]), "option_value": picked["text"]})
        added += Decimal(picked["price"])
    return chosen, added


def _picked(option: Row, label: str) -> Row:
    """Text and price of an entry, or of the choice with that label."""
    if not option.get("values"):
        return {"text": label, "price": option.get("price") or 0}
    value = next((row for row in option["values"] if row["title"] == label), None)
    if value is None:
        raise Unsellable(option["title"], f"{label} is not a choice for {option['title']}.")
    return {"text": str(value["option_type_id"]), "price": value["price"]}
