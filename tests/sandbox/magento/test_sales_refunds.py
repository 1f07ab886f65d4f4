"""Credit memos: what they give back, and what they refuse (apis/magento.md §11)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.magento.magento_api import Api, criteria
from tests.sandbox.magento.sales_desk import amounts, done, items, line, order, picked, place, read, refused, sim

HEAD = "Creditmemo Document Validation Error(s):\n"
NOTHING_ELSE = {"shipping_amount": 0, "adjustment_positive": 0, "adjustment_negative": 0}
Row = dict[str, Any]


def _refund(shop: Api, order_id: int, wanted: dict[int, Any] | None = None, returns: Any = (), **arguments: Any) -> Any:
    """A memo over the wanted pieces, by default without the delivery."""
    more = {"extension_attributes": {"return_to_stock_items": list(returns)}} if returns else {}
    body = {
        "items": [{"order_item_id": item_id, "qty": qty} for item_id, qty in (wanted or {}).items()],
        "arguments": {**NOTHING_ELSE, **arguments, **more},
    }
    return shop.post(f"/V1/order/{order_id}/refund", body)


def _memo(shop: Api, *given: Any, **more: Any) -> Row:
    return read(shop, f"/V1/creditmemo/{done(_refund(shop, *given, **more))}")


def _ids(shop: Api, order_id: int) -> list[int]:
    return [row["item_id"] for row in items(shop, order_id)]


@pytest.fixture
def paid(shop: Api) -> tuple[int, int]:
    """3 × 20.00 with 6.00 delivery, paid: its id and that of its item."""
    order_id = place(shop, line("CUP", "20.00", 3), payment="card", shipping_amount="6")
    return order_id, _ids(shop, order_id)[0]


def test_memos_of_single_pieces_spread_the_cent_and_close_the_order(shop: Api) -> None:
    order_id = place(shop, line("MAP", "21.60", 3), payment="card", tax={"rates": {"TX": "8.25"}})
    (item,) = _ids(shop, order_id)
    assert amounts(order(shop, order_id), "tax_amount", "total_paid") == ["5.35", "70.15"]
    memos = [_memo(shop, order_id, {item: 1}) for _ in range(3)]
    assert [amounts(row, "tax_amount", "grand_total") for row in memos] == [
        ["1.78", "23.38"],
        ["1.79", "23.39"],
        ["1.78", "23.38"],
    ]
    after = order(shop, order_id)
    assert (after["state"], amounts(after, "total_refunded", "tax_refunded")) == ("closed", ["70.15", "5.35"])


def test_seven_pieces_with_a_coupon_come_back_to_the_cent(shop: Api) -> None:
    gross = {"rates": {"VAT": "20"}, "prices_include_tax": True, "discounts_gross": True}
    recipe: Row = {"payment": "card", "tax": gross, "rule": {"code": "C", "amount": "15"}}
    order_id = place(shop, line("PIN", "14.99", 7), **recipe)
    (item,) = _ids(shop, order_id)
    assert amounts(order(shop, order_id), "discount_amount", "grand_total") == ["-15.74", "89.19"]
    memos = [_memo(shop, order_id, {item: 1}) for _ in range(7)]
    assert sum(Decimal(row["grand_total"]) for row in memos) == Decimal("89.19")
    assert order(shop, order_id)["state"] == "closed"


@pytest.mark.parametrize("body", [None, {}, {"items": []}])
def test_no_items_and_no_shipping_amount_give_everything_back(shop: Api, paid: tuple[int, int], body: Any) -> None:
    memo = read(shop, f"/V1/creditmemo/{done(shop.post(f'/V1/order/{paid[0]}/refund', body))}")
    assert amounts(memo, "subtotal", "shipping_amount", "grand_total") == ["60.00", "6.00", "66.00"]
    assert order(shop, paid[0])["state"] == "closed"


def test_an_absent_shipping_amount_means_all_of_the_delivery(shop: Api, paid: tuple[int, int]) -> None:
    body = {"items": [{"order_item_id": paid[1], "qty": 1}]}
    memo = read(shop, f"/V1/creditmemo/{done(shop.post(f'/V1/order/{paid[0]}/refund', body))}")
    assert amounts(memo, "shipping_amount", "grand_total") == ["6.00", "26.00"]
    assert refused(_refund(shop, paid[0], {paid[1]: 1}, shipping_amount=1)).startswith(
        "Maximum shipping amount allowed"
    )


def test_the_delivery_comes_back_in_parts_with_its_tax_to_the_cent(shop: Api) -> None:
    recipe: Row = {"payment": "card", "shipping_amount": "7.95", "tax": {"rates": {"TX": "8.25"}}}
    order_id = place(shop, line("CUP", "20.00"), **recipe)
    (cup,) = _ids(shop, order_id)
    memos = [_memo(shop, order_id, {cup: 0}, shipping_amount="2.65") for _ in range(3)]
    assert [amounts(row, "shipping_tax_amount", "grand_total") for row in memos] == [
        ["0.22", "2.87"],
        ["0.22", "2.87"],
        ["0.22", "2.87"],
    ]
    assert amounts(order(shop, order_id), "shipping_refunded", "shipping_tax_refunded") == ["7.95", "0.66"]
    halves = place(shop, line("CUP", "20.00"), **recipe | {"shipping_amount": "1.10"})
    (cup,) = _ids(shop, halves)
    taxes = [_memo(shop, halves, {cup: 0}, shipping_amount="0.55")["shipping_tax_amount"] for _ in range(2)]
    assert taxes == [Decimal("0.05"), Decimal("0.04")]
    assert amounts(_memo(shop, halves, {cup: 1}), "grand_total") == ["21.65"]
    assert order(shop, halves)["state"] == "closed"


def test_pieces_without_the_delivery_leave_the_order_complete(shop: Api, paid: tuple[int, int]) -> None:
    sim(shop, f"orders/{paid[0]}/ship")
    _memo(shop, paid[0], {paid[1]: 3})
    after = order(shop, paid[0])
    assert (after["state"], amounts(after, "total_refunded")) == ("complete", ["60.00"])
    assert amounts(_memo(shop, paid[0], {paid[1]: 0}, shipping_amount=6), "grand_total") == ["6.00"]
    assert order(shop, paid[0])["state"] == "closed"


def test_a_goodwill_refund_has_every_row_at_zero(shop: Api, paid: tuple[int, int]) -> None:
    memo = _memo(shop, paid[0], {paid[1]: 0}, adjustment_positive=10)
    assert amounts(memo, "adjustment", "subtotal", "grand_total") == ["10.00", "0.00", "10.00"]
    assert [picked(row, "order_item_id", "qty") for row in memo["items"]] == [[paid[1], 0]]
    after = order(shop, paid[0])
    assert (after["state"], after["items"][0]["qty_refunded"]) == ("processing", 0)


@pytest.mark.parametrize(("release", "total"), [("nothing", "10.00"), ("everything", "60.00"), ("refused", "")])
def test_goodwill_on_a_bundle_is_what_the_release_makes_of_it(shop: Api, release: str, total: str) -> None:
    shop.switch(zero_qty_bundle=release)
    kit = line("KIT", "42", children=[{"sku": "A", "price": "42"}], dynamic=True) | {"type": "bundle"}
    order_id = place(shop, kit, payment="card", shipping_amount="18")
    _, part = _ids(shop, order_id)
    answer = _refund(shop, order_id, {part: 0}, adjustment_positive="10" if total == "10.00" else "18")
    if not total:
        assert refused(answer) == HEAD + "You can't create a creditmemo without products."
    else:
        assert amounts(read(shop, f"/V1/creditmemo/{done(answer)}"), "grand_total") == [total]


def test_a_fee_that_is_kept_comes_off_the_refund(shop: Api) -> None:
    order_id = place(shop, line("COAT", "100.00"), payment="card", tax={"rates": {"TX": "8.25"}})
    memo = _memo(shop, order_id, {_ids(shop, order_id)[0]: 1}, adjustment_negative=15)
    names = ("subtotal", "tax_amount", "adjustment_negative", "adjustment", "grand_total")
    assert amounts(memo, *names) == ["100.00", "8.25", "15.00", "-15.00", "93.25"]


def test_what_cannot_be_refunded_is_said_and_nothing_changes(shop: Api, paid: tuple[int, int]) -> None:
    order_id, item = paid
    jacket = line("JKT", "120.00", 1, children=[{"sku": "JKT"}]) | {"type": "configurable"}
    both = place(shop, jacket, payment="card")
    more = "The quantity to creditmemo must not be greater than the unrefunded quantity for product SKU"
    for wanted, said in (
        ({item: 4}, f'{more} "CUP".'),
        ({99999: 1}, "The creditmemo contains product item that is not part of the original order."),
        ({item: "0.5"}, 'We found an invalid quantity to refund item "CUP".'),
    ):
        assert refused(_refund(shop, order_id, wanted)) == HEAD + said
    child = _ids(shop, both)[1]
    assert refused(_refund(shop, both, {child: 1})) == HEAD + "The creditmemo contains incorrect product items."
    nothing = refused(_refund(shop, order_id, {item: 0}))
    assert nothing == HEAD + "The credit memo's total must be positive."
    assert refused(_refund(shop, order_id, {item: 3}, adjustment_positive=10)) == (
        "The most money available to refund is 66.00."
    )
    assert amounts(order(shop, order_id), "total_refunded") == ["0.00"]
    assert shop.get("/V1/creditmemos" + criteria([[("order_id", "eq", str(order_id))]])).json()["total_count"] == 0
    unpaid = place(shop, line("CUP", "1.00"))
    assert refused(_refund(shop, unpaid)) == HEAD + "The order does not allow a creditmemo to be created."


def test_two_invoices_are_refunded_online_each_for_itself(shop: Api) -> None:
    order_id = place(
        shop,
        line("A", "40.00"),
        line("B", "25.00"),
        payment="authorized",
        shipping_amount="8",
        tax={"rates": {"T": "10"}, "on_shipping": False},
    )
    a, b = _ids(shop, order_id)
    invoices = [
        done(shop.post(f"/V1/order/{order_id}/invoice", {"capture": True, "items": [{"order_item_id": one, "qty": 1}]}))
        for one in (a, b)
    ]
    assert [amounts(read(shop, f"/V1/invoices/{one}"), "grand_total") for one in invoices] == [["52.00"], ["27.50"]]

    def online(invoice: int, item: int) -> Any:
        body = {"isOnline": True, "items": [{"order_item_id": item, "qty": 1}], "arguments": NOTHING_ELSE}
        return shop.post(f"/V1/invoice/{invoice}/refund", body)

    assert refused(online(invoices[0], b)).startswith(HEAD + "The quantity to creditmemo must not be greater")
    memos = [read(shop, f"/V1/creditmemo/{done(online(*pair))}") for pair in zip(invoices, (a, b), strict=True)]
    assert [amounts(row, "grand_total") for row in memos] == [["44.00"], ["27.50"]]
    assert [row["invoice_id"] for row in memos] == invoices
    assert all(row["transaction_id"] for row in memos)
    after = order(shop, order_id)
    assert amounts(after, "total_online_refunded", "total_offline_refunded") == ["71.50", "0.00"]
    assert read(shop, f"/V1/invoices/{invoices[0]}")["is_used_for_refund"] == 1


def test_a_gateway_may_refuse_and_an_uncaptured_invoice_has_none(shop: Api, paid: tuple[int, int]) -> None:
    (invoice,) = (row["entity_id"] for row in shop.state.invoices.find(order_id=paid[0]))
    shop.switch(refund_refused=True)
    assert "not settled" in refused(shop.post(f"/V1/invoice/{invoice}/refund", {"isOnline": True}))
    offline = place(shop, line("CUP", "5.00"))
    made = done(shop.post(f"/V1/order/{offline}/invoice", {}))
    said = refused(shop.post(f"/V1/invoice/{made}/refund", {"isOnline": True}))
    assert said == "We can't create creditmemo for the invoice."
    assert amounts(order(shop, paid[0]), "total_refunded") == ["0.00"]


def test_one_part_of_a_bundle_comes_back_and_the_parent_says_all_of_it(shop: Api) -> None:
    parts = [{"sku": "A", "price": "30"}, {"sku": "B", "price": "10", "quantity": 2}]
    kit = line("KIT", "50", 2, children=parts, dynamic=True) | {"type": "bundle"}
    order_id = place(shop, kit, payment="card", ship="all")
    _parent, a, b = _ids(shop, order_id)
    memo = _memo(shop, order_id, {a: 1, b: 0})
    assert amounts(memo, "grand_total") == ["30.00"]
    assert [row["qty_refunded"] for row in items(shop, order_id)] == [2, 1, 0]
    assert amounts(_memo(shop, order_id, {a: 1, b: 4}), "grand_total") == ["70.00"]


def test_a_memo_in_another_currency_has_both(shop: Api) -> None:
    order_id = place(shop, line("KNIFE", "50.00", 2), payment="card", currency="EUR", rate="0.92")
    memo = _memo(shop, order_id, {_ids(shop, order_id)[0]: 1})
    assert amounts(memo, "base_grand_total", "grand_total") == ["50.00", "46.00"]


def test_what_money_does_not_cover_is_noted_for_the_card_which_stays_as_it_is(shop: Api) -> None:
    shop.switch(profile="commerce-2.4.8")
    order_id = place(shop, line("COAT", "50.00", 2), payment="card", gift_certificate="new:60")
    (coat,) = _ids(shop, order_id)
    card = shop.state.gift_cards.all()
    code = list(card)[-1]["code"]
    first, second = _memo(shop, order_id, {coat: 1}), _memo(shop, order_id, {coat: 1})
    assert [amounts(row, "grand_total") for row in (first, second)] == [["40.00"], ["0.00"]]
    assert [row["extension_attributes"]["gift_cards_amount"] for row in (first, second)] == [10, 50]
    assert shop.state.gift_cards.first(code=code)["balance"] == 0  # type: ignore[index]
    assert order(shop, order_id)["state"] == "closed"


def test_a_memo_cannot_be_cancelled_and_amounts_may_be_forced(shop: Api, paid: tuple[int, int]) -> None:
    made = _memo(shop, paid[0], {paid[1]: 1})
    assert refused(shop.put(f"/V1/creditmemo/{made['entity_id']}", {})) == "You can not cancel Credit Memo"
    forced = {"order_id": paid[0], "items": [], "grand_total": 1.5, "base_grand_total": 1.5, "adjustment": 1.5}
    answer = shop.post("/V1/creditmemo/refund", {"creditmemo": forced, "offlineRequested": True}).json()
    assert answer["grand_total"] == 1.5
    assert amounts(order(shop, paid[0]), "total_refunded") == ["21.50"]
    stored = {"order_id": paid[0], "items": [], "grand_total": 9, "base_grand_total": 9}
    assert shop.post("/V1/creditmemo", {"entity": stored}).status_code == 200
    assert amounts(order(shop, paid[0]), "total_refunded") == ["21.50"]


# --- stock ----------------------------------------------------------------------------------------


def _set(shop: Api, **levels: int) -> None:
    rows = [{"sku": "DOG-LEAD", "source_code": code, "quantity": n, "status": 1} for code, n in levels.items()]
    assert shop.post("/V1/inventory/source-items", {"sourceItems": rows}).json() == []


def _books(shop: Api) -> tuple[int, int]:
    """Pieces in Harbor Main, and the sum of reservations since."""
    rows = shop.state.source_items.find(sku_key="dog-lead")
    level = next(row["quantity"] for row in rows if row["source_code"] == "harbor_main")
    return int(level), int(sum(row["quantity"] for row in shop.state.reservations.find(sku_key="dog-lead")))


@pytest.mark.parametrize(
    ("ships", "returns", "after"),
    [
        (False, True, (9, -1)),  # pieces that never left are free again
        (False, False, (8, -1)),  # they are gone: out of the source, no longer kept
        (True, True, (8, 0)),  # back into the source they came from
        (True, False, (7, 0)),  # nothing moves
    ],
)
def test_a_memo_moves_stock_by_whether_pieces_left_and_return(
    shop: Api, ships: bool, returns: bool, after: tuple[int, int]
) -> None:
    _set(shop, harbor_main=9, default=0)
    before = _books(shop)[1]
    order_id = place(shop, {"sku": "DOG-LEAD", "quantity": 2}, payment="card")
    (item,) = _ids(shop, order_id)
    if ships:
        sim(shop, f"orders/{order_id}/ship", {"source": "harbor_main"})
    done(_refund(shop, order_id, {item: 1}, [item] if returns else []))
    level, reserved = _books(shop)
    assert (level, reserved - before) == after


def test_a_return_of_what_the_memo_lacks_is_refused(shop: Api, paid: tuple[int, int]) -> None:
    order_id = place(shop, line("A", "4.00"), line("B", "6.00"), payment="card")
    a, b = _ids(shop, order_id)
    assert refused(_refund(shop, order_id, {a: 1}, [b])) == HEAD + (
        'The "B" product is not part of the current creditmemo.'
    )
    assert refused(_refund(shop, order_id, {a: 1}, [paid[1]])) == HEAD + (
        "The return to stock argument contains product item that is not part of the original order."
    )
    assert amounts(order(shop, order_id), "total_refunded") == ["0.00"]


# --- what is refunded before it is shipped --------------------------------------------------------


def test_pieces_refunded_before_shipping_can_be_shipped_all_the_same_and_keep_the_order_open(shop: Api) -> None:
    order_id = place(shop, line("CUP", "15.00", 10), payment="card")
    (cup,) = _ids(shop, order_id)
    _memo(shop, order_id, {cup: 5})

    def ship(qty: int) -> Any:
        return shop.post(f"/V1/order/{order_id}/ship", {"items": [{"order_item_id": cup, "qty": qty}]})

    done(ship(5))
    after = order(shop, order_id)
    assert picked(after["items"][0], "qty_shipped", "qty_refunded") == [5, 5]
    assert after["state"] == "processing"  # the shop still counts the refunded five as to be shipped
    done(ship(5))
    assert picked(order(shop, order_id), "state") == ["complete"]


def test_a_piece_returned_elsewhere_comes_back_into_the_source_it_left_only_if_so_told(shop: Api) -> None:
    _set(shop, harbor_main=10, depot=4, default=0)
    order_id = place(shop, {"sku": "DOG-LEAD"}, payment="card")
    sim(shop, f"orders/{order_id}/ship", {"source": "harbor_main"})
    (item,) = _ids(shop, order_id)
    before = _books(shop)
    assert before[0] == 9
    _memo(shop, order_id, {item: 1})
    assert _books(shop) == before
    rows = {row["source_code"]: row["quantity"] for row in shop.state.source_items.find(sku_key="dog-lead")}
    assert rows["depot"] == 4


def test_a_shop_may_return_every_piece_of_a_memo_by_itself(shop: Api) -> None:
    wish = {"path": "cataloginventory/item_options/auto_return", "value": 1}
    sim(shop, "settings", wish, method="PUT")
    _set(shop, harbor_main=10, default=0)
    order_id = place(shop, {"sku": "DOG-LEAD"}, payment="card")
    sim(shop, f"orders/{order_id}/ship", {"source": "harbor_main"})
    _memo(shop, order_id, {_ids(shop, order_id)[0]: 1})
    assert _books(shop)[0] == 10


def test_without_sources_pieces_move_when_ordered_and_when_given_up(shop: Api) -> None:
    def level() -> Decimal:
        return Decimal(str(shop.get("/V1/stockItems/DOG-LEAD").json()["qty"]))

    shop.switch(inventory_modules=False)
    before = level()
    given_up = place(shop, {"sku": "DOG-LEAD", "quantity": 2})
    assert level() == before - 2
    sim(shop, f"orders/{given_up}/cancel")
    assert level() == before
    kept = place(shop, {"sku": "DOG-LEAD", "quantity": 2}, payment="card", ship="all")
    assert level() == before - 2
    (item,) = _ids(shop, kept)
    done(_refund(shop, kept, {item: 1}, [item]))
    assert level() == before - 1
