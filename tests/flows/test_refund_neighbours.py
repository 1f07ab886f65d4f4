"""Neighbours of the cases of refunds: orders that ended, thirds, declined money, and pieces that had partly left."""

import re
from decimal import Decimal

import pytest
from django.utils import timezone
from requests import HTTPError

from connections.models import OrderSettings
from errors.models import SyncError
from ipaas.types import JSON
from syncjobs.engine.enqueueing import job_enqueue
from tests.flows.conftest import Pair
from tests.flows.test_refunds import LEADS, left, lines, look, money, of, order, refund, returns, run_refunds, total

D = Decimal


@pytest.fixture
def shop(pair: Pair) -> Pair:
    OrderSettings.objects.filter(connection=pair.connection).update(books_refunds=True, fee_item_id="100412")
    return pair


def test_a_refund_of_an_order_that_was_cancelled_before_it_left_books_nothing(shop: Pair) -> None:
    web_id = shop.book(**LEADS)
    shop.bigcommerce.post(f"/_sim/orders/{web_id}/cancel", {})
    look(shop, web_id)
    refund(shop, web_id)
    for _ in range(2):
        look(shop, web_id)
    assert (order(shop, web_id).disposition, order(shop, web_id).code) == ("cancelled", "cancelled")
    assert ([row["status"] for row in shop.sales_orders(web_id)], returns(shop)) == (["canceled"], [])


def test_cancelled_after_it_left_and_then_refunded_is_a_return_of_all(shop: Pair) -> None:
    web_id = shop.book(**LEADS)
    sales_order = left(shop, web_id)
    shop.bigcommerce.post(f"/_sim/orders/{web_id}/cancel", {})
    look(shop, web_id)
    assert (order(shop, web_id).disposition, order(shop, web_id).code) == ("held", "cancelled_after_invoice")
    refund(shop, web_id)
    for _ in range(2):
        look(shop, web_id)
    assert [money(row["total"]) for row in returns(shop)] == [-money(sales_order["total"])]
    assert (order(shop, web_id).disposition, [one.disposition for one in of(shop, web_id)]) == ("booked", ["booked"])


def test_amounts_in_thirds_give_back_all_and_no_cent_more(shop: Pair) -> None:
    web_id = shop.book(lines=[{"sku": "DOG-LEAD", "quantity": 1}])
    whole = money(left(shop, web_id)["total"])
    third = (whole / 3).quantize(D("0.01"))
    for amount in (third, third, whole - 2 * third):
        refund(shop, web_id, amount=str(amount))
        look(shop, web_id)
    assert [money(row["total"]) for row in returns(shop)] == [-third, -third, 2 * third - whole]
    assert [one.disposition for one in of(shop, web_id)] == ["booked"] * 3
    with pytest.raises(HTTPError):
        refund(shop, web_id, amount="0.01")


def test_of_two_refunds_before_it_left_only_the_one_that_was_given_counts(shop: Pair) -> None:
    web_id = shop.book(**LEADS)
    shop.bigcommerce.put("/_sim/switches", {"refund_declined": True})
    refund(shop, web_id, lines=[{"line": 0, "quantity": 1}])
    look(shop, web_id)
    assert order(shop, web_id).disposition == "booked"
    shop.bigcommerce.put("/_sim/switches", {"refund_declined": False})
    refund(shop, web_id, lines=[{"line": 0, "quantity": 1}])
    look(shop, web_id)
    declined, given = of(shop, web_id)
    assert (declined.disposition, declined.code, given.disposition) == ("skipped", "refund_not_given", "booked")
    old, new = shop.sales_orders(web_id)
    assert (old["status"], new["status"]) == ("canceled", "open")
    assert money(new["total"]) == money(old["total"]) - total(given)


def give_back_there(shop: Pair, web_id: str, tax: Decimal, amount: Decimal) -> None:
    """The desk puts the tax of a sales order right, and gives money back on it."""
    (sales_order,) = shop.sales_orders(web_id)
    paid = shop.rows_of("payments", sales_order["id"])[0]
    client = shop.heartland_client()
    client.order_tax_add(str(sales_order["id"]), "tax back", -tax)
    body = {"type": "CustomPayment", "payment_type_id": paid["payment_type_id"], "deposit": True, "amount": -amount}
    client.order_payment_add(str(sales_order["id"]), body)


@pytest.mark.parametrize("is_settled", [True, False])
def test_of_pieces_that_are_partly_open_those_come_back_that_had_left(shop: Pair, is_settled: bool) -> None:
    """Three are sold, two left, and two are refunded: one is taken off at the desk, and one comes back."""
    web_id = shop.book(**LEADS)
    sales_order = left(shop, web_id, lines=[{"sku": "DOG-LEAD", "qty": 2}])
    refund(shop, web_id, lines=[{"line": 0, "quantity": 2}])
    look(shop, web_id)
    (told,) = of(shop, web_id)
    assert (told.code, returns(shop)) == ("refund_of_open_pieces", [])
    said = re.search(r"give (\S+) back, of it (\S+) tax, .* then close 1 × DOG-LEAD there", fix_of("refunds"))
    assert said
    amount, tax = map(D, said.groups())
    if is_settled:
        give_back_there(shop, web_id, tax, amount)
    shop.heartland.post("/_sim/staff/close_line", {"order_id": sales_order["id"], "sku": "DOG-LEAD"})
    if not is_settled:
        again(shop, told.external_id)
        assert (of(shop, web_id)[0].code, returns(shop)) == ("refund_of_open_pieces", [])
        assert f"until it comes to {money(sales_order['total']) - amount} and so much is paid" in fix_of("refunds")
        return
    for _ in range(2):
        again(shop, told.external_id)
        (told,), (ticket,) = of(shop, web_id), returns(shop)
        assert (told.disposition, told.target_total) == ("booked", total(told))
        assert money(ticket["total"]) == amount - total(told)
        assert pieces(shop, ticket) == [-1]


def pieces(shop: Pair, ticket: JSON) -> list[int]:
    return [row["qty"] for row in lines(shop, ticket) if row["type"] == "ItemLine"]


def again(shop: Pair, refund_name: str) -> None:
    now = timezone.now()
    job_enqueue(connection=shop.connection, flow="refunds", external_id=refund_name, cause="retry", now=now)
    run_refunds(shop)


def fix_of(flow: str) -> str:
    (error,) = SyncError.objects.open().filter(flow=flow)
    return error.issues.get().fix
