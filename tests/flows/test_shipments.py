"""What Heartland invoices is shipped in the store: once, whole or in part, and not before its tracking number."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from connections.store_kinds import KINDS, kind_of
from errors.models import SyncError
from ipaas.types import JSON
from mappings.models import Link
from syncjobs.engine.running import job_run
from syncjobs.intake.follow_invoices import Invoices, invoices_follow
from syncjobs.models import Cursor, Record, SyncJob
from tests.flows.conftest import BUYER, Pair

MAIN, ANNEX = 100005, 100006
TRACKED = {"tracking_number": "1Z999AA10123456784", "carrier": "UPS"}
TWO = {"lines": [{"sku": "DOG-LEAD", "quantity": 2}, {"sku": "CMP-JUG", "quantity": 1}], "guest": BUYER}
READS = ["GET /sales/invoices", "GET /v2/orders", "GET /v2/orders/shipments"]


@pytest.fixture
def shop(pair: Pair) -> Pair:
    """Staff note carrier and tracking on the invoice."""
    settings = pair.connection.order_settings
    settings.tracking_field, settings.carrier_field = "tracking_number", "carrier"
    settings.save()
    Cursor.objects.create(connection=pair.connection, feed=Cursor.INVOICES, due_at=timezone.now())
    return pair


def distribute(shop: Pair, web_id: str, location: int = MAIN) -> JSON:
    (order,) = shop.sales_orders(web_id)
    shop.heartland.post("/_sim/staff/distribute", {"order_id": order["id"], "location_id": location})
    return order


def invoice(shop: Pair, order: JSON, custom: JSON | None = TRACKED, **wish: Any) -> str:
    """Staff ship what is open, or some `lines`; answers the invoice's id."""
    made = shop.heartland.post("/_sim/staff/invoice", {"order_id": order["id"], "custom": custom or {}, **wish})
    return str(made["invoices"][0]["id"])


def follow(shop: Pair, *, at: timedelta = timedelta()) -> Invoices:
    """Look at the invoices, and work what that queued."""
    now = timezone.now() + at
    Cursor.objects.filter(feed=Cursor.INVOICES).update(due_at=now)
    seen = invoices_follow(connection=shop.connection, now=now)
    assert seen
    for job in SyncJob.objects.filter(flow="shipments", status=SyncJob.Status.PENDING, not_before__lte=now):
        job_run(job_id=job.pk, now=now)
    return seen


def shipments(shop: Pair, web_id: str) -> list[JSON]:
    return [row for row in shop.bigcommerce.rows("shipments") if row["order_id"] == int(web_id)]


def status(shop: Pair, web_id: str) -> int:
    return int(next(row["status_id"] for row in shop.bigcommerce.rows("orders") if row["id"] == int(web_id)))


def record(invoice_id: str) -> Record:
    return Record.objects.get(flow="shipments", external_id=invoice_id)


def test_an_invoice_becomes_a_shipment_with_carrier_and_tracking(shop: Pair) -> None:
    web_id = shop.book()
    done = invoice(shop, distribute(shop, web_id))
    assert follow(shop).queued == 1
    (shipment,) = shipments(shop, web_id)
    (line,) = [row for row in shop.bigcommerce.rows("lines") if row["order_id"] == int(web_id)]
    assert (shipment["tracking_number"], shipment["shipping_provider"]) == ("1Z999AA10123456784", "ups")
    assert shipment["order_address_id"] == line["order_address_id"]
    assert [(one["order_product_id"], one["quantity"]) for one in shipment["items"]] == [(line["id"], 2)]
    assert status(shop, web_id) == 2
    kept = record(done)
    assert (kept.disposition, kept.order_id, kept.label) == ("booked", web_id, f"Invoice {done} of order {web_id}")
    assert kept.reason == f"2 pieces of order {web_id} left with UPS 1Z999AA10123456784: it is shipped."
    assert shop.calls(done) == [*READS, "POST /v2/orders/shipments", "GET /v2/orders"]
    assert Record.objects.get(flow="orders", external_id=web_id).source_status == "Shipped"


def test_a_second_look_at_the_same_invoice_asks_nothing_of_the_store(shop: Pair) -> None:
    web_id = shop.book()
    invoice(shop, distribute(shop, web_id))
    follow(shop)
    shop.bigcommerce.delete("/_sim/calls")
    seen = follow(shop)
    assert (seen.found, seen.queued) == (1, 0)
    assert shop.bigcommerce.get("/_sim/calls")["total"] == 0


def test_partial_invoices_become_partial_shipments(shop: Pair) -> None:
    web_id = shop.book(**TWO)
    order = distribute(shop, web_id)
    first = invoice(shop, order, lines=[{"sku": "DOG-LEAD", "qty": 1}])
    follow(shop)
    assert status(shop, web_id) == 3
    assert record(first).reason.endswith("; the rest has not left yet.")
    second = invoice(shop, order, {"tracking_number": "9400 1000", "carrier": "U.S. Postal Service"})
    follow(shop)
    assert status(shop, web_id) == 2
    assert [sum(item["quantity"] for item in row["items"]) for row in shipments(shop, web_id)] == [1, 2]
    assert [row["shipping_provider"] for row in shipments(shop, web_id)] == ["ups", "usps"]
    assert dict(Link.objects.filter(kind="shipment").values_list("target_id", "target_label")).keys() == {first, second}


def test_the_shopper_is_told_only_with_a_number(shop: Pair) -> None:
    web_id = shop.book()
    done = invoice(shop, distribute(shop, web_id), None)
    follow(shop)
    assert (record(done).disposition, record(done).code) == ("in_flight", "awaiting_tracking")
    assert shipments(shop, web_id) == []
    shop.heartland_client().invoice_update(done, custom=TRACKED)
    follow(shop)
    assert record(done).disposition == "booked"
    assert [row["tracking_number"] for row in shipments(shop, web_id)] == ["1Z999AA10123456784"]


def test_without_telling_the_shopper_the_number_follows(shop: Pair) -> None:
    shop.connection.order_settings.notifies_shopper = False
    shop.connection.order_settings.save()
    web_id = shop.book()
    done = invoice(shop, distribute(shop, web_id), None)
    follow(shop)
    assert [row["tracking_number"] for row in shipments(shop, web_id)] == [""]
    shop.heartland_client().invoice_update(done, custom=TRACKED | {"tracking_number": "A1; A2"})
    follow(shop)
    assert [row["tracking_number"] for row in shipments(shop, web_id)] == ["A1, A2"]
    assert shop.calls(done) == ["GET /sales/invoices", "GET /v2/orders/shipments", "PUT /v2/orders/shipments"]


def test_a_store_that_mails_nobody_need_not_wait_for_the_number(shop: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = kind_of(shop.connection.store)
    silent = replace(kind, profile=replace(kind.profile, mails_shopper=False))
    monkeypatch.setitem(KINDS, kind.profile.kind, silent)
    web_id = shop.book()
    invoice(shop, distribute(shop, web_id), None)
    follow(shop)
    assert [row["tracking_number"] for row in shipments(shop, web_id)] == [""]


def test_a_lost_answer_ships_nothing_twice(shop: Pair) -> None:
    web_id = shop.book()
    done = invoice(shop, distribute(shop, web_id))
    shop.lose(shop.bigcommerce, "POST", f"/stores/a1b2c3d4e5/v2/orders/{web_id}/shipments")
    follow(shop)
    assert record(done).disposition == "retrying"
    follow(shop, at=timedelta(minutes=10))
    assert record(done).disposition == "booked"
    assert len(shipments(shop, web_id)) == 1
    assert shop.calls(done) == [*READS, "GET /v2/orders"]


def test_what_the_store_shipped_by_hand_is_not_shipped_again(shop: Pair) -> None:
    web_id = shop.book()
    (line,) = [row for row in shop.bigcommerce.rows("lines") if row["order_id"] == int(web_id)]
    by_hand = {"order_address_id": line["order_address_id"], "items": [{"order_product_id": line["id"], "quantity": 1}]}
    shop.store_client().shipment_create(web_id, by_hand)
    done = invoice(shop, distribute(shop, web_id))
    follow(shop)
    assert [sum(item["quantity"] for item in row["items"]) for row in shipments(shop, web_id)] == [1, 1]
    assert record(done).reason.endswith("1 more had been shipped in the store before.")


def test_the_status_goes_where_the_merchant_wants_it(shop: Pair) -> None:
    shop.connection.order_settings.shipped_status = "10"
    shop.connection.order_settings.save()
    web_id = shop.book()
    invoice(shop, distribute(shop, web_id))
    follow(shop)
    assert status(shop, web_id) == 10


def test_goods_of_a_cancelled_order_are_held_for_a_person(shop: Pair) -> None:
    web_id = shop.book()
    done = invoice(shop, distribute(shop, web_id))
    shop.store_client().order_update(web_id, status_id=5)
    follow(shop)
    problem = SyncError.objects.get(flow="shipments")
    assert (record(done).disposition, problem.code) == ("held", "shipped_after_end")
    assert shipments(shop, web_id) == []


def test_what_nobody_ships_is_nothing_to_the_store(shop: Pair) -> None:
    settings = shop.connection.order_settings
    settings.eligible_statuses = [*settings.eligible_statuses, "10"]
    settings.save()
    web_id = shop.book(lines=[{"sku": "DIG-TRAILS", "quantity": 1}])
    number = invoice(shop, distribute(shop, web_id), custom={})
    follow(shop)
    told = record(number)
    assert (told.disposition, told.code) == ("skipped", "nothing_to_ship")
    assert told.reason == f"Nothing of invoice {number} is shipped by the store's order."
    assert (shipments(shop, web_id), status(shop, web_id)) == ([], 10)


def test_switched_off_nothing_goes_back(shop: Pair) -> None:
    shop.connection.order_settings.sends_shipments = False
    shop.connection.order_settings.save()
    web_id = shop.book()
    done = invoice(shop, distribute(shop, web_id))
    follow(shop)
    assert (record(done).disposition, record(done).code) == ("skipped", "shipments_off")
    assert shipments(shop, web_id) == []


def test_the_webhook_of_an_invoice_hurries_the_look(shop: Pair) -> None:
    later = timezone.now() + timedelta(minutes=5)
    Cursor.objects.filter(feed=Cursor.INVOICES).update(due_at=later)
    hook = shop.connection.hooks.get(topic="sales_transaction_completed")
    body = {"id": 117204, "type": "Invoice", "order_id": 1, "updated_at": "2026-03-03T15:02:10+00:00"}
    answer = Client().post(f"/hooks/heartland/{hook.token}", body, content_type="application/json")
    assert answer.status_code == 200
    assert Cursor.objects.get(feed=Cursor.INVOICES).due_at < later
