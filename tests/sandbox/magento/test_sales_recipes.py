"""Scripted shoppers and staff: `/_sim/recipes`, `/_sim/orders` and what follows an order (apis/magento.md §22)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import requests

from ipaas.sandbox.catalog import recipes
from syncjobs.stories.demo.sim import Sandbox
from tests.sandbox.magento.magento_api import Api, criteria
from tests.sandbox.magento.sales_desk import amounts, items, line, order, picked, place, sim

BESIDE = ("gift_cards_amount", "customer_balance_amount")
PARTS = (
    *("subtotal", "discount_amount", "shipping_amount", "tax_amount"),
    *("discount_tax_compensation_amount", "shipping_discount_tax_compensation_amount"),
)


def kept_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of an order that a reader keeps: no children of configurables, a bundle by parent or by parts."""
    by_parts = {row["parent_item_id"] for row in rows if row.get("parent_item_id") and row["row_total"]}
    return [
        row for row in rows if row["item_id"] not in by_parts and (not row.get("parent_item_id") or row["row_total"])
    ]


@pytest.mark.parametrize("profile", ["open-source-2.4.8", "commerce-2.4.9"])
def test_every_shared_recipe_becomes_one_order_whose_parts_give_the_total(shop: Api, profile: str) -> None:
    shop.switch(profile=profile)
    wanted = recipes(50)
    placed = sim(shop, "orders", list(wanted))
    assert len(placed["ids"]) == len(wanted)
    for kind, order_id in zip((row["kind"] for row in wanted), placed["ids"], strict=True):
        found = order(shop, order_id)
        beside = sum(Decimal(found["extension_attributes"].get(name, 0)) for name in BESIDE)
        parts = sum(Decimal(found[name]) for name in PARTS)
        assert Decimal(found["grand_total"]) + beside == parts, kind
        assert sum(Decimal(row["row_total"]) for row in kept_rows(found["items"])) == found["subtotal"], kind
        assert f"{found['grand_total']:.2f}" == placed["totals"][str(order_id)]


def test_shared_recipes_leave_where_a_merchant_sells_from_one_source(shop: Api) -> None:
    """What one source lacks stands in others that are switched off: goods of which a recipe says that they left."""
    for code in ("pine_annex", "depot"):
        requests.post(f"{shop.url}/admin/sources/{code}/switch", timeout=10).raise_for_status()
    wanted = recipes(50)
    placed = sim(shop, "orders", list(wanted))
    shipped = [at for at, row in zip(placed["ids"], wanted, strict=True) if row.get("ship") == "all"]
    assert {order(shop, at)["state"] for at in shipped} <= {"complete", "closed"}
    assert shipped


def test_a_recipe_that_cannot_be_ends_a_list_and_tells_what_was_placed(shop: Api) -> None:
    good, bad = {"lines": [{"sku": "DOG-LEAD"}]}, {"lines": [{"sku": "NO-SUCH"}]}
    answer = sim(shop, "orders", [good, good, bad, good], status=422)
    assert (answer["error"], answer["field"], len(answer["ids"])) == ("There is no product NO-SUCH.", "sku", 2)
    assert answer["recipe"] == bad


def test_the_catalogue_gives_a_shopper_its_prices_and_products(shop: Api) -> None:
    tee, lead = items(shop, place(shop, {"sku": "HP-TEE-RED-XS"})), items(shop, place(shop, {"sku": "DOG-LEAD"}))
    assert [picked(row, "product_type", "sku") for row in (*tee, *lead)] == [
        ["configurable", "HP-TEE-RED-XS"],
        ["simple", "HP-TEE-RED-XS"],
        ["simple", "DOG-LEAD"],
    ]
    parent, child = (shop.state.products.first(sku_key=sku) or {} for sku in ("hp-tee", "hp-tee-red-xs"))
    assert [row["product_id"] for row in tee] == [parent["id"], child["id"]]
    chosen = tee[0]["product_option"]["extension_attributes"]["configurable_item_options"]
    assert [row["option_id"] for row in chosen] == ["141", "93"]
    assert tee[0]["price"] == Decimal(child["values"]["0"]["price"])
    assert tee[0]["name"] != tee[1]["name"]


def test_options_that_a_shopper_fills_in_are_on_the_item_and_in_its_price(shop: Api) -> None:
    plain = items(shop, place(shop, {"sku": "HP-TOT-OAT"}))[0]["price"]
    filled = items(shop, place(shop, {"sku": "HP-TOT-OAT", "modifiers": {"Strap": "Leather"}}))[0]
    assert filled["price"] > plain
    (option,) = filled["product_option"]["extension_attributes"]["custom_options"]
    assert set(option) == {"option_id", "option_value"}
    wish = {"lines": [{"sku": "HP-TOT-OAT", "modifiers": {"Strap": "Steel"}}]}
    assert sim(shop, "orders", wish, status=422)["error"] == "Steel is not a choice for Strap."


def test_a_coupon_of_some_goods_leaves_the_others_and_one_with_a_minimum_waits_for_it(shop: Api) -> None:
    order_id = place(shop, {"sku": "CMP-DUTCH"}, {"sku": "DOG-LEAD"}, coupon="CAMP15")
    camp, lead = items(shop, order_id)
    assert (camp["discount_percent"], lead["discount_amount"]) == (15, 0)
    assert camp["discount_amount"] == round(camp["price"] * Decimal("0.15"), 2)
    small = {"lines": [line("CUP", "59.99")], "coupon": "TAKE20"}
    assert sim(shop, "orders", small, status=422)["error"] == "The coupon code TAKE20 is not valid."
    assert amounts(order(shop, place(shop, line("CUP", "60.00"), coupon="TAKE20")), "grand_total") == ["40.00"]


def test_a_special_price_is_what_is_paid_and_the_old_one_is_kept_beside(shop: Api) -> None:
    price = {"price": 9.5, "store_id": 0, "sku": "DOG-LEAD", "price_from": "2020-01-01 00:00:00"}
    assert (
        shop.post("/V1/products/special-price", {"prices": [{**price, "price_to": "2036-01-01 00:00:00"}]}).json() == []
    )
    (row,) = items(shop, place(shop, {"sku": "DOG-LEAD"}))
    assert amounts(row, "price", "original_price") == ["9.50", "34.95"]


def test_staff_ships_invoices_and_refunds_by_line(shop: Api) -> None:
    order_id = place(shop, line("CUP", "4.00", 3), line("BOWL", "6.00"))
    shipped = sim(shop, f"orders/{order_id}/ship", {"lines": [{"line": 0, "quantity": 2}], "tracks": []})
    invoiced = sim(shop, f"orders/{order_id}/invoice", {"lines": [{"line": 1}]})
    assert (shipped["state"], invoiced["state"]) == ("processing", "processing")
    bowl = items(shop, order_id)[1]["item_id"]
    back = sim(shop, f"orders/{order_id}/refund", {"lines": [{"line": bowl}], "negative": "1"})
    assert back["total"] == "5.00"
    rows = items(shop, order_id)
    assert [picked(row, "qty_shipped", "qty_invoiced", "qty_refunded") for row in rows] == [[2, 0, 0], [0, 1, 1]]
    assert sim(shop, f"orders/{order_id}/refund", {"lines": [{"line": 7}]}, status=400)["error"].startswith(
        "IndexError"
    )


def test_staff_gives_money_back_without_a_piece(shop: Api) -> None:
    order_id = place(shop, line("CUP", "4.00", 3), payment="card")
    assert sim(shop, f"orders/{order_id}/refund", {"amount": "2.50"})["total"] == "2.50"
    assert items(shop, order_id)[0]["qty_refunded"] == 0


def test_cancelling_what_is_paid_refunds_it(shop: Api) -> None:
    due, paid = place(shop, line("CUP", "4.00")), place(shop, line("CUP", "4.00"), payment="card")
    assert [sim(shop, f"orders/{one}/cancel")["state"] for one in (due, paid)] == ["canceled", "closed"]


def test_staff_adds_a_track_and_a_comment_later(shop: Api) -> None:
    order_id = place(shop, line("CUP", "4.00"))
    shipment = sim(shop, f"orders/{order_id}/ship", {"tracks": []})["shipment_id"]
    track = {"shipment": shipment, "track_number": "1Z9", "title": "UPS", "carrier_code": "ups"}
    sim(shop, f"orders/{order_id}/track", track)
    sim(shop, f"orders/{order_id}/comment", {"comment": "Ring twice", "is_visible_on_front": 1})
    found = shop.get("/V1/shipments" + criteria([[("order_id", "eq", str(order_id))]])).json()["items"][0]
    assert [row["track_number"] for row in found["tracks"]] == ["1Z9"]
    histories = order(shop, order_id)["status_histories"]
    assert [picked(row, "comment", "is_visible_on_front", "status") for row in histories] == [
        ["Ring twice", 1, "processing"]
    ]


def test_an_order_of_the_past_is_as_old_as_it_says(shop: Api) -> None:
    assert shop.get("/V1/orders" + criteria()).json()["total_count"] == 60  # those of the seed, one a day
    placed = place(shop, line("CUP", "4.00"), days_ago=90)
    seeded = shop.get("/V1/orders" + criteria(sorts=[("created_at", "ASC")], size=1)).json()["items"]
    assert seeded[0]["entity_id"] == placed


def test_an_unknown_order_is_no_order_for_staff_either(shop: Api) -> None:
    for act in ("ship", "invoice", "cancel", "hold"):
        answer = requests.post(f"{shop.url}/_sim/orders/99999/{act}", json={}, timeout=10)
        assert answer.status_code == 404, act


def test_a_story_that_is_refused_something_says_what_and_why(shop: Api) -> None:
    with pytest.raises(requests.HTTPError, match=r"^422 of POST http.*/_sim/orders: .*nothing-like-it"):
        Sandbox(shop.url).post("/_sim/orders", {"lines": [{"sku": "nothing-like-it"}]})
