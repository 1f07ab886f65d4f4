"""Orders that wait together in a lane, and what happens while one of them is worked at."""

from collections.abc import Callable, Iterable
from datetime import timedelta

import pytest
from django.utils import timezone

from syncjobs.engine import lane_run, lanes
from syncjobs.engine.enqueueing import jobs_enqueue, lane_of
from syncjobs.flows import ahead
from syncjobs.flows.orders.find_sales_order import remember
from syncjobs.flows.orders.order_context import OrderContext
from syncjobs.models import Attempt, Record, ServiceClass
from tests.flows.conftest import Pair


def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns as long as they need to be on a slow machine."""
    monkeypatch.setattr(lanes, "SLICE_SECONDS", 600.0)
    monkeypatch.setattr(ahead, "FRESH_SECONDS", 600.0)


def enqueue(pair: Pair, web_ids: Iterable[str], cause: str = "webhook") -> None:
    now = timezone.now()
    jobs_enqueue(connection=pair.connection, flow="orders", external_ids=[*web_ids], cause=cause, now=now)


def work(pair: Pair, after: timedelta = timedelta()) -> None:
    lane_run(lane_id=lane_of(pair.connection.pk, ServiceClass.NOW), now=timezone.now() + after)


def are_booked_once(pair: Pair, web_ids: Iterable[str]) -> bool:
    alive = {web_id: [row for row in pair.sales_orders(web_id) if row["status"] != "cancelled"] for web_id in web_ids}
    are_booked = all(pair.record(web_id).disposition == Record.Disposition.BOOKED for web_id in alive)
    return are_booked and all(len(rows) == 1 for rows in alive.values())


def calls_of(web_ids: Iterable[str]) -> int:
    """Of all tries of these orders, to both sides."""
    rows = Attempt.objects.filter(job__external_id__in=web_ids)
    return sum(row.calls_heartland + row.calls_store for row in rows)


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Do something once, while the first order of a burst is being booked: right after its sales order is known."""
    acts = [act]

    def remembered(context: OrderContext, order_id: str, number: str) -> None:
        remember(context, order_id, number)
        if acts:
            acts.pop()()

    monkeypatch.setattr("syncjobs.flows.orders.delivering.remember", remembered)
