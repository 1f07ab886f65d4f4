"""The control API and the disturbances: faults, clock, switches, calls, deliveries. Tried on the Heartland service."""

import http.client
import time
from typing import Any

import pytest

from tests.sandbox.heartland_client import Caller

WHO = "/api/system/whoami"


@pytest.fixture
def api(heartland_url: str) -> Caller:
    return Caller(heartland_url)


def fault(api: Caller, **rule: Any) -> None:
    api.sim("POST", "/faults", rule)


def test_health_names_the_service_and_counts_rows(api: Caller) -> None:
    health = api.sim("GET", "/health")
    assert (health["status"], health["service"], health["seed"], health["rows"]["locations"]) == (
        "ok",
        "heartland",
        1,
        4,
    )


def test_a_fault_answers_as_often_as_told_with_status_body_and_headers(api: Caller) -> None:
    fault(api, method="GET", path="whoami$", times=2, status=429, body={"error": "x"}, headers={"Retry-After": "7"})
    answers = [api.call("GET", WHO) for _ in range(3)]
    assert [one.status for one in answers] == [429, 429, 200]
    assert (answers[0].json, answers[0].headers["Retry-After"]) == ({"error": "x"}, "7")
    assert api.sim("GET", "/faults")["faults"][0]["hits"] == 2


def test_a_fault_may_let_some_calls_pass_first_and_is_cleared(api: Caller) -> None:
    fault(api, path="whoami", skip=1, status=503)
    assert [api.call("GET", WHO).status for _ in range(3)] == [200, 503, 503]
    assert api.sim("DELETE", "/faults") == {"faults": []}
    assert api.call("GET", WHO).status == 200


def test_probability_is_drawn_from_the_seed(api: Caller) -> None:
    fault(api, path="whoami", probability=0.5, status=500)
    statuses = [api.call("GET", WHO).status for _ in range(40)]
    assert 10 < statuses.count(500) < 30


def test_drop_does_nothing_and_lose_does_the_work(api: Caller) -> None:
    about = {"name": "Lost"}
    fault(api, method="POST", path="/payment_types", times=1, drop=True)
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        api.call("POST", "/api/payment_types", about)
    api = Caller(api.url)
    assert api.get("/payment_types", {"~[name]": "Lost"})["total"] == 0
    api.sim("DELETE", "/faults")
    fault(api, method="POST", path="/payment_types", times=1, lose=True)
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        api.call("POST", "/api/payment_types", about)
    api = Caller(api.url)
    assert api.get("/payment_types", {"~[name]": "Lost"})["total"] == 1


def test_after_does_the_work_and_answers_an_error(api: Caller) -> None:
    fault(api, method="POST", path="/payment_types", times=1, after=True, status=500, body={"error": "internal_error"})
    assert api.call("POST", "/api/payment_types", {"name": "Kept"}).status == 500
    assert api.get("/payment_types", {"~[name]": "Kept"})["total"] == 1


def test_html_and_truncated_answers(api: Caller) -> None:
    fault(api, path="whoami", times=1, html=True)
    answer = api.call("GET", WHO)
    assert (answer.status, answer.headers["Content-Type"]) == (502, "text/html; charset=utf-8")
    api.sim("DELETE", "/faults")
    fault(api, path="whoami", times=1, truncate=True)
    with pytest.raises(http.client.IncompleteRead):
        api.call("GET", WHO)


def test_stall_and_latency_take_their_time(api: Caller) -> None:
    fault(api, path="whoami", times=1, stall=0.2, latency_ms=50)
    began = time.monotonic()
    assert api.call("GET", WHO).status == 200
    assert time.monotonic() - began >= 0.25


def test_a_misspelt_fault_is_refused(api: Caller) -> None:
    answer = api.call("POST", "/_sim/faults", {"pth": "x"})
    assert (answer.status, answer.json) == (400, {"error": "unknown key: pth"})


def test_the_clock_freezes_advances_and_runs_again(api: Caller) -> None:
    frozen = api.sim("PUT", "/clock", {"frozen_at": "2026-03-01T12:00:00+00:00"})
    assert frozen["now"] == "2026-03-01T12:00:00+00:00"
    assert api.sim("POST", "/clock/advance", {"seconds": 90})["now"] == "2026-03-01T12:01:30+00:00"
    item = api.post("/items", {"description": "Clock", "cost": 1, "price": 2})
    assert api.get(f"/items/{item}")["created_at"] == "2026-03-01T12:01:30+00:00"
    shifted = api.sim("PUT", "/clock", {"offset_seconds": 3600})
    assert (shifted["frozen_at"], shifted["offset_seconds"]) == (None, 3600)
    assert api.call("PUT", "/_sim/clock", {"frozen_at": "2026-03-01T12:00:00"}).status == 400


def test_switches_are_listed_set_and_checked(api: Caller) -> None:
    listed = api.sim("GET", "/switches")
    assert (listed["put_response"]["value"], listed["put_response"]["default"]) == ("204", "204")
    api.switch(put_response="200-record")
    assert api.sim("GET", "/switches")["put_response"]["value"] == "200-record"
    for wrong in ({"nope": 1}, {"put_response": "201"}, {"strict_paths": "yes"}, {"concurrent_writes": True}):
        assert api.call("PUT", "/_sim/switches", wrong).status == 400


def test_calls_are_counted_by_route_without_control_calls(api: Caller) -> None:
    api.sim("DELETE", "/calls")
    api.get("/items", {"per_page": 1})
    api.get("/items/100001")
    api.get("/items/100002")
    api.call("GET", "/api/nowhere")
    calls = api.sim("GET", "/calls?log=1")
    assert calls["total"] == 4
    assert calls["counts"] == {"GET /api/items": 1, "GET /api/items/<int:row_id>": 2, "unmatched": 1}
    assert calls["statuses"] == {"200": 3, "404": 1}
    assert [(row["method"], row["path"], row["status"]) for row in calls["log"]][:2] == [
        ("GET", "/api/items?per_page=1", 200),
        ("GET", "/api/items/100001", 200),
    ]


def test_reset_brings_the_seed_back(api: Caller) -> None:
    before = api.sim("GET", "/health")["rows"]
    api.post("/customers", {"first_name": "A", "last_name": "B"})
    api.switch(validation_status=422)
    assert api.sim("POST", "/reset", {}) == api.sim("GET", "/health")
    assert api.sim("GET", "/health")["rows"] == before
    assert api.sim("GET", "/switches")["validation_status"]["value"] == 400


def test_state_shows_rows(api: Caller) -> None:
    shown = api.sim("GET", "/state/locations?limit=1&after=100005")
    assert (shown["total"], [row["name"] for row in shown["rows"]]) == (4, ["Pine Annex"])
    assert api.call("GET", "/_sim/state/nope").status == 404


def test_the_start_page_and_the_stylesheet(api: Caller) -> None:
    page = api.call("GET", "/_sim/")
    assert page.status == 200
    for told in (
        b"sim-heartland-token",
        b"sim-heartland-client",
        b"/desk/distribute",
        b"auto_tax_rate",
        b"/_sim/faults",
    ):
        assert told in page.raw
    assert api.call("GET", "/_sim/style.css").headers["Content-Type"] == "text/css; charset=utf-8"


# --- deliveries -----------------------------------------------------------------------------------


def listen(api: Caller, url: str) -> None:
    api.post("/webhooks", {"url": url, "events": ["customer_created"]})


def someone(api: Caller, name: str) -> int:
    return api.post("/customers", {"first_name": name, "last_name": "Hook"})


def test_every_delivery_is_sent_once_at_once_and_logged(api: Caller, hook_receiver: Any) -> None:
    listen(api, f"{hook_receiver.url}/h?secret=s3")
    number = someone(api, "One")
    (body,) = hook_receiver.wait("/h")
    assert body == api.get(f"/customers/{number}")
    api.sim("POST", "/deliveries/flush", {})
    log = api.sim("GET", "/deliveries")
    assert log["total"] == 1
    row = log["deliveries"][0]
    assert (row["status"], row["topic"], [one["status"] for one in row["tries"]]) == (
        "delivered",
        "customer_created",
        [200],
    )


def test_a_refused_request_delivers_nothing(api: Caller, hook_receiver: Any) -> None:
    listen(api, f"{hook_receiver.url}/h")
    api.refused("POST", "/customers", {"first_name": "No"})
    api.sim("POST", "/deliveries/flush", {})
    assert api.sim("GET", "/deliveries")["total"] == 0


def test_failed_deliveries_come_again_after_one_five_and_thirty_minutes(api: Caller, hook_receiver: Any) -> None:
    api.sim("PUT", "/clock", {"frozen_at": "2026-03-01T12:00:00+00:00"})
    hook_receiver.answers = [(500, b"")] * 4
    listen(api, f"{hook_receiver.url}/h")
    someone(api, "Again")
    for count, wait in enumerate((60, 300, 1800), start=1):
        assert len(hook_receiver.wait("/h", count)) == count
        api.sim("POST", "/deliveries/flush", {"everything": False})
        api.sim("POST", "/clock/advance", {"seconds": wait - 1})
        api.sim("POST", "/deliveries/flush", {"everything": False})
        assert len(hook_receiver.bodies["/h"]) == count
        api.sim("POST", "/clock/advance", {"seconds": 1})
    assert len(hook_receiver.wait("/h", 4)) == 4
    api.sim("POST", "/deliveries/flush", {})
    (row,) = api.sim("GET", "/deliveries")["deliveries"]
    assert (row["status"], [one["status"] for one in row["tries"]]) == ("failed", [500, 500, 500, 500])


def test_deliveries_can_be_dropped_doubled_held_and_turned_around(api: Caller, hook_receiver: Any) -> None:
    listen(api, f"{hook_receiver.url}/h")
    api.sim("PUT", "/deliveries/controls", {"drop": 1})
    someone(api, "Dropped")
    api.sim("PUT", "/deliveries/controls", {"drop": 0, "copies": 3, "paused": True, "order": "lifo"})
    for name in ("First", "Second"):
        someone(api, name)
    assert "/h" not in hook_receiver.bodies
    api.sim("PUT", "/deliveries/controls", {"paused": False})
    bodies = hook_receiver.wait("/h", 6)
    assert sorted(body["first_name"] for body in bodies) == ["First"] * 3 + ["Second"] * 3
    assert bodies[0]["first_name"] == "Second"
    assert api.sim("GET", "/deliveries?status=dropped")["total"] == 1
    assert api.call("PUT", "/_sim/deliveries/controls", {"order": "odd"}).status == 400
