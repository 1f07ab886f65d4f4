"""V2 shipments and all their rules (note §14, §26)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.sandbox.bigcommerce_api import ANA, Api, bottle_order, stocked
from tests.sandbox.conftest import Running


class Case:
    """A paid order of two lines and what shipping it needs."""

    def __init__(self, api: Api) -> None:
        self.order_id: int = api.place(bottle_order(stocked(api)))["id"]
        self.path = f"/v2/orders/{self.order_id}/shipments"
        self.bottle, self.jacket = api.get(f"/v2/orders/{self.order_id}/products").json()
        self.address: int = self.bottle["order_address_id"]

    def body(self, *pieces: tuple[dict[str, Any], int], **more: Any) -> dict[str, Any]:
        """A POST body for so many pieces of lines."""
        items = [{"order_product_id": line["id"], "quantity": quantity} for line, quantity in pieces]
        return {"order_address_id": self.address, "items": items, "shipping_provider": "", **more}


@pytest.fixture
def api(bigcommerce_server: Running, bigcommerce_url: str) -> Api:
    """A client of a fresh store at noon of 6 January 2026."""
    found = Api(bigcommerce_server)
    found.stop_time()
    return found


@pytest.fixture
def case(api: Api) -> Case:
    """An order to ship."""
    return Case(api)


def test_a_shipment_is_the_object_of_the_note(api: Api, case: Case) -> None:
    answer = api.post(
        case.path,
        case.body(
            (case.bottle, 1),
            tracking_number="1Z999AA10123456784",
            shipping_provider="ups",
            shipping_method="Ground",
            comments="Store 7",
        ),
    )
    assert answer.status_code == 201
    shipment = answer.json()
    street = {**ANA, "company": "", "street_2": ""}
    assert shipment == {
        "id": shipment["id"],
        "order_id": case.order_id,
        "customer_id": 0,
        "order_address_id": case.address,
        "date_created": "Tue, 06 Jan 2026 12:00:00 +0000",
        "tracking_number": "1Z999AA10123456784",
        "merchant_shipping_cost": "0.0000",
        "shipping_method": "Ground",
        "comments": "Store 7",
        "shipping_provider": "ups",
        "shipping_provider_display_name": "UPS",
        "tracking_carrier": "",
        "tracking_link": "",
        "generated_tracking_link": "https://www.ups.com/track?tracknum=1Z999AA10123456784",
        "billing_address": {**street, "form_fields": []},
        "shipping_address": street,
        "items": [{"order_product_id": case.bottle["id"], "product_id": case.bottle["product_id"], "quantity": 1}],
    }
    assert api.get(f"{case.path}/{shipment['id']}").json() == shipment
    assert api.get(case.path).json() == [shipment]
    assert api.get(f"{case.path}/count").json() == {"count": 1}


def test_quantities_and_status_follow_partial_and_full_shipments(api: Api, case: Case) -> None:
    api.listen("store/shipment/*", "store/order/*")
    first = api.post(case.path, case.body((case.bottle, 1))).json()
    order = api.get(f"/v2/orders/{case.order_id}").json()
    assert (order["status_id"], order["items_shipped"], order["date_shipped"]) == (3, 1, "")
    api.advance(60)
    second = api.post(case.path, case.body((case.bottle, 1), (case.jacket, 1))).json()
    order = api.get(f"/v2/orders/{case.order_id}").json()
    assert (order["status_id"], order["items_shipped"], order["date_shipped"]) == (
        2,
        3,
        "Tue, 06 Jan 2026 12:01:00 +0000",
    )
    lines = api.get(f"/v2/orders/{case.order_id}/products").json()
    assert [line["quantity_shipped"] for line in lines] == [2, 1]
    assert api.get(f"/v2/orders/{case.order_id}/shipping_addresses").json()[0]["items_shipped"] == 3
    n = case.order_id
    assert [(event["scope"], event["data"]) for event in api.events()] == [
        ("store/shipment/created", {"type": "shipment", "id": first["id"], "orderId": n}),
        ("store/order/updated", {"type": "order", "id": n}),
        (
            "store/order/statusUpdated",
            {"type": "order", "id": n, "status": {"previous_status_id": 11, "new_status_id": 3}},
        ),
        ("store/shipment/created", {"type": "shipment", "id": second["id"], "orderId": n}),
        ("store/order/updated", {"type": "order", "id": n}),
        (
            "store/order/statusUpdated",
            {"type": "order", "id": n, "status": {"previous_status_id": 3, "new_status_id": 2}},
        ),
    ]


def test_over_quantity_is_400_with_what_is_left(api: Api, case: Case) -> None:
    api.post(case.path, case.body((case.bottle, 1)))
    answer = api.post(case.path, case.body((case.bottle, 2)))
    assert (answer.status_code, answer.json()) == (
        400,
        [
            {
                "status": 400,
                "message": "The field 'quantity' is invalid.",
                "details": {
                    "invalid_reason": "Quantity exceeds what is left to ship",
                    "available_quantity": 1,
                    "order_product_id": case.bottle["id"],
                },
            }
        ],
    )
    twice = api.post(case.path, case.body((case.jacket, 1), (case.jacket, 1)))
    assert twice.json()[0]["details"]["available_quantity"] == 1
    assert api.get(f"{case.path}/count").json() == {"count": 1}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"order_address_id": None}, "The required field 'order_address_id' was not supplied."),
        ({"order_address_id": 1}, "The field 'order_address_id' is invalid."),
        ({"items": []}, "The required field 'items' was not supplied."),
        ({"items": None}, "The required field 'items' was not supplied."),
        ({"items": [{"quantity": 1}]}, "The required field 'order_product_id' was not supplied."),
        ({"items": [{"order_product_id": 1, "quantity": 1}]}, "The field 'order_product_id' is invalid."),
        ({"shipping_provider": "pigeon"}, "The field 'shipping_provider' is invalid."),
        ({"tracking_number": "1" * 51}, "The field 'tracking_number' is invalid."),
        ({"tracking_link": "1" * 501}, "The field 'tracking_link' is invalid."),
        ({"merchant_shipping_cost": "dear"}, "The field 'merchant_shipping_cost' is invalid."),
        ({"colour": "red"}, "The field 'colour' is invalid."),
        (
            {"generated_tracking_link": "x"},
            "The field 'generated_tracking_link' cannot be written to. "
            "Please remove it from your request before trying again.",
        ),
    ],
)
def test_a_bad_shipment_is_400(api: Api, case: Case, change: dict[str, Any], message: str) -> None:
    body = {name: value for name, value in {**case.body((case.bottle, 1)), **change}.items() if value is not None}
    answer = api.post(case.path, body)
    assert (answer.status_code, answer.json()[0]["message"]) == (400, message)
    assert api.get(case.path).status_code == 204


def test_items_product_id_is_read_only(api: Api, case: Case) -> None:
    body = case.body((case.bottle, 1))
    body["items"][0]["product_id"] = case.bottle["product_id"]
    answer = api.post(case.path, body)
    assert (answer.status_code, answer.json()) == (
        400,
        [
            {
                "status": 400,
                "message": (
                    "The field 'items.product_id' cannot be written to. "
                    "Please remove it from your request before trying again."
                ),
            }
        ],
    )


@pytest.mark.parametrize("quantity", [0, -1])
def test_a_quantity_is_at_least_one(api: Api, case: Case, quantity: int) -> None:
    answer = api.post(case.path, case.body((case.bottle, quantity)))
    assert (answer.status_code, answer.json()[0]["message"]) == (400, "The field 'quantity' is invalid.")


def test_all_items_go_to_one_address(api: Api) -> None:
    priced = bottle_order()
    lines = [priced.lines[0], {**priced.lines[1], "address": 1}]
    order = api.place(replace(priced, lines=lines, addresses=[*priced.addresses, {**ANA, "city": "Dallas"}]))
    first, second = api.get(f"/v2/orders/{order['id']}/products").json()
    assert first["order_address_id"] != second["order_address_id"]
    items = [{"order_product_id": line["id"], "quantity": 1} for line in (first, second)]
    answer = api.post(
        f"/v2/orders/{order['id']}/shipments", {"order_address_id": first["order_address_id"], "items": items}
    )
    assert answer.json()[0]["details"] == {
        "invalid_reason": "The order product is shipped to another address",
        "order_product_id": second["id"],
    }


def test_digital_lines_cannot_be_shipped(api: Api) -> None:
    priced = bottle_order()
    order = api.place(replace(priced, lines=[priced.lines[0], {**priced.lines[1], "type": "digital", "address": None}]))
    first, second = api.get(f"/v2/orders/{order['id']}/products").json()
    path = f"/v2/orders/{order['id']}/shipments"
    body = {"order_address_id": first["order_address_id"], "items": [{"order_product_id": second["id"], "quantity": 1}]}
    assert api.post(path, body).status_code == 400
    body["items"] = [{"order_product_id": str(first["id"]), "quantity": "2"}]
    assert api.post(path, {**body, "order_address_id": str(body["order_address_id"])}).status_code == 201
    assert api.get(f"/v2/orders/{order['id']}").json()["status_id"] == 2


@pytest.mark.parametrize(
    ("more", "provider", "generated"),
    [
        ({"shipping_provider": None}, "custom", ""),
        ({}, "", ""),
        ({"shipping_provider": "carrier_7"}, "carrier_7", ""),
        ({"shipping_provider": "fedex"}, "fedex", "https://www.fedex.com/fedextrack/?trknbr=42"),
        ({"shipping_provider": "ups", "tracking_link": "https://track.example.com/42"}, "ups", ""),
        ({"tracking_carrier": "dhl"}, "", "https://track.aftership.com/dhl/42"),
    ],
)
def test_tracking_links(api: Api, case: Case, more: dict[str, Any], provider: str, generated: str) -> None:
    body = case.body((case.bottle, 1), tracking_number="42", **more)
    shipment = api.post(case.path, {name: value for name, value in body.items() if value is not None}).json()
    assert (shipment["shipping_provider"], shipment["generated_tracking_link"]) == (provider, generated)


def test_put_changes_tracking_but_never_items(api: Api, case: Case) -> None:
    shipment = api.post(case.path, case.body((case.bottle, 1))).json()
    path = f"{case.path}/{shipment['id']}"
    changed = api.put(path, {"tracking_number": "77", "shipping_provider": "usps", "merchant_shipping_cost": "4.5"})
    assert changed.status_code == 200
    assert (changed.json()["tracking_number"], changed.json()["merchant_shipping_cost"]) == ("77", "4.5000")
    refused = api.put(path, {"items": [{"order_product_id": case.bottle["id"], "quantity": 2}]})
    assert (refused.status_code, refused.json()[0]["message"]) == (
        400,
        "The field 'items' cannot be written to. Please remove it from your request before trying again.",
    )
    assert api.put(f"{case.path}/1", {"comments": "x"}).status_code == 404


def test_deleting_gives_quantities_back_and_leaves_the_status(api: Api, case: Case) -> None:
    shipment = api.post(case.path, case.body((case.bottle, 2), (case.jacket, 1))).json()
    api.listen("store/shipment/*", "store/order/*")
    assert api.delete(f"{case.path}/{shipment['id']}").status_code == 204
    order = api.get(f"/v2/orders/{case.order_id}").json()
    assert (order["status_id"], order["items_shipped"], order["date_shipped"]) == (2, 0, "")
    assert [event["scope"] for event in api.events()] == ["store/shipment/deleted", "store/order/updated"]
    assert api.get(case.path).status_code == 204
    assert api.delete(f"{case.path}/{shipment['id']}").status_code == 404
    api.post(case.path, case.body((case.bottle, 2)))
    assert api.delete(case.path).status_code == 204
    assert api.get(case.path).status_code == 204


def test_a_store_may_leave_the_status_alone(api: Api, case: Case) -> None:
    api.switch(shipment_moves_status=False)
    api.post(case.path, case.body((case.bottle, 2), (case.jacket, 1)))
    order = api.get(f"/v2/orders/{case.order_id}").json()
    assert (order["status_id"], order["items_shipped"]) == (11, 3)


def test_stock_falls_on_shipment_only_by_the_setting(api: Api) -> None:
    api.put("/v3/settings/inventory", {"update_stock_behavior": "order_completed_or_shipped"})
    case = Case(api)
    path = "/v3/catalog/variants?sku=T-BOTTLE"
    api.post(case.path, case.body((case.bottle, 2)))
    assert api.get(path).json()["data"][0]["inventory_level"] == 10
    api.post(case.path, case.body((case.jacket, 1)))
    assert api.get(path).json()["data"][0]["inventory_level"] == 8
