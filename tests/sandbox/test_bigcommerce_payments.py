"""Transactions, payment outcomes, capture and void (note §15, §16, §26)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal as D
from typing import Any

import pytest

from ipaas.sandbox.bigcommerce import actions
from tests.sandbox.bigcommerce_api import Api, bottle_order, stocked
from tests.sandbox.conftest import Running

CERTIFICATE = {
    "to_name": "Ben",
    "to_email": "ben@example.com",
    "from_name": "Ana",
    "from_email": "ana@example.com",
    "amount": D(50),
    "code": "GC7-XXX-XXX-001",
}


@pytest.fixture
def api(bigcommerce_server: Running, bigcommerce_url: str) -> Api:
    """A client of a fresh store at noon of 6 January 2026."""
    found = Api(bigcommerce_server)
    found.stop_time()
    return found


def transactions(api: Api, order_id: int) -> list[dict[str, Any]]:
    """Transactions of an order, newest first; none for 204."""
    answer = api.get(f"/v3/orders/{order_id}/transactions")
    return [] if answer.status_code == 204 else list(answer.json()["data"])


def settle(api: Api, seconds: float = 1) -> None:
    """Let the gateways answer."""
    api.advance(seconds)


def test_a_card_payment_is_the_transaction_of_the_note(api: Api) -> None:
    n = api.place(bottle_order())["id"]
    answer = api.get(f"/v3/orders/{n}/transactions")
    row = answer.json()["data"][0]
    assert row == {
        "id": row["id"],
        "order_id": str(n),
        "event": "purchase",
        "method": "credit_card",
        "amount": 125.57,
        "currency": "USD",
        "gateway": "squarev2",
        "gateway_transaction_id": "Kx83",
        "payment_method_id": "squarev2.card",
        "status": "ok",
        "test": False,
        "fraud_review": False,
        "reference_transaction_id": None,
        "date_created": "2026-01-06T12:00:00Z",
        "payment_instrument_token": None,
        "avs_result": {"code": "", "message": "", "street_match": "", "postal_match": ""},
        "cvv_result": {"code": "", "message": ""},
        "credit_card": {
            "card_type": "visa",
            "card_iin": "411111",
            "card_last4": "1111",
            "card_expiry_month": 12,
            "card_expiry_year": 2030,
        },
        "gift_certificate": None,
        "store_credit": None,
        "offline": None,
        "custom": None,
    }
    pages = answer.json()["meta"]["pagination"]
    assert {name: pages[name] for name in ("total", "count", "per_page", "current_page", "total_pages")} == {
        "total": 1,
        "count": 1,
        "per_page": 50,
        "current_page": 1,
        "total_pages": 1,
    }


def test_certificate_and_store_credit_are_transactions_and_balances_fall(api: Api) -> None:
    api.act(actions.certificate_create, CERTIFICATE)
    rich = {
        "email": "ana2@example.com",
        "first_name": "Ana",
        "last_name": "L",
        "store_credit_amounts": [{"amount": 30}],
    }
    customer = api.act(actions.customers_create, [rich])[0]
    tenders = [
        {"method": "gift_certificate", "amount": D(25), "gift_certificate_code": "GC7-XXX-XXX-001"},
        {"method": "store_credit", "amount": D("0.57")},
        {"method": "credit_card", "gateway": "squarev2", "amount": D(100)},
    ]
    n = api.place(
        bottle_order(
            tenders=tenders, customer_id=customer["id"], gift_certificate_amount=D(25), store_credit_amount=D("0.57")
        )
    )["id"]
    card, credit, certificate = transactions(api, n)
    assert [(row["method"], row["gateway"], row["amount"]) for row in (card, credit, certificate)] == [
        ("credit_card", "squarev2", 100),
        ("store_credit", "storecredit", 0.57),
        ("gift_certificate", "giftcertificate", 25),
    ]
    assert certificate["payment_method_id"] == "bigcommerce.gift_certificate"
    assert certificate["gift_certificate"] == {
        "code": "GC7-XXX-XXX-001",
        "original_balance": 50,
        "starting_balance": 50,
        "remaining_balance": 25,
        "status": "active",
    }
    found = api.get("/v2/gift_certificates?code=GC7-XXX-XXX-001").json()[0]
    assert (found["amount"], found["balance"], found["status"]) == ("50.0000", "25.0000", "active")
    owner = api.get(f"/v3/customers?id:in={customer['id']}&include=storecredit").json()["data"][0]
    assert owner["store_credit_amounts"] == [{"amount": 29.43}]


def test_a_certificate_without_enough_money_refuses_the_payment_whole(api: Api) -> None:
    api.act(actions.certificate_create, {**CERTIFICATE, "amount": D(5)})
    tenders = [{"method": "gift_certificate", "amount": D(25), "gift_certificate_code": "GC7-XXX-XXX-001"}]
    order = api.act(actions.order_place, bottle_order(tenders=tenders))
    with pytest.raises(Exception, match="cannot cover"):
        api.act(actions.order_pay, order["id"])
    assert api.get(f"/v2/orders/{order['id']}").json()["status_id"] == 0
    assert transactions(api, order["id"]) == []


def test_a_sold_certificate_is_pending_until_it_is_paid(api: Api) -> None:
    line = {
        "type": "giftcertificate",
        "name": "Gift Certificate",
        "price_ex_tax": D(40),
        "price_inc_tax": D(40),
        "total_inc_tax": D(40),
        "gift_certificate": {"to_name": "Ben", "to_email": "b@example.com"},
    }
    order = api.act(actions.order_place, replace(bottle_order(), lines=[line]))
    sold = api.get(f"/v2/gift_certificates?order_id={order['id']}").json()[0]
    assert (sold["status"], sold["amount"], sold["balance"], sold["to_name"]) == (
        "pending",
        "40.0000",
        "40.0000",
        "Ben",
    )
    shown = api.get(f"/v2/orders/{order['id']}/products").json()[0]
    assert (shown["type"], shown["gift_certificate_id"], shown["product_id"]) == ("giftcertificate", sold["id"], 0)
    api.act(actions.order_pay, order["id"])
    assert api.get(f"/v2/gift_certificates/{sold['id']}").json()["status"] == "active"


@pytest.mark.parametrize(
    ("switches", "outcome", "status", "payment_status", "events"),
    [
        ({}, "captured", 11, "captured", [("purchase", "ok")]),
        ({"paid_status_name": "paid"}, "captured", 11, "paid", [("purchase", "ok")]),
        ({}, "authorized", 7, "authorized", [("authorization", "ok")]),
        ({"authorized_status": 11}, "authorized", 11, "authorized", [("authorization", "ok")]),
        ({}, "offline", 7, "", []),
        ({"offline_status": 11, "offline_payment_status": "pending"}, "offline", 11, "pending", []),
        ({"offline_transactions": True}, "offline", 7, "", [("pending", "ok")]),
        ({}, "declined", 6, "declined", [("purchase", "error")]),
        ({}, "incomplete", 0, "", []),
        ({"silent_gateways": ["squarev2"]}, "captured", 11, "captured", []),
        ({"empty_payment_status": True}, "captured", 11, "", [("purchase", "ok")]),
    ],
)
def test_how_a_checkout_can_end(
    api: Api, switches: dict[str, Any], outcome: Any, status: int, payment_status: str, events: list[Any]
) -> None:
    api.switch(**switches)
    n = api.place(bottle_order(), outcome)["id"]
    order = api.get(f"/v2/orders/{n}").json()
    assert (order["status_id"], order["payment_status"]) == (status, payment_status)
    assert [(row["event"], row["status"]) for row in transactions(api, n)] == events


def test_offline_and_custom_methods_name_themselves(api: Api) -> None:
    api.switch(offline_transactions=True)
    tender = {"method": "offline", "gateway": "cod", "amount": D("125.57"), "display_name": "Cash on Delivery"}
    n = api.place(bottle_order(tenders=[tender]), "offline")["id"]
    assert transactions(api, n)[0]["offline"] == {"display_name": "Cash on Delivery"}
    n = api.place(bottle_order(tenders=[{**tender, "method": "custom", "gateway": "custom"}]))["id"]
    assert transactions(api, n)[0]["custom"] == {"payment_method": "Cash on Delivery"}


def test_events_of_a_sale(api: Api) -> None:
    variant = stocked(api)
    api.listen("store/order/*", "store/product/*", "store/channel/*/inventory/product/stock_changed")
    n = api.place(bottle_order(variant))["id"]
    number = transactions(api, n)[0]["id"]
    product = variant["product_id"]
    assert [(event["scope"], event["data"]) for event in api.events()] == [
        ("store/order/created", {"type": "order", "id": n}),
        (
            "store/order/transaction/created",
            {
                "type": "transaction",
                "order_id": str(n),
                "transaction_id": str(number),
                "transaction_status": "complete",
                "transaction_type": "purchase",
                "result": {"code": "0", "message": "", "type": "success"},
                "platform_transaction_id": str(number),
                "provider_transaction_id": "Kx83",
            },
        ),
        ("store/order/updated", {"type": "order", "id": n}),
        (
            "store/product/inventory/order/updated",
            {"type": "product", "id": product, "inventory": {"product_id": product, "method": "relative", "value": -2}},
        ),
        (
            "store/channel/*/inventory/product/stock_changed",
            {"variant_id": variant["id"], "product_id": product, "location_id": 1},
        ),
        ("store/product/updated", {"type": "product", "id": product}),
        (
            "store/order/statusUpdated",
            {"type": "order", "id": n, "status": {"previous_status_id": 0, "new_status_id": 11}},
        ),
    ]


def test_transactions_can_be_missing_or_away(api: Api) -> None:
    n = api.place(bottle_order())["id"]
    api.switch(transactions="204")
    gone = api.get(f"/v3/orders/{n}/transactions")
    assert (gone.status_code, gone.content) == (204, b"")
    api.switch(transactions="503")
    assert api.get(f"/v3/orders/{n}/transactions").status_code == 503
    unknown = api.get("/v3/orders/999999/transactions")
    assert (unknown.status_code, unknown.json()["title"]) == (404, "Order 999999 not found")


# --- capture and void -----------------------------------------------------------------------------


def test_a_capture_is_decided_later(api: Api) -> None:
    n = api.place(bottle_order(), "authorized")["id"]
    api.listen("store/order/*")
    answer = api.post(f"/v3/orders/{n}/payment_actions/capture")
    assert (answer.status_code, answer.json()) == (201, {})
    assert api.get(f"/v2/orders/{n}").json()["payment_status"] == "capture pending"
    assert len(transactions(api, n)) == 1
    settle(api)
    order = api.get(f"/v2/orders/{n}").json()
    assert (order["payment_status"], order["status_id"]) == ("captured", 11)
    captured, authorized = transactions(api, n)
    assert (captured["event"], captured["amount"], captured["reference_transaction_id"]) == (
        "capture",
        125.57,
        authorized["id"],
    )
    assert [event["scope"] for event in api.events()] == [
        "store/order/updated",
        "store/order/transaction/created",
        "store/order/updated",
        "store/order/statusUpdated",
    ]


def test_nothing_is_captured_twice_or_without_an_authorization(api: Api) -> None:
    paid = api.place(bottle_order())["id"]
    assert api.post(f"/v3/orders/{paid}/payment_actions/capture").status_code == 422
    n = api.place(bottle_order(), "authorized")["id"]
    assert api.post(f"/v3/orders/{n}/payment_actions/capture").status_code == 201
    assert api.post(f"/v3/orders/{n}/payment_actions/capture").status_code == 422
    settle(api)
    assert api.post(f"/v3/orders/{n}/payment_actions/void").status_code == 422
    assert [row["event"] for row in transactions(api, n)] == ["capture", "authorization"]
    assert api.post("/v3/orders/999999/payment_actions/capture").status_code == 404


@pytest.mark.parametrize(("outcome", "status"), [("declined", 7), ("authorized", 7)])
def test_a_capture_can_fail(api: Api, outcome: str, status: int) -> None:
    api.switch(capture_outcome=outcome)
    n = api.place(bottle_order(), "authorized")["id"]
    api.post(f"/v3/orders/{n}/payment_actions/capture")
    settle(api)
    order = api.get(f"/v2/orders/{n}").json()
    assert (order["payment_status"], order["status_id"]) == (outcome, status)
    assert [(row["event"], row["status"]) for row in transactions(api, n)] == [
        ("capture", "error"),
        ("authorization", "ok"),
    ]


@pytest.mark.parametrize("status", [5, 6])
def test_a_void_cancels_by_the_switch(api: Api, status: int) -> None:
    api.switch(void_status=status)
    n = api.place(bottle_order(stocked(api)), "authorized")["id"]
    assert api.post(f"/v3/orders/{n}/payment_actions/void").status_code == 201
    assert api.get(f"/v2/orders/{n}").json()["payment_status"] == "void pending"
    settle(api)
    order = api.get(f"/v2/orders/{n}").json()
    assert (order["payment_status"], order["status_id"]) == ("void", status)
    assert [row["event"] for row in transactions(api, n)] == ["void", "authorization"]
    assert api.get("/v3/catalog/variants?sku=T-BOTTLE").json()["data"][0]["inventory_level"] == 10


def test_payment_methods_need_an_order(api: Api) -> None:
    assert api.get("/v3/payments/methods").status_code == 422
    assert "squarev2.card" in [row["id"] for row in api.get("/v3/payments/methods?order_id=10001").json()["data"]]
    assert api.get("/v2/payments/methods").json()[0] == {"code": "squarev2", "name": "Square", "test_mode": False}


def test_delayed_work_that_breaks_is_given_up_and_leaves_nothing_behind(api: Api) -> None:
    n = api.place(bottle_order(), "authorized")["id"]
    with api.service.transaction():
        api.service.state.at(1, "no such work")
    api.post(f"/v3/orders/{n}/payment_actions/capture")
    settle(api, 2)
    assert api.get(f"/v2/orders/{n}").json()["payment_status"] == "captured"
    assert api.control("GET", "state/later")["rows"] == []
