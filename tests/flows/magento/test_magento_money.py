"""The money of Magento orders in Heartland, as people who run both have told where it goes wrong."""

from decimal import Decimal

import pytest

from syncjobs.models import Attempt
from tests.flows.magento.conftest import Pair, line

D = Decimal
GROSS = {"rates": {"DE VAT": "19"}, "prices_include_tax": True, "discounts_gross": True}
TEXAS = {"rates": {"TX": "8.25"}}


def totals(pair: Pair, order_id: str) -> tuple[Decimal, Decimal, str]:
    """Total, tax and status of the sales order."""
    there = pair.there(order_id)
    return D(str(there["total"])), D(str(there["total_tax"])), there["status"]


def test_m01_a_coupon_on_prices_with_tax_is_booked_as_paid(pair: Pair) -> None:
    order_id = pair.book(
        line("DOG-LEAD", "119.00"), line("CMP-JUG", "23.80", 3), tax=GROSS, rule={"code": "TEN", "amount": "10"}
    )
    assert pair.goods(order_id) == {"DOG-LEAD": (1, D(90)), "CMP-JUG": (3, D(18))}
    assert totals(pair, order_id) == (D("171.36"), D("27.36"), "open")
    assert pair.paid(order_id) == [D("171.36")]


@pytest.mark.parametrize("child_price", ["zero", "repeated"])
def test_m02_a_configurable_is_booked_once_whatever_its_child_says(pair: Pair, child_price: str) -> None:
    pair.switch(child_price=child_price)
    jacket = line("DOG-LEAD", "120.00", 2, type="configurable", children=[{"sku": "DOG-LEAD"}])
    order_id = pair.book(jacket)
    rows = pair.order(order_id)["items"]
    assert [(row["sku"], D(str(row["price"]))) for row in rows] == [
        ("DOG-LEAD", D(120)), ("DOG-LEAD", D(120 if child_price == "repeated" else 0)),
    ]  # fmt: skip
    assert pair.goods(order_id) == {"DOG-LEAD": (2, D(120))}
    assert totals(pair, order_id) == (D(240), D(0), "open")


def test_m07_an_order_in_another_currency_is_booked_in_the_base_that_heartland_keeps(pair: Pair) -> None:
    order_id = pair.book(line("DOG-LEAD", "50.00", 2), currency="EUR", rate="0.92")
    assert (D(str(pair.order(order_id)["grand_total"])), pair.record(order_id).currency) == (D(92), "USD")
    assert totals(pair, order_id) == (D(100), D(0), "open")
    (payment,) = pair.there(order_id)["payments"]
    assert (D(str(payment["amount"])), "92.00 EUR" in payment["description"]) == (D(100), True)
    words = " ".join(step["decision"] for step in Attempt.objects.latest("pk").steps)
    assert "The shopper paid in EUR: 92.00 there is 100.00 USD here." in words


def test_m07_an_order_in_neither_currency_waits_with_its_numbers(pair: Pair) -> None:
    account = pair.connection.heartland
    account.currency = "CAD"
    account.save()
    order_id = pair.place(line("DOG-LEAD", "50.00", 2), currency="EUR", rate="0.92")
    pair.run(order_id)
    record = pair.record(order_id)
    assert (record.disposition, record.code) == ("held", "currency_differs")
    assert "was paid in EUR; Heartland keeps CAD" in record.reason
    assert pair.sales_orders() == []
    account.currency = "EUR"
    account.save()
    assert pair.run(order_id) == "done"
    assert totals(pair, order_id) == (D(92), D(0), "open")


def test_m18_a_fixed_product_tax_that_the_invoice_forgets_is_booked_and_paid(pair: Pair) -> None:
    pair.switch(invoice_forgets_weee=True)
    pair.connection.order_settings.fee_item_id = str(
        pair.heartland_client().items_by_numbers(["CMP-JUG"])["CMP-JUG"]["id"]
    )
    pair.connection.order_settings.save()
    order_id = pair.book(line("DOG-LEAD", "100.00", weee="4.00"))
    order = pair.order(order_id)
    assert (D(str(order["total_paid"])), D(str(order["total_due"]))) == (D(100), D(4))
    assert pair.goods(order_id) == {"DOG-LEAD": (1, D(100)), "CMP-JUG": (1, D(4))}
    assert totals(pair, order_id) == (D(104), D(0), "open")
    assert pair.paid(order_id) == [D(104)]
    words = " ".join(step["decision"] for step in Attempt.objects.latest("pk").steps)
    assert "The store's invoices lack 4.00 of the 104.00 that the shopper was charged." in words


def test_m20_tax_by_total_is_taken_from_the_order(pair: Pair) -> None:
    skus = ("DOG-LEAD", "CMP-JUG", "LGT-LANT", "BOK-STEW", "HP-TOT-OAT")
    order_id = pair.book(*(line(sku, "1.95", 3) for sku in skus), tax=TEXAS)
    assert totals(pair, order_id) == (D("31.66"), D("2.41"), "open")
    assert pair.goods(order_id) == {sku: (3, D("1.95")) for sku in skus}


def test_a_piece_of_rope_waits_because_heartland_counts_whole_ones(pair: Pair) -> None:
    order_id = pair.place(line("DOG-LEAD", "10.00", "1.5"))
    pair.run(order_id)
    assert (pair.record(order_id).disposition, pair.record(order_id).code) == ("held", "quantity_not_whole")


def test_gift_card_credit_and_points_are_tenders(pair: Pair) -> None:
    pair.switch(profile="commerce-2.4.8")
    order_id = pair.book(line("DOG-LEAD", "100.00"), gift_certificate="new:25.00")
    assert totals(pair, order_id) == (D(100), D(0), "open")
    assert sorted(pair.paid(order_id)) == [D(25), D(75)]


@pytest.mark.parametrize("is_dynamic", [True, False])
def test_a_bundle_is_booked_by_whatever_carries_its_money(pair: Pair, *, is_dynamic: bool) -> None:
    parts = [{"sku": "DOG-LEAD", "price": "30.00"}, {"sku": "CMP-JUG", "price": "10.00", "quantity": 2}]
    order_id = pair.book(line("LGT-LANT", "45.00", 2, type="bundle", children=parts, dynamic=is_dynamic))
    if is_dynamic:
        assert pair.goods(order_id) == {"DOG-LEAD": (2, D(30)), "CMP-JUG": (4, D(10))}
        assert totals(pair, order_id) == (D(100), D(0), "open")
    else:
        assert pair.goods(order_id) == {"LGT-LANT": (2, D(45)), "DOG-LEAD": (2, D(0)), "CMP-JUG": (4, D(0))}
        assert totals(pair, order_id) == (D(90), D(0), "open")
