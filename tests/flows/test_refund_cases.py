"""Cases R03, R09 and R14 of the refunds to the cent, over HTTP through both systems."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from connections.models import OrderSettings
from ipaas.types import JSON
from syncjobs.models import Record
from tests import factories
from tests.flows.card_shop import NUMBER, CardShop
from tests.flows.conftest import Pair
from tests.flows.test_refunds import lines, look, money, of, returns
from tests.flows.test_shipments import distribute, invoice
from tests.flows.test_till_returns import UNTAXED, price_now, refunds, settle, transactions
from tests.flows.tills import choose, record_of, refunding, take_back, work

D = Decimal
LEAD, JUG, BOOK = "DOG-LEAD", "CMP-JUG", "BOK-STEW"


@pytest.fixture
def shop(pair: Pair) -> Pair:
    refunding(pair.connection, books_refunds=True, fee_item_id="100412")
    return pair


def shipped(shop: Pair, prices: dict[str, str], **recipe: Any) -> tuple[str, str]:
    """One piece of each article without tax or delivery, paid and shipped; answers the order and its invoice."""
    for sku, price in prices.items():
        price_now(shop, sku, price)
    rows = [{"sku": sku, "quantity": 1} for sku in prices]
    web_id = shop.book(lines=rows, guest=UNTAXED, **{"coupon": "FREESHIP"} | recipe)
    made = invoice(shop, distribute(shop, web_id))
    work(shop.connection)
    return web_id, made


def on_hand(shop: Pair, sku: str) -> int:
    item = next(row["id"] for row in shop.heartland.rows("items") if row["public_id"] == sku)
    rows = [row for row in shop.heartland.rows("stock") if row["item_id"] == item and row["location_id"] == 100005]
    return sum(int(row["on_hand"]) for row in rows)


def test_r03_an_exchange_for_a_cheaper_article_is_counted_once(shop: Pair) -> None:
    """A comes back and C leaves on one ticket: the store gives back what A cost, of it 70.00 as money."""
    web_id, made = shipped(shop, {LEAD: "120.00", JUG: "80.00"})
    (sales_order,) = shop.sales_orders(web_id)
    assert money(sales_order["total"]) == D("200.00")
    before = {sku: on_hand(shop, sku) for sku in (LEAD, BOOK)}
    taken = [{"sku": BOOK, "qty": 1, "price": "50.00"}]
    ticket = take_back(shop.heartland, shop.connection, made, {"sku": LEAD, "qty": 1}, taken=taken)
    work(shop.connection)
    settle(shop)
    settle(shop, at=timedelta(minutes=6))
    look(shop, web_id)
    (row,) = returns(shop)
    assert [(line["qty"], money(line["value"])) for line in lines(shop, row)] == [(-1, D("-120.00")), (1, D("50.00"))]
    assert (money(row["total"]), money(row["balance"])) == (D("-70.00"), D(0))
    assert {sku: on_hand(shop, sku) - count for sku, count in before.items()} == {LEAD: 1, BOOK: -1}
    (refund,) = refunds(shop, web_id)
    paid = [(one["provider_id"], D(str(one["amount"]))) for one in refund["payments"]]
    assert paid == [("squarev2", D("70.00")), ("custom", D("50.00"))]
    assert [D(str(one["amount"])) for one in transactions(shop, web_id, "refund")] == [D("70.00")]
    assert (record_of(ticket).disposition, [one.disposition for one in of(shop, web_id)]) == ("booked", ["booked"])
    assert revenue(shop, sales_order) == D("130.00")


def revenue(shop: Pair, sales_order: JSON) -> Decimal:
    """Goods that were sold of the order, less what came back, with what was taken instead."""
    return money(sales_order["total"]) + sum(money(row["total"]) for row in returns(shop))


def test_r09_a_refund_that_the_store_split_goes_back_by_both_tenders(pair: Pair, shop: Pair) -> None:
    """The store says card 18.00 and gift card 12.00: so it is booked, and the certificate's twin at the till rises."""
    cards = CardShop(pair.connection, pair.heartland, pair.bigcommerce, lambda: certificates(pair))
    cards.settings(follows=True, email="cards@harbor.example")
    cards.look()
    cards.till_sells(NUMBER, "40.00")
    cards.look()
    web_id, _ = shipped(shop, {LEAD: "100.00"}, gift_certificate=NUMBER)
    cards.look()
    assert cards.both(NUMBER) == (D(0), D(0))
    client = shop.store_client()
    (line,) = [row for row in shop.bigcommerce.rows("lines") if row["order_id"] == int(web_id)]
    split = [("squarev2", 18), ("giftcertificate", 12)]
    payments = [{"provider_id": one, "amount": amount, "offline": False} for one, amount in split]
    items = [{"item_type": "ORDER", "item_id": int(web_id), "amount": 30, "reason": str(line["id"])}]
    client.refund_create(web_id, {"items": items, "payments": payments})
    shop.bigcommerce.post("/_sim/clock/advance", {"seconds": 5})
    look(shop, web_id)
    (told,), (ticket,) = of(shop, web_id), returns(shop)
    assert (told.disposition, money(ticket["total"]), money(ticket["balance"])) == ("booked", D("-30.00"), D(0))
    paid = [row for row in shop.heartland.rows("payments") if row.get("transaction_id") == ticket["id"]]
    assert [money(row["amount"]) for row in paid] == [D("-18.00"), D("-12.00")]
    assert [row["description"].rsplit(": ", 1)[1] for row in paid] == ["squarev2", "giftcertificate"]
    for _ in range(2):
        cards.look()
    assert cards.both(NUMBER) == (D(12), D(12))


def test_g05_a_refund_of_all_goes_back_to_the_card_once_and_the_rest_to_the_bank(pair: Pair, shop: Pair) -> None:
    """100.00 paid by a gift card of 40.00, used up by it, and a bank card; the refund is seen three times."""
    cards = CardShop(pair.connection, pair.heartland, pair.bigcommerce, lambda: certificates(pair))
    cards.settings(follows=True, email="cards@harbor.example")
    cards.look()
    cards.till_sells(NUMBER, "40.00")
    cards.look()
    web_id, _ = shipped(shop, {LEAD: "100.00"}, gift_certificate=NUMBER)
    cards.look()
    assert cards.both(NUMBER) == (D(0), D(0))
    shop.bigcommerce.post(f"/_sim/orders/{web_id}/refund", {})
    shop.bigcommerce.post("/_sim/clock/advance", {"seconds": 5})
    for _ in range(3):
        look(shop, web_id)
        cards.look()
    (ticket,) = returns(shop)
    paid = [row for row in shop.heartland.rows("payments") if row.get("transaction_id") == ticket["id"]]
    assert {row["description"].rsplit(": ", 1)[1]: money(row["amount"]) for row in paid} == {
        "squarev2": D("-60.00"), "giftcertificate": D("-40.00"),
    }  # fmt: skip
    assert (cards.both(NUMBER), cards.card(NUMBER).is_good) == ((D(40), D(40)), True)
    assert [one for one in cards.moved(NUMBER) if one[0] == "given_back"] == [("given_back", "store", D(40))]


def certificates(pair: Pair) -> list[JSON]:
    rows = pair.bigcommerce.rows("gift_certificates")
    return [{"number": one["code"], "balance": one["balance"], "status": one["status"]} for one in rows]


def test_r14_tax_alone_is_a_return_without_goods(shop: Pair) -> None:
    web_id = shop.book(lines=[{"sku": LEAD, "quantity": 2}])
    invoice(shop, distribute(shop, web_id))
    before = on_hand(shop, LEAD)
    paid = [{"provider_id": "squarev2", "amount": D("1.20"), "offline": False}]
    shop.store_client().refund_create(web_id, {"tax_adjustment_amount": D("1.20"), "payments": paid})
    shop.bigcommerce.post("/_sim/clock/advance", {"seconds": 5})
    (refund,) = refunds(shop, web_id)
    assert (refund["items"], D(str(refund["total_tax"]))) == ([], D("1.20"))
    for _ in range(2):
        look(shop, web_id)
    (ticket,) = returns(shop)
    assert [(row["type"], money(row["value"])) for row in lines(shop, ticket)] == [("TaxLine", D("-1.20"))]
    assert (money(ticket["total"]), money(ticket["total_tax"]), money(ticket["balance"])) == (
        D("-1.20"), D("-1.20"), D(0),
    )  # fmt: skip
    assert (on_hand(shop, LEAD), [one.disposition for one in of(shop, web_id)]) == (before, ["booked"])


@pytest.mark.parametrize(("gave", "asked"), [("10.00", "10.00"), ("120.00", "100.00")])
def test_money_for_no_goods_is_an_amount_in_the_store(shop: Pair, gave: str, asked: str) -> None:
    """Goodwill at a till, on the invoice of a web order: never more than the order has left."""
    web_id, made = shipped(shop, {LEAD: "100.00"})
    ticket = take_back(shop.heartland, shop.connection, made, shipping=gave, tax="0")
    work(shop.connection)
    settle(shop)
    settle(shop, at=timedelta(minutes=6))
    look(shop, web_id)
    (refund,) = refunds(shop, web_id)
    assert [(one["item_type"], D(str(one["requested_amount"]))) for one in refund["items"]] == [("ORDER", D(asked))]
    assert [D(str(one["amount"])) for one in transactions(shop, web_id, "refund")] == [D(asked)]
    told = record_of(ticket)
    assert (told.disposition, told.target_total) == ("booked", D(asked))
    assert ("The till gave 20.00 more" in told.reason) is (gave != asked)
    assert (len(returns(shop)), [one.disposition for one in of(shop, web_id)]) == (1, ["booked"])


def test_money_for_no_goods_of_an_order_without_money_left_is_a_persons(shop: Pair) -> None:
    web_id, made = shipped(shop, {LEAD: "100.00"})
    shop.bigcommerce.post(f"/_sim/orders/{web_id}/refund", {})
    ticket = take_back(shop.heartland, shop.connection, made, shipping="10.00", tax="0")
    settle(shop)
    assert (record_of(ticket).disposition, record_of(ticket).code) == ("held", "returned_before")
    assert "The money of order" in record_of(ticket).reason
    assert len(refunds(shop, web_id)) == 1


def test_pieces_that_came_back_before_are_named(shop: Pair) -> None:
    """Staff book a return by hand, and the store refunds the same pieces: no invoice takes them twice."""
    OrderSettings.objects.filter(connection=shop.connection).update(till_returns="off")
    web_id, made = shipped(shop, {LEAD: "30.00"})
    by_hand = take_back(shop.heartland, shop.connection, made, {"sku": LEAD, "qty": 1, "price": "25.00"})
    shop.bigcommerce.post(f"/_sim/orders/{web_id}/refund", {"lines": [{"line": 0, "quantity": 1}]})
    shop.bigcommerce.post("/_sim/clock/advance", {"seconds": 5})
    look(shop, web_id)
    (told,) = of(shop, web_id)
    assert (told.disposition, told.code, len(returns(shop))) == ("held", "refund_of_returned_pieces", 1)
    assert "1 × DOG-LEAD of it came back before" in told.reason
    assert f"Returns that others made: {returns(shop)[0]['public_id']}." in told.reason
    assert by_hand == str(returns(shop)[0]["id"])


def test_money_for_no_goods_that_staff_noted_in_the_store_as_well_is_asked_about(shop: Pair) -> None:
    web_id, made = shipped(shop, {LEAD: "100.00"})
    shop.bigcommerce.post(f"/_sim/orders/{web_id}/refund", {"amount": "10.00", "provider": "custom"})
    ticket = take_back(shop.heartland, shop.connection, made, shipping="10.00", tax="0")
    settle(shop)
    assert (record_of(ticket).disposition, record_of(ticket).code) == ("held", "return_maybe_noted")
    assert "gave 10.00, and the same amount was noted by hand" in record_of(ticket).reason
    assert len(refunds(shop, web_id)) == 1


def void(shop: Pair, ticket: str) -> None:
    shop.heartland.post("/_sim/staff/void_return", {"ticket": int(ticket)})


def test_a_return_that_is_voided_after_the_store_gave_its_money_is_a_persons(shop: Pair) -> None:
    web_id, made = shipped(shop, {LEAD: "30.00"})
    ticket = take_back(shop.heartland, shop.connection, made, {"sku": LEAD, "qty": 1})
    work(shop.connection)
    settle(shop)
    settle(shop, at=timedelta(minutes=6))
    assert record_of(ticket).disposition == "booked"
    before = on_hand(shop, LEAD)
    void(shop, ticket)
    assert on_hand(shop, LEAD) == before - 1
    for minutes in (8, 12):
        settle(shop, at=timedelta(minutes=minutes))
        told = record_of(ticket)
        assert (told.disposition, told.code) == ("held", "return_voided_after")
    assert "gave 30.00 back for it before" in told.reason
    assert len(refunds(shop, web_id)) == 1
    choose(ticket, "heartland", factories.member(shop.connection.merchant))
    settle(shop, at=timedelta(minutes=14))
    assert (record_of(ticket).disposition, record_of(ticket).code) == ("booked", "kept_though_void")


def test_a_return_that_is_voided_while_it_waits_is_not_given_back(shop: Pair) -> None:
    refunding(shop.connection, settle_hours=24)
    web_id, made = shipped(shop, {LEAD: "30.00", JUG: "10.00"})
    ticket = take_back(shop.heartland, shop.connection, made, {"sku": LEAD, "qty": 1})
    unheard = take_back(shop.heartland, shop.connection, made, {"sku": JUG, "qty": 1})
    void(shop, unheard)
    work(shop.connection)
    assert (record_of(ticket).code, Record.objects.filter(flow="returns").count()) == ("refund_waits", 1)
    void(shop, ticket)
    work(shop.connection, at=timedelta(hours=25))
    assert (record_of(ticket).disposition, record_of(ticket).code) == ("skipped", "not_complete")
    assert refunds(shop, web_id) == []


def test_our_return_that_somebody_voids_is_told(shop: Pair) -> None:
    """A refund of the store that was booked is not booked any more, and the same number is not made again."""
    web_id, _ = shipped(shop, {LEAD: "30.00"})
    shop.bigcommerce.post(f"/_sim/orders/{web_id}/refund", {"lines": [{"line": 0, "quantity": 1}]})
    shop.bigcommerce.post("/_sim/clock/advance", {"seconds": 5})
    look(shop, web_id)
    (ticket,) = returns(shop)
    void(shop, str(ticket["id"]))
    work(shop.connection, at=timedelta(minutes=2))
    (told,) = of(shop, web_id)
    assert (told.disposition, told.code, len(returns(shop))) == ("held", "return_voided", 1)
    assert not Record.objects.filter(flow="returns").exists()
