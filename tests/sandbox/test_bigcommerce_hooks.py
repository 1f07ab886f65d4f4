"""Managing webhooks (note §25.1)."""

from __future__ import annotations

from typing import Any

import pytest

from ipaas.sandbox.bigcommerce.hooks import scope_matches
from tests.sandbox.bigcommerce_api import HASH, Api
from tests.sandbox.conftest import Running

PATH = "/v3/hooks"
URL = "https://app.example.com/bigcommerce/hooks/7f3a"
HOOK: dict[str, Any] = {
    "scope": "store/order/*",
    "destination": URL,
    "is_active": True,
    "headers": {"X-Hook-Secret": "k3v"},
}


@pytest.fixture
def api(bigcommerce_server: Running, bigcommerce_url: str) -> Api:
    """A client of a fresh store at noon of 6 January 2026."""
    found = Api(bigcommerce_server)
    found.stop_time()
    return found


def test_a_hook_is_the_object_of_the_note(api: Api) -> None:
    answer = api.post(PATH, HOOK)
    assert answer.status_code == 200
    hook = answer.json()["data"]
    assert answer.json() == {
        "data": {
            "id": 31200045,
            "client_id": "simclientid0001",
            "store_hash": HASH,
            **HOOK,
            "created_at": 1767700800,
            "updated_at": 1767700800,
        },
        "meta": {},
    }
    assert api.get(f"{PATH}/{hook['id']}").json()["data"] == hook
    assert api.get(PATH).json()["data"] == [hook]
    api.advance(5)
    changed = api.put(f"{PATH}/{hook['id']}", {"is_active": False})
    assert (changed.status_code, changed.json()["data"]) == (
        200,
        {**hook, "is_active": False, "updated_at": 1767700805},
    )
    gone = api.delete(f"{PATH}/{hook['id']}")
    assert (gone.status_code, gone.json()["data"]["id"]) == (200, hook["id"])
    missing = api.get(f"{PATH}/{hook['id']}")
    assert (missing.status_code, missing.json()["title"]) == (404, f"Webhook with id [{hook['id']}] not found")


def test_v2_shows_the_bare_object_with_201(api: Api) -> None:
    answer = api.post("/v2/hooks", HOOK)
    hook = answer.json()
    assert (answer.status_code, "data" in hook, "store_hash" in hook, hook["scope"]) == (
        201,
        False,
        False,
        "store/order/*",
    )
    assert api.get("/v2/hooks").json() == [hook]
    assert api.get(f"/v2/hooks/{hook['id']}").json() == hook
    assert api.put(f"/v2/hooks/{hook['id']}", {"is_active": False}).json()["is_active"] is False
    assert api.delete(f"/v2/hooks/{hook['id']}").json()["id"] == hook["id"]
    assert api.get(f"/v2/hooks/{hook['id']}").json()[0]["message"] == f"Webhook with id [{hook['id']}] not found"


@pytest.mark.parametrize(
    ("destination", "ok"),
    [
        ("https://app.example.com/x", True),
        ("https://app.example.com:443/x", True),
        ("http://app.example.com/x", False),
        ("https://app.example.com:8443/x", False),
        ("ftp://app.example.com/x", False),
        ("https://localhost/x", False),
        ("http://127.0.0.1:9000/x", False),
        ("nonsense", False),
        ("", False),
    ],
)
def test_only_https_and_port_443(api: Api, destination: str, ok: bool) -> None:
    answer = api.post(PATH, {**HOOK, "destination": destination})
    assert answer.status_code == (200 if ok else 422)
    if not ok:
        assert list(answer.json()["errors"]) == ["destination"]


def test_a_switch_lets_loopback_through(api: Api) -> None:
    api.switch(allow_http_loopback=True)
    for number, url in enumerate(("http://127.0.0.1:9000/x", "http://localhost:80/x", "http://[::1]:7/x")):
        assert api.post(PATH, {**HOOK, "destination": url}).status_code == 200, number
    assert api.post(PATH, {**HOOK, "destination": "http://app.example.com/x"}).status_code == 422


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"scope": "store/weather/updated"}, "scope"),
        ({"scope": None}, "scope"),
        ({"headers": ["x"]}, "headers"),
        ({"headers": {"X": 1}}, "headers"),
        ({"is_active": "yes"}, "is_active"),
        ({"destination": None}, "destination"),
    ],
)
def test_bad_hooks_are_422(api: Api, change: dict[str, Any], field: str) -> None:
    body = {name: value for name, value in {**HOOK, **change}.items() if value is not None}
    answer = api.post(PATH, body)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])


def test_scope_and_destination_are_unique_per_client(api: Api) -> None:
    assert api.post(PATH, HOOK).status_code == 200
    assert api.post(PATH, HOOK).status_code == 409
    other = api.post(PATH, {**HOOK, "destination": f"{URL}/2"}).json()["data"]["id"]
    assert api.put(f"{PATH}/{other}", {"destination": URL}).status_code == 409
    api.switch(duplicate_hook_status=422)
    assert api.post(PATH, HOOK).status_code == 422
    api.control("POST", "tokens", {"token": "other-app", "client_id": "someoneelse"})
    stranger = Api(api.server, "other-app")
    assert stranger.post(PATH, HOOK).status_code == 200
    assert [hook["client_id"] for hook in stranger.get(PATH).json()["data"]] == ["someoneelse"]
    assert stranger.get(f"{PATH}/{other}").status_code == 404


def test_at_most_ten_per_scope(api: Api) -> None:
    statuses = [api.post(PATH, {**HOOK, "destination": f"{URL}/{n}"}).status_code for n in range(11)]
    assert statuses == [200] * 10 + [422]
    assert api.post(PATH, {**HOOK, "scope": "store/sku/*"}).status_code == 200


def test_the_exception_hook_stands_alone(api: Api) -> None:
    api.post(PATH, HOOK)
    exception = {**HOOK, "scope": "store/hook/deliveryException"}
    assert api.post(PATH, exception).status_code == 422
    assert api.post(PATH, {**exception, "destination": "https://ops.example.com/x"}).status_code == 200
    assert api.post(PATH, {**exception, "destination": "https://ops.example.com/y"}).status_code == 422
    assert api.post(PATH, {**HOOK, "destination": "https://ops.example.com/x"}).status_code == 422


def test_filters(api: Api) -> None:
    first = api.post(PATH, HOOK).json()["data"]["id"]
    second = api.post(PATH, {**HOOK, "scope": "store/sku/*", "is_active": False}).json()["data"]["id"]

    def found(query: str) -> list[int]:
        return [row["id"] for row in api.get(f"{PATH}?{query}").json()["data"]]

    assert found("is_active=true") == [first]
    assert found("is_active=false") == [second]
    assert found("scope=store/sku/*") == [second]
    assert found(f"destination={URL}") == [first, second]
    assert found("limit=1&page=2") == [second]


def test_the_notification_mails(api: Api) -> None:
    hook = api.post(PATH, HOOK).json()["data"]
    sleeping = api.post(PATH, {**HOOK, "scope": "store/sku/*", "is_active": False}).json()["data"]
    listed = [{**hook, "status": "active"}, {**sleeping, "status": "deactivated"}]
    assert api.get(f"{PATH}/admin").json()["data"] == {
        "emails": ["owner@example.com"],
        "hooks_list": listed,
        "blocked_domains": [],
    }
    assert api.get(f"{PATH}/admin?is_active=false").json()["data"]["hooks_list"] == listed[1:]
    assert api.put(f"{PATH}/admin", {"emails": ["ops@example.com"]}).status_code == 204
    assert api.get(f"{PATH}/admin").json()["data"]["emails"] == ["ops@example.com"]
    assert api.put(f"{PATH}/admin", {"emails": "x"}).status_code == 422


def test_a_hook_without_events_for_90_days_is_switched_off(api: Api) -> None:
    hook = api.post(PATH, HOOK).json()["data"]["id"]
    api.advance(90 * 86_400)
    assert api.get(f"{PATH}/{hook}").json()["data"]["is_active"] is True
    api.advance(1)
    assert api.get(f"{PATH}/{hook}").json()["data"]["is_active"] is False
    assert api.put(f"{PATH}/{hook}", {"is_active": True}).json()["data"]["is_active"] is True
    assert api.get(f"{PATH}/{hook}").json()["data"]["is_active"] is True


@pytest.mark.parametrize(
    ("wanted", "scope", "deep", "hears"),
    [
        ("store/order/*", "store/order/created", True, True),
        ("store/order/*", "store/order/refund/created", True, True),
        ("store/order/*", "store/order/refund/created", False, False),
        ("store/order/*", "store/shipment/created", True, False),
        ("store/order/created", "store/order/created", False, True),
        ("store/order/created", "store/order/updated", True, False),
        ("store/sku/*", "store/sku/inventory/order/updated", True, True),
        (
            "store/channel/*/inventory/product/stock_changed",
            "store/channel/*/inventory/product/stock_changed",
            True,
            True,
        ),
    ],
)
def test_who_hears_what(wanted: str, scope: str, deep: bool, hears: bool) -> None:
    assert scope_matches(wanted, scope, deep=deep) is hears
