"""Who ships: staff, one location, one that is invoiced at once, several by their turn, or somebody else's warehouse."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from connections.models import Location, ShippingRoute
from ipaas.types import JSON
from mappings.models import ValueMap
from mappings.services import value_map_set
from syncjobs.models import Cursor
from syncjobs.pages.shown import mark_of
from tests import factories
from tests.flows.conftest import BUYER, Pair
from tests.flows.test_shipments import TWO, follow, invoice, record, status

MAIN, ANNEX, DEPOT = 100005, 100006, 100008


def place(pair: Pair, location: int) -> Location:
    return pair.connection.heartland.locations.get(external_id=str(location))


def ship(pair: Pair, shipping: str, **fields: Any) -> None:
    settings = pair.connection.order_settings
    settings.shipping, settings.ship_from = shipping, place(pair, MAIN)
    for name, value in fields.items():
        setattr(settings, name, value)
    settings.save()


def by_turn(pair: Pair, *locations: int) -> None:
    ship(pair, "priority")
    for rank, location in enumerate(locations, 1):
        ShippingRoute.objects.create(connection=pair.connection, location=place(pair, location), rank=rank)


def have(pair: Pair, sku: str, location: int, pieces: int) -> None:
    wish = {"location": location, "sku": sku, "set_to": pieces}
    pair.heartland.post("/_sim/staff/adjust", wish)


def lines(pair: Pair, web_id: str) -> list[tuple[int, int | None]]:
    """Pieces and the location that ships them, line by line."""
    (order,) = pair.sales_orders(web_id)
    return [(row["qty"], row["ship_from_location_id"]) for row in pair.rows_of("order_lines", order["id"])]


def invoices(pair: Pair, web_id: str) -> list[JSON]:
    (order,) = pair.sales_orders(web_id)
    return [row for row in pair.heartland.rows("transactions") if row.get("order_id") == order["id"]]


def test_an_order_is_invoiced_as_it_is_booked(pair: Pair) -> None:
    ship(pair, "invoiced")
    web_id = pair.book(**TWO)
    (order,), (invoice,) = pair.sales_orders(web_id), invoices(pair, web_id)
    assert (order["status"], invoice["status"], invoice["source_location_id"]) == ("closed", "complete", MAIN)
    kept = pair.record(web_id)
    assert (kept.is_distributed, kept.facts["heartland"]["status"]) == (True, "closed")
    assert pair.calls(web_id)[-7:-1] == [
        "GET /sales/invoices", "POST /sales/invoices", "POST /sales/invoices/lines", "POST /sales/invoices/lines",
        "PUT /sales/invoices", "GET /sales/orders",
    ]  # fmt: skip
    assert pair.run(web_id) == "done"
    assert len(invoices(pair, web_id)) == 1


@pytest.mark.parametrize(
    "write",
    [
        ("POST", r"/api/sales/invoices$"),
        ("POST", r"/api/sales/invoices/\d+/lines$"),
        ("PUT", r"/api/sales/invoices/\d+$"),
    ],
)
def test_a_lost_answer_while_invoicing_ships_nothing_twice(pair: Pair, write: tuple[str, str]) -> None:
    ship(pair, "invoiced")
    pair.lose(pair.heartland, *write)
    web_id = pair.place(**TWO)
    assert pair.run(web_id) == "retry"
    assert pair.run_until_settled(web_id) == "done"
    (invoice,) = invoices(pair, web_id)
    pieces = [row["qty"] for row in pair.heartland.rows("transaction_lines") if row["transaction_id"] == invoice["id"]]
    assert (pair.sales_orders(web_id)[0]["status"], sorted(pieces)) == ("closed", [1, 2])


def test_what_heartland_does_not_invoice_is_held_and_stays_booked(pair: Pair) -> None:
    ship(pair, "invoiced")
    pair.heartland.post(
        "/_sim/faults", {"method": "POST", "path": r"/api/sales/invoices$", "times": 1, "status": 400, "body": "{}"}
    )
    web_id = pair.place()
    assert pair.run(web_id) == "hold"
    assert pair.record(web_id).code == "invoice_refused"
    assert pair.sales_orders(web_id)[0]["status"] == "open"
    assert pair.run(web_id) == "done"
    assert pair.sales_orders(web_id)[0]["status"] == "closed"


def test_the_first_location_that_has_everything_ships_it(pair: Pair) -> None:
    by_turn(pair, ANNEX, MAIN)
    have(pair, "DOG-LEAD", ANNEX, 1)
    have(pair, "DOG-LEAD", MAIN, 9)
    web_id = pair.book()
    assert lines(pair, web_id) == [(2, MAIN)]
    assert "GET /inventory/values" in pair.calls(web_id)
    assert pair.record(web_id).is_distributed


def test_pieces_are_split_and_the_rest_waits(pair: Pair) -> None:
    by_turn(pair, ANNEX, MAIN)
    have(pair, "DOG-LEAD", ANNEX, 1)
    have(pair, "DOG-LEAD", MAIN, 3)
    web_id = pair.book(lines=[{"sku": "DOG-LEAD", "quantity": 5}], guest=BUYER)
    assert sorted(lines(pair, web_id), key=str) == [(1, ANNEX), (1, None), (3, MAIN)]
    kept = pair.record(web_id)
    assert (kept.is_distributed, kept.source_total) == (False, kept.target_total)
    (said,) = [step["decision"] for step in pair.attempt(web_id).steps if step["name"] == "shape"]
    assert said == "Ships from Pine Annex, then Harbor Main. Nobody has the rest: it waits for distribution."


def test_an_order_that_the_store_shipped_comes_down_closed(pair: Pair) -> None:
    ship(pair, "store")
    web_id = pair.place(**TWO)
    assert (pair.run(web_id), pair.record(web_id).code) == ("done", "not_shipped_yet")
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/ship", {"tracking": "1Z1", "provider": "ups"})
    assert pair.run(web_id) == "done"
    assert (pair.record(web_id).disposition, pair.sales_orders(web_id)[0]["status"]) == ("booked", "closed")
    (invoice,) = invoices(pair, web_id)
    Cursor.objects.create(connection=pair.connection, feed=Cursor.INVOICES, due_at=timezone.now())
    assert follow(pair).queued == 1
    assert (record(str(invoice["id"])).disposition, record(str(invoice["id"])).code) == ("skipped", "shipped_by_store")
    assert len([row for row in pair.bigcommerce.rows("shipments") if row["order_id"] == int(web_id)]) == 1


def test_shipped_without_item_shipments_is_held_until_they_are_there(pair: Pair) -> None:
    ship(pair, "store")
    web_id = pair.place(**TWO)
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/status", {"status_id": 2})
    assert pair.run(web_id) == "hold"
    kept = pair.record(web_id)
    assert kept.code == "shipped_without_items"
    assert kept.reason == f"Order {web_id} is Shipped in the store, but no shipment holds DOG-LEAD, CMP-JUG."
    assert pair.sales_orders(web_id) == []
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/ship", {})
    assert pair.run(web_id) == "done"
    assert pair.sales_orders(web_id)[0]["status"] == "closed"


def test_unpaid_orders_come_once_their_money_is_taken(pair: Pair) -> None:
    ship(pair, "staff", takes_unpaid=False, eligible_statuses=["7", "11"])
    pair.bigcommerce.put("/_sim/switches", {"capture_delay": 0})
    web_id = pair.place(payment="authorized")
    pair.run(web_id)
    assert pair.record(web_id).code == "not_paid"
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/capture", {})
    assert pair.run(web_id) == "done"
    assert pair.record(web_id).disposition == "booked"


def distribute(pair: Pair, client: Client, web_id: str, place: str) -> str:
    client.force_login(factories.member(pair.connection.merchant))
    page = f"/stores/{pair.connection.public_id}/orders/{web_id}/"
    client.post(f"{page}distribute/", {"place": place, "shown": mark_of(pair.record(web_id))})
    return client.get(page).content.decode()


def test_a_person_distributes_an_order_here(pair: Pair, client: Client) -> None:
    web_id = pair.book(**TWO)
    shown = distribute(pair, client, web_id, str(ANNEX))
    assert f"BC-{web_id} ships from Pine Annex." in shown
    assert lines(pair, web_id) == [(2, ANNEX), (1, ANNEX)]
    assert pair.record(web_id).is_distributed
    assert "Which location ships" not in shown
    assert pair.connection.merchant.audit_entries.get(action="order.distributed").detail == {"places": ["Pine Annex"]}


def test_by_turn_a_line_that_nobody_has_whole_is_left(pair: Pair, client: Client) -> None:
    web_id = pair.book(**TWO)
    by_turn(pair, ANNEX, MAIN)
    have(pair, "DOG-LEAD", ANNEX, 1)
    have(pair, "DOG-LEAD", MAIN, 1)
    have(pair, "CMP-JUG", ANNEX, 0)
    have(pair, "CMP-JUG", MAIN, 1)
    shown = distribute(pair, client, web_id, "by-turn")
    assert f"BC-{web_id} ships from Harbor Main. No location has 1 of its lines whole." in shown
    assert lines(pair, web_id) == [(2, None), (1, MAIN)]
    assert not pair.record(web_id).is_distributed


def test_what_ended_in_heartland_is_not_distributed(pair: Pair, client: Client) -> None:
    web_id = pair.book()
    pair.heartland.post("/_sim/staff/cancel", {"order": f"BC-{web_id}", "refund": True})
    assert "is canceled in Heartland: nothing is left to distribute" in distribute(pair, client, web_id, str(MAIN))
    assert "choose a location of this Heartland account" in distribute(pair, client, web_id, "999")


def nearest(pair: Pair, **areas: str) -> None:
    """Main, Annex and Depot ship, in this turn; `areas` by the location's number."""
    by_turn(pair, MAIN, ANNEX, DEPOT)
    pair.connection.order_settings.shipping = "nearest"
    pair.connection.order_settings.save()
    for number, near in areas.items():
        ShippingRoute.objects.filter(location__number=number).update(areas=near)
    for location in (MAIN, ANNEX, DEPOT):
        have(pair, "DOG-LEAD", location, 9)


@pytest.mark.parametrize(
    ("areas", "ships"),
    [
        ({}, MAIN),  # near to nothing: by their turn
        ({"DEPOT": "TX"}, DEPOT),
        ({"ANNEX": "US", "DEPOT": "CO"}, ANNEX),
        ({"MAIN": "TX", "DEPOT": "787"}, DEPOT),  # a postcode says more than a state
        ({"MAIN": "7", "ANNEX": "787", "DEPOT": "78"}, ANNEX),
        ({"MAIN": "AL", "ANNEX": "tx", "DEPOT": "TX"}, ANNEX),  # equally near: by their turn
    ],
)
def test_the_nearest_location_that_has_the_goods_ships(pair: Pair, areas: dict[str, str], ships: int) -> None:
    nearest(pair, **areas)
    web_id = pair.book()
    assert lines(pair, web_id) == [(2, ships)]


def test_the_nearest_that_has_everything_comes_before_the_nearest(pair: Pair) -> None:
    nearest(pair, DEPOT="TX")
    have(pair, "DOG-LEAD", DEPOT, 1)
    assert lines(pair, pair.book()) == [(2, MAIN)]


def test_a_person_may_ask_the_nearest_too(pair: Pair, client: Client) -> None:
    web_id = pair.book()
    nearest(pair, DEPOT="TX")
    assert f"BC-{web_id} ships from Depot." in distribute(pair, client, web_id, "by-turn")
    assert lines(pair, web_id) == [(2, DEPOT)]


def test_a_closed_location_is_asked_for_nothing(pair: Pair) -> None:
    nearest(pair, DEPOT="TX")
    Location.objects.filter(external_id=str(DEPOT)).update(is_active=False)
    assert lines(pair, pair.book()) == [(2, MAIN)]


def collected(pair: Pair) -> tuple[str, JSON]:
    """An order of two things that the shopper collects, booked and distributed; tracking numbers are waited for."""
    ship(pair, "staff", eligible_statuses=["8", "11"], tracking_field="tracking_number")
    Cursor.objects.create(connection=pair.connection, feed=Cursor.INVOICES, due_at=timezone.now())
    value_map_set(connection=pair.connection, kind=ValueMap.Kind.SHIPPING, source_value="Pickup", target_value="100003")
    web_id = pair.book(**TWO, pickup=True)
    (order,) = pair.sales_orders(web_id)
    pair.heartland.post("/_sim/staff/distribute", {"order_id": order["id"], "location_id": MAIN})
    return web_id, order


def test_an_order_whose_invoice_says_ready_waits_for_its_shopper(pair: Pair) -> None:
    web_id, order = collected(pair)
    pair.connection.order_settings.tells_pickup_ready = True
    pair.connection.order_settings.save()
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/status", {"status_id": 11})
    done = invoice(pair, order, None)
    follow(pair)
    assert (record(done).reason, status(pair, web_id)) == (
        f"Order {web_id} waits to be collected: there is nothing to ship.",
        8,
    )


def test_an_order_is_collected_when_all_of_it_is_invoiced_and_not_before(pair: Pair) -> None:
    web_id, order = collected(pair)
    before = status(pair, web_id)
    first = invoice(pair, order, None, lines=[{"sku": "DOG-LEAD", "qty": 2}])
    follow(pair)
    assert (record(first).disposition, status(pair, web_id)) == ("booked", before)
    assert record(first).reason == f"2 pieces of order {web_id} collected; the rest still waits."
    second = invoice(pair, order, None)
    follow(pair)
    assert (record(second).reason, status(pair, web_id)) == (
        f"Order {web_id} was collected: there is nothing to ship.",
        10,
    )
