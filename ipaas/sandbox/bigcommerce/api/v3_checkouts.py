"""V3 carts and checkouts, as far as gift certificates and store credit need them (official schemas)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ipaas.sandbox.bigcommerce.api.common import Call, Endpoints, v3_one
from ipaas.sandbox.bigcommerce.errors import Refused, bad_fields, not_found
from ipaas.sandbox.bigcommerce.rows import STREET_ADDRESS, ZERO
from ipaas.sandbox.bigcommerce.scopes import CARTS, CHECKOUTS
from ipaas.sandbox.bigcommerce.shop import carts, terms
from ipaas.sandbox.bigcommerce.shop.goods import Unsellable
from ipaas.sandbox.bigcommerce.state import Row, objects
from ipaas.sandbox.bigcommerce.wire import iso_offset, number
from ipaas.sandbox.core.web import Reply, Router, empty

router: Router[Any] = Router()
v3 = Endpoints(router, "v3")
CART, CHECKOUT = "/carts/<cart_id>", "/checkouts/<cart_id>"
ADDRESS = {
    **{name: name for name in ("first_name", "last_name", "company", "city", "phone", "email", "country")},
    **{"address1": "street_1", "address2": "street_2", "state_or_province": "state", "postal_code": "zip"},
    "country_code": "country_iso2",
}


# --- objects --------------------------------------------------------------------------------------


def _item(call: Call, line: Row, priced: Row | None) -> Row:
    unit = Decimal(priced["base_price"]) if priced else ZERO
    off = sum((Decimal(one["amount"]) for one in priced["applied_discounts"]), ZERO) if priced else ZERO
    return {
        "id": line["id"],
        "variant_id": line["variant_id"],
        "product_id": line["product_id"],
        "sku": line["sku"],
        "name": priced["name"] if priced else line.get("name", ""),
        "url": "",
        "quantity": line["quantity"],
        "is_taxable": True,
        "image_url": "",
        "discounts": [],
        "coupons": [],
        "discount_amount": 0,
        "coupon_amount": number(off),
        "original_price": number(unit),
        "list_price": number(unit),
        "sale_price": number(unit),
        "extended_list_price": number(unit * line["quantity"]),
        "extended_sale_price": number(unit * line["quantity"]),
        "is_require_shipping": bool(priced and priced.get("type", "physical") == "physical"),
        "is_mutable": True,
    }


def _cart(call: Call, found: carts.Priced) -> Row:
    cart, state = found.cart, call.state
    order = found.priced.order if found.priced else {}
    lines = [line for line in found.priced.lines if line.get("parent") is None] if found.priced else []
    items = [_item(call, line, priced) for line, priced in zip(cart["lines"], lines, strict=False)]
    customer = state.customers.get(cart["customer_id"]) or {}
    off = Decimal(order.get("discount_amount", 0)) + Decimal(order.get("coupon_discount", 0))
    base = sum((Decimal(line["base_total"]) for line in lines), ZERO)
    return {
        "id": cart["uuid"],
        "customer_id": cart["customer_id"],
        "channel_id": cart["channel_id"],
        "email": cart["billing"].get("email") or customer.get("email", ""),
        "currency": {"code": state.profile()["currency"]},
        "tax_included": bool(state.profile()["is_price_entered_with_tax"]),
        "base_amount": number(base),
        "discount_amount": number(Decimal(order.get("discount_amount", 0))),
        "cart_amount": number(base - off),
        "coupons": _coupons(found),
        "discounts": [],
        "line_items": {
            "physical_items": [item for item in items if item["product_id"] and item["is_require_shipping"]],
            "digital_items": [item for item in items if item["product_id"] and not item["is_require_shipping"]],
            "gift_certificates": [],
            "custom_items": [item for item in items if not item["product_id"]],
        },
        "created_time": iso_offset(cart["created"]),
        "updated_time": iso_offset(cart["updated"]),
        "locale": "en",
    }


def _coupons(found: carts.Priced) -> list[Row]:
    return [
        {
            "id": row["coupon_id"],
            "code": row["code"],
            "coupon_type": row["type"],
            "display_name": row["code"],
            "discounted_amount": number(row["discount"]),
        }
        for row in (found.priced.coupons if found.priced else [])
    ]


def _certificates(call: Call, found: carts.Priced) -> list[Row]:
    """Applied certificates with what each pays here."""
    tenders = found.priced.tenders if found.priced else []
    used = {row.get("gift_certificate_code"): row["amount"] for row in tenders}
    rows = [call.state.gift_certificates.first(code=code) for code in found.cart["certificates"]]
    return [
        {
            "code": row["code"],
            "original_balance": number(row["amount"]),
            "starting_balance": number(row["balance"]),
            "remaining_balance": number(row["balance"] - used.get(row["code"], ZERO)),
            "status": row["status"],
            "amount": number(used.get(row["code"], ZERO)),
        }
        for row in rows
        if row is not None
    ]


def _place(row: Row) -> Row:
    return {**{name: row.get(field, "") for name, field in ADDRESS.items()}, "custom_fields": []} if row else {}


def _consignments(found: carts.Priced) -> list[Row]:
    cart, priced = found.cart, found.priced
    if not cart["shipping"] or priced is None or not priced.addresses:
        return []
    place = priced.addresses[0]
    option = {"id": "1", "type": "shipping_flatrate", "description": place["shipping_method"]}
    return [
        {
            "id": f"{cart['uuid']}-1",
            "shipping_cost_inc_tax": number(place["cost_inc_tax"]),
            "shipping_cost_ex_tax": number(place["cost_ex_tax"]),
            "handling_cost_inc_tax": number(place["handling_cost_inc_tax"]),
            "handling_cost_ex_tax": number(place["handling_cost_ex_tax"]),
            "coupon_discounts": [],
            "discounts": [],
            "line_item_ids": [line["id"] for line in cart["lines"]],
            "selected_shipping_option": {**option, "cost": number(place["cost_ex_tax"])},
            "address": _place(cart["shipping"]),
        }
    ]


def _checkout(call: Call, found: carts.Priced) -> Row:
    cart, order = found.cart, found.priced.order if found.priced else {}

    def money(name: str) -> Any:
        return number(Decimal(order.get(name, 0)))

    own = Decimal(order.get("gift_certificate_amount", 0)) + Decimal(order.get("store_credit_amount", 0))
    total = Decimal(order.get("total_inc_tax", 0))
    return {
        "id": cart["uuid"],
        "cart": _cart(call, found),
        "billing_address": _place(cart["billing"]),
        "consignments": _consignments(found),
        "taxes": [{"name": "Tax", "amount": money("total_tax")}],
        "coupons": _coupons(found),
        "order_id": None,
        "shipping_cost_total_inc_tax": money("shipping_cost_inc_tax"),
        "shipping_cost_total_ex_tax": money("shipping_cost_ex_tax"),
        "handling_cost_total_inc_tax": money("handling_cost_inc_tax"),
        "handling_cost_total_ex_tax": money("handling_cost_ex_tax"),
        "tax_total": money("total_tax"),
        "subtotal_inc_tax": money("subtotal_inc_tax"),
        "subtotal_ex_tax": money("subtotal_ex_tax"),
        "grand_total": number(total),
        "outstanding_balance": number(total - own),
        "is_store_credit_applied": cart["store_credit"],
        "gift_certificates": _certificates(call, found),
        "created_time": iso_offset(cart["created"]),
        "updated_time": iso_offset(cart["updated"]),
        "customer_message": "",
        "version": 1,
    }


def _cart_reply(call: Call, cart: Row, status: int = 200) -> Reply:
    return v3_one(call, _cart(call, carts.price_of(call.state, cart)), status)


def _checkout_reply(call: Call, cart: Row) -> Reply:
    return v3_one(call, _checkout(call, carts.price_of(call.state, cart)))


# --- carts ----------------------------------------------------------------------------------------


@v3("POST", "/carts", CARTS)
def cart_post(call: Call) -> Reply:
    """Make a cart: 201."""
    cart = carts.cart_create(call.state, call.body())
    call.state.emit("store/cart/created", {"type": "cart", "id": cart["uuid"]})
    return _cart_reply(call, cart, 201)


@v3("GET", CART, CARTS)
def cart_get(call: Call, cart_id: str) -> Reply:
    """One cart."""
    return _cart_reply(call, carts.cart_get(call.state, cart_id))


@v3("PUT", CART, CARTS)
def cart_put(call: Call, cart_id: str) -> Reply:
    """Whose cart it is."""
    cart, customer = carts.cart_get(call.state, cart_id), call.body().get("customer_id")
    if not isinstance(customer, int) or (customer and customer not in call.state.customers):
        raise bad_fields({"customer_id": "The customer does not exist"})
    return _cart_reply(call, carts.changed(call.state, cart, customer_id=customer))


@v3("DELETE", CART, CARTS)
def cart_delete(call: Call, cart_id: str) -> Reply:
    """Remove a cart."""
    cart = carts.cart_get(call.state, cart_id)
    call.state.carts.delete(cart["id"])
    call.state.emit("store/cart/deleted", {"type": "cart", "id": cart_id})
    return empty(204)


@v3("POST", f"{CART}/items", CARTS)
def items_post(call: Call, cart_id: str) -> Reply:
    """Add lines: 201."""
    cart = carts.add_lines(call.state, carts.cart_get(call.state, cart_id), call.body())
    call.state.emit("store/cart/updated", {"type": "cart", "id": cart_id})
    return _cart_reply(call, cart, 201)


@v3("DELETE", f"{CART}/items/<item_id>", CARTS)
def item_delete(call: Call, cart_id: str, item_id: str) -> Reply:
    """Remove a line; the last one takes the cart with it: 204."""
    cart = carts.cart_get(call.state, cart_id)
    left = [line for line in cart["lines"] if line["id"] != item_id]
    if len(left) == len(cart["lines"]):
        raise not_found()
    if not left:
        return cart_delete(call, cart_id)
    return _cart_reply(call, carts.changed(call.state, cart, lines=left))


# --- checkouts ------------------------------------------------------------------------------------


@v3("GET", CHECKOUT, CHECKOUTS)
def checkout_get(call: Call, cart_id: str) -> Reply:
    """The checkout of a cart."""
    return _checkout_reply(call, carts.cart_get(call.state, cart_id))


def _address(body: Row) -> Row:
    row = {**STREET_ADDRESS, "form_fields": []}
    for name, field in ADDRESS.items():
        value = body.get(name, "")
        if not isinstance(value, str):
            raise bad_fields({name: "must be a string"})
        row[field] = value
    if len(row["country_iso2"]) != 2:
        raise bad_fields({"country_code": "The country code is not valid"})
    return row


@v3("POST", f"{CHECKOUT}/billing-address", CHECKOUTS)
def billing_post(call: Call, cart_id: str) -> Reply:
    """Who pays."""
    cart = carts.cart_get(call.state, cart_id)
    return _checkout_reply(call, carts.changed(call.state, cart, billing=_address(call.body())))


@v3("POST", f"{CHECKOUT}/consignments", CHECKOUTS)
def consignments_post(call: Call, cart_id: str) -> Reply:
    """Where it goes: one address, with the first shipping method there."""
    cart, wish = carts.cart_get(call.state, cart_id), objects(call.request.json())
    address = (wish or [{}])[0].get("address") or (wish or [{}])[0].get("shipping_address")
    if not isinstance(address, dict):
        raise bad_fields({"0.address": "address is required"})
    return _checkout_reply(call, carts.changed(call.state, cart, shipping=_address(address)))


@v3("POST", f"{CHECKOUT}/coupons", CHECKOUTS)
def coupon_post(call: Call, cart_id: str) -> Reply:
    """Use a coupon."""
    cart, code = carts.cart_get(call.state, cart_id), call.body().get("coupon_code")
    if not isinstance(code, str) or not code:
        raise bad_fields({"coupon_code": "coupon_code is required"})
    cart = carts.changed(call.state, cart, coupon=code)
    coupon = call.state.coupons.first(code=code.strip().upper()) or {"id": 0}
    call.state.emit("store/cart/couponApplied", {"type": "cart", "id": cart_id, "couponId": coupon["id"]})
    return _checkout_reply(call, cart)


@v3("DELETE", f"{CHECKOUT}/coupons/<code>", CHECKOUTS)
def coupon_delete(call: Call, cart_id: str, code: str) -> Reply:
    """Take the coupon back."""
    cart = carts.cart_get(call.state, cart_id)
    if cart["coupon"].casefold() != code.casefold():
        raise not_found()
    return _checkout_reply(call, carts.changed(call.state, cart, coupon=""))


@v3("POST", f"{CHECKOUT}/gift-certificates", CHECKOUTS)
def certificate_post(call: Call, cart_id: str) -> Reply:
    """Pay with a gift certificate."""
    cart, body = carts.cart_get(call.state, cart_id), call.body()
    code = body.get("gift_certificate_code") or body.get("giftCertificateCode")
    if not isinstance(code, str) or not code:
        raise bad_fields({"gift_certificate_code": "gift_certificate_code is required"})
    try:
        known = terms.certificate(call.state, code)[0]
    except Unsellable as exc:
        raise Refused(422, str(exc), errors={"gift_certificate_code": str(exc)}) from exc
    codes = [*(one for one in cart["certificates"] if one != known), known]
    return _checkout_reply(call, carts.changed(call.state, cart, certificates=codes))


@v3("DELETE", f"{CHECKOUT}/gift-certificates/<code>", CHECKOUTS)
def certificate_delete(call: Call, cart_id: str, code: str) -> Reply:
    """Take the certificate back."""
    cart = carts.cart_get(call.state, cart_id)
    if code not in cart["certificates"]:
        raise not_found()
    codes = [one for one in cart["certificates"] if one != code]
    return _checkout_reply(call, carts.changed(call.state, cart, certificates=codes))


@v3("POST", f"{CHECKOUT}/store-credit", CHECKOUTS)
def credit_post(call: Call, cart_id: str) -> Reply:
    """Pay with the customer's store credit, as far as it goes."""
    cart = carts.cart_get(call.state, cart_id)
    if not terms.credit_of(call.state, cart["customer_id"]):
        raise Refused(422, "The customer has no store credit", errors={})
    return _checkout_reply(call, carts.changed(call.state, cart, store_credit=True))


@v3("DELETE", f"{CHECKOUT}/store-credit", CHECKOUTS)
def credit_delete(call: Call, cart_id: str) -> Reply:
    """Leave the store credit alone."""
    cart = carts.cart_get(call.state, cart_id)
    return _checkout_reply(call, carts.changed(call.state, cart, store_credit=False))


@v3("POST", f"{CHECKOUT}/orders", CHECKOUTS)
def order_post(call: Call, cart_id: str) -> Reply:
    """Make the order; the cart is gone then."""
    order = carts.order_of(call.state, carts.cart_get(call.state, cart_id))
    return v3_one(call, {"id": order["id"]})
