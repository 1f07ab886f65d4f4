"""Pieces that were given back, added or substituted: what the store is told of them."""

import pytest

from ipaas.types import JSON
from tests import factories
from tests.flows.conftest import Pair
from tests.flows.test_shipments import (
    MAIN,
    TRACKED,
    TWO,
    distribute,
    follow,
    invoice,
    record,
    shipments,
    shop,
    status,
)
from tests.flows.test_shipments_truth import THREE, choose, is_solved, look_again, problem, work
from tests.screens.drawn import Browser

__all__ = ["shop"]


def partly_refunded(shop: Pair) -> tuple[str, str]:
    """Three sold, one given back in the store, three invoiced at the desk."""
    web_id = shop.book(**THREE)
    (line,) = [row for row in shop.bigcommerce.rows("lines") if row["order_id"] == int(web_id)]
    shop.bigcommerce.post(f"/_sim/orders/{web_id}/refund", {"lines": [{"line": line["id"], "quantity": 1}]})
    done = invoice(shop, distribute(shop, web_id))
    follow(shop)
    return web_id, done


def test_a_refunded_piece_does_not_ship_in_silence(shop: Pair) -> None:
    web_id, done = partly_refunded(shop)
    kept = record(done)
    assert (kept.disposition, kept.code) == ("held", "shipped_though_refunded")
    assert kept.reason == (
        f"Invoice {done} holds 1 × DOG-LEAD of order {web_id} whose money was given back to the shopper."
    )
    assert shipments(shop, web_id) == []


@pytest.mark.parametrize(("choice", "pieces"), [("heartland", 3), ("store", 2)])
def test_a_person_says_whether_the_refunded_piece_left(shop: Pair, choice: str, pieces: int) -> None:
    web_id, done = partly_refunded(shop)
    choose(shop, done, choice)
    assert [one["quantity"] for row in shipments(shop, web_id) for one in row["items"]] == [pieces]
    assert (record(done).disposition, is_solved(done)) == ("booked", True)


def test_a_choice_about_an_invoice_can_be_taken_back(shop: Pair) -> None:
    web_id, done = partly_refunded(shop)
    choose(shop, done, "store")
    look_again(shop, web_id)
    assert (record(done).code, [row["items"][0]["quantity"] for row in shipments(shop, web_id)]) == ("left_out", [2])
    client = Browser()
    client.force_login(factories.member(shop.connection.merchant))
    page = f"/stores/{shop.connection.public_id}/orders/{web_id}/"
    assert f"Take the choice about invoice {done} back" in client.get(page).content.decode()
    client.post(f"/stores/{shop.connection.public_id}/invoices/{done}/unchoose/")
    work(shop)
    assert (record(done).disposition, record(done).code) == ("held", "shipped_though_refunded")
    choose(shop, done, "heartland")
    assert [row["items"][0]["quantity"] for row in shipments(shop, web_id)] == [2, 1]
    assert (record(done).disposition, is_solved(done)) == ("booked", True)
    client.post(f"/stores/{shop.connection.public_id}/invoices/{done}/unchoose/")
    assert "no choice about Invoice" in client.get(page).content.decode()


def test_a_refunded_piece_that_was_taken_back_ships_the_rest(shop: Pair) -> None:
    web_id, done = partly_refunded(shop)
    wish = {"parent_transaction_id": int(done), "lines": [{"sku": "DOG-LEAD", "qty": 1}]}
    shop.heartland.post("/_sim/staff/pos_return", wish)
    look_again(shop, web_id)
    assert [one["quantity"] for row in shipments(shop, web_id) for one in row["items"]] == [2]
    assert is_solved(done)


def add_at_desk(shop: Pair, order: JSON, sku: str) -> None:
    item = next(row for row in shop.heartland.rows("items") if row["public_id"] == sku)
    line = {"item_id": item["id"], "qty": 1, "ship_from_location_id": MAIN}
    shop.heartland_client().order_line_add(str(order["id"]), line)


def test_a_piece_that_staff_added_is_said(shop: Pair) -> None:
    web_id = shop.book()
    order = distribute(shop, web_id)
    add_at_desk(shop, order, "CMP-JUG")
    done = invoice(shop, order)
    follow(shop)
    assert (record(done).disposition, status(shop, web_id)) == ("booked", 2)
    assert record(done).reason == (
        f"2 pieces of order {web_id} left with UPS 1Z999AA10123456784: it is shipped. 1 × CMP-JUG left with it, which "
        "the store did not sell: it cannot show that."
    )


def test_more_of_an_item_than_was_sold_is_said(shop: Pair) -> None:
    web_id = shop.book()
    order = distribute(shop, web_id)
    add_at_desk(shop, order, "DOG-LEAD")
    done = invoice(shop, order)
    follow(shop)
    assert record(done).reason.endswith(
        "1 × DOG-LEAD more than the store sold left with it: the store cannot show that."
    )
    assert [one["quantity"] for row in shipments(shop, web_id) for one in row["items"]] == [2]


def substituted(shop: Pair) -> tuple[str, str]:
    """The desk closes what was sold and ships something else."""
    web_id = shop.book(**TWO)
    order = distribute(shop, web_id)
    shop.heartland.post("/_sim/staff/close_line", {"order": f"BC-{web_id}", "sku": "CMP-JUG"})
    add_at_desk(shop, order, "HP-TEE-RED-M")
    done = invoice(shop, order)
    follow(shop)
    return web_id, done


@pytest.mark.parametrize(("choice", "pieces", "state"), [("heartland", 3, 2), ("store", 2, 3)])
def test_a_substitute_is_a_persons_choice(shop: Pair, choice: str, pieces: int, state: int) -> None:
    web_id, done = substituted(shop)
    assert problem(done).code == "goods_substituted"
    assert problem(done).reason == (
        f"Invoice {done} of order {web_id} holds 1 × HP-TEE-RED-M, which the store did not sell, and Heartland will "
        "not ship 1 × CMP-JUG, which it did."
    )
    assert (shipments(shop, web_id), status(shop, web_id)) == ([], 11)
    choose(shop, done, choice)
    (shipment,) = shipments(shop, web_id)
    assert (sum(one["quantity"] for one in shipment["items"]), status(shop, web_id)) == (pieces, state)
    assert is_solved(done)


def mails(shop: Pair, web_id: str) -> list[str]:
    """Numbers that the store mailed to the shopper."""
    return [row["number"] for row in shop.bigcommerce.rows("mails") if row["order_id"] == int(web_id)]


def test_a_tracking_number_that_the_store_has_no_room_for_is_held_and_goes_on_when_it_is_mended(shop: Pair) -> None:
    web_id = shop.book()
    done = invoice(shop, distribute(shop, web_id), TRACKED | {"tracking_number": "9" * 60})
    follow(shop)
    assert problem(done).reason == (
        f"The tracking number of invoice {done} has 60 characters; the store takes 50. The shopper is not told without "
        "a number."
    )
    assert (shipments(shop, web_id), mails(shop, web_id)) == ([], [])
    shop.heartland_client().invoice_update(done, custom=TRACKED | {"tracking_number": f"{'9' * 60}, A1, A2"})
    follow(shop)
    (shipment,) = shipments(shop, web_id)
    assert (shipment["tracking_number"], shipment["comments"]) == ("A1, A2", f"Further tracking numbers: {'9' * 60}")
    assert "did not fit into the 50 characters" in record(done).reason
    assert mails(shop, web_id) == ["A1, A2"]


def test_c27_a_carrier_typed_with_its_service_gets_a_link(shop: Pair) -> None:
    web_id = shop.book()
    invoice(shop, distribute(shop, web_id), TRACKED | {"carrier": "UPS Ground"})
    follow(shop)
    (shown,) = shop.store_client().order_shipments(web_id)
    assert (shown["shipping_provider"], shown["shipping_provider_display_name"], shown["shipping_method"]) == (
        "ups",
        "UPS",
        "Ground",
    )
    assert shown["generated_tracking_link"] == "https://www.ups.com/track?tracknum=1Z999AA10123456784"
