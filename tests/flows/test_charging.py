"""A BigCommerce store that charges as goods leave: the whole is captured with the first, before that is told."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from errors.models import Issue
from ipaas.types import JSON
from mappings.core.rules.money import cents
from syncjobs.engine.enqueueing import job_enqueue
from syncjobs.engine.running import job_run
from syncjobs.intake.follow_invoices import invoices_follow
from syncjobs.models import Cursor, Record, SyncJob
from syncjobs.stores.opening import statuses_of
from tests.flows.conftest import Pair
from tests.flows.test_order_changes import choose
from tests.flows.test_shipments import MAIN, READS, TRACKED, TWO, distribute, invoice, record, shipments, shop

__all__ = ["shop"]

CHARGE = ["GET /v3/orders/transactions", "POST /v3/orders/payment_actions/capture", "GET /v2/orders"]


@pytest.fixture
def charging(shop: Pair) -> Pair:
    settings = shop.connection.order_settings
    settings.charges_at_shipment = True
    settings.save()
    switch(shop, authorized_status=11, capture_delay=0)
    return shop


def switch(shop: Pair, **switches: Any) -> None:
    shop.bigcommerce.put("/_sim/switches", switches)


def follow(shop: Pair, *, at: timedelta = timedelta()) -> None:
    """Look at the invoices, and work what that queued and what comes of it."""
    now = timezone.now() + at
    Cursor.objects.filter(feed=Cursor.INVOICES).update(due_at=now)
    assert invoices_follow(connection=shop.connection, now=now)
    while job := SyncJob.objects.filter(status=SyncJob.Status.PENDING, not_before__lte=now).order_by("pk").first():
        job_run(job_id=job.pk, now=now)


def payments(shop: Pair, web_id: str) -> list[tuple[str, int]]:
    (order,) = shop.sales_orders(web_id)
    return [(row["status"], row["amount"]) for row in shop.rows_of("payments", order["id"])]


def captures(shop: Pair, web_id: str) -> list[JSON]:
    rows = [row for row in shop.bigcommerce.rows("transactions") if row["order_id"] == int(web_id)]
    return [row for row in rows if row["event"] == "capture"]


def order_of(shop: Pair, web_id: str) -> JSON:
    return next(row for row in shop.bigcommerce.rows("orders") if row["id"] == int(web_id))


def test_the_first_invoice_captures_the_whole_before_its_shipment_is_told(charging: Pair) -> None:
    web_id = charging.book(payment="authorized", **TWO)
    order = distribute(charging, web_id)
    assert payments(charging, web_id) == [("pending", order["total"])]
    first = invoice(charging, order, lines=[{"sku": "DOG-LEAD", "qty": 1}])
    follow(charging)
    follow(charging, at=timedelta(seconds=30))
    (capture,) = captures(charging, web_id)
    assert (capture["amount"], capture["status"]) == (order["total"], "ok")
    assert (record(first).disposition, len(shipments(charging, web_id))) == ("booked", 1)
    assert payments(charging, web_id) == [("complete", order["total"])]
    invoice(charging, order, TRACKED)
    follow(charging, at=timedelta(minutes=1))
    assert (len(captures(charging, web_id)), len(shipments(charging, web_id))) == (1, 2)


def test_a_charge_costs_three_calls_where_the_gateway_answers_at_once(charging: Pair) -> None:
    web_id = charging.book(payment="authorized")
    done = invoice(charging, distribute(charging, web_id))
    follow(charging)
    assert charging.calls(done) == [*READS, *CHARGE, "POST /v2/orders/shipments", "GET /v2/orders"]


def test_goods_are_not_told_while_the_gateway_has_not_answered(charging: Pair) -> None:
    switch(charging, capture_delay=60)
    web_id = charging.book(payment="authorized")
    done = invoice(charging, distribute(charging, web_id))
    follow(charging)
    assert (record(done).disposition, shipments(charging, web_id)) == ("in_flight", [])
    follow(charging, at=timedelta(seconds=10))
    assert (len(captures(charging, web_id)), shipments(charging, web_id)) == (0, [])
    charging.bigcommerce.post("/_sim/clock/advance", {"seconds": 60})
    follow(charging, at=timedelta(seconds=90))
    assert (len(captures(charging, web_id)), len(shipments(charging, web_id))) == (1, 1)


def test_a_gateway_that_never_answers_is_told_after_an_hour(charging: Pair) -> None:
    switch(charging, capture_delay=100_000)
    web_id = charging.book(payment="authorized")
    done = invoice(charging, distribute(charging, web_id))
    follow(charging)
    follow(charging, at=timedelta(minutes=62))
    assert (record(done).disposition, record(done).code) == ("held", "charge_unanswered")
    assert shipments(charging, web_id) == []


@pytest.mark.parametrize("outcome", ["authorized", "declined"])
def test_refused_money_holds_the_shipment_and_both_systems_say_so(charging: Pair, outcome: str) -> None:
    settings = charging.connection.order_settings
    settings.refused_status = "12"
    settings.refused_mail_subject, settings.refused_mail_text = "Order {order}", "{name}, pay {total} to {shop}."
    settings.save()
    switch(charging, capture_outcome=outcome)
    web_id = charging.book(payment="authorized")
    done = invoice(charging, distribute(charging, web_id))
    follow(charging)
    follow(charging, at=timedelta(seconds=30))
    assert (record(done).disposition, shipments(charging, web_id)) == ("held", [])
    assert record(done).code == "charge_refused"
    order = order_of(charging, web_id)
    assert (order["status_id"], record(done).reason in order["staff_notes"]) == (12, True)
    assert charging.record(web_id).source_status == statuses_of(charging.connection.store)["12"].name  # that we gave it
    (sales_order,) = charging.sales_orders(web_id)
    (payment,) = charging.rows_of("payments", sales_order["id"])
    assert (payment["status"], payment["description"].endswith("do not hand out the goods")) == ("pending", True)
    assert Issue.objects.filter(is_open=True, code=record(done).code).count() == 1
    assert [(one.to, one.subject) for one in mail.outbox] == [(["ann.ruiz@example.com"], f"Order {web_id}")]
    tries = len(captures(charging, web_id))
    charging.run(web_id)
    follow(charging, at=timedelta(minutes=5))
    assert (len(captures(charging, web_id)), len(mail.outbox)) == (tries, 1)


def test_a_person_has_the_gateway_asked_again(charging: Pair) -> None:
    switch(charging, capture_outcome="authorized")
    web_id = charging.book(payment="authorized")
    done = invoice(charging, distribute(charging, web_id))
    follow(charging)
    follow(charging, at=timedelta(seconds=30))
    assert record(done).code == "charge_refused"
    switch(charging, capture_outcome="captured")
    now = timezone.now() + timedelta(minutes=1)
    job_enqueue(connection=charging.connection, flow="shipments", external_id=done, cause="retry", now=now)
    follow(charging, at=timedelta(minutes=1))
    follow(charging, at=timedelta(minutes=2))
    assert (record(done).disposition, len(shipments(charging, web_id))) == ("booked", 1)
    assert payments(charging, web_id)[0][0] == "complete"


def test_a_lost_answer_captures_once(charging: Pair) -> None:
    web_id = charging.book(payment="authorized")
    done = invoice(charging, distribute(charging, web_id))
    path = f"/stores/a1b2c3d4e5/v3/orders/{web_id}/payment_actions/capture"
    charging.lose(charging.bigcommerce, "POST", path)
    follow(charging)
    assert shipments(charging, web_id) == []
    follow(charging, at=timedelta(minutes=10))
    assert (len(captures(charging, web_id)), len(shipments(charging, web_id))) == (1, 1)
    assert record(done).disposition == "booked"


def test_switched_off_nothing_is_captured(charging: Pair) -> None:
    settings = charging.connection.order_settings
    settings.charges_at_shipment = False
    settings.save()
    web_id = charging.book(payment="authorized")
    invoice(charging, distribute(charging, web_id))
    follow(charging)
    assert (captures(charging, web_id), len(shipments(charging, web_id))) == ([], 1)


def test_an_order_that_got_cheaper_is_held_before_the_whole_is_taken(charging: Pair) -> None:
    """P02: BigCommerce takes the whole alone. Paid anew, the shopper pays what the order comes to, and nothing else."""
    web_id = charging.book(payment="authorized", **TWO)
    before = Decimal(order_of(charging, web_id)["total_inc_tax"])
    charging.bigcommerce.post(f"/_sim/orders/{web_id}/edit", {"lines": [{"line": 0, "quantity": 1}]})
    due = cents(Decimal(order_of(charging, web_id)["total_inc_tax"]))
    assert due < before
    charging.run(web_id)
    if charging.record(web_id).disposition == "held":
        choose(charging, web_id, Record.Choice.STORE)
    (order,) = [row for row in charging.sales_orders(web_id) if row["status"] == "open"]
    charging.heartland.post("/_sim/staff/distribute", {"order_id": order["id"], "location_id": MAIN})
    done = invoice(charging, order)
    follow(charging)
    told = record(done)
    assert (told.disposition, told.code) == ("held", "charge_differs")
    words = f"{before:.2f} of the payment of order {web_id} was authorised, and it comes to {due:.2f} by now."
    assert words in told.reason
    assert (captures(charging, web_id), shipments(charging, web_id)) == ([], [])
    charging.bigcommerce.post(f"/_sim/orders/{web_id}/void", {})
    charging.store_client().order_update(web_id, status_id=11)
    charging.bigcommerce.post(f"/_sim/orders/{web_id}/authorize", {"amount": str(due)})
    charging.run(web_id)
    now = timezone.now() + timedelta(minutes=1)
    job_enqueue(connection=charging.connection, flow="shipments", external_id=done, cause="retry", now=now)
    follow(charging, at=timedelta(minutes=1))
    follow(charging, at=timedelta(minutes=2))
    assert [Decimal(str(row["amount"])) for row in captures(charging, web_id)] == [due]
    assert len(shipments(charging, web_id)) == 1
