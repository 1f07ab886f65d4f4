"""What real orders, payloads and clients showed, and where the sandbox once differed from it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from ipaas.sandbox.bigcommerce.hook_scopes import is_documented
from tests.sandbox.bigcommerce_api import ANA, Api, bottle_order, stocked
from tests.sandbox.conftest import Running

CHANGES = ("created", "updated", "updated", "deleted")
DESTINATION = "https://app.example.com/bigcommerce/hooks/7f3a"


@pytest.fixture
def api(bigcommerce_server: Running, bigcommerce_url: str) -> Api:
    """A client of a fresh store at noon of 6 January 2026."""
    found = Api(bigcommerce_server)
    found.stop_time()
    return found


def api_order(api: Api, **more: Any) -> dict[str, Any]:
    """An order made by API with one custom line."""
    line = {"name": "Engraving", "quantity": 1, "price_inc_tax": 5, "price_ex_tax": 5}
    answer = api.post("/v2/orders", {"billing_address": ANA, "products": [line], **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_every_order_names_its_cart_and_only_api_orders_may_lack_it(api: Api) -> None:
    first, second = (api.place(bottle_order())["id"] for _ in range(2))
    carts = [api.get(f"/v2/orders/{n}").json()["cart_id"] for n in (first, second)]
    assert len({UUID(cart) for cart in carts}) == 2
    assert [row["id"] for row in api.get(f"/v2/orders?cart_id={carts[1]}").json()] == [second]
    assert UUID(api_order(api)["cart_id"])
    api.switch(api_cart_id="null")
    assert api_order(api)["cart_id"] is None
    assert UUID(api.get(f"/v2/orders/{api.place(bottle_order())['id']}").json()["cart_id"])


@pytest.mark.parametrize(("status", "dated"), [(2, True), (10, True), (9, False), (5, False)])
@pytest.mark.parametrize("more", [{}, {"staff_notes": "by hand"}])
def test_a_status_set_by_hand_dates_the_order(api: Api, status: int, dated: bool, more: dict[str, str]) -> None:
    n = api.place(bottle_order())["id"]
    api.advance(60)
    order = api.put(f"/v2/orders/{n}", {"status_id": status, **more}).json()
    expected = "Tue, 06 Jan 2026 12:01:00 +0000" if dated else ""
    assert (order["status_id"], order["date_shipped"], order["items_shipped"]) == (status, expected, 0)
    api.advance(60)
    assert api.put(f"/v2/orders/{n}", {"status_id": 10}).json()["date_shipped"] == (
        expected or "Tue, 06 Jan 2026 12:02:00 +0000"
    )


def test_links_are_spelled_as_real_orders_spell_them(api: Api) -> None:
    n = api.place(bottle_order())["id"]
    path = f"/v2/orders/{n}"
    place = api.get(f"{path}/shipping_addresses").json()[0]
    assert api.get(path).json()["shipping_addresses"]["resource"] == f"/orders/{n}/shipping_addresses"
    assert place["shipping_quotes"]["resource"] == f"/orders/{n}/shipping_addresses/{place['id']}/shipping_quotes"
    api.switch(old_links=True)
    assert api.get(path).json()["shipping_addresses"]["resource"] == f"/orders/{n}/shippingaddresses"
    place = api.get(f"{path}/shippingaddresses").json()[0]
    assert place["shipping_quotes"]["resource"] == f"/orders/{n}/shippingaddresses/{place['id']}/shippingquotes"


def test_a_shipment_without_provider_shows_other(api: Api) -> None:
    variant = stocked(api)
    n = api.place(bottle_order(variant))["id"]
    place = api.get(f"/v2/orders/{n}/shipping_addresses").json()[0]
    line = api.get(f"/v2/orders/{n}/products").json()[0]
    shipment = api.post(
        f"/v2/orders/{n}/shipments",
        {
            "order_address_id": place["id"],
            "shipping_provider": "",
            "items": [{"order_product_id": line["id"], "quantity": 1}],
        },
    ).json()
    assert (shipment["shipping_provider"], shipment["shipping_provider_display_name"]) == ("", "Other")


@pytest.mark.parametrize(
    ("scope", "known"),
    [
        ("store/order/*", True),
        ("store/order/statusUpdated", True),
        ("store/order/metafield/*", True),
        ("store/channel/*/inventory/product/stock_changed", True),
        ("store/channel/*", True),
        ("store/channel/2/order/*", True),
        ("store/category/updated", True),
        ("store/product/variant/metafield/created", True),
        ("store/hook/deliveryException", True),
        ("store/order/deleted", False),
        ("store/order/statusupdated", False),
        ("store/orders/*", False),
        ("store/order/paid/*", False),
        ("store/channel/x/order/created", False),
        ("store/*", False),
        ("*", False),
    ],
)
def test_hooks_are_made_on_documented_scopes_only(api: Api, scope: str, known: bool) -> None:
    assert is_documented(scope) is known
    answer = api.post("/v3/hooks", {"scope": scope, "destination": DESTINATION})
    assert answer.status_code == (200 if known else 422)
    if not known:
        assert list(answer.json()["errors"]) == ["scope"]


def test_undocumented_parameters_bring_nothing(api: Api) -> None:
    path = "/v3/catalog/products"
    body = {"name": "Wrapped", "type": "physical", "weight": 1, "price": 5, "sku": "WRAP-1"}
    made = api.post(f"{path}?include=images,options,modifiers", body).json()["data"]
    assert {"images", "options", "modifiers"}.isdisjoint(made)
    chosen = "include_fields=id,name,gift_wrapping_options_type"
    assert api.get(f"{path}/{made['id']}?{chosen}").json()["data"] == {"id": made["id"], "name": "Wrapped"}
    assert api.get(f"{path}/{made['id']}").json()["data"]["gift_wrapping_options_type"] == "any"
    brands = api.get("/v3/catalog/brands?include_fields=name&limit=1").json()["data"]
    assert [sorted(brand) for brand in brands] == [["id", "name"]]


def test_counts_leave_incomplete_orders_out(api: Api) -> None:
    before = api.get("/v2/orders/count").json()
    api.place(bottle_order(), "incomplete")
    after = api.get("/v2/orders/count").json()
    assert (after["count"], after["statuses"][0]["count"]) == (before["count"], 0)
    api.switch(count_incomplete=True)
    counted = api.get("/v2/orders/count").json()
    assert counted["count"] == before["count"] + counted["statuses"][0]["count"]
    assert counted["statuses"][0]["count"] > 0


def test_categories_are_told_to_the_store_and_the_channel(api: Api) -> None:
    api.listen("store/category/*", "store/channel/1/category/*")
    row = api.post("/v3/catalog/categories", {"name": "Lamps", "parent_id": 0}).json()["data"]
    api.put(f"/v3/catalog/categories/{row['id']}", {"name": "Lights"})
    api.put("/v3/catalog/trees/categories", [{"category_id": row["id"], "name": "Light"}])
    api.delete(f"/v3/catalog/categories/{row['id']}")
    store = [(f"store/category/{what}", {"type": "category", "id": row["id"]}) for what in CHANGES]
    channel = [(f"store/channel/1/category/{what}", {"category_id": row["id"], "tree_id": 1}) for what in CHANGES]
    told = [(event["scope"], event["data"]) for event in api.events()]
    assert told == [event for pair in zip(store, channel, strict=True) for event in pair]
    answer = api.post("/v3/catalog/trees/categories", [{"name": "Lamps", "tree_id": 1}])
    assert (answer.status_code, answer.json()["meta"]) == (201, {"total": 1, "success": 1, "failed": 0})


def test_an_empty_meta_may_be_a_list(api: Api) -> None:
    n = api.place(bottle_order())["id"]
    path = f"/v3/orders/{n}/payment_actions/refunds"
    assert api.get(path).json() == {"data": [], "meta": {}}
    api.switch(empty_meta="list")
    assert api.get(path).json() == {"data": [], "meta": []}


def test_bare_dates_take_the_present_time_of_day(api: Api) -> None:
    api.stop_time("2026-01-06T11:00:00+00:00")
    variant = stocked(api, "T-DATED")
    api.stop_time()
    path = f"/v3/catalog/products?id={variant['product_id']}&date_modified:min=2026-01-06"
    assert api.get(path).json()["data"] == []
    api.switch(bare_dates="midnight")
    assert [row["id"] for row in api.get(path).json()["data"]] == [variant["product_id"]]


def test_too_much_stock_is_refused_or_passed_over(api: Api) -> None:
    variant = stocked(api, "T-HEAP", tracking="product", level=7)
    items = [{"location_id": 1, "product_id": variant["product_id"], "quantity": 2**31}]
    path = "/v3/inventory/adjustments/absolute"
    assert api.put(path, {"reason": "count", "items": items}).status_code == 422
    api.switch(stock_over_max="ignore", inventory_delay=0)
    assert api.put(path, {"reason": "count", "items": items}).status_code == 200
    row = api.get(f"/v3/inventory/items?product_id:in={variant['product_id']}").json()["data"][0]
    assert row["locations"][0]["total_inventory_onhand"] == 7


def test_the_time_is_told_at_the_root_too(api: Api) -> None:
    assert api.session.get(f"{api.url}/time", timeout=5).json() == {"time": 1767700800}


def test_hooks_on_any_metafield_hear_its_resource(api: Api) -> None:
    n = api.place(bottle_order())["id"]
    api.listen("store/metafield/*")
    fields = {"namespace": "tillbridge", "key": "k", "value": "v", "permission_set": "app_only"}
    row = api.post(f"/v3/orders/{n}/metafields", fields).json()["data"]
    assert [event["data"] for event in api.events("store/metafield/created")] == [
        {"metafield_id": row["id"], "resource_id": str(n), "namespace": "tillbridge", "resource_type": "order"}
    ]
