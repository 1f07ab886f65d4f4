"""Credit memos become returns of what has left: cases R01, R02, R04, R05, M03, M07, M09 with their exact amounts."""

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from connections.models import OrderSettings
from ipaas.types import JSON
from syncjobs.models import Record
from tests.flows.magento.conftest import Pair, line

D = Decimal
TAX = {"rates": {"TX": "8.25"}}
COUPON = {"code": "TWELVE", "amount": "12"}
PARTS = [{"sku": "DOG-LEAD", "price": "30.00"}, {"sku": "CMP-JUG", "price": "10.00", "quantity": 2}]
FEE = 100412


def of(first: int, count: int = 1) -> JSON:
    return {"lines": [{"line": first, "quantity": count}]}


@pytest.fixture
def shop(pair: Pair) -> Pair:
    """A pair that books refunds by itself, and has an item for fees."""
    OrderSettings.objects.filter(connection=pair.connection).update(books_refunds=True, fee_item_id=str(FEE))
    return pair


def returns(pair: Pair) -> list[JSON]:
    return [row for row in pair.heartland.rows("transactions") if row["type"] == "Return"]


def refunds(pair: Pair, order_id: str) -> list[Record]:
    rows = Record.objects.filter(connection=pair.connection, flow="refunds", order_id=order_id)
    return list(rows.order_by("pk"))


def money(value: Any) -> Decimal:
    return D(str(value)).quantize(D("0.01"))


CASES: dict[str, tuple[list[JSON], JSON, list[JSON], list[str]]] = {
    "r01": (
        [line("DOG-LEAD", "80.00"), line("CMP-JUG", "45.50")],
        {"rule": COUPON},
        [of(0), of(1)],
        ["70.40", "40.04"],
    ),
    "r04": ([line("DOG-LEAD", "100.00")], {"tax": TAX}, [of(0) | {"negative": "15.00"}], ["93.25"]),
    "r05": (
        [line("DOG-LEAD", "30.00", taxable=False)],
        {"shipping_amount": "7.95", "tax": TAX},
        [{"shipping": "7.95"}, of(0)],
        ["8.61", "30.00"],
    ),
    "r13": ([line("DOG-LEAD", "39.99")], {"tax": {"rates": {"IN": "7"}}}, [{"amount": "20.00"}], ["20.00"]),
    "m07": ([line("DOG-LEAD", "50.00", 2)], {"currency": "EUR", "rate": "0.92"}, [of(0)], ["50.00"]),
    "m09": ([line("DOG-LEAD", "21.60", 3)], {"tax": TAX}, [of(0)] * 3, ["23.38", "23.39", "23.38"]),
}

PARTS_OF = {  # of each return
    "r04": [[("ItemLine", "-100.00"), ("ItemLine", "15.00"), ("TaxLine", "-8.25")]],
    "r05": [[("ShippingLine", "-7.95"), ("TaxLine", "-0.66")], [("ItemLine", "-30.00")]],
    "r13": [[("ItemLine", "-20.00")]],
}


def parts(shop: Pair, ticket: JSON) -> list[tuple[str, str]]:
    rows = [row for row in shop.heartland.rows("transaction_lines") if row["transaction_id"] == ticket["id"]]
    return sorted((row["type"], f"{money(row['value']):.2f}") for row in rows)


@pytest.mark.parametrize("case", CASES)
def test_each_memo_becomes_its_return_to_the_cent(shop: Pair, case: str) -> None:
    lines, recipe, wishes, amounts = CASES[case]
    order_id = shop.book(*lines, **recipe)
    shop.invoice(order_id)
    paid = sum(shop.paid(order_id))
    for count, wish in enumerate(wishes, 1):
        made = shop.act(order_id, "refund", **wish)
        shop.run(order_id)
        shop.settle()
        told = refunds(shop, order_id)
        assert [one.disposition for one in told] == ["booked"] * count, [one.reason for one in told]
        assert [money(row["total"]) for row in returns(shop)] == [-D(amount) for amount in amounts[:count]]
        assert sum(money(row["total"]) for row in returns(shop)) >= -paid
        if case != "m07":
            assert money(made["total"]) == D(amounts[count - 1])
    assert {row["status"] for row in returns(shop)} == {"complete"}
    assert all(money(row["balance"]) == 0 for row in returns(shop))
    assert shop.record(order_id).disposition == Record.Disposition.BOOKED
    for _ in range(2):
        shop.run(order_id)
        shop.settle()
    assert len(returns(shop)) == len(wishes)
    if case in PARTS_OF:
        assert [parts(shop, ticket) for ticket in returns(shop)] == PARTS_OF[case]


def test_r02_seven_pieces_one_by_one_never_give_back_more_than_was_paid(shop: Pair) -> None:
    gross = {"rates": {"VAT": "20"}, "prices_include_tax": True, "discounts_gross": True}
    rule = {"code": "FIFTEEN", "amount": "15"}
    order_id = shop.book(line("DOG-LEAD", "14.99", 7), tax=gross, rule=rule)
    shop.invoice(order_id)
    (paid,) = shop.paid(order_id)
    for count in range(1, 8):
        made = shop.act(order_id, "refund", **of(0))
        shop.run(order_id)
        shop.settle()
        assert -money(returns(shop)[-1]["total"]) == money(made["total"])
        assert -sum(money(row["total"]) for row in returns(shop)) <= paid == D("89.19")
        assert len(returns(shop)) == count
    assert -sum(money(row["total"]) for row in returns(shop)) == paid
    assert -sum(money(row["total_tax"]) for row in returns(shop)) == money(shop.there(order_id)["total_tax"])


def test_m03_of_a_bundle_only_the_part_comes_back_that_the_memo_names(shop: Pair) -> None:
    order_id = shop.book(line("LGT-LANT", "0", 2, type="bundle", children=PARTS, dynamic=True))
    shop.invoice(order_id)
    part = next(row for row in shop.order(order_id)["items"] if row["sku"] == "DOG-LEAD")
    shop.act(order_id, "refund", lines=[{"line": part["item_id"], "quantity": 1}])
    shop.run(order_id)
    shop.settle()
    (ticket,) = returns(shop)
    rows = [row for row in shop.heartland.rows("transaction_lines") if row["transaction_id"] == ticket["id"]]
    numbers = {row["id"]: row["public_id"] for row in shop.heartland.rows("items")}
    assert Counter({numbers[row["item_id"]]: row["qty"] for row in rows}) == Counter({"DOG-LEAD": -1})
    assert money(ticket["total"]) == D("-30.00")
    assert [one.facts["goods"] for one in refunds(shop, order_id)] == [[{"sku": "DOG-LEAD", "quantity": 1}]]


def test_m05_refunded_before_it_left_comes_off_by_itself(shop: Pair) -> None:
    order_id = shop.book(line("DOG-LEAD", "15.00", 10))
    shop.act(order_id, "refund", lines=[{"line": 0, "quantity": 5}])
    shop.run(order_id)
    shop.settle()
    there = shop.there(order_id)
    assert (shop.goods(order_id), money(there["total"]), shop.paid(order_id)) == (
        {"DOG-LEAD": (5, D("15.00"))},
        D("75.00"),
        [D("75.00")],
    )
    assert [row["status"] for row in shop.sales_orders()] == ["canceled", "open"]
    assert [one.disposition for one in refunds(shop, order_id)] == ["booked"]


def test_m32_the_memo_of_one_of_three_orders_with_one_number_lands_on_that_one(shop: Pair) -> None:
    shop.switch(numbers_overlap=True)
    prices, views = ("40.00", "55.00", "70.00"), ("default", "canada", "canada")
    number = "1000006164"
    ids = [
        shop.place(line("DOG-LEAD", price), view=view, increment_id=number)
        for price, view in zip(prices[:2], views, strict=False)
    ]
    ids.append(shop.place(line("DOG-LEAD", prices[2]), increment_id="1000006165"))
    shop.poll()
    invoices = [shop.invoice(order_id) for order_id in ids]
    shop.act(ids[1], "refund")
    shop.poll()
    (ticket,) = returns(shop)
    assert (money(ticket["total"]), str(ticket["parent_transaction_id"])) == (D("-55.00"), invoices[1])
    assert [len(refunds(shop, order_id)) for order_id in ids] == [0, 1, 0]
    assert ticket["public_id"].startswith(f"MG-{number}-2-R")


def test_a_memo_costs_the_fewest_calls(shop: Pair) -> None:
    """The order and its memos; invoices and what came back before, to plan; a search, so that a lost answer repeats
    nothing; the return, a look at what Heartland made of it, its payment, its completion. A later look the first two.
    """
    order_id = shop.book(line("DOG-LEAD", "30.00", 2), tax=TAX)
    shop.invoice(order_id)
    shop.act(order_id, "refund", **of(0))
    shop.run(order_id)
    shop.settle()
    (told,) = refunds(shop, order_id)
    assert shop.calls(told.external_id) == [
        "GET /orders", "GET /creditmemos",
        "GET /sales/invoices", "GET /sales/tickets", "GET /sales/tickets",
        "POST /sales/tickets", "GET /sales/tickets", "POST /sales/tickets/payments", "PUT /sales/tickets",
    ]  # fmt: skip
