"""What moves `updated_at`, and lists that show rows late, move them or give many one moment (§20, §22)."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.sandbox.magento.magento_api import Api, criteria
from tests.sandbox.magento.sales_desk import line, place, sim

NOON = "2026-03-02T12:00:00+00:00"
BY_MOMENT = [("updated_at", "ASC"), ("entity_id", "ASC")]


@pytest.fixture
def stopped(shop: Api) -> Api:
    """A shop without orders whose clock stands at noon."""
    requests.put(f"{shop.url}/_sim/clock", json={"frozen_at": NOON}, timeout=10).raise_for_status()
    with shop.service.transaction():
        for row in list(shop.state.orders.all()):
            shop.state.orders.delete(row["id"])
    return shop


def wait(shop: Api, seconds: int) -> None:
    requests.post(f"{shop.url}/_sim/clock/advance", json={"seconds": seconds}, timeout=10).raise_for_status()


def found(shop: Api, *more: Any) -> list[int]:
    return [row["entity_id"] for row in shop.get("/V1/orders" + criteria(*more)).json()["items"]]


def placed(shop: Api, count: int) -> list[int]:
    return [place(shop, line("HP-TEE-RED-XS", "24.00")) for _ in range(count)]


@pytest.mark.parametrize(
    ("condition", "value", "is_found"),
    [
        ("gteq", "2026-03-02 12:00:00", True),
        ("gt", "2026-03-02 12:00:00", False),
        ("gteq", "2026-3-2 12:00", True),
        ("gteq", "2026-03-02T12:00:00", True),
        ("gteq", "2026-03-03", False),
        ("to", "2026-03-02", False),
        ("eq", "2026-03-02 12:00:00", True),
    ],
)
def test_a_moment_is_compared_as_a_datetime(stopped: Api, condition: str, value: str, is_found: bool) -> None:
    ids = placed(stopped, 1)
    assert found(stopped, [[("updated_at", condition, value)]]) == (ids if is_found else [])


@pytest.mark.parametrize("value", ["2026-03-02T12:00:00Z", "2026-03-02 12:00:00+00:00", "yesterday"])
def test_what_is_no_moment_breaks_the_statement(stopped: Api, value: str) -> None:
    placed(stopped, 1)
    assert stopped.get("/V1/orders" + criteria([[("updated_at", "gteq", value)]])).status_code == 500


def test_a_late_commit_shows_a_row_when_its_moment_has_long_passed(stopped: Api) -> None:
    stopped.switch(late_commit=60)
    (order_id,) = placed(stopped, 1)
    wait(stopped, 59)
    assert found(stopped) == []
    wait(stopped, 1)
    assert found(stopped, [[("updated_at", "eq", "2026-03-02 12:00:00")]]) == [order_id]


def test_a_late_commit_shows_the_row_as_it_was_until_then(stopped: Api) -> None:
    (order_id,) = placed(stopped, 1)
    stopped.switch(late_commit=60)
    wait(stopped, 10)
    stopped.post(f"/V1/orders/{order_id}/hold").raise_for_status()
    rows = stopped.get("/V1/orders" + criteria()).json()["items"]
    assert [(row["state"], row["updated_at"]) for row in rows] == [("new", "2026-03-02 12:00:00")]
    wait(stopped, 60)
    rows = stopped.get("/V1/orders" + criteria()).json()["items"]
    assert [(row["state"], row["updated_at"]) for row in rows] == [("holded", "2026-03-02 12:00:10")]


def test_a_page_whose_rows_change_makes_the_next_page_skip(stopped: Api) -> None:
    ids = placed(stopped, 6)
    stopped.switch(page_drift=1)
    wait(stopped, 10)
    walked = [found(stopped, None, BY_MOMENT, 2, page) for page in (1, 2, 3)]
    assert walked == [[ids[0], ids[1]], [ids[3], ids[4]], [ids[0], ids[3]]]  # the third stands where nobody looks


def test_many_rows_have_one_moment_after_an_import(stopped: Api) -> None:
    ids = placed(stopped, 5)
    sim(stopped, "equal-times", {"table": "orders", "count": 3, "at": "2026-01-01 00:00:00"})
    assert found(stopped, [[("updated_at", "eq", "2026-01-01 00:00:00")]], [("entity_id", "ASC")]) == ids[2:]


def test_a_change_that_changes_nothing_moves_no_moment(stopped: Api) -> None:
    (order_id,) = placed(stopped, 1)
    wait(stopped, 10)
    body = {"entity": {"entity_id": order_id, "ext_order_id": "HR-1"}}
    stopped.post("/V1/orders", body).raise_for_status()
    wait(stopped, 10)
    stopped.post("/V1/orders", body).raise_for_status()
    assert stopped.get(f"/V1/orders/{order_id}").json()["updated_at"] == "2026-03-02 12:00:10"
