"""Writing V2 orders: POST, the patch rules of PUT, archiving, stock that follows (note §13, §20.6, §26)."""

from __future__ import annotations

from typing import Any

import pytest

from ipaas.sandbox.bigcommerce import actions
from tests.sandbox.bigcommerce_api import ANA, Api, bottle_order, stocked
from tests.sandbox.conftest import Running

LINE = {"name": "Custom thing", "quantity": 2, "price_ex_tax": 10, "price_inc_tax": "10.80"}


@pytest.fixture
def api(bigcommerce_server: Running, bigcommerce_url: str) -> Api:
    """A client of a fresh store at noon of 6 January 2026."""
    found = Api(bigcommerce_server)
    found.stop_time()
    return found


def created(api: Api, **more: Any) -> dict[str, Any]:
    """An order made by POST."""
    answer = api.post("/v2/orders", {"billing_address": ANA, "products": [LINE], **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def level(api: Api, sku: str = "T-BOTTLE") -> int:
    """What the catalog says is in stock."""
    found: int = api.get(f"/v3/catalog/variants?sku={sku}").json()["data"][0]["inventory_level"]
    return found


def test_a_minimal_order_is_pending_and_external(api: Api) -> None:
    order = created(api, external_source="app-77", external_order_id="k-1", customer_message="hi")
    assert {
        name: order[name]
        for name in (
            "status_id",
            "status",
            "order_source",
            "payment_status",
            "total_ex_tax",
            "total_inc_tax",
            "total_tax",
            "items_total",
            "external_source",
            "external_order_id",
            "shipping_address_count",
        )
    } == {
        "status_id": 1,
        "status": "Pending",
        "order_source": "external",
        "payment_status": "",
        "total_ex_tax": "20.0000",
        "total_inc_tax": "21.6000",
        "total_tax": "1.6000",
        "items_total": 2,
        "external_source": "app-77",
        "external_order_id": "k-1",
        "shipping_address_count": 1,
    }
    line = api.get(f"/v2/orders/{order['id']}/products").json()[0]
    assert (line["product_id"], line["name"], line["quantity"], line["total_inc_tax"]) == (
        0,
        "Custom thing",
        2,
        "21.6000",
    )
    assert api.get("/v2/orders?external_order_id=k-1").json()[0]["id"] == order["id"]
    assert Api(api.server).get(f"/v3/orders/{order['id']}/transactions").status_code == 204


def test_a_catalog_line_takes_name_price_and_stock_from_the_catalog(api: Api) -> None:
    variant = stocked(api)
    order = created(
        api,
        status_id=11,
        products=[{"product_id": variant["product_id"], "quantity": 3}],
        shipping_cost_ex_tax="5",
        shipping_cost_inc_tax="5.41",
    )
    assert (order["total_ex_tax"], order["total_inc_tax"], order["shipping_cost_tax"]) == (
        "65.0000",
        "65.4100",
        "0.4100",
    )
    line = api.get(f"/v2/orders/{order['id']}/products").json()[0]
    assert (line["sku"], line["variant_id"], line["price_ex_tax"]) == ("T-BOTTLE", variant["id"], "20.0000")
    assert level(api) == 7


def test_a_catalog_line_names_variant_and_modifiers(api: Api) -> None:
    product = api.post(
        "/v3/catalog/products",
        {
            "name": "Probe Mug",
            "type": "physical",
            "weight": 1,
            "price": 8,
            "sku": "PM",
            "variants": [
                {"sku": f"PM-{label}", "option_values": [{"option_display_name": "Color", "label": label}]}
                for label in ("Black", "Red")
            ],
        },
    ).json()["data"]
    text = api.post(
        f"/v3/catalog/products/{product['id']}/modifiers",
        {"display_name": "Engraving", "type": "text", "required": False},
    ).json()["data"]["id"]
    red = product["variants"][1]["option_values"][0]
    order = created(
        api,
        products=[
            {
                "product_id": product["id"],
                "quantity": 1,
                "product_options": [{"id": red["option_id"], "value": str(red["id"])}, {"id": text, "value": "ANA"}],
            }
        ],
    )
    line = api.get(f"/v2/orders/{order['id']}/products").json()[0]
    assert (line["sku"], line["variant_id"]) == ("PM-Red", product["variants"][1]["id"])
    assert [
        (row["display_name"], row["display_value"], row["type"], row["product_option_id"], row["value"])
        for row in line["product_options"]
    ] == [
        ("Color", "Red", "Multiple choice", red["option_id"], str(red["id"])),
        ("Engraving", "ANA", "Text field", text, "ANA"),
    ]


def test_the_created_status_code_is_a_switch(api: Api) -> None:
    api.switch(order_create_status=200)
    assert api.post("/v2/orders", {"billing_address": ANA, "products": [LINE]}).status_code == 200


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"billing_address": None}, "The required field 'billing_address' was not supplied."),
        ({"products": None}, "The required field 'products' was not supplied."),
        ({"products": []}, "The required field 'products' was not supplied."),
        (
            {"products": [{"name": "x", "quantity": 1, "price_ex_tax": 1}]},
            "The required field 'price_inc_tax' was not supplied.",
        ),
        (
            {"products": [{"quantity": 1, "price_ex_tax": 1, "price_inc_tax": 1}]},
            "The required field 'name' was not supplied.",
        ),
        (
            {"products": [{"name": "x", "price_ex_tax": 1, "price_inc_tax": 1}]},
            "The required field 'quantity' was not supplied.",
        ),
        ({"products": [{"product_id": 999999, "quantity": 1}]}, "The field 'product_id' is invalid."),
        (
            {"total_tax": "1.0"},
            "The field 'total_tax' cannot be written to. Please remove it from your request before trying again.",
        ),
        (
            {"items_total": 4},
            "The field 'items_total' cannot be written to. Please remove it from your request before trying again.",
        ),
        ({"no_such_field": 4}, "The field 'no_such_field' is invalid."),
        ({"status_id": 77}, "The field 'status_id' is invalid."),
        ({"customer_id": 999999}, "The field 'customer_id' is invalid."),
        ({"consignments": {"pickups": []}}, "The field 'consignments' is invalid."),
    ],
)
def test_a_bad_order_is_400_and_nothing_is_stored(api: Api, change: dict[str, Any], message: str) -> None:
    before = api.get("/v2/orders/count").json()["count"]
    body = {
        name: value
        for name, value in {"billing_address": ANA, "products": [LINE], **change}.items()
        if value is not None
    }
    answer = api.post("/v2/orders", body)
    assert (answer.status_code, answer.json()[0]["status"], answer.json()[0]["message"]) == (400, 400, message)
    assert api.get("/v2/orders/count").json()["count"] == before


def test_a_pickup_order_by_api(api: Api) -> None:
    answer = api.post(
        "/v2/orders",
        {"billing_address": ANA, "consignments": {"pickups": [{"pickup_method_id": 1, "line_items": [LINE]}]}},
    )
    assert answer.status_code == 201
    assert api.get(f"/v2/orders/{answer.json()['id']}/shipping_addresses").status_code == 204
    assert api.get(f"/v2/orders/{answer.json()['id']}/products").json()[0]["order_pickup_method_id"] == 1


def test_put_patches_scalars_and_moves_date_modified(api: Api) -> None:
    order = created(api)
    api.advance(10)
    answer = api.put(f"/v2/orders/{order['id']}", {"staff_notes": "packed", "billing_address": {"city": "Dallas"}})
    assert answer.status_code == 200
    assert answer.json() == {
        **order,
        "staff_notes": "packed",
        "date_modified": "Tue, 06 Jan 2026 12:00:10 +0000",
        "billing_address": {**order["billing_address"], "city": "Dallas"},
    }


@pytest.mark.parametrize(
    "body",
    [
        {"total_tax": "1"},
        {"id": 5},
        {"date_modified": "x"},
        {"payment_status": "paid"},
        {"external_merchant_id": "m"},
        {"refunded_amount": "1"},
        {"status": "Shipped"},
    ],
)
def test_put_refuses_read_only_fields(api: Api, body: dict[str, Any]) -> None:
    order = created(api)
    answer = api.put(f"/v2/orders/{order['id']}", body)
    name = next(iter(body))
    assert (answer.status_code, answer.json()) == (
        400,
        [
            {
                "status": 400,
                "message": (
                    f"The field '{name}' cannot be written to. Please remove it from your request before trying again."
                ),
            }
        ],
    )
    assert api.get(f"/v2/orders/{order['id']}").json() == order


def test_put_of_lines_edits_adds_removes_and_drops_their_discounts(api: Api) -> None:
    n = api.place(bottle_order())["id"]
    bottle, jacket = api.get(f"/v2/orders/{n}/products").json()
    answer = api.put(
        f"/v2/orders/{n}",
        {"products": [{"id": bottle["id"], "quantity": 1}, {"id": jacket["id"], "quantity": 0}, LINE]},
    )
    assert answer.status_code == 200
    lines = api.get(f"/v2/orders/{n}/products").json()
    assert [(row["name"], row["quantity"], row["total_tax"], row["applied_discounts"]) for row in lines] == [
        ("Steel Bottle", 1, "1.6500", []),
        ("Custom thing", 2, "1.6000", []),
    ]
    order = answer.json()
    assert (order["coupon_discount"], order["subtotal_ex_tax"], order["total_tax"], order["total_inc_tax"]) == (
        "0.0000",
        "40.0000",
        "3.9100",
        "51.9100",
    )  # 40 + 8 shipping, 1.65 + 1.60 + 0.66 tax
    assert order["items_total"] == 3


def test_a_line_cannot_go_below_what_was_shipped(api: Api) -> None:
    n = api.place(bottle_order())["id"]
    bottle = api.get(f"/v2/orders/{n}/products").json()[0]
    api.act(
        actions.shipment_create,
        n,
        {"order_address_id": bottle["order_address_id"], "items": [{"order_product_id": bottle["id"], "quantity": 2}]},
    )
    answer = api.put(f"/v2/orders/{n}", {"products": [{"id": bottle["id"], "quantity": 1}]})
    assert (answer.status_code, answer.json()[0]["message"]) == (400, "The field 'quantity' is invalid.")


def test_fees_are_replaced_as_a_whole(api: Api) -> None:
    order = created(api)
    fee = {
        "type": "custom_fee",
        "display_name_customer": "Box",
        "display_name_merchant": "Box",
        "base_cost": "3",
        "cost_ex_tax": "3",
        "cost_inc_tax": "3.25",
        "cost_tax": "0.25",
    }
    first = api.put(f"/v2/orders/{order['id']}", {"fees": [fee, fee]}).json()
    assert first["total_inc_tax"] == "28.1000"
    second = api.put(f"/v2/orders/{order['id']}", {"fees": []}).json()
    assert second["total_inc_tax"] == "21.6000"
    assert api.get(f"/v2/orders/{order['id']}/fees").status_code == 204


# --- status and stock -----------------------------------------------------------------------------


def test_the_status_alone_is_one_put_and_two_events(api: Api) -> None:
    n = api.place(bottle_order())["id"]
    api.listen("store/order/*")
    answer = api.put(f"/v2/orders/{n}", {"status_id": 2})
    assert (answer.status_code, answer.json()["status_id"], answer.json()["items_shipped"]) == (200, 2, 0)
    assert [(event["scope"], event["data"]) for event in api.events()] == [
        ("store/order/updated", {"type": "order", "id": n}),
        (
            "store/order/statusUpdated",
            {"type": "order", "id": n, "status": {"previous_status_id": 11, "new_status_id": 2}},
        ),
    ]
    assert api.get(f"/v2/orders/{n}/shipments").status_code == 204


def test_stock_falls_when_paid_and_returns_on_cancel_by_the_setting(api: Api) -> None:
    n = api.place(bottle_order(stocked(api)))["id"]
    assert level(api) == 8
    api.put(f"/v2/orders/{n}", {"status_id": 5})
    assert level(api) == 10
    api.put(f"/v2/orders/{n}", {"status_id": 11})
    assert level(api) == 8
    api.put("/v3/settings/inventory", {"edit_order_stock_adjustment": False})
    api.put(f"/v2/orders/{n}", {"status_id": 5})
    assert level(api) == 8


def test_an_incomplete_order_takes_no_stock(api: Api) -> None:
    api.place(bottle_order(stocked(api)), "incomplete")
    assert level(api) == 10


def test_stock_can_wait_for_completion_or_shipment(api: Api) -> None:
    api.put("/v3/settings/inventory", {"update_stock_behavior": "order_completed_or_shipped"})
    n = api.place(bottle_order(stocked(api)))["id"]
    assert level(api) == 10
    api.put(f"/v2/orders/{n}", {"status_id": 10})
    assert level(api) == 8


def test_an_edited_quantity_moves_stock_by_the_setting(api: Api) -> None:
    n = api.place(bottle_order(stocked(api)))["id"]
    bottle = api.get(f"/v2/orders/{n}/products").json()[0]
    api.put(f"/v2/orders/{n}", {"products": [{"id": bottle["id"], "quantity": 5}]})
    assert level(api) == 5
    api.put("/v3/settings/inventory", {"edit_order_stock_adjustment": False})
    api.put(f"/v2/orders/{n}", {"products": [{"id": bottle["id"], "quantity": 0}]})
    assert level(api) == 5


def test_delete_archives(api: Api) -> None:
    n = api.place(bottle_order())["id"]
    api.listen("store/order/archived", "store/order/updated")
    assert (api.delete(f"/v2/orders/{n}").status_code, api.delete(f"/v2/orders/{n}").status_code) == (204, 204)
    assert [event["data"] for event in api.events()] == [{"type": "order", "id": n}]
    assert api.get(f"/v2/orders/{n}").status_code == 404
    assert api.get(f"/v2/orders?min_id={n}").status_code == 204
    assert [row["id"] for row in api.get(f"/v2/orders?min_id={n}&is_deleted=true").json()] == [n]
    api.switch(get_archived_order=200)
    assert api.get(f"/v2/orders/{n}").json()["is_deleted"] is True
    assert api.delete("/v2/orders/999999").status_code == 404


def test_deleting_the_list_archives_everything(api: Api) -> None:
    assert api.delete("/v2/orders").status_code == 204
    assert api.get("/v2/orders").status_code == 204
