"""Carts and checkouts of the API as baskets of the shop: what they hold, what they cost, how they become orders."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ipaas.sandbox.bigcommerce.actions.orders import order_place
from ipaas.sandbox.bigcommerce.actions.payments import order_pay
from ipaas.sandbox.bigcommerce.errors import Refused, bad_fields, not_found
from ipaas.sandbox.bigcommerce.rows import PricedOrder
from ipaas.sandbox.bigcommerce.shop import terms
from ipaas.sandbox.bigcommerce.shop.basket import Basket, Custom, Item
from ipaas.sandbox.bigcommerce.shop.goods import Unsellable
from ipaas.sandbox.bigcommerce.shop.sale import quote
from ipaas.sandbox.bigcommerce.state import Row, State, objects
from ipaas.sandbox.bigcommerce.wire import parse_decimal, parse_int

EMPTY = "The basket is empty."


@dataclass(frozen=True, slots=True)
class Priced:
    """A cart with what it would cost; without lines there is nothing to price."""

    cart: Row
    priced: PricedOrder | None


def cart_get(state: State, cart_id: str) -> Row:
    """The cart. Raises 404: also once it became an order."""
    row = state.carts.first(uuid=cart_id)
    if row is None or row["order_id"]:
        raise not_found()
    return row


def cart_create(state: State, body: Row) -> Row:
    """POST of a cart with its lines; a customer must exist. Raises 422."""
    customer = body.get("customer_id") or 0
    if customer and (not isinstance(customer, int) or customer not in state.customers):
        raise bad_fields({"customer_id": "The customer does not exist"})
    channel = body.get("channel_id") or 1
    if not isinstance(channel, int) or channel not in state.channels:
        raise bad_fields({"channel_id": "The channel does not exist"})
    number, now = state.carts.next_id, state.now()
    row = state.carts.insert(
        {
            "uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"api-cart:{state.hash}:{number}")),
            "customer_id": customer,
            "channel_id": channel,
            "lines": [],
            "coupon": "",
            "certificates": [],
            "store_credit": False,
            "billing": {},
            "shipping": {},
            "order_id": 0,
            "created": now,
            "updated": now,
        }
    )
    return add_lines(state, row, body)


def add_lines(state: State, cart: Row, body: Row) -> Row:
    """Add `line_items` and `custom_items`. Raises 422 naming what cannot be sold."""
    items, customs = objects(body.get("line_items")), objects(body.get("custom_items"))
    if not items and not customs:
        raise Refused(422, "Missing Required Fields", errors={"line_items": "line_items is required"})
    lines = [*cart["lines"]]
    for line in [*(_line(state, item) for item in items or []), *(_custom(item) for item in customs or [])]:
        lines.append({**line, "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{cart['uuid']}:{len(lines)}:{state.now()}"))})
    return changed(state, cart, lines=lines)


def _quantity(item: Row) -> int:
    try:
        quantity = parse_int(item.get("quantity"))
    except ValueError as exc:
        raise bad_fields({"quantity": str(exc)}) from exc
    if not 1 <= quantity <= 100_000:
        raise bad_fields({"quantity": "must be 1 or more"})
    return quantity


def _line(state: State, item: Row) -> Row:
    product_id, variant_id = item.get("product_id"), item.get("variant_id")
    variant = state.variants.get(variant_id) if isinstance(variant_id, int) else None
    if variant is None and variant_id is None and isinstance(product_id, int):
        variant = next(iter(state.variants.find(product_id=product_id)), None)
    if variant is None or product_id not in (None, variant["product_id"]):
        raise bad_fields({"line_items": "The product or variant does not exist"})
    product = state.products.get(variant["product_id"]) or {}
    sku = variant["sku"] or product.get("sku", "")
    return {"sku": sku, "quantity": _quantity(item), "variant_id": variant["id"], "product_id": variant["product_id"]}


def _custom(item: Row) -> Row:
    try:
        price = parse_decimal(item.get("list_price"))
    except ValueError as exc:
        raise bad_fields({"custom_items": "list_price must be a number"}) from exc
    if not isinstance(item.get("name"), str) or not item["name"]:
        raise bad_fields({"custom_items": "name is required"})
    about = {"name": item["name"], "price": price, "variant_id": None, "product_id": None}
    return {"sku": str(item.get("sku") or ""), "quantity": _quantity(item), **about}


def changed(state: State, cart: Row, **changes: Any) -> Row:
    """Write changes of a cart, provided that the shop could still sell it. Raises 422."""
    after = {**cart, **changes, "updated": state.now()}
    price_of(state, after)
    return state.carts.update(cart["id"], {name: after[name] for name in (*changes, "updated")})


def basket_of(cart: Row, state: State) -> Basket:
    """The basket the shop would see."""
    customer = state.customers.get(cart["customer_id"]) or {}
    billing: Row = cart["billing"] or {"email": customer.get("email", ""), "country_iso2": "US"}
    credit = terms.credit_of(state, cart["customer_id"]) if cart["store_credit"] else Decimal(0)
    return Basket(
        items=tuple(Item(sku=line["sku"], quantity=line["quantity"]) for line in cart["lines"] if "price" not in line),
        customs=tuple(
            Custom(name=line["name"], price=line["price"], sku=line["sku"], quantity=line["quantity"])
            for line in cart["lines"]
            if "price" in line
        ),
        customer_id=cart["customer_id"],
        billing=billing,
        ship_to=(cart["shipping"],) if cart["shipping"] else (),
        coupon=cart["coupon"],
        certificates=tuple(cart["certificates"]),
        store_credit=credit,
        channel_id=cart["channel_id"],
    )


def price_of(state: State, cart: Row) -> Priced:
    """What the cart costs now. Raises 422 with the shopper's reason."""
    if not cart["lines"]:
        return Priced(cart, None)
    try:
        return Priced(cart, quote(state, basket_of(cart, state)))
    except Unsellable as exc:
        raise Refused(422, str(exc), errors={exc.field: str(exc)}) from exc


def order_of(state: State, cart: Row) -> Row:
    """The checkout becomes an order: Incomplete until a gateway pays, unless certificates and credit cover it."""
    priced = price_of(state, cart).priced
    if priced is None or not cart["billing"]:
        raise Refused(422, EMPTY if priced is None else "A billing address is required", errors={})
    priced.order["cart_id"] = cart["uuid"]
    order = order_place(state, priced)
    own = {"gift_certificate", "store_credit"}
    if all(row["method"] in own for row in state.tenders.find(order_id=order["id"])):
        order = order_pay(state, order["id"], "captured")
    state.carts.update(cart["id"], order_id=order["id"])
    state.emit("store/cart/converted", {"type": "cart", "id": cart["uuid"], "orderId": order["id"]})
    return order
