"""What was given back while the right to read refunds was missing is booked once it is given, whenever it had left."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connections.models import OrderSettings
from syncjobs.engine.rechecking import held_recheck
from syncjobs.engine.running import job_run
from syncjobs.models import Cursor, SyncJob
from tests.flows.conftest import Pair
from tests.flows.test_refunds import LEADS, left, look, money, of, order, refund, returns, total


def recheck(pair: Pair, *, at: timedelta) -> None:
    """As the clock does: what waits is looked at again."""
    now = timezone.now() + at
    Cursor.objects.get_or_create(connection=pair.connection, feed=Cursor.HELD, defaults={"due_at": now})
    Cursor.objects.filter(feed=Cursor.HELD).update(due_at=now)
    held_recheck(connection=pair.connection, now=now)
    while job := SyncJob.objects.filter(status="pending", not_before__lte=now).order_by("pk").first():
        job_run(job_id=job.pk, now=now)


@pytest.mark.parametrize("has_left", [True, False])
def test_refunds_that_could_not_be_read_are_booked_once_they_can(pair: Pair, has_left: bool) -> None:
    OrderSettings.objects.filter(connection=pair.connection).update(books_refunds=True)
    web_id = pair.book(**LEADS)
    if has_left:
        left(pair, web_id)
    rule = {"method": "GET", "path": "/payment_actions/refunds", "status": 403, "times": 1000}
    pair.bigcommerce.post("/_sim/faults", rule)
    refund(pair, web_id, lines=[{"line": 0, "quantity": 1}])
    look(pair, web_id)
    assert order(pair, web_id).disposition == "held"
    assert returns(pair) == []
    pair.bigcommerce.delete("/_sim/faults")
    recheck(pair, at=timedelta(hours=7))
    assert order(pair, web_id).disposition == "booked"
    (told,) = of(pair, web_id)
    assert told.disposition == "booked"
    assert [money(row["total"]) for row in returns(pair)] == ([-total(told)] if has_left else [])
