"""Returns of Magento orders at a till: the cases R07, R10 and R15 of the refunds, and what only a memo does."""

from datetime import timedelta
from decimal import Decimal

import pytest

from connections.models import Membership, User
from connections.models.people import Role
from ipaas.types import JSON
from tests.flows.magento.conftest import Pair, line
from tests.flows.tills import amounts, calls_of, choose, record_of, refunding, take_back, work

ONE = {"sku": "DOG-LEAD", "qty": 1}


@pytest.fixture
def shop(pair: Pair) -> Pair:
    refunding(pair.connection)
    return pair


@pytest.fixture
def owner(shop: Pair) -> User:
    person = User.objects.create(email="owner@example.com")
    Membership.objects.create(user=person, merchant=shop.connection.merchant, role=Role.OWNER)
    return person


def sold(shop: Pair, quantity: int, price: str, **recipe: object) -> tuple[str, str]:
    """Pieces of one article, paid and shipped; answers the order and its invoice in Heartland."""
    order_id = shop.book(line("DOG-LEAD", price, quantity), **recipe)
    made = shop.invoice(order_id)
    work(shop.connection)
    return order_id, made


def memos(shop: Pair, order_id: str) -> list[JSON]:
    return [row for row in shop.magento.rows("creditmemos") if str(row["order_id"]) == order_id]


def given_back(shop: Pair, order_id: str) -> list[str]:
    """What the gateway gave back."""
    rows = [row for row in shop.magento.rows("transactions") if str(row["order_id"]) == order_id]
    return [row["txn_type"] for row in rows if row["txn_type"] in {"refund", "void"}]


def test_two_equal_returns_are_two_memos_though_an_answer_is_lost(shop: Pair) -> None:
    order_id, made = sold(shop, 3, "20.00")
    first = take_back(shop.heartland, shop.connection, made, ONE)
    work(shop.connection)
    assert calls_of(first) == [
        "GET /sales/tickets",
        "GET /orders",
        "GET /creditmemos",
        "GET /invoices",
        "POST /invoice/refund",
        "GET /creditmemos",
    ]
    second = take_back(shop.heartland, shop.connection, made, ONE)
    rule = {"method": "POST", "path": "/refund", "times": 1, "after": True, "lose": True}
    shop.magento.post("/_sim/faults", rule)
    work(shop.connection, at=timedelta(seconds=1))
    work(shop.connection, at=timedelta(minutes=3))
    assert amounts(memos(shop, order_id), "grand_total") == [Decimal(20), Decimal(20)]
    assert given_back(shop, order_id) == ["refund", "refund"]
    assert [record_of(one).disposition for one in (first, second)] == ["booked", "booked"]
    assert record_of(first).target_id != record_of(second).target_id


def test_what_was_refunded_online_is_not_given_back_again(shop: Pair, owner: User) -> None:
    order_id, made = sold(shop, 2, "35.00")
    shop.act(order_id, "refund", lines=[{"line": 0, "quantity": 1}], online=True)
    ticket = take_back(shop.heartland, shop.connection, made, ONE | {"qty": 2})
    work(shop.connection)
    assert amounts(memos(shop, order_id), "grand_total") == [Decimal(35), Decimal(35)]
    assert (record_of(ticket).disposition, record_of(ticket).code) == ("held", "returned_before")
    choose(ticket, "store", owner)
    work(shop.connection, at=timedelta(minutes=1))
    assert (record_of(ticket).disposition, len(memos(shop, order_id))) == ("booked", 2)


def test_a_part_waits_until_its_payment_has_settled(shop: Pair) -> None:
    refunding(shop.connection, settle_hours=24)
    order_id, made = sold(shop, 3, "30.00")
    ticket = take_back(shop.heartland, shop.connection, made, ONE)
    work(shop.connection)
    assert (record_of(ticket).code, memos(shop, order_id)) == ("refund_waits", [])
    work(shop.connection, at=timedelta(hours=25))
    assert amounts(memos(shop, order_id), "grand_total") == [Decimal(30)]
    assert given_back(shop, order_id) == ["refund"]


def test_a_provider_that_refuses_is_a_persons(shop: Pair) -> None:
    order_id, made = sold(shop, 2, "30.00")
    shop.switch(refund_refused=True)
    ticket = take_back(shop.heartland, shop.connection, made, ONE)
    work(shop.connection)
    assert (record_of(ticket).code, memos(shop, order_id)) == ("refund_refused", [])
    assert "not settled yet" in record_of(ticket).reason


def test_cash_at_the_till_is_an_offline_memo(shop: Pair) -> None:
    order_id, made = sold(shop, 2, "26.75")
    ticket = take_back(shop.heartland, shop.connection, made, ONE, payment_type="Cash")
    work(shop.connection)
    assert amounts(memos(shop, order_id), "grand_total") == [Decimal("26.75")]
    assert given_back(shop, order_id) == []
    assert "26.75 was given at the till or by hand" in record_of(ticket).reason


def test_cash_and_card_together_count_as_kept_in_a_memo(shop: Pair) -> None:
    """A memo is online or offline: what the till gave in cash is kept of the refund there, and said."""
    order_id, made = sold(shop, 1, "50.00")
    web = int(shop.connection.order_settings.payment_type_id)
    cash = next(row["id"] for row in shop.heartland.rows("payment_types") if row["name"] == "Cash")
    tenders = [{"payment_type_id": web, "amount": -30}, {"payment_type_id": cash, "amount": -20}]
    ticket = take_back(shop.heartland, shop.connection, made, ONE, tenders=tenders)
    work(shop.connection)
    assert amounts(memos(shop, order_id), "grand_total") == [Decimal(30)]
    assert given_back(shop, order_id) == ["refund"]
    assert "20.00 was given at the till or by hand, which Magento counts as kept" in record_of(ticket).reason
    assert "more than the shopper had paid" not in record_of(ticket).reason


def test_a_lower_price_at_the_till_keeps_the_rest(shop: Pair) -> None:
    order_id, made = sold(shop, 1, "100.00")
    ticket = take_back(shop.heartland, shop.connection, made, ONE | {"price": "85.00"})
    work(shop.connection)
    (memo,) = memos(shop, order_id)
    assert amounts([memo], "grand_total") + amounts([memo], "adjustment_negative") == [Decimal(85), Decimal(15)]
    assert record_of(ticket).target_total == 85


def test_what_no_provider_gives_back_is_a_persons(shop: Pair, owner: User) -> None:
    order_id = shop.book(line("DOG-LEAD", "30.00", 2), payment="offline")
    shop.act(order_id, "invoice")
    made = shop.invoice(order_id)
    work(shop.connection)
    ticket = take_back(shop.heartland, shop.connection, made, ONE)
    work(shop.connection)
    assert (record_of(ticket).code, memos(shop, order_id)) == ("refund_by_hand", [])
    choose(ticket, "heartland", owner)
    work(shop.connection, at=timedelta(minutes=1))
    assert amounts(memos(shop, order_id), "grand_total") == [Decimal(30)]
    assert given_back(shop, order_id) == []


KIT = [{"sku": "DOG-LEAD", "price": "30.00"}, {"sku": "CMP-JUG", "price": "12.00"}]


@pytest.mark.parametrize(
    ("release", "made", "code"),
    [("nothing", ["10.00"], ""), ("refused", [], "refund_refused"), ("everything", ["52.00"], "refund_differs")],
)
def test_m06_goodwill_of_a_bundle_is_an_amount_that_no_piece_is_named_for(
    shop: Pair, release: str, made: list[str], code: str
) -> None:
    """Whatever the release makes of a memo without pieces is held against what was asked for."""
    order_id = shop.book(line("LGT-LANT", "0", type="bundle", children=KIT, dynamic=True), shipping_amount="20.00")
    sold_with = shop.invoice(order_id)
    work(shop.connection)
    shop.switch(zero_qty_bundle=release)
    ticket = take_back(shop.heartland, shop.connection, sold_with, shipping="10.00", tax="0")
    work(shop.connection)
    work(shop.connection, at=timedelta(minutes=3))
    assert amounts(memos(shop, order_id), "grand_total") == [Decimal(one) for one in made]
    assert given_back(shop, order_id) == ["refund"] * len(made)
    told = record_of(ticket)
    assert (told.disposition, told.code) == ("held" if code else "booked", code)
    if not code:
        assert sum(Decimal(str(row["qty_refunded"])) for row in shop.order(order_id)["items"]) == 0
        assert amounts(memos(shop, order_id), "adjustment_positive") == [Decimal(10)]
    if release == "everything":
        assert "42.00 too much" in told.reason


def test_r03_an_exchange_for_a_cheaper_article_is_counted_once(shop: Pair) -> None:
    """A memo is online or offline: what was taken instead of money counts there as kept."""
    order_id = shop.book(line("DOG-LEAD", "120.00"), line("CMP-JUG", "80.00"))
    made = shop.invoice(order_id)
    work(shop.connection)
    taken = [{"sku": "BOK-STEW", "qty": 1, "price": "50.00"}]
    ticket = take_back(shop.heartland, shop.connection, made, ONE, taken=taken)
    work(shop.connection)
    work(shop.connection, at=timedelta(minutes=3))
    (row,) = [one for one in shop.heartland.rows("transactions") if one["type"] == "Return"]
    assert amounts([row], "total") + amounts([row], "balance") == [Decimal(-70), Decimal(0)]
    assert amounts(memos(shop, order_id), "grand_total") == [Decimal(70)]
    assert given_back(shop, order_id) == ["refund"]
    assert record_of(ticket).disposition == "booked"
    assert "50.00 was given at the till or by hand, which Magento counts as kept" in record_of(ticket).reason
