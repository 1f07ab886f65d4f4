"""An order as the API shows it (apis/magento.md §8.2, §8.3); the answer is cut to the schema afterwards."""

from __future__ import annotations

from collections.abc import Sequence

from ipaas.sandbox.magento.sales.cents import Row, base
from ipaas.sandbox.magento.sales.gateway import payment_of
from ipaas.sandbox.magento.sales.order_lookup import items_of
from ipaas.sandbox.magento.sales.states import BESIDE
from ipaas.sandbox.magento.state import State

TOTAL = (
    *("shipping_amount", "shipping_canceled", "shipping_discount_amount", "shipping_discount_tax_compensation_amount"),
    *("shipping_incl_tax", "shipping_invoiced", "shipping_refunded", "shipping_tax_amount", "shipping_tax_refunded"),
)
SPENT = ("amount", "invoiced", "refunded")


def order_shape(state: State, order: Row) -> Row:
    """The order with everything in it."""
    order_id = order["entity_id"]
    items = [item_shape(state, row) for row in items_of(state, order_id)]
    billing = state.addresses.first(parent_id=order_id, address_type="billing")
    return {
        **order,
        "items": items,
        "billing_address": billing,
        "payment": _payment(payment_of(state, order_id)),
        "status_histories": state.status_histories.find(parent_id=order_id)[::-1],
        "extension_attributes": _extension(state, order, items),
    }


def item_shape(state: State, item: Row) -> Row:
    """One item; a part carries a copy of its parent."""
    parent = state.order_items.get(item["parent_item_id"]) if item.get("parent_item_id") else None
    option = item.get("product_option")
    shown = {**item, "product_option": {"extension_attributes": option} if option else None}
    return shown | ({"parent_item": item_shape(state, parent)} if parent else {})


def _payment(payment: Row) -> Row:
    """The payment: of the additional information the values alone (§8.2)."""
    title = payment.get("method_title")
    return {**payment, "additional_information": [title] if title else []}


def _extension(state: State, order: Row, items: Sequence[Row]) -> Row:
    payment = payment_of(state, order["entity_id"])
    title = payment.get("method_title")
    shown: Row = {
        "shipping_assignments": [{"shipping": _shipping(state, order), "items": items}],
        "payment_additional_info": [{"key": "method_title", "value": title}] if title else [],
        "applied_taxes": order.get("applied_taxes") or [],
        "item_applied_taxes": order.get("item_applied_taxes") or [],
        "converting_from_quote": True if order.get("quote_id") else None,
        "pickup_location_code": order.get("pickup_location_code"),
        "taxes": [_tax_row(order, number, tax) for number, tax in enumerate(order.get("applied_taxes") or [])],
        "coupon_codes": [order["coupon_code"]] if order.get("coupon_code") else None,
    }
    return shown | (_beside(order) if state.profile.is_commerce else {})


def _tax_row(order: Row, number: int, tax: Row) -> Row:
    """A tax of the order in the longer form, which the schema has since 2.4.8."""
    own = {"order_id": order["entity_id"], "base_real_amount": tax["base_amount"]}
    return {**tax, **own, "priority": 0, "position": number, "process": 0}


def _shipping(state: State, order: Row) -> Row:
    """The one shipping assignment; of virtual goods without address and method (§8.2, case M21)."""
    total = {name: order.get(name) for column in TOTAL for name in (column, base(column))}
    if order.get("is_virtual"):
        return {"total": total}
    address = state.addresses.first(parent_id=order["entity_id"], address_type="shipping")
    return {"address": address, "method": order.get("shipping_method"), "total": total}


def _beside(order: Row) -> Row:
    """What gift cards, store credit and points paid (§18); Adobe Commerce alone has them."""
    shown: Row = {"gift_cards": order.get("gift_cards") or None}
    for name, tender in BESIDE.items():
        if not order.get(name):
            continue
        for column in (f"{tender}_{part}" for part in SPENT):
            shown |= {column: order.get(column), base(column): order.get(base(column))}
    if order.get("customer_balance_amount"):
        for column in ("customer_balance_total_refunded", "base_customer_balance_total_refunded"):
            shown[column] = order.get(column)
    shown["reward_points_balance"] = order.get("reward_points_balance")
    return shown
