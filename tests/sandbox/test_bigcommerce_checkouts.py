"""Carts and checkouts of the API: gift certificates and store credit pay, the rest waits for a gateway."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest

from tests.sandbox.bigcommerce_api import Api, stocked
from tests.sandbox.conftest import Running

HOME = {
    "first_name": "Ana",
    "last_name": "Lopez",
    "email": "ana@example.com",
    "address1": "12 Elm St",
    "city": "Portland",
    "state_or_province": "Oregon",
    "postal_code": "97201",
    "country": "United States",
    "country_code": "US",
}
CARD = "GC7-PIN-HRB-007"  # 50, of which 23.17 are left


@pytest.fixture
def api(bigcommerce_server: Running, bigcommerce_url: str) -> Api:
    """A client of a fresh store at noon of 6 January 2026."""
    found = Api(bigcommerce_server)
    found.stop_time()
    return found


def cart_of(api: Api, quantity: int = 1, **more: Any) -> dict[str, Any]:
    """A cart with bottles at 20."""
    variant = api.service.state.variants.first(sku="T-BOTTLE") or stocked(api)
    line = {"product_id": variant["product_id"], "quantity": quantity}
    answer = api.post("/v3/carts", {"line_items": [line], **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


def addressed(api: Api, cart: dict[str, Any]) -> str:
    """The checkout's path, once who pays and where it goes is known."""
    path = f"/v3/checkouts/{cart['id']}"
    assert api.post(f"{path}/billing-address", HOME).status_code == 200
    lines = [{"item_id": line["id"], "quantity": 1} for line in cart["line_items"]["physical_items"]]
    assert api.post(f"{path}/consignments", [{"address": HOME, "line_items": lines}]).status_code == 200
    return path


def test_a_cart_holds_lines(api: Api) -> None:
    cart = cart_of(api, 2)
    path = f"/v3/carts/{cart['id']}"
    (line,) = cart["line_items"]["physical_items"]
    assert (line["sku"], line["quantity"], line["list_price"], line["extended_list_price"]) == ("T-BOTTLE", 2, 20, 40)
    assert (cart["base_amount"], cart["cart_amount"], cart["currency"]) == (40, 40, {"code": "USD"})
    more = api.post(f"{path}/items", {"custom_items": [{"name": "Card", "list_price": 1.5, "quantity": 1}]})
    assert (more.status_code, more.json()["data"]["base_amount"]) == (201, 41.5)
    assert [item["name"] for item in more.json()["data"]["line_items"]["custom_items"]] == ["Card"]
    kept = api.delete(f"{path}/items/{line['id']}").json()["data"]
    assert kept["line_items"]["physical_items"] == []
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"line_items": [{"product_id": 999_999, "quantity": 1}]},
        {"line_items": [{"variant_id": 2001, "quantity": 0}]},
        {"line_items": [{"variant_id": 2001, "quantity": 1}], "customer_id": 999_999},
        {"custom_items": [{"name": "", "list_price": 1, "quantity": 1}]},
    ],
)
def test_bad_carts_are_422(api: Api, body: dict[str, Any]) -> None:
    assert api.post("/v3/carts", body).status_code == 422


def test_a_certificate_and_credit_pay_a_checkout_whole(api: Api) -> None:
    (customer,) = api.post(
        "/v3/customers",
        [{"email": "c@example.com", "first_name": "C", "last_name": "D", "store_credit_amounts": [{"amount": 30}]}],
    ).json()["data"]
    cart = cart_of(api, customer_id=customer["id"])
    path = addressed(api, cart)
    before = api.get(path).json()["data"]
    assert (before["subtotal_ex_tax"], before["shipping_cost_total_ex_tax"], before["grand_total"]) == (20, 8, 28)
    after = api.post(f"{path}/gift-certificates", {"gift_certificate_code": CARD}).json()["data"]
    (card,) = after["gift_certificates"]
    assert (card["original_balance"], card["starting_balance"], card["remaining_balance"], card["amount"]) == (
        50,
        23.17,
        0,
        23.17,
    )
    assert (after["grand_total"], after["outstanding_balance"]) == (28, 4.83)
    paid = api.post(f"{path}/store-credit").json()["data"]
    assert (paid["is_store_credit_applied"], paid["outstanding_balance"]) == (True, 0)
    api.listen("store/cart/converted")
    n = api.post(f"{path}/orders").json()["data"]["id"]
    order = api.get(f"/v2/orders/{n}").json()
    assert (order["status_id"], order["gift_certificate_amount"], order["store_credit_amount"], order["cart_id"]) == (
        11,
        "23.1700",
        "4.8300",
        cart["id"],
    )
    assert [event["data"] for event in api.events()] == [{"type": "cart", "id": cart["id"], "orderId": n}]
    assert api.get(f"/v2/gift_certificates?code={CARD}").json()[0]["balance"] == "0.0000"
    assert D(str(api.service.state.customers.get(customer["id"])["store_credit"])) == D("25.17")  # type: ignore[index]
    assert api.get(path).status_code == 404


def test_what_is_left_waits_for_a_gateway(api: Api) -> None:
    cart = cart_of(api, 2)
    path = addressed(api, cart)
    assert api.post(f"{path}/coupons", {"coupon_code": "SAVE10"}).json()["data"]["grand_total"] == 44
    n = api.post(f"{path}/orders").json()["data"]["id"]
    order = api.get(f"/v2/orders/{n}").json()
    assert (order["status_id"], order["total_inc_tax"], order["coupon_discount"]) == (0, "44.0000", "4.0000")


def test_refusals_of_a_checkout(api: Api) -> None:
    cart = cart_of(api)
    path = f"/v3/checkouts/{cart['id']}"
    assert api.post(f"{path}/orders").status_code == 422
    assert api.post(f"{path}/gift-certificates", {"gift_certificate_code": "GC7-PIN-HRB-010"}).status_code == 422
    assert api.post(f"{path}/store-credit").status_code == 422
    assert api.post(f"{path}/coupons", {"coupon_code": "NOPE"}).status_code == 422
    assert api.delete(f"{path}/gift-certificates/{CARD}").status_code == 404
    assert api.post(f"{path}/gift-certificates", {"giftCertificateCode": CARD}).status_code == 200
    assert api.delete(f"{path}/gift-certificates/{CARD}").json()["data"]["gift_certificates"] == []
