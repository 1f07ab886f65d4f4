"""Returns of BigCommerce orders at a till: cases R07 to R11, R15 and G13 of the refunds."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from connections.models import Membership, User
from connections.models.people import Role
from ipaas import failpoints
from ipaas.types import JSON
from mappings.models import Link
from syncjobs.engine.enqueueing import job_enqueue
from syncjobs.engine.orphans_release import orphan_release
from syncjobs.models import PayoutEntry, Record, SyncJob
from tests.flows.conftest import BUYER, Pair
from tests.flows.test_shipments import distribute, invoice
from tests.flows.tills import amounts, calls_of, choose, record_of, refunding, take_answers_back, take_back, work

UNTAXED = BUYER | {"city": "Portland", "state": "Oregon", "zip": "97201"}


@pytest.fixture
def shop(pair: Pair) -> Pair:
    refunding(pair.connection)
    return pair


@pytest.fixture
def owner(shop: Pair) -> User:
    person = User.objects.create(email="owner@example.com")
    Membership.objects.create(user=person, merchant=shop.connection.merchant, role=Role.OWNER)
    return person


def price_now(shop: Pair, sku: str, price: str) -> None:
    """The merchant changes what an article costs online."""
    row = next(row for row in shop.bigcommerce.rows("variants") if row["sku"] == sku)
    path = f"/stores/a1b2c3d4e5/v3/catalog/products/{row['product_id']}"
    shop.bigcommerce.write("PUT", path, {"price": float(price)}, {"X-Auth-Token": "sim-bigcommerce-token"})


def sold(shop: Pair, quantity: int, price: str, **more: Any) -> tuple[str, str]:
    """Pieces of one article without tax or delivery, shipped; answers the order and its invoice."""
    price_now(shop, "DOG-LEAD", price)
    web_id = shop.book(lines=[{"sku": "DOG-LEAD", "quantity": quantity}], guest=UNTAXED, **more)
    made = invoice(shop, distribute(shop, web_id))
    work(shop.connection)
    return web_id, made


def refunds(shop: Pair, web_id: str) -> list[JSON]:
    return [row for row in shop.bigcommerce.rows("refunds") if row["order_id"] == int(web_id)]


def gateway_answers(shop: Pair, *, after: int = 60) -> None:
    shop.bigcommerce.post("/_sim/clock/advance", {"seconds": after})


def settle(shop: Pair, *, at: timedelta = timedelta(minutes=2)) -> None:
    gateway_answers(shop)
    work(shop.connection, at=at)


ONE = {"sku": "DOG-LEAD", "qty": 1}


def test_two_equal_returns_are_two_refunds_though_an_answer_is_lost(shop: Pair) -> None:
    web_id, made = sold(shop, 3, "20.00")
    first = take_back(shop.heartland, shop.connection, made, ONE)
    work(shop.connection)
    second = take_back(shop.heartland, shop.connection, made, ONE)
    shop.lose(shop.bigcommerce, "POST", "/payment_actions/refunds")
    work(shop.connection, at=timedelta(seconds=1))
    settle(shop)
    settle(shop, at=timedelta(minutes=5))
    assert amounts(refunds(shop, web_id), "total_amount") == [Decimal(20), Decimal(20)]
    assert [record_of(one).disposition for one in (first, second)] == ["booked", "booked"]
    assert record_of(first).target_id != record_of(second).target_id


@pytest.mark.parametrize("place", ["returns.answered:2", "refund.made", "returns.confirm"])
def test_a_process_that_dies_after_the_refund_leaves_it_to_be_found(
    shop: Pair, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """`returns.answered:2`: the refund itself, its quote being the first."""
    web_id, made = sold(shop, 3, "20.00")
    ticket = take_back(shop.heartland, shop.connection, made, ONE)
    name, _, count = place.partition(":")
    passed = []

    def dies(where: str) -> None:
        passed.append(where)
        if where == name and passed.count(name) == int(count or 1):
            raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(failpoints, "passing", dies)
        with pytest.raises(SystemExit):
            work(shop.connection)
    job = SyncJob.objects.get(flow="returns", status="running")
    assert len(refunds(shop, web_id)) == 1
    assert orphan_release(job.pk, timezone.now())
    settle(shop, at=timedelta(minutes=4))
    settle(shop, at=timedelta(minutes=8))
    assert amounts(refunds(shop, web_id), "total_amount") == [Decimal(20)]
    assert record_of(ticket).disposition == "booked"


def test_a_return_costs_the_fewest_calls_and_is_no_news_twice(shop: Pair) -> None:
    web_id, made = sold(shop, 3, "20.00")
    ticket = take_back(shop.heartland, shop.connection, made, ONE)
    shop.bigcommerce.put("/_sim/switches", {"refund_delay": 0})
    work(shop.connection)
    assert calls_of(ticket) == [
        "GET /sales/tickets",
        "GET /v2/orders",
        "GET /v3/orders/payment_actions/refunds",
        "POST /v3/orders/payment_actions/refund_quotes",
        "GET /v3/orders/transactions",
        "POST /v3/orders/payment_actions/refunds",
        "GET /v3/orders/payment_actions/refunds",
    ]
    assert record_of(ticket).disposition == "booked"
    for minutes in (5, 10):
        settle(shop, at=timedelta(minutes=minutes))
    assert amounts(refunds(shop, web_id), "total_amount") == [Decimal(20)]


def on_hand(shop: Pair) -> int:
    lead = next(row["id"] for row in shop.heartland.rows("items") if row["public_id"] == "DOG-LEAD")
    return sum(int(row["on_hand"]) for row in shop.heartland.rows("stock") if row["item_id"] == lead)


def test_r08_a_disputed_order_is_not_paid_back_by_the_store_as_well(shop: Pair, owner: User) -> None:
    web_id, made = sold(shop, 1, "120.00")
    before = on_hand(shop)
    PayoutEntry.objects.create(
        connection=shop.connection, identity="d1", line=1, kind="dispute", order_id=web_id, happened_at=timezone.now(),
        gross=Decimal("-120.00"), fee=Decimal("15.00"), net=Decimal("-135.00"), how="reference",
    )  # fmt: skip
    ticket = take_back(shop.heartland, shop.connection, made, ONE)
    work(shop.connection)
    assert (record_of(ticket).disposition, record_of(ticket).code) == ("held", "return_disputed")
    assert "the bank already took 120.00" in record_of(ticket).reason
    assert (refunds(shop, web_id), on_hand(shop)) == ([], before + 1)
    PayoutEntry.objects.create(
        connection=shop.connection, identity="d2", line=2, kind="dispute", order_id=web_id, happened_at=timezone.now(),
        gross=Decimal("120.00"), fee=Decimal(0), net=Decimal("120.00"), how="reference",
    )  # fmt: skip
    work(shop.connection, at=timedelta(minutes=1))
    assert (record_of(ticket).disposition, refunds(shop, web_id)) == ("held", [])
    choose(ticket, "heartland", owner)
    settle(shop)
    assert amounts(refunds(shop, web_id), "total_amount") == [Decimal(120)]
    settle(shop, at=timedelta(minutes=6))
    assert record_of(ticket).disposition == "booked"


def test_r08_a_lost_dispute_is_closed_with_nothing(shop: Pair, owner: User) -> None:
    web_id, made = sold(shop, 1, "120.00")
    shop.store_client().order_update(web_id, status_id=13)
    ticket = take_back(shop.heartland, shop.connection, made, ONE)
    work(shop.connection)
    assert record_of(ticket).code == "return_disputed"
    choose(ticket, "store", owner)
    settle(shop)
    assert (record_of(ticket).disposition, record_of(ticket).code) == ("booked", "nothing_given_back")
    take_answers_back(ticket, owner)
    settle(shop, at=timedelta(minutes=4))
    assert (record_of(ticket).disposition, record_of(ticket).code) == ("held", "return_disputed")
    assert refunds(shop, web_id) == []


def test_r09_a_part_goes_back_to_each_tender_in_proportion(shop: Pair) -> None:
    """(b): 100.00 paid by card 60.00 and gift card 40.00, goods of 30.00 come back at the till."""
    goods = {"DOG-LEAD": "30.00", "CMP-JUG": "70.00"}
    for sku, price in goods.items():
        price_now(shop, sku, price)
    lines = [{"sku": sku, "quantity": 1} for sku in goods]
    web_id = shop.book(lines=lines, guest=UNTAXED, gift_certificate="new:40.00", coupon="FREESHIP")
    made = invoice(shop, distribute(shop, web_id))
    ticket = take_back(shop.heartland, shop.connection, made, ONE)
    work(shop.connection)
    settle(shop)
    (refund,) = refunds(shop, web_id)
    paid = {row["gateway"]: Decimal(str(row["amount"])) for row in transactions(shop, web_id, "purchase")}
    assert paid == {"squarev2": Decimal(60), "giftcertificate": Decimal(40)}
    back = {one["provider_id"]: Decimal(str(one["amount"])) for one in refund["payments"]}
    assert back == {"squarev2": Decimal(18), "giftcertificate": Decimal(12)}
    assert record_of(ticket).disposition == "booked"


def transactions(shop: Pair, web_id: str, event: str) -> list[JSON]:
    rows = shop.bigcommerce.rows("transactions")
    return [row for row in rows if row["order_id"] == int(web_id) and row["event"] == event]


def test_what_was_refunded_online_is_not_given_back_again(shop: Pair, owner: User) -> None:
    web_id, made = sold(shop, 2, "35.00")
    shop.bigcommerce.post(f"/_sim/orders/{web_id}/refund", {"lines": [{"line": 0, "quantity": 1}]})
    ticket = take_back(shop.heartland, shop.connection, made, ONE | {"qty": 2})
    gateway_answers(shop)
    work(shop.connection)
    settle(shop)
    assert amounts(refunds(shop, web_id), "total_amount") == [Decimal(35), Decimal(35)]
    assert (record_of(ticket).disposition, record_of(ticket).code) == ("held", "returned_before")
    assert "1 × DOG-LEAD" in record_of(ticket).reason
    assert "already refunded online at" in record_of(ticket).reason
    choose(ticket, "store", owner)
    settle(shop, at=timedelta(minutes=4))
    assert (record_of(ticket).disposition, record_of(ticket).code) == ("booked", "rest_not_given_back")
    assert len(refunds(shop, web_id)) == 2


def test_a_refund_between_look_and_request_is_met_by_the_store(shop: Pair) -> None:
    """The panel refunds while our quote is on its way: the store refuses, and the next look gives the rest back."""
    web_id, made = sold(shop, 2, "35.00")
    ticket = take_back(shop.heartland, shop.connection, made, ONE | {"qty": 2})
    shop.bigcommerce.post(
        "/_sim/faults",
        {"method": "POST", "path": "/payment_actions/refund_quotes", "status": 503, "times": 1},
    )
    work(shop.connection)
    shop.bigcommerce.post(f"/_sim/orders/{web_id}/refund", {"lines": [{"line": 0, "quantity": 1}]})
    settle(shop, at=timedelta(minutes=5))
    settle(shop, at=timedelta(minutes=10))
    assert amounts(refunds(shop, web_id), "total_amount") == [Decimal(35), Decimal(35)]
    assert record_of(ticket).code == "returned_before"


def test_a_blind_return_at_todays_price_is_given_what_was_paid(shop: Pair, owner: User) -> None:
    web_id, _ = sold(shop, 1, "64.00")
    customer = shop.sales_orders(web_id)[0]["customer_id"]
    wish = {"parent_transaction_id": None, "customer_id": customer, "location": 100005}
    ticket = take_back(shop.heartland, shop.connection, "0", ONE | {"price": "80.00"}, **wish)
    work(shop.connection)
    held = record_of(ticket)
    assert (held.code, refunds(shop, web_id), held.order_id) == ("return_of_which_order", [], web_id)
    assert f"BC-{web_id}" in held.reason
    assert "16.00 more than was paid" in held.reason
    choose(ticket, "heartland", owner)
    settle(shop)
    settle(shop, at=timedelta(minutes=4))
    assert amounts(refunds(shop, web_id), "total_amount") == [Decimal(64)]
    assert "The till gave 16.00 more than the shopper had paid" in record_of(ticket).reason


def test_a_part_waits_until_its_payment_has_settled(shop: Pair) -> None:
    refunding(shop.connection, settle_hours=24)
    shop.bigcommerce.put("/_sim/switches", {"settles_after": 12 * 3600})
    web_id, made = sold(shop, 3, "30.00")
    ticket = take_back(shop.heartland, shop.connection, made, ONE)
    work(shop.connection)
    assert (record_of(ticket).disposition, record_of(ticket).code) == ("in_flight", "refund_waits")
    assert "has not settled yet" in record_of(ticket).reason
    assert (refunds(shop, web_id), transactions(shop, web_id, "void")) == ([], [])
    gateway_answers(shop, after=25 * 3600)
    work(shop.connection, at=timedelta(hours=25))
    settle(shop, at=timedelta(hours=25, minutes=2))
    assert amounts(refunds(shop, web_id), "total_amount") == [Decimal(30)]
    assert transactions(shop, web_id, "void") == []
    assert record_of(ticket).disposition == "booked"


def test_a_whole_order_need_not_wait(shop: Pair) -> None:
    refunding(shop.connection, settle_hours=24)
    shop.bigcommerce.put("/_sim/switches", {"settles_after": 12 * 3600})
    price_now(shop, "DOG-LEAD", "30.00")
    web_id = shop.book(lines=[{"sku": "DOG-LEAD", "quantity": 3}], guest=UNTAXED, coupon="FREESHIP")
    made = invoice(shop, distribute(shop, web_id))
    ticket = take_back(shop.heartland, shop.connection, made, ONE | {"qty": 3})
    work(shop.connection)
    settle(shop)
    order = next(row for row in shop.bigcommerce.rows("orders") if row["id"] == int(web_id))
    (void,) = transactions(shop, web_id, "void")
    assert Decimal(str(void["amount"])) == Decimal(str(order["total_inc_tax"])) == record_of(ticket).target_total


def test_a_gift_card_given_at_the_till_is_only_noted(shop: Pair) -> None:
    """Goods back for 26.75, a new card of 26.75: the ticket comes to nothing."""
    web_id, made = sold(shop, 2, "26.75")
    ticket = take_back(shop.heartland, shop.connection, made, ONE, gift_card="GC7Q2M9")
    work(shop.connection)
    settle(shop)
    (refund,) = refunds(shop, web_id)
    assert [(one["provider_id"], one["offline"]) for one in refund["payments"]] == [("custom", True)]
    assert Decimal(str(refund["total_amount"])) == Decimal("26.75")
    assert transactions(shop, web_id, "refund") == []
    assert "26.75 was given at the till or by hand" in record_of(ticket).reason
    assert record_of(ticket).source_total == 0
    again = take_back(shop.heartland, shop.connection, made, ONE)
    work(shop.connection, at=timedelta(minutes=5))
    settle(shop, at=timedelta(minutes=7))
    assert amounts(refunds(shop, web_id), "total_amount") == [Decimal("26.75")] * 2
    assert record_of(again).disposition == "booked"


def test_a_lower_price_at_the_till_keeps_the_rest(shop: Pair) -> None:
    web_id, made = sold(shop, 1, "100.00")
    take_back(shop.heartland, shop.connection, made, ONE | {"price": "85.00"})
    work(shop.connection)
    settle(shop)
    (refund,) = refunds(shop, web_id)
    assert Decimal(str(refund["total_amount"])) == Decimal(85)
    assert [Decimal(str(one["amount"])) for one in refund["items"][0]["adjustments"]] == [Decimal(-15)]


def test_what_no_provider_gives_back_is_a_persons(shop: Pair, owner: User) -> None:
    shop.bigcommerce.put("/_sim/switches", {"offline_status": 11})
    web_id, made = sold(shop, 2, "30.00", payment="offline")
    ticket = take_back(shop.heartland, shop.connection, made, ONE)
    work(shop.connection)
    assert (record_of(ticket).code, refunds(shop, web_id)) == ("refund_by_hand", [])
    choose(ticket, "heartland", owner)
    settle(shop)
    (refund,) = refunds(shop, web_id)
    assert [(one["offline"], Decimal(str(one["amount"]))) for one in refund["payments"]] == [(True, Decimal(30))]


def test_declined_money_is_told(shop: Pair, owner: User) -> None:
    web_id, made = sold(shop, 2, "30.00")
    shop.bigcommerce.put("/_sim/switches", {"refund_declined": True})
    ticket = take_back(shop.heartland, shop.connection, made, ONE)
    work(shop.connection)
    settle(shop)
    settle(shop, at=timedelta(minutes=4))
    assert (record_of(ticket).disposition, record_of(ticket).code) == ("held", "refund_declined")
    assert len(refunds(shop, web_id)) == 1
    choose(ticket, "heartland", owner)
    settle(shop, at=timedelta(minutes=6))
    assert (record_of(ticket).disposition, len(refunds(shop, web_id))) == ("booked", 1)


@pytest.mark.parametrize(("policy", "count"), [("off", 0), ("noted", 1)])
def test_the_merchant_chooses_what_the_store_does(shop: Pair, policy: str, count: int) -> None:
    web_id, made = sold(shop, 2, "30.00")
    refunding(shop.connection, till_returns=policy)
    take_back(shop.heartland, shop.connection, made, ONE)
    work(shop.connection)
    settle(shop)
    assert len(refunds(shop, web_id)) == count
    assert transactions(shop, web_id, "refund") == []


def test_returns_of_other_sales_are_none_of_ours(shop: Pair) -> None:
    wish = {"lines": [ONE], "location": 100005}
    sale = shop.heartland.post("/_sim/staff/pos_sale", wish)["id"]
    take_back(shop.heartland, shop.connection, str(sale), ONE)
    shop.heartland.post("/_sim/staff/pos_return", wish)
    work(shop.connection)
    assert not Record.objects.filter(flow="returns").exists()


def test_a_delivery_given_back_at_the_till_is_a_persons(shop: Pair, owner: User) -> None:
    web_id, made = sold(shop, 1, "30.00")
    ticket = take_back(shop.heartland, shop.connection, made, ONE, shipping="5.00", tax="0")
    work(shop.connection)
    assert (record_of(ticket).code, refunds(shop, web_id)) == ("return_gives_more", [])
    choose(ticket, "heartland", owner)
    settle(shop)
    assert amounts(refunds(shop, web_id), "total_amount") == [Decimal(30)]


def test_what_the_store_did_not_sell_is_left_out(shop: Pair, owner: User) -> None:
    web_id, made = sold(shop, 1, "30.00")
    link = Link.objects.filter(kind="item", source_id="DOG-LEAD")
    link.update(target_id="1")
    ticket = take_back(shop.heartland, shop.connection, made, ONE)
    work(shop.connection)
    assert record_of(ticket).code == "return_not_sold"
    choose(ticket, "store", owner)
    settle(shop)
    assert (record_of(ticket).code, refunds(shop, web_id)) == ("nothing_given_back", [])


def test_an_order_that_is_gone_waits_for_a_person(shop: Pair) -> None:
    web_id, made = sold(shop, 1, "30.00")
    shop.bigcommerce.post(f"/_sim/orders/{web_id}/archive", {})
    ticket = take_back(shop.heartland, shop.connection, made, ONE)
    work(shop.connection)
    assert (record_of(ticket).disposition, record_of(ticket).code) == ("held", "returned_order_gone")


def test_a_provider_that_never_answers_is_told_after_an_hour(shop: Pair) -> None:
    web_id, made = sold(shop, 1, "30.00")
    shop.bigcommerce.put("/_sim/switches", {"refund_delay": 100_000})
    ticket = take_back(shop.heartland, shop.connection, made, ONE)
    work(shop.connection)
    assert record_of(ticket).code == "refund_waits"
    work(shop.connection, at=timedelta(minutes=62))
    assert (record_of(ticket).disposition, record_of(ticket).code) == ("held", "refund_unanswered")
    assert len(refunds(shop, web_id)) == 1


@pytest.mark.parametrize("code", ["till_returns_off", "made_for_refund"])
def test_what_is_not_to_be_refunded_is_skipped_with_its_reason(shop: Pair, code: str) -> None:
    web_id, made = sold(shop, 1, "30.00")
    ticket = take_back(shop.heartland, shop.connection, made, ONE)
    if code == "till_returns_off":
        refunding(shop.connection, till_returns="off")
    else:
        Link.objects.create(connection=shop.connection, kind="refund", source_id="71", target_id=ticket)
    now = timezone.now()
    job_enqueue(connection=shop.connection, flow="returns", external_id=ticket, cause="retry", now=now)
    work(shop.connection)
    assert (record_of(ticket).disposition, record_of(ticket).code) == ("skipped", code)
    assert refunds(shop, web_id) == []


def test_a_refund_of_another_amount_is_told(shop: Pair, owner: User) -> None:
    """Somebody refunded the ticket by hand, under our note, and gave more."""
    web_id, made = sold(shop, 2, "30.00")
    ticket = take_back(shop.heartland, shop.connection, made, ONE)
    reason = f"Ticket [heartland:return:{ticket}]"
    shop.bigcommerce.post(f"/_sim/orders/{web_id}/refund", {"lines": [{"line": 0, "quantity": 2}], "reason": reason})
    gateway_answers(shop)
    work(shop.connection)
    assert (record_of(ticket).disposition, record_of(ticket).code) == ("held", "refund_differs")
    assert "gave 60.00 back" in record_of(ticket).reason
    assert "and the till 30.00: 30.00 too much" in record_of(ticket).reason
    choose(ticket, "heartland", owner)
    settle(shop)
    assert (record_of(ticket).disposition, len(refunds(shop, web_id))) == ("booked", 1)


def tickets(shop: Pair) -> list[JSON]:
    return [row for row in shop.heartland.rows("transactions") if row["type"] == "Return"]


def test_a_refund_that_began_at_the_till_comes_back_as_no_second_return(shop: Pair) -> None:
    refunding(shop.connection, books_refunds=True)
    web_id, made = sold(shop, 3, "20.00")
    take_back(shop.heartland, shop.connection, made, ONE)
    for minutes in (0, 2, 4, 6):
        settle(shop, at=timedelta(minutes=minutes))
    order = Record.objects.get(flow="orders", external_id=web_id)
    (echo,) = Record.objects.filter(flow="refunds", order_id=web_id)
    assert (order.disposition, echo.disposition) == ("booked", "booked")
    assert "made for return" in echo.reason
    assert (len(tickets(shop)), len(refunds(shop, web_id))) == (1, 1)


def test_a_return_that_books_a_refund_is_not_refunded_again(shop: Pair) -> None:
    refunding(shop.connection, books_refunds=True)
    web_id, _ = sold(shop, 3, "20.00")
    shop.bigcommerce.post(f"/_sim/orders/{web_id}/refund", {"lines": [{"line": 0, "quantity": 1}]})
    gateway_answers(shop)
    shop.run(web_id, at=timezone.now() + timedelta(minutes=1))
    for minutes in (2, 4, 6):
        settle(shop, at=timedelta(minutes=minutes))
    (ticket,) = tickets(shop)
    assert (record_of(str(ticket["id"])).disposition, record_of(str(ticket["id"])).code) == (
        "skipped",
        "made_for_refund",
    )
    assert (len(tickets(shop)), len(refunds(shop, web_id))) == (1, 1)
