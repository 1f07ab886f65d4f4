"""Magento orders become sales orders: to the cent, once, each its own."""

from decimal import Decimal

from tests.flows.magento.conftest import Pair, line

D = Decimal


def test_an_order_is_booked_paid_and_its_number_told(pair: Pair) -> None:
    order_id = pair.book(line("DOG-LEAD", "20", 2))
    number = pair.order(order_id)["increment_id"]
    record, there = pair.record(order_id), pair.there(order_id)
    assert (record.label, record.number, record.target_label) == (f"Order {number}", number, f"MG-{number}")
    assert (there["status"], D(str(there["total"])), pair.paid(order_id)) == ("open", D(40), [D(40)])
    (comment,) = [row["comment"] for row in pair.order(order_id)["status_histories"] if row["comment"]]
    assert comment == f"Heartland sales order: MG-{number}"
    assert pair.order(order_id)["status"] == "processing"
