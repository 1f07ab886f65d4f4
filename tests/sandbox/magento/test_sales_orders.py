"""Orders: reading, cancelling, holding, comments by version, raw saves, edits, numbers (apis/magento.md §12)."""

from __future__ import annotations

import pytest

from tests.sandbox.magento.magento_api import Api, criteria
from tests.sandbox.magento.sales_desk import amounts, done, items, line, order, picked, place, read, refused, sim


def _found(shop: Api, *groups: list[tuple[str, str, str]]) -> list[int]:
    rows = shop.get("/V1/orders" + criteria(list(groups), [("entity_id", "ASC")])).json()["items"]
    return [row["entity_id"] for row in rows]


# --- reading --------------------------------------------------------------------------------------


def test_orders_are_listed_for_all_views_and_filtered_by_their_columns(shop: Api) -> None:
    here = place(shop, line("CUP", "4.00"))
    abroad = place(shop, line("CUP", "4.00"), view="canada")
    assert {here, abroad} <= set(_found(shop))
    assert _found(shop, [("entity_id", "gteq", str(here))], [("store_id", "eq", "2")]) == [abroad]
    answer = shop.get("/V1/orders" + criteria([[("entity_id", "eq", str(here))]]), store="canada").json()
    assert [row["entity_id"] for row in answer["items"]] == [here]
    assert shop.get("/V1/orders" + criteria([[("sku", "eq", "CUP")]])).status_code == 500


def test_items_are_listed_with_parents_and_children(shop: Api) -> None:
    order_id = place(shop, line("JKT-M", "120", children=[{"sku": "JKT-M"}]) | {"type": "configurable"})
    found = shop.get("/V1/orders/items" + criteria([[("order_id", "eq", str(order_id))]])).json()["items"]
    assert [row["product_type"] for row in found] == ["configurable", "simple"]
    assert read(shop, f"/V1/orders/items/{found[1]['item_id']}")["parent_item_id"] == found[0]["item_id"]


def test_a_guest_has_a_mail_and_no_name_but_on_the_address(shop: Api) -> None:
    found = order(shop, place(shop, line("CUP", "4.00")))
    assert picked(found, "customer_is_guest", "customer_id", "customer_firstname") == [1, None, None]
    assert picked(found["billing_address"], "firstname", "region_code", "region_id") == ["Robin", "TX", 57]
    known = order(shop, place(shop, line("CUP", "4.00"), customer="A.Lopez1@example.com"))
    assert picked(known, "customer_is_guest", "customer_id", "customer_lastname", "customer_group_id") == [
        0,
        1,
        "Lopez",
        1,
    ]


# --- cancel and hold ------------------------------------------------------------------------------


def test_an_order_is_cancelled_once_and_then_the_answer_is_false(shop: Api) -> None:
    order_id = place(shop, line("CUP", "4.00", 3), shipping_amount="5")
    assert shop.post(f"/V1/orders/{order_id}/cancel").json() is True
    after = order(shop, order_id)
    assert (after["state"], after["status"]) == ("canceled", "canceled")
    assert amounts(after, "total_canceled", "subtotal_canceled", "shipping_canceled") == ["17.00", "12.00", "5.00"]
    assert [row["qty_canceled"] for row in after["items"]] == [3]
    assert shop.post(f"/V1/orders/{order_id}/cancel").json() is False


def test_cancelling_a_part_invoiced_order_cancels_the_rest(shop: Api) -> None:
    order_id = place(shop, line("CUP", "20.00", 10))
    (cup,) = (row["item_id"] for row in items(shop, order_id))
    done(shop.post(f"/V1/order/{order_id}/invoice", {"items": [{"order_item_id": cup, "qty": 7}]}))
    assert shop.post(f"/V1/orders/{order_id}/cancel").json() is True
    after = order(shop, order_id)
    assert (after["state"], after["items"][0]["qty_canceled"]) == ("processing", 3)
    assert amounts(after, "grand_total", "total_canceled", "total_paid") == ["200.00", "60.00", "140.00"]
    sim(shop, f"orders/{order_id}/ship")
    assert picked(order(shop, order_id), "state") == ["complete"]


def test_cancelling_lets_the_pieces_go(shop: Api) -> None:
    before = sum(row["quantity"] for row in shop.state.reservations.find(sku_key="dog-lead"))
    order_id = place(shop, {"sku": "DOG-LEAD", "quantity": 2})
    rows = shop.state.reservations.find(sku_key="dog-lead")
    assert picked(rows[-1], "quantity", "stock_id") == [-2, 2]
    assert '"event_type":"order_placed"' in rows[-1]["metadata"]
    shop.post(f"/V1/orders/{order_id}/cancel")
    assert sum(row["quantity"] for row in shop.state.reservations.find(sku_key="dog-lead")) == before


def test_a_hold_keeps_what_was_before_and_gives_it_back(shop: Api) -> None:
    order_id = place(shop, line("CUP", "4.00"), payment="card")
    assert shop.post(f"/V1/orders/{order_id}/hold").json() is True
    held = order(shop, order_id)
    assert picked(held, "state", "status", "hold_before_state") == ["holded", "holded", "processing"]
    assert refused(shop.post(f"/V1/orders/{order_id}/hold")) == "A hold action is not available."
    assert shop.post(f"/V1/orders/{order_id}/cancel").json() is False
    assert shop.post(f"/V1/orders/{order_id}/unhold").json() is True
    assert picked(order(shop, order_id), "state", "status", "hold_before_state") == ["processing", "processing", None]
    assert refused(shop.post(f"/V1/orders/{order_id}/unhold")) == "You cannot remove the hold."


# --- comments -------------------------------------------------------------------------------------


def _comment(shop: Api, order_id: int, **more: object) -> object:
    body = {"comment": "Note", "parent_id": order_id, "is_customer_notified": 0, "is_visible_on_front": 0, **more}
    return shop.post(f"/V1/orders/{order_id}/comments", {"statusHistory": body})


def test_a_comment_without_a_status_takes_the_status_away_up_to_2_4_6(shop: Api) -> None:
    shop.switch(profile="open-source-2.4.6")
    order_id = place(shop, line("CUP", "4.00"))
    assert _comment(shop, order_id, status="whatever").json() is True  # type: ignore[attr-defined]
    assert order(shop, order_id)["status"] == "whatever"
    _comment(shop, order_id)
    assert "status" not in order(shop, order_id)
    assert shop.get(f"/V1/orders/{order_id}/statuses").json() in (None, [])


def test_a_comment_keeps_the_status_and_refuses_a_foreign_one_since_2_4_7(shop: Api) -> None:
    order_id = place(shop, line("CUP", "4.00"))
    _comment(shop, order_id)
    assert order(shop, order_id)["status"] == "pending"
    answer = _comment(shop, order_id, status="packed")
    said = 'Unable to add comment: The status "%1" is not part of the order status history.'
    assert (refused(answer), answer.json()["parameters"]) == (said, ["packed"])  # type: ignore[arg-type, attr-defined]
    sim(shop, "statuses", {"state": "new", "status": "packed"})
    assert _comment(shop, order_id, status="packed").json() is True  # type: ignore[attr-defined]
    found = shop.get(f"/V1/orders/{order_id}/comments").json()
    assert [(row["comment"], row["status"]) for row in found["items"]] == [("Note", "packed"), ("Note", "pending")]
    assert shop.get(f"/V1/orders/{order_id}/statuses").json() == "packed"


def test_a_custom_status_survives_shipping_and_not_an_invoice(shop: Api) -> None:
    sim(shop, "statuses", {"state": "processing", "status": "packing"})
    order_id = place(shop, line("CUP", "4.00", 3), payment="offline")
    sim(shop, f"orders/{order_id}/ship", {"part": True})
    _comment(shop, order_id, status="packing")
    sim(shop, f"orders/{order_id}/ship", {"part": True})
    assert picked(order(shop, order_id), "state", "status") == ["processing", "packing"]
    sim(shop, f"orders/{order_id}/invoice")
    assert picked(order(shop, order_id), "state", "status") == ["processing", "processing"]


# --- raw saves and addresses ----------------------------------------------------------------------


def test_a_raw_save_merges_columns_and_asks_no_rule(shop: Api) -> None:
    order_id = place(shop, line("CUP", "4.00"))
    before = order(shop, order_id)
    answer = shop.post("/V1/orders", {"entity": {"entity_id": order_id, "ext_order_id": "HR-98213"}})
    assert answer.json()["ext_order_id"] == "HR-98213"
    after = order(shop, order_id)
    assert {name for name in after if after[name] != before.get(name)} <= {"ext_order_id", "updated_at"}
    assert _found(shop, [("ext_order_id", "eq", "HR-98213")]) == [order_id]
    shop.post("/V1/orders", {"entity": {"entity_id": order_id, "state": "complete", "status": "nonsense"}})
    assert picked(order(shop, order_id), "state", "status") == ["complete", "nonsense"]
    item = before["items"][0]["item_id"]
    wish = {"entity_id": order_id, "items": [{"item_id": item, "sku": "CUP", "ext_order_item_id": "7"}]}
    shop.post("/V1/orders", {"entity": wish})
    assert picked(items(shop, order_id)[0], "ext_order_item_id", "qty_ordered") == ["7", 1]
    assert refused(shop.post("/V1/orders", {"entity": {"entity_id": 99999}}), 404)


def test_a_raw_save_without_an_id_makes_an_order_that_keeps_no_stock(shop: Api) -> None:
    reserved = len(shop.state.reservations)
    entity = {
        "customer_email": "a@example.org",
        "grand_total": 9,
        "base_grand_total": 9,
        "items": [{"sku": "DOG-LEAD"}],
    }
    made = shop.put("/V1/orders/create", {"entity": entity}).json()
    assert picked(made, "state", "grand_total") == ["new", 9]
    assert len(shop.state.reservations) == reserved


def test_an_address_is_saved_by_its_id_or_kind(shop: Api) -> None:
    order_id = place(shop, line("CUP", "4.00"))
    billing = order(shop, order_id)["billing_address"]
    entity = {"entity_id": billing["entity_id"], "address_type": "billing", "city": "Boston"}
    assert shop.put(f"/V1/orders/{order_id}", {"entity": entity}).json()["city"] == "Boston"
    assert order(shop, order_id)["billing_address"]["city"] == "Boston"
    sim(shop, f"orders/{order_id}/address", {"ship_to": {"first_name": "Eve", "last_name": "Li", "city": "Reno"}})
    shipping = order(shop, order_id)["extension_attributes"]["shipping_assignments"][0]["shipping"]["address"]
    assert picked(shipping, "firstname", "city") == ["Eve", "Reno"]


# --- edits and numbers ----------------------------------------------------------------------------


@pytest.mark.parametrize("links", [False, True])
def test_an_edit_cancels_the_order_and_puts_another_in_its_place(shop: Api, links: bool) -> None:
    shop.switch(edit_links_child=links)
    old = place(shop, line("CUP", "4.00", 2), payment="offline")
    number = order(shop, old)["increment_id"]
    made = sim(shop, f"orders/{old}/edit", {"lines": [{"line": 0, "quantity": 3}], "add": [line("BOWL", "6.00")]})
    new = order(shop, made["id"])
    names = ("increment_id", "original_increment_id", "relation_parent_id", "relation_parent_real_id", "edit_increment")
    assert picked(new, *names) == [f"{number}-1", number, str(old), number, 1]
    assert [(row["sku"], row["qty_ordered"]) for row in new["items"]] == [("CUP", 3), ("BOWL", 1)]
    before = order(shop, old)
    assert before["state"] == "canceled"
    child = [str(made["id"]), f"{number}-1"] if links else [None, None]
    assert picked(before, "relation_child_id", "relation_child_real_id") == child
    again = sim(shop, f"orders/{made['id']}/edit", {"lines": [{"line": 1, "quantity": 0}]})
    assert again["increment_ids"] == {str(again["id"]): f"{number}-2"}


def test_an_order_that_is_invoiced_cannot_be_edited(shop: Api) -> None:
    order_id = place(shop, line("CUP", "4.00"), payment="card")
    assert sim(shop, f"orders/{order_id}/edit", {}, status=400)["message"] == "The order can't be edited."
    assert order(shop, order_id)["state"] == "processing"


def test_views_count_for_themselves_with_their_number_before_or_without(shop: Api) -> None:
    first = [order(shop, place(shop, line("CUP", "4.00"), view="canada"))["increment_id"] for _ in range(2)]
    assert first == ["2000000001", "2000000002"]
    shop.switch(numbers_overlap=True)
    ids = [place(shop, line("CUP", "4.00"), view=view) for view in ("canada", "europe")]
    assert [order(shop, one)["increment_id"] for one in ids] == ["000000003", "000000001"]
    named = [place(shop, line("CUP", "4.00"), view=view, increment_id="1000006164") for view in ("default", "canada")]
    assert _found(shop, [("increment_id", "eq", "1000006164")]) == named


def test_a_declined_payment_leaves_a_cancelled_order_and_a_review_waits(shop: Api) -> None:
    states = {}
    for payment in ("card", "offline", "authorized", "abandoned", "declined", "review"):
        states[payment] = order(shop, place(shop, line("CUP", "4.00"), payment=payment))["state"]
    assert states == {
        "card": "processing",
        "offline": "new",
        "authorized": "new",
        "abandoned": "pending_payment",
        "declined": "canceled",
        "review": "payment_review",
    }
    order_id = place(shop, line("CUP", "4.00"), payment="review")
    assert sim(shop, f"orders/{order_id}/review", {"accept": True})["state"] == "processing"


def test_columns_may_be_set_as_faulty_releases_leave_them(shop: Api) -> None:
    order_id = place(shop, line("CUP", "4.00"))
    wish = {"order": {"state": "processing", "total_paid": None}, "payment": {"method": "paypal_express"}}
    sim(shop, f"orders/{order_id}/columns", wish, method="PUT")
    found = order(shop, order_id)
    assert (found["state"], found["payment"]["method"]) == ("processing", "paypal_express")
    sim(shop, f"orders/{order_id}/transaction", {"type": "capture", "amount": "4.00"})
    listed = shop.get("/V1/transactions" + criteria([[("order_id", "eq", str(order_id))]])).json()
    assert [row["txn_type"] for row in listed["items"]] == ["capture"]
