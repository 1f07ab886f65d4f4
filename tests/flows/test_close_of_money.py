"""The close of a day holds what went out at tills too, and its sums are those of both systems."""

from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from connections.models import OrderSettings
from mappings.core.rules.journal import Account, Postings, sums_of
from syncjobs.models import DayClose, Record
from syncjobs.money.close_day import Posted, closes_verify, day_close, entries_of
from syncjobs.money.import_payouts import payouts_import
from syncjobs.money.open_points import points_between
from tests.flows.conftest import TAXED, Pair
from tests.flows.test_refunds import left, look, money, refund, returns
from tests.flows.test_till_returns import ONE, gateway_answers, sold
from tests.flows.tills import record_of, refunding, take_back, work
from tests.unit.mappings.test_payouts import HEAD

D = Decimal


@pytest.fixture
def shop(pair: Pair) -> Pair:
    """Returns at tills are refunded by the store but for what the till hands out; the store's refunds are booked."""
    refunding(pair.connection, books_refunds=True, fee_item_id="100412")
    return pair


def closed(shop: Pair) -> DayClose:
    """The day of the newest refund or order, and all before it, closed once they are over."""
    zone = ZoneInfo(shop.connection.merchant.time_zone)
    records = Record.objects.filter(connection=shop.connection, source_placed_at__isnull=False)
    days = [one.astimezone(zone).date() for one in records.values_list("source_placed_at", flat=True) if one]
    later = timezone.now() + timedelta(days=3)
    day = min(days)
    while True:
        made = day_close(connection=shop.connection, day=day, shown=None, note="Test", actor=None, now=later)
        if day >= max(days):
            return made
        day += timedelta(days=1)


def amounts(shop: Pair) -> Postings:
    """What all closes hold together."""
    rows = DayClose.objects.filter(connection=shop.connection)
    return sums_of(Posted.read(line).amounts for made in rows for line in made.lines)


def figures(shop: Pair, name: str) -> Decimal:
    return sum((D(one.figures[name]) for one in DayClose.objects.filter(connection=shop.connection)), D(0))


def heartland_kept(shop: Pair) -> Decimal:
    """By Heartland's own word: living sales orders less returns."""
    booked = Record.objects.filter(connection=shop.connection, flow="orders", disposition="booked")
    ours = set(booked.values_list("target_id", flat=True))
    orders = [money(row["total"]) for row in shop.heartland.rows("orders") if str(row["id"]) in ours]
    return sum(orders, D(0)) + sum((money(row["total"]) for row in returns(shop)), D(0))


def store_kept(shop: Pair) -> Decimal:
    """By the store's own word: orders less refunds."""
    orders = [money(row["total_inc_tax"]) for row in shop.bigcommerce.rows("orders") if row["id"] in ids(shop)]
    given = [money(row["total_amount"]) for row in shop.bigcommerce.rows("refunds") if row["order_id"] in ids(shop)]
    return sum(orders, D(0)) - sum(given, D(0))


def ids(shop: Pair) -> set[int]:
    rows = Record.objects.filter(connection=shop.connection, flow="orders", disposition="booked")
    return {int(one) for one in rows.values_list("external_id", flat=True)}


def level(shop: Pair) -> Decimal:
    """What both systems kept, by their own word and by the figures of the closes: one sum."""
    assert figures(shop, "store_refunds") == figures(shop, "heartland_refunds")
    kept = figures(shop, "store_total") - figures(shop, "store_refunds")
    assert kept == store_kept(shop) == heartland_kept(shop)
    assert kept == figures(shop, "heartland_total") - figures(shop, "heartland_refunds")
    return kept


def test_cash_that_a_till_handed_out_is_in_the_close(shop: Pair) -> None:
    _, sale = sold(shop, 3, "20.00")
    ticket = take_back(shop.heartland, shop.connection, sale, ONE, payment_type="Cash")
    work(shop.connection)
    gateway_answers(shop)
    work(shop.connection, at=timedelta(minutes=2))
    assert record_of(ticket).disposition == "booked"
    (made,) = [row for row in shop.bigcommerce.rows("refunds") if row["order_id"] in ids(shop)]
    assert [one["offline"] for one in made["payments"]] == [True]
    closed(shop)
    came = {Account.GATEWAY: D(68), Account.REFUNDS: D(20)}
    went = {Account.BY_HAND: D(-20), Account.SALES: D(-60), Account.SHIPPING: D(-8)}
    assert amounts(shop) == came | went
    assert level(shop) == D(48)


def test_what_the_provider_gave_back_takes_its_tax_along_and_its_row_only_the_fee(shop: Pair) -> None:
    web_id = shop.book(lines=[{"sku": "DOG-LEAD", "quantity": 3}], guest=TAXED["guest"])
    left(shop, web_id)
    refund(shop, web_id, lines=[{"line": 0, "quantity": 1}])
    look(shop, web_id)
    record = shop.record(web_id)
    (told,) = Record.objects.filter(connection=shop.connection, flow="refunds")
    back, tax = told.source_total or D(0), D(told.facts["tax"])
    assert tax > 0
    (tender,) = record.facts["tenders"]
    now = timezone.now().isoformat()
    text = (
        f"t1,charge,{tender['reference']},{record.source_total},1.00,,{now},,po_1\n"
        f"t2,refund,{tender['reference']},-{back},0.30,,{now},,po_1\n"
    )
    payouts_import(connection=shop.connection, name="x.csv", text=HEAD + text, actor=None, now=timezone.now())
    made = closed(shop)
    found = amounts(shop)
    assert found[Account.REFUNDS] == back - tax
    assert found[Account.GATEWAY] == (record.source_total or D(0)) - back - D("1.30")
    assert (found[Account.FEES], found.get(Account.UNMATCHED)) == (D("1.30"), None)
    sold_tax = sum(D(one["amount"]) for one in record.facts["equation"] if one["name"] == "Tax")
    assert found[Account.TAX] == tax - sold_tax
    assert made.figures["taxes"] == {"US TX": f"{sold_tax - tax:.2f}"}
    assert level(shop) == (record.source_total or D(0)) - back


def test_what_went_back_before_goods_left_is_level_though_the_sales_order_is_smaller(shop: Pair) -> None:
    web_id = shop.book(lines=[{"sku": "DOG-LEAD", "quantity": 3}])
    refund(shop, web_id, lines=[{"line": 0, "quantity": 1}])
    look(shop, web_id)
    assert shop.record(web_id).code == "kept_as_given_back"
    closed(shop)
    (told,) = Record.objects.filter(connection=shop.connection, flow="refunds")
    assert figures(shop, "heartland_refunds") == told.source_total
    level(shop)


def test_cash_beyond_what_the_store_holds_is_in_the_close_and_a_late_refund_in_the_next(shop: Pair) -> None:
    """The day is closed, then a till hands out money of that order: the close stands, the next day brings it."""
    _, made = sold(shop, 1, "30.00")
    day = timezone.now().astimezone(ZoneInfo(shop.connection.merchant.time_zone)).date()
    over = timezone.now() + timedelta(days=1)
    first = day_close(connection=shop.connection, day=day, shown=None, note="x", actor=None, now=over)
    sealed = list(first.lines)
    take_back(shop.heartland, shop.connection, made, ONE | {"price": "35.00"}, payment_type="Cash")
    work(shop.connection)
    gateway_answers(shop)
    work(shop.connection, at=timedelta(minutes=2))
    closed_next = day_close(
        connection=shop.connection, day=day + timedelta(days=1), shown=None, note="x", actor=None,
        now=over + timedelta(days=1),
    )  # fmt: skip
    first.refresh_from_db()
    assert first.lines == sealed
    assert sorted((line[0].partition(":")[0], line[2]["by_hand"]) for line in closed_next.lines) == [
        ("refund", "-30.00"),
        ("return", "-5.00"),
    ]
    assert {line[1] for line in closed_next.lines} == {day.isoformat()}
    assert [entry.number[-2:] for entry in entries_of(closed_next)] == ["-A"]
    assert closes_verify(shop.connection) == (2, "")


def test_a_refund_that_waits_keeps_its_day_open_and_one_without_a_row_is_named(shop: Pair) -> None:
    OrderSettings.objects.filter(connection=shop.connection).update(books_refunds=False)
    web_id = shop.book(lines=[{"sku": "DOG-LEAD", "quantity": 3}])
    left(shop, web_id)
    refund(shop, web_id, lines=[{"line": 0, "quantity": 1}])
    look(shop, web_id)
    (told,) = Record.objects.filter(connection=shop.connection, flow="refunds")
    back, day = (
        told.source_total or D(0),
        timezone.now().astimezone(ZoneInfo(shop.connection.merchant.time_zone)).date(),
    )
    (point,) = points_between(shop.connection, day, day, timezone.now())
    assert (point.of, point.amount, point.order, point.reason) == ("refunds", -back, web_id, told.reason)
    OrderSettings.objects.filter(connection=shop.connection).update(books_refunds=True)
    look(shop, web_id)
    assert points_between(shop.connection, day, day, timezone.now()) == []
    record = shop.record(web_id)
    reference, placed = record.facts["tenders"][0]["reference"], record.source_placed_at
    later = timezone.now() + timedelta(days=9)
    text = (
        f"t1,charge,{reference},{record.source_total},0.00,,{placed:%Y-%m-%dT%H:%M:%S}Z,,po_1\n"
        f"t2,fee,,-1.00,0.00,,{later:%Y-%m-%dT%H:%M:%S}Z,,po_1\n"
    )
    payouts_import(connection=shop.connection, name="x.csv", text=HEAD + text, actor=None, now=timezone.now())
    (point,) = points_between(shop.connection, day, day, later)
    assert (point.of, point.amount) == ("refunds", -back)
    assert point.reason == f"The store gave {back} back, and rows of payouts tell of 0.00."


def test_g13_a_card_that_a_till_gave_for_goods_is_owed_and_no_cash(shop: Pair) -> None:
    _, sale = sold(shop, 2, "26.75")
    take_back(shop.heartland, shop.connection, sale, ONE, gift_card="GC7Q2M9")
    work(shop.connection)
    gateway_answers(shop)
    work(shop.connection, at=timedelta(minutes=2))
    made = closed(shop)
    found = amounts(shop)
    assert (found[Account.REFUNDS], found[Account.GIFT_CARDS]) == (D("26.75"), D("-26.75"))
    assert Account.BY_HAND not in found
    assert (made.figures["store_refunds"], made.figures["heartland_refunds"]) == ("26.75", "26.75")
