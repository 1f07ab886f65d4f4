"""Invoices, captures and transactions (apis/magento.md §9, §13)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.sandbox.magento.magento_api import Api, criteria
from tests.sandbox.magento.sales_desk import amounts, done, items, line, order, picked, place, read, refused, sim

HEAD = "Invoice Document Validation Error(s):\n"
TEXAS = {"rates": {"TX": "8.25"}}


def _invoice(shop: Api, order_id: int, wanted: dict[int, int] | None = None, **more: object) -> dict[str, object]:
    rows = [{"order_item_id": item_id, "qty": qty} for item_id, qty in (wanted or {}).items()]
    return read(shop, f"/V1/invoices/{done(shop.post(f'/V1/order/{order_id}/invoice', {'items': rows, **more}))}")


def _transactions(shop: Api, order_id: int) -> list[list[object]]:
    found = shop.get("/V1/transactions" + criteria([[("order_id", "eq", str(order_id))]])).json()["items"]
    return [picked(row, "txn_type", "is_closed", "parent_txn_id") for row in found]


def test_an_offline_order_is_paid_by_its_invoice_and_has_no_transaction(shop: Api) -> None:
    order_id = place(shop, line("CUP", "4.00", 3), shipping_amount="5", tax=TEXAS)
    found = _invoice(shop, order_id)
    assert amounts(found, "subtotal", "shipping_amount", "tax_amount", "grand_total") == [
        "12.00",
        "5.00",
        "1.40",
        "18.40",
    ]
    assert picked(found, "state", "total_qty", "order_id") == [2, 3, order_id]
    after = order(shop, order_id)
    assert (after["state"], amounts(after, "total_paid", "total_due")) == ("processing", ["18.40", "0.00"])
    assert amounts(after["payment"], "amount_paid") == ["18.40"]
    assert _transactions(shop, order_id) == []


def test_the_delivery_goes_on_the_first_invoice_and_the_last_takes_the_rest(shop: Api) -> None:
    order_id = place(shop, line("CUP", "6.65", 3), shipping_amount="5", tax=TEXAS)
    (cup,) = (row["item_id"] for row in items(shop, order_id))
    parts = [_invoice(shop, order_id, {cup: 1}) for _ in range(3)]
    assert [amounts(row, "shipping_amount", "tax_amount", "grand_total") for row in parts] == [
        ["5.00", "0.96", "12.61"],
        ["0.00", "0.55", "7.20"],
        ["0.00", "0.55", "7.20"],
    ]
    whole = order(shop, order_id)
    assert amounts(whole, "grand_total", "total_paid", "total_due") == ["27.01", "27.01", "0.00"]
    assert amounts(whole, "subtotal_invoiced", "tax_invoiced", "shipping_invoiced") == ["19.95", "2.06", "5.00"]


def test_what_cannot_be_invoiced_is_said(shop: Api) -> None:
    order_id = place(shop, line("CUP", "4.00", 3))
    (cup,) = (row["item_id"] for row in items(shop, order_id))

    def said(rows: list[dict[str, int]]) -> str:
        return refused(shop.post(f"/V1/order/{order_id}/invoice", {"items": rows}))

    assert said([{"order_item_id": cup, "qty": 4}]) == (
        HEAD + 'The quantity to invoice must not be greater than the uninvoiced quantity for product SKU "CUP".'
    )
    assert said([{"order_item_id": 99999, "qty": 1}]) == (
        HEAD + "The invoice contains one or more items that are not part of the original order."
    )
    _invoice(shop, order_id)
    assert said([]) == HEAD + "The order does not allow an invoice to be created."
    sim(shop, f"orders/{order_id}/hold")
    assert said([]) == HEAD + "An invoice cannot be created when an order has a status of holded"


def test_an_authorised_order_is_captured_with_the_invoice(shop: Api) -> None:
    order_id = place(shop, line("CUP", "25.00", 2), payment="authorized")
    found = order(shop, order_id)
    assert picked(found, "state", "total_paid") == ["new", None]
    assert amounts(found["payment"], "amount_authorized", "amount_paid") == ["50.00", "0.00"]
    (cup,) = (row["item_id"] for row in found["items"])
    taken = _invoice(shop, order_id, {cup: 1}, capture=True)
    first, second = _transactions(shop, order_id)
    assert (first[0], second[0]) == ("authorization", "capture")
    assert taken["transaction_id"] == order(shop, order_id)["payment"]["last_trans_id"]
    _invoice(shop, order_id, {cup: 1}, capture=False)
    assert amounts(order(shop, order_id), "total_paid") == ["50.00"]
    assert len(_transactions(shop, order_id)) == 2  # the second half is paid in the books alone


def test_children_of_a_transaction_stand_inside_it_and_by_themselves(shop: Api) -> None:
    order_id = place(shop, line("CUP", "25.00"), payment="authorized")
    _invoice(shop, order_id, capture=True)
    found = shop.get("/V1/transactions" + criteria([[("order_id", "eq", str(order_id))]])).json()
    assert [len(row["child_transactions"]) for row in found["items"]] == [1, 0]
    assert found["items"][1]["parent_txn_id"] == found["items"][0]["txn_id"]
    assert read(shop, f"/V1/transactions/{found['items'][1]['transaction_id']}")["txn_type"] == "capture"


def test_a_gateway_that_refuses_leaves_no_invoice(shop: Api) -> None:
    order_id = place(shop, line("CUP", "25.00"), payment="authorized")
    shop.switch(capture_refused=True)
    assert "authorization has expired" in refused(shop.post(f"/V1/order/{order_id}/invoice", {"capture": True}))
    assert shop.get("/V1/invoices" + criteria([[("order_id", "eq", str(order_id))]])).json()["total_count"] == 0
    assert picked(order(shop, order_id), "state", "total_paid") == ["new", None]


def test_an_open_invoice_is_no_money_until_it_is_captured_once(shop: Api) -> None:
    order_id = place(shop, line("CUP", "25.00"), payment="authorized")
    invoice_id = sim(shop, f"orders/{order_id}/invoice", {"open": True})["invoice_id"]
    waiting = order(shop, order_id)
    assert picked(read(shop, f"/V1/invoices/{invoice_id}"), "state", "transaction_id") == [1, None]
    assert picked(waiting, "state", "total_paid", "total_due") == ["processing", None, 25]
    assert shop.post(f"/V1/invoices/{invoice_id}/capture").status_code == 200
    assert amounts(order(shop, order_id), "total_paid", "total_due") == ["25.00", "0.00"]
    assert [row[0] for row in _transactions(shop, order_id)] == ["authorization", "capture"]
    assert refused(shop.post(f"/V1/invoices/{invoice_id}/capture")) == "The invoice can't be captured."


def test_an_authorisation_is_voided_by_its_invoice_once(shop: Api) -> None:
    order_id = place(shop, line("CUP", "25.00"), payment="authorized")
    invoice_id = sim(shop, f"orders/{order_id}/invoice", {"open": True})["invoice_id"]
    assert shop.post(f"/V1/invoices/{invoice_id}/void").json() is True
    assert [row[:2] for row in _transactions(shop, order_id)] == [["authorization", 1], ["void", 1]]
    assert refused(shop.post(f"/V1/invoices/{invoice_id}/void")) == "The invoice can't be voided."


def test_cancelling_an_authorised_order_voids_what_was_not_captured(shop: Api) -> None:
    order_id = place(shop, line("CUP", "10.00", 10), payment="authorized")
    (cup,) = (row["item_id"] for row in items(shop, order_id))
    _invoice(shop, order_id, {cup: 9}, capture=True)
    assert shop.post(f"/V1/orders/{order_id}/cancel").json() is True
    assert [row[0] for row in _transactions(shop, order_id)] == ["authorization", "capture", "void"]
    assert amounts(order(shop, order_id), "total_paid", "total_canceled") == ["90.00", "10.00"]


def test_a_configurable_is_invoiced_on_both_rows_and_a_bundle_as_a_whole(shop: Api) -> None:
    jacket = line("JKT", "120.00", 2, children=[{"sku": "JKT"}]) | {"type": "configurable"}
    order_id = place(shop, jacket)
    parent, _child = (row["item_id"] for row in items(shop, order_id))
    _invoice(shop, order_id, {parent: 1})
    assert [row["qty_invoiced"] for row in items(shop, order_id)] == [1, 1]
    parts = [{"sku": "A", "price": "30"}, {"sku": "B", "price": "10", "quantity": 2}]
    bundle = place(shop, line("KIT", "50", 2, children=parts, dynamic=True) | {"type": "bundle"})
    ids = [row["item_id"] for row in items(shop, bundle)]
    found = _invoice(shop, bundle, {ids[1]: 1})
    assert amounts(found, "grand_total") == ["30.00"]
    assert [row["qty_invoiced"] for row in items(shop, bundle)] == [2, 1, 0]


@pytest.mark.parametrize(("forgets", "paid"), [(False, ["104.00", "0.00"]), (True, ["100.00", "4.00"])])
def test_an_invoice_may_forget_the_fixed_product_tax(shop: Api, forgets: bool, paid: list[str]) -> None:
    shop.switch(invoice_forgets_weee=forgets)
    order_id = place(shop, line("FRIDGE", "100.00", weee="4.00"))
    _invoice(shop, order_id)
    assert amounts(order(shop, order_id), "total_paid", "total_due") == paid


def test_gift_cards_and_credit_are_invoiced_before_money(shop: Api) -> None:
    shop.switch(profile="commerce-2.4.9")
    order_id = place(shop, line("COAT", "50.00", 2), gift_certificate="new:60")
    (coat,) = (row["item_id"] for row in items(shop, order_id))
    first, second = _invoice(shop, order_id, {coat: 1}), _invoice(shop, order_id, {coat: 1})
    assert [amounts(row, "grand_total") for row in (first, second)] == [["0.00"], ["40.00"]]
    used = [row["extension_attributes"]["gift_cards_amount"] for row in (first, second)]  # type: ignore[index]
    assert used == [50, 10]
    assert order(shop, order_id)["extension_attributes"]["gift_cards_invoiced"] == 60


def test_a_sold_gift_card_has_a_code_for_each_piece_once_invoiced(shop: Api) -> None:
    shop.switch(profile="commerce-2.4.8")
    sold = {"sku": "GIFT-CERT", "quantity": 2, "certificate": {"amount": "25"}}
    order_id = place(shop, sold)
    before = items(shop, order_id)[0]["product_option"]["extension_attributes"]["giftcard_item_option"]
    assert ("extension_attributes" in before, before["giftcard_amount"]) == (False, "25.0000")
    _invoice(shop, order_id)
    option = items(shop, order_id)[0]["product_option"]["extension_attributes"]["giftcard_item_option"]
    codes = option["extension_attributes"]["giftcard_created_codes"]
    assert len(set(codes)) == 2
    assert shop.get(f"/V1/carts/guest-carts/x/checkGiftCard/{codes[0]}").json() == 25


def test_comments_of_an_invoice_are_kept_with_it(shop: Api) -> None:
    order_id = place(shop, line("CUP", "4.00"))
    made = _invoice(shop, order_id, comment={"comment": "Thanks", "is_visible_on_front": 1}, appendComment=True)
    entity = {
        "parent_id": made["entity_id"],
        "comment": "Paid in cash",
        "is_customer_notified": 0,
        "is_visible_on_front": 0,
    }
    assert shop.post("/V1/invoices/comments", {"entity": entity}).json()["comment"] == "Paid in cash"
    found = shop.get(f"/V1/invoices/{made['entity_id']}/comments").json()["items"]
    assert [row["comment"] for row in found] == ["Paid in cash", "Thanks"]


def test_an_invoice_in_another_currency_has_both(shop: Api) -> None:
    order_id = place(shop, line("KNIFE", "50.00", 2), currency="EUR", rate="0.92")
    found = _invoice(shop, order_id)
    assert amounts(found, "base_grand_total", "grand_total") == ["100.00", "92.00"]
    assert Decimal(order(shop, order_id)["base_total_paid"]) == 100
