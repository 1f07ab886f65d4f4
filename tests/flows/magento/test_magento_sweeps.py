"""What moves no clock of Magento's, and what its clock hides: found by the hour."""

from datetime import timedelta
from decimal import Decimal

from django.test import Client
from django.utils import timezone

from errors.models import SyncError
from syncjobs.engine.enqueueing import job_enqueue
from syncjobs.engine.running import job_run
from syncjobs.engine.sweeping import polls_start
from syncjobs.intake.order_sweeps import orders_sweep
from syncjobs.models import Cursor, Record
from tests import factories
from tests.flows.magento.conftest import BUYER, Pair, line

D = Decimal


def sweep(pair: Pair) -> int | None:
    """Look through the orders, and work what that queued."""
    now = timezone.now()
    polls_start(now)
    Cursor.objects.filter(feed=Cursor.ORDER_SWEEP).update(due_at=now)
    found = orders_sweep(connection=pair.connection, now=now)
    pair.settle()
    return found


def test_an_address_that_staff_edit_is_heard_of_by_the_hour(pair: Pair) -> None:
    order_id = pair.book(line("DOG-LEAD", "20.00", 2))
    for _ in range(2):  # its mail is sent meanwhile, and it leaves what the polls overlap by
        pair.magento.post("/_sim/clock/advance", {"seconds": 3600})
        pair.place(line("DOG-LEAD", "20.00"))
        assert pair.poll().queued == 1
    assert sweep(pair) == 0
    pair.act(order_id, "address", ship_to=BUYER | {"street_1": "9 Far Rd"})
    assert pair.poll().queued == 0
    assert sweep(pair) == 1
    record = pair.record(order_id)
    assert (record.disposition, record.code) == ("held", "changed_after_booking")


def test_an_order_whose_time_is_odd_is_found_by_its_id(pair: Pair) -> None:
    pair.book(line("DOG-LEAD", "20.00"))
    assert sweep(pair) == 0
    hidden = pair.place(line("DOG-LEAD", "20.00"))
    pair.shop.app.service.state.orders.update(int(hidden), updated_at="2001-01-01 00:00:00")
    pair.poll()
    assert not Record.objects.filter(external_id=hidden).exists()
    assert sweep(pair) == 1
    assert pair.record(hidden).disposition == "booked"


def test_orders_from_before_the_history_are_not_taken_up_by_it(pair: Pair) -> None:
    old = pair.place(line("DOG-LEAD", "20.00"), days_ago=30)
    assert sweep(pair) == 0
    assert not Record.objects.filter(external_id=old).exists()


def test_a_database_that_was_put_back_is_said_until_a_person_has_it_go_on(pair: Pair) -> None:
    first = pair.book(line("DOG-LEAD", "20.00"))
    pair.magento.post("/_sim/snapshot", {})
    lost = [pair.book(line("DOG-LEAD", "20.00")) for _ in range(2)]
    assert sweep(pair) == 0
    pair.magento.post("/_sim/restore", {})
    for _ in range(2):
        assert sweep(pair) is None
        problem = SyncError.objects.open().get(flow="feeds", external_id=Cursor.ORDER_SWEEP)
        assert f"newest order has the id {first}, and before it had {lost[-1]}" in problem.reason
        assert Cursor.objects.get(feed=Cursor.ORDER_SWEEP).position == lost[-1]
    client = Client()
    client.force_login(factories.member(pair.connection.merchant))
    drawn = client.get(f"/stores/{pair.connection.public_id}/errors/").content.decode()
    assert "then retry: the look goes on from what the store holds now" in drawn
    job = job_enqueue(
        connection=pair.connection, flow="feeds", external_id=Cursor.ORDER_SWEEP, cause="retry", now=timezone.now()
    )
    assert job_run(job_id=job.pk, now=timezone.now()) == "done"
    assert sweep(pair) == 0
    assert Cursor.objects.get(feed=Cursor.ORDER_SWEEP).position == first
    assert not SyncError.objects.open().filter(flow="feeds").exists()
    assert [pair.record(one).disposition for one in (first, *lost)] == ["booked"] * 3  # nothing was undone by itself


def test_asking_again_for_a_look_that_stands_still_for_another_reason_forgets_nothing(pair: Pair) -> None:
    order_id = pair.book(line("DOG-LEAD", "20.00"))
    assert sweep(pair) == 0
    Cursor.objects.filter(feed=Cursor.ORDER_SWEEP).update(failure="Magento answered 500.")
    now = timezone.now()
    job = job_enqueue(connection=pair.connection, flow="feeds", external_id=Cursor.ORDER_SWEEP, cause="retry", now=now)
    assert job_run(job_id=job.pk, now=now) == "done"
    assert Cursor.objects.get(feed=Cursor.ORDER_SWEEP).position == order_id


def test_another_order_under_the_id_of_a_booked_one_is_not_taken_for_it(pair: Pair) -> None:
    order_id = pair.book(line("DOG-LEAD", "20.00"))
    later = (timezone.now() + timedelta(hours=5)).strftime("%Y-%m-%d %H:%M:%S")
    pair.magento.put(f"/_sim/orders/{order_id}/columns", {"order": {"created_at": later}})
    for _ in range(2):
        pair.run(order_id)
        assert (pair.record(order_id).disposition, pair.record(order_id).code) == ("held", "id_given_again")
    (there,) = pair.sales_orders()
    assert (there["status"], D(str(there["total"]))) == ("open", D(20))
