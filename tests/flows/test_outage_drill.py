"""Heartland is switched off for a while: every place of the dashboard says the same, and then that it is over."""

import re
from datetime import datetime, timedelta

from django.test import Client
from django.utils import timezone

from syncjobs.engine import lane_run
from syncjobs.engine.enqueueing import jobs_enqueue
from syncjobs.models import Circuit, Lane, Record
from tests import factories
from tests.flows.conftest import Pair
from tests.screens.test_dashboard import plain, sentence

ORDERS = 4
STEP = timedelta(seconds=2)
MINUTES = timedelta(minutes=10)


def work_until(pair: Pair, now: datetime, booked: int) -> datetime:
    """Work the orders' lane as time goes by, until so many are booked."""
    lane, ends = Lane.objects.get(connection=pair.connection, service_class="now"), now + MINUTES
    while now < ends and Record.objects.filter(disposition=Record.Disposition.BOOKED).count() < booked:
        lane_run(lane_id=lane.pk, now=now)
        now += STEP
    return now


def test_all_places_agree_while_heartland_is_away_and_after(pair: Pair) -> None:
    now = timezone.now()
    pair.book()
    pair.heartland.post("/_sim/faults", {"path": "^/api/", "probability": 1, "status": 503})
    ids = [pair.place() for _ in range(ORDERS)]
    jobs_enqueue(connection=pair.connection, flow="orders", external_ids=ids, cause="webhook", now=now)
    lane = Lane.objects.get(connection=pair.connection, service_class="now")
    for step in range(30):
        lane_run(lane_id=lane.pk, now=now + step * STEP)
    assert Circuit.objects.get(opened_at__isnull=False).system == "heartland"

    client = Client()
    client.force_login(factories.member(pair.connection.merchant))
    page = client.get("/")
    counted = {part.state: part.count for part in page.context["verdict"].parts}
    waiting = counted.pop("in_flight", 0) + counted.pop("retrying", 0)
    assert (waiting, counted) == (ORDERS, {"booked": 1})
    assert sum(one.orders_waiting for one in page.context["health"]) == ORDERS
    assert {tile.key: tile.in_flight for tile in page.context["tiles"]}["orders"] == ORDERS
    shown = plain(page.content)
    assert re.search(rf"Heartland does not answer for .*\. {ORDERS} orders wait, nothing is lost; asked again", shown)
    assert "Heartland: not answering" in shown
    assert f"All {ORDERS + 1} orders of today are accounted for: 1 booked, " in sentence(page.content)
    assert '<body data-state="outage">' in page.content.decode()

    pair.heartland.delete("/_sim/faults")
    Circuit.objects.update(probe_after=timezone.now())
    work_until(pair, now + 31 * STEP, ORDERS + 1)
    page = client.get("/")
    assert sentence(page.content) == f"All {ORDERS + 1} orders of today are accounted for: {ORDERS + 1} booked."
    assert "not answering" not in plain(page.content)
    assert 'data-state="outage"' not in page.content.decode()
