"""The close of a day of a Magento shop: tenders, tax and refunds to the cent, equal to both systems."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from mappings.core.rules.journal import Account, Postings, sums_of
from syncjobs.models import DayClose
from syncjobs.money.close_day import Posted, day_close
from syncjobs.proof.prove_day import day_of
from tests.flows.magento.conftest import Pair, line
from tests.flows.magento.test_magento_refunds import money, returns
from tests.flows.magento.test_magento_return_cases import A, B, in_two_invoices
from tests.flows.tills import refunding, take_back, work

D = Decimal
CUSTOMER = "a.lopez1@example.com"


@pytest.fixture
def shop(pair: Pair) -> Pair:
    refunding(pair.connection, books_refunds=True, fee_item_id="100412")
    return pair


def closed(shop: Pair) -> tuple[DayClose, Postings]:
    day = day_of(shop.connection, timezone.now())
    made = day_close(
        connection=shop.connection, day=day, shown=None, note="x", actor=None, now=timezone.now() + timedelta(days=2)
    )
    return made, sums_of(Posted.read(line).amounts for line in made.lines)


def test_p08_gift_card_credit_and_card_are_tenders_and_never_discounts(shop: Pair) -> None:
    shop.switch(profile="commerce-2.4.8")
    order_id = shop.book(
        line("DOG-LEAD", "90.00"), shipping_amount="5.00", tax={"rates": {"TX": "5.863"}}, customer=CUSTOMER,
        gift_certificate="new:50.00", store_credit="20",
    )  # fmt: skip
    there = shop.there(order_id)
    assert money(there["total"]) == D("100.57")
    assert sorted(money(row["amount"]) for row in there["payments"]) == [D("20.00"), D("30.57"), D("50.00")]
    made, amounts = closed(shop)
    paid = {Account.GIFT_CARDS: D("50.00"), Account.STORE_CREDIT: D("20.00"), Account.GATEWAY: D("30.57")}
    sold = {Account.SALES: D("-90.00"), Account.SHIPPING: D("-5.00"), Account.TAX: D("-5.57")}
    assert amounts == paid | sold
    assert (made.figures["store_total"], made.figures["heartland_total"]) == ("100.57", "100.57")
    assert made.figures["taxes"] == {"US TX": "5.57"}


def test_p08_all_by_credit_has_no_card_tender(shop: Pair) -> None:
    shop.switch(profile="commerce-2.4.8")
    order_id = shop.book(
        line("DOG-LEAD", "90.00"), shipping_amount="5.00", tax={"rates": {"TX": "5.863"}}, customer=CUSTOMER,
        store_credit="100.57",
    )  # fmt: skip
    assert shop.order(order_id)["payment"]["method"] == "free"
    assert [money(row["amount"]) for row in shop.there(order_id)["payments"]] == [D("100.57")]
    _, amounts = closed(shop)
    assert (amounts[Account.STORE_CREDIT], Account.GATEWAY in amounts) == (D("100.57"), False)


def test_a_memo_takes_its_tax_off_the_place_and_both_systems_stay_level(shop: Pair) -> None:
    order_id = shop.book(line("DOG-LEAD", "20.00", 3), tax={"rates": {"TX": "8.25"}})
    shop.invoice(order_id)
    shop.act(order_id, "refund", lines=[{"line": 0, "quantity": 1}], online=True)
    shop.run(order_id)
    shop.settle()
    made, amounts = closed(shop)
    assert amounts == {Account.GATEWAY: D("43.30"), Account.SALES: D("-60.00"), Account.TAX: D("-3.30"),
                       Account.REFUNDS: D("20.00")}  # fmt: skip
    assert made.figures["taxes"] == {"US TX": "3.30"}
    assert (made.figures["store_refunds"], made.figures["heartland_refunds"]) == ("21.65", "21.65")
    assert sum(money(row["total"]) for row in returns(shop)) == D("-21.65")


def test_m10_a_return_over_two_invoices_is_level_though_it_is_two_memos(shop: Pair) -> None:
    _, ours, _ = in_two_invoices(shop)
    take_back(shop.heartland, shop.connection, ours, A, B, tax="-6.50")
    work(shop.connection)
    work(shop.connection, at=timedelta(minutes=1))
    made, _ = closed(shop)
    assert made.figures["refunds"] == 2
    assert (made.figures["store_refunds"], made.figures["heartland_refunds"]) == ("71.50", "71.50")
    assert sum(money(row["total"]) for row in returns(shop)) == D("-71.50")
