"""Permits are shared through one row, refilled and taken in one statement."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.utils import timezone
from django_q.models import OrmQ

from connections.call_limits import Window
from connections.models import Connection
from errors.failures import Throttled
from ipaas.types import Call, System
from syncjobs.engine import budgets
from syncjobs.engine.budgets import Share, budgets_follow_settings, share_of
from syncjobs.models import Lane, RateBudget, ServiceClass
from syncjobs.stores.bigcommerce.limits import window_of
from tests.engine.conftest import call

pytestmark = pytest.mark.django_db
HEADERS = {
    "x-rate-limit-requests-quota": "150",
    "x-rate-limit-requests-left": "35",
    "x-rate-limit-time-window-ms": "30000",
    "x-rate-limit-time-reset-ms": "15000",
}


def heartland(service_class: ServiceClass = ServiceClass.NOW, **fields: object) -> Share:
    known: dict[str, object] = {"system": System.HEARTLAND, "tenant": "https://h/api", "service_class": service_class}
    return Share(**(known | fields))  # type: ignore[arg-type]


def store(service_class: ServiceClass = ServiceClass.NOW) -> Share:
    return Share(System.BIGCOMMERCE, "a1b2", service_class)


def answer(**headers: str) -> Call:
    """An answer of the store with these headers."""
    return replace(call(System.BIGCOMMERCE), headers=headers)


def row() -> RateBudget:
    return RateBudget.objects.get()


def test_a_tenant_starts_with_its_capacity_and_loses_what_is_taken(settings: Any) -> None:
    settings.HEARTLAND_CALLS_PER_SECOND = 5.0
    share = heartland()
    assert share.reserve(6) == 0
    assert (share.held, row().capacity, row().refill_per_second) == (6, 20, 5)
    assert 14 <= row().permits < 15


def test_permits_refill_with_time_and_never_beyond_capacity(settings: Any) -> None:
    settings.HEARTLAND_CALLS_PER_SECOND = 5.0
    heartland().reserve(20)
    RateBudget.objects.update(refilled_at=Now() - timedelta(seconds=2.1), permits=0)
    share = heartland()
    assert share.reserve(10) == 0
    assert row().permits < 2
    RateBudget.objects.update(refilled_at=Now() - timedelta(seconds=2000))
    heartland().reserve(1)
    assert row().permits == pytest.approx(19)


def test_a_refused_reserve_takes_nothing_and_says_when(settings: Any) -> None:
    settings.HEARTLAND_CALLS_PER_SECOND = 5.0
    heartland().reserve(18)
    share = heartland()
    wait = share.reserve(7)
    assert 0.8 < wait <= 1.0
    assert share.held == 0
    assert 2 <= row().permits < 3


def test_bulk_work_leaves_a_reserve_for_orders(settings: Any) -> None:
    settings.HEARTLAND_CALLS_PER_SECOND = 0.001
    assert heartland(ServiceClass.BULK).reserve(15) == 0
    assert heartland(ServiceClass.BULK).reserve(1) > 0
    assert heartland().reserve(5) == 0
    assert heartland().reserve(1) > 0


def test_one_run_at_a_time_writes_to_a_tenant() -> None:
    mine, other = heartland(is_serial=True), heartland(is_serial=True)
    assert mine.reserve(1) == 0
    RateBudget.objects.update(writer="somebody else")
    assert 0 < other.reserve(1) < 1
    mine.give_back()
    assert row().writer == "somebody else"  # only the holder's own lease is given back
    RateBudget.objects.update(writer="somebody else", writer_until=Now() - timedelta(seconds=1))
    assert other.reserve(1) == 0
    other.give_back()
    assert (row().writer, row().writer_until) == ("", None)
    reader = heartland()
    RateBudget.objects.update(writer="somebody else", writer_until=Now() + timedelta(seconds=9))
    assert reader.reserve(1) == 0


def as_process(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr("syncjobs.engine.budgets.me", lambda: name)


def test_a_lane_that_queued_up_has_the_next_turn_and_is_woken(
    pair: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = Lane.objects.create(connection=pair, service_class="now", token_queued_at="2999-01-01T00:00:00Z")
    mine = heartland(is_serial=True, lane_id=waiting.pk + 1)
    other = heartland(is_serial=True, lane_id=waiting.pk)
    as_process(monkeypatch, "mine")
    assert mine.reserve(1) == 0
    as_process(monkeypatch, "other")
    assert other.reserve(1) > 0
    as_process(monkeypatch, "mine")
    mine.spend()
    mine.spend()  # the run that has the turn takes more permits undisturbed
    mine.give_back()
    assert OrmQ.objects.count() == 1  # the waiting lane rings at once
    assert mine.reserve(1) > 0  # it is the other's turn
    as_process(monkeypatch, "other")
    assert other.reserve(1) == 0
    assert row().next_lane is None


def test_a_person_before_a_page_has_the_next_turn_among_lanes_that_wait(
    pair: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many lanes are at work: one click waits for the one that writes, not for all of them."""
    monkeypatch.setattr("syncjobs.engine.budgets.LONGEST_PACE_SECONDS", 0.1)
    tenant = pair.heartland.base_url
    lanes = [replace(heartland(is_serial=True, lane_id=number), tenant=tenant) for number in (1, 2)]
    as_process(monkeypatch, "lane")
    assert lanes[0].reserve(1) == 0
    as_process(monkeypatch, "page")
    click = share_of(pair, System.HEARTLAND, ServiceClass.NOW)
    with pytest.raises(Throttled):
        click.spend()
    as_process(monkeypatch, "lane")
    lanes[0].give_back()
    assert lanes[1].reserve(1) > 0
    again = share_of(pair, System.HEARTLAND, ServiceClass.NOW)  # the same person's next click
    as_process(monkeypatch, "page")
    again.spend()
    again.give_back()
    as_process(monkeypatch, "lane")
    assert lanes[1].reserve(1) == 0


def test_orders_go_before_bulk_work_and_a_turn_nobody_takes_lapses(monkeypatch: pytest.MonkeyPatch) -> None:
    holder, order = heartland(is_serial=True, lane_id=1), heartland(is_serial=True, lane_id=2)
    bulk, late = heartland(ServiceClass.BULK, is_serial=True, lane_id=3), heartland(is_serial=True, lane_id=4)
    as_process(monkeypatch, "holder")
    holder.reserve(1)
    as_process(monkeypatch, "bulk")
    assert bulk.reserve(1) > 0
    as_process(monkeypatch, "order")
    assert order.reserve(1) > 0
    assert (row().next_lane, row().next_rank) == (2, 0)
    as_process(monkeypatch, "late")
    assert late.reserve(1) > 0
    assert row().next_lane == 2  # first come
    as_process(monkeypatch, "holder")
    holder.give_back()
    as_process(monkeypatch, "bulk")
    assert bulk.reserve(1) > 0
    RateBudget.objects.update(next_until=Now() - timedelta(seconds=1))
    assert bulk.reserve(1) == 0


def test_unused_permits_are_given_back(settings: Any) -> None:
    settings.HEARTLAND_CALLS_PER_SECOND = 0.001
    share = heartland()
    share.reserve(6)
    share.spend()
    share.give_back()
    assert row().permits == pytest.approx(19, abs=0.1)


def test_a_lane_that_runs_many_takes_a_seconds_worth_at_once(settings: Any, django_assert_num_queries: Any) -> None:
    settings.HEARTLAND_CALLS_PER_SECOND = 60
    share = heartland()
    assert share.reserve(6) == 0
    share.held = 0
    assert share.reserve(6) == 0
    assert share.held == 60
    with django_assert_num_queries(0):
        assert share.reserve(6) == 0
    share.give_back()
    assert row().permits == pytest.approx(240 - 6, abs=1.5)


def test_what_others_need_is_not_taken_ahead(settings: Any) -> None:
    settings.HEARTLAND_CALLS_PER_SECOND = 0.001
    share = heartland(ServiceClass.BULK)
    assert share.reserve(6) == 0
    share.held, share.per_second = 0, 60.0
    assert share.reserve(6) == 0  # of 20 permits five are kept for orders
    assert share.held == 6


def test_a_run_that_needs_more_takes_small_blocks(settings: Any, django_assert_num_queries: Any) -> None:
    settings.HEARTLAND_CALLS_PER_SECOND = 0.001
    share = heartland()
    share.reserve(2)
    with django_assert_num_queries(2):  # four calls more, two blocks
        for _ in range(6):
            share.spend()
    assert (share.held, round(row().permits)) == (0, 14)


def test_a_long_wait_belongs_to_the_ledger(settings: Any) -> None:
    settings.HEARTLAND_CALLS_PER_SECOND = 0.1
    share = heartland()
    share.reserve(20)
    share.held = 0
    with pytest.raises(Throttled) as refused:
        share.spend()
    assert 15 < (refused.value.retry_after or 0) <= 20


def test_a_short_wait_is_waited_out(settings: Any) -> None:
    settings.HEARTLAND_CALLS_PER_SECOND = 20.0
    share = heartland()
    share.reserve(80)
    share.held = 0
    share.spend()
    assert share.held == 1


def test_a_429_blocks_the_tenant_for_everybody() -> None:
    share = heartland()
    share.reserve(3)
    share.heard(call(status=429, retry_after="7"))
    assert share.held == 0
    assert 6 < heartland().reserve(1) <= 7
    RateBudget.objects.update(blocked_until=Now() - timedelta(seconds=1), permits=9)
    assert heartland().reserve(1) == 0


def test_a_wait_that_names_no_window_is_over_when_it_says() -> None:
    """A host of Magento asks for a second: calls of the half minute before it are held against nobody then."""
    share = Share(System.MAGENTO, "m1", ServiceClass.NOW)
    share.reserve(3)
    share.heard(call(System.MAGENTO, status=429, retry_after="1"))
    assert 0 < Share(System.MAGENTO, "m1", ServiceClass.NOW).reserve(1) <= 1
    RateBudget.objects.update(blocked_until=Now() - timedelta(seconds=0.1))
    assert Share(System.MAGENTO, "m1", ServiceClass.NOW).reserve(3) == 0


def test_the_longest_of_all_named_waits_counts() -> None:
    both = {"x-retry-after": "3", "x-rate-limit-time-reset-ms": "15000"}
    assert budgets.told_seconds(System.BIGCOMMERCE, both) == 15
    assert budgets.told_seconds(System.HEARTLAND, both) == 3  # which knows no such window
    for odd in ("Wed, 21 Oct", "²"):
        odd_headers = {"retry-after": odd, "x-rate-limit-time-reset-ms": odd}
        assert budgets.told_seconds(System.BIGCOMMERCE, odd_headers) is None


def test_one_429_without_a_word_costs_a_moment_and_many_in_a_row_a_minute() -> None:
    waits = [budgets.untold_seconds(System.HEARTLAND, number) for number in (1, 2, 5, 9, 99)]
    assert waits == [0.2, 0.4, 3.2, 51.2, 60]
    assert [budgets.untold_seconds(System.BIGCOMMERCE, number) for number in (1, 2, 6, 7)] == [1, 2, 32, 60]
    share = heartland()
    for _ in range(3):
        share.reserve(1)
        share.heard(call(status=429))
        RateBudget.objects.update(blocked_until=None, permits=9)
    assert row().untold_throttles == 3
    share.reserve(1)
    share.heard(call())
    assert row().untold_throttles == 0


def test_the_stores_headers_correct_our_count() -> None:
    share = store()
    assert share.reserve(2) == 0
    share.heard(answer(**HEADERS))
    share.give_back()
    corrected = RateBudget.objects.annotate(clock=Now()).get()
    assert (corrected.quota, corrected.capacity, corrected.permits) == (150, 150, 35)
    assert corrected.reset_at
    assert 14 < (corrected.reset_at - corrected.clock).total_seconds() <= 15


def test_agreeing_headers_cost_no_write(django_assert_num_queries: Any) -> None:
    store().reserve(1)
    RateBudget.objects.update(quota=150)
    share = store()
    share.reserve(1)
    share.spend()
    agreeing = HEADERS | {"x-rate-limit-requests-left": "147", "x-rate-limit-time-reset-ms": "29900"}
    share.heard(answer(**agreeing))
    with django_assert_num_queries(0):
        share.give_back()


def test_the_lower_of_both_counts_is_believed_within_a_window() -> None:
    store().reserve(100)
    share = store()
    share.reserve(10)
    share.heard(answer(**HEADERS | {"x-rate-limit-time-reset-ms": "29900"}))
    share.give_back()
    assert row().permits == 35
    share.reserve(30)
    share.heard(answer(**HEADERS | {"x-rate-limit-time-reset-ms": "20000"}))
    RateBudget.objects.update(reset_at=Now() + timedelta(seconds=20))
    share.give_back()
    assert row().permits == 35  # the thirty came back, the store's count is the same


def test_a_new_window_brings_the_whole_quota() -> None:
    store().reserve(150)
    assert 25 < store().reserve(1) <= 30
    RateBudget.objects.update(reset_at=Now() - timedelta(seconds=1))
    assert store().reserve(1) == 0
    assert row().permits == 149
    assert row().reset_at is not None


def test_headers_that_cannot_be_read_say_nothing() -> None:
    assert window_of({}) is None
    assert window_of(HEADERS | {"x-rate-limit-requests-left": "many"}) is None


def test_rows_follow_a_changed_setting(settings: Any) -> None:
    settings.HEARTLAND_CALLS_PER_SECOND = 5.0
    heartland().reserve(1)
    store().reserve(1)
    settings.HEARTLAND_CALLS_PER_SECOND = 50.0
    assert budgets_follow_settings() == 1
    assert RateBudget.objects.get(system="heartland").capacity == 200


def test_shares_are_per_tenant(pair: Connection) -> None:
    share = share_of(pair, System.HEARTLAND, ServiceClass.NOW)
    assert (share.tenant, share.is_serial) == (pair.heartland.base_url, True)
    share = share_of(pair, System.BIGCOMMERCE, ServiceClass.NOW)
    assert (share.tenant, share.is_serial) == (pair.store.store_hash, False)


def test_a_quota_we_did_not_know_is_believed_with_its_count() -> None:
    RateBudget.objects.create(
        system="bigcommerce", tenant="a1b2c3d4e5", permits=47, capacity=150, refill_per_second=0,
        refilled_at=timezone.now(), reset_at=timezone.now() + timedelta(seconds=20),
    )  # fmt: skip
    budgets.correct(System.BIGCOMMERCE, "a1b2c3d4e5", Window(quota=450, left=440, reset_seconds=20.0))
    row = RateBudget.objects.get()
    assert (row.permits, row.capacity, row.quota) == (440.0, 450.0, 450)
    budgets.correct(System.BIGCOMMERCE, "a1b2c3d4e5", Window(quota=450, left=449, reset_seconds=20.0))
    assert RateBudget.objects.get().permits == 440.0


def test_calls_are_counted_by_what_they_are_for_and_anew_each_day(settings: Any) -> None:
    settings.HEARTLAND_CALLS_PER_SECOND = 50.0
    orders, bulk = heartland(), heartland(ServiceClass.BULK)
    orders.reserve(6)
    orders.spend()
    orders.give_back()
    bulk.reserve(3)
    assert (row().spent_now, row().spent_soon, row().spent_bulk) == (1, 0, 3)
    RateBudget.objects.update(spent_on=timezone.now().date() - timedelta(days=1))
    heartland(ServiceClass.SOON).reserve(2)
    assert (row().spent_now, row().spent_soon, row().spent_bulk) == (0, 2, 0)
    assert row().spent_on == timezone.now().date()
