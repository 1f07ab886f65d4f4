"""Payments as shops really have them: what a transaction says is money, what a state or an invoice says is not."""

from decimal import Decimal

from syncjobs.models import Attempt
from tests.flows.magento.conftest import Pair, line

D = Decimal


def payments(pair: Pair, order_id: str) -> list[tuple[str, D]]:
    return [(row["status"], D(str(row["amount"]))) for row in pair.there(order_id)["payments"]]


def test_two_paid_invoices_and_one_capture_are_one_payment(pair: Pair) -> None:
    """P04: the store counts the order as paid twice, its provider took the money once."""
    order_id = pair.place(line("DOG-LEAD", "89.90"))
    doubled = {"total_paid": "179.80", "base_total_paid": "179.80", "total_due": "-89.90", "base_total_due": "-89.90"}
    counted = {"amount_paid": "179.80", "base_amount_paid": "179.80"}
    pair.magento.put(f"/_sim/orders/{order_id}/columns", {"order": doubled, "payment": counted})
    assert pair.run(order_id) == "done"
    assert payments(pair, order_id) == [("complete", D("89.90"))]
    assert pair.there(order_id)["status"] == "open"
    steps = Attempt.objects.filter(job__external_id=order_id).latest("pk").steps
    assert any("The store counts 179.80 as paid of the 89.90" in step["decision"] for step in steps)


def test_an_order_in_processing_without_money_is_held_and_nothing_is_written(pair: Pair) -> None:
    """P07: a notice of a failed payment moved it on; its invoice is open, nobody paid."""
    order_id = pair.place(line("DOG-LEAD", "120.00"), payment="authorized")
    invoice = pair.act(order_id, "invoice", open=True)["invoice_id"]
    assert pair.order(order_id)["state"] == "processing"
    pair.run(order_id)
    record = pair.record(order_id)
    assert (record.disposition, record.code, pair.sales_orders()) == ("held", "processing_without_money", [])
    assert "120.00 of it is invoiced, nothing was paid" in record.reason
    pair.magento.post(f"/_sim/invoices/{invoice}/capture", {})
    pair.poll()
    assert payments(pair, order_id) == [("complete", D("120.00"))]


def test_a_booked_order_whose_payment_failed_keeps_its_pending_payment(pair: Pair) -> None:
    """P07, with a sales order that waits for its money already."""
    order_id = pair.book(line("DOG-LEAD", "120.00"), payment="authorized")
    pair.act(order_id, "invoice", open=True)
    pair.poll()
    assert payments(pair, order_id) == [("pending", D("120.00"))]


def test_an_unpaid_order_that_the_shop_gave_up_never_comes_to_life(pair: Pair) -> None:
    """P06: the money came after the cancellation; the order stays cancelled, and nothing is booked or committed."""
    order_id = pair.place(line("DOG-LEAD", "59.00"), payment="abandoned")
    pair.magento.post("/_sim/clock/advance", {"seconds": 600 * 60})
    pair.act(order_id, "cancel")
    pair.act(order_id, "transaction", type="capture", amount="59.00")
    pair.run(order_id)
    assert pair.record(order_id).disposition in {"skipped", "cancelled"}
    assert pair.sales_orders() == []
