"""A checkout becomes the rows of an order: the order, its items, addresses, payment, and the stock kept for it (§8)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from ipaas.sandbox.magento.sales import states, stock_moves
from ipaas.sandbox.magento.sales.cart import Cart, Place, places
from ipaas.sandbox.magento.sales.cents import ZERO, Row
from ipaas.sandbox.magento.sales.gateway import FREE, Payment
from ipaas.sandbox.magento.sales.gift_card_accounts import spent
from ipaas.sandbox.magento.sales.numbering import next_number
from ipaas.sandbox.magento.sales.totals import Totals, totals
from ipaas.sandbox.magento.settings import setting
from ipaas.sandbox.magento.state import State

ITEM_COUNTERS = ("qty_invoiced", "qty_shipped", "qty_refunded", "qty_canceled")
NAMES = ("firstname", "lastname", "middlename", "prefix", "suffix")
ADDRESS = (
    *NAMES,
    *("company", "street", "city", "region", "region_code", "region_id", "postcode", "country_id"),
    *("telephone", "fax", "vat_id", "email", "customer_address_id"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """Everything a placed order is made of. Addresses have the columns of §8.2; `shipping` None: nothing to deliver."""

    cart: Cart
    store_id: int
    email: str
    billing: Row
    payment: Payment
    shipping: Row | None = None
    method: str = ""  # carrier and method, "flatrate_flatrate"
    method_title: str = ""
    customer: Row | None = None
    currency: str = ""  # of the order; empty: the website's base currency
    note: str = ""
    number: str = ""  # increment id; empty: the view's next
    pickup: str = ""  # code of the source where the shopper fetches it
    edited: Row = field(default_factory=dict)  # relation columns of an order that replaces another


def order_placed(state: State, checkout: Checkout) -> Row:
    """Store the order as new and unpaid, with its pieces reserved."""
    rows, money = places(checkout.cart), totals(checkout.cart)
    order = state.insert(state.orders, _order_row(state, checkout, rows, money))
    items = _insert_items(state, order, rows, money)
    _insert_addresses(state, order, checkout)
    _insert_payment(state, order, checkout)
    for item in items:
        if item["product_type"] not in states.COMPOSITES:
            stock_moves.reserve(state, order, item["sku"], -item["qty_ordered"], "order_placed")
    view = state.store_views.get(checkout.store_id) or {}
    spent(state, order, view["website_id"])
    return state.orders.get(order["entity_id"]) or order


# --- the order itself -----------------------------------------------------------------------------


def _order_row(state: State, checkout: Checkout, rows: Sequence[Place], money: Totals) -> Row:
    parents = [row for row in rows if row.parent is None]
    pieces = sum((row.qty for row in parents), ZERO)
    weight = sum((row.line.weight * row.qty for row in rows if row.parent is None or row.line.weight), ZERO)
    due = money.order["grand_total"]
    return {
        **money.order,
        **_who(checkout),
        **_where(state, checkout),
        **checkout.edited,
        "increment_id": checkout.number or next_number(state, "order", checkout.store_id),
        "state": states.NEW,
        "status": states.default_status(states.NEW),
        "is_virtual": int(all(row.line.is_virtual for row in rows if row.line.product_type not in states.COMPOSITES)),
        "protect_code": hashlib.sha256(f"{state.orders.next_id}".encode()).hexdigest()[:32],
        "quote_id": state.orders.next_id + 500,
        "remote_ip": "203.0.113.7",
        "total_due": due,
        "base_total_due": money.order["base_grand_total"],
        "total_qty_ordered": pieces,
        "base_total_qty_ordered": pieces,
        "total_item_count": len(parents),
        "weight": weight,
        "customer_note": checkout.note or None,
        "coupon_code": checkout.cart.coupon_code or None,
        "discount_description": checkout.cart.coupon_label or None,
        "shipping_method": checkout.method or None,
        "shipping_description": checkout.method_title or None,
        "pickup_location_code": checkout.pickup or None,
        "applied_taxes": money.applied,
        "email_sent": 1 if state.is_backdated else None,
    }


def _who(checkout: Checkout) -> Row:
    """Customer columns: a guest's name stands on the addresses only (§8.2)."""
    customer = checkout.customer
    if customer is None:
        return {"customer_email": checkout.email, "customer_is_guest": 1, "customer_group_id": 0}
    own = {f"customer_{name}": customer.get(name) for name in (*NAMES, "dob", "gender", "taxvat")}
    numbers = {"customer_id": customer["id"], "customer_group_id": customer["group_id"], "customer_is_guest": 0}
    return own | numbers | {"customer_email": checkout.email}


def _where(state: State, checkout: Checkout) -> Row:
    """Store view and currencies; `store_to_*` are legacy zeros (§7)."""
    view = state.store_views.get(checkout.store_id) or {}
    group = state.store_groups.get(view["store_group_id"]) or {}
    website = state.websites.get(view["website_id"]) or {}
    own = setting(state, "currency/options/base", checkout.store_id)
    return {
        "store_id": checkout.store_id,
        "store_name": "\n".join((website["name"], group["name"], view["name"])),
        "base_currency_code": own,
        "global_currency_code": own,
        "store_currency_code": own,
        "order_currency_code": checkout.currency or own,
        "base_to_global_rate": Decimal(1),
        "base_to_order_rate": checkout.cart.to_order_rate,
        "store_to_base_rate": ZERO,
        "store_to_order_rate": ZERO,
    }


# --- what belongs to it ---------------------------------------------------------------------------


def _insert_items(state: State, order: Row, rows: Sequence[Place], money: Totals) -> list[Row]:
    stored: list[Row] = []
    for row, columns in zip(rows, money.items, strict=True):
        parent = None if row.parent is None else stored[row.parent]
        stored.append(state.insert(state.order_items, {**_item_row(row, parent, order, state), **columns}))
    applied = [
        {
            "type": "shipping" if row["index"] is None else "product",
            "item_id": None if row["index"] is None else stored[row["index"]]["item_id"],
            "applied_taxes": row["applied"],
        }
        for row in money.item_applied
    ]
    state.update(state.orders, order["entity_id"], item_applied_taxes=applied)
    return stored


def _item_row(row: Place, parent: Row | None, order: Row, state: State) -> Row:
    line = row.line
    bundle = parent if parent and parent["product_type"] == "bundle" else None
    return {
        **dict.fromkeys(ITEM_COUNTERS, ZERO),
        "order_id": order["entity_id"],
        "parent_item_id": parent["item_id"] if parent else None,
        "quote_item_id": state.order_items.next_id + 600,
        "store_id": order["store_id"],
        "sku": line.sku,
        "name": line.name,
        "product_id": line.product_id or None,
        "product_type": line.product_type,
        "qty_ordered": row.qty,
        "is_virtual": int(line.is_virtual),
        "is_qty_decimal": int(line.is_qty_decimal),
        "no_discount": int(not line.takes_coupon),
        "free_shipping": 0,
        "weight": line.weight,
        "row_weight": line.weight * row.qty,
        "product_option": line.product_option or None,
        "children_calculated": bool(bundle["children_calculated"]) if bundle else line.children_calculated,
        "ships_separately": bool(bundle["ships_separately"]) if bundle else line.ships_separately,
    }


def _insert_addresses(state: State, order: Row, checkout: Checkout) -> None:
    kinds = {"billing": checkout.billing, "shipping": checkout.shipping}
    for kind, given in kinds.items():
        if given is None:
            continue
        own = {name: given.get(name) for name in ADDRESS} | {"email": given.get("email") or checkout.email}
        row = state.insert(state.addresses, {**own, "parent_id": order["entity_id"], "address_type": kind})
        state.update(state.orders, order["entity_id"], {f"{kind}_address_id": row["entity_id"]})


def _insert_payment(state: State, order: Row, checkout: Checkout) -> None:
    """The payment; whoever owes nothing pays by `free` (§18)."""
    method = checkout.payment.method if order["grand_total"] else FREE
    amounts = {
        "amount_ordered": order["grand_total"],
        "base_amount_ordered": order["base_grand_total"],
        "shipping_amount": order["shipping_amount"],
        "base_shipping_amount": order["base_shipping_amount"],
    }
    state.insert(
        state.payments,
        {
            **amounts,
            "parent_id": order["entity_id"],
            "method": method.code,
            "method_title": method.title,
            "cc_last4": "1111" if method.code == "braintree" else None,
            "cc_type": "VI" if method.code == "braintree" else None,
            "po_number": "PO-1001" if method.code == "purchaseorder" else None,
        },
    )
