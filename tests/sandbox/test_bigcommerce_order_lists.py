"""Lists of orders: pages, filters, counts, and what any question may meet."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest

from tests.sandbox.bigcommerce_api import ANA, Api, bottle_order
from tests.sandbox.test_bigcommerce_orders import api

__all__ = ["api"]


def ids(api: Api, query: str) -> list[int]:
    """Order ids a list query gives."""
    answer = api.get(f"/v2/orders?{query}")
    return [] if answer.status_code == 204 else [row["id"] for row in answer.json()]


def test_the_list_is_by_id_paged_and_ends_in_204(api: Api) -> None:
    everything = ids(api, "limit=250")
    assert everything == sorted(everything)
    assert len(everything) == 60
    assert ids(api, "") == everything[:50]
    assert ids(api, "page=2") == everything[50:]
    past = api.get("/v2/orders?page=3")
    assert (past.status_code, past.content) == (204, b"")
    assert ids(api, "page=2&limit=7") == everything[7:14]


def test_a_limit_over_250_is_413_or_clipped(api: Api) -> None:
    answer = api.get("/v2/orders?limit=251")
    assert (answer.status_code, answer.json()[0]["status"]) == (413, 413)
    api.switch(v2_limit_over_max="clip")
    assert len(ids(api, "limit=1000")) == 60


@pytest.mark.parametrize(
    "query",
    [
        "page=0",
        "limit=0",
        "page=x",
        "sort=name",
        "sort=id:up",
        "min_total=much",
        "min_date_created=soon",
        "status_id=new",
    ],
)
def test_nonsense_in_the_query_is_400(api: Api, query: str) -> None:
    answer = api.get(f"/v2/orders?{query}")
    name = query.partition("=")[0]
    assert (answer.status_code, answer.json()[0]["message"]) == (400, f"The field '{name}' is invalid.")


def test_filters(api: Api) -> None:
    first = api.place(bottle_order(external_order_id="ext-1", cart_id="c-1"))["id"]
    api.advance(60)
    second = api.place(
        bottle_order(
            payment_method="Manual", total_inc_tax=D("99.99"), billing_address={**ANA, "email": "Ben@Example.com"}
        )
    )["id"]
    both = [first, second]
    cases: list[tuple[str, list[int]]] = [
        (f"min_id={first}", both),
        (f"min_id={first}&max_id={first}", [first]),
        ("external_order_id=ext-1", [first]),
        ("cart_id=c-1", [first]),
        (f"min_id={first}&min_total=100", [first]),
        (f"min_id={first}&max_total=99.99", [second]),
        (f"min_id={first}&payment_method=Manual", [second]),
        ("email=ben@example.com", [second]),
        (f"min_id={first}&customer_id=0", both),
        (f"min_id={first}&channel_id=2", []),
        (f"min_id={first}&status_id=11", both),
        (f"min_id={first}&status_id=7", []),
        ("min_date_created=2026-01-06T12:00:30Z&max_date_created=2026-01-06T12:01:00Z", [second]),
        (
            "min_date_modified=Tue%2C%2006%20Jan%202026%2012%3A00%3A00%20%2B0000&"
            "max_date_modified=2026-01-06T12%3A01%3A00%2B00%3A00",
            both,
        ),
        ("min_date_created=2026-01-06T12:01:00&max_date_created=2026-01-06T12:01:01", [second]),
        (f"min_id={first}&sort=id:desc", both[::-1]),
        (f"min_id={first}&sort=date_created:desc", both[::-1]),
        (f"min_id={first}&sort=date_modified:asc", both),
        (f"min_id={first}&is_deleted=true", []),
    ]
    assert [(query, ids(api, query)) for query, _ in cases] == cases


def test_count_follows_the_filters(api: Api) -> None:
    first = api.place(bottle_order())["id"]
    found = api.get(f"/v2/orders/count?min_id={first}").json()
    assert found["count"] == 1
    assert len(found["statuses"]) == 15
    assert [row["count"] for row in found["statuses"] if row["id"] == 11] == [1]


def test_statuses_keep_their_name_and_show_the_merchant_s_label(api: Api) -> None:
    api.control("PUT", "statuses/8", {"custom_label": "Come and get it"})
    row = api.get("/v2/order_statuses/8").json()
    assert {name: row[name] for name in ("id", "name", "system_label", "custom_label")} == {
        "id": 8,
        "name": "Awaiting Pickup",
        "system_label": "Awaiting Pickup",
        "custom_label": "Come and get it",
    }
    assert [row["id"] for row in api.get("/v2/order_statuses").json()] == list(range(15))
    n = api.place(bottle_order())["id"]
    api.put(f"/v2/orders/{n}", {"status_id": 8})
    order = api.get(f"/v2/orders/{n}").json()
    assert (order["status_id"], order["status"], order["custom_status"]) == (8, "Awaiting Pickup", "Come and get it")


def test_unknown_orders_are_404_everywhere(api: Api) -> None:
    for path in (
        "",
        "/products",
        "/shipping_addresses",
        "/coupons",
        "/taxes",
        "/fees",
        "/messages",
        "/shipments",
        "/consignments",
    ):
        answer = api.get(f"/v2/orders/999999{path}")
        assert (answer.status_code, answer.json()) == (
            404,
            [{"status": 404, "message": "The requested resource was not found."}],
        ), path


@pytest.mark.parametrize(("style", "total"), [("two", "125.57"), ("number", 125.57), ("four", "125.5700")])
def test_money_has_other_styles(api: Api, style: str, total: Any) -> None:
    n = api.place(bottle_order())["id"]
    api.switch(money_style=style)
    assert api.get(f"/v2/orders/{n}").json()["total_inc_tax"] == total


def test_reads_can_lag_behind_events(api: Api) -> None:
    n = api.place(bottle_order())["id"]
    api.switch(read_lag=5)
    api.put(f"/v2/orders/{n}", {"status_id": 9})
    assert api.get(f"/v2/orders/{n}").json()["status_id"] == 11
    api.advance(5)
    assert api.get(f"/v2/orders/{n}").json()["status_id"] == 9
    unpaid = api.place(bottle_order(), "incomplete")["id"]
    assert api.get(f"/v2/orders/{unpaid}").status_code == 404
    api.advance(5)
    assert api.get(f"/v2/orders/{unpaid}").json()["status_id"] == 0


def test_an_unchanged_order_is_304(api: Api) -> None:
    n = api.place(bottle_order())["id"]
    since = {"If-Modified-Since": "Tue, 06 Jan 2026 12:00:00 GMT"}
    answer = api.get(f"/v2/orders/{n}", headers=since)
    assert (answer.status_code, answer.content) == (304, b"")
    api.advance(1)
    api.put(f"/v2/orders/{n}", {"staff_notes": "x"})
    assert api.get(f"/v2/orders/{n}", headers=since).status_code == 200
