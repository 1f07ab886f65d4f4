"""Heartland's sales orders as a feed: what the desk did is noticed within a poll, quiet costs one call."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from connections.models import Connection
from mappings.models import Link
from syncjobs.engine import sweep
from syncjobs.engine.running import job_run
from syncjobs.intake.follow_sales_orders import SalesOrders, sales_orders_follow
from syncjobs.models import Cursor, Record, SyncJob
from tests.flows import desk
from tests.flows.conftest import Pair
from tests.flows.test_desk import add_line, other_customer, preview, reprice, set_status, statuses
from tests.flows.test_desk_last_check import off_by_a_cent
from tests.flows.test_order_changes import choose, five, invoice, state


@pytest.fixture
def followed(pair: Pair) -> Pair:
    Cursor.objects.create(connection=pair.connection, feed=Cursor.SALES_ORDERS, due_at=timezone.now())
    return pair


def follow(pair: Pair, *, at: datetime | None = None) -> tuple[int, int, int]:
    """One look, and the work that it queued; answers found, queued, and Heartland's calls of the look."""
    now = at or timezone.now()
    Cursor.objects.filter(feed=Cursor.SALES_ORDERS).update(due_at=now)
    before = len(pair.heartland.get("/_sim/calls", log=1)["log"])
    seen = sales_orders_follow(connection=pair.connection, now=now)
    calls = len(pair.heartland.get("/_sim/calls", log=1)["log"]) - before
    assert isinstance(seen, SalesOrders)
    jobs = SyncJob.objects.filter(flow="orders", status=SyncJob.Status.PENDING, cause="heartland")
    assert jobs.count() == seen.queued
    for job in jobs:
        job_run(job_id=job.pk, now=now)
    return seen.found, seen.queued, calls


def test_quiet_costs_one_call_and_our_own_writes_are_no_news(followed: Pair) -> None:
    assert follow(followed) == (0, 0, 1)
    first, second, third = (followed.book() for _ in range(3))
    assert follow(followed) == (3, 0, 1)
    set_status(followed, first, 5)
    assert followed.run(first) == "done"
    five(followed, second)
    assert followed.run(second) == "hold"
    assert choose(followed, second, Record.Choice.STORE) == "done"
    assert follow(followed) == (3, 0, 1)
    late = timezone.now() + timedelta(minutes=30)
    followed.heartland.put("/_sim/clock", {"offset_seconds": 1800})
    assert follow(followed, at=late) == (3, 0, 1)
    assert state(followed, third) == ("booked", "")


def test_quiet_orders_cost_no_statement_each(followed: Pair) -> None:
    """Lists overlap by minutes: an order that was booked is named at every look until then."""
    follow(followed)

    def statements() -> Counter[str]:
        with CaptureQueriesContext(connection) as seen:
            assert follow(followed)[1] == 0
        return Counter(one["sql"].split()[0] for one in seen.captured_queries)

    first = followed.book()
    alone = statements()
    others = [followed.book() for _ in range(4)]
    assert statements() == alone
    moment = followed.record(first).target_seen_at
    assert moment
    assert follow(followed, at=moment + timedelta(seconds=50)) == (5, 0, 1)
    assert followed.record(first).target_seen_at == moment
    assert follow(followed, at=(later := moment + timedelta(seconds=90))) == (5, 0, 1)
    assert {followed.record(web_id).target_seen_at for web_id in (first, *others)} == {later}


@pytest.mark.parametrize("act", [reprice, add_line, other_customer, desk.cancel])
def test_what_the_desk_did_is_judged_within_a_poll(followed: Pair, act: object) -> None:
    web_id = followed.book()
    follow(followed)
    act(followed, followed.record(web_id).target_id)  # type: ignore[operator]
    assert follow(followed) == (1, 1, 1)
    code = "cancelled_in_heartland" if act is desk.cancel else "changed_in_heartland"
    assert state(followed, web_id) == ("held", code)
    assert follow(followed) == (1, 0, 1)  # judged once
    assert choose(followed, web_id, Record.Choice.HEARTLAND) == "done"
    assert follow(followed) == (1, 0, 1)


def test_goods_swapped_for_the_same_money_are_noticed(followed: Pair) -> None:
    web_id = followed.book()
    order_id = followed.record(web_id).target_id
    follow(followed)
    (row,) = followed.rows_of("order_lines", int(order_id))
    followed.heartland_client().order_line_update(order_id, str(row["id"]), adjusted_unit_price=0)
    followed.heartland_client().order_line_add(order_id, desk.line(followed, "LGT-LANT", 1, "69.90"))
    assert follow(followed)[1] == 1
    assert state(followed, web_id) == ("held", "changed_in_heartland")
    assert followed.record(web_id).difference == 0


def test_distribution_and_invoices_are_taken_over_without_another_call(followed: Pair) -> None:
    web_id = followed.book()
    follow(followed)
    assert not followed.record(web_id).is_distributed
    invoice(followed, web_id)
    assert follow(followed) == (1, 0, 1)
    record = followed.record(web_id)
    assert (record.is_distributed, record.facts["heartland"]["status"]) == (True, "closed")
    assert followed.run(web_id) == "done"
    assert state(followed, web_id) == ("booked", "")


def test_what_was_mended_at_the_desk_goes_on_by_itself(followed: Pair) -> None:
    web_id = followed.place()
    begun = off_by_a_cent(followed, web_id)
    assert followed.run_until_settled(web_id) == "hold"
    assert follow(followed) == (1, 0, 1)
    order = followed.heartland_client().order_read(begun)
    settled = timezone.now() + timedelta(seconds=200)
    followed.heartland_client().order_update(begun, shipping_charge=order["shipping_charge"] + desk.CENT)
    assert follow(followed, at=settled) == (1, 1, 1)
    assert state(followed, web_id) == ("booked", "")
    assert statuses(followed, web_id) == [("", "open")]


def test_an_order_of_ours_that_no_link_knows_is_found_by_its_mark(followed: Pair) -> None:
    web_id = followed.book()
    order_id = followed.record(web_id).target_id
    followed.forget(web_id)
    assert follow(followed)[1] == 1
    assert followed.record(web_id).target_id == order_id
    assert follow(followed)[1] == 0


def test_one_that_was_cancelled_in_the_store_meanwhile_is_cancelled_there(followed: Pair) -> None:
    web_id = followed.book()
    followed.forget(web_id)
    set_status(followed, web_id, 5)
    assert follow(followed)[1] == 1
    assert state(followed, web_id) == ("cancelled", "cancelled")
    assert statuses(followed, web_id) == [("", "canceled")]
    assert follow(followed)[1] == 0


def test_of_an_order_booked_before_its_state_was_kept_only_what_fell_is_news(followed: Pair) -> None:
    one, two = followed.book(), followed.book()
    for record in Record.objects.all():
        kept = {name: value for name, value in record.facts.items() if name not in {"judged", "booked_there"}}
        Record.objects.filter(pk=record.pk).update(facts=kept)
    assert follow(followed)[1] == 0
    desk.cancel(followed, followed.record(two).target_id)
    assert follow(followed)[1] == 1
    assert (state(followed, one)[0], state(followed, two)) == ("booked", ("held", "cancelled_in_heartland"))
    assert preview(followed, two)[0] == "conflict"


def test_every_running_connection_has_the_feed(followed: Pair) -> None:
    Cursor.objects.all().delete()
    sweep(now=timezone.now())
    feeds = Cursor.objects.filter(connection=Connection.objects.get()).values_list("feed", flat=True)
    assert Cursor.SALES_ORDERS in feeds
    assert Link.objects.filter(kind="order").count() == 0
