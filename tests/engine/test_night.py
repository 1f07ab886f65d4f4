"""Runs that are put off to the night, and daily checks that wait for it."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from connections.models import InventorySettings
from syncjobs import tasks
from syncjobs.bulk import runs
from syncjobs.bulk.night import until
from syncjobs.catalogue.walk_catalogues import CHECK
from syncjobs.models import Cursor, Run
from tests import factories


@pytest.mark.parametrize(
    ("begins", "ends", "at", "hours"),
    [
        (time(1), time(5), "00:00", 1),
        (time(1), time(5), "01:00", 0),
        (time(1), time(5), "04:59", 0),
        (time(1), time(5), "05:00", 20),
        (time(22), time(4), "21:00", 1),
        (time(22), time(4), "23:30", 0),
        (time(22), time(4), "03:59", 0),
        (time(22), time(4), "04:00", 18),
        (time(3), time(3), "12:00", 0),
    ],
)
def test_a_night_may_go_past_midnight(begins: time, ends: time, at: str, hours: int) -> None:
    now = datetime.fromisoformat(f"2026-03-02T{at}+00:00")
    assert until(begins, ends, now) == timedelta(hours=hours)


def night_that_is(connection: Any, *, now: bool) -> None:
    """A night of an hour around this moment, or one that begins in three hours."""
    begins = timezone.localtime() + timedelta(hours=-1 if now else 3)
    ends = begins + timedelta(hours=2)
    InventorySettings.objects.filter(connection=connection).update(night_from=begins.time(), night_to=ends.time())


@pytest.mark.django_db
def test_a_run_that_is_put_off_waits_and_says_so() -> None:
    connection = factories.connection()
    night_that_is(connection, now=False)
    run = runs.run_start(
        connection=connection, actor=None, kind=CHECK, now=timezone.now(), parameters={"at_night": True}
    )
    assert tasks.run_slice(run.pk) == "waiting"
    run.refresh_from_db()
    assert run.sentence == "Waiting: it was put off to the night."
    assert run.due_at
    assert timedelta(hours=2, minutes=58) < run.due_at - timezone.now() <= timedelta(hours=3)


@pytest.mark.django_db
def test_daily_checks_begin_once_a_day_and_by_night() -> None:
    connection = factories.connection()
    Cursor.objects.create(connection=connection, feed=Cursor.PRODUCTS, due_at=datetime(2030, 1, 1, tzinfo=UTC))
    night_that_is(connection, now=False)
    assert tasks.item_checks() == "0 begun"
    night_that_is(connection, now=True)
    assert tasks.item_checks() == "1 begun"
    Run.objects.update(state=Run.State.DONE)
    assert tasks.item_checks() == "0 begun"
    Run.objects.update(started_at=timezone.now() - timedelta(hours=24))
    assert tasks.item_checks() == "1 begun"
