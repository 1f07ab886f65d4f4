"""What moves `updated_at` and what does not, row by row of the table in apis/magento.md §20.1."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.sandbox.magento.magento_api import Api
from tests.sandbox.magento.sales_desk import items, line, order, place, read, sim

UPS = {"carrier_code": "ups", "title": "UPS", "track_number": "1Z"}
Act = Callable[[Api, int], Any]


def _later(shop: Api, seconds: int = 5) -> None:
    """Some time on; after a minute the order's mail goes out."""
    requests.post(f"{shop.url}/_sim/clock/advance", json={"seconds": seconds}, timeout=10).raise_for_status()


def _shipment(shop: Api, order_id: int) -> int:
    return int(shop.state.shipments.find(order_id=order_id)[0]["entity_id"])


def _ship_one(shop: Api, order_id: int) -> None:
    sim(shop, f"orders/{order_id}/ship", {"part": True})


def _comment(shop: Api, order_id: int, status: str) -> None:
    body = {
        "comment": "x",
        "parent_id": order_id,
        "is_customer_notified": 0,
        "is_visible_on_front": 0,
        "status": status,
    }
    assert shop.post(f"/V1/orders/{order_id}/comments", {"statusHistory": body}).json() is True


def _address(shop: Api, order_id: int) -> None:
    entity = {"address_type": "billing", "city": "Reno"}
    assert shop.put(f"/V1/orders/{order_id}", {"entity": entity}).status_code == 200


def _track(shop: Api, order_id: int) -> None:
    entity = {
        **UPS,
        "order_id": order_id,
        "parent_id": _shipment(shop, order_id),
        "weight": 1,
        "qty": 1,
        "description": "",
    }
    assert shop.post("/V1/shipment/track", {"entity": entity}).status_code == 200


def _ext(shop: Api, order_id: int, value: str = "HR-1") -> None:
    assert shop.post("/V1/orders", {"entity": {"entity_id": order_id, "ext_order_id": value}}).status_code == 200


def _same_ext(shop: Api, order_id: int) -> None:
    _ext(shop, order_id, "HR-0")


MOVES: dict[str, tuple[Act, bool]] = {
    "invoice": (lambda shop, one: sim(shop, f"orders/{one}/invoice"), True),
    "cancel": (lambda shop, one: shop.post(f"/V1/orders/{one}/cancel"), True),
    "hold": (lambda shop, one: shop.post(f"/V1/orders/{one}/hold"), True),
    "middle partial shipment": (_ship_one, False),
    "last shipment of an unpaid order": (lambda shop, one: sim(shop, f"orders/{one}/ship"), False),
    "tracking number later": (_track, False),
    "comment, same status": (lambda shop, one: _comment(shop, one, "processing"), False),
    "comment, other status": (lambda shop, one: _comment(shop, one, "fraud"), True),
    "address": (_address, False),
    "e-mail flag": (lambda shop, one: shop.post(f"/V1/orders/{one}/emails"), True),
    "raw save of ext_order_id": (_ext, True),
    "raw save of the same value": (_same_ext, False),
    "transaction": (
        lambda shop, one: sim(shop, f"orders/{one}/transaction", {"type": "capture", "amount": "1"}),
        False,
    ),
}


@pytest.mark.parametrize("what", list(MOVES))
def test_only_a_changed_column_of_the_order_moves_its_time(shop: Api, what: str) -> None:
    act, moves = MOVES[what]
    order_id = place(shop, line("CUP", "4.00", 5))
    _ship_one(shop, order_id)  # new -> processing
    _ext(shop, order_id, "HR-0")
    before = order(shop, order_id)["updated_at"]
    _later(shop)
    act(shop, order_id)
    assert (order(shop, order_id)["updated_at"] > before) is moves


def test_the_first_and_the_last_shipment_move_the_order_and_each_has_its_own_time(shop: Api) -> None:
    order_id = place(shop, line("CUP", "4.00", 3), payment="card")
    paid = place(shop, line("CUP", "4.00", 3))
    times = {order_id: [order(shop, order_id)["updated_at"]], paid: [order(shop, paid)["updated_at"]]}
    for one in (order_id, paid):
        for _ in range(3):
            _later(shop)
            _ship_one(shop, one)
            times[one].append(order(shop, one)["updated_at"])
    moved = {one: [b > a for a, b in itertools.pairwise(row)] for one, row in times.items()}
    assert moved == {order_id: [False, False, True], paid: [True, False, False]}
    own = [row["updated_at"] for row in shop.state.shipments.find(order_id=order_id)]
    assert own == sorted(set(own))
    assert len(own) == 3


def test_a_track_moves_neither_its_shipment_nor_the_order(shop: Api) -> None:
    order_id = place(shop, line("CUP", "4.00"))
    sim(shop, f"orders/{order_id}/ship", {"tracks": []})
    shipment = _shipment(shop, order_id)
    before = read(shop, f"/V1/shipment/{shipment}")["updated_at"]
    _later(shop)
    _track(shop, order_id)
    after = read(shop, f"/V1/shipment/{shipment}")
    assert after["updated_at"] == before
    assert after["tracks"][0]["updated_at"] > before


def test_a_shipment_moves_the_item_that_it_counts(shop: Api) -> None:
    order_id = place(shop, line("CUP", "4.00", 5), line("BOWL", "4.00"))
    before = [row["updated_at"] for row in items(shop, order_id)]
    _later(shop)
    _ship_one(shop, order_id)
    after = [row["updated_at"] for row in items(shop, order_id)]
    assert [b > a for a, b in zip(before, after, strict=True)] == [True, False]


def test_a_refund_moves_the_order_and_the_invoice_it_is_of(shop: Api) -> None:
    order_id = place(shop, line("CUP", "4.00", 2), payment="card")
    (invoice,) = shop.state.invoices.find(order_id=order_id)
    before = order(shop, order_id)["updated_at"]
    _later(shop)
    sim(shop, f"orders/{order_id}/refund", {"lines": [{"line": 0, "quantity": 1}]})
    assert order(shop, order_id)["updated_at"] > before
    assert read(shop, f"/V1/invoices/{invoice['entity_id']}")["updated_at"] > before


def test_a_days_old_order_has_the_times_of_then(shop: Api) -> None:
    order_id = place(shop, line("CUP", "4.00"), days_ago=10, payment="card", ship="all")
    now = order(shop, place(shop, line("CUP", "4.00")))["created_at"]
    then = order(shop, order_id)
    assert then["created_at"] == then["updated_at"] < now


# --- what happens by itself -----------------------------------------------------------------------


def test_the_mail_of_an_order_goes_out_a_minute_later_and_moves_its_time(shop: Api) -> None:
    order_id = place(shop, line("CUP", "4.00"))
    before = order(shop, order_id)
    _later(shop, 61)
    after = order(shop, order_id)
    assert (before.get("email_sent"), after["email_sent"]) == (None, 1)
    assert after["updated_at"] > before["updated_at"]
    assert {name for name in after if after[name] != before.get(name)} == {"email_sent", "updated_at"}


def test_an_order_that_nobody_pays_is_given_up_after_480_minutes(shop: Api) -> None:
    left = place(shop, line("CUP", "4.00"), payment="abandoned")
    due = place(shop, line("CUP", "4.00"), payment="offline")
    _later(shop, 479 * 60)
    assert order(shop, left)["state"] == "pending_payment"
    _later(shop, 61)
    assert [order(shop, one)["state"] for one in (left, due)] == ["canceled", "new"]


def test_a_restored_database_gives_ids_and_numbers_a_second_time(shop: Api) -> None:
    kept = place(shop, line("CUP", "4.00"))
    sim(shop, "snapshot")
    lost = place(shop, line("BOWL", "6.00"))
    number = order(shop, lost)["increment_id"]
    sim(shop, f"orders/{kept}/hold")
    sim(shop, "restore")
    assert shop.get(f"/V1/orders/{lost}").status_code == 404
    assert order(shop, kept)["state"] == "new"
    again = place(shop, line("PLATE", "7.00"))
    assert (again, order(shop, again)["increment_id"]) == (lost, number)
    assert items(shop, again)[0]["sku"] == "PLATE"
    assert shop.get("/V1/products/DOG-LEAD").status_code == 200


def test_there_is_no_restore_without_a_snapshot(shop: Api) -> None:
    shop.service.kept = None
    assert sim(shop, "restore", status=409) == {"error": "there is no snapshot"}
