"""The dashboard's "orders to distribute" follows what staff do in Heartland."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from django.test import Client
from django.utils import timezone

from syncjobs import tasks
from syncjobs.intake.follow_distribution import LONGEST_MINUTES, distribution_look, is_due
from syncjobs.models import Circuit, Record
from tests import factories
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


@pytest.mark.parametrize(
    ("waited", "looks"), [(timedelta(), 45), (timedelta(hours=1), 14), (timedelta(hours=3), 7), (timedelta(days=9), 3)]
)
def test_the_longer_an_order_waits_the_less_often_it_is_asked_for(waited: timedelta, looks: int) -> None:
    """In the hour after it has waited so long, with a look every minute."""
    noon = datetime.fromisoformat("2026-11-30T12:00:00+00:00")
    minutes = [noon + timedelta(minutes=number) for number in range(61)]
    assert sum(is_due(noon - waited, last, now) for last, now in pairwise(minutes)) == looks


def test_old_orders_share_the_calls_of_fresh_ones(pair: Pair) -> None:
    first, second = pair.book(), pair.book()
    noon = (timezone.now() + timedelta(days=1)).replace(hour=12, minute=0, second=0)
    assert distribution_look(connection=pair.connection, now=noon) == 2
    Record.objects.filter(external_id=first).update(booked_at=noon - timedelta(hours=9, minutes=7))
    Record.objects.filter(external_id=second).update(booked_at=noon - timedelta(minutes=1))
    pair.heartland.delete("/_sim/calls")
    asked = [
        distribution_look(connection=pair.connection, now=noon + timedelta(minutes=number))
        for number in range(1, LONGEST_MINUTES + 1)
    ]
    assert sorted(count or 0 for count in asked) == [1] * (LONGEST_MINUTES - 1) + [2]
    assert pair.heartland.get("/_sim/calls")["total"] == LONGEST_MINUTES


def test_a_look_that_calls_nobody_leaves_the_probe_to_others(pair: Pair) -> None:
    now = timezone.now()
    Circuit.objects.create(connection=pair.connection, system="heartland", failures=5, opened_at=now, probe_after=now)
    assert distribution_look(connection=pair.connection, now=now) == 0
    assert Circuit.objects.get().probe_after == now


def test_the_clock_starts_no_look_where_nothing_waits_and_none_has_failed(pair: Pair) -> None:
    assert tasks.distribution() == "0 connections"
    pair.book()
    assert tasks.distribution() == "1 connections"
    distribution_look(connection=pair.connection, now=timezone.now())
    Record.objects.update(is_distributed=True)
    assert tasks.distribution() == "0 connections"
    pair.connection.cursors.filter(feed="heartland.orders").update(failure="Heartland has trouble (503).")
    assert tasks.distribution() == "1 connections"


def test_the_orders_page_names_the_location_that_ships(pair: Pair) -> None:
    web_id = pair.book()
    (order,) = pair.sales_orders(web_id)
    client = Client()
    client.force_login(factories.member(pair.connection.merchant))
    path = f"/stores/{pair.connection.public_id}/orders/{web_id}/"
    assert '<td data-label="Ships from">not decided</td>' in client.get(path).content.decode()
    pair.heartland.post("/_sim/staff/distribute", {"order_id": order["id"], "location_id": 100005})
    distribution_look(connection=pair.connection, now=timezone.now())
    name = pair.connection.heartland.locations.get(external_id="100005").name
    assert f'<td data-label="Ships from">{name}</td>' in client.get(path).content.decode()
