"""Reading V2 orders (note §6.1, §9-§12)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal as D
from uuid import UUID

import pytest

from ipaas.sandbox.bigcommerce import actions
from tests.sandbox.bigcommerce_api import ANA, Api, bottle_order, stocked
from tests.sandbox.conftest import Running

LINK = "https://api.bigcommerce.com/stores/a1b2c3d4e5/v2/orders"


@pytest.fixture
def api(bigcommerce_server: Running, bigcommerce_url: str) -> Api:
    """A client of a fresh store at noon of 6 January 2026."""
    found = Api(bigcommerce_server)
    found.stop_time()
    return found


def test_an_order_is_the_object_of_the_note(api: Api) -> None:
    n = api.place(bottle_order())["id"]
    noon = "Tue, 06 Jan 2026 12:00:00 +0000"
    links = (
        ("products", "products"),
        ("shipping_addresses", "shipping_addresses"),
        ("coupons", "coupons"),
        ("fees", "fees"),
    )
    zero = "0.0000"
    order = api.get(f"/v2/orders/{n}").json()
    assert UUID(order["cart_id"])
    assert order == {
        "id": n,
        "customer_id": 0,
        "date_created": noon,
        "date_modified": noon,
        "date_shipped": "",
        "status_id": 11,
        "status": "Awaiting Fulfillment",
        "custom_status": "Pack me",
        "is_deleted": False,
        "subtotal_ex_tax": "120.0000",
        "subtotal_inc_tax": "129.9000",
        "subtotal_tax": "8.9100",
        "base_shipping_cost": "8.0000",
        "shipping_cost_ex_tax": "8.0000",
        "shipping_cost_inc_tax": "8.6600",
        "shipping_cost_tax": "0.6600",
        "shipping_cost_tax_class_id": 2,
        "base_handling_cost": zero,
        "handling_cost_ex_tax": zero,
        "handling_cost_inc_tax": zero,
        "handling_cost_tax": zero,
        "handling_cost_tax_class_id": 2,
        "base_wrapping_cost": zero,
        "wrapping_cost_ex_tax": zero,
        "wrapping_cost_inc_tax": zero,
        "wrapping_cost_tax": zero,
        "wrapping_cost_tax_class_id": 3,
        "total_ex_tax": "116.0000",
        "total_inc_tax": "125.5700",
        "total_tax": "9.5700",
        "is_tax_inclusive_pricing": False,
        "discount_amount": zero,
        "coupon_discount": "12.0000",
        "store_credit_amount": zero,
        "gift_certificate_amount": zero,
        "items_total": 3,
        "items_shipped": 0,
        "order_is_digital": False,
        "shipping_address_count": 1,
        "payment_method": "Credit Card",
        "payment_provider_id": "ch_9x1",
        "payment_status": "captured",
        "refunded_amount": zero,
        "credit_card_type": None,
        "currency_id": 1,
        "currency_code": "USD",
        "currency_exchange_rate": "1.0000000000",
        "default_currency_id": 1,
        "default_currency_code": "USD",
        "store_default_currency_code": "USD",
        "store_default_to_transactional_exchange_rate": "1.0000000000",
        "tax_provider_id": "BasicTaxProvider",
        "customer_locale": "en",
        "order_source": "www",
        "channel_id": 1,
        "external_source": None,
        "external_id": None,
        "external_order_id": "",
        "external_merchant_id": None,
        "ebay_order_id": "0",
        "cart_id": order["cart_id"],
        "ip_address": "203.0.113.9",
        "ip_address_v6": "",
        "geoip_country": "United States",
        "geoip_country_iso2": "US",
        "staff_notes": "",
        "customer_message": "Leave at the door",
        "is_email_opt_in": False,
        "billing_address": {**ANA, "company": "", "street_2": "", "form_fields": []},
        **{name: {"url": f"{LINK}/{n}/{path}", "resource": f"/orders/{n}/{path}"} for name, path in links},
        "consignments": [{"url": f"{LINK}/{n}/consignments", "resource": f"/orders/{n}/consignments"}],
    }


def test_lines_are_the_rows_of_the_note_with_options_linked(api: Api) -> None:
    order = api.place(bottle_order(stocked(api)))
    bottle, jacket = api.get(f"/v2/orders/{order['id']}/products").json()
    money = {
        name: bottle[name]
        for name in (
            "base_price",
            "price_ex_tax",
            "price_inc_tax",
            "price_tax",
            "base_total",
            "total_ex_tax",
            "total_inc_tax",
            "total_tax",
            "discounted_total_inc_tax",
            "refund_amount",
            "weight",
            "base_wrapping_cost",
        )
    }
    assert money == {
        "base_price": "20.0000",
        "price_ex_tax": "20.0000",
        "price_inc_tax": "21.6500",
        "price_tax": "1.6500",
        "base_total": "40.0000",
        "total_ex_tax": "40.0000",
        "total_inc_tax": "43.3000",
        "total_tax": "2.9700",
        "discounted_total_inc_tax": "38.9700",
        "refund_amount": "0.0000",
        "weight": "0.4000",
        "base_wrapping_cost": "0.0000",
    }
    assert bottle["applied_discounts"] == [
        {"id": "coupon", "amount": "4.0000", "name": "10% off", "code": "SAVE10", "target": "order"}
    ]
    option = bottle["product_options"][0]
    assert (option["order_product_id"], option["display_value_merchant"], option["display_name_customer"]) == (
        bottle["id"],
        "Black",
        "Color",
    )
    place = api.get(f"/v2/orders/{order['id']}/shipping_addresses").json()[0]
    assert bottle["order_address_id"] == jacket["order_address_id"] == place["id"]
    assert (jacket["product_id"], jacket["sku"], jacket["name_merchant"]) == (0, "T-JACKET", "Jacket")
    assert api.get(f"/v2/orders/{order['id']}/products/{bottle['id']}").json() == bottle


def test_the_discounted_total_has_two_formulas_and_may_be_absent(api: Api) -> None:
    n = api.place(bottle_order())["id"]
    api.switch(discounted_total="plain")
    assert api.get(f"/v2/orders/{n}/products").json()[0]["discounted_total_inc_tax"] == "39.3000"
    api.switch(discounted_total="absent")
    assert "discounted_total_inc_tax" not in api.get(f"/v2/orders/{n}/products").json()[0]


def test_addresses_answer_to_both_spellings(api: Api) -> None:
    n = api.place(bottle_order())["id"]
    first, second = (api.get(f"/v2/orders/{n}/{name}").json() for name in ("shipping_addresses", "shippingaddresses"))
    assert first == second
    row = first[0]
    assert {
        name: row[name]
        for name in (
            "order_id",
            "items_total",
            "items_shipped",
            "shipping_method",
            "base_cost",
            "cost_inc_tax",
            "cost_tax",
            "handling_cost_tax",
            "form_fields",
        )
    } == {
        "order_id": n,
        "items_total": 3,
        "items_shipped": 0,
        "shipping_method": "Flat Rate",
        "base_cost": "8.0000",
        "cost_inc_tax": "8.6600",
        "cost_tax": "0.6600",
        "handling_cost_tax": "0.0000",
        "form_fields": [],
    }
    quotes = f"/orders/{n}/shipping_addresses/{row['id']}/shipping_quotes"
    assert row["shipping_quotes"]["resource"] == quotes
    assert api.get(f"/v2{quotes}").status_code == 204
    assert api.get(f"/v2/orders/{n}/shipping_addresses/{row['id']}").json() == row


def test_an_address_edit_changes_text_and_no_cost(api: Api) -> None:
    n = api.place(bottle_order())["id"]
    place = api.get(f"/v2/orders/{n}/shipping_addresses").json()[0]
    changed = api.put(f"/v2/orders/{n}/shippingaddresses/{place['id']}", {"street_1": "14 Elm St"})
    assert (changed.status_code, changed.json()) == (200, {**place, "street_1": "14 Elm St"})
    refused = api.put(f"/v2/orders/{n}/shippingaddresses/{place['id']}", {"base_cost": "1"})
    assert (refused.status_code, refused.json()[0]["message"]) == (400, "The field 'base_cost' is invalid.")
    assert api.put(f"/v2/orders/{n}/shippingaddresses/1", {"street_1": "x"}).status_code == 404


def test_taxes_and_coupons(api: Api) -> None:
    n = api.place(bottle_order())["id"]
    line = api.get(f"/v2/orders/{n}/products").json()[0]
    tax = api.get(f"/v2/orders/{n}/taxes").json()[0]
    assert tax == {
        "id": tax["id"],
        "order_id": n,
        "order_address_id": line["order_address_id"],
        "tax_rate_id": 1,
        "sales_tax_id": "",
        "tax_class_id": 0,
        "name": "State Tax",
        "class": "Default Tax Class",
        "rate": "8.2500",
        "priority": 0,
        "priority_amount": "9.5700",
        "line_amount": "2.9700",
        "order_product_id": str(line["id"]),
        "line_item_type": "item",
        "order_pickup_method_id": 0,
    }
    detailed = api.get(f"/v2/orders/{n}/taxes?details=true").json()[0]
    assert detailed["line_item"] == {"name": "Steel Bottle", "sku": "", "quantity": 2}
    coupon = api.get(f"/v2/orders/{n}/coupons").json()[0]
    assert coupon == {
        "id": coupon["id"],
        "coupon_id": 4,
        "order_id": n,
        "code": "SAVE10",
        "amount": 10,
        "type": 1,
        "discount": 12,
    }


def test_fees_come_alone_or_included(api: Api) -> None:
    fee = {
        "display_name_customer": "Gift box",
        "display_name_merchant": "Gift box",
        "base_cost": D(3),
        "cost_ex_tax": D(3),
        "cost_inc_tax": D("3.25"),
        "cost_tax": D("0.25"),
    }
    n = api.place(replace(bottle_order(), fees=[fee]))["id"]
    expected = {
        "type": "custom_fee",
        "display_name_customer": "Gift box",
        "display_name_merchant": "Gift box",
        "source": "checkout",
        "base_cost": "3.0000",
        "cost_ex_tax": "3.0000",
        "cost_inc_tax": "3.2500",
        "cost_tax": "0.2500",
        "tax_class_id": None,
    }
    rows = api.get(f"/v2/orders/{n}/fees").json()
    assert rows == [{"id": rows[0]["id"], **expected}]
    assert api.get(f"/v2/orders/{n}?include=fees").json()["fees"] == rows
    listed = api.get(f"/v2/orders?min_id={n}&include=fees").json()
    assert listed[0]["fees"] == rows


@pytest.mark.parametrize("part", ["coupons", "fees", "messages", "shipments", "taxes", "shipping_addresses"])
def test_an_empty_part_is_204_without_a_body(api: Api, part: str) -> None:
    priced = replace(
        bottle_order(),
        coupons=[],
        taxes=[],
        addresses=[],
        lines=[{"name": "E-Book", "type": "digital", "total_inc_tax": D(5)}],
    )
    n = api.place(replace(priced, order={**priced.order, "order_is_digital": True}))["id"]
    answer = api.get(f"/v2/orders/{n}/{part}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert api.get(f"/v2/orders/{n}").json()["status_id"] == 10


def test_messages(api: Api) -> None:
    n = api.place(bottle_order())["id"]
    api.act(actions.message_create, n, text="Where is it?", subject="Hello")
    row = api.get(f"/v2/orders/{n}/messages").json()[0]
    assert row == {
        "id": row["id"],
        "order_id": n,
        "staff_id": 0,
        "customer_id": 0,
        "type": "customer",
        "subject": "Hello",
        "message": "Where is it?",
        "status": "unread",
        "is_flagged": False,
        "date_created": "Tue, 06 Jan 2026 12:00:00 +0000",
    }


def test_consignments_have_numeric_money_and_three_shapes(api: Api) -> None:
    n = api.place(bottle_order())["id"]
    whole = api.get(f"/v2/orders/{n}/consignments").json()
    assert {name: whole[name] for name in ("pickups", "downloads", "email")} == {
        "pickups": [],
        "downloads": [],
        "email": {"gift_certificates": []},
    }
    assert whole["shipping"][0]["cost_inc_tax"] == 8.66
    assert whole["shipping"][0]["line_items"]["resource"] == f"/orders/{n}/consignments"
    lines = api.get(f"/v2/orders/{n}/consignments?include=line_items").json()["shipping"][0]["line_items"]
    assert [line["discounted_total_inc_tax"] for line in lines] == [38.97, 77.94]
    old = api.get(f"/v2/orders/{n}?include=consignments.line_items").json()["consignments"]
    assert old == [{**whole["shipping"][0], "line_items": lines}]
    api.switch(consignments_array="whole")
    old = api.get(f"/v2/orders/{n}?include=consignments.line_items").json()["consignments"]
    new = api.get(f"/v2/orders/{n}?include=consignments.line_items&consignment_structure=object").json()
    assert (old[0], new["consignments"]) == (
        new["consignments"],
        {**whole, "shipping": [{**whole["shipping"][0], "line_items": lines}]},
    )
    assert api.get(f"/v2/orders/{n}?include=products").status_code == 400


def test_a_pickup_order_has_no_address_and_one_pickup(api: Api) -> None:
    priced = bottle_order()
    lines = [{**line, "address": None} for line in priced.lines]
    pickup = {"pickup_method_display_name": "Pick up at Pine Annex", "location": {"name": "Annex", "code": "PINE"}}
    n = api.place(replace(priced, addresses=[], lines=lines, taxes=[], pickup=pickup))["id"]
    assert api.get(f"/v2/orders/{n}/shipping_addresses").status_code == 204
    found = api.get(f"/v2/orders/{n}/products").json()
    assert [(row["order_address_id"], row["order_pickup_method_id"]) for row in found] == [(0, 1), (0, 1)]
    pickups = api.get(f"/v2/orders/{n}/consignments").json()["pickups"]
    assert [(row["pickup_method_display_name"], row["location"]["code"]) for row in pickups] == [
        ("Pick up at Pine Annex", "PINE")
    ]
