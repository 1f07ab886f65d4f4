"""Delivery of webhooks: body, headers, signature, retries, blocking, deactivation (note §25.4, §25.5)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.bigcommerce_api import Api, Receiver, bottle_order, receiver
from tests.sandbox.conftest import Running

GAPS = (60, 180, 300, 600, 900, 1800, 3600, 7200, 21600, 50400, 86400)


@pytest.fixture
def api(bigcommerce_server: Running, bigcommerce_url: str) -> Api:
    """A client of a fresh store at noon of 6 January 2026, hooks to loopback allowed."""
    found = Api(bigcommerce_server)
    found.stop_time()
    found.switch(allow_http_loopback=True)
    return found


@pytest.fixture
def shop(api: Api) -> Iterator[Receiver]:
    """A receiver that hears of orders."""
    with receiver() as found:
        hook(api, found, headers={"X-Hook-Secret": "k3v"})
        yield found


def hook(api: Api, to: Receiver, scope: str = "store/order/*", path: str = "/hooks", **more: Any) -> int:
    """A hook to a receiver."""
    answer = api.post("/v3/hooks", {"scope": scope, "destination": f"{to.url}{path}", **more})
    assert answer.status_code == 200, answer.text
    found: int = answer.json()["data"]["id"]
    return found


def flush(api: Api, *, everything: bool = False) -> None:
    """Wait until what is due was tried."""
    api.control("POST", "deliveries/flush", {"wait": 10, "everything": everything})


def emit(api: Api, times: int = 1, scope: str = "store/order/updated") -> None:
    """Events of no consequence."""
    for number in range(times):
        api.control("POST", "events", {"scope": scope, "data": {"type": "order", "id": number}})


def hooks(api: Api) -> list[dict[str, Any]]:
    """All hooks of the app."""
    return list(api.get("/v3/hooks").json()["data"])


def test_a_delivery_has_body_headers_and_signature_of_the_note(api: Api, shop: Receiver) -> None:
    order = api.place(bottle_order(), "incomplete")
    shop.wait(1)
    headers, body, path = shop.got[0]
    text = body.decode()
    payload = json.loads(text)
    assert path == "/hooks"
    assert text == json.dumps(payload, separators=(",", ":"))
    unhashed = {name: value for name, value in payload.items() if name != "hash"}
    digest = hashlib.sha1(json.dumps(unhashed, separators=(",", ":")).encode(), usedforsecurity=False).hexdigest()
    assert payload == {
        "producer": "stores/a1b2c3d4e5",
        "hash": digest,
        "created_at": 1767700800,
        "store_id": "1001234567",
        "scope": "store/order/created",
        "data": {"type": "order", "id": order["id"]},
    }
    assert list(payload) == ["producer", "hash", "created_at", "store_id", "scope", "data"]
    assert (headers["Content-Type"], headers["X-Hook-Secret"]) == ("application/json", "k3v")
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{text}".encode()
    mac = base64.b64encode(hmac.new(b"sim-client-secret-0001", signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{mac}"
    assert headers["webhook-timestamp"] == "1767700800"


def test_wildcard_and_specific_hooks_both_fire_with_one_hash(api: Api, shop: Receiver) -> None:
    hook(api, shop, "store/order/created", "/specific")
    api.place(bottle_order(), "incomplete")
    shop.wait(2)
    assert sorted(path for _, _, path in shop.got) == ["/hooks", "/specific"]
    assert len({body["hash"] for body in shop.bodies()}) == 1


def test_a_wildcard_may_be_shallow(api: Api, shop: Receiver) -> None:
    api.switch(wildcard_covers_deep=False)
    api.place(bottle_order())
    flush(api)
    assert sorted(body["scope"] for body in shop.bodies()) == [
        "store/order/created",
        "store/order/statusUpdated",
        "store/order/updated",
    ]


def test_payload_knobs(api: Api, shop: Receiver) -> None:
    api.switch(signature=False, store_id_type="integer", created_at_in_event=False, status_in_event=False)
    n = api.place(bottle_order(), "incomplete")["id"]
    api.put(f"/v2/orders/{n}", {"status_id": 7})
    shop.wait(3)
    assert "webhook-signature" not in shop.got[0][0]
    body = next(body for body in shop.bodies() if body["scope"] == "store/order/statusUpdated")
    assert (body["store_id"], "created_at" in body, body["data"]) == (1001234567, False, {"type": "order", "id": n})


def test_copies_have_the_same_body_and_id(api: Api, shop: Receiver) -> None:
    api.control("PUT", "deliveries/controls", {"copies": 3})
    emit(api)
    shop.wait(3)
    assert len({body for _, body, _ in shop.got}) == 1
    assert len({headers["webhook-id"] for headers, _, _ in shop.got}) == 1


def test_events_can_be_dropped(api: Api, shop: Receiver) -> None:
    api.control("PUT", "deliveries/controls", {"drop": 1})
    emit(api, 3)
    flush(api)
    assert shop.got == []


def test_retries_come_at_the_gaps_with_a_new_signature_and_then_the_hook_dies(api: Api, shop: Receiver) -> None:
    shop.status = 500
    emit(api)
    shop.wait(1)
    flush(api)
    for number, gap in enumerate(GAPS, 2):
        assert hooks(api)[0]["is_active"] is True
        api.advance(gap - 1)
        flush(api)
        assert len(shop.got) == number - 1
        api.advance(1)
        shop.wait(number)
        flush(api)
    assert len(shop.got) == 12
    assert len({body for _, body, _ in shop.got}) == 1
    assert len({headers["webhook-id"] for headers, _, _ in shop.got}) == 1
    assert len({headers["webhook-signature"] for headers, _, _ in shop.got}) == 12
    assert int(shop.got[-1][0]["webhook-timestamp"]) - int(shop.got[0][0]["webhook-timestamp"]) == sum(GAPS) == 173_040
    assert hooks(api)[0]["is_active"] is False
    emit(api)
    flush(api)
    assert len(shop.got) == 12


def test_a_retry_that_succeeds_ends_the_schedule(api: Api, shop: Receiver) -> None:
    shop.status = 503
    emit(api)
    shop.wait(1)
    flush(api)
    shop.status = 200
    api.advance(60)
    shop.wait(2)
    flush(api)
    api.advance(200_000)
    flush(api)
    assert len(shop.got) == 2
    assert hooks(api)[0]["is_active"] is True


@pytest.mark.parametrize(
    ("mode", "status", "tries"), [("2xx", 204, 1), ("200", 204, 2), ("200", 200, 1), ("2xx", 302, 2)]
)
def test_what_counts_as_delivered(api: Api, shop: Receiver, mode: str, status: int, tries: int) -> None:
    api.switch(hook_success=mode)
    shop.status, shop.headers = status, {"Location": "/elsewhere"} if status == 302 else {}
    emit(api)
    shop.wait(1)
    flush(api)
    api.advance(60)
    flush(api)
    assert [path for _, _, path in shop.got] == ["/hooks"] * tries


@pytest.mark.parametrize(
    "headers", [{f"X-{n}": "1" for n in range(65)}, {"X-" + "n" * 64: "1"}, {"X-Long": "v" * 8_193}]
)
def test_too_much_in_the_answer_s_headers_is_a_failure(api: Api, shop: Receiver, headers: dict[str, str]) -> None:
    shop.headers = headers
    emit(api)
    shop.wait(1)
    flush(api)
    row = api.control("GET", "deliveries")["deliveries"][0]
    assert (row["status"], row["tries"][0]["answer"]) == ("queued", "response headers over the limit")


def test_a_slow_receiver_is_given_up_after_the_timeout(api: Api) -> None:
    api.switch(hook_timeout=0.2)
    with receiver() as slow:
        hook(api, slow)
        slow.status = 200
        lock = slow._news
        with lock:  # the receiver cannot answer while its lock is held
            emit(api)
            flush(api)
            row = api.control("GET", "deliveries")["deliveries"][0]
    assert (row["status"], row["tries"][0]["status"]) == ("queued", None)


def test_below_90_per_cent_of_100_the_domain_is_blocked_for_three_minutes(api: Api, shop: Receiver) -> None:
    shop.status = 500
    emit(api, 99)
    flush(api)
    assert api.get("/v3/hooks/admin").json()["data"]["blocked_domains"] == []
    emit(api)
    flush(api)
    assert len(shop.got) == 100
    blocked = api.get("/v3/hooks/admin").json()["data"]["blocked_domains"]
    domain = shop.url.removeprefix("http://")
    ((reason,),) = [entry.pop("reasons") for entry in blocked]
    assert blocked == [{"destination": domain, "time_left": 180}]
    assert reason["failure_description"] == f"success ratio of {domain} below 90%"
    shop.status = 200
    emit(api, 5)
    flush(api)
    assert len(shop.got) == 100
    api.advance(180)  # the first retries are due (60 s), and the block is over
    flush(api)
    assert len(shop.got) == 205


def test_ten_failures_in_a_hundred_do_not_block(api: Api, shop: Receiver) -> None:
    emit(api, 90)
    flush(api)
    shop.status = 500
    emit(api, 10)
    flush(api)
    assert api.get("/v3/hooks/admin").json()["data"]["blocked_domains"] == []
    emit(api, 1)
    flush(api)
    assert len(api.get("/v3/hooks/admin").json()["data"]["blocked_domains"]) == 1


def test_the_window_slides(api: Api, shop: Receiver) -> None:
    shop.status = 500
    emit(api, 60)
    flush(api)
    api.control("DELETE", "calls")
    api.advance(120)
    shop.status = 200
    flush(api)  # 60 retries, now good
    emit(api, 30)
    flush(api)
    assert api.get("/v3/hooks/admin").json()["data"]["blocked_domains"] == []
    assert len(shop.got) == 150


def test_delivery_exceptions_are_told(api: Api, shop: Receiver) -> None:
    with receiver() as ops:
        hook(api, ops, "store/hook/deliveryException")
        number = hooks(api)[0]["id"]
        shop.status = 500
        emit(api, 3)
        ops.wait(1)
        flush(api)
        assert [body["data"] for body in ops.bodies()] == [
            {"type": "webhook", "id": number, "error_code": 90001, "message": "Delivery failed and will be tried again"}
        ]
        for gap in GAPS:
            api.advance(gap)
            flush(api)
        codes = [body["data"]["error_code"] for body in ops.bodies()]
        assert codes.count(90002) == 1  # the first to be given up switches the hook off, the rest are cancelled
        api.control("POST", "domains/block", {"domain": "x", "seconds": 1})
        assert hooks(api)[0]["is_active"] is False


def test_a_deleted_hook_gets_nothing_more(api: Api, shop: Receiver) -> None:
    api.control("PUT", "deliveries/controls", {"paused": True})
    emit(api, 2)
    api.delete(f"/v3/hooks/{hooks(api)[0]['id']}")
    api.control("PUT", "deliveries/controls", {"paused": False})
    flush(api)
    assert shop.got == []
    assert {row["status"] for row in api.control("GET", "deliveries")["deliveries"]} == {"cancelled"}


def test_a_new_hook_can_need_a_minute(api: Api) -> None:
    api.switch(hook_warmup=60)
    with receiver() as late:
        hook(api, late)
        emit(api)
        flush(api)
        assert late.got == []
        api.advance(60)
        emit(api)
        late.wait(1)
