"""Order objects as V2 writes them (note §9.2, §10.1, §11, §12, §14)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ipaas.sandbox.bigcommerce.actions.shipments import PROVIDERS, tracking_links
from ipaas.sandbox.bigcommerce.api.common import Call, Money
from ipaas.sandbox.bigcommerce.rows import ADDRESS, LINE, STREET_ADDRESS
from ipaas.sandbox.bigcommerce.state import Row
from ipaas.sandbox.bigcommerce.wire import number, rate10, rfc2822

API_HOST = "https://api.bigcommerce.com"
_SIDES = ("base_{0}", "{0}_ex_tax", "{0}_inc_tax", "{0}_tax")


def _sides(stem: str) -> tuple[str, ...]:
    return tuple(side.format(stem) for side in _SIDES)


SUBTOTALS = ("subtotal_ex_tax", "subtotal_inc_tax", "subtotal_tax")
TOTALS = ("total_ex_tax", "total_inc_tax", "total_tax")
AFTER_ITEMS = (
    "ip_address",
    "ip_address_v6",
    "geoip_country",
    "geoip_country_iso2",
    "staff_notes",
    "customer_message",
    "is_email_opt_in",
    "billing_address",
)
RATES = ("currency_exchange_rate", "store_default_to_transactional_exchange_rate")
PLAIN_LATE = (
    "currency_id",
    "currency_code",
    "currency_exchange_rate",
    "default_currency_id",
    "default_currency_code",
    "store_default_currency_code",
    "store_default_to_transactional_exchange_rate",
    "tax_provider_id",
    "customer_locale",
    "order_source",
    "channel_id",
    "external_source",
    "external_id",
    "external_order_id",
    "external_merchant_id",
    "ebay_order_id",
    "cart_id",
)
LINK_PARTS = (
    ("products", "products"),
    ("shipping_addresses", "shipping_addresses"),
    ("coupons", "coupons"),
    ("consignments", "consignments"),
    ("fees", "fees"),
)


def link(call: Call, resource: str) -> Row:
    """A link object; its host is the real one, whoever serves it (§1). A switch spells it as old samples do (§9.2)."""
    if call.state.switches["old_links"]:
        resource = resource.replace("shipping_", "shipping")
    return {"url": f"{API_HOST}/stores/{call.state.hash}/v2{resource}", "resource": resource}


def order_object(call: Call, order: Row) -> Row:
    """The whole order object of §9.2."""
    money, number_ = call.money, order["id"]
    out: Row = {
        "id": number_,
        "customer_id": order["customer_id"],
        "date_created": rfc2822(order["date_created"]),
        "date_modified": rfc2822(order["date_modified"]),
        "date_shipped": rfc2822(order["date_shipped"]),
    }
    out.update(_status(call, order))
    for name in SUBTOTALS:
        out[name] = money(order[name])
    for stem in ("shipping_cost", "handling_cost", "wrapping_cost"):
        for name in _sides(stem):
            out[name] = money(order[name])
        out[f"{stem}_tax_class_id"] = order[f"{stem}_tax_class_id"]
    for name in TOTALS:
        out[name] = money(order[name])
    out["is_tax_inclusive_pricing"] = order["is_tax_inclusive_pricing"]
    for name in ("discount_amount", "coupon_discount", "store_credit_amount", "gift_certificate_amount"):
        out[name] = money(order[name])
    for name in (
        "items_total",
        "items_shipped",
        "order_is_digital",
        "shipping_address_count",
        "payment_method",
        "payment_provider_id",
    ):
        out[name] = order[name]
    out["payment_status"] = "" if call.state.switches["empty_payment_status"] else order["payment_status"]
    out["refunded_amount"], out["credit_card_type"] = money(Decimal(0)), order["credit_card_type"]
    for name in PLAIN_LATE:
        out[name] = rate10(order[name]) if name in RATES else order[name]
    for name in AFTER_ITEMS:
        out[name] = order[name]
    if order.get("form_fields"):  # the note's example of an order has none at its top
        out["form_fields"] = order["form_fields"]
    for name, path in LINK_PARTS:
        out[name] = link(call, f"/orders/{number_}/{path}")
    out["consignments"] = [out["consignments"]]
    return out


def _status(call: Call, order: Row) -> Row:
    status = call.state.statuses.get(order["status_id"]) or {"system_label": "", "custom_label": ""}
    return {
        "status_id": order["status_id"],
        "status": status["system_label"],
        "custom_status": status["custom_label"],
        "is_deleted": order["is_deleted"],
    }


# --- lines ----------------------------------------------------------------------------------------

LINE_MONEY = frozenset(name for name, value in LINE.items() if isinstance(value, Decimal))
LINE_ORDER = (
    "id",
    "order_id",
    "product_id",
    "variant_id",
    "order_address_id",
    "order_pickup_method_id",
    "name",
    "name_customer",
    "name_merchant",
    "sku",
    "upc",
    "type",
    "base_price",
    "price_ex_tax",
    "price_inc_tax",
    "price_tax",
    "base_total",
    "total_ex_tax",
    "total_inc_tax",
    "total_tax",
    "discounted_total_inc_tax",
    "quantity",
    "quantity_shipped",
    "quantity_refunded",
    "is_refunded",
    "refund_amount",
    "return_id",
    "base_cost_price",
    "cost_price_ex_tax",
    "cost_price_inc_tax",
    "cost_price_tax",
    "weight",
    "width",
    "height",
    "depth",
    "fixed_shipping_cost",
    "wrapping_id",
    "wrapping_name",
    "wrapping_message",
    *_sides("wrapping_cost"),
    "option_set_id",
    "parent_order_product_id",
    "is_bundled_product",
    "bin_picking_number",
    "external_id",
    "brand",
    "event_name",
    "event_date",
    "ebay_item_id",
    "ebay_transaction_id",
    "gift_certificate_id",
    "configurable_fields",
)


def line_object(call: Call, line: Row) -> Row:
    """A line of §10.1. A product deleted later leaves its dead id."""
    money = call.money
    out = {name: money(line[name]) if name in LINE_MONEY else line[name] for name in LINE_ORDER}
    out["event_date"] = rfc2822(line["event_date"]) if line["event_date"] is not None else None
    style = call.state.switches["discounted_total"]
    if style == "plain":
        off = sum((discount["amount"] for discount in line["applied_discounts"]), Decimal(0))
        out["discounted_total_inc_tax"] = money(line["total_inc_tax"] - off)
    elif style == "absent":
        del out["discounted_total_inc_tax"]
    out["applied_discounts"] = [
        {**discount, "amount": money(discount["amount"])} for discount in line["applied_discounts"]
    ]
    out["product_options"] = line["product_options"]
    return out


# --- addresses, consignments ----------------------------------------------------------------------

ADDRESS_MONEY = tuple(name for name, value in ADDRESS.items() if isinstance(value, Decimal))
ADDRESS_ORDER = (
    *(name for name in STREET_ADDRESS if name != "form_fields"),
    "items_total",
    "items_shipped",
    "shipping_method",
    "base_cost",
    "cost_ex_tax",
    "cost_inc_tax",
    "cost_tax",
    "cost_tax_class_id",
    "base_handling_cost",
    "handling_cost_ex_tax",
    "handling_cost_inc_tax",
    "handling_cost_tax",
    "handling_cost_tax_class_id",
    "shipping_zone_id",
    "shipping_zone_name",
)


def _counts(call: Call, address: Row) -> Row:
    lines = [
        line
        for line in call.state.lines.find(order_id=address["order_id"])
        if line["order_address_id"] == address["id"]
    ]
    return {
        "items_total": sum(line["quantity"] for line in lines if not line["is_bundled_product"]),
        "items_shipped": sum(line["quantity_shipped"] for line in lines),
    }


def address_object(call: Call, address: Row) -> Row:
    """A shipping address of §11."""
    money, row = call.money, {**address, **_counts(call, address)}
    resource = f"/orders/{address['order_id']}/shipping_addresses/{address['id']}/shipping_quotes"
    return {
        "id": address["id"],
        "order_id": address["order_id"],
        **{name: money(row[name]) if name in ADDRESS_MONEY else row[name] for name in ADDRESS_ORDER},
        "shipping_quotes": link(call, resource),
        "form_fields": address["form_fields"],
    }


def consignments_object(call: Call, order: Row, *, with_lines: bool) -> Row:
    """Consignments of an order; money is numeric here (§11)."""
    state, number_ = call.state, order["id"]
    lines = state.lines.find(order_id=number_)

    def items(chosen: list[Row]) -> Any:
        if with_lines:
            return [_numeric_line(line) for line in chosen]
        return link(call, f"/orders/{number_}/consignments")

    shipping = []
    for address in state.order_addresses.find(order_id=number_):
        own = [line for line in lines if line["order_address_id"] == address["id"]]
        row = {**address, **_counts(call, address)}
        shipping.append(
            {
                "id": address["id"],
                **{name: number(row[name]) if name in ADDRESS_MONEY else row[name] for name in ADDRESS_ORDER},
                "form_fields": address["form_fields"],
                "line_items": items(own),
            }
        )
    pickups = []
    for pickup in state.order_pickups.find(order_id=number_):
        own = [line for line in lines if line["order_pickup_method_id"]]
        fields = {name: value for name, value in pickup.items() if name != "order_id"}
        pickups.append({**fields, "line_items": items(own)})
    digital = [line for line in lines if line["type"] == "digital"]
    sold = [line for line in lines if line["type"] == "giftcertificate"]
    return {
        "shipping": shipping,
        "pickups": pickups,
        "downloads": [{"line_items": items(digital)}] if digital else [],
        "email": {"gift_certificates": [{"line_items": items(sold)}] if sold else []},
    }


def _numeric_line(line: Row) -> Row:
    row = {name: number(line[name]) if name in LINE_MONEY else line[name] for name in LINE_ORDER}
    row["applied_discounts"] = [{**d, "amount": number(d["amount"])} for d in line["applied_discounts"]]
    return {**row, "product_options": line["product_options"]}


# --- small parts ----------------------------------------------------------------------------------


def tax_object(call: Call, row: Row) -> Row:
    """A tax row of §12; the schema has the line as text."""
    money = call.money
    row = {**row, "order_product_id": str(row["order_product_id"] or 0)}
    return {
        name: money(row[name]) if name in ("rate", "priority_amount", "line_amount") else row[name]
        for name in (
            "id",
            "order_id",
            "order_address_id",
            "tax_rate_id",
            "sales_tax_id",
            "tax_class_id",
            "name",
            "class",
            "rate",
            "priority",
            "priority_amount",
            "line_amount",
            "order_product_id",
            "line_item_type",
            "order_pickup_method_id",
        )
    }


def coupon_object(call: Call, row: Row) -> Row:
    """A redeemed coupon of §12: amounts are numbers here."""
    return {
        "id": row["id"],
        "coupon_id": row["coupon_id"],
        "order_id": row["order_id"],
        "code": row["code"],
        "amount": number(row["amount"]),
        "type": row["type"],
        "discount": number(row["discount"]),
    }


def fee_object(call: Call, row: Row) -> Row:
    """A fee of §12."""
    money: Money = call.money
    out: Row = {name: row[name] for name in ("id", "type", "display_name_customer", "display_name_merchant", "source")}
    for name in ("base_cost", "cost_ex_tax", "cost_inc_tax", "cost_tax"):
        out[name] = money(row[name])
    return {**out, "tax_class_id": row["tax_class_id"]}


def message_object(row: Row) -> Row:
    """A message of §12."""
    return {
        **{name: value for name, value in row.items() if name != "date_created"},
        "date_created": rfc2822(row["date_created"]),
    }


def shipment_object(call: Call, row: Row) -> Row:
    """A shipment of §14."""
    order = call.state.orders.get(row["order_id"]) or {}
    address = call.state.order_addresses.get(row["order_address_id"]) or {}
    street = {name: address.get(name, "") for name in STREET_ADDRESS if name != "form_fields"}
    row = tracking_links(row)
    provider = row["shipping_provider"]
    return {
        "id": row["id"],
        "order_id": row["order_id"],
        "customer_id": row["customer_id"],
        "order_address_id": row["order_address_id"],
        "date_created": rfc2822(row["date_created"]),
        "tracking_number": row["tracking_number"],
        "merchant_shipping_cost": call.money(row["merchant_shipping_cost"]),
        "shipping_method": row["shipping_method"],
        "comments": row["comments"],
        "shipping_provider": provider,
        "shipping_provider_display_name": PROVIDERS.get(provider, provider),
        "tracking_carrier": row["tracking_carrier"],
        "tracking_link": row["tracking_link"],
        "generated_tracking_link": row["generated_tracking_link"],
        "billing_address": order.get("billing_address"),
        "shipping_address": street,
        "items": row["items"],
    }
