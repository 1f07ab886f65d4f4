"""Price lists, form fields and settings of customers, and what V2 still answers: from the official schemas."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.bigcommerce_api import Api, stocked
from tests.sandbox.conftest import Running


@pytest.fixture
def api(bigcommerce_server: Running, bigcommerce_url: str) -> Api:
    """A client of a fresh store at noon of 6 January 2026."""
    found = Api(bigcommerce_server)
    found.stop_time()
    return found


def made(api: Api, **more: Any) -> dict[str, Any]:
    """A customer."""
    body = {"email": "ana.l@example.com", "first_name": "Ana", "last_name": "Lopez", **more}
    (row,) = api.post("/v3/customers", [body]).json()["data"]
    found: dict[str, Any] = row
    return found


# --- price lists ----------------------------------------------------------------------------------


def test_price_lists_hold_records_by_variant_and_currency(api: Api) -> None:
    variant = stocked(api)
    api.listen("store/priceList/*")
    made_ = api.post("/v3/pricelists", {"name": "Wholesale"}).json()["data"]
    assert (made_["name"], made_["active"], made_["date_created"]) == ("Wholesale", True, "2026-01-06T12:00:00Z")
    path = f"/v3/pricelists/{made_['id']}"
    assert api.post("/v3/pricelists", {"name": "Wholesale"}).status_code == 409
    batch = [{"sku": "T-BOTTLE", "currency": "USD", "price": 15.5}, {"variant_id": 1, "currency": "usd", "price": 1}]
    partly = api.put(f"{path}/records", batch)
    assert (partly.status_code, partly.json()["batch_errors"][0]["data"]) == (
        422,
        {"price_list_id": made_["id"], "variant_id": 1, "currency": "usd"},
    )
    one = f"{path}/records/{variant['id']}/usd"
    assert api.put(one, {"sale_price": 14}).json()["data"]["calculated_price"] == 14
    (record,) = api.get(f"{path}/records?variant_id:in={variant['id']}&include=sku").json()["data"]
    assert (record["price"], record["sale_price"], record["currency"], record["product_id"], record["sku"]) == (
        15.5,
        14,
        "usd",
        variant["product_id"],
        "T-BOTTLE",
    )
    assert api.put(f"{path}/records", batch[:1]).json() == {"data": {}, "meta": {}}
    assert api.post(f"{path}/records", batch[:1]).status_code == 422
    scopes = [event["scope"].removeprefix("store/priceList/") for event in api.events()]
    assert scopes == ["created", "record/created", "record/updated", "record/updated"]
    assert (api.delete(one).status_code, api.get(one).status_code) == (204, 404)
    assert (api.delete(path).status_code, api.get(path).status_code) == (204, 404)


def test_price_lists_are_assigned_to_groups_and_channels(api: Api) -> None:
    first, second = (api.post("/v3/pricelists", {"name": name}).json()["data"]["id"] for name in ("A", "B"))
    path = "/v3/pricelists/assignments"
    for number in (first, second):
        wish = [{"price_list_id": number, "customer_group_id": 1, "channel_id": 1}]
        assert api.post(path, wish).json() == {"data": {}, "meta": {}}
    assert [row["price_list_id"] for row in api.get(path).json()["data"]] == [second]
    assert api.post(path, [{"price_list_id": 99, "customer_group_id": 1}]).status_code == 422
    assert (api.delete(path).status_code, api.delete(f"{path}?price_list_id={second}").status_code) == (422, 204)
    assert api.get(path).json()["data"] == []


# --- form fields and settings of customers --------------------------------------------------------


def test_form_field_values_of_customers(api: Api) -> None:
    customer = made(api)["id"]
    path = "/v3/customers/form-field-values"
    value = {"name": "License", "value": "123BAF", "customer_id": customer}
    assert api.put(path, [value]).json()["data"] == [value]
    assert api.put(path, [{**value, "value": "X"}]).json()["data"] == [{**value, "value": "X"}]
    assert api.get(f"{path}?customer_id={customer}").json()["data"] == [{**value, "value": "X"}]
    shown = api.get(f"/v3/customers?id:in={customer}&include=formfields").json()["data"][0]["form_fields"]
    assert shown == [{**value, "value": "X"}]
    assert api.get(f"/v2/customers/{customer}").json()["form_fields"] == [{"name": "License", "value": "X"}]
    assert api.put(path, [{**value, "customer_id": 999_999}]).status_code == 422
    assert api.put(path, [{"name": "", "value": "", "customer_id": customer}]).status_code == 422


def test_customer_settings_of_store_and_channel(api: Api) -> None:
    path = "/v3/customers/settings"
    groups = {"guest_customer_group_id": 0, "default_customer_group_id": 0}
    assert api.get(path).json()["data"]["customer_group_settings"] == groups
    api.put(path, {"customer_group_settings": {"default_customer_group_id": 1}})
    channel = api.get(f"{path}/channels/1").json()["data"]
    assert (channel["customer_group_settings"], channel["allow_global_logins"]) == (
        {**groups, "default_customer_group_id": 1},
        True,
    )
    changed = api.put(f"{path}/channels/1", {"allow_global_logins": False}).json()["data"]
    assert changed == {**channel, "allow_global_logins": False}
    assert "allow_global_logins" not in api.get(path).json()["data"]
    assert api.get(f"{path}/channels/7").status_code == 404


# --- V2 -------------------------------------------------------------------------------------------


def test_v2_customers(api: Api) -> None:
    body = {"first_name": "Ben", "last_name": "Ray", "email": "ben.ray@example.com", "store_credit": "12.5"}
    customer = api.post("/v2/customers", body).json()
    path = f"/v2/customers/{customer['id']}"
    assert (customer["store_credit"], customer["date_created"], customer["form_fields"]) == (
        "12.5000",
        "Tue, 06 Jan 2026 12:00:00 +0000",
        None,
    )
    assert customer["addresses"]["resource"] == f"/customers/{customer['id']}/addresses"
    assert api.get("/v2/customers?email=ben.ray@example.com").json() == [customer]
    assert api.get("/v2/customers?email=nobody@example.com").status_code == 204
    assert api.put(path, {"company": "Rays"}).json()["company"] == "Rays"
    assert api.put(path, {"id": 3}).json()[0]["message"].startswith("The field 'id' cannot be written to.")
    assert api.post("/v2/customers", body).json()[0]["message"] == "The field 'email' is invalid."
    count = api.get("/v2/customers/count").json()["count"]
    assert (api.delete(path).status_code, api.get("/v2/customers/count").json()["count"]) == (204, count - 1)
    assert api.get(path).status_code == 404


def test_v2_customer_addresses(api: Api) -> None:
    place = {
        "first_name": "Ana",
        "last_name": "L",
        "address1": "1 A St",
        "city": "Austin",
        "state_or_province": "Texas",
    }
    customer = made(api, addresses=[{**place, "country_code": "US", "postal_code": "78701"}])["id"]
    path = f"/v2/customers/{customer}/addresses"
    (row,) = api.get(path).json()
    assert (row["street_1"], row["state"], row["zip"], row["country"], row["country_iso2"]) == (
        "1 A St",
        "Texas",
        "78701",
        "United States",
        "US",
    )
    assert api.get(f"{path}/count").json() == {"count": 1}
    assert api.get(f"{path}/{row['id']}").json() == row
    assert api.get(f"{path}/999999").status_code == 404


def test_v2_products_brands_and_categories_are_read(api: Api) -> None:
    variant = stocked(api, level=7)
    product = api.get(f"/v2/products/{variant['product_id']}").json()
    assert (product["price"], product["weight"], product["inventory_tracking"], product["inventory_level"]) == (
        "20.0000",
        "0.4000",
        "simple",
        7,
    )
    assert (product["related_products"], product["skus"]["resource"]) == ("-1", f"/products/{product['id']}/skus")
    assert api.get("/v2/products?sku=T-BOTTLE").json() == [product]
    assert api.get("/v2/products?sku=NONE").status_code == 204
    for name in ("products", "brands", "categories"):
        rows = api.get(f"/v2/{name}?limit=250").json()
        assert len(rows) == min(250, api.get(f"/v2/{name}/count").json()["count"])
        assert api.get(f"/v2/{name}/{rows[0]['id']}").json() == rows[0]
        assert api.get(f"/v2/{name}/999999").status_code == 404
    child = next(row for row in api.get("/v2/categories?limit=250").json() if row["parent_id"])
    assert child["parent_category_list"][-2:] == [child["parent_id"], child["id"]]


def test_countries_and_states(api: Api) -> None:
    (country,) = api.get("/v2/countries?country_iso2=US").json()
    path = f"/v2/countries/{country['id']}"
    assert (country["country"], country["country_iso3"], country["states"]["resource"]) == (
        "United States",
        "USA",
        f"/countries/{country['id']}/states",
    )
    assert api.get(path).json() == country
    (texas,) = api.get(f"{path}/states?state=Texas").json()
    assert (texas["state_abbreviation"], texas["country_id"]) == ("TX", country["id"])
    assert api.get(f"{path}/states/{texas['id']}").json() == texas
    count = api.get("/v2/countries/count").json()["count"]
    assert count == len(api.get("/v2/countries?limit=250").json())
    everywhere = api.get("/v2/countries/states/count").json()["count"]
    assert everywhere > api.get(f"{path}/states/count").json()["count"] > 50
    assert api.get("/v2/countries/999").status_code == 404
