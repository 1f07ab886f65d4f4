"""What Heartland invoices is shipped in Magento: by the rows that it takes, from the right source, once."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from connections.models import ConnectionLocation, Location
from ipaas.types import JSON
from mappings.models import ValueMap
from mappings.services import value_map_set
from syncjobs.models import Record
from tests import factories
from tests.flows.magento.conftest import MAIN, TRACKED, Pair, line

D = Decimal
ONE_INVOICE = ["GET /orders", "GET /shipments", "POST /order/ship", "GET /shipment", "GET /orders"]


def tracks(pair: Pair, shipment: JSON) -> list[tuple[str, str, str]]:
    rows = [row for row in pair.magento.rows("tracks") if row["parent_id"] == shipment["entity_id"]]
    return [(row["carrier_code"], row["title"], row["track_number"]) for row in rows]


def test_an_order_is_captured_booked_shipped_and_the_shopper_told(pair: Pair) -> None:
    """The document's use case: placed and captured, booked, fulfilled in Heartland, shown as shipped with tracking."""
    order_id = pair.place(line("DOG-LEAD", "20.00", 2), line("CMP-JUG", "12.00"), shipping_amount="6.95")
    pair.poll()
    assert pair.record(order_id).disposition == Record.Disposition.BOOKED
    assert (D(str(pair.there(order_id)["total"])), pair.paid(order_id)) == (D("58.95"), [D("58.95")])
    read_at = pair.record(order_id).source_seen_at
    pair.invoice(order_id)
    pair.follow_invoices()
    (shipment,) = pair.shipments(order_id)
    assert tracks(pair, shipment) == [("ups", "UPS Ground", TRACKED["tracking_number"])]
    order = pair.order(order_id)
    rows = {row["sku"]: row["item_id"] for row in order["items"]}
    assert pair.shipped(shipment) == {rows["DOG-LEAD"]: D(2), rows["CMP-JUG"]: D(1)}
    assert (order["state"], order["status"], shipment["email_sent"]) == ("complete", "complete", 1)
    record = pair.record(order_id)
    assert (record.source_meaning, record.to_distribute, pair.there(order_id)["status"]) == ("shipped", 0, "closed")
    assert read_at
    assert record.source_seen_at
    assert (record.source_status, record.source_seen_at > read_at) == ("Complete", True)  # as we made it, and since


def test_an_order_and_a_shipment_take_the_least_calls(pair: Pair) -> None:
    """An order: 1 read with all inside, and 1 comment that names our sales order, for which it was read just now:
    the comment takes the order's status along, so that 1 read comes right before it.

    A shipment: 1 order (its rows are what a shipment names), 1 list of what left (nothing ships twice after a lost
    answer), 1 shipment, 1 look at it (the shop cuts what is too many in silence), 1 look at the state that it gave the
    order.
    """
    order_id = pair.book(line("DOG-LEAD", "20.00", 2))
    assert pair.calls(order_id, "magento") == ["GET /orders", "GET /orders", "POST /orders/comments"]
    assert pair.run(order_id) == "done"
    assert pair.calls(order_id, "magento") == ["GET /orders"]
    invoice = pair.invoice(order_id)
    pair.follow_invoices()
    assert pair.calls(invoice, "magento") == ONE_INVOICE
    assert pair.run(order_id) == "done"
    assert pair.calls(order_id, "magento") == ["GET /orders"]


def test_a_part_that_leaves_between_others_is_shipped_and_heard_of(pair: Pair) -> None:
    order_id = pair.book(line("DOG-LEAD", "20.00", 3))
    for left in (1, 2, 3):
        pair.invoice(order_id, lines=[{"sku": "DOG-LEAD", "qty": 1}])
        pair.follow_invoices()
        assert len(pair.shipments(order_id)) == left
    assert pair.order(order_id)["state"] == "complete"


def test_a_shipment_between_others_that_staff_made_is_heard_of_though_the_order_stands_still(pair: Pair) -> None:
    order_id = pair.book(line("DOG-LEAD", "20.00", 3))
    pair.act(order_id, "ship", lines=[{"line": 0, "quantity": 1}])
    pair.magento.post("/_sim/clock/advance", {"seconds": 90})  # the order's mail goes out, which moves it once more
    pair.poll()
    changed_at = pair.order(order_id)["updated_at"]
    pair.magento.post("/_sim/clock/advance", {"seconds": 3600})
    pair.act(order_id, "ship", lines=[{"line": 0, "quantity": 1}])
    assert pair.order(order_id)["updated_at"] == changed_at
    polled = pair.poll()
    assert polled.queued == 1
    assert pair.record(order_id).facts["lines"][0]["shipped"] == 2
    assert pair.poll().queued == 0


def test_a_lost_answer_ships_once(pair: Pair) -> None:
    order_id = pair.book(line("DOG-LEAD", "20.00", 2))
    invoice = pair.invoice(order_id)
    pair.magento.post(
        "/_sim/faults", {"method": "POST", "path": "/V1/order/[0-9]+/ship", "times": 1, "after": True, "lose": True}
    )
    pair.follow_invoices()
    pair.settle(at=timedelta(minutes=10))
    (shipment,) = pair.shipments(order_id)
    record = pair.record(invoice, "shipments")
    assert (record.disposition, record.facts["shipments"][0]["id"]) == ("booked", str(shipment["entity_id"]))


def test_what_the_shop_cut_is_told_and_not_taken_for_shipped(pair: Pair) -> None:
    order_id = pair.book(line("DOG-LEAD", "20.00", 3))
    shipped = int(pair.act(order_id, "ship", lines=[{"line": 0, "quantity": 1}])["shipment_id"])
    pair.shop.app.service.state.shipments.delete(shipped)  # a module removes it, and the row goes on counting it
    invoice = pair.invoice(order_id)
    pair.follow_invoices()
    record = pair.record(invoice, "shipments")
    assert (record.disposition, record.code) == ("held", "shipment_cut")
    assert "lacks 1 × DOG-LEAD" in record.reason
    (shipment,) = pair.shipments(order_id)
    assert list(pair.shipped(shipment).values()) == [D(2)]
    pair.run(order_id)
    assert len(pair.shipments(order_id)) == 1


def test_a_tracking_number_that_comes_later_replaces_the_former(pair: Pair) -> None:
    order_id = pair.book(line("DOG-LEAD", "20.00", 2))
    invoice = pair.invoice(order_id)
    pair.follow_invoices()
    pair.heartland_client().invoice_update(invoice, custom={"tracking_number": "9400", "carrier": "USPS"})
    pair.follow_invoices()
    (shipment,) = pair.shipments(order_id)
    assert tracks(pair, shipment) == [("usps", "USPS", "9400")]


def test_it_leaves_from_the_source_that_the_location_feeds(pair: Pair) -> None:
    place = Location.objects.get(external_id=str(MAIN))
    ConnectionLocation.objects.update_or_create(
        connection=pair.connection, location=place, defaults={"store_location": "pine_annex"}
    )
    order_id = pair.book(line("DOG-LEAD", "20.00", 1))
    pair.invoice(order_id)
    pair.follow_invoices()
    (shipment,) = pair.shipments(order_id)
    assert shipment["source_code"] == "pine_annex"


@pytest.mark.parametrize("apart", [False, True])
def test_a_bundle_leaves_as_its_product_says(pair: Pair, *, apart: bool) -> None:
    parts = [{"sku": "DOG-LEAD", "price": "30.00"}, {"sku": "CMP-JUG", "price": "10.00", "quantity": 2}]
    apart_or_not = [{"attribute_code": "shipment_type", "value": "1" if apart else "0"}]
    pair.magento.post("/_sim/products/change", {"sku": "LGT-LANT", "custom_attributes": apart_or_not})
    bundle = line("LGT-LANT", "0", 2, type="bundle", children=parts, dynamic=True, separately=apart)
    order_id = pair.book(bundle)
    pair.invoice(order_id)
    pair.follow_invoices()
    (shipment,) = pair.shipments(order_id)
    rows = {row["sku"]: row["item_id"] for row in pair.order(order_id)["items"]}
    expected = {rows["DOG-LEAD"]: D(2), rows["CMP-JUG"]: D(4)} if apart else {rows["LGT-LANT"]: D(2)}
    assert pair.shipped(shipment) == expected
    assert pair.order(order_id)["state"] == "complete"


def test_a_pickup_order_that_was_fetched_has_left_from_there_and_nobody_is_mailed(pair: Pair) -> None:
    """Magento's own call would mail that it can be fetched (§10), which comes too late here."""
    value_map_set(connection=pair.connection, kind=ValueMap.Kind.SHIPPING, source_value="Pickup", target_value="100003")
    order_id = pair.book(line("DOG-LEAD", "20.00", 2), pickup=True)
    first = pair.invoice(order_id, lines=[{"sku": "DOG-LEAD", "qty": 1}])
    pair.follow_invoices()
    assert (pair.record(first, "shipments").disposition, pair.shipments(order_id)) == ("booked", [])
    invoice = pair.invoice(order_id)
    pair.follow_invoices()
    record = pair.record(invoice, "shipments")
    number = pair.record(order_id).number
    (shipment,) = pair.shipments(order_id)
    assert (shipment["source_code"], list(pair.shipped(shipment).values())) == ("pine_annex", [D(2)])
    assert (tracks(pair, shipment), "shipment" in mails(pair, order_id)) == ([], False)
    assert (record.disposition, record.reason) == (
        "booked",
        f"Order {number} was collected: there is nothing to ship.",
    )
    assert pair.order(order_id)["state"] == "complete"
    assert pair.run(order_id) == "done"
    assert len(pair.shipments(order_id)) == 1


def test_a_pickup_order_that_waits_is_told_to_the_shopper_once(pair: Pair) -> None:
    pair.connection.order_settings.tells_pickup_ready = True
    pair.connection.order_settings.save()
    value_map_set(connection=pair.connection, kind=ValueMap.Kind.SHIPPING, source_value="Pickup", target_value="100003")
    order_id = pair.book(line("DOG-LEAD", "20.00"), pickup=True)
    invoice = pair.invoice(order_id)
    route = "/V1/order/notify-orders-are-ready-for-pickup"
    pair.magento.post("/_sim/faults", {"method": "POST", "path": route, "times": 1, "after": True, "lose": True})
    pair.follow_invoices()
    pair.settle(at=timedelta(minutes=10))
    record = pair.record(invoice, "shipments")
    assert (len(pair.shipments(order_id)), mails(pair, order_id).count("ready_for_pickup")) == (1, 1)
    assert record.reason.endswith("waits to be collected: there is nothing to ship.")
    assert pair.order(order_id)["state"] == "complete"


def test_a_pickup_order_that_cannot_be_told_waits_for_a_person(pair: Pair) -> None:
    pair.connection.order_settings.tells_pickup_ready = True
    pair.connection.order_settings.save()
    value_map_set(connection=pair.connection, kind=ValueMap.Kind.SHIPPING, source_value="Pickup", target_value="100003")
    order_id = pair.book(line("DOG-LEAD", "20.00"), pickup=True)
    invoice = pair.invoice(order_id)
    pair.act(order_id, "hold")
    pair.follow_invoices()
    record = pair.record(invoice, "shipments")
    assert (record.disposition, record.code, pair.shipments(order_id)) == ("held", "shipment_refused", [])
    assert "has a status of holded" in record.reason


def mails(pair: Pair, order_id: str) -> list[str]:
    return [row["kind"] for row in pair.magento.rows("mails") if str(row.get("order_id")) == order_id]


def test_goods_that_left_before_their_money_was_taken_are_said_to(pair: Pair) -> None:
    order_id = pair.book(line("DOG-LEAD", "20.00", 2), payment="authorized")
    invoice = pair.invoice(order_id)
    pair.follow_invoices()
    assert len(pair.shipments(order_id)) == 1
    assert D(str(pair.order(order_id)["total_due"])) == D(40)
    said = pair.record(invoice, "shipments").reason
    assert said.endswith("Magento has not taken its money yet: take it there.")
    client = Client()
    client.force_login(factories.member(pair.connection.merchant))
    page = client.get(reverse("order", args=[pair.connection.public_id, order_id])).content.decode()
    assert "Magento has not taken its money yet" in page
    pair.act(order_id, "invoice")
    pair.poll()
    assert pair.paid(order_id) == [D(40)]
