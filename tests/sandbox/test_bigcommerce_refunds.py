"""Refund quotes, refunds, late answers (note §17, §26)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal as D
from typing import Any

import pytest

from ipaas.sandbox.bigcommerce import actions
from tests.sandbox.bigcommerce_api import Api, bottle_order, stocked
from tests.sandbox.conftest import Running

TYPE = "https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes"


class Case:
    """A paid order of a known customer, its ids, and calls to refund it."""

    def __init__(self, api: Api, customer_id: int = 1, **order: Any) -> None:
        self.api = api
        self.order_id: int = api.place(bottle_order(stocked(api), customer_id=customer_id, **order))["id"]
        self.bottle, self.jacket = (row["id"] for row in api.get(f"/v2/orders/{self.order_id}/products").json())
        self.address: int = api.get(f"/v2/orders/{self.order_id}/shipping_addresses").json()[0]["id"]
        self.path = f"/v3/orders/{self.order_id}/payment_actions"

    def quote(self, *items: dict[str, Any], **more: Any) -> Any:
        """A quote."""
        return self.api.post(f"{self.path}/refund_quotes", {"items": list(items), **more})

    def refund(self, *items: dict[str, Any], provider: str = "squarev2", amount: Any = 0, **more: Any) -> Any:
        """A refund paid back by one provider."""
        payments = [{"provider_id": provider, "amount": amount, "offline": provider == "custom"}]
        return self.api.post(f"{self.path}/refunds", {"items": list(items), "payments": payments, **more})

    def piece(self, line: int, quantity: int = 1, **more: Any) -> dict[str, Any]:
        """An item for so many pieces."""
        return {"item_type": "PRODUCT", "item_id": line, "quantity": quantity, **more}

    def everything(self) -> list[dict[str, Any]]:
        """Items that refund the whole order."""
        return [
            self.piece(self.bottle, 2),
            self.piece(self.jacket),
            {"item_type": "SHIPPING", "item_id": self.address, "amount": 8.66},
        ]


@pytest.fixture
def api(bigcommerce_server: Running, bigcommerce_url: str) -> Api:
    """A client of a fresh store at noon of 6 January 2026."""
    found = Api(bigcommerce_server)
    found.stop_time()
    return found


@pytest.fixture
def case(api: Api) -> Case:
    """An order to refund."""
    return Case(api)


def method(provider: str, description: str, amount: float, *, offline: bool) -> dict[str, Any]:
    """One entry of `refund_methods`."""
    return {
        "provider_id": provider,
        "provider_description": description,
        "amount": amount,
        "offline": offline,
        "offline_provider": offline,
        "offline_reason": "",
    }


def test_a_quote_is_the_object_of_the_note(case: Case) -> None:
    shipping = {"item_type": "SHIPPING", "item_id": case.address, "amount": 4.00}
    answer = case.quote(case.piece(case.bottle, reason="Damaged"), shipping)
    assert answer.status_code == 201
    assert answer.json() == {
        "data": {
            "order_id": case.order_id,
            "total_refund_amount": 23.49,
            "total_refund_tax_amount": 1.49,
            "rounding": 0,
            "adjustment": 0,
            "tax_inclusive": True,
            "order_level_refund_amount": 0,
            "refund_methods": [
                [method("squarev2", "Square", 23.49, offline=False)],
                [method("storecredit", "Store Credit", 23.49, offline=False)],
                [method("custom", "Custom", 23.49, offline=True)],
            ],
        },
        "meta": {},
    }


def test_a_refund_is_the_object_of_the_note(api: Api, case: Case) -> None:
    shipping = {"item_type": "SHIPPING", "item_id": case.address, "amount": 4.00}
    answer = case.refund(case.piece(case.bottle, reason="Damaged"), shipping, amount=23.49)
    assert answer.status_code == 201
    refund = answer.json()["data"]
    assert refund == {
        "id": refund["id"],
        "order_id": case.order_id,
        "user_id": 0,
        "created": "2026-01-06T12:00:00+00:00",
        "reason": "",
        "total_amount": 23.49,
        "total_tax": 1.49,
        "uses_merchant_override_values": False,
        "items": [
            {
                "item_type": "PRODUCT",
                "item_id": case.bottle,
                "quantity": 1,
                "requested_amount": None,
                "reason": "Damaged",
                "adjustments": [],
            },
            {
                "item_type": "SHIPPING",
                "item_id": case.address,
                "quantity": 1,
                "requested_amount": 4,
                "reason": "",
                "adjustments": [],
            },
        ],
        "payments": [
            {
                "id": refund["payments"][0]["id"],
                "provider_id": "squarev2",
                "amount": 23.49,
                "offline": False,
                "is_declined": False,
                "declined_message": "",
                "transaction_id": "",
            }
        ],
    }
    assert api.get(f"{case.path}/refunds").json()["data"] == [refund]


def test_effects_and_events_of_a_partial_refund(api: Api, case: Case) -> None:
    api.listen("store/order/*")
    refund = case.refund(case.piece(case.bottle), amount=19.49).json()["data"]
    order = api.get(f"/v2/orders/{case.order_id}").json()
    assert (order["status_id"], order["payment_status"], order["refunded_amount"]) == (
        14,
        "partially refunded",
        "0.0000",
    )
    bottle, jacket = api.get(f"/v2/orders/{case.order_id}/products").json()
    assert [(row["quantity_refunded"], row["is_refunded"], row["refund_amount"]) for row in (bottle, jacket)] == [
        (1, False, "0.0000"),
        (0, False, "0.0000"),
    ]
    api.advance(1)
    found = api.get(f"/v3/orders/payment_actions/refunds/{refund['id']}").json()["data"]["payments"][0]
    newest, paid = api.get(f"/v3/orders/{case.order_id}/transactions").json()["data"]
    assert (newest["event"], newest["amount"], newest["reference_transaction_id"], newest["status"]) == (
        "refund",
        19.49,
        paid["id"],
        "ok",
    )
    assert found["transaction_id"] == str(newest["id"])
    assert [event["scope"] for event in api.events()] == [
        "store/order/refund/created",
        "store/order/updated",
        "store/order/statusUpdated",
        "store/order/transaction/created",
        "store/order/updated",
    ]
    assert api.events("store/order/refund/created")[0]["data"] == {
        "type": "order",
        "id": case.order_id,
        "refund": {"refund_id": refund["id"]},
    }
    assert api.get("/v3/catalog/variants?sku=T-BOTTLE").json()["data"][0]["inventory_level"] == 8


def test_a_full_refund_adds_up_to_the_cent_and_does_not_restock(api: Api, case: Case) -> None:
    first = case.refund(case.piece(case.bottle), amount=19.49)
    assert first.status_code == 201
    rest = [case.piece(case.bottle), case.piece(case.jacket), case.everything()[2]]
    assert case.quote(*rest).json()["data"]["total_refund_amount"] == 106.08  # 19.48 + 77.94 + 8.66
    assert case.refund(*rest, amount=106.08).status_code == 201
    order = api.get(f"/v2/orders/{case.order_id}").json()
    assert (order["status_id"], order["payment_status"]) == (4, "refunded")
    lines = api.get(f"/v2/orders/{case.order_id}/products").json()
    assert [(row["quantity_refunded"], row["is_refunded"]) for row in lines] == [(2, True), (1, True)]
    assert api.get("/v3/catalog/variants?sku=T-BOTTLE").json()["data"][0]["inventory_level"] == 8


def test_a_refund_in_the_control_panel_restocks_and_is_of_type_order(api: Api, case: Case) -> None:
    api.act(actions.panel_refund, case.order_id, D("125.57"), provider_id="squarev2", user_id=501)
    refund = api.get(f"{case.path}/refunds").json()["data"][0]
    assert (refund["user_id"], refund["items"]) == (
        501,
        [
            {
                "item_type": "ORDER",
                "item_id": case.order_id,
                "quantity": 1,
                "requested_amount": 125.57,
                "reason": "",
                "adjustments": [],
            }
        ],
    )
    assert api.get("/v3/catalog/variants?sku=T-BOTTLE").json()["data"][0]["inventory_level"] == 10


def test_payments_must_equal_the_refund(api: Api, case: Case) -> None:
    answer = case.refund(case.piece(case.bottle), amount=20)
    assert (answer.status_code, answer.json()) == (
        422,
        {"data": [{"status": 422, "title": "The payments must add up to the refund amount 19.49", "type": TYPE}]},
    )
    assert api.get(f"{case.path}/refunds").json() == {"data": [], "meta": {}}
    assert api.get(f"/v2/orders/{case.order_id}").json()["status_id"] == 11


def test_guests_get_no_store_credit(api: Api) -> None:
    case = Case(api, customer_id=0)
    answer = case.refund(case.piece(case.bottle), provider="storecredit", amount=19.49)
    assert (answer.status_code, answer.json()) == (
        422,
        {"data": [{"status": 422, "title": "Unable to provide store credit for a guest customer.", "type": TYPE}]},
    )
    providers = [
        entry[0]["provider_id"] for entry in case.quote(case.piece(case.bottle)).json()["data"]["refund_methods"]
    ]
    assert providers == ["squarev2", "custom"]


def test_store_credit_comes_back_to_the_customer(api: Api, case: Case) -> None:
    def credit() -> Any:
        found = api.get("/v3/customers?id:in=1&include=storecredit").json()["data"][0]
        return found["store_credit_amounts"][0]["amount"]

    before = credit()
    case.refund(case.piece(case.bottle), provider="storecredit", amount=19.49)
    api.advance(1)
    assert round(credit() - before, 2) == 19.49


def test_a_certificate_tender_gets_its_money_back(api: Api) -> None:
    api.act(
        actions.certificate_create,
        {
            "to_name": "B",
            "to_email": "b@example.com",
            "from_name": "A",
            "from_email": "a@example.com",
            "amount": D(50),
            "code": "GC-1",
        },
    )
    tenders = [
        {"method": "gift_certificate", "amount": D(25), "gift_certificate_code": "GC-1"},
        {"method": "credit_card", "gateway": "squarev2", "amount": D("100.57")},
    ]
    case = Case(api, tenders=tenders)
    split = case.quote(*case.everything()).json()["data"]["refund_methods"][0]
    assert [(row["provider_id"], row["amount"]) for row in split] == [("squarev2", 100.57), ("giftcertificate", 25)]
    payments = [{"provider_id": row["provider_id"], "amount": row["amount"]} for row in split]
    assert api.post(f"{case.path}/refunds", {"items": case.everything(), "payments": payments}).status_code == 201
    api.advance(1)
    assert api.get("/v2/gift_certificates?code=GC-1").json()[0]["balance"] == "50.0000"


def test_a_certificate_tender_may_come_back_as_store_credit(api: Api) -> None:
    api.switch(certificate_refund="storecredit")
    api.act(
        actions.certificate_create,
        {
            "to_name": "B",
            "to_email": "b@example.com",
            "from_name": "A",
            "from_email": "a@example.com",
            "amount": D(200),
            "code": "GC-1",
        },
    )
    case = Case(api, tenders=[{"method": "gift_certificate", "amount": D("125.57"), "gift_certificate_code": "GC-1"}])
    first = case.quote(case.piece(case.bottle)).json()["data"]["refund_methods"][0]
    assert [(row["provider_id"], row["amount"]) for row in first] == [("storecredit", 19.49)]


def test_an_offline_refund_is_only_recorded(api: Api, case: Case) -> None:
    case.refund(case.piece(case.bottle), provider="custom", amount=19.49)
    api.advance(5)
    payment = api.get(f"{case.path}/refunds").json()["data"][0]["payments"][0]
    assert (payment["offline"], payment["transaction_id"], payment["is_declined"]) == (True, "", False)
    assert len(api.get(f"/v3/orders/{case.order_id}/transactions").json()["data"]) == 1


def test_a_gateway_may_decline_after_the_201(api: Api, case: Case) -> None:
    api.switch(refund_declined=True)
    case.refund(case.piece(case.bottle), amount=19.49)
    assert api.get(f"{case.path}/refunds").json()["data"][0]["payments"][0]["is_declined"] is False
    api.advance(1)
    payment = api.get(f"{case.path}/refunds").json()["data"][0]["payments"][0]
    assert (payment["is_declined"], payment["declined_message"]) == (True, "The gateway declined the refund.")
    assert api.get(f"/v3/orders/{case.order_id}/transactions").json()["data"][0]["status"] == "error"


def test_an_override_forces_the_amounts(case: Case) -> None:
    override = {"total_amount": 10.00, "total_tax": 0.50}
    answer = case.refund(case.piece(case.bottle), amount=10, merchant_calculated_override=override)
    refund = answer.json()["data"]
    assert (refund["total_amount"], refund["total_tax"], refund["uses_merchant_override_values"]) == (10, 0.5, True)


def test_adjustments_lower_a_line(case: Case) -> None:
    item = case.piece(case.bottle, adjustments=[{"amount": -5, "description": "Restocking fee"}])
    quote = case.quote(item).json()["data"]
    assert (quote["total_refund_amount"], quote["adjustment"]) == (14.49, -5)
    refund = case.refund(item, amount=14.49).json()["data"]
    assert refund["items"][0]["adjustments"] == [{"amount": -5, "description": "Restocking fee"}]


def test_a_tax_adjustment_stands_alone(api: Api, case: Case) -> None:
    body = {"tax_adjustment_amount": 1.2, "payments": [{"provider_id": "squarev2", "amount": 1.2}]}
    refund = api.post(f"{case.path}/refunds", body).json()["data"]
    assert (refund["total_amount"], refund["total_tax"], refund["items"]) == (1.2, 1.2, [])


@pytest.mark.parametrize(
    ("item", "key"),
    [
        ({"item_type": "GIFT"}, "items.0.item_type"),
        ({"item_type": "PRODUCT", "item_id": 1, "quantity": 1}, "items.0.item_id"),
        ({"item_type": "PRODUCT", "quantity": 0}, "items.0.quantity"),
        ({"item_type": "SHIPPING", "amount": 0}, "items.0.amount"),
        ({"item_type": "ORDER", "item_id": 1, "amount": 1}, "items.0.item_id"),
        ({"item_type": "FEE", "item_id": 1, "amount": 1}, "items.0.item_id"),
    ],
)
def test_bad_items_are_422(case: Case, item: dict[str, Any], key: str) -> None:
    if item["item_type"] in ("PRODUCT", "SHIPPING"):
        item = {"item_id": case.bottle if item["item_type"] == "PRODUCT" else case.address, **item}
    answer = case.quote(item)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [key])


def test_more_than_was_bought_is_422(case: Case) -> None:
    assert case.quote(case.piece(case.bottle, 3)).status_code == 422
    shipping = {"item_type": "SHIPPING", "item_id": case.address, "amount": 8.67}
    assert case.quote(shipping).status_code == 422
    assert case.quote({"item_type": "ORDER", "item_id": case.order_id, "amount": 130}).status_code == 422


def test_the_tax_service_may_be_away(api: Api, case: Case) -> None:
    api.switch(refund_service="503")
    answer = case.quote(case.piece(case.bottle))
    assert (answer.status_code, answer.json()) == (
        503,
        {"data": [{"order_id": case.order_id, "status": 503, "error": "Tax service gone away"}], "meta": {}},
    )


def test_older_stores_show_status_4_for_a_part(api: Api, case: Case) -> None:
    api.switch(partial_refund_status=4)
    case.refund(case.piece(case.bottle), amount=19.49)
    assert api.get(f"/v2/orders/{case.order_id}").json()["status_id"] == 4


def test_the_store_wide_list_filters(api: Api, case: Case) -> None:
    first = case.refund(case.piece(case.bottle), amount=19.49).json()["data"]["id"]
    api.advance(60)
    second = case.refund(case.piece(case.jacket), amount=77.94).json()["data"]["id"]
    path = "/v3/orders/payment_actions/refunds"

    def found(query: str) -> list[int]:
        return [row["id"] for row in api.get(f"{path}?{query}").json()["data"]]

    assert found(f"order_id:in={case.order_id},1") == [first, second]
    assert found(f"id:in={second}") == [second]
    assert found("created:min=2026-01-06T12:01:00Z") != found("created:min=2026-01-06T12:00:00Z")
    assert found(f"created:max=2026-01-06T12:00:30Z&order_id:in={case.order_id}") == [first]
    number = api.get(f"{path}/{first}").json()["data"]["payments"][0]["transaction_id"]
    assert found(f"transaction_id={number}") == [first]
    assert api.get(f"{path}?created:min=soon").status_code == 422
    assert api.get(f"{path}/999999").status_code == 404


def test_gift_wrapping_handling_and_fees_can_be_refunded(api: Api) -> None:
    priced = bottle_order(wrapping_cost_inc_tax=D(4))
    lines = [{**priced.lines[0], "wrapping_cost_inc_tax": D(4), "wrapping_cost_tax": D("0.30")}, priced.lines[1]]
    place = {**priced.addresses[0], "handling_cost_inc_tax": D(3)}
    fee = {"cost_inc_tax": D("3.25"), "cost_ex_tax": D(3), "cost_tax": D("0.25")}
    n = api.place(replace(priced, lines=lines, addresses=[place], fees=[fee]))["id"]
    line = api.get(f"/v2/orders/{n}/products").json()[0]["id"]
    address = api.get(f"/v2/orders/{n}/shipping_addresses").json()[0]["id"]
    fee_id = api.get(f"/v2/orders/{n}/fees").json()[0]["id"]
    quote = api.post(
        f"/v3/orders/{n}/payment_actions/refund_quotes",
        {
            "items": [
                {"item_type": "GIFT_WRAPPING", "item_id": line, "quantity": 1},
                {"item_type": "HANDLING", "item_id": address, "amount": 3},
                {"item_type": "FEE", "item_id": fee_id, "amount": 3.25},
            ]
        },
    ).json()["data"]
    assert (quote["total_refund_amount"], quote["total_refund_tax_amount"]) == (8.25, 0.15)
