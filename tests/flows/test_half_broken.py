"""A fifth of all calls fails at both systems: orders are booked meanwhile, for hardly more calls than that forces."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from syncjobs.engine import lane_run
from syncjobs.engine.enqueueing import jobs_enqueue
from syncjobs.models import Lane, RateBudget, Record
from syncjobs.stories.demo.sim import Sandbox
from tests.flows.conftest import Pair

ORDERS = 12
STEP = timedelta(seconds=1)
TROUBLE = timedelta(seconds=68)
CALLS = 8  # of an ordinary order
ALLOWED = 2.5  # times that: a fifth that fails forces a quarter more, and runs that are put back begin anew


@pytest.fixture
def half_broken(pair: Pair) -> Pair:
    pair.book()  # the shopper is known from here on
    for system in (pair.heartland, pair.bigcommerce):
        system.post("/_sim/faults", {"path": "^/(api|stores)/", "probability": 0.1, "status": 429})
        system.post("/_sim/faults", {"path": "^/(api|stores)/", "probability": 1 / 9, "status": 503})
        system.delete("/_sim/calls")
    return pair


def test_orders_are_booked_during_the_trouble(half_broken: Pair) -> None:
    ids = [half_broken.place() for _ in range(ORDERS)]
    now = timezone.now()
    jobs_enqueue(connection=half_broken.connection, flow="orders", external_ids=ids, cause="webhook", now=now)
    lane = Lane.objects.get(connection=half_broken.connection, service_class="now")
    booked = Record.objects.filter(external_id__in=ids, disposition=Record.Disposition.BOOKED)
    ends = now + TROUBLE
    while now < ends and booked.count() < ORDERS:
        lane_run(lane_id=lane.pk, now=now)
        now += STEP
        pass_time(STEP)
    assert booked.count() == ORDERS
    assert calls(half_broken.heartland) + calls(half_broken.bigcommerce) <= ALLOWED * ORDERS * CALLS


def pass_time(span: timedelta) -> None:
    """The rate limits' rows go by the database's clock."""
    RateBudget.objects.update(blocked_until=F("blocked_until") - span, reset_at=F("reset_at") - span)


def calls(system: Sandbox) -> int:
    return int(system.get("/_sim/calls")["total"])
