"""The storefront in a browser: what a shopper does becomes an order the API shows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import requests

from tests.sandbox.bigcommerce_api import Api
from tests.sandbox.conftest import Running
from tests.sandbox.shop_browser import Browser

D = Decimal
CHECKOUT, PAYMENT = "/shop/checkout", "/shop/checkout/payment"
ADA = {
    "bill__first_name": "Ada",
    "bill__last_name": "Đặng <b>",
    "bill__email": "ada@example.org",
    "bill__phone": "5125550142",
    "bill__street_1": "12 Elm St",
    "bill__city": "Austin",
    "bill__state": "Texas",
    "bill__zip": "78701",
}


@pytest.fixture
def shop(bigcommerce_server: Running, bigcommerce_url: str) -> Browser:
    return Browser(bigcommerce_url)


@pytest.fixture
def api(bigcommerce_server: Running, bigcommerce_url: str) -> Api:
    return Api(bigcommerce_server)


def product_id(api: Api, sku: str) -> int:
    return int(api.get("/v3/catalog/variants", params={"sku": sku}).json()["data"][0]["product_id"])


def put_in_cart(shop: Browser, api: Api, sku: str, **fields: Any) -> Browser:
    """Open the product of a SKU, choose the variant, add it."""
    variant = api.get("/v3/catalog/variants", params={"sku": sku}).json()["data"][0]
    chosen = {f"option__{value['option_id']}": value["id"] for value in variant["option_values"]}
    shop.open(f"/shop/p/{variant['product_id']}")
    return shop.submit("/shop/cart/add", **chosen, **fields)


def check_out(shop: Browser, **choices: Any) -> Browser:
    """Guest details, then delivery and payment, then the order."""
    shop.open(CHECKOUT).submit(CHECKOUT, **ADA)
    assert shop.path == PAYMENT
    return shop.submit(PAYMENT, do="place", **choices)


def number(shop: Browser) -> int:
    assert shop.path.startswith("/shop/thanks/")
    return int(shop.path.rsplit("/", 1)[1])


def modifier(api: Api, product: int, name: str) -> str:
    rows = api.get(f"/v3/catalog/products/{product}/modifiers").json()["data"]
    return next(f"modifier__{row['id']}" for row in rows if row["display_name"] == name)


def test_a_guest_buys_with_coupon_and_certificate(shop: Browser, api: Api) -> None:
    put_in_cart(shop, api, "HP-TEE-RED-M", quantity=3)
    assert shop.path == "/shop/cart"
    assert "Harbor Tee is in your cart." in shop.text
    put_in_cart(shop, api, "LGT-HEAD1")
    shop.open(CHECKOUT).submit(CHECKOUT, **ADA)
    shop.submit(PAYMENT, do="update", coupon="save10", certificate="GC7-PIN-HRB-007")
    assert shop.path == PAYMENT
    # goods 72 + 39.95 = 111.95, coupon 7.20 + 4.00 (half up of 3.995), shipping 8, tax 5.35 + 2.97 + 0.66
    assert [word for word in shop.text.split() if word.startswith(("$", "−$"))][-7:] == [
        "$111.95",
        "$8.00",
        "−$11.20",
        "$8.98",
        "$117.73",
        "−$23.17",
        "$94.56",
    ]
    order_id = number(shop.submit(PAYMENT, do="place"))
    order = api.get(f"/v2/orders/{order_id}").json()
    assert {
        key: order[key]
        for key in (
            "status_id",
            "customer_id",
            "total_inc_tax",
            "coupon_discount",
            "gift_certificate_amount",
            "payment_status",
        )
    } == {
        "status_id": 11,
        "customer_id": 0,
        "total_inc_tax": "117.7300",
        "coupon_discount": "11.2000",
        "gift_certificate_amount": "23.1700",
        "payment_status": "captured",
    }
    assert order["billing_address"]["last_name"] == "Đặng <b>"
    paid = api.get(f"/v3/orders/{order_id}/transactions").json()["data"]
    assert sorted(D(str(row["amount"])) for row in paid) == [D("23.17"), D("94.56")]
    certificate = api.get("/v2/gift_certificates", params={"code": "GC7-PIN-HRB-007"}).json()
    assert [row["balance"] for row in certificate] == ["0.0000"]
    assert "<b>" not in shop.open(f"/manage/orders/{order_id}").last.text.split("Customer", 1)[1]


def test_modifiers_and_gift_wrap_are_part_of_the_line(shop: Browser, api: Api) -> None:
    product = product_id(api, "HP-BTL-BLK-750ML")
    engraving = modifier(api, product, "Engraving")
    put_in_cart(shop, api, "HP-BTL-BLK-750ML", wrap="Kraft paper", wrap_message="Enjoy", **{engraving: "ANA"})
    order_id = number(check_out(shop))
    (line,) = api.get(f"/v2/orders/{order_id}/products").json()
    assert [(row["display_name"], row["display_value"], row["type"]) for row in line["product_options"]] == [
        ("Volume", "750 ml", "Multiple choice"),
        ("Color", "Black", "Swatch"),
        ("Engraving", "ANA", "Text field"),
    ]
    options = {row["id"] for row in api.get(f"/v3/catalog/products/{product}/options").json()["data"]}
    modifiers = {row["id"] for row in api.get(f"/v3/catalog/products/{product}/modifiers").json()["data"]}
    assert [row["product_option_id"] in options for row in line["product_options"]] == [True, True, False]
    assert line["product_options"][2]["product_option_id"] in modifiers
    assert (line["wrapping_name"], line["wrapping_message"], line["wrapping_cost_inc_tax"]) == (
        "Kraft paper",
        "Enjoy",
        "3.2500",
    )


def test_what_must_be_filled_in_is_asked_for(shop: Browser, api: Api) -> None:
    shop.open(f"/shop/p/{product_id(api, 'KNF-FOLD')}").submit("/shop/cart/add")
    assert shop.last.status_code == 422
    assert "Please fill in Engraving." in shop.text
    engraving = modifier(api, product_id(api, "KNF-FOLD"), "Engraving")
    shop.submit("/shop/cart/add", **{engraving: "much too long for it"})
    assert "Engraving takes at most 12 characters." in shop.text
    assert "Your cart is empty" in shop.open("/shop/cart").text


def test_pick_list_children_become_lines_and_take_stock(shop: Browser, api: Api) -> None:
    before = api.get("/v3/catalog/products", params={"sku": "CMP-PLAT"}).json()["data"][0]["inventory_level"]
    product = product_id(api, "KIT-MORNING")
    coffee, plate = modifier(api, product, "Coffee"), modifier(api, product, "Tableware")
    put_in_cart(shop, api, "KIT-MORNING", quantity=2, **{coffee: "Drip Bags, 10", plate: "Enamel Plate"})
    order_id = number(check_out(shop))
    lines = api.get(f"/v2/orders/{order_id}/products").json()
    assert [(row["sku"], row["quantity"], row["is_bundled_product"], row["total_inc_tax"]) for row in lines] == [
        ("KIT-MORNING", 2, False, "138.5600"),
        ("COF-DRIP", 2, True, "0.0000"),
        ("CMP-PLAT", 2, True, "0.0000"),
    ]
    assert {row["parent_order_product_id"] for row in lines[1:]} == {lines[0]["id"]}
    after = api.get("/v3/catalog/products", params={"sku": "CMP-PLAT"}).json()["data"][0]["inventory_level"]
    assert before - after == 2


def test_the_last_piece_is_sold_once(shop: Browser, api: Api) -> None:
    for _ in range(10):  # the shop holds main and depot: one piece
        if "Only" in put_in_cart(shop, api, "AXE-FELL").text or "sold out" in shop.text:
            break
    assert "Only 1 of Forest Axe left." in shop.text
    other = Browser(shop.url)
    put_in_cart(other, api, "AXE-FELL")
    number(check_out(other))
    shop.open("/shop/cart")
    assert "Forest Axe is sold out." in shop.text
    assert "Check out" not in shop.text


def test_a_known_customer_pays_with_store_credit(shop: Browser, api: Api) -> None:
    people = api.get("/v3/customers", params={"include": "storecredit", "limit": 250}).json()["data"]
    rich = next(row for row in people if row["store_credit_amounts"][0]["amount"] == 25)
    shop.open("/shop/account").submit("/shop/sign-in", customer_id=rich["id"])
    put_in_cart(shop, api, "LGT-HEAD1")
    shop.open(CHECKOUT).submit(CHECKOUT)
    order_id = number(shop.submit(PAYMENT, do="place", uses_credit=1, shipping="Flat Rate"))
    order = api.get(f"/v2/orders/{order_id}").json()
    assert (order["customer_id"], order["store_credit_amount"]) == (rich["id"], "25.0000")
    left = api.get("/v3/customers", params={"id:in": rich["id"], "include": "storecredit"}).json()["data"][0]
    assert left["store_credit_amounts"][0]["amount"] == 0
    assert str(order_id) in shop.open("/shop/account").text


def test_pickup_has_no_address_and_the_tax_of_the_counter(shop: Browser, api: Api) -> None:
    put_in_cart(shop, api, "LGT-HEAD1")
    shop.open(CHECKOUT).submit(CHECKOUT, where="pickup-2", **{**ADA, "bill__state": "Oregon"})
    order_id = number(shop.submit(PAYMENT, do="place"))
    assert api.get(f"/v2/orders/{order_id}/shipping_addresses").status_code == 204
    order = api.get(f"/v2/orders/{order_id}", params={"include": "consignments"}).json()
    assert (order["total_inc_tax"], order["shipping_cost_inc_tax"]) == ("43.2500", "0.0000")
    (line,) = api.get(f"/v2/orders/{order_id}/products").json()
    assert (line["order_pickup_method_id"], line["order_address_id"]) == (1, 0)


def test_another_address_decides_tax_and_methods(shop: Browser, api: Api) -> None:
    put_in_cart(shop, api, "LGT-HEAD1")
    abroad = {
        "ship__first_name": "Ben",
        "ship__last_name": "Li",
        "ship__street_1": "220 King St W",
        "ship__city": "Toronto",
        "ship__state": "Ontario",
        "ship__zip": "M5H 1K4",
        "ship__country_iso2": "CA",
    }
    shop.open(CHECKOUT).submit(CHECKOUT, where="other", **ADA, **abroad)
    order_id = number(shop.submit(PAYMENT, do="place"))
    (address,) = api.get(f"/v2/orders/{order_id}/shipping_addresses").json()
    assert (address["city"], address["shipping_method"], address["cost_ex_tax"], address["handling_cost_ex_tax"]) == (
        "Toronto",
        "Cross-Border Ground",
        "18.7500",
        "2.5000",
    )
    assert [row["name"] for row in api.get(f"/v2/orders/{order_id}/taxes").json()] == ["Ontario HST"] * 3


def test_a_sold_certificate_becomes_active_when_paid(shop: Browser, api: Api) -> None:
    shop.open("/shop/gift-certificate").submit(
        "/shop/gift-certificate",
        amount=100,
        to_name="Ben",
        to_email="ben@example.com",
        from_name="Ana",
        from_email="ana@example.com",
    )
    order_id = number(check_out(shop))
    (line,) = api.get(f"/v2/orders/{order_id}/products").json()
    assert (line["type"], line["product_id"], line["total_inc_tax"], line["total_tax"]) == (
        "giftcertificate",
        0,
        "100.0000",
        "0.0000",
    )
    sold = api.get(f"/v2/gift_certificates/{line['gift_certificate_id']}").json()
    assert (sold["status"], sold["balance"], sold["to_email"], sold["order_id"]) == (
        "active",
        "100.0000",
        "ben@example.com",
        order_id,
    )
    assert api.get(f"/v2/orders/{order_id}").json()["status_id"] == 10


@pytest.mark.parametrize(
    ("payment", "status", "paid", "said"),
    [
        ("declined", 6, "declined", "The payment was declined"),
        ("abandoned", 0, "", "Not finished"),
        ("offline", 7, "", "Thank you"),
        ("pending", 1, "pending", "Thank you"),
        ("authorized", 7, "authorized", "Thank you"),
        ("paypal", 11, "captured", "Thank you"),
    ],
)
def test_every_way_to_pay_ends_as_it_should(
    shop: Browser, api: Api, payment: str, status: int, paid: str, said: str
) -> None:
    put_in_cart(shop, api, "WHISTL")
    order_id = number(check_out(shop, payment=payment))
    order = api.get(f"/v2/orders/{order_id}").json()
    assert (order["status_id"], order["payment_status"]) == (status, paid)
    assert said in shop.text


@pytest.mark.parametrize(
    ("field", "code", "said"),
    [
        ("coupon", "NOSUCH", "NOSUCH is not a coupon."),
        ("coupon", "LASTYEAR", "LASTYEAR has ended."),
        ("coupon", "TAKE20", "TAKE20 needs a purchase of $60.00 or more."),
        ("certificate", "GC7-PIN-HRB-010", "GC7-PIN-HRB-010 is expired."),
        ("certificate", "GC7-PIN-HRB-012", "GC7-PIN-HRB-012 is pending."),
        ("certificate", "NOPE", "NOPE is not a gift certificate of ours."),
    ],
)
def test_bad_codes_are_refused_in_words(shop: Browser, api: Api, field: str, code: str, said: str) -> None:
    put_in_cart(shop, api, "WHISTL")
    shop.open(CHECKOUT).submit(CHECKOUT, **ADA)
    shop.submit(PAYMENT, do="update", **{field: code})
    assert said in shop.text
    assert code not in shop.open(PAYMENT).text


def test_an_address_without_a_state_is_sent_back_as_typed(shop: Browser, api: Api) -> None:
    put_in_cart(shop, api, "WHISTL")
    shop.open(CHECKOUT).submit(CHECKOUT, **{**ADA, "bill__state": ""})
    assert "Please choose a state in United States." in shop.text
    assert shop.forms[1].fields["bill-city"] == "Austin"


def test_quantities_change_and_lines_go(shop: Browser, api: Api) -> None:
    put_in_cart(shop, api, "WHISTL", quantity=2)
    put_in_cart(shop, api, "WHISTL", quantity=3)
    assert "$39.75" in shop.text
    shop.submit("/shop/cart/update", quantity=1)
    assert "$7.95" in shop.text
    shop.submit("/shop/cart/update", quantity=0)
    assert "Your cart is empty" in shop.text


def test_shelves_and_search_find_things(shop: Browser, api: Api) -> None:
    assert "Gear for weather" in shop.open("/shop/").text
    assert "1 found for" in shop.open("/shop/search?q=rubber+boot").text
    assert "1 found for" in shop.open("/shop/search?q=HP-BOO-BLK-9").text
    assert "Nothing here matches" in shop.open("/shop/search?q=zzz").text
    assert shop.open("/shop/c/20").last.status_code == 200
    assert shop.open("/shop/c/9999").last.status_code == 404
    assert shop.open("/shop/p/9999").last.status_code == 404
    hidden = product_id(api, "LGT-OLD")
    assert shop.open(f"/shop/p/{hidden}").last.status_code == 404


def test_two_shoppers_do_not_see_each_others_cart(shop: Browser, api: Api) -> None:
    put_in_cart(shop, api, "WHISTL")
    assert "Your cart is empty" in Browser(shop.url).open("/shop/cart").text


def test_the_bare_address_is_the_front_door(bigcommerce_url: str) -> None:
    answer = requests.get(f"{bigcommerce_url}/", allow_redirects=False, timeout=5)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/shop/")
