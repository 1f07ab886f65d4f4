"""Orders that wait together are searched for in one call, and none is doubled for that."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from syncjobs.engine import job_enqueue
from syncjobs.engine.lanes import _abandon
from syncjobs.engine.leases import me
from syncjobs.flows import ahead
from syncjobs.flows.orders.find_sales_order import remember
from syncjobs.flows.orders.order_context import OrderContext
from syncjobs.models import Lane, Record, SyncJob
from tests.flows.burst import are_booked_once, enqueue, meanwhile, unhurried, work
from tests.flows.conftest import Pair

pytestmark = pytest.mark.django_db
SEARCH = "GET /sales/orders"
LATER = timedelta(seconds=90)  # what was written had time to show


class Died(BaseException):
    """As kill -9: nobody catches it."""


@pytest.fixture(autouse=True)
def known_buyer(monkeypatch: pytest.MonkeyPatch, pair: Pair) -> None:
    unhurried(monkeypatch)
    pair.book()


def searches(pair: Pair, web_id: str) -> int:
    """Before the sales order is made, or gone on with: how often was asked for it by its number in the last try."""
    calls = pair.calls(web_id)
    end = next((at for at, call in enumerate(calls) if call.startswith(("POST", "PUT"))), len(calls))
    return calls[:end].count(SEARCH)


def test_thirty_orders_that_wait_are_searched_for_in_two_calls(pair: Pair) -> None:
    """More numbers would not fit into one address."""
    web_ids = [pair.place() for _ in range(30)]
    enqueue(pair, web_ids)
    work(pair)
    assert are_booked_once(pair, web_ids)
    assert Counter(searches(pair, web_id) for web_id in web_ids) == {0: 28, 1: 2}
    decisions = " ".join(step["decision"] for step in pair.attempt(web_ids[1]).steps)
    assert f"Heartland held nothing as BC-{web_ids[1]} when it was asked for several orders at once." in decisions


def test_what_is_not_fresh_is_asked_again(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "FRESH_SECONDS", -1.0)
    web_ids = [pair.place() for _ in range(3)]
    enqueue(pair, web_ids)
    work(pair)
    assert are_booked_once(pair, web_ids)
    assert [searches(pair, web_id) for web_id in web_ids] == [1, 1, 1]


def test_a_lost_answer_is_looked_for_by_its_order_itself(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when what was seen before says that there is nothing; so do those below."""
    web_ids = [pair.place() for _ in range(3)]
    enqueue(pair, web_ids)
    pair.lose(pair.heartland, "POST", "^/api/sales/orders$", skip=1)
    work(pair)
    assert [pair.record(web_id).disposition for web_id in web_ids] == ["booked", "retrying", "booked"]
    assert len(pair.sales_orders(web_ids[1])) == 1
    new = [pair.place() for _ in range(2)]
    enqueue(pair, new)
    monkeypatch.setattr(ahead.Ahead, "are_absent", lambda *_: True)
    work(pair, LATER)
    assert are_booked_once(pair, [*web_ids, *new])
    assert searches(pair, web_ids[1]) >= 1


def test_who_died_after_the_create_is_looked_for_by_its_order_itself(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    web_ids = [pair.place() for _ in range(3)]
    enqueue(pair, web_ids)

    def dies(context: OrderContext, order_id: str, number: str) -> None:
        if context.external_id == web_ids[1]:
            raise Died
        remember(context, order_id, number)

    with monkeypatch.context() as patched:
        patched.setattr("syncjobs.flows.orders.delivering.remember", dies)
        with pytest.raises(Died):
            work(pair)
    assert len(pair.sales_orders(web_ids[1])) == 1
    assert Lane.objects.get(service_class="now").lease_owner == me()
    assert _abandon(Lane.objects.get(service_class="now").pk, timezone.now(), is_death=True)
    monkeypatch.setattr(ahead.Ahead, "are_absent", lambda *_: True)
    work(pair, LATER)
    assert are_booked_once(pair, web_ids)
    assert searches(pair, web_ids[1]) >= 1


def test_who_died_and_cannot_say_what_it_did_searches_itself(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead.Ahead, "are_absent", lambda *_: True)
    first, second = pair.place(), pair.place()
    enqueue(pair, [first])
    pair.interrupt(second, timezone.now(), is_death=True, comes_a_hint_meanwhile=True)
    work(pair, LATER)
    assert are_booked_once(pair, [first, second])
    assert [searches(pair, web_id) for web_id in (first, second)] == [0, 1]


def test_a_number_that_is_taken_is_looked_at_by_its_order_itself(pair: Pair) -> None:
    first, second, third = (pair.place() for _ in range(3))
    pair.run(second)
    pair.forget(second)  # as after restoring an old backup
    SyncJob.objects.filter(external_id=second).delete()
    enqueue(pair, [first, second, third])
    work(pair)
    assert are_booked_once(pair, [first, second, third])
    assert [searches(pair, web_id) for web_id in (first, second, third)] == [1, 1, 0]


def test_what_heartlands_feed_told_of_is_looked_for(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead.Ahead, "are_absent", lambda *_: True)
    first, second = pair.place(), pair.place()
    enqueue(pair, [first])
    job_enqueue(connection=pair.connection, flow="orders", external_id=second, cause="heartland", now=timezone.now())
    work(pair)
    assert searches(pair, second) == 2  # whether it is ours, and what number is free


def test_a_number_that_a_person_takes_meanwhile_is_looked_at_and_the_next_one_taken(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = pair.place(), pair.place()
    enqueue(pair, [first, second])
    client = pair.heartland_client()

    def taken_by_hand() -> None:
        like = client.order_read(pair.sales_orders(first)[0]["id"])
        fields = ("customer_id", "source_location_id", "station_id", "billing_address_id", "shipping_address_id")
        client.order_create({name: like[name] for name in fields} | {"public_id": f"BC-{second}"})

    meanwhile(monkeypatch, taken_by_hand)
    work(pair)
    assert pair.record(second).reason == "Its number was taken in Heartland meanwhile; looking again."
    work(pair, LATER)
    assert pair.record(second).disposition == Record.Disposition.BOOKED
    assert pair.record(second).target_label == f"BC-{second}-2"
    by_hand, ours = sorted(pair.sales_orders(second), key=lambda row: row["id"])
    assert (by_hand["status"], by_hand["public_id"], ours["status"]) == ("pending", f"BC-{second}", "open")
