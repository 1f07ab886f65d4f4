"""A Magento shop that charges as goods leave: invoice and capture before the shipment, once, to the cent."""

from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.utils import timezone

from errors.models import Issue
from syncjobs.engine.enqueueing import job_enqueue
from syncjobs.models import PayoutEntry, Record, SyncJob
from syncjobs.money.import_payouts import payouts_import
from syncjobs.money.open_points import points_between
from tests.flows.magento.conftest import Pair, line
from tests.unit.mappings.test_payouts import HEAD

D = Decimal
AUTHORISED = {"payment": "authorized"}
CHARGE = ["POST /order/invoice", "GET /invoices"]
SHIPPING = ["POST /order/ship", "GET /shipment", "GET /orders"]


@pytest.fixture
def shop(pair: Pair) -> Pair:
    settings = pair.connection.order_settings
    settings.charges_at_shipment = True
    settings.save()
    return pair


def invoices(pair: Pair, order_id: str) -> list[D]:
    return [D(str(one["grand_total"])) for one in pair.magento.rows("invoices") if str(one["order_id"]) == order_id]


def captures(pair: Pair, order_id: str) -> list[str]:
    """The amount of each capture, as the provider noted it."""
    rows = [row for row in pair.magento.rows("transactions") if str(row["order_id"]) == order_id]
    return [row["additional_information"][0].split('"')[3] for row in rows if row["txn_type"] == "capture"]


def payments(pair: Pair, order_id: str) -> list[tuple[str, D]]:
    """Status and amount of the payments that Heartland counts."""
    rows = pair.there(order_id)["payments"]
    return sorted((row["status"], D(str(row["amount"]))) for row in rows if row["status"] != "void")


def retry(pair: Pair, invoice: str) -> None:
    """A person has the invoice looked at again."""
    job_enqueue(connection=pair.connection, flow="shipments", external_id=invoice, cause="retry", now=timezone.now())
    pair.settle()


def test_what_leaves_is_captured_before_it_is_told_and_completed_in_heartland(shop: Pair) -> None:
    order_id = shop.book(line("DOG-LEAD", "20.00", 2), shipping_amount="6.95", **AUTHORISED)
    assert payments(shop, order_id) == [("pending", D("46.95"))]
    invoice = shop.invoice(order_id)
    shop.follow_invoices()
    assert shop.calls(invoice, "magento") == ["GET /orders", "GET /shipments", *CHARGE, *SHIPPING]
    assert (invoices(shop, order_id), captures(shop, order_id)) == ([D("46.95")], ["46.95"])
    assert len(shop.shipments(order_id)) == 1
    assert shop.order(order_id)["state"] == "complete"
    assert payments(shop, order_id) == [("complete", D("46.95"))]
    record = shop.record(invoice, "shipments")
    assert (record.disposition, record.facts["charge"]["amount"]) == ("booked", "46.95")


def test_each_part_is_captured_as_it_leaves_the_shipping_with_the_first(shop: Pair) -> None:
    order_id = shop.book(line("DOG-LEAD", "19.99", 3), shipping_amount="5.00", **AUTHORISED)
    seen = []
    for _ in range(3):
        shop.invoice(order_id, lines=[{"sku": "DOG-LEAD", "qty": 1}])
        shop.follow_invoices()
        seen.append(payments(shop, order_id))
    assert captures(shop, order_id) == ["24.99", "19.99", "19.99"]
    assert seen == [
        [("complete", D("24.99")), ("pending", D("39.98"))],
        [("complete", D("19.99")), ("complete", D("24.99")), ("pending", D("19.99"))],
        [("complete", D("19.99")), ("complete", D("19.99")), ("complete", D("24.99"))],
    ]
    assert len(shop.shipments(order_id)) == 3
    assert shop.order(order_id)["total_due"] == 0


def test_a_lost_answer_captures_once(shop: Pair) -> None:
    order_id = shop.book(line("DOG-LEAD", "20.00", 2), **AUTHORISED)
    invoice = shop.invoice(order_id)
    shop.magento.post(
        "/_sim/faults", {"method": "POST", "path": "/V1/order/[0-9]+/invoice", "times": 1, "after": True, "lose": True}
    )
    shop.follow_invoices()
    assert shop.shipments(order_id) == []
    shop.settle(at=timedelta(minutes=10))
    assert (captures(shop, order_id), len(shop.shipments(order_id))) == (["40.00"], 1)
    assert shop.record(invoice, "shipments").disposition == "booked"
    assert payments(shop, order_id) == [("complete", D("40.00"))]


def test_a_lost_answer_in_heartland_records_no_part_twice(shop: Pair) -> None:
    order_id = shop.book(line("DOG-LEAD", "20.00", 3), **AUTHORISED)
    shop.heartland.post(
        "/_sim/faults",
        {"method": "POST", "path": "/sales/orders/[0-9]+/payments", "times": 1, "after": True, "lose": True},
    )
    shop.invoice(order_id, lines=[{"sku": "DOG-LEAD", "qty": 1}])
    shop.follow_invoices()
    assert shop.record(order_id).disposition == "retrying"
    shop.settle(at=timedelta(minutes=10))
    assert payments(shop, order_id) == [("complete", D("20.00")), ("pending", D("40.00"))]
    assert shop.record(order_id).disposition == "booked"
    assert "parting" not in shop.record(order_id).facts


def test_refused_money_holds_the_shipment_and_everybody_is_told_once(shop: Pair) -> None:
    settings = shop.connection.order_settings
    settings.refused_status = "holded"
    settings.refused_mail_subject, settings.refused_mail_text = "Order {order}", "Dear {name}, {total} was refused."
    settings.save()
    order_id = shop.book(line("DOG-LEAD", "20.00", 2), **AUTHORISED)
    shop.switch(capture_refused=True)
    invoice = shop.invoice(order_id)
    shop.follow_invoices()
    record = shop.record(invoice, "shipments")
    assert (record.disposition, record.code) == ("held", "charge_refused")
    assert "The payment could not be captured: the authorization has expired." in record.reason
    assert (shop.shipments(order_id), invoices(shop, order_id), captures(shop, order_id)) == ([], [], [])
    assert payments(shop, order_id) == [("pending", D("40.00"))]
    (payment,) = shop.there(order_id)["payments"]
    assert payment["description"].endswith("payment refused: do not hand out the goods")
    order = shop.order(order_id)
    assert order["state"] == "holded"
    notes = [row["comment"] for row in order["status_histories"] if (row["comment"] or "").startswith("Tillbridge: ")]
    assert notes == [f"Tillbridge: {record.reason}"]
    assert Issue.objects.filter(is_open=True, code="charge_refused").count() == 1
    (sent,) = mail.outbox
    number = order["increment_id"]
    assert (sent.to, sent.subject, sent.body) == (
        ["ann.ruiz@example.com"], f"Order {number}", "Dear Ann, 40.00 USD was refused.",
    )  # fmt: skip
    shop.run(order_id)
    shop.settle()
    assert (shop.record(invoice, "shipments").disposition, len(mail.outbox)) == ("held", 1)


def test_only_a_person_has_the_provider_asked_again(shop: Pair) -> None:
    order_id = shop.book(line("DOG-LEAD", "20.00", 2), **AUTHORISED)
    shop.switch(capture_refused=True)
    invoice = shop.invoice(order_id)
    shop.follow_invoices()
    shop.switch(capture_refused=False)
    shop.run(order_id)
    shop.settle()
    assert (shop.record(invoice, "shipments").disposition, captures(shop, order_id)) == ("held", [])
    retry(shop, invoice)
    assert (shop.record(invoice, "shipments").disposition, captures(shop, order_id)) == ("booked", ["40.00"])
    (payment,) = shop.there(order_id)["payments"]
    assert (payment["status"], payment["description"].endswith("goods")) == ("complete", False)
    assert Issue.objects.filter(is_open=True).count() == 0


def test_money_that_staff_took_by_hand_ends_the_hold(shop: Pair) -> None:
    order_id = shop.book(line("DOG-LEAD", "20.00", 2), **AUTHORISED)
    shop.switch(capture_refused=True)
    invoice = shop.invoice(order_id)
    shop.follow_invoices()
    shop.switch(capture_refused=False)
    shop.act(order_id, "invoice", capture=True)
    shop.poll()
    assert (shop.record(invoice, "shipments").disposition, captures(shop, order_id)) == ("booked", ["40.00"])
    assert len(shop.shipments(order_id)) == 1


def test_what_the_store_counts_as_paid_without_a_transaction_holds_its_shipment(shop: Pair) -> None:
    """P03: 50.00 authorised, 25.00 captured by an invoice, 25.00 invoiced as paid and never asked of the provider."""
    order_id = shop.book(line("DOG-LEAD", "25.00", 2), **AUTHORISED)
    shop.act(order_id, "invoice", lines=[{"line": 0, "quantity": 1}], capture=True)
    shop.act(order_id, "invoice", lines=[{"line": 0, "quantity": 1}], capture=False)
    shop.poll()
    assert payments(shop, order_id) == [("complete", D("25.00")), ("pending", D("25.00"))]
    first = shop.invoice(order_id, lines=[{"sku": "DOG-LEAD", "qty": 1}])
    shop.follow_invoices()
    assert shop.record(first, "shipments").disposition == "booked"
    second = shop.invoice(order_id, lines=[{"sku": "DOG-LEAD", "qty": 1}])
    shop.follow_invoices()
    record = shop.record(second, "shipments")
    assert (record.disposition, record.code, len(shop.shipments(order_id))) == ("held", "charge_unproven", 1)
    assert "no transaction of its payment provider" in record.reason
    told = shop.record(order_id)
    reference, now = told.facts["tenders"][0]["reference"], timezone.now()
    row = f"t1,charge,{reference},25.00,0.00,25.00,{now.isoformat()},,po_1\n"
    payouts_import(connection=shop.connection, name="x.csv", text=HEAD + row, actor=None, now=now)
    assert PayoutEntry.objects.get(connection=shop.connection).how == "reference"
    day = now.astimezone(ZoneInfo(shop.connection.merchant.time_zone)).date()
    (point,) = points_between(shop.connection, day, day, now)
    assert (point.of, point.amount, point.order, point.reason) == ("payments", D("25.00"), order_id, record.reason)


def test_what_was_captured_already_or_has_no_provider_costs_no_charge(shop: Pair) -> None:
    paid = shop.book(line("DOG-LEAD", "20.00", 1))
    by_check = shop.book(line("CMP-JUG", "12.00", 1), payment="offline")
    for order_id in (paid, by_check):
        invoice = shop.invoice(order_id)
        shop.follow_invoices()
        assert shop.calls(invoice, "magento") == ["GET /orders", "GET /shipments", *SHIPPING]
        assert shop.record(invoice, "shipments").disposition == "booked"
    assert (invoices(shop, paid), invoices(shop, by_check)) == ([D("20.00")], [])


def test_goods_of_which_no_payment_is_promised_wait(shop: Pair) -> None:
    order_id = shop.book(line("DOG-LEAD", "20.00", 2), **AUTHORISED)
    lapsed = {"amount_authorized": None, "base_amount_authorized": None}
    shop.magento.put(f"/_sim/orders/{order_id}/columns", {"payment": lapsed})
    invoice = shop.invoice(order_id)
    shop.follow_invoices()
    record = shop.record(invoice, "shipments")
    assert (record.disposition, record.code, shop.shipments(order_id)) == ("held", "charge_missing", [])
    assert invoices(shop, order_id) == []
    shop.act(order_id, "invoice", capture=True)
    shop.poll()
    assert shop.record(invoice, "shipments").disposition == "booked"


def test_pieces_are_invoiced_by_the_rows_that_bear_their_money(shop: Pair) -> None:
    """A configurable by its own row, a bundle of parts with prices by theirs, one with a price of its own whole."""
    parts = [{"sku": "DOG-LEAD", "price": "30.00"}, {"sku": "CMP-JUG", "price": "10.00", "quantity": 2}]
    by_parts = line("LGT-LANT", "0", 2, type="bundle", children=parts, dynamic=True, separately=True)
    fixed = [{"sku": "DOG-LEAD", "price": "0"}, {"sku": "CMP-JUG", "price": "0", "quantity": 2}]
    whole = line("LGT-LANT", "90.00", 1, type="bundle", children=fixed, separately=True)
    for bundle, leaving, taken in ((by_parts, {"DOG-LEAD": 1}, "30.00"), (whole, {"DOG-LEAD": 1}, "90.00")):
        kind = [{"attribute_code": "shipment_type", "value": "1"}]
        shop.magento.post("/_sim/products/change", {"sku": "LGT-LANT", "custom_attributes": kind})
        order_id = shop.book(bundle, **AUTHORISED)
        shop.invoice(order_id, lines=[{"sku": sku, "qty": count} for sku, count in leaving.items()])
        shop.follow_invoices()
        assert captures(shop, order_id) == [taken]
        (told,) = Record.objects.filter(flow="shipments", order_id=order_id)
        assert told.reason.endswith("the rest has not left yet.")
        shop.invoice(order_id)
        shop.follow_invoices()
        assert sum(map(D, captures(shop, order_id))) == shop.there(order_id)["total"]


def test_an_order_that_got_cheaper_is_captured_as_it_is_now(shop: Pair) -> None:
    """P02: 64.00 authorised, a line of 14.00 cancelled before the goods leave: 50.00 is taken, nothing else."""
    order_id = shop.book(line("DOG-LEAD", "25.00", 2), line("CMP-JUG", "14.00"), **AUTHORISED)
    rows = {row["sku"]: row["item_id"] for row in shop.order(order_id)["items"]}
    cancelled(shop, order_id, rows["CMP-JUG"], "14.00")
    shop.poll()
    assert D(str(shop.there(order_id)["total"])) == D("50.00")
    invoice = shop.invoice(order_id)
    shop.follow_invoices()
    assert (shop.record(invoice, "shipments").disposition, captures(shop, order_id)) == ("booked", ["50.00"])
    assert payments(shop, order_id) == [("complete", D("50.00"))]


def cancelled(shop: Pair, order_id: str, item_id: int, amount: str) -> None:
    """A module of the merchant's takes a line off an order of which nothing was invoiced."""
    names = ("total_canceled", "subtotal_canceled", "base_total_canceled", "base_subtotal_canceled")
    columns = {"order": dict.fromkeys(names, amount), "items": {str(item_id): {"qty_canceled": 1}}}
    shop.magento.put(f"/_sim/orders/{order_id}/columns", columns)


def test_a_try_waits_for_a_provider_that_answers_later(shop: Pair) -> None:
    order_id = shop.book(line("DOG-LEAD", "20.00", 2), **AUTHORISED)
    invoice = shop.invoice(order_id)
    shop.act(order_id, "invoice", open=True)
    shop.follow_invoices()
    record = shop.record(invoice, "shipments")
    assert (shop.shipments(order_id), record.disposition) == ([], "in_flight")
    assert record.facts["charge"]["state"] == "asked"
    (opened,) = [row for row in shop.magento.rows("invoices") if str(row["order_id"]) == order_id]
    shop.magento.post(f"/_sim/invoices/{opened['entity_id']}/capture", {})
    shop.settle(at=timedelta(minutes=1))
    assert (shop.record(invoice, "shipments").disposition, captures(shop, order_id)) == ("booked", ["40.00"])
    assert SyncJob.objects.filter(status="pending").count() == 0
