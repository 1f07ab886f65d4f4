"""Faults of apis/magento.md §22 and GUARANTEES.md §2, while orders and shipments go: nothing is lost or doubled."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from connections.connectors.magento import orders
from errors.models import SyncError
from syncjobs.intake.polls import Polled, poll_orders
from syncjobs.models import Cursor, Record, SyncJob
from tests.flows.magento.conftest import PLAIN, Pair, line

D = Decimal
ORDER, COMMENT, SHIP = r"/V1/orders/[0-9]+$", r"/V1/orders/[0-9]+/comments", r"/V1/order/[0-9]+/ship"
SAID_NO_WORD = ("maintenance", "throttled", "throttled_bare", "deadlock", "lock_wait", "report", "fatal", "cut")
WORK_DONE = ("truncated", "lost_answer")  # the shop did it; what it said of it came in part, or never


def play(pair: Pair, preset: str, **wish: Any) -> None:
    """A named fault, once unless `times` says otherwise."""
    pair.magento.post(f"/_sim/faults/presets/{preset}", {"times": 1, **wish})


def healed(pair: Pair) -> bool:
    """All that waited was worked, and nobody is asked for anything."""
    pair.settle(at=timedelta(hours=1))
    waiting = SyncJob.objects.filter(connection=pair.connection, status=SyncJob.Status.PENDING)
    return not waiting.exists() and not SyncError.objects.open().filter(connection=pair.connection).exists()


def look(pair: Pair, *, at: timedelta = timedelta()) -> Polled | None:
    """A poll that may fail; what it queues is not worked."""
    now = timezone.now() + at
    Cursor.objects.filter(feed=Cursor.ORDERS).update(due_at=now)
    return poll_orders(connection=pair.connection, now=now)


def numbers_told(pair: Pair, order_id: str) -> list[str]:
    return [row["comment"] for row in pair.order(order_id)["status_histories"] if row["comment"]]


@pytest.mark.parametrize("preset", [*SAID_NO_WORD, *WORK_DONE])
def test_an_order_that_cannot_be_read_waits_and_is_booked_once_by_itself(pair: Pair, preset: str) -> None:
    order_id = pair.place(line("DOG-LEAD", "20.00", 2))
    play(pair, preset, method="GET", path=ORDER, times=None)
    assert pair.run(order_id) == ("waiting" if preset.startswith("throttled") else "retry")
    assert not pair.sales_orders()
    pair.magento.delete("/_sim/faults")
    assert healed(pair)
    (there,) = pair.sales_orders()
    assert (there["status"], D(str(there["total"])), pair.paid(order_id)) == ("open", D(40), [D(40)])


@pytest.mark.parametrize("preset", [*SAID_NO_WORD, *WORK_DONE])
def test_a_number_that_could_not_be_told_is_told_once(pair: Pair, preset: str) -> None:
    order_id = pair.place(line("DOG-LEAD", "20.00", 2))
    play(pair, preset, method="POST", path=COMMENT)
    pair.run(order_id)
    assert healed(pair)
    (there,) = pair.sales_orders()
    assert numbers_told(pair, order_id) == [f"Heartland sales order: {there['public_id']}"]
    assert pair.paid(order_id) == [D(40)]


@pytest.mark.parametrize("preset", [*SAID_NO_WORD, *WORK_DONE])
def test_a_shipment_that_could_not_be_told_is_made_once(pair: Pair, preset: str) -> None:
    order_id = pair.book(line("DOG-LEAD", "20.00", 2))
    invoice = pair.invoice(order_id)
    play(pair, preset, method="POST", path=SHIP)
    pair.follow_invoices()
    assert healed(pair)
    (shipment,) = pair.shipments(order_id)
    assert list(pair.shipped(shipment).values()) == [D(2)]
    assert pair.record(invoice, "shipments").disposition == Record.Disposition.BOOKED
    assert pair.order(order_id)["state"] == "complete"


def test_maintenance_leaves_the_feed_where_it_was(pair: Pair) -> None:
    """A shop's page of maintenance, for three polls: afterwards each order is heard of once."""
    pair.poll()
    ids = [pair.place(line("DOG-LEAD", "20.00")) for _ in range(3)]
    play(pair, "maintenance", times=None)
    before = Cursor.objects.get(feed=Cursor.ORDERS).position
    for minutes in (1, 2, 3):
        assert look(pair, at=timedelta(minutes=minutes)) is None
    assert Cursor.objects.get(feed=Cursor.ORDERS).position == before
    pair.magento.delete("/_sim/faults")
    polled = look(pair, at=timedelta(hours=1))
    assert polled is not None
    assert polled.queued == 3
    assert healed(pair)
    assert [pair.record(one).disposition for one in ids] == ["booked"] * 3
    assert len(pair.sales_orders()) == 3


def test_five_hundred_orders_of_one_moment_are_each_heard_of_once(pair: Pair) -> None:
    pair.poll()
    ids = pair.magento.post("/_sim/orders", {**PLAIN, "lines": [line("DOG-LEAD", "20.00")], "count": 500})["ids"]
    assert len(ids) == 500
    pair.magento.post("/_sim/equal-times", {"table": "orders", "count": 500})
    polled = look(pair)
    assert polled is not None
    assert (polled.found, polled.queued) == (500, 500)
    queued = SyncJob.objects.filter(connection=pair.connection, flow="orders", status=SyncJob.Status.PENDING)
    assert sorted(queued.values_list("external_id", flat=True)) == sorted(map(str, ids))
    assert look(pair) is not None
    assert queued.count() == 500


def test_pages_that_move_while_they_are_read_hide_no_order(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "ORDERS_PER_PAGE", 3)
    pair.poll()
    ids = pair.magento.post("/_sim/orders", {**PLAIN, "lines": [line("DOG-LEAD", "20.00")], "count": 10})["ids"]
    pair.switch(page_drift=1)
    assert look(pair) is not None
    pair.switch(page_drift=0)
    queued = SyncJob.objects.filter(connection=pair.connection, flow="orders", status=SyncJob.Status.PENDING)
    assert sorted(queued.values_list("external_id", flat=True)) == sorted(map(str, ids))


def test_an_order_whose_commit_came_late_is_found_by_the_overlap(pair: Pair) -> None:
    """It is dated before another that was heard of long since."""
    pair.switch(late_commit=300)
    late = pair.place(line("DOG-LEAD", "20.00"))
    pair.switch(late_commit=0)
    early = pair.place(line("DOG-LEAD", "20.00"))
    pair.poll()
    assert not Record.objects.filter(external_id=late).exists()
    assert pair.record(early).disposition == "booked"
    pair.magento.post("/_sim/clock/advance", {"seconds": 300})
    pair.poll()
    assert pair.record(late).disposition == "booked"
    assert len(pair.sales_orders()) == 2


def test_a_shop_that_takes_twenty_rows_loses_no_order(pair: Pair) -> None:
    pair.poll()
    ids = pair.magento.post("/_sim/orders", {**PLAIN, "lines": [line("DOG-LEAD", "20.00")], "count": 45})["ids"]
    pair.switch(input_limiting=True, array_max=20)
    polled = look(pair)
    assert polled is not None, Cursor.objects.get(feed=Cursor.ORDERS).failure
    assert (polled.found, polled.queued) == (45, len(ids))


def test_a_database_that_was_put_back_doubles_nothing_and_takes_no_order_for_another(pair: Pair) -> None:
    """The shop forgets the last order, and gives its id to another shopper's."""
    kept = pair.book(line("DOG-LEAD", "20.00"))
    pair.magento.post("/_sim/snapshot", {})
    lost = pair.book(line("DOG-LEAD", "30.00"))
    pair.magento.post("/_sim/restore", {})
    pair.magento.post("/_sim/clock/advance", {"seconds": 60})
    again = pair.place(line("DOG-LEAD", "70.00"))
    assert again == lost
    pair.poll()
    pair.run(kept)
    pair.run(again)
    assert (pair.record(kept).disposition, pair.record(kept).code) == ("booked", "")
    assert (pair.record(again).disposition, pair.record(again).code) == ("held", "id_given_again")
    totals = [D(str(row["total"])) for row in pair.living()]
    assert totals == [D(20), D(30)]


def test_of_a_burst_only_orders_whose_answer_was_lost_wait_until_a_write_must_show(pair: Pair) -> None:
    """One look hears of all of them; whoever waits longer waits for `SETTLE_SECONDS`, and not for the next look."""
    ids = [pair.place(line("DOG-LEAD", "20.00")) for _ in range(8)]
    lost = {"method": "POST", "path": "/api/sales/orders$", "times": 2, "after": True, "lose": True}
    pair.heartland.post("/_sim/faults", lost)
    assert pair.poll().queued == 8
    known = dict(Record.objects.filter(flow="orders").values_list("external_id", "disposition"))
    assert sorted(known) == sorted(ids)
    assert Counter(known.values()) == {"booked": 6, "retrying": 2}
    for seconds, booked in ((50, 6), (70, 8)):
        pair.settle(at=timedelta(seconds=seconds))
        assert Record.objects.filter(flow="orders", disposition="booked").count() == booked
    assert len(pair.sales_orders()) == 8
