"""V3 inventory and locations (note §20, §21)."""

from __future__ import annotations

from typing import Any

import pytest

from ipaas.sandbox.bigcommerce import actions
from tests.sandbox.bigcommerce_api import Api, stocked
from tests.sandbox.conftest import Running

ABSOLUTE = "/v3/inventory/adjustments/absolute"
RELATIVE = "/v3/inventory/adjustments/relative"


@pytest.fixture
def api(bigcommerce_server: Running, bigcommerce_url: str) -> Api:
    """A client of a fresh store at noon of 6 January 2026."""
    found = Api(bigcommerce_server)
    found.stop_time()
    found.switch(product_identity="any")
    return found


def shirts(api: Api) -> list[dict[str, Any]]:
    """The two variants of a product tracked by variant."""
    values = [[{"option_display_name": "Size", "label": label}] for label in ("S", "M")]
    product = api.act(
        actions.product_create,
        {
            "name": "Test Shirt",
            "type": "physical",
            "weight": 1,
            "price": 5,
            "sku": "T-SHIRT",
            "inventory_tracking": "variant",
            "variants": [{"sku": f"T-SHIRT-{n}", "option_values": value} for n, value in enumerate(values)],
        },
    )
    return list(api.service.state.variants.find(product_id=product["id"]))


def onhand(api: Api, variant_id: int, location_id: int = 1) -> int:
    """What the inventory API says is on hand."""
    items = api.get(f"/v3/inventory/items?variant_id:in={variant_id}&location_id:in={location_id}").json()["data"]
    found: int = items[0]["locations"][0]["total_inventory_onhand"]
    return found


def item(quantity: int, location_id: int = 1, **identity: Any) -> dict[str, Any]:
    """One adjustment line."""
    return {"location_id": location_id, "quantity": quantity, **identity}


def test_an_absolute_is_accepted_now_and_applied_later(api: Api) -> None:
    bottle, (small, medium) = stocked(api), shirts(api)
    api.listen("store/product/*", "store/sku/*", "store/channel/*/inventory/product/stock_changed")
    answer = api.put(
        ABSOLUTE,
        {
            "reason": "POS sync",
            "items": [
                item(58, product_id=bottle["product_id"]),
                item(4, sku="T-SHIRT-0"),
                item(7, variant_id=medium["id"]),
            ],
        },
    )
    assert answer.status_code == 200
    assert list(answer.json()) == ["transaction_id"]
    assert len(answer.json()["transaction_id"]) == 36
    assert [onhand(api, row["id"]) for row in (bottle, small, medium)] == [10, 0, 0]
    api.advance(2)
    assert [onhand(api, row["id"]) for row in (bottle, small, medium)] == [58, 4, 7]
    shirt = small["product_id"]
    assert api.get(f"/v3/catalog/products/{shirt}").json()["data"]["inventory_level"] == 11
    expected = [
        (
            "store/product/inventory/updated",
            {
                "type": "product",
                "id": bottle["product_id"],
                "inventory": {"product_id": bottle["product_id"], "method": "absolute", "value": 58},
            },
        ),
        (
            "store/sku/inventory/updated",
            {
                "type": "sku",
                "id": small["sku_id"],
                "inventory": {"product_id": shirt, "variant_id": small["id"], "method": "absolute", "value": 4},
            },
        ),
        (
            "store/channel/*/inventory/product/stock_changed",
            {"variant_id": small["id"], "product_id": shirt, "location_id": 1},
        ),
        ("store/product/updated", {"type": "product", "id": shirt}),
    ]
    events = [(event["scope"], event["data"]) for event in api.events()]
    assert len(events) == 9
    assert [event for event in expected if event not in events] == []


def test_the_delay_is_a_switch_and_reads_can_stay_stale(api: Api) -> None:
    bottle = stocked(api)
    api.switch(inventory_delay=0)
    api.put(ABSOLUTE, {"items": [item(20, variant_id=bottle["id"])]})
    assert onhand(api, bottle["id"]) == 20
    api.switch(inventory_delay=60, stale_inventory=10)
    api.put(ABSOLUTE, {"items": [item(30, variant_id=bottle["id"])]})
    api.advance(60)
    assert onhand(api, bottle["id"]) == 20
    api.advance(10)
    assert onhand(api, bottle["id"]) == 30


def test_the_last_applied_wins(api: Api) -> None:
    bottle = stocked(api)
    for quantity in (1, 2, 3):
        api.put(ABSOLUTE, {"items": [item(quantity, variant_id=bottle["id"])]})
    api.advance(2)
    assert onhand(api, bottle["id"]) == 3


def two_of_one(api: Api) -> list[dict[str, Any]]:
    """Two variants of a product tracked as a whole."""
    small, medium = shirts(api)
    api.act(actions.product_update, small["product_id"], {"inventory_tracking": "product"})
    return [small, medium]


def test_a_wrong_tracking_mode_refuses_all(api: Api) -> None:
    bottle, (small, _) = stocked(api), two_of_one(api)
    answer = api.put(ABSOLUTE, {"items": [item(5, variant_id=bottle["id"]), item(1, variant_id=small["id"])]})
    assert answer.status_code == 422
    assert answer.json()["title"] == (
        f"[Item with variant_id {small['id']} is tracked by product, please update stock by product id]"
    )
    assert answer.json()["errors"] == {}
    api.advance(5)
    assert onhand(api, bottle["id"]) == 10
    shirt = small["product_id"]
    assert api.put(ABSOLUTE, {"items": [item(6, product_id=shirt)]}).status_code == 200
    api.advance(2)
    assert api.get(f"/v3/catalog/products/{shirt}").json()["data"]["inventory_level"] == 6


def test_what_is_tracked_by_product_is_named_by_its_id_only(api: Api) -> None:
    bottle = stocked(api)
    api.switch(product_identity="product_id")
    for name, value in (("sku", bottle["sku"]), ("variant_id", bottle["id"])):
        answer = api.put(ABSOLUTE, {"items": [item(5, **{name: value})]})
        words = f"[Item with {name} {value} is tracked by product, please update stock by product id]"
        assert (answer.status_code, answer.json()["title"]) == (422, words)
    assert api.put(ABSOLUTE, {"items": [item(5, product_id=bottle["product_id"])]}).status_code == 200
    api.advance(2)
    assert onhand(api, bottle["id"]) == 5


@pytest.mark.parametrize("identity", [{"sku": "NO-SUCH"}, {"variant_id": 999999}, {"product_id": 999999}])
def test_an_unknown_identity_refuses_all_and_is_named(api: Api, identity: dict[str, Any]) -> None:
    bottle = stocked(api)
    items = [item(5, variant_id=bottle["id"]), item(1, **identity)]
    answer = api.put(ABSOLUTE, {"items": items})
    name, value = next(iter(identity.items()))
    assert (answer.status_code, answer.json()["title"]) == (
        422,
        f"Items with identity: [{name} {value}] were not found",
    )
    api.advance(5)
    assert onhand(api, bottle["id"]) == 10
    api.switch(unknown_identity="ignore")
    assert api.put(ABSOLUTE, {"items": items}).status_code == 200
    api.advance(5)
    assert onhand(api, bottle["id"]) == 5


@pytest.mark.parametrize(
    "line",
    [
        {"location_id": 1, "quantity": 1},
        {"location_id": 1, "quantity": 1, "sku": "T-BOTTLE", "variant_id": 1},
        {"location_id": 99, "quantity": 1, "sku": "T-BOTTLE"},
        {"quantity": 1, "sku": "T-BOTTLE"},
        {"location_id": 1, "quantity": -1, "sku": "T-BOTTLE"},
        {"location_id": 1, "quantity": 2**31, "sku": "T-BOTTLE"},
        {"location_id": 1, "quantity": 1.5, "sku": "T-BOTTLE"},
        {"location_id": 1, "sku": "T-BOTTLE"},
        "T-BOTTLE",
    ],
)
def test_bad_lines_are_422(api: Api, line: Any) -> None:
    bottle = stocked(api)
    assert api.put(ABSOLUTE, {"items": [item(5, variant_id=bottle["id"]), line]}).status_code == 422
    api.advance(5)
    assert onhand(api, bottle["id"]) == 10


def test_at_most_2000_lines(api: Api) -> None:
    bottle = stocked(api)
    assert api.put(ABSOLUTE, {"items": [item(1, variant_id=bottle["id"])] * 2001}).status_code == 413
    assert api.put(ABSOLUTE, {"items": [item(1, variant_id=bottle["id"])] * 2000}).status_code == 200
    assert api.put(ABSOLUTE, {"items": []}).json()["errors"] == {"items": "must not be empty"}


def test_untracked_items_are_refused_or_by_a_switch_taken_without_effect(api: Api) -> None:
    plain = stocked(api, tracking="none", level=0)
    assert api.put(ABSOLUTE, {"items": [item(5, variant_id=plain["id"])]}).status_code == 422
    api.switch(untracked_item="accept")
    assert api.put(ABSOLUTE, {"items": [item(5, variant_id=plain["id"])]}).status_code == 200
    api.advance(2)
    assert onhand(api, plain["id"]) == 5
    assert api.get(f"/v3/catalog/products/{plain['product_id']}").json()["data"]["inventory_level"] == 0


def test_a_relative_needs_an_absolute_before_and_room_above_safety_stock(api: Api) -> None:
    small, _ = shirts(api)
    body = {"items": [item(-2, variant_id=small["id"])]}
    answer = api.post(RELATIVE, body)
    assert (answer.status_code, answer.json()["title"]) == (
        422,
        f"Items with identity: [variant_id {small['id']}] requires absolute adjustment before relative",
    )
    api.put(ABSOLUTE, {"items": [item(5, variant_id=small["id"])]})
    api.advance(2)
    assert api.post(RELATIVE, body).status_code == 200
    api.advance(2)
    assert onhand(api, small["id"]) == 3
    settings = {"settings": [{"identity": {"variant_id": small["id"]}, "safety_stock": 2}]}
    assert api.put("/v3/inventory/locations/1/items", settings).status_code == 200
    assert api.post(RELATIVE, body).status_code == 422


def test_items_show_identity_and_levels_per_location(api: Api) -> None:
    small, _ = shirts(api)
    api.put(ABSOLUTE, {"items": [item(58, variant_id=small["id"]), item(3, 2, variant_id=small["id"])]})
    api.advance(2)
    found = api.get("/v3/inventory/items?sku:in=T-SHIRT-0").json()
    settings = {"safety_stock": 0, "is_in_stock": True, "warning_level": 0, "bin_picking_number": ""}
    assert found["data"] == [
        {
            "identity": {
                "sku": "T-SHIRT-0",
                "variant_id": small["id"],
                "product_id": small["product_id"],
                "sku_id": small["sku_id"],
            },
            "locations": [
                {
                    "location_id": 1,
                    "location_code": "BC-LOCATION-1",
                    "location_name": "Default location",
                    "location_enabled": True,
                    "available_to_sell": 58,
                    "total_inventory_onhand": 58,
                    "settings": settings,
                },
                {
                    "location_id": 2,
                    "location_code": "PINE-ANNEX",
                    "location_name": "Pine Annex",
                    "location_enabled": True,
                    "available_to_sell": 3,
                    "total_inventory_onhand": 3,
                    "settings": settings,
                },
            ],
        }
    ]
    assert found["meta"]["pagination"]["total"] == 1
    one = api.get(f"/v3/inventory/locations/2/items?variant_id:in={small['id']}").json()["data"][0]
    assert (one["available_to_sell"], "locations" in one) == (3, False)
    coded = api.get(f"/v3/inventory/items?product_id:in={small['product_id']}&location_code:in=PINE-ANNEX").json()
    assert [[place["location_id"] for place in row["locations"]] for row in coded["data"]] == [[2], [2]]
    assert api.get("/v3/inventory/locations/9/items").status_code == 404


def test_item_lists_go_up_to_1000(api: Api) -> None:
    total = api.get("/v3/inventory/items?limit=1000").json()["meta"]["pagination"]
    assert (total["count"], total["per_page"]) == (total["total"], 1000)
    assert api.get("/v3/inventory/items?limit=1001").status_code == 422


def test_the_shop_counts_the_default_location_or_all(api: Api) -> None:
    small, _ = shirts(api)
    api.put(ABSOLUTE, {"items": [item(5, variant_id=small["id"]), item(3, 2, variant_id=small["id"])]})
    api.advance(2)
    path = "/v3/catalog/variants?sku=T-SHIRT-0"
    assert api.get(path).json()["data"][0]["inventory_level"] == 5
    api.switch(stock_aggregation=True)
    assert api.get(path).json()["data"][0]["inventory_level"] == 8


def test_item_settings(api: Api) -> None:
    bottle = stocked(api)
    path = "/v3/inventory/locations/1/items"
    answer = api.put(
        path,
        {
            "settings": [
                {"identity": {"variant_id": bottle["id"]}, "safety_stock": 2, "warning_level": 5, "is_in_stock": True}
            ]
        },
    )
    assert (answer.status_code, list(answer.json())) == (200, ["transaction_id"])
    level = api.get(f"{path}?variant_id:in={bottle['id']}").json()["data"][0]
    assert (level["available_to_sell"], level["total_inventory_onhand"]) == (8, 10)
    assert level["settings"]["warning_level"] == 5
    empty = api.put(path, {"settings": []})
    assert (empty.status_code, empty.json()["title"]) == (422, "Payload contains invalid fields")
    assert api.put(path, {"settings": [{"identity": {"sku": "NO"}}]}).status_code == 422


def test_catalog_writes_clip_and_apply_at_once(api: Api) -> None:
    bottle = stocked(api)
    path = f"/v3/catalog/products/{bottle['product_id']}"
    assert api.put(path, {"inventory_level": 2**31 + 5}).json()["data"]["inventory_level"] == 2_147_483_647


# --- locations ------------------------------------------------------------------------------------

PLACE = {
    "label": "Depot",
    "managed_by_external_source": True,
    "type_id": "PHYSICAL",
    "time_zone": "America/Chicago",
    "address": {
        "address1": "9 Rail Way",
        "city": "Austin",
        "state": "Texas",
        "zip": "78702",
        "email": "d@e.com",
        "country_code": "US",
    },
}


def test_the_default_location(api: Api) -> None:
    row = api.get("/v3/inventory/locations?is_default=true").json()["data"]
    assert [(place["id"], place["code"], place["label"], place["enabled"]) for place in row] == [
        (1, "BC-LOCATION-1", "Default location", True)
    ]
    assert row[0]["address"]["country_code"] == "US"


def test_locations_are_written_in_arrays_within_the_plan(api: Api) -> None:
    api.listen("store/inventory/location/created", "store/inventory/location/updated")
    answer = api.post("/v3/inventory/locations", [PLACE])
    assert (answer.status_code, list(answer.json())) == (200, ["transaction_id"])
    depot = api.get("/v3/inventory/locations?managed_by_external_source=true").json()["data"][0]
    assert (depot["label"], depot["code"]) == ("Depot", f"BC-LOCATION-{depot['id']}")
    api.put("/v3/inventory/locations", [{"id": depot["id"], "label": "Rail depot"}])
    assert api.get(f"/v3/inventory/locations?location_id:in={depot['id']}").json()["data"][0]["label"] == "Rail depot"
    assert [(event["scope"], event["data"]) for event in api.events()] == [
        ("store/inventory/location/created", {"location_id": depot["id"]}),
        ("store/inventory/location/updated", {"location_id": depot["id"]}),
    ]
    assert sorted(api.post("/v3/inventory/locations", [{"label": "x"}]).json()["errors"]) == [
        "0.address",
        "0.managed_by_external_source",
        "0.time_zone",
        "0.type_id",
    ]
    assert api.post("/v3/inventory/locations", [{**PLACE, "code": "PINE-ANNEX"}]).status_code == 409
    assert api.post("/v3/inventory/locations", [PLACE] * 6).status_code == 422  # the Pro plan allows 8
    assert api.delete("/v3/inventory/locations").status_code == 422
    assert api.delete("/v3/inventory/locations?location_id:in=1").status_code == 422
    assert api.delete(f"/v3/inventory/locations?location_id:in={depot['id']}").status_code == 204
