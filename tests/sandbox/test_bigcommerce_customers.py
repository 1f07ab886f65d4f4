"""V3 customers, addresses, attributes (note §22)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.bigcommerce_api import Api
from tests.sandbox.conftest import Running

PATH = "/v3/customers"
EVE = {"email": "eve@example.com", "first_name": "Eve", "last_name": "Stone", "company": "", "phone": "5125550199"}
HOME = {
    "first_name": "Eve",
    "last_name": "Stone",
    "address1": "12 Elm St",
    "city": "Austin",
    "state_or_province": "Texas",
    "postal_code": "78701",
    "country_code": "US",
}


@pytest.fixture
def api(bigcommerce_server: Running, bigcommerce_url: str) -> Api:
    """A client of a fresh store at noon of 6 January 2026."""
    found = Api(bigcommerce_server)
    found.stop_time()
    return found


def made(api: Api, **more: Any) -> dict[str, Any]:
    """A customer made by POST."""
    answer = api.post(PATH, [{**EVE, **more}])
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["data"][0]
    return found


def test_a_customer_is_the_object_of_the_note(api: Api) -> None:
    api.listen("store/customer/*")
    customer = made(api, addresses=[HOME], trigger_account_created_notification=False)
    assert customer == {
        "id": customer["id"],
        "email": "eve@example.com",
        "first_name": "Eve",
        "last_name": "Stone",
        "company": "",
        "phone": "5125550199",
        "registration_ip_address": "",
        "notes": "",
        "tax_exempt_category": "",
        "customer_group_id": 0,
        "date_created": "2026-01-06T12:00:00Z",
        "date_modified": "2026-01-06T12:00:00Z",
        "address_count": 1,
        "attribute_count": 0,
        "authentication": {"force_password_reset": False},
        "origin_channel_id": 1,
        "channel_ids": None,
        "accepts_product_review_abandoned_cart_emails": False,
        "store_credit_amounts": [{"amount": 0}],
    }
    address = api.get(f"{PATH}/addresses?customer_id:in={customer['id']}").json()["data"][0]
    assert [(event["scope"], event["data"]) for event in api.events()] == [
        (
            "store/customer/created",
            {"type": "customer", "id": customer["id"], "origin_channel_id": 1, "channel_ids": [1]},
        ),
        (
            "store/customer/address/created",
            {"type": "customer", "id": address["id"], "address": {"customer_id": customer["id"]}},
        ),
    ]
    assert address == {
        **HOME,
        "id": address["id"],
        "customer_id": customer["id"],
        "company": "",
        "address2": "",
        "phone": "",
        "address_type": "residential",
        "country": "United States",
    }


def test_there_is_no_single_customer_path(api: Api) -> None:
    assert api.get(f"{PATH}/1").status_code == 404
    assert [row["id"] for row in api.get(f"{PATH}?id:in=1").json()["data"]] == [1]


def test_a_duplicate_email_fails_the_whole_batch(api: Api) -> None:
    made(api)
    answer = api.post(PATH, [{**EVE, "email": "new@example.com"}, {**EVE, "email": "EVE@example.com"}])
    assert (answer.status_code, answer.json()["errors"]) == (422, {"1.email": "The email is already in use"})
    assert api.get(f"{PATH}?email:in=new@example.com").json()["data"] == []


@pytest.mark.parametrize(
    ("change", "title", "fields"),
    [
        ({"last_name": ""}, "Missing Required Fields", ["0.last_name"]),
        ({"email": None, "first_name": None}, "Missing Required Fields", ["0.email", "0.first_name"]),
        ({"email": "eve"}, "JSON data is missing or invalid", ["0.email"]),
        ({"first_name": "x" * 101}, "JSON data is missing or invalid", ["0.first_name"]),
        ({"phone": "1" * 51}, "JSON data is missing or invalid", ["0.phone"]),
        ({"customer_group_id": 99}, "JSON data is missing or invalid", ["0.customer_group_id"]),
        (
            {"addresses": [{**HOME, "state_or_province": "TX"}]},
            "JSON data is missing or invalid",
            ["0.addresses.0.state_or_province"],
        ),
    ],
)
def test_bad_customers_are_422(api: Api, change: dict[str, Any], title: str, fields: list[str]) -> None:
    body = {name: value for name, value in {**EVE, **change}.items() if value is not None}
    answer = api.post(PATH, [body])
    assert (answer.status_code, answer.json()["title"], sorted(answer.json()["errors"])) == (422, title, fields)
    assert api.get(f"{PATH}?email:in=eve@example.com").json()["data"] == []


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_at_most_ten_at_once(api: Api, method: str) -> None:
    answer = api.call(method, PATH, [EVE] * 11)
    assert (answer.status_code, answer.json()["title"]) == (
        413,
        "The request payload is too large. The maximum items allowed in the array is 10",
    )


def test_an_update_moves_the_date_and_leaves_addresses_alone(api: Api) -> None:
    customer = made(api, addresses=[HOME])
    api.listen("store/customer/*")
    api.advance(9)
    answer = api.put(
        PATH, [{"id": customer["id"], "phone": "1", "addresses": [], "store_credit_amounts": [{"amount": 12.5}]}]
    )
    changed = answer.json()["data"][0]
    assert (changed["phone"], changed["date_modified"], changed["address_count"], changed["store_credit_amounts"]) == (
        "1",
        "2026-01-06T12:00:09Z",
        1,
        [{"amount": 12.5}],
    )
    assert [event["scope"] for event in api.events()] == ["store/customer/updated"]
    assert api.put(PATH, [{"id": 999999, "phone": "1"}]).status_code == 422


def test_addresses_have_their_own_events_and_leave_the_customer_s_date(api: Api) -> None:
    customer = made(api, addresses=[HOME])
    api.listen("store/customer/address/created", "store/customer/address/updated", "store/customer/address/deleted")
    api.advance(9)
    same = api.post(f"{PATH}/addresses", [{**HOME, "customer_id": customer["id"]}])
    assert (same.status_code, same.json()["data"]) == (200, [])
    work = api.post(f"{PATH}/addresses", [{**HOME, "address1": "1 Work St", "customer_id": customer["id"]}])
    number = work.json()["data"][0]["id"]
    put = api.put(f"{PATH}/addresses", [{"id": number, "city": "Dallas"}])
    assert put.json()["data"][0]["city"] == "Dallas"
    assert api.delete(f"{PATH}/addresses?id:in={number}").status_code == 204
    data = {"type": "customer", "id": number, "address": {"customer_id": customer["id"]}}
    assert [(event["scope"], event["data"]) for event in api.events()] == [
        ("store/customer/address/created", data),
        ("store/customer/address/updated", data),
        ("store/customer/address/deleted", data),
    ]
    read = api.get(f"{PATH}?id:in={customer['id']}").json()["data"][0]
    assert read["date_modified"] == "2026-01-06T12:00:00Z"


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ({"state_or_province": "TX"}, 422),
        ({"country_code": "USA"}, 422),
        ({"city": ""}, 422),
        ({"country_code": "DE", "state_or_province": "Bayern"}, 200),
        ({"country_code": "CA"}, 422),
        ({"country_code": "CA", "state_or_province": "Ontario"}, 200),
        ({"customer_id": 999999}, 422),
    ],
)
def test_states_are_spelled_out_where_a_country_has_them(api: Api, address: dict[str, Any], status: int) -> None:
    customer = made(api)
    body = {**HOME, "customer_id": customer["id"], **address}
    assert api.post(f"{PATH}/addresses", [body]).status_code == status


def test_filters(api: Api) -> None:
    first = made(api, email="eve+1@example.com", company="Stone & Co")["id"]
    api.advance(60)
    second = made(api, email="adam@example.com", first_name="Adam", last_name="Apple", customer_group_id=1)["id"]
    ids = f"id:in={first},{second}"

    def found(query: str) -> list[int]:
        return [row["id"] for row in api.get(f"{PATH}?{query}").json()["data"]]

    cases: list[tuple[str, list[int]]] = [
        (ids, [first, second]),
        ("email:in=EVE%2B1@example.com", [first]),
        ("company:in=stone %26 co", [first]),
        ("name:in=Adam Apple", [second]),
        ("name:like=m app", [second]),
        (f"{ids}&phone:in=5125550199", [first, second]),
        (f"{ids}&customer_group_id:in=1", [second]),
        (f"{ids}&date_created:min=2026-01-06T12:01:00Z", [second]),
        (f"{ids}&date_modified:max=2026-01-06T12:00:00Z", [first]),
        (f"{ids}&sort=last_name:asc", [second, first]),
        (f"{ids}&sort=date_created:desc", [second, first]),
        ("email:in=eve 1@example.com", []),
    ]
    assert [(query, found(query)) for query, _ in cases] == cases
    assert api.get(f"{PATH}?sort=email").status_code == 422


def test_includes(api: Api) -> None:
    row = api.get(f"{PATH}?id:in=1&include=addresses,storecredit,attributes,formfields").json()["data"][0]
    assert len(row["addresses"]) == row["address_count"] >= 1
    assert (row["store_credit_amounts"], row["attributes"], row["form_fields"]) == ([{"amount": 0}], [], [])
    plain = api.get(f"{PATH}?id:in=1").json()["data"][0]
    assert not {"addresses", "store_credit_amounts"} & plain.keys()
    assert api.get(f"{PATH}?include=orders").status_code == 422


def test_both_page_styles_come_on_page_one(api: Api) -> None:
    first = api.get(f"{PATH}?limit=3").json()
    assert sorted(first["meta"]) == ["cursor_pagination", "pagination"]
    cursor = first["meta"]["cursor_pagination"]["end_cursor"]
    by_cursor = api.get(f"{PATH}?limit=3&after={cursor}").json()
    second = api.get(f"{PATH}?limit=3&page=2").json()
    assert by_cursor["data"] == second["data"]
    assert (list(second["meta"]), list(by_cursor["meta"])) == (["pagination"], ["cursor_pagination"])
    back = api.get(f"{PATH}?limit=3&before={by_cursor['meta']['cursor_pagination']['start_cursor']}").json()
    assert back["data"] == first["data"]


def test_deleting_without_a_filter_does_nothing(api: Api) -> None:
    before = api.get(f"{PATH}?limit=1").json()["meta"]["pagination"]["total"]
    assert api.delete(PATH).status_code == 204
    assert api.get(f"{PATH}?limit=1").json()["meta"]["pagination"]["total"] == before
    assert api.delete(f"{PATH}?id:in=1,2").status_code == 204
    assert api.get(f"{PATH}?limit=1").json()["meta"]["pagination"]["total"] == before - 2


def test_attributes(api: Api) -> None:
    customer = made(api)
    attribute = api.post(f"{PATH}/attributes", [{"name": "POS id", "type": "string"}]).json()["data"][0]
    body = [{"customer_id": customer["id"], "attribute_id": attribute["id"], "value": "H-77"}]
    value = api.put(f"{PATH}/attribute-values", body).json()["data"][0]
    assert (value["attribute_value"], value["attribute_id"]) == ("H-77", attribute["id"])
    assert api.put(f"{PATH}/attribute-values", [{**body[0], "value": "H-78"}]).json()["data"][0]["id"] == value["id"]
    found = api.get(f"{PATH}/attribute-values?customer_id:in={customer['id']}").json()["data"]
    assert [row["attribute_value"] for row in found] == ["H-78"]
    assert api.get(f"{PATH}?id:in={customer['id']}&include=attributes").json()["data"][0]["attribute_count"] == 1


def test_groups_are_v2(api: Api) -> None:
    group = api.post("/v2/customer_groups", {"name": "Club"})
    assert (group.status_code, group.json()["name"]) == (200, "Club")
    assert api.post("/v2/customer_groups", {}).status_code == 400
    assert api.get("/v2/customer_groups/count").json() == {"count": 2}
    assert made(api, customer_group_id=group.json()["id"])["customer_group_id"] == group.json()["id"]
    assert api.delete(f"/v2/customer_groups/{group.json()['id']}").status_code == 204
