"""Orders that wait together are read in one list of the store, and each is booked as it is when its turn comes."""

from collections import Counter
from typing import Any

import pytest

from syncjobs.engine.statements import job_claim
from syncjobs.flows import ahead
from syncjobs.models import Record, SyncJob
from tests.flows.burst import are_booked_once, calls_of, enqueue, meanwhile, unhurried, work
from tests.flows.conftest import BUYER, Pair

pytestmark = pytest.mark.django_db
READ = "GET /v2/orders"


@pytest.fixture(autouse=True)
def known_buyer(monkeypatch: pytest.MonkeyPatch, pair: Pair) -> None:
    unhurried(monkeypatch)
    pair.book()


def reads(pair: Pair, web_ids: list[str]) -> list[int]:
    """How often the last try of each asked for orders."""
    return [pair.calls(web_id).count(READ) for web_id in web_ids]


@pytest.mark.parametrize(("orders", "calls"), [(1, 8), (10, 6 * 10 + 1 + 1), (50, 6 * 50 + 1 + 2)])
def test_a_burst_of_a_known_buyer_costs_six_calls_an_order_and_its_lists(pair: Pair, orders: int, calls: int) -> None:
    """One list of the store, and one search for as many numbers as fit into an address."""
    web_ids = [pair.place() for _ in range(orders)]
    enqueue(pair, web_ids)
    work(pair)
    assert are_booked_once(pair, web_ids)
    assert calls_of(web_ids) == calls


def test_orders_out_of_a_list_are_booked_like_any(pair: Pair) -> None:
    alone = pair.book(lines=[{"sku": "DOG-LEAD", "quantity": 3}])
    web_ids = [pair.place(lines=[{"sku": "DOG-LEAD", "quantity": 3}]) for _ in range(2)]
    enqueue(pair, web_ids)
    work(pair)
    assert reads(pair, web_ids) == [1, 0]
    first, second, third = (pair.record(web_id).facts for web_id in (alone, *web_ids))
    shown = {"equation", "lines", "payments", "content"} & set(first)
    assert all(first[name] == second[name] == third[name] for name in shown)
    assert len(shown) >= 2


def test_a_change_that_was_heard_of_meanwhile_is_booked(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    _, second = web_ids = [pair.place(), pair.place()]
    enqueue(pair, web_ids)

    def changed() -> None:
        pair.bigcommerce.post(f"/_sim/orders/{second}/edit", {"lines": [{"line": 0, "quantity": 5}]})
        enqueue(pair, [second])

    meanwhile(monkeypatch, changed)
    work(pair)
    assert are_booked_once(pair, web_ids)
    assert reads(pair, web_ids) == [1, 1]
    assert [pair.rows_of("order_lines", int(pair.record(one).target_id))[0]["qty"] for one in web_ids] == [2, 5]
    assert SyncJob.objects.filter(external_id=second).count() == 1


def test_what_was_cancelled_meanwhile_is_not_booked(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    _, second = web_ids = [pair.place(), pair.place()]
    enqueue(pair, web_ids)

    def cancelled() -> None:
        pair.bigcommerce.post(f"/_sim/orders/{second}/status", {"status_id": 5})
        enqueue(pair, [second])

    meanwhile(monkeypatch, cancelled)
    work(pair)
    assert [pair.record(web_id).disposition for web_id in web_ids] == ["booked", "skipped"]
    assert pair.sales_orders(second) == []


def test_a_hint_that_comes_between_the_look_for_a_job_and_its_claim_is_heard(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, second = web_ids = [pair.place(), pair.place()]
    enqueue(pair, web_ids)

    def claimed(job: SyncJob, now: Any) -> Any:
        if job.external_id == second:
            pair.bigcommerce.post(f"/_sim/orders/{second}/edit", {"lines": [{"line": 0, "quantity": 5}]})
            enqueue(pair, [second])
        return job_claim(job, now)

    monkeypatch.setattr("syncjobs.engine.running.job_claim", claimed)
    work(pair)
    assert reads(pair, web_ids) == [1, 1]
    assert pair.rows_of("order_lines", int(pair.record(second).target_id))[0]["qty"] == 5


def test_a_change_that_nobody_told_of_is_seen_by_the_version(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was booked is what was read; polling finds another version than that, and has it looked at."""
    _, second = web_ids = [pair.place(), pair.place()]
    enqueue(pair, web_ids)
    edit = {"lines": [{"line": 0, "quantity": 5}]}
    meanwhile(monkeypatch, lambda: pair.bigcommerce.post(f"/_sim/orders/{second}/edit", edit))
    work(pair)
    assert pair.record(second).disposition == Record.Disposition.BOOKED
    there = pair.store_client().order_read(second)
    assert not pair.record(second).source_version.startswith(there["date_modified"]) or there["items_total"] == 5
    assert pair.run(second) == "hold"


def test_a_list_that_cannot_be_had_costs_no_order_a_try(pair: Pair) -> None:
    web_ids = [pair.place() for _ in range(3)]
    enqueue(pair, web_ids)
    fault = {"method": "GET", "path": r"/v2/orders\?", "status": 500, "body": {}}
    pair.bigcommerce.post("/_sim/faults", fault)
    work(pair)
    assert are_booked_once(pair, web_ids)
    assert reads(pair, web_ids) == [3, 1, 1]  # two tries of the list, then each by itself
    assert all(SyncJob.objects.get(external_id=web_id).attempts == 1 for web_id in web_ids)


@pytest.mark.parametrize("include", ["empty", "links", "null", "no_lines"])
def test_an_order_that_the_list_does_not_hold_whole_is_read_by_itself(pair: Pair, include: str) -> None:
    pair.bigcommerce.put("/_sim/switches", {"consignments_include": include})
    web_ids = [pair.place() for _ in range(3)]
    enqueue(pair, web_ids)
    work(pair)
    assert are_booked_once(pair, web_ids)
    assert reads(pair, web_ids) == [2, 1, 1]  # a list that held nothing whole, and the order


def test_archived_ones_and_those_far_apart_are_read_by_themselves(pair: Pair) -> None:
    first, archived, third = (pair.place() for _ in range(3))
    for _ in range(9):
        pair.place()  # and nobody tells of them
    last = pair.place()
    pair.bigcommerce.post(f"/_sim/orders/{archived}/archive", {})
    enqueue(pair, [first, archived, third, last])
    work(pair)
    assert Counter(reads(pair, [first, third, last])) == {0: 1, 1: 2}
    assert pair.calls(archived) == [READ]


def test_what_was_read_too_long_ago_is_read_again(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "FRESH_SECONDS", -1.0)
    web_ids = [pair.place() for _ in range(3)]
    enqueue(pair, web_ids)
    work(pair)
    assert are_booked_once(pair, web_ids)
    assert reads(pair, web_ids) == [2, 2, 1]  # a list that is old already, and itself


def test_whom_an_order_out_of_a_list_names_the_store_does_not_repeat(pair: Pair) -> None:
    guest = BUYER | {"first_name": "Zubeida"}
    web_ids = [pair.place(), pair.place(guest=guest)]
    enqueue(pair, web_ids)
    answer = [{"status": 400, "message": "Zubeida may not"}]
    rule = {"method": "PUT", "path": f"/v2/orders/{web_ids[1]}", "times": 1, "status": 400, "body": answer}
    pair.bigcommerce.post("/_sim/faults", rule)
    work(pair)
    assert reads(pair, web_ids) == [1, 0]
    record = pair.record(web_ids[1])
    assert record.disposition != Record.Disposition.BOOKED
    assert "may not" in record.reason
    assert "Zubeida" not in record.reason
