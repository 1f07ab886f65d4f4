"""The dashboard's "orders to distribute" follows what staff do in Heartland."""

from datetime import timedelta

from django.utils import timezone

from syncjobs.intake.follow_distribution import distribution_look
from tests.flows.conftest import Pair


def test_an_order_distributed_in_heartland_no_longer_waits(pair: Pair) -> None:
    first, second = pair.book(), pair.book()
    (order,) = pair.sales_orders(first)
    pair.heartland.post("/_sim/staff/distribute", {"order_id": order["id"], "location_id": 100005})
    pair.heartland.delete("/_sim/calls")
    now = timezone.now()
    assert distribution_look(connection=pair.connection, now=now) == 2
    assert pair.heartland.get("/_sim/calls")["total"] == 1
    assert (pair.record(first).is_distributed, pair.record(second).is_distributed) == (True, False)
    assert pair.record(first).facts["heartland"]["lines"][0]["is_distributed"] is True
    assert distribution_look(connection=pair.connection, now=now) is None
    assert distribution_look(connection=pair.connection, now=now + timedelta(minutes=10)) == 1


def test_nothing_waiting_costs_no_call(pair: Pair) -> None:
    pair.heartland.delete("/_sim/calls")
    assert distribution_look(connection=pair.connection, now=timezone.now()) == 0
    assert pair.heartland.get("/_sim/calls")["total"] == 0


def test_heartland_being_away_changes_nothing_and_is_said(pair: Pair) -> None:
    web_id = pair.book()
    pair.heartland.post("/_sim/faults", {"method": "GET", "path": "/api/sales/orders", "times": 4, "status": 503})
    assert distribution_look(connection=pair.connection, now=timezone.now()) is None
    assert not pair.record(web_id).is_distributed
    assert pair.connection.cursors.get(feed="heartland.orders").failure != ""
