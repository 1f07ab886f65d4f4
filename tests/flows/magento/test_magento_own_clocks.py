"""Shipments, credit memos and invoices are heard of by their own clocks, where their order's stands still (§20.1)."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from errors.models import SyncError
from syncjobs.catalogue.follow_catalogues import catalogue_follow, followed_from
from syncjobs.engine.sweeping import polls_start
from syncjobs.intake.follow_order_parts import FEEDS, Parts, parts_follow
from syncjobs.intake.order_sweeps import orders_sweep
from syncjobs.intake.polls import poll_orders
from syncjobs.models import Cursor, SyncJob
from tests.flows.magento.conftest import Pair, bare, line
from tests.flows.magento.test_magento_access import all_rights, rights
from tests.stock.test_idle import GOAL, OF_HEARTLAND

SHIPMENTS, REFUNDS, INVOICES = FEEDS
ROUTES = {SHIPMENTS: "/shipments", REFUNDS: "/creditmemos", INVOICES: "/invoices"}
ACTS = {SHIPMENTS: "ship", REFUNDS: "refund", INVOICES: "invoice"}
RIGHTS = {
    SHIPMENTS: "Magento_Sales::shipment",
    REFUNDS: "Magento_Sales::sales_creditmemo",
    INVOICES: "Magento_Sales::sales_invoice",
}


def look(pair: Pair, feed: str) -> Parts | None:
    """One look at a feed that is due, and what it queued worked."""
    now = timezone.now()
    polls_start(now)
    Cursor.objects.filter(feed=feed).update(due_at=now)
    parts = parts_follow(connection=pair.connection, feed=feed, now=now)
    pair.settle()
    return parts


def calls(pair: Pair) -> Counter[str]:
    """What Magento was asked since the last time."""
    counts: dict[str, int] = pair.magento.get("/_sim/calls")["counts"]
    pair.magento.delete("/_sim/calls")
    return Counter({bare(call.split()[1]): count for call, count in counts.items()})


def idle_calls(pair: Pair, feed: str, look_once: Callable[[datetime], object]) -> Counter[str]:
    """What an hour of looks at a feed asks, in which nothing was new for two days."""
    begins = timezone.now()
    ends, now = begins + timedelta(hours=1), begins
    Cursor.objects.filter(feed=feed).update(due_at=begins, news_at=begins - timedelta(days=2))
    calls(pair)
    while now < ends:
        assert look_once(now) is not None
        now = Cursor.objects.get(feed=feed).due_at
    return calls(pair)


def hour(pair: Pair) -> None:
    """An hour in which another order is heard of: what changed before is in no list of changes any more."""
    pair.magento.post("/_sim/clock/advance", {"seconds": 3600})
    pair.place(line("DOG-LEAD", "20.00"), payment="authorized")
    assert pair.poll().queued == 1


def unheard(pair: Pair, feed: str) -> str:
    """An order that got a shipment, memo or invoice while its own clock stood still; answers its id."""
    order_id = pair.book(line("DOG-LEAD", "20.00", 3), payment="authorized" if feed == INVOICES else "card")
    clock = pair.order(order_id)["updated_at"]
    hour(pair)
    pair.magento.post("/_sim/clock/advance", {"seconds": 60})
    pair.act(order_id, ACTS[feed], lines=[{"line": 0, "quantity": 1}])
    pair.shop.app.service.state.orders.update(int(order_id), updated_at=clock)
    assert pair.poll().queued == 0
    return order_id


@pytest.mark.parametrize("feed", FEEDS)
def test_what_hangs_on_an_order_whose_clock_stood_still_is_heard_of_once(pair: Pair, feed: str) -> None:
    order_id = unheard(pair, feed)
    before = SyncJob.objects.filter(external_id=order_id).count()
    calls(pair)
    assert look(pair, feed) == Parts(found=1, queued=1)
    assert calls(pair)[ROUTES[feed]] >= 1
    assert SyncJob.objects.filter(external_id=order_id).count() == before + 1
    assert look(pair, feed) == Parts(found=1, queued=0)  # once more by the overlap, as it is known
    assert calls(pair) == {ROUTES[feed]: 1, "/orders": 1}
    hour(pair)
    assert look(pair, feed) == Parts(found=1, queued=0)  # the cursor is the latest that it told


def test_each_kind_has_a_cursor_of_its_own_that_moves_by_itself(pair: Pair) -> None:
    def stands() -> list[str]:
        for feed in (SHIPMENTS, REFUNDS):
            look(pair, feed)
        return [Cursor.objects.get(feed=feed).position for feed in (SHIPMENTS, REFUNDS)]

    order_id = pair.book(line("DOG-LEAD", "20.00", 3))
    hour(pair)
    orders = Cursor.objects.get(feed=Cursor.ORDERS).position
    assert stands() == [orders, orders]  # up to there all was read
    pair.magento.post("/_sim/clock/advance", {"seconds": 60})
    pair.act(order_id, "ship")
    shipped, refunded = stands()
    assert (shipped > orders, refunded == orders) == (True, True)


@pytest.mark.parametrize("feed", FEEDS)
def test_a_right_that_may_be_withheld_is_asked_for_quietly_and_others_are_told(pair: Pair, feed: str) -> None:
    order_id = unheard(pair, feed)
    rights(pair, sorted(all_rights() - {RIGHTS[feed]}))
    found = look(pair, feed)
    problems = list(SyncError.objects.open().filter(flow="feeds").values_list("external_id", flat=True))
    assert (found, problems) == ((None, [feed]) if feed == SHIPMENTS else (Parts(found=0, queued=0), []))
    rights(pair, sorted(all_rights()))
    assert look(pair, feed) == Parts(found=1, queued=1)  # nothing was passed over meanwhile
    assert SyncJob.objects.filter(external_id=order_id, cause="poll").exists()
    assert not SyncError.objects.open().filter(flow="feeds").exists()


def test_a_quiet_website_beside_a_busy_one_reads_no_growing_list(pair: Pair) -> None:
    """Both cursors pass what is of another website, which is none of ours."""
    elsewhere = pair.place(line("DOG-LEAD", "20.00"), view="europe")
    pair.act(elsewhere, "ship")
    pair.poll()
    look(pair, SHIPMENTS)
    there = pair.order(elsewhere)["updated_at"].replace(" ", "T") + "+00:00"
    assert set(Cursor.objects.filter(feed__in=[Cursor.ORDERS, SHIPMENTS]).values_list("position", flat=True)) == {there}
    assert not SyncJob.objects.filter(external_id=elsewhere).exists()


def test_an_idle_store_is_asked_seldom(pair: Pair) -> None:
    """Heartland's part is any store's (`tests/stock/test_idle.py`)."""
    connection = pair.connection
    order_id = pair.book(line("DOG-LEAD", "20.00"))
    pair.magento.post("/_sim/clock/advance", {"seconds": 48 * 3600})
    followed_from(connection, timezone.now())
    polls_start(timezone.now())
    pair.poll()
    orders = idle_calls(pair, Cursor.ORDERS, lambda now: poll_orders(connection=connection, now=now))
    assert orders == {"/orders": 30}
    Cursor.objects.filter(feed=Cursor.ORDER_SWEEP).update(position=pair.record(order_id).external_id)
    sweep = idle_calls(pair, Cursor.ORDER_SWEEP, lambda now: orders_sweep(connection=connection, now=now))
    assert sweep == {"/orders": 3}  # the newest, those behind it, and open ones
    products = idle_calls(
        pair, Cursor.PRODUCTS, lambda now: catalogue_follow(connection=connection, feed=Cursor.PRODUCTS, now=now)
    )
    assert products == {"/products": 12}
    parts = Counter[str]()
    for feed in FEEDS:
        parts += idle_calls(pair, feed, lambda now: parts_follow(connection=connection, feed=feed, now=now))  # noqa: B023
    assert parts == {"/shipments": 4, "/creditmemos": 2, "/invoices": 2}
    assert (orders + sweep + products + parts).total() + OF_HEARTLAND <= GOAL
