"""Install, token exchange, signed callbacks, uninstall (note §2, §3)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.sandbox.bigcommerce_api import HASH, Api, receiver
from tests.sandbox.conftest import Running

CALLBACK = "https://app.example.com/bigcommerce/auth"
SECRET = "sim-client-secret-0001"
JSON = {"Accept": "application/json", "Content-Type": "application/json"}


@pytest.fixture
def api(bigcommerce_server: Running, bigcommerce_url: str) -> Api:
    """A client of a fresh store at noon of 6 January 2026, the app's callback registered."""
    found = Api(bigcommerce_server)
    found.stop_time()
    found.control("PUT", "app", {"auth_callback": CALLBACK, "scopes": ["store_v2_orders", "store_v2_products"]})
    return found


def consent(api: Api, **wish: Any) -> dict[str, str]:
    """The query of the auth callback after consent."""
    url = api.control("POST", "app/install", wish)["url"]
    assert url.startswith(f"{CALLBACK}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def fields(query: dict[str, str], **more: Any) -> dict[str, Any]:
    """The seven fields of an exchange."""
    return {
        "client_id": "simclientid0001",
        "client_secret": SECRET,
        "code": query["code"],
        "scope": query["scope"],
        "context": query["context"],
        "grant_type": "authorization_code",
        "redirect_uri": CALLBACK,
        **more,
    }


def exchange(api: Api, body: dict[str, Any], **more: Any) -> requests.Response:
    """POST /oauth2/token as JSON."""
    return requests.post(f"{api.url}/oauth2/token", json=body, headers=more.pop("headers", JSON), timeout=5)


def test_the_callback_carries_what_the_note_lists(api: Api) -> None:
    query = consent(api)
    assert query == {
        "account_uuid": "1f0c2c1e-8f5b-4d63-9a51-2b6c1d9f7e10",
        "code": query["code"],
        "context": f"stores/{HASH}",
        "scope": "store_v2_orders store_v2_products",
        "external_install": "1",
    }
    assert "external_install" not in consent(api, external=False)
    assert "state" not in query


def test_an_exchange_gives_the_answer_of_the_note_and_a_working_token(api: Api) -> None:
    answer = exchange(api, fields(consent(api, user_id=501)))
    assert answer.status_code == 200
    body = answer.json()
    assert body == {
        "access_token": body["access_token"],
        "scope": "store_v2_orders store_v2_products",
        "user": {"id": 501, "username": "staff@example.com", "email": "staff@example.com"},
        "owner": {"id": 500, "username": "owner@example.com", "email": "owner@example.com"},
        "context": f"stores/{HASH}",
        "account_uuid": "1f0c2c1e-8f5b-4d63-9a51-2b6c1d9f7e10",
    }
    client = Api(api.server, body["access_token"])
    assert (client.get("/v2/orders").status_code, client.get("/v3/customers").status_code) == (200, 403)


def test_a_form_is_as_good_as_json(api: Api) -> None:
    answer = requests.post(f"{api.url}/oauth2/token", data=fields(consent(api)), timeout=5)
    assert answer.status_code == 200


def test_a_code_works_once_and_ten_minutes(api: Api) -> None:
    body = fields(consent(api))
    assert exchange(api, body).status_code == 200
    again = exchange(api, body)
    assert (again.status_code, again.json()) == (400, {"error": "invalid_grant"})
    late, in_time = fields(consent(api)), fields(consent(api))
    api.advance(600)
    assert exchange(api, in_time).status_code == 200
    api.advance(1)
    assert exchange(api, late).json() == {"error": "invalid_grant"}


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"redirect_uri": f"{CALLBACK}/"}, 400, "The redirect_uri does not match registered URI."),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "wrong"}, 401, "invalid_client"),
        ({"code": "wrong"}, 400, "invalid_grant"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"code": ""}, 400, "invalid_request"),
        ({"redirect_uri": ""}, 400, "invalid_request"),
    ],
)
def test_bad_exchanges(api: Api, change: dict[str, Any], status: int, error: str) -> None:
    query = consent(api)
    answer = exchange(api, fields(query, **change))
    assert (answer.status_code, answer.json()) == (status, {"error": error})
    assert exchange(api, fields(query)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": "text/html", "Content-Type": "application/json"},
        {"Accept": "application/json", "Content-Type": "text/plain"},
    ],
)
def test_odd_formats_are_406(api: Api, headers: dict[str, str]) -> None:
    answer = exchange(api, fields(consent(api)), headers=headers)
    assert (answer.status_code, answer.json()) == (406, {"error": "Invalid format."})


def test_an_exchange_without_accept_is_fine(api: Api) -> None:
    answer = exchange(api, fields(consent(api)), headers={"Accept": None, "Content-Type": "application/json"})
    assert (answer.status_code, answer.request.headers.get("Accept")) == (200, None)


@pytest.mark.parametrize("context", [None, "stores/other"])
def test_a_wrong_context_gives_a_token_that_opens_nothing(api: Api, context: str | None) -> None:
    body = fields(consent(api), context=context)
    answer = exchange(api, body)
    assert (answer.status_code, answer.json()["scope"]) == (200, None)
    client = Api(api.server, answer.json()["access_token"])
    assert [client.get(path).status_code for path in ("/v2/orders", "/v3/hooks", "/v2/time")] == [403, 403, 403]


def test_null_scope_and_old_answers_are_switches(api: Api) -> None:
    api.switch(null_scope=True, bare_token_answer=True)
    body = exchange(api, fields(consent(api))).json()
    assert (body["scope"], sorted(body)) == (None, ["access_token", "context", "scope", "user"])


def test_consent_again_replaces_the_token_at_the_exchange(api: Api) -> None:
    first = Api(api.server, exchange(api, fields(consent(api))).json()["access_token"])
    url = api.control("POST", "app/reconsent", {"scopes": ["store_v2_orders", "store_inventory"]})["url"]
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert (query["scope"], "external_install" in query) == ("store_v2_orders store_inventory", False)
    assert first.get("/v2/orders").status_code == 200
    second = Api(api.server, exchange(api, fields(query)).json()["access_token"])
    assert (first.get("/v2/orders").status_code, second.get("/v3/inventory/items").status_code) == (401, 200)


def claims_of(url: str) -> dict[str, Any]:
    """The claims of a callback's signed payload, its signature checked."""
    token = parse_qs(urlsplit(url).query)["signed_payload_jwt"][0]
    head, body, signature = token.split(".")
    mac = hmac.new(SECRET.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest()
    assert signature == base64.urlsafe_b64encode(mac).rstrip(b"=").decode()
    assert json.loads(base64.urlsafe_b64decode(head + "==")) == {"alg": "HS256", "typ": "JWT"}
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=="))
    return found


def test_the_load_callback_has_the_claims_of_the_note(api: Api) -> None:
    api.control("PUT", "app", {"load_callback": "https://app.example.com/load"})
    url = api.control("POST", "app/load", {"user_id": 501, "url": "/orders", "channel_id": 1})["url"]
    claims = claims_of(url)
    assert claims == {
        "aud": "simclientid0001",
        "iss": "bc",
        "iat": 1767700800,
        "nbf": 1767700795,
        "exp": 1767787200,
        "jti": claims["jti"],
        "sub": f"stores/{HASH}",
        "user": {"id": 501, "email": "staff@example.com", "locale": "en-US"},
        "owner": {"id": 500, "email": "owner@example.com"},
        "url": "/orders",
        "channel_id": 1,
    }
    assert len(claims["jti"]) == 36


def test_uninstalling_kills_token_and_hooks_and_is_told(api: Api) -> None:
    client = Api(api.server, exchange(api, fields(consent(api))).json()["access_token"])
    client.post("/v3/hooks", {"scope": "store/order/*", "destination": "https://app.example.com/hooks"})
    with receiver() as app:
        api.control("PUT", "app", {"uninstall_callback": f"{app.url}/uninstall"})
        api.control("POST", "app/uninstall", {})
        app.wait(1)
        path = app.got[0][2]
    assert path.startswith("/uninstall?signed_payload_jwt=")
    assert claims_of(path)["user"]["id"] == 500
    assert client.get("/v2/orders").status_code == 401
    assert api.control("GET", "state/hooks")["rows"] == []
    assert api.control("GET", "app")["installed"] is False


def test_an_uninstall_callback_can_be_lost(api: Api) -> None:
    client = Api(api.server, exchange(api, fields(consent(api))).json()["access_token"])
    with receiver() as app:
        api.control("PUT", "app", {"uninstall_callback": f"{app.url}/uninstall"})
        api.control("POST", "app/uninstall", {"lose": True})
        assert client.get("/v2/time").status_code == 401
        assert app.got == []


def test_a_removed_user_is_told_of(api: Api) -> None:
    with receiver() as app:
        api.control("PUT", "app", {"remove_user_callback": f"{app.url}/remove?x=1"})
        api.control("POST", "app/remove-user", {"user_id": 501})
        app.wait(1)
        path = app.got[0][2]
    assert path.startswith("/remove?x=1&signed_payload_jwt=")
    assert claims_of(path)["user"]["email"] == "staff@example.com"
    owner = requests.post(f"{api.url}/_sim/app/remove-user", json={"user_id": 500}, timeout=5)
    assert owner.status_code == 404
