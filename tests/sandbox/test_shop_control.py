"""Scripted shoppers and staff: `/_sim/recipes`, `/_sim/orders` and what follows an order."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.sandbox.bigcommerce_api import Api
from tests.sandbox.conftest import Running, running

D = Decimal
PLAIN = {"lines": [{"sku": "LGT-HEAD1", "quantity": 2}]}


@pytest.fixture
def api(bigcommerce_server: Running, bigcommerce_url: str) -> Api:
    api = Api(bigcommerce_server)
    requests.put(f"{bigcommerce_url}/_sim/switches", json={"quota": 100_000}, timeout=10).raise_for_status()
    return api


def place(api: Api, recipe: Any) -> requests.Response:
    return requests.post(f"{api.url}/_sim/orders", json=recipe, timeout=60)


def act(api: Api, order_id: int, what: str, body: Any = None) -> requests.Response:
    return requests.post(f"{api.url}/_sim/orders/{order_id}/{what}", json=body or {}, timeout=10)


def placed(api: Api, recipe: Any) -> int:
    reply = place(api, recipe)
    assert reply.status_code == 201, reply.text
    return int(reply.json()["ids"][0])


def test_the_seed_holds_sixty_orders_four_in_each_status(api: Api) -> None:
    counts = api.get("/v2/orders/count").json()
    assert counts["count"] == 56
    assert {row["id"]: row["count"] for row in counts["statuses"]} == {**dict.fromkeys(range(15), 4), 0: 0}
    labels = {row["id"]: row["custom_label"] for row in api.get("/v2/order_statuses").json()}
    assert (labels[11], labels[9]) == ("Pack me", "Awaiting Shipment")


def test_fifty_recipes_become_fifty_orders_as_promised(api: Api) -> None:
    recipes = requests.get(f"{api.url}/_sim/recipes", params={"n": 50, "seed": 7}, timeout=10).json()["recipes"]
    made = place(api, recipes).json()
    assert len(made["ids"]) == len(recipes) == 50
    statuses = Counter(made["status_ids"].values())
    assert statuses == {11: 38, 10: 2} | dict.fromkeys((0, 1, 2, 3, 4, 5, 6, 7, 8, 14), 1)
    kinds = {recipe["kind"]: str(number) for recipe, number in zip(recipes, made["ids"], strict=True)}
    wanted = {"plain": 11, "declined": 6, "abandoned": 0, "pickup": 8, "partially-refunded": 14, "digital": 10}
    assert {kind: made["status_ids"][kinds[kind]] for kind in wanted} == wanted


def test_every_recipe_order_adds_up_over_the_api(api: Api) -> None:
    recipes = requests.get(f"{api.url}/_sim/recipes", params={"n": 50, "seed": 11}, timeout=10).json()["recipes"]
    for number in place(api, recipes).json()["ids"]:
        order = api.get(f"/v2/orders/{number}").json()
        lines = api.get(f"/v2/orders/{number}/products", params={"limit": 250}).json()
        fees = api.get(f"/v2/orders/{number}/fees")
        costs = [order[f"{kind}_cost_inc_tax"] for kind in ("shipping", "handling", "wrapping")]
        parts = [
            *(line["discounted_total_inc_tax"] for line in lines),
            *costs,
            *(fee["cost_inc_tax"] for fee in (fees.json() if fees.status_code == 200 else [])),
        ]
        assert sum(D(str(part)) for part in parts) == D(order["total_inc_tax"])
        assert D(order["total_inc_tax"]) - D(order["total_ex_tax"]) == D(order["total_tax"])


def test_the_same_recipes_give_the_same_totals(bigcommerce_server: Running, api: Api) -> None:
    recipes = requests.get(f"{api.url}/_sim/recipes", params={"n": 20}, timeout=10).json()["recipes"]
    first = place(api, recipes).json()
    bigcommerce_server.fresh()
    assert place(api, recipes).json() == first


def test_count_places_the_same_order_again(api: Api) -> None:
    made = place(api, {**PLAIN, "count": 3}).json()
    assert made == {
        "ids": [10061, 10062, 10063],
        "totals": dict.fromkeys(("10061", "10062", "10063"), "95.15"),
        "status_ids": dict.fromkeys(("10061", "10062", "10063"), 11),
    }


@pytest.mark.parametrize(
    ("recipe", "field"),
    [
        ({"lines": [{"sku": "NO-SUCH"}]}, "sku"),
        ({"lines": []}, "lines"),
        ({**PLAIN, "coupon": "X"}, "coupon"),
        ({**PLAIN, "customer": "nobody@example.com"}, "customer"),
        ({**PLAIN, "wrap": 1}, "recipe"),
        ({**PLAIN, "payment": "beads"}, "payment"),
        ({**PLAIN, "shipping": "Balloon"}, "shipping"),
        ({"lines": [{"sku": "GIFT-CERT", "quantity": 2}]}, "quantity"),
        ({**PLAIN, "store_credit": "5"}, "store_credit"),
        ({**PLAIN, "lines": [{"sku": "LGT-HEAD1", "quantity": 999}], "check_stock": True}, "quantity"),
        ({"lines": [{"sku": "KNF-FOLD"}]}, "Engraving"),
        ({**PLAIN, "gift_certificate": "new:0"}, "gift_certificate"),
    ],
)
def test_a_recipe_that_cannot_be_leaves_nothing(api: Api, recipe: Any, field: str) -> None:
    reply = place(api, recipe)
    assert (reply.status_code, reply.json()["field"], reply.json()["ids"]) == (422, field, [])
    assert api.get("/v2/orders/count").json()["count"] == 56


def test_a_list_stops_at_the_bad_recipe_and_keeps_the_good_ones(api: Api) -> None:
    reply = place(api, [PLAIN, {"lines": [{"sku": "NO-SUCH"}]}, PLAIN])
    assert (reply.status_code, reply.json()["ids"]) == (422, [10061])
    assert api.get("/v2/orders/count").json()["count"] == 57


def test_an_order_is_announced_incomplete_and_then_paid(api: Api) -> None:
    events: list[tuple[str, Any]] = []
    emit = api.service.state.emitter.emit
    api.service.state.emitter.emit = lambda scope, data: events.append((scope, data))  # type: ignore[method-assign]
    try:
        placed(api, PLAIN)
    finally:
        api.service.state.emitter.emit = emit  # type: ignore[method-assign]
    orders = [(scope, data) for scope, data in events if scope.startswith("store/order/")]
    assert [scope for scope, _ in orders] == [
        "store/order/created",
        "store/order/transaction/created",
        "store/order/updated",
        "store/order/statusUpdated",
    ]
    assert orders[-1][1]["status"] == {"previous_status_id": 0, "new_status_id": 11}


def test_everything_a_recipe_can_say_arrives(api: Api) -> None:
    number = placed(
        api,
        {
            "lines": [
                {"sku": "HP-TOT-OAT", "quantity": 2, "modifiers": {"Strap": "Leather"}, "gift_message": "x"},
                {"sku": "BOK-STEW", "gift_wrap": "Linen cloth", "gift_message": "Bon appétit"},
            ],
            "custom_line": {"name": "Rush", "price": "9.99", "sku": "RUSH-1"},
            "bill_to": {
                "first_name": "Ana",
                "last_name": "López",
                "email": "ana@example.com",
                "country": "United States",
                "country_iso2": "US",
                "state": "Oregon",
                "city": "Bend",
                "street_1": "1 A",
                "zip": "97701",
            },
            "discount": "10.00",
            "handling": "2.50",
            "fee": {"name": "Oversize", "amount": "3.00"},
            "gift_certificate": "new:20.00",
            "message": "Ring twice",
            "shipping": "Parcel, per piece",
        },
    )
    order = api.get(f"/v2/orders/{number}").json()
    lines = api.get(f"/v2/orders/{number}/products").json()
    # 2 × (38 + 12.50) + 27.95 + 9.99 − 10 + wrap 7.95 + 4 pieces × 3.45 + 2.50 + 3.00, no tax in Oregon
    assert (order["total_inc_tax"], order["discount_amount"], order["gift_certificate_amount"]) == (
        "156.1900",
        "10.0000",
        "20.0000",
    )
    assert (order["customer_message"], order["shipping_cost_ex_tax"]) == ("Ring twice", "13.8000")
    assert [(row["sku"], row["product_id"] > 0, row["base_price"]) for row in lines] == [
        ("HP-TOT-OAT", True, "50.5000"),
        ("BOK-STEW", True, "27.9500"),
        ("RUSH-1", False, "9.9900"),
    ]
    assert sum(D(found["amount"]) for row in lines for found in row["applied_discounts"]) == D(10)


def test_several_addresses_share_the_lines(api: Api) -> None:
    here = {
        "first_name": "A",
        "last_name": "B",
        "country_iso2": "US",
        "country": "United States",
        "zip": "1",
        "street_1": "1 A",
        "city": "X",
    }
    number = placed(
        api,
        {
            "lines": [{"sku": "WHISTL"}, {"sku": "LIP-BALM"}, {"sku": "SOP-BAR"}],
            "ship_to": [{**here, "state": "Texas"}, {**here, "state": "Oregon"}],
        },
    )
    addresses = api.get(f"/v2/orders/{number}/shipping_addresses").json()
    assert [(row["state"], row["items_total"], row["cost_inc_tax"]) for row in addresses] == [
        ("Texas", 2, "8.6600"),
        ("Oregon", 1, "8.0000"),
    ]


# --- staff ----------------------------------------------------------------------------------------


def test_shipping_in_parts_moves_the_status(api: Api) -> None:
    number = placed(api, {"lines": [{"sku": "WHISTL", "quantity": 3}, {"sku": "SOP-BAR"}]})
    assert len(act(api, number, "ship", {"part": True}).json()["shipment_ids"]) == 1
    assert api.get(f"/v2/orders/{number}").json()["status_id"] == 3
    act(api, number, "ship", {"lines": [{"line": 0, "quantity": 2}], "tracking": "T2", "provider": "fedex"})
    act(api, number, "ship")
    order = api.get(f"/v2/orders/{number}").json()
    assert (order["status_id"], order["items_shipped"]) == (2, 4)
    shipments = api.get(f"/v2/orders/{number}/shipments").json()
    assert [(row["tracking_number"], [item["quantity"] for item in row["items"]]) for row in shipments] == [
        ("1Z999AA10123456784", [1]),
        ("T2", [2]),
        ("1Z999AA10123456784", [1]),
    ]


def test_refunds_in_parts_end_in_refunded_with_nothing_left(api: Api) -> None:
    number = placed(api, {"lines": [{"sku": "WHISTL", "quantity": 3}], "coupon": "THIRD33"})
    total = D(api.get(f"/v2/orders/{number}").json()["total_inc_tax"])
    first = act(api, number, "refund", {"lines": [{"line": 0, "quantity": 1}], "reason": "Bent"}).json()
    assert api.get(f"/v2/orders/{number}").json()["status_id"] == 14
    second = act(api, number, "refund").json()
    assert api.get(f"/v2/orders/{number}").json()["status_id"] == 4
    assert D(first["total"]) + D(second["total"]) == total
    refunds = api.get(f"/v3/orders/{number}/payment_actions/refunds").json()["data"]
    assert [[item["item_type"] for item in row["items"]] for row in refunds] == [["PRODUCT"], ["ORDER"]]
    assert act(api, number, "refund").status_code == 422


def test_a_full_refund_names_every_part(api: Api) -> None:
    number = placed(
        api,
        {"lines": [{"sku": "BOK-STEW", "quantity": 2, "gift_wrap": "Kraft paper"}], "handling": "2.50", "fee": "3.00"},
    )
    total = api.get(f"/v2/orders/{number}").json()["total_inc_tax"]
    assert D(act(api, number, "refund").json()["total"]) == D(total)
    (refund,) = api.get(f"/v3/orders/{number}/payment_actions/refunds").json()["data"]
    assert [item["item_type"] for item in refund["items"]] == [
        "PRODUCT",
        "GIFT_WRAPPING",
        "SHIPPING",
        "HANDLING",
        "FEE",
    ]
    assert api.get(f"/v2/orders/{number}").json()["status_id"] == 4


def test_staff_edits_cancels_and_moves_orders(api: Api) -> None:
    number = placed(api, {"lines": [{"sku": "WHISTL", "quantity": 3}, {"sku": "SOP-BAR"}]})
    reply = act(
        api,
        number,
        "edit",
        {
            "lines": [{"line": 0, "quantity": 1}, {"line": 1, "quantity": 0}],
            "add": [{"sku": "LIP-BALM", "quantity": 2}],
            "ship_to": {"city": "Dallas"},
        },
    )
    assert reply.status_code == 200, reply.text
    lines = api.get(f"/v2/orders/{number}/products").json()
    assert [(row["sku"], row["quantity"]) for row in lines] == [("WHISTL", 1), ("LIP-BALM", 2)]
    assert api.get(f"/v2/orders/{number}/shipping_addresses").json()[0]["city"] == "Dallas"
    assert act(api, number, "status", {"status_id": 9}).json()["status_ids"] == {str(number): 9}
    assert act(api, number, "cancel", {"note": "Asked by phone"}).json()["status_ids"] == {str(number): 5}
    assert api.get(f"/v2/orders/{number}").json()["staff_notes"] == "Asked by phone"
    assert act(api, number, "status", {"status_id": 99}).status_code == 400


def test_an_authorised_payment_is_captured_or_voided(api: Api) -> None:
    requests.put(f"{api.url}/_sim/switches", json={"capture_delay": 0}, timeout=10).raise_for_status()
    first, second = placed(api, {**PLAIN, "payment": "authorized"}), placed(api, {**PLAIN, "payment": "authorized"})
    assert act(api, first, "capture").json()["payment_status"] == "capture pending"
    assert act(api, second, "void").json()["payment_status"] == "void pending"
    assert act(api, second, "capture").status_code == 422
    assert api.get(f"/v2/orders/{first}").json()["status_id"] == 11


def test_an_archived_order_leaves_the_list_and_stays_readable_by_switch(api: Api) -> None:
    number = placed(api, PLAIN)
    assert act(api, number, "archive").status_code == 200
    assert api.get(f"/v2/orders/{number}").status_code == 404
    api.control("PUT", "switches", {"get_archived_order": 200})
    assert api.get(f"/v2/orders/{number}").json()["is_deleted"] is True
    assert number not in {row["id"] for row in api.get("/v2/orders", params={"limit": 250}).json()}


def test_a_store_with_prices_including_tax_keeps_the_shelf_price(api: Api) -> None:
    requests.put(f"{api.url}/_sim/store", json={"is_price_entered_with_tax": True}, timeout=10).raise_for_status()
    order = api.get(f"/v2/orders/{placed(api, {**PLAIN, 'coupon': 'SAVE10'})}").json()
    # 2 × 39.95 − 10 % + 8.00; of 71.91 are 5.48 tax, of 8.00 are 0.61
    wanted = {
        "subtotal_inc_tax": "79.9000",
        "coupon_discount": "7.9900",
        "total_inc_tax": "79.9100",
        "total_tax": "6.0900",
        "total_ex_tax": "73.8200",
        "is_tax_inclusive_pricing": True,
    }
    assert {key: order[key] for key in wanted} == wanted


def test_what_shoppers_did_survives_a_kill(tmp_path: Path) -> None:
    first = running("bigcommerce", "--data", str(tmp_path))
    number = placed(Api(first), {"lines": [{"sku": "BOK-STEW", "gift_wrap": "Kraft paper"}]})
    first.app.service.later.stop()  # nothing is closed or written any more: as after a kill
    second = running("bigcommerce", "--data", str(tmp_path))
    try:
        assert Api(second).get(f"/v2/orders/{number}").json()["total_inc_tax"] == "42.1700"
        again = placed(Api(second), {"lines": [{"sku": "BOK-STEW", "gift_wrap": "Kraft paper"}]})
        assert (again, Api(second).get(f"/v2/orders/{again}").json()["total_inc_tax"]) == (number + 1, "42.1700")
    finally:
        second.close()
        first.close()


def test_an_unknown_order_is_a_404(api: Api) -> None:
    assert act(api, 1, "cancel").status_code == 404
