"""Webhooks out of Heartland (§15) and custom payment webhooks (§16)."""

from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.heartland_client import Caller
from tests.sandbox.heartland_orders import MAIN, Shop

TEE = 100_003
EVENTS = ["item_created", "item_updated", "customer_created", "customer_updated", "sales_transaction_completed"]


@pytest.fixture
def api(heartland_url: str) -> Caller:
    return Caller(heartland_url)


def test_a_webhook_is_registered_listed_changed_and_removed(api: Caller) -> None:
    url = "https://hooks.example/heartland?secret=s3"
    answer = api.call("POST", "/api/webhooks", {"url": url, "events": EVENTS})
    path = f"/webhooks/{answer.id}"
    assert (answer.raw, answer.headers["Location"]) == (b"", f"/api{path}")
    shown = api.get(path)
    assert (shown.keys(), shown["url"], shown["events"]) == ({"id", "url", "events", "created_at"}, url, EVENTS)
    api.put(path, {"events": ["item_updated"]})
    assert api.rows("/webhooks") == [{**shown, "events": ["item_updated"]}]
    assert api.call("DELETE", f"/api{path}").status == 204
    assert (api.rows("/webhooks"), api.refused("GET", path)[0]) == ([], 404)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"url": "http://hooks.example/", "events": EVENTS}, {"url": ["must be an https URL"]}),
        ({"url": "nonsense", "events": EVENTS}, {"url": ["must be an https URL"]}),
        ({"events": EVENTS}, {"url": ["can't be blank"]}),
        ({"url": "https://h.example/"}, {"events": ["can't be blank"]}),
        ({"url": "https://h.example/", "event_types": EVENTS}, {"events": ["can't be blank"]}),
        ({"url": "https://h.example/", "events": ["order_updated"]}, {"events": ["order_updated is not an event"]}),
        ({"url": "https://h.example/", "events": ["item.updated"]}, {"events": ["item.updated is not an event"]}),
    ],
)
def test_a_wrong_webhook_is_refused(api: Caller, body: dict[str, Any], expected: dict[str, Any]) -> None:
    status, error = api.refused("POST", "/webhooks", body)
    assert (status, error["details"]) == (400, expected)


def test_each_event_delivers_the_record_and_nothing_else(api: Caller, hook_receiver: Any) -> None:
    for event in EVENTS:
        api.post("/webhooks", {"url": f"{hook_receiver.url}/{event}", "events": [event]})
    item = api.post("/items", {"description": "X", "cost": 1, "price": 2})
    created = api.get(f"/items/{item}")
    api.put(f"/items/{item}", {"price": 3.5})
    person = api.post("/customers", {"first_name": "A", "last_name": "B", "email": "a@b.example"})
    fresh = api.get(f"/customers/{person}")
    api.put(f"/customers/{person}", {"last_name": "C"})
    sold = api.sim("POST", "/staff/pos_sale", {"location": "MAIN", "lines": [{"item_id": TEE}]})
    expected = {
        "item_created": created,
        "item_updated": api.get(f"/items/{item}"),
        "customer_created": fresh,
        "customer_updated": api.get(f"/customers/{person}"),
        "sales_transaction_completed": sold,
    }
    for event, record in expected.items():
        assert hook_receiver.wait(f"/{event}") == [record]
    assert "lines" not in sold


def test_stock_orders_and_unfinished_tickets_fire_nothing(api: Caller, hook_receiver: Any) -> None:
    shop = Shop(api)
    api.post("/webhooks", {"url": f"{hook_receiver.url}/all", "events": EVENTS})
    order = shop.opened({"item_id": TEE, "qty": 1})
    api.sim("POST", "/staff/distribute", {"order": order, "location": "MAIN"})
    api.sim("POST", "/staff/adjust", {"location": "MAIN", "sku": "HP-TEE-RED-M", "qty": 5})
    api.post("/sales/tickets", {"source_location_id": MAIN, "station_id": 100052})
    api.sim("POST", "/deliveries/flush", {})
    assert api.sim("GET", "/deliveries")["total"] == 0


def test_the_delivery_log_by_the_api_is_lenient_only(api: Caller) -> None:
    assert api.refused("GET", "/webhook_events")[0] == 404
    api.switch(strict_paths=False)
    assert api.get("/webhook_events")["total"] == 0


# --- custom payment webhooks ----------------------------------------------------------------------


@pytest.fixture
def hooked(api: Caller, hook_receiver: Any) -> int:
    """A payment type processed with custom webhooks."""
    urls = {f"{name}_url": f"{hook_receiver.url}/{name}?m=1" for name in ("capture", "refund", "void")}
    return api.post("/payment_types", {"name": "Gateway", "process_payments": "custom_webhooks", **urls})


def pay(api: Caller, order: int, kind: int, amount: Any, **more: Any) -> tuple[int, Any]:
    body = {"type": "CustomPayment", "payment_type_id": kind, "amount": amount, **more}
    answer = api.call("POST", f"/api/sales/orders/{order}/payments", body)
    return answer.status, answer


def test_a_payment_asks_its_hook_first(api: Caller, hook_receiver: Any, hooked: int) -> None:
    order = api.post("/sales/orders", Shop(api).header(lines=[{"item_id": TEE, "qty": 1}]))
    status, answer = pay(api, order, hooked, 24)
    assert (status, hook_receiver.bodies["/capture"]) == (201, [{"payment_id": str(answer.id), "amount": "24.00"}])
    status, answer = pay(api, order, hooked, Decimal("-4.5"))
    assert (status, hook_receiver.bodies["/refund"]) == (201, [{"payment_id": str(answer.id), "amount": "4.50"}])
    assert api.get(f"/sales/orders/{order}")["balance"] == Decimal("4.5")


def test_a_hook_that_says_no_refuses_the_payment(api: Caller, hook_receiver: Any, hooked: int) -> None:
    order = api.post("/sales/orders", Shop(api).header(lines=[{"item_id": TEE, "qty": 1}]))
    hook_receiver.answers = [(402, b'{"message":"Card declined"}'), (500, b"oops")]
    status, answer = pay(api, order, hooked, 24)
    assert (status, answer.json) == (400, {"error": "payment_error", "message": "Card declined"})
    status, answer = pay(api, order, hooked, 24)
    assert (status, answer.json["message"]) == (400, "The payment service answered 500")
    assert api.get(f"/sales/orders/{order}/payments")["total"] == 0


def test_pending_payments_are_captured_and_voided_later(api: Caller, hook_receiver: Any, hooked: int) -> None:
    order = api.post("/sales/orders", Shop(api).header(lines=[{"item_id": TEE, "qty": 1}]))
    path = f"/sales/orders/{order}"
    ids = [pay(api, order, hooked, amount, status="pending")[1].id for amount in (20, 4)]
    assert hook_receiver.bodies == {}
    api.put(f"{path}/payments/{ids[0]}", {"status": "complete"})
    api.put(f"{path}/payments/{ids[1]}", {"status": "void"})
    assert hook_receiver.bodies == {
        "/capture": [{"payment_id": str(ids[0]), "amount": "20.00"}],
        "/void": [{"payment_id": str(ids[1]), "amount": "4.00"}],
    }
    assert (api.get(path)["total_paid"], api.get(path)["balance"]) == (20, 4)
