"""Tokens, permissions, OAuth and throttling (§2, §3)."""

import http.client
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.sandbox.heartland_client import Answer, Caller

LIMITED = "sim-heartland-limited"


@pytest.fixture
def api(heartland_url: str) -> Caller:
    return Caller(heartland_url)


def raw(url: str, method: str, path: str, headers: dict[str, str], body: str | None = None) -> Answer:
    line = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    line.request(method, path, body, headers)
    return Answer(line.getresponse())


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer nope"},
        {"Authorization": "Token token=sim-heartland-token"},
        {"Authorization": "x"},
    ],
)
def test_without_a_live_bearer_token_everything_is_401(api: Caller, headers: dict[str, str]) -> None:
    answer = raw(api.url, "GET", "/api/items", headers)
    assert (answer.status, answer.json["error"]) == (401, "unauthorized")


def test_whoami_is_the_tokens_user(api: Caller) -> None:
    who = api.get("/system/whoami")
    assert (who["id"], who["login"], who["first_name"], who["active?"]) == (100001, "owner@example.com", "Robin", True)
    assert Caller(api.url, LIMITED).get("/system/whoami")["login"] == "kim@example.com"


def test_system_host_is_the_tenant(api: Caller) -> None:
    assert api.get("/system/host") == {"host": urlsplit(api.url).netloc}


@pytest.mark.parametrize(
    ("method", "path", "needed"),
    [
        ("POST", "/stations", "location.manage"),
        ("POST", "/payment_types", "payment_type.manage"),
        ("POST", "/custom_fields", "custom_field.manage"),
        ("POST", "/customers", "customer.manage"),
        ("POST", "/sales/orders", "sales.order.manage"),
        ("POST", "/sales/tickets", "sales.ticket.manage"),
        ("GET", "/webhooks", "webhook.manage"),
        ("GET", "/gift_cards", "gift_card.manage"),
    ],
)
def test_a_missing_permission_is_403_and_names_it(api: Caller, method: str, path: str, needed: str) -> None:
    limited = Caller(api.url, LIMITED)
    assert limited.refused(method, path, {} if method == "POST" else None) == (
        403,
        {"error": "forbidden", "message": f"Permission required: {needed}"},
    )
    api.switch(token_scopes=False)
    assert limited.call(method, f"/api{path}", {} if method == "POST" else None).status in (200, 400)


def test_who_may_manage_may_read(api: Caller) -> None:
    api.sim("POST", "/tokens", {"token": "one", "permissions": ["sales.order.manage"]})
    assert Caller(api.url, "one").get("/sales/orders")["total"] == 0
    assert Caller(api.url, "one").refused("GET", "/customers")[0] == 403


def test_a_location_that_is_not_enabled_is_not_seen_and_not_written(api: Caller) -> None:
    limited = Caller(api.url, LIMITED)
    assert [row["id"] for row in limited.rows("/locations")] == [100005, 100006, 100007]
    assert limited.refused("GET", "/locations/100008")[0] == 403
    rows = limited.rows("/inventory/values", {"group[]": ["item_id", "location_id"], "per_page": "all"})
    assert {row["location_id"] for row in rows} == {100005, 100006}
    moved = limited.rows("/inventory/transactions", {"per_page": "all"})
    assert {row["location_id"] for row in moved} == {100005, 100006}
    api.sim("POST", "/tokens", {"token": "main", "location_ids": [100005]})
    body = {"location_id": 100008, "adjustment_reason_id": 100001}
    assert Caller(api.url, "main").refused("POST", "/inventory/adjustment_sets", body)[0] == 403
    assert api.get("/inventory/adjustment_sets")["total"] == 0


def test_a_revoked_token_is_401_from_then_on(api: Caller) -> None:
    limited = Caller(api.url, LIMITED)
    assert limited.get("/system/whoami")["id"] == 100002
    api.sim("POST", "/tokens/change", {"token": LIMITED, "revoked": True})
    assert limited.refused("GET", "/system/whoami") == (
        401,
        {"error": "unauthorized", "message": "The access token is missing, invalid or revoked"},
    )


def test_unknown_paths_and_methods(api: Caller) -> None:
    assert api.refused("GET", "/nowhere") == (404, {"error": "not_found", "message": "Path not found"})
    assert api.refused("GET", "/items/1")[0] == 404
    answer = api.call("PATCH", "/api/items/100001", {})
    assert (answer.status, answer.json["error"], answer.headers["Allow"]) == (
        405,
        "method_not_allowed",
        "GET, HEAD, PUT",
    )


def test_broken_json_is_an_invalid_request(api: Caller) -> None:
    for body in ("{", "NaN", "[1]", '"text"'):
        assert api.refused("POST", "/customers", body)[1]["error"] == "invalid_request"


# --- OAuth ----------------------------------------------------------------------------------------

WISH = {
    "client_id": "sim-heartland-client",
    "scope": "item.manage customer.manage",
    "redirect_uri": "https://app.example/cb?x=1",
    "state": "s7",
}
KEYS = {
    "client_id": "sim-heartland-client",
    "client_secret": "sim-heartland-secret",
    "grant_type": "authorization_code",
}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def consent(api: Caller, decision: str = "allow", **more: str) -> dict[str, list[str]]:
    form = urlencode({**WISH, "decision": decision, **more})
    answer = raw(api.url, "POST", "/oauth/authorize", FORM, form)
    assert answer.status == 302
    place = urlsplit(answer.headers["Location"])
    assert f"{place.scheme}://{place.netloc}{place.path}" == "https://app.example/cb"
    return parse_qs(place.query)


def test_the_consent_page_lists_what_is_asked(api: Caller) -> None:
    page = raw(api.url, "GET", f"/oauth/authorize?{urlencode(WISH)}", {})
    assert page.status == 200
    for told in (b"Manage items and grids", b"Create and manage customers", b"Allow", b"Deny", b"Harbor &amp; Pine"):
        assert told in page.raw


@pytest.mark.parametrize(
    "wrong", [{"client_id": "other"}, {"scope": ""}, {"scope": "item.destroy"}, {"redirect_uri": ""}]
)
def test_a_wrong_authorization_request_gets_no_code(api: Caller, wrong: dict[str, str]) -> None:
    assert raw(api.url, "GET", f"/oauth/authorize?{urlencode({**WISH, **wrong})}", {}).status == 400
    assert (
        raw(api.url, "POST", "/oauth/authorize", FORM, urlencode({**WISH, **wrong, "decision": "allow"})).status == 400
    )


def test_a_registered_redirect_uri_is_the_only_one(api: Caller) -> None:
    api.sim("PUT", "/app", {"redirect_uri": "https://app.example/other"})
    try:
        assert raw(api.url, "GET", f"/oauth/authorize?{urlencode(WISH)}", {}).status == 400
    finally:
        api.sim("PUT", "/app", {"redirect_uri": ""})


def test_denied_comes_back_with_the_reason_and_the_state(api: Caller) -> None:
    assert consent(api, "deny") == {"x": ["1"], "error": ["access_denied"], "state": ["s7"]}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_code_buys_one_token_with_the_scopes_agreed(api: Caller, method: str) -> None:
    back = consent(api)
    assert back["state"] == ["s7"]
    wish = urlencode({**KEYS, "code": back["code"][0], "redirect_uri": WISH["redirect_uri"]})
    ask = (f"/api/oauth/token?{wish}", None) if method == "GET" else ("/api/oauth/token", wish)
    answer = raw(api.url, method, ask[0], FORM, ask[1])
    token = answer.json
    assert answer.status == 200
    assert (token.keys(), token["token_type"], token["scope"]) == (
        {"access_token", "token_type", "scope"},
        "bearer",
        WISH["scope"],
    )
    assert token["access_token"].count(".") == 2
    allowed = Caller(api.url, token["access_token"])
    assert allowed.get("/system/host")["host"] == urlsplit(api.url).netloc
    assert allowed.get("/customers", {"per_page": 1})["total"] > 0
    assert allowed.refused("GET", "/webhooks")[0] == 403
    again = raw(api.url, method, ask[0], FORM, ask[1])
    assert (again.status, again.json["error"]) == (400, "invalid_grant")


def test_codes_die_and_secrets_are_checked(api: Caller) -> None:
    code = consent(api)["code"][0]
    wrong = {**KEYS, "client_secret": "x", "code": code}
    assert raw(api.url, "POST", "/api/oauth/token", FORM, urlencode(wrong)).status == 401
    other = {**KEYS, "code": code, "redirect_uri": "https://evil.example/"}
    assert raw(api.url, "POST", "/api/oauth/token", FORM, urlencode(other)).json["error"] == "invalid_grant"
    late = consent(api)["code"][0]
    api.sim("POST", "/clock/advance", {"seconds": 601})
    answer = raw(api.url, "POST", "/api/oauth/token", FORM, urlencode({**KEYS, "code": late}))
    assert (answer.status, answer.json["error"]) == (400, "invalid_grant")


# --- throttling -----------------------------------------------------------------------------------


def test_the_bucket_empties_and_fills_by_the_clock(api: Caller) -> None:
    api.sim("PUT", "/clock", {"frozen_at": "2026-03-01T12:00:00+00:00"})
    api.switch(rate_limit=True)
    who = "/api/system/whoami"
    answers = [api.call("GET", who) for _ in range(12)]
    assert [one.status for one in answers] == [200] * 10 + [429] * 2
    assert (answers[-1].headers["Retry-After"], answers[-1].json["error"]) == ("1", "rate_limited")
    assert Caller(api.url, LIMITED).call("GET", who).status == 200
    api.sim("POST", "/clock/advance", {"seconds": 1})
    assert [api.call("GET", who).status for _ in range(6)] == [200] * 5 + [429]
    api.switch(rate_per_second=100, rate_burst=50)
    api.sim("POST", "/clock/advance", {"seconds": 1})
    assert [api.call("GET", who).status for _ in range(51)] == [200] * 50 + [429]


def test_a_throttled_write_wrote_nothing(api: Caller) -> None:
    api.sim("PUT", "/clock", {"frozen_at": "2026-03-01T12:00:00+00:00"})
    api.switch(rate_limit=True, rate_burst=2)
    body = {"first_name": "Only", "last_name": "Twice"}
    assert [api.call("POST", "/api/customers", body).status for _ in range(4)] == [201, 201, 429, 429]
    api.switch(rate_limit=False)
    assert api.get("/customers", {"query": "Only Twice"})["total"] == 2


def test_more_than_two_writes_at_a_time_are_throttled(api: Caller) -> None:
    api.switch(rate_limit=True, rate_burst=1000, rate_per_second=1000)
    api.sim("POST", "/faults", {"method": "POST", "path": "/customers$", "latency_ms": 400})

    def write(number: int) -> int:
        return Caller(api.url).call("POST", "/api/customers", {"first_name": "P", "last_name": str(number)}).status

    with ThreadPoolExecutor(5) as pool:
        statuses = sorted(pool.map(write, range(5)))
    assert statuses == [201, 201, 429, 429, 429]
    api.sim("DELETE", "/faults")
    assert api.get("/customers", {"~[first_name]": "P"})["total"] == 2
    assert write(9) == 201
