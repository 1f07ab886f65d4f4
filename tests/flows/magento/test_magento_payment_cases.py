"""Payments as shops really have them: what a transaction says is money, what a state or an invoice says is not."""

from decimal import Decimal

from connections.models import Role
from ipaas.types import NoObserver
from syncjobs import engine
from syncjobs.models import Attempt, Record
from syncjobs.stores.opening import store_of
from tests import factories
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
    store = store_of(pair.connection.store, NoObserver())
    order = store.orders.order(order_id)
    (sold,) = order.lines
    quote = store.refunds.quote(order, {sold.source_id: 1}, [])
    assert (quote.total, quote.left, [one.left for one in quote.tenders]) == (D("89.90"), D("89.90"), [D("89.90")])


def test_invoices_over_nothing_are_no_money(pair: Pair) -> None:
    """P04, the variant: one invoice of 89.90, and five of 0.00 that doubled notices made."""
    order_id = pair.place(line("DOG-LEAD", "89.90"))
    state = pair.shop.app.service.state
    (invoice,) = (row for row in state.invoices.all() if str(row["order_id"]) == order_id)
    nothing = {name: Decimal(0) for name, value in invoice.items() if isinstance(value, Decimal)}
    for place in range(1, 6):
        state.invoices.insert(
            {name: value for name, value in (invoice | nothing).items() if name not in ("id", "entity_id")}
            | {"increment_id": f"{invoice['increment_id']}-{place}"}
        )
    assert len([row for row in state.invoices.all() if str(row["order_id"]) == order_id]) == 6
    for _ in range(2):
        assert pair.run(order_id) == "done"
    assert payments(pair, order_id) == [("complete", D("89.90"))]
    assert (pair.there(order_id)["status"], pair.record(order_id).disposition) == ("open", "booked")
    assert D(str(pair.there(order_id)["total"])) == D("89.90")


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


def counted(pair: Pair, order_id: str) -> list[tuple[str, D]]:
    return sorted(payments(pair, order_id))


def test_a_void_in_admin_is_no_cancellation(pair: Pair) -> None:
    """P17: the payment is voided, the order kept and not to be distributed; a new authorisation frees it."""
    order_id = pair.book(line("DOG-LEAD", "88.00"), payment="authorized")
    pair.run(order_id)
    assert [call for call in pair.calls(order_id) if "transactions" in call] == []
    state = pair.order(order_id)["state"]
    pair.act(order_id, "void")
    assert pair.order(order_id)["state"] == state
    for _ in range(2):
        pair.poll()
        pair.run(order_id)
        record = pair.record(order_id)
        assert (record.disposition, record.code) == ("held", "payment_voided")
        assert "88.00 was promised and is not coming" in record.reason
        assert (payments(pair, order_id), pair.there(order_id)["status"]) == ([("void", D("88.00"))], "open")
    assert [call for call in pair.calls(order_id) if "transactions" in call or call[:3] != "GET"] == []
    assert not record.waits_for_location
    pair.act(order_id, "transaction", type="authorization", amount="88.00")
    assert pair.run(order_id) == "done"
    assert counted(pair, order_id) == [("pending", D("88.00")), ("void", D("88.00"))]
    assert (pair.record(order_id).disposition, pair.record(order_id).code) == ("booked", "")
    assert pair.record(order_id).waits_for_location
    pair.run(order_id)
    assert len(payments(pair, order_id)) == 2
    pair.act(order_id, "invoice")
    pair.run(order_id)
    assert counted(pair, order_id) == [("complete", D("88.00")), ("void", D("88.00"))]


def test_a_void_that_is_followed_by_a_cancellation_cancels(pair: Pair) -> None:
    """P17: nothing was ever taken, so nothing is given back."""
    order_id = pair.book(line("DOG-LEAD", "88.00"), payment="authorized")
    pair.act(order_id, "void")
    pair.run(order_id)
    assert pair.record(order_id).code == "payment_voided"
    pair.act(order_id, "cancel")
    pair.run(order_id)
    assert (pair.record(order_id).disposition, pair.there(order_id)["status"]) == ("cancelled", "canceled")
    assert payments(pair, order_id) == [("void", D("88.00"))]


def test_what_was_captured_stays_when_the_rest_is_released(pair: Pair) -> None:
    """P05: 90.00 complete, 10.00 voided, nothing pending; the order lives, nothing is given back."""
    lines = (line("DOG-LEAD", "70.00"), line("CMP-JUG", "20.00"), line("LGT-LANT", "10.00"))
    order_id = pair.book(*lines, payment="authorized")
    items = [item["item_id"] for item in pair.order(order_id)["items"]]
    for item in items[:2]:
        pair.act(order_id, "invoice", lines=[{"line": item, "quantity": 1}])
    pair.act(order_id, "void")
    pair.run(order_id)
    assert pair.record(order_id).code == "payment_voided"
    assert "10.00 was promised and is not coming" in pair.record(order_id).reason
    found = counted(pair, order_id)
    assert sum(amount for status, amount in found if status == "complete") == D("90.00")
    assert [status for status, _ in found if status == "pending"] == []
    assert (pair.there(order_id)["status"], D(str(pair.there(order_id)["total_paid"]))) == ("open", D("90.00"))
    person = factories.member(pair.connection.merchant, Role.STAFF)
    engine.order_choose(record=pair.record(order_id), choice=Record.Choice.HEARTLAND, actor=person)
    pair.settle()
    assert (pair.record(order_id).disposition, pair.record(order_id).code) == ("booked", "kept_unpaid")
    assert counted(pair, order_id) == found
