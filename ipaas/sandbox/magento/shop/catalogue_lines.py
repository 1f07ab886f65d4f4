"""From a SKU of the catalogue to a line of the cart (apis/magento.md §8.3, §14)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from ipaas.sandbox.magento.goods.configurables import parents_of
from ipaas.sandbox.magento.goods.product_rows import product_found, product_values
from ipaas.sandbox.magento.goods.storefront_price import storefront_price
from ipaas.sandbox.magento.inventory.stock_settings import settings_of
from ipaas.sandbox.magento.sales.cart import Line
from ipaas.sandbox.magento.sales.cents import Row
from ipaas.sandbox.magento.shop.unsellable import Unsellable
from ipaas.sandbox.magento.state import State

VIRTUAL = {"virtual", "downloadable"}
TOGETHER = 0


def catalogue_line(state: State, sku: str, filled: Mapping[str, Any], store_id: int, group_id: int) -> Line:
    """One piece of a SKU as a shopper of the view puts it into the cart.

    `filled`: title of an option -> what was filled in or chosen; of a bundle the name or SKU of the part. Raises
    `Unsellable`.
    """
    product = product_found(state, sku)
    if product is None:
        raise Unsellable("sku", f"There is no product {sku}.")
    if product["type_id"] == "configurable":
        raise Unsellable("sku", f"You need to choose options for {sku}.")
    line = _plain(state, product, store_id, group_id)
    if product["type_id"] == "bundle":
        return _bundle(state, product, line, filled, store_id, group_id)
    parent = next(iter(parents_of(state, product)), None)
    return _filled_in(state, line if parent is None else _configured(state, parent, product, line), filled)


def _plain(state: State, product: Row, store_id: int, group_id: int) -> Line:
    values = product_values(product, store_id)
    return Line(
        sku=product["sku"],
        name=str(values.get("name") or product["sku"]),
        product_id=product["id"],
        product_type=product["type_id"],
        price=storefront_price(state, product, store_id, group_id=group_id),
        original_price=Decimal(values.get("price") or 0),
        weight=Decimal(values.get("weight") or 0),
        is_taxable=str(values.get("tax_class_id", "2")) != "0",
        is_virtual=product["type_id"] in VIRTUAL,
        is_qty_decimal=bool(settings_of(state, product["sku"])["is_qty_decimal"]),
    )


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


def _bundle(state: State, product: Row, line: Line, filled: Mapping[str, Any], store_id: int, group_id: int) -> Line:
    """A bundle with the part that was chosen for each option, else the preset one, else the first."""
    values = product_values(product, store_id)
    options: list[Row] = []
    children: list[Line] = []
    for option in state.bundle_options.find(product_id=product["id"]):
        link = _chosen_part(state, option, filled.get(option["title"]))
        part = product_found(state, link["sku"])
        if part is None:
            raise Unsellable(option["title"], f"{link['sku']} is not sold any more.")
        children.append(replace(_plain(state, part, store_id, group_id), qty=Decimal(link["qty"])))
        chosen = {"option_qty": int(link["qty"]), "option_selections": [int(link["id"])]}
        options.append({"option_id": option["option_id"], **chosen})
    return replace(
        line,
        children=tuple(children),
        children_calculated=str(values.get("price_type", "0")) == "0",
        ships_separately=int(values.get("shipment_type") or TOGETHER) != TOGETHER,
        product_option={"bundle_options": options},
    )


def _chosen_part(state: State, option: Row, wanted: Any) -> Row:
    links: list[Row] = option["product_links"]
    if wanted is None:
        return next((link for link in links if link["is_default"]), links[0])
    for link in links:
        part = product_found(state, link["sku"])
        if part is not None and wanted in (part["sku"], product_values(part).get("name")):
            return link
    raise Unsellable(option["title"], f"{wanted} is not a choice for {option['title']}.")


def _filled_in(state: State, line: Line, filled: Mapping[str, Any]) -> Line:
    """The line with the options that the shopper filled in, and with what they add to a piece."""
    if not filled:
        return line
    chosen: list[Row] = []
    price = line.price
    options = {row["title"]: row for row in state.product_options.find(product_id=line.product_id)}
    for title, value in filled.items():
        if title not in options:
            raise Unsellable(title, f"The product has no option {title}.")
        picked = _picked(options[title], "Yes" if value is True else str(value))
        chosen.append({"option_id": str(options[title]["option_id"]), "option_value": picked["text"]})
        price += Decimal(picked["price"])
    return replace(line, price=price, product_option={**line.product_option, "custom_options": chosen})


def _picked(option: Row, label: str) -> Row:
    """Text and price of an entry, or of the choice with that label."""
    if not option.get("values"):
        return {"text": label, "price": option.get("price") or 0}
    value = next((row for row in option["values"] if row["title"] == label), None)
    if value is None:
        raise Unsellable(option["title"], f"{label} is not a choice for {option['title']}.")
    return {"text": str(value["option_type_id"]), "price": value["price"]}
