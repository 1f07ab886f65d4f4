"""Tokens, tenants, scopes, limits, headers and error bodies (note §1, §4, §5, §7)."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import requests

from tests.sandbox.bigcommerce_api import HASH, TOKEN, Api
from tests.sandbox.conftest import Running

TYPE = "https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes"


@pytest.fixture
def api(bigcommerce_server: Running, bigcommerce_url: str) -> Api:
    """A client of a fresh store."""
    return Api(bigcommerce_server)


def test_the_time_is_the_cheapest_credential_check(api: Api) -> None:
    api.stop_time()
    answer = api.get("/v2/time")
    assert (answer.status_code, answer.json()) == (200, {"time": 1767700800})


def test_a_v2_path_may_end_in_json_and_xml_is_not_acceptable(api: Api) -> None:
    assert api.get("/v2/time.json").status_code == 200
    assert api.get("/v2/time.xml").status_code == 406
    refused = api.get("/v2/time", headers={"Accept": "application/xml"})
    assert (refused.status_code, refused.json()) == (406, [{"status": 406, "message": "Not Acceptable"}])


@pytest.mark.parametrize("path", ["/v2/orders", "/v3/customers"])
@pytest.mark.parametrize("token", ["", "nobody"])
def test_an_unknown_token_is_401(api: Api, path: str, token: str) -> None:
    answer = Api(api.server, token).get(path)
    assert answer.status_code == 401
    assert answer.json() == {"status": 401, "title": "Unauthorized", "type": TYPE, "errors": {}}
    assert not [name for name in answer.headers if name.lower().startswith("x-rate-limit")]


def test_a_401_of_hooks_has_its_own_words(api: Api) -> None:
    answer = Api(api.server, "nobody").get("/v3/hooks")
    assert answer.json()["title"] == (
        "Unauthorized - the v3 Auth client ID or token in the request are not a valid combination for this store."
    )


def test_a_store_hash_the_token_does_not_belong_to_is_403(api: Api) -> None:
    answer = requests.get(f"{api.url}/stores/zzzzz/v3/customers", headers={"X-Auth-Token": TOKEN}, timeout=5)
    assert answer.status_code == 403
    assert answer.json()["title"] == "You don't have a required scope to access the endpoint"


@pytest.mark.parametrize(
    ("method", "path", "granted", "status"),
    [
        ("GET", "/v2/orders", "store_v2_orders", 200),
        ("GET", "/v2/orders", "store_v2_orders_read_only", 200),
        ("GET", "/v2/orders", "store_v2_transactions", 403),
        ("PUT", "/v2/orders/10001", "store_v2_orders_read_only", 403),
        ("GET", "/v3/orders/10003/transactions", "store_v2_orders", 403),
        ("GET", "/v3/orders/10003/transactions", "store_v2_transactions_read_only", 204),
        ("GET", "/v3/orders/10003/payment_actions/refunds", "store_v2_orders_read_only", 200),
        ("POST", "/v3/orders/10003/payment_actions/refund_quotes", "store_v2_transactions_read_only", 403),
        ("GET", "/v3/catalog/products", "store_v2_products_read_only", 200),
        ("POST", "/v3/catalog/products", "store_v2_products_read_only", 403),
        ("GET", "/v3/customers", "store_v2_customers_read_only", 200),
        ("GET", "/v2/gift_certificates", "store_v2_marketing_read_only", 200),
        ("GET", "/v2/time", "store_v2_information_read_only", 200),
        ("GET", "/v2/store", "store_v2_orders", 403),
        ("GET", "/v3/inventory/items", "store_inventory_read_only", 200),
        ("PUT", "/v3/inventory/adjustments/absolute", "store_inventory_read_only", 403),
        ("GET", "/v3/inventory/locations", "store_locations_read_only", 200),
        ("GET", "/v3/channels", "store_channel_settings_read_only", 200),
        ("GET", "/v3/payments/methods?order_id=10001", "store_payments_methods_read", 200),
        ("GET", "/v3/hooks", "store_v2_orders", 200),
    ],
)
def test_every_route_asks_for_its_scope(api: Api, method: str, path: str, granted: str, status: int) -> None:
    api.switch(transactions="204")
    api.control("POST", "tokens", {"token": "narrow", "scopes": [granted]})
    body: Any = {} if method != "GET" else None
    answer = Api(api.server, "narrow").call(method, path, body)
    assert answer.status_code == status
    if status == 403 and path.startswith("/v2"):
        assert answer.json() == [{"status": 403, "message": "You don't have a required scope to access the endpoint"}]
    elif status == 403:
        assert answer.json() == {
            "status": 403,
            "title": "You don't have a required scope to access the endpoint",
            "type": TYPE,
            "errors": {},
        }


def test_the_scope_error_of_v2_has_older_shapes(api: Api) -> None:
    api.control("POST", "tokens", {"token": "narrow", "scopes": ["store_v2_products"]})
    narrow = Api(api.server, "narrow")
    api.switch(v2_scope_error="old")
    assert narrow.get("/v2/orders").json() == {
        "error": "You are authorized but your scope does not include this resource."
    }
    api.switch(v2_scope_error="object")
    assert narrow.get("/v2/orders").json()["errors"] == {}


def test_every_answer_carries_the_rate_headers_and_a_request_id(api: Api) -> None:
    api.stop_time()
    api.control("POST", "clock/advance", {"seconds": 31})
    api.get("/v2/time")
    api.advance(15)
    answer = api.get("/v2/orders/99999999")
    assert answer.status_code == 404
    found = {name: answer.headers[name] for name in answer.headers if name.startswith("X-Rate-Limit")}
    assert found == {
        "X-Rate-Limit-Requests-Quota": "150",
        "X-Rate-Limit-Requests-Left": "148",
        "X-Rate-Limit-Time-Window-Ms": "30000",
        "X-Rate-Limit-Time-Reset-Ms": "15000",
    }
    assert answer.headers["X-Request-ID"]
    assert "Tue, 06 Jan 2026 12:00:46 GMT" in answer.headers["Date"]


def test_the_quota_is_a_fixed_window_of_the_store(api: Api) -> None:
    api.stop_time()
    api.advance(60)
    api.switch(quota=3)
    assert [api.get("/v2/time").status_code for _ in range(5)] == [200, 200, 200, 429, 429]
    answer = api.get("/v2/time")
    assert answer.json() == {"status": 429, "title": "Too many requests", "type": TYPE, "errors": {}}
    assert answer.headers["X-Rate-Limit-Requests-Left"] == "0"
    assert answer.headers["X-Rate-Limit-Time-Reset-Ms"] == "30000"
    assert "X-Retry-After" not in answer.headers
    api.advance(30)
    assert api.get("/v2/time").status_code == 200


def test_throttling_has_its_knobs(api: Api) -> None:
    api.stop_time()
    api.advance(60)
    api.switch(quota=0, retry_after_header=True)
    assert api.get("/v2/time").headers["X-Retry-After"] == "30"
    api.switch(strip_headers_on_429=True, retry_after_header=False, empty_429_body=True)
    bare = api.get("/v2/time")
    assert (bare.status_code, bare.content) == (429, b"")
    assert not [name for name in bare.headers if "Rate-Limit" in name or "Retry" in name]
    api.switch(throttle_as_500=True)
    assert api.get("/v2/time").status_code == 500


def test_a_suspended_store_and_errors_on_demand(api: Api) -> None:
    api.switch(store_suspended=True)
    assert api.get("/v2/time").status_code == 503
    api.switch(store_suspended=False, error_rate={"502": 1})
    assert api.get("/v3/customers").status_code == 502


def test_too_many_calls_at_once_are_429(api: Api) -> None:
    api.switch(concurrency={"GET /v2/time": 1})
    with api.service.lock:  # calls pile up behind the lock, as they would at a busy store
        found: list[int] = []
        calls = [
            threading.Thread(target=lambda: found.append(Api(api.server).get("/v2/time").status_code)) for _ in range(3)
        ]
        for call in calls:
            call.start()
        calls[0].join(0.5)
        for call in calls[1:]:
            call.join(0.5)
        assert found == [429, 429]
    for call in calls:
        call.join(5)
    assert sorted(found) == [200, 429, 429]


def test_bodies_need_the_json_content_type(api: Api) -> None:
    answer = api.call("PUT", "/v2/orders/10001", {"status_id": 2}, headers={"Content-Type": "text/plain"})
    assert (answer.status_code, answer.json()) == (415, [{"status": 415, "message": "Unsupported Media Type"}])
    v3 = api.call("POST", "/v3/hooks", {}, headers={"Content-Type": "application/xml"})
    assert (v3.status_code, v3.json()["title"]) == (415, "Unsupported Media Type")


def test_broken_json_is_400_in_both_versions(api: Api) -> None:
    headers = {"Content-Type": "application/json"}
    v2 = api.call("PUT", "/v2/orders/10001", headers=headers, data="{")
    assert (v2.status_code, type(v2.json())) == (400, list)
    v3 = api.call("POST", "/v3/customers", headers=headers, data="[{]")
    assert (v3.status_code, v3.json()["title"]) == (400, "Input is invalid")


def test_unknown_paths_and_methods_answer_in_the_shape_of_their_version(api: Api) -> None:
    assert api.get("/v2/nothing").json() == [{"status": 404, "message": "The requested resource was not found."}]
    assert api.get("/v3/nothing").json()["status"] == 404
    assert api.call("PATCH", "/v2/orders/10001").status_code == 405
    assert api.call("PATCH", "/v3/customers").json()["title"] == "Method Not Allowed"


def test_every_object_can_have_unknown_fields(api: Api) -> None:
    api.switch(extra_fields=True)
    found = api.get("/v3/channels").json()
    assert found["data"][0]["x_added_without_notice"] == {"since": 2026}
    assert found["meta"]["pagination"]["x_added_without_notice"] == {"since": 2026}
    assert api.get(f"/v2/store?x={HASH}").json()["timezone"]["x_added_without_notice"]


def test_long_answers_are_compressed_for_who_accepts_it(api: Api) -> None:
    assert api.get("/v2/orders").headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in api.get("/v2/time").headers
    assert "Content-Encoding" not in api.get("/v2/orders", headers={"Accept-Encoding": "identity"}).headers
    api.switch(gzip=False)
    assert "Content-Encoding" not in api.get("/v2/orders").headers


def test_refunds_of_one_order_come_one_at_a_time(api: Api) -> None:
    paths = [f"/v3/orders/{number}/payment_actions/refunds" for number in (10001, 10001, 10002)]
    with api.service.lock:
        found: list[tuple[str, int]] = []

        def refund(path: str) -> None:
            found.append((path, Api(api.server).post(path, {}).status_code))

        calls = [threading.Thread(target=refund, args=(path,)) for path in paths]
        for call in calls:
            call.start()
        for call in calls:
            call.join(0.5)
        assert found == [(paths[0], 429)]
    for call in calls:
        call.join(5)
    assert sorted(status for _, status in found) == [422, 422, 429]


def test_the_control_calls_are_listed_for_people(api: Api) -> None:
    page = requests.get(f"{api.url}/_sim/bigcommerce", timeout=5)
    assert page.status_code == 200
    for call in ("POST /_sim/app/uninstall", "POST /_sim/tokens", "POST /_sim/orders", "PUT /_sim/statuses"):
        assert call in page.text
    assert 'href="/_sim/bigcommerce"' in requests.get(f"{api.url}/_sim/", timeout=5).text
