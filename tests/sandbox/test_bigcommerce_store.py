"""Gift certificates, coupons, store, channels, settings, metafields (note §23, §24)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.bigcommerce_api import Api, bottle_order
from tests.sandbox.conftest import Running

BEN = {
    "to_name": "Ben",
    "to_email": "ben@example.com",
    "from_name": "Ana",
    "from_email": "ana@example.com",
    "amount": "50",
}
CERTIFICATES = "/v2/gift_certificates"


@pytest.fixture
def api(bigcommerce_server: Running, bigcommerce_url: str) -> Api:
    """A client of a fresh store at noon of 6 January 2026."""
    found = Api(bigcommerce_server)
    found.stop_time()
    return found


def test_a_certificate_is_the_object_of_the_note(api: Api) -> None:
    answer = api.post(
        CERTIFICATES,
        {**BEN, "code": "GC7-XXX-XXX-001", "message": "Enjoy", "expiry_date": "Thu, 01 Jan 2026 00:00:00 +0000"},
    )
    assert answer.status_code == 201
    row = answer.json()
    assert row == {
        "id": row["id"],
        "customer_id": 0,
        "order_id": 0,
        "code": "GC7-XXX-XXX-001",
        "amount": "50.0000",
        "balance": "50.0000",
        "status": "active",
        "to_name": "Ben",
        "to_email": "ben@example.com",
        "from_name": "Ana",
        "from_email": "ana@example.com",
        "template": "celebration.html",
        "message": "Enjoy",
        "purchase_date": "1767700800",
        "expiry_date": "1767225600",
        "currency_code": "USD",
    }
    assert api.get(f"{CERTIFICATES}/{row['id']}").json() == row
    assert api.get(f"{CERTIFICATES}?code=GC7-XXX-XXX-001").json() == [row]


def test_a_code_is_made_when_none_is_given(api: Api) -> None:
    first, second = (api.post(CERTIFICATES, BEN).json()["code"] for _ in range(2))
    assert first
    assert first != second


def test_the_balance_is_overwritten_by_put_with_the_base_fields(api: Api) -> None:
    row = api.post(CERTIFICATES, BEN).json()
    path = f"{CERTIFICATES}/{row['id']}"
    refused = api.put(path, {"balance": "10"})
    assert (refused.status_code, refused.json()[0]["message"]) == (
        400,
        "The required field 'to_name' was not supplied.",
    )
    assert api.put(path, {**BEN, "balance": "10"}).json()["balance"] == "10.0000"
    assert api.get(path).json()["balance"] == "10.0000"


@pytest.mark.parametrize(
    "change",
    [{"amount": "much"}, {"status": "spent"}, {"expiry_date": "1767225600x"}, {"code": "x" * 256}, {"colour": "red"}],
)
def test_bad_certificates_are_400(api: Api, change: dict[str, Any]) -> None:
    answer = api.post(CERTIFICATES, {**BEN, **change})
    name = next(iter(change))
    assert (answer.status_code, answer.json()[0]["message"]) == (400, f"The field '{name}' is invalid.")


def test_codes_are_unique(api: Api) -> None:
    assert api.post(CERTIFICATES, {**BEN, "code": "A-1"}).status_code == 201
    assert api.post(CERTIFICATES, {**BEN, "code": "A-1"}).status_code == 400


def test_certificate_filters_and_deletes(api: Api) -> None:
    first = api.post(CERTIFICATES, {**BEN, "to_name": "Zoe"}).json()["id"]
    second = api.post(CERTIFICATES, {**BEN, "to_email": "zoe@example.com"}).json()["id"]

    def found(query: str) -> list[int]:
        answer = api.get(f"{CERTIFICATES}?{query}")
        return [] if answer.status_code == 204 else [row["id"] for row in answer.json()]

    assert found("to_name=Zoe") == [first]
    assert found("to_email=zoe@example.com") == [second]
    assert found(f"min_id={first}") == [first, second]
    assert found(f"min_id={first}&max_id={first}") == [first]
    assert found(f"min_id={first}&sort=id&direction=desc") == [second, first]
    assert found("code=NONE") == []
    assert api.delete(f"{CERTIFICATES}/{first}").status_code == 204
    assert api.get(f"{CERTIFICATES}/{first}").status_code == 404
    assert api.delete(CERTIFICATES).status_code == 204
    assert api.get(CERTIFICATES).status_code == 204


def test_coupons_are_read(api: Api) -> None:
    row = api.get("/v2/coupons?code=SAVE10").json()[0]
    assert (row["code"], row["type"], row["amount"], row["enabled"]) == (
        "SAVE10",
        "percentage_discount",
        "10.0000",
        True,
    )
    assert api.get(f"/v2/coupons/{row['id']}").json() == row
    assert api.get("/v2/coupons?code=NONE").status_code == 204


def test_the_store_profile(api: Api) -> None:
    row = api.get("/v2/store").json()
    assert {
        name: row[name]
        for name in (
            "id",
            "store_id",
            "name",
            "domain",
            "status",
            "admin_email",
            "currency",
            "decimal_places",
            "plan_level",
            "is_price_entered_with_tax",
            "default_channel_id",
            "weight_units",
        )
    } == {
        "id": "a1b2c3d4e5",
        "store_id": 1001234567,
        "name": "Harbor & Pine",
        "domain": "store-a1b2c3d4e5.mybigcommerce.com",
        "status": "live",
        "admin_email": "owner@example.com",
        "currency": "USD",
        "decimal_places": 2,
        "plan_level": "Pro",
        "is_price_entered_with_tax": False,
        "default_channel_id": 1,
        "weight_units": "LBS",
    }
    assert row["timezone"]["name"] == "America/Chicago"
    assert row["features"]["multi_storefront_enabled"] is False
    assert api.get("/v3/settings/store/profile").json()["data"]["store_name"] == "Harbor & Pine"


def test_tax_classes_have_text_ids_and_no_default(api: Api) -> None:
    assert [(row["id"], row["name"]) for row in api.get("/v2/tax_classes").json()] == [
        ("1", "Shipping"),
        ("2", "Gift Wrapping"),
        ("3", "Non-Taxable Products"),
    ]
    assert api.get("/v2/tax_classes/0").status_code == 404


def test_currencies_have_rates_and_channels_show_them(api: Api) -> None:
    rows = api.get("/v2/currencies").json()
    names = ("id", "currency_code", "currency_exchange_rate", "is_default", "is_transactional", "enabled")
    assert [tuple(row[name] for name in names) for row in rows] == [
        (1, "USD", "1.0000000000", True, True, True),
        (2, "CAD", "1.3500000000", False, False, True),
    ]
    shown = {"enabled_currencies": ["USD", "CAD"], "default_currency": "USD"}
    path = "/v3/channels/currency-assignments"
    assert api.get(path).json()["data"] == [{"channel_id": 1, **shown}]
    api.switch(multi_storefront=True)
    assert [row["channel_id"] for row in api.get(path).json()["data"]] == [1, 2]


def test_currencies_and_zones(api: Api) -> None:
    row = api.get("/v2/currencies").json()[0]
    assert (row["currency_code"], row["currency_exchange_rate"], row["is_transactional"]) == (
        "USD",
        "1.0000000000",
        True,
    )
    zones = api.get("/v2/shipping/zones").json()
    assert [zone["name"] for zone in zones][:2] == ["US", "Rest of the World"]
    methods = api.get(f"/v2/shipping/zones/{zones[0]['id']}/methods").json()
    assert (methods[0]["name"], methods[0]["settings"]) == ("Flat Rate", {"rate": 8})
    assert api.get("/v2/shipping/zones/99/methods").status_code == 404


def test_channels(api: Api) -> None:
    assert [(row["id"], row["type"], row["is_enabled"]) for row in api.get("/v3/channels").json()["data"]] == [
        (1, "storefront", True)
    ]
    api.switch(multi_storefront=True)
    assert [row["id"] for row in api.get("/v3/channels?type:in=storefront").json()["data"]] == [1, 2]
    assert api.get("/v3/channels/2").json()["data"]["name"] == "Harbor & Pine Outlet"
    assert api.get("/v3/channels/3").status_code == 404


def test_inventory_settings(api: Api) -> None:
    path = "/v3/settings/inventory"
    assert api.get(path).json()["data"] == {
        "product_out_of_stock_behavior": "hide_product",
        "default_out_of_stock_message": "Currently out of stock",
        "show_out_of_stock_message": False,
        "update_stock_behavior": "order_placed",
        "edit_order_stock_adjustment": True,
        "refund_order_stock_adjustment": True,
    }
    assert set(api.get(f"{path}?channel_id=1").json()["data"].values()) == {None}
    assert api.put(path, {"update_stock_behavior": "never"}).status_code == 422
    changed = api.put(path, {"refund_order_stock_adjustment": False}).json()["data"]
    assert changed["refund_order_stock_adjustment"] is False


def test_an_order_metafield_can_hold_a_marker(api: Api) -> None:
    n = api.place(bottle_order())["id"]
    path = f"/v3/orders/{n}/metafields"
    api.listen("store/order/metafield/created", "store/order/metafield/updated", "store/order/metafield/deleted")
    body = {"namespace": "tillbridge", "key": "order", "value": "4711", "permission_set": "app_only"}
    row = api.post(path, body).json()["data"]
    assert {name: row[name] for name in (*body, "resource_type", "resource_id")} == {
        **body,
        "resource_type": "order",
        "resource_id": n,
    }
    assert api.post(path, body).status_code == 409
    assert api.post(path, {**body, "key": "k" * 65}).status_code == 422
    assert [found["id"] for found in api.get(f"{path}?namespace=tillbridge&key=order").json()["data"]] == [row["id"]]
    assert api.put(f"{path}/{row['id']}", {"value": "4712"}).json()["data"]["value"] == "4712"
    api.control("POST", "tokens", {"token": "other-app", "client_id": "someoneelse"})
    assert Api(api.server, "other-app").get(f"{path}/{row['id']}").status_code == 404
    assert api.delete(f"{path}/{row['id']}").status_code == 204
    data = {"metafield_id": row["id"], "resource_id": str(n), "namespace": row["namespace"]}
    assert [event["data"] for event in api.events()] == [data] * 3
