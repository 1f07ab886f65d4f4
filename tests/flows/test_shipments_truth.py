"""What the store shows as shipped is read there: deleted, edited and shipped by hand, voided and returned goods."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from errors.models import SyncError
from ipaas.types import JSON
from mappings.models import Link
from syncjobs.engine import record_retry
from syncjobs.engine.running import job_run
from syncjobs.models import Record, SyncJob
from syncjobs.pages.shown import mark_of
from tests import factories
from tests.flows.conftest import BUYER, Pair
from tests.flows.test_shipments import (
    TRACKED,
    TWO,
    distribute,
    follow,
    invoice,
    record,
    shipments,
    shop,
)

__all__ = ["shop"]
THREE = {"lines": [{"sku": "DOG-LEAD", "quantity": 3}], "guest": BUYER}


def work(shop: Pair) -> None:
    """Run what is queued until nothing is."""
    now = timezone.now() + timedelta(seconds=1)
    while job := SyncJob.objects.filter(status=SyncJob.Status.PENDING, not_before__lte=now).first():
        job_run(job_id=job.pk, now=now)


def shipped(shop: Pair, **recipe: Any) -> tuple[str, str, JSON]:
    """An order that was booked, invoiced and told; its number, its invoice, the store's shipment."""
    web_id = shop.book(**recipe)
    done = invoice(shop, distribute(shop, web_id))
    follow(shop)
    work(shop)
    return web_id, done, shipments(shop, web_id)[0]


def delete(shop: Pair, shipment: JSON) -> None:
    """Somebody deletes a shipment in the store's panel."""
    shop.bigcommerce.post(f"/_sim/orders/{shipment['order_id']}/unship", {"shipment": shipment["id"]})


def hear(shop: Pair, topic: str, data: JSON) -> None:
    """The store's callback comes in."""
    hook = shop.connection.hooks.get(topic="store/shipment/*")
    body = {
        "producer": "stores/a1b2c3d4e5",
        "scope": topic,
        "data": data,
        "hash": f"{topic}{data}{timezone.now()}".encode().hex()[:60],
    }
    answer = Client().post(
        f"/hooks/bigcommerce/{hook.token}", body, content_type="application/json",
        headers={"X-Tillbridge-Secret": hook.secret},
    )  # fmt: skip
    assert answer.status_code == 200


def heard_deleted(shop: Pair, shipment: JSON) -> None:
    delete(shop, shipment)
    data = {"type": "shipment", "id": shipment["id"], "orderId": shipment["order_id"]}
    hear(shop, "store/shipment/deleted", data)
    work(shop)


def look_again(shop: Pair, web_id: str) -> None:
    """A person presses *Look again* on the order's page."""
    record_retry(connection=shop.connection, flow="orders", external_id=web_id, actor=None)
    work(shop)


def choose(shop: Pair, done: str, choice: str) -> str:
    """A person presses a button under the shipments; answers the page."""
    client, kept = Client(), record(done)
    client.force_login(factories.member(shop.connection.merchant))
    page = f"/stores/{shop.connection.public_id}/orders/{kept.order_id}/"
    assert f'value="{choice}"' in client.get(page).content.decode()
    asked = {"choice": choice, "question": kept.facts["question"]}
    client.post(f"/stores/{shop.connection.public_id}/invoices/{done}/choose/", asked)
    work(shop)
    return client.get(page).content.decode()


def problem(done: str) -> SyncError:
    return SyncError.objects.open().get(flow="shipments", external_id=done)


def is_solved(done: str) -> bool:
    return not SyncError.objects.open().filter(flow="shipments", external_id=done).exists()


def test_a_shipment_deleted_in_the_store_is_held_and_made_anew_when_a_person_says_so(shop: Pair) -> None:
    web_id, done, shipment = shipped(shop)
    heard_deleted(shop, shipment)
    kept = record(done)
    assert (kept.disposition, kept.code) == ("held", "shipment_deleted")
    assert kept.reason == (
        f"The shipment of invoice {done} was deleted in the store, which does not show 2 × DOG-LEAD of order {web_id} "
        "as shipped any more."
    )
    assert shipments(shop, web_id) == []
    assert "Ship it again in the store: Invoice" in choose(shop, done, "heartland")
    (anew,) = shipments(shop, web_id)
    assert (anew["tracking_number"], [one["quantity"] for one in anew["items"]]) == ("1Z999AA10123456784", [2])
    assert anew["id"] != shipment["id"]
    assert (record(done).disposition, is_solved(done)) == ("booked", True)
    assert list(Link.objects.filter(kind="shipment").values_list("source_id", flat=True)) == [str(anew["id"])]
    look_again(shop, web_id)
    assert (record(done).disposition, len(shipments(shop, web_id))) == ("booked", 1)


def test_a_deleted_shipment_is_decided_on_the_errors_tab_too(shop: Pair) -> None:
    web_id, done, shipment = shipped(shop)
    heard_deleted(shop, shipment)
    client, tab = Client(), f"/stores/{shop.connection.public_id}/errors/"
    client.force_login(factories.member(shop.connection.merchant))
    (card,) = client.get(tab).context["cards"]
    asked = card.question
    assert (asked.record.external_id, [choice for choice, _, _ in asked.choices]) == (done, ["heartland", "store"])
    answer = client.post(asked.address, {asked.shown_as: asked.shown, "choice": "store", "next": tab})
    assert answer["Location"] == tab
    work(shop)
    assert (record(done).code, shipments(shop, web_id), is_solved(done)) == ("left_deleted", [], True)


def test_a_deleted_shipment_is_found_without_a_webhook_too(shop: Pair) -> None:
    web_id, done, shipment = shipped(shop)
    delete(shop, shipment)
    look_again(shop, web_id)
    assert record(done).code == "shipment_deleted"
    assert shop.calls(done) == ["GET /sales/invoices", "GET /v2/orders/shipments", "GET /v2/orders"]


def test_left_deleted_it_stays_so(shop: Pair) -> None:
    web_id, done, shipment = shipped(shop)
    heard_deleted(shop, shipment)
    choose(shop, done, "store")
    for _ in range(2):
        assert (record(done).disposition, record(done).code) == ("booked", "left_deleted")
        assert (shipments(shop, web_id), is_solved(done)) == ([], True)
        look_again(shop, web_id)


def test_a_deleted_shipment_that_staff_made_anew_by_hand_asks_nothing(shop: Pair) -> None:
    web_id, done, shipment = shipped(shop)
    heard_deleted(shop, shipment)
    assert problem(done).code == "shipment_deleted"
    shop.bigcommerce.post(f"/_sim/orders/{web_id}/ship", {"tracking": "BY-HAND"})
    look_again(shop, web_id)
    assert (record(done).disposition, is_solved(done)) == ("booked", True)
    assert [row["tracking_number"] for row in shipments(shop, web_id)] == ["BY-HAND"]
    assert "2 more had been shipped in the store before" in record(done).reason


def test_another_number_for_a_vanished_shipment_is_no_dead_letter(shop: Pair) -> None:
    web_id, done, shipment = shipped(shop)
    delete(shop, shipment)
    shop.heartland_client().invoice_update(done, custom=TRACKED | {"tracking_number": "NEW-1"})
    follow(shop)
    kept = record(done)
    assert (kept.disposition, kept.code) == ("held", "shipment_deleted")
    assert "/v2/" not in kept.reason
    choose(shop, done, "heartland")
    assert [row["tracking_number"] for row in shipments(shop, web_id)] == ["NEW-1"]


def test_an_order_that_is_gone_from_the_store_is_said_in_words(shop: Pair) -> None:
    web_id = shop.book()
    done = invoice(shop, distribute(shop, web_id))
    shop.bigcommerce.post(
        "/_sim/faults", {"method": "GET", "path": f".*/v2/orders/{web_id}", "times": 1, "status": 404, "body": "[]"}
    )
    follow(shop)
    kept = record(done)
    assert (kept.disposition, kept.code) == ("held", "shipped_order_gone")
    assert kept.reason == f"Heartland invoiced {done}, but the store has no order {web_id} any more."
    look_again(shop, web_id)
    assert record(done).disposition == "booked"


def edit(shop: Pair, shipment: JSON, **fields: str) -> None:
    """Somebody writes another number in the store's panel."""
    shop.store_client().shipment_update(str(shipment["order_id"]), str(shipment["id"]), fields)
    data = {"type": "shipment", "id": shipment["id"], "orderId": shipment["order_id"]}
    hear(shop, "store/shipment/updated", data)
    work(shop)


def test_what_was_written_in_the_store_is_said_and_kept(shop: Pair) -> None:
    web_id, done, shipment = shipped(shop)
    edit(shop, shipment, tracking_number="TYPED-BY-HAND")
    kept = record(done)
    assert (kept.disposition, kept.reason) == (
        "booked",
        "The store's shipment was changed there: it shows UPS TYPED-BY-HAND. That stands until Heartland's tracking "
        "changes.",
    )
    assert [row["tracking_number"] for row in shipments(shop, web_id)] == ["TYPED-BY-HAND"]


@pytest.mark.parametrize(("choice", "shown"), [("heartland", "NEW-1"), ("store", "TYPED-BY-HAND")])
def test_tracking_changed_on_both_sides_is_a_persons_choice(shop: Pair, choice: str, shown: str) -> None:
    web_id, done, shipment = shipped(shop)
    edit(shop, shipment, tracking_number="TYPED-BY-HAND")
    shop.heartland_client().invoice_update(done, custom=TRACKED | {"tracking_number": "NEW-1"})
    follow(shop)
    assert problem(done).code == "tracking_changed_on_both_sides"
    assert problem(done).reason == (
        f"The tracking of invoice {done} was changed in Heartland to UPS NEW-1, but somebody had written UPS "
        "TYPED-BY-HAND in the store."
    )
    assert [row["tracking_number"] for row in shipments(shop, web_id)] == ["TYPED-BY-HAND"]
    choose(shop, done, choice)
    look_again(shop, web_id)
    assert [row["tracking_number"] for row in shipments(shop, web_id)] == [shown]
    assert (record(done).disposition, is_solved(done)) == ("booked", True)


def test_a_choice_is_about_what_the_page_showed(shop: Pair) -> None:
    web_id, done, shipment = shipped(shop)
    heard_deleted(shop, shipment)
    client = Client()
    client.force_login(factories.member(shop.connection.merchant))
    for question in ("", "stale"):
        asked = {"choice": "heartland", "question": question}
        client.post(f"/stores/{shop.connection.public_id}/invoices/{done}/choose/", asked)
        work(shop)
        page = client.get(f"/stores/{shop.connection.public_id}/orders/{web_id}/").content.decode()
        assert "does not wait for this choice any more" in page
    assert (shipments(shop, web_id), record(done).choice) == ([], "")


def void(shop: Pair, done: str) -> None:
    shop.heartland.post("/_sim/staff/void", {"invoice": int(done)})
    follow(shop)
    work(shop)


def test_a_voided_invoice_is_held_until_the_stores_shipment_is_gone(shop: Pair) -> None:
    web_id, done, shipment = shipped(shop)
    void(shop, done)
    held = problem(done)
    assert (held.code, record(done).source_status) == ("invoice_voided", "void")
    assert held.reason == (
        f"Invoice {done} is void in Heartland, but the store shows its goods as shipped (order {web_id}, shipment "
        f"{shipment['id']})."
    )
    heard_deleted(shop, shipment)
    kept = record(done)
    assert (kept.disposition, kept.code, is_solved(done)) == ("skipped", "invoice_voided", True)
    assert kept.reason == f"Invoice {done} is void in Heartland, and the store shows no shipment of it."
    assert not Link.objects.filter(kind="shipment").exists()
    (order,) = shop.sales_orders(web_id)
    anew = invoice(shop, order, TRACKED | {"tracking_number": "SECOND"})
    follow(shop)
    assert record(anew).disposition == "booked"
    assert [row["tracking_number"] for row in shipments(shop, web_id)] == ["SECOND"]


def test_a_voided_invoice_whose_goods_have_left_keeps_its_shipment(shop: Pair) -> None:
    web_id, done, shipment = shipped(shop)
    void(shop, done)
    choose(shop, done, "store")
    look_again(shop, web_id)
    assert (record(done).disposition, record(done).code) == ("booked", "voided_kept")
    assert [row["id"] for row in shipments(shop, web_id)] == [shipment["id"]]


def test_voided_before_the_store_was_told_is_nothing_to_it(shop: Pair) -> None:
    web_id = shop.book()
    done = invoice(shop, distribute(shop, web_id), None)
    follow(shop)
    assert record(done).code == "awaiting_tracking"
    void(shop, done)
    assert (record(done).disposition, record(done).code) == ("skipped", "invoice_voided")
    assert shipments(shop, web_id) == []


def test_invoiced_anew_after_a_void_the_store_is_not_told_twice(shop: Pair) -> None:
    web_id, done, shipment = shipped(shop)
    void(shop, done)
    (order,) = shop.sales_orders(web_id)
    anew = invoice(shop, order)
    follow(shop)
    assert (record(anew).disposition, len(shipments(shop, web_id))) == ("booked", 1)
    look_again(shop, web_id)
    assert (record(done).code, is_solved(done)) == ("invoice_voided", True)
    assert [row["id"] for row in shipments(shop, web_id)] == [shipment["id"]]


def cancelled(shop: Pair) -> tuple[str, str]:
    """Invoiced in Heartland, cancelled in the store meanwhile."""
    web_id = shop.book()
    done = invoice(shop, distribute(shop, web_id))
    shop.store_client().order_update(web_id, status_id=5)
    follow(shop)
    assert problem(done).code == "shipped_after_end"
    return web_id, done


def test_an_invoice_of_a_cancelled_order_closes_with_the_order_kept(shop: Pair) -> None:
    web_id, done = cancelled(shop)
    shop.run(web_id)
    client = Client()
    client.force_login(factories.member(shop.connection.merchant))
    order = Record.objects.get(flow="orders", external_id=web_id)
    assert order.code == "cancelled_after_invoice"
    client.post(f"/stores/{shop.connection.public_id}/orders/{web_id}/choose/", choice_form(order))
    work(shop)
    assert (record(done).disposition, record(done).code, is_solved(done)) == ("skipped", "kept_though_ended", True)
    assert shipments(shop, web_id) == []


def choice_form(order: Record) -> dict[str, str]:
    """What the order's page posts with *Keep Heartland's order*."""
    return {"choice": "heartland", "shown": mark_of(order)}


def test_an_invoice_of_a_cancelled_order_goes_on_when_it_is_reopened(shop: Pair) -> None:
    web_id, done = cancelled(shop)
    shop.store_client().order_update(web_id, status_id=11)
    shop.run(web_id)
    work(shop)
    assert (record(done).disposition, is_solved(done)) == ("booked", True)
    assert len(shipments(shop, web_id)) == 1


def test_an_invoice_of_a_cancelled_order_closes_when_the_goods_are_taken_back(shop: Pair) -> None:
    web_id, done = cancelled(shop)
    wish = {"parent_transaction_id": int(done), "lines": [{"sku": "DOG-LEAD", "qty": 2}]}
    back = shop.heartland.post("/_sim/staff/pos_return", wish)
    hook = shop.connection.hooks.get(topic="sales_transaction_completed")
    assert Client().post(f"/hooks/heartland/{hook.token}", back, content_type="application/json").status_code == 200
    work(shop)
    assert (record(done).disposition, record(done).code, is_solved(done)) == ("skipped", "returned", True)
    assert shipments(shop, web_id) == []


def test_a_return_is_found_without_its_webhook_and_asked_for_only_while_somebody_waits(shop: Pair) -> None:
    _, done = cancelled(shop)
    shop.heartland.delete("/_sim/calls")
    assert follow(shop).queued == 0
    assert shop.heartland.get("/_sim/calls")["total"] == 2
    wish = {"parent_transaction_id": int(done), "lines": [{"sku": "DOG-LEAD", "qty": 1}]}
    shop.heartland.post("/_sim/staff/pos_return", wish)
    assert (follow(shop).queued, record(done).disposition) == (1, "held")
    assert (follow(shop).queued, record(done).disposition) == (0, "held")
    shop.heartland.post("/_sim/staff/pos_return", wish)
    assert (follow(shop).queued, record(done).code) == (1, "returned")
    shop.heartland.delete("/_sim/calls")
    follow(shop)
    assert shop.heartland.get("/_sim/calls")["total"] == 1


def test_a_shipment_that_the_store_refuses_is_held_with_its_words_and_goes_on(shop: Pair) -> None:
    web_id = shop.book()
    done = invoice(shop, distribute(shop, web_id))
    said = [{"status": 400, "message": "The field 'shipping_provider' is invalid."}]
    path = f".*/v2/orders/{web_id}/shipments"
    shop.bigcommerce.post(
        "/_sim/faults", {"method": "POST", "path": path, "times": 1, "status": 400, "body": json.dumps(said)}
    )
    follow(shop)
    assert problem(done).code == "shipment_refused"
    assert problem(done).reason.startswith(f"The store refuses the shipment of invoice {done}: ")
    (issue,) = problem(done).issues.all()
    assert issue.title.startswith("The store refuses a shipment: ")
    assert done not in issue.title
    look_again(shop, web_id)
    assert (record(done).disposition, is_solved(done), len(shipments(shop, web_id))) == ("booked", True, 1)


def test_a_held_invoice_that_the_store_shows_whole_is_told_no_second_time(shop: Pair) -> None:
    web_id, done, _ = shipped(shop, **TWO)
    Record.objects.filter(flow="shipments", external_id=done).update(disposition="held", code="shipment_refused")
    look_again(shop, web_id)
    assert (record(done).disposition, record(done).code, len(shipments(shop, web_id))) == ("booked", "", 1)
