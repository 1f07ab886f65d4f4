"""Holds and skips of orders and invoices that no other story tells, each over HTTP through both systems."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from connections.models import Location, OrderSettings
from errors.models import SyncError
from ipaas.types import JSON
from mappings.models import Link, ValueMap
from mappings.services import value_map_set
from syncjobs.engine.enqueueing import job_enqueue
from syncjobs.engine.running import job_run
from syncjobs.models import Record, SyncJob
from tests.bulk import link_all
from tests.flows.conftest import BUYER, Pair

Bend = Callable[[JSON], None]


def codes(web_id: str) -> set[str]:
    """Every reason for which the order is held."""
    return {row["code"] for row in SyncError.objects.open().get(external_id=web_id).violations}


def configure(pair: Pair, **settings: Any) -> None:
    OrderSettings.objects.filter(connection=pair.connection).update(**settings)
    pair.connection.order_settings.refresh_from_db()


def answer_as(pair: Pair, web_id: str, bend: Bend) -> None:
    """The store answers with the order bent, as no shopper of the sandbox can place it."""
    order = pair.store_client().order_read(web_id)
    bend(order)
    body = json.loads(json.dumps(order, default=str))
    rule = {"method": "GET", "path": rf"/v2/orders/{web_id}\?", "status": 200, "times": 9, "body": body}
    pair.bigcommerce.post("/_sim/faults", rule)


def lines(order: JSON) -> list[JSON]:
    found: list[JSON] = order["consignments"]["shipping"][0]["line_items"]
    return found


def without_lines(order: JSON) -> None:
    lines(order).clear()
    order["items_total"] = 0


def with_a_quantity_of_none(order: JSON) -> None:
    lines(order)[0]["quantity"] = 0
    order["items_total"] = 0


@pytest.mark.parametrize(
    ("code", "recipe"),
    [
        ("gift_certificate_sold", {"lines": [{"sku": "GIFT-CERT", "quantity": 1}], "status_id": 11}),
        ("address_incomplete", {"guest": BUYER | {"city": ""}, "ship_to": BUYER | {"city": ""}}),
        ("email_invalid", {"guest": BUYER | {"email": "ann.ruiz at example"}}),
    ],
)
def test_what_a_shopper_may_order_and_heartland_cannot_hold(pair: Pair, code: str, recipe: JSON) -> None:
    web_id = pair.place(**recipe)
    assert pair.run(web_id) == "hold"
    assert code in codes(web_id)
    assert pair.sales_orders(web_id) == []


@pytest.mark.parametrize(
    ("code", "chosen"),
    [
        ("source_location_missing", {"source_location": None}),
        ("payment_unmapped", {"payment_type_id": ""}),
        ("payment_unmapped", {"books_other_payments": False}),
        ("shipping_unmapped", {"shipping_method_id": ""}),
    ],
)
def test_what_the_settings_leave_open_holds_orders(pair: Pair, code: str, chosen: JSON) -> None:
    configure(pair, **chosen)
    web_id = pair.place()
    assert pair.run(web_id) == "hold"
    assert code in codes(web_id)
    assert pair.sales_orders(web_id) == []


def test_a_payment_method_without_a_row_is_booked_once_it_has_one(pair: Pair) -> None:
    configure(pair, books_other_payments=False)
    web_id = pair.place()
    assert pair.run(web_id) == "hold"
    assert codes(web_id) == {"payment_unmapped"}
    row = ValueMap.objects.get(connection=pair.connection, kind="payment")
    assert (row.target_value, row.seen > 0) == ("", True)
    pair.connection.order_settings.refresh_from_db()
    target = pair.connection.order_settings.payment_type_id
    value_map_set(
        connection=pair.connection, kind=ValueMap.Kind.PAYMENT, source_value=row.source_value, target_value=target
    )
    assert pair.run(web_id) == "done"
    assert [order["status"] for order in pair.sales_orders(web_id)] == ["open"]


@pytest.mark.parametrize(
    ("code", "bend"),
    [
        ("order_without_lines", without_lines),
        ("quantity_not_positive", with_a_quantity_of_none),
        ("lines_incomplete", lambda order: order.update(items_total=9)),
        ("money_does_not_add_up", lambda order: order.update(subtotal_ex_tax="1.0000")),
    ],
)
def test_an_order_that_does_not_add_up_is_not_booked(pair: Pair, code: str, bend: Bend) -> None:
    web_id = pair.place()
    answer_as(pair, web_id, bend)
    assert pair.run(web_id) == "hold"
    assert code in codes(web_id)
    assert pair.sales_orders(web_id) == []


def test_a_customised_line_waits_for_a_field_to_hold_it(pair: Pair) -> None:
    configure(pair, line_note_field="")
    kinds = pair.bigcommerce.get("/_sim/recipes", n=60)["recipes"]
    recipe = next(one for one in kinds if one["kind"] == "customised")
    (web_id,) = map(str, pair.bigcommerce.post("/_sim/orders", recipe)["ids"])
    assert pair.run(web_id) == "hold"
    assert "customised_line" in codes(web_id)


def test_a_status_that_is_not_documented_holds(pair: Pair) -> None:
    web_id = pair.place()
    answer_as(pair, web_id, lambda order: order.update(status_id=42, status="On the moon"))
    assert pair.run(web_id) == "hold"
    assert codes(web_id) == {"status_unknown"}
    assert pair.sales_orders(web_id) == []


def test_a_choice_of_a_variant_that_the_store_has_no_more_is_a_persons_matter(pair: Pair) -> None:
    link_all(pair.connection)
    web_id = pair.place(lines=[{"sku": "HP-TEE-RED-XS", "quantity": 1}])
    variant = next(row for row in pair.bigcommerce.rows("variants") if row["sku"] == "HP-TEE-RED-XS")
    base = f"{pair.bigcommerce.base}/stores/a1b2c3d4e5/v3/catalog/products/{variant['product_id']}"
    gone = pair.bigcommerce.session.delete(
        f"{base}/variants/{variant['id']}", headers={"X-Auth-Token": "sim-bigcommerce-token"}
    )
    gone.raise_for_status()
    assert pair.run(web_id) == "hold"
    assert codes(web_id) == {"customisation_unclear"}
    assert pair.sales_orders(web_id) == []


def test_a_source_location_without_a_station_holds(pair: Pair) -> None:
    Location.objects.update(station_id="")
    web_id = pair.place()
    assert pair.run(web_id) == "hold"
    assert "station_missing" in codes(web_id)


def test_an_order_that_the_store_never_had_is_skipped(pair: Pair) -> None:
    job = job_enqueue(connection=pair.connection, flow="orders", external_id="99999", cause="retry", now=timezone.now())
    SyncJob.objects.filter(pk=job.pk).update(attempts=3)
    assert job_run(job_id=job.pk, now=timezone.now()) == "done"
    assert pair.record("99999").code == "not_in_store"


def test_an_order_that_is_changed_to_no_effect_again_and_again_is_told(pair: Pair) -> None:
    web_id = pair.place(status_id=8)
    for _ in range(11):
        assert pair.run(web_id) == "done"
    assert codes(web_id) == {"goes_in_circles"}


def test_two_living_sales_orders_with_our_mark_are_a_persons_matter(pair: Pair) -> None:
    web_id = pair.book()
    (first,) = pair.sales_orders(web_id)
    names = ("source_location_id", "station_id", "customer_id", "billing_address_id", "shipping_address_id", "custom")
    header = {name: first[name] for name in names if first.get(name)}
    pair.heartland_client().order_create(header | {"public_id": f"BC-{web_id}-2"})
    pair.forget(web_id)
    assert pair.run(web_id) == "hold"
    assert "several_sales_orders" in codes(web_id)


def invoiced(pair: Pair, **wish: Any) -> tuple[str, str]:
    """A booked order that was invoiced at the desk; answers the web order and the invoice."""
    configure(pair, sends_shipments=True)
    web_id = pair.book()
    (order,) = pair.sales_orders(web_id)
    pair.heartland.post("/_sim/staff/distribute", {"order_id": order["id"], "location_id": 100005})
    made = pair.heartland.post("/_sim/staff/invoice", {"order_id": order["id"]} | wish)
    return web_id, str(made["invoices"][0]["id"])


def look(pair: Pair, invoice: str) -> tuple[str, str]:
    now = timezone.now()
    job = job_enqueue(connection=pair.connection, flow="shipments", external_id=invoice, cause="retry", now=now)
    job_run(job_id=job.pk, now=now)
    record = Record.objects.get(flow="shipments", external_id=invoice)
    return record.disposition, record.code


def test_invoices_that_are_none_of_ours_are_skipped(pair: Pair) -> None:
    web_id, invoice = invoiced(pair)
    assert look(pair, "999999") == ("skipped", "not_in_heartland")
    Link.objects.filter(source_id=web_id, kind="order").delete()
    assert look(pair, invoice) == ("skipped", "not_of_this_store")


def test_an_invoice_that_is_not_complete_ships_nothing(pair: Pair) -> None:
    _, invoice = invoiced(pair)
    answer = json.loads(json.dumps(pair.heartland_client().invoice_read(invoice), default=str)) | {"status": "pending"}
    path = rf"/api/sales/invoices/{invoice}.*"
    pair.heartland.post("/_sim/faults", {"method": "GET", "path": path, "status": 200, "times": 9, "body": answer})
    assert look(pair, invoice) == ("skipped", "not_complete")


def test_a_tracking_number_that_the_store_cannot_hold_waits(pair: Pair) -> None:
    _, invoice = invoiced(pair, custom={"tracking_number": "9" * 60, "carrier": "UPS"})
    assert look(pair, invoice) == ("held", "tracking_too_long")


@pytest.mark.parametrize(
    ("flow", "external_id", "code"), [("stock", "NOWHERE", "not_linked"), ("runs", "stock_sync", "run_is_over")]
)
def test_a_retry_of_what_is_over_says_so(pair: Pair, flow: str, external_id: str, code: str) -> None:
    now = timezone.now()
    job = job_enqueue(connection=pair.connection, flow=flow, external_id=external_id, cause="retry", now=now)
    assert job_run(job_id=job.pk, now=now) == "done"
    record = Record.objects.get(flow=flow, external_id=external_id)
    assert (record.disposition, record.code) == ("skipped", code)
