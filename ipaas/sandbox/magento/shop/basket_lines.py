"""From a SKU, or from a line spelled out, to a line of the cart (apis/magento.md §8.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from ipaas.sandbox.magento.goods.product_rows import product_found
from ipaas.sandbox.magento.sales.cart import Line
from ipaas.sandbox.magento.sales.cents import ZERO, Row
from ipaas.sandbox.magento.shop.catalogue_lines import VIRTUAL, catalogue_line
from ipaas.sandbox.magento.shop.unsellable import Unsellable
from ipaas.sandbox.magento.state import State

KNOWN = {
    *("sku", "quantity", "modifiers", "gift_wrap", "gift_message", "certificate"),
    *("name", "type", "price", "children", "dynamic", "separately", "weee", "taxable", "product_id", "weight"),
}
CERTIFICATE_SKU = "GIFT-CERT"


def line_of(state: State, given: Row, store_id: int, group_id: int) -> Line:
    """A line of the recipe: `sku` with `quantity`, and whatever of it shall differ from the catalogue.

    With `type` (and `price`, `name`, `children`, `dynamic`, `separately`) the line is spelled out and the catalogue is
    asked for ids alone; `weee` is a fixed product tax for a piece. Raises `Unsellable`.
    """
    if unknown := given.keys() - KNOWN:
        raise Unsellable("lines", f"A line has no {', '.join(sorted(unknown))}.")
    if Decimal(given.get("quantity", 1)) <= ZERO:
        raise Unsellable("quantity", "Please take at least one.")
    if "type" in given:
        return _spelled_out(state, given)
    if given["sku"] == CERTIFICATE_SKU:
        return _altered(_certificate(state, given), given)
    return _altered(catalogue_line(state, given["sku"], given.get("modifiers") or {}, store_id, group_id), given)


def _spelled_out(state: State, given: Row) -> Line:
    product = product_found(state, given["sku"])
    return Line(
        sku=given["sku"],
        name=given.get("name") or given["sku"],
        product_id=int(given.get("product_id") or (product["id"] if product else 0)),
        product_type=given["type"],
        price=Decimal(given.get("price", 0)),
        qty=Decimal(given.get("quantity", 1)),
        weee=Decimal(given.get("weee", 0)),
        weight=Decimal(given.get("weight", 1)),
        is_taxable=bool(given.get("taxable", True)),
        is_virtual=given["type"] in VIRTUAL,
        is_qty_decimal=Decimal(given.get("quantity", 1)) % 1 != 0,
        children=tuple(_spelled_out(state, {"type": "simple", **row}) for row in given.get("children", ())),
        children_calculated=bool(given.get("dynamic")),
        ships_separately=bool(given.get("separately")),
    )


def _altered(line: Line, given: Row) -> Line:
    """The catalogue's line with what the recipe says otherwise."""
    changes: dict[str, Any] = {"qty": Decimal(given.get("quantity", 1))}
    if "price" in given:
        changes["price"] = Decimal(given["price"])
    if "weee" in given:
        changes["weee"] = Decimal(given["weee"])
    return replace(line, **changes)


# --- oddities of the shared shop ------------------------------------------------------------------


def _certificate(state: State, given: Row) -> Line:
    """A sold gift card: a product of its own at Adobe Commerce, something virtual elsewhere (§18)."""
    sale = given.get("certificate") or {}
    worth = Decimal(sale.get("amount", 50))
    name = f"${worth:.0f} Gift Card"
    product = product_found(state, CERTIFICATE_SKU)
    line = Line(
        sku=CERTIFICATE_SKU,
        name=name,
        product_id=product["id"] if product else 0,
        product_type="giftcard" if state.profile.is_commerce else "virtual",
        price=worth,
        is_taxable=False,
        takes_coupon=False,
        is_virtual=True,
    )
    return replace(line, product_option=_giftcard_option(sale, worth)) if state.profile.is_commerce else line


def _giftcard_option(sale: Mapping[str, Any], worth: Decimal) -> Row:
    option = {
        "giftcard_amount": f"{worth:.4f}",
        "giftcard_sender_name": sale.get("from_name", "Robin Wells"),
        "giftcard_sender_email": sale.get("from_email", "robin.wells@example.org"),
        "giftcard_recipient_name": sale.get("to_name", "Robin Wells"),
        "giftcard_recipient_email": sale.get("to_email", "robin.wells@example.org"),
        "giftcard_message": sale.get("message"),
    }
    return {"giftcard_item_option": option}
