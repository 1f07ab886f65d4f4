"""Returns at the tills are followed by a cursor of their own: what a missing right hides is found once it is given."""

import importlib
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from connections.models import OrderSettings
from errors.models import SyncError
from syncjobs.engine.sweeping import sweep
from syncjobs.models import Cursor, Record, SyncJob
from tests.flows.conftest import Pair
from tests.flows.test_shipments import distribute, invoice
from tests.flows.test_till_returns import ONE, refunds, settle, sold
from tests.flows.tills import record_of, refunding, take_back, work

STALLED = {"flow": "feeds", "external_id": Cursor.TILL_RETURNS}


def forbid_tickets(pair: Pair) -> None:
    rule = {"method": "GET", "path": "/api/sales/tickets", "status": 403, "times": 1000}
    pair.heartland.post("/_sim/faults", rule | {"body": {"error": "forbidden"}})


def cursor(pair: Pair) -> Cursor:
    return Cursor.objects.get(connection=pair.connection, feed=Cursor.TILL_RETURNS)


def look(pair: Pair, *, at: timedelta) -> None:
    """As when the clock rings: a look that is refused is no failure of the test."""
    try:
        work(pair.connection, at=at)
    except AssertionError:
        assert cursor(pair).failure


def test_returns_made_while_the_right_is_missing_are_given_back_once_it_is_there(pair: Pair) -> None:
    refunding(pair.connection)
    web_id, made = sold(pair, 3, "20.00")
    forbid_tickets(pair)
    Cursor.objects.filter(feed=Cursor.TILL_RETURNS).update(position=(began := timezone.now() - timedelta(days=9)))
    first = take_back(pair.heartland, pair.connection, made, ONE)
    for minutes in (1, 2):
        look(pair, at=timedelta(minutes=minutes))
    assert Cursor.objects.get(connection=pair.connection, feed=Cursor.INVOICES).failure == ""
    assert cursor(pair).position == str(began)
    (told,) = SyncError.objects.open().filter(**STALLED)
    assert (told.state, told.code) == ("held", "feed_stalls")
    assert told.issues.get().title.startswith("Looking for returns at the tills does not get through")
    assert not Record.objects.filter(flow="returns").exists()
    pair.heartland.delete("/_sim/faults")
    second = take_back(pair.heartland, pair.connection, made, ONE)
    settle(pair, at=timedelta(minutes=3))
    settle(pair, at=timedelta(minutes=8))
    assert [record_of(one).disposition for one in (first, second)] == ["booked", "booked"]
    assert len(refunds(pair, web_id)) == 2
    assert not SyncError.objects.open().filter(**STALLED).exists()


def test_a_new_invoice_does_not_carry_the_returns_along(pair: Pair) -> None:
    """The one feed goes on while the other stands."""
    refunding(pair.connection)
    web_id, made = sold(pair, 2, "20.00")
    before = cursor(pair).position
    forbid_tickets(pair)
    ticket = take_back(pair.heartland, pair.connection, made, ONE)
    pair.heartland.post("/_sim/clock/advance", {"seconds": 7200})
    newer = invoice(pair, distribute(pair, pair.book()))
    look(pair, at=timedelta(hours=2))
    assert SyncJob.objects.filter(flow="shipments", external_id=newer).count() == 1
    assert cursor(pair).position == before < Cursor.objects.get(feed=Cursor.INVOICES).position
    pair.heartland.delete("/_sim/faults")
    work(pair.connection, at=timedelta(hours=2, minutes=1))
    assert (record_of(ticket).order_id, len(refunds(pair, web_id))) == (web_id, 1)


def test_they_are_followed_from_the_switch_on_and_no_more_once_it_is_off(pair: Pair) -> None:
    sweep(now=timezone.now())
    assert not Cursor.objects.filter(feed=Cursor.TILL_RETURNS).exists()
    OrderSettings.objects.filter(connection=pair.connection).update(till_returns="store")
    sweep(now=(switched := timezone.now()))
    assert cursor(pair).position == switched.isoformat()
    forbid_tickets(pair)
    refunding(pair.connection)
    look(pair, at=timedelta(minutes=1))
    assert SyncError.objects.open().filter(**STALLED).count() == 1
    OrderSettings.objects.filter(connection=pair.connection).update(till_returns="off")
    sweep(now=timezone.now())
    assert not Cursor.objects.filter(feed=Cursor.TILL_RETURNS).exists()
    assert not SyncError.objects.open().filter(**STALLED).exists()


@pytest.mark.parametrize(("policy", "count"), [("store", 1), ("noted", 1), ("off", 0)])
def test_who_followed_them_with_the_invoices_goes_on_where_that_stood(pair: Pair, policy: str, count: int) -> None:
    OrderSettings.objects.filter(connection=pair.connection).update(till_returns=policy)
    Cursor.objects.create(
        connection=pair.connection, feed=Cursor.INVOICES, position="2026-11-30T08:00:00+00:00", due_at=timezone.now()
    )
    migration: Any = importlib.import_module("syncjobs.migrations.0050_returns_of_their_own")
    for _ in range(2):
        migration.begin(apps, None)
    made = Cursor.objects.filter(feed=Cursor.TILL_RETURNS)
    assert list(made.values_list("position", flat=True)) == ["2026-11-30T08:00:00+00:00"] * count
