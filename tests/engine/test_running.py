"""A job's run: claim, steps, outcome, and what stays written of it."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models.functions import Now

from connections.models import AccessState, Connection
from errors.failures import (
    ContractBroken,
    CredentialsRejected,
    Rejected,
    ServerTrouble,
    Throttled,
    Unreachable,
    Violation,
    held,
)
from errors.models import Issue, SyncError
from ipaas.types import System
from syncjobs.engine import job_run, record_retry, records_release
from syncjobs.engine.budgets import block, budget_create
from syncjobs.engine.recording import CIRCLES
from syncjobs.flows import FLOWS
from syncjobs.flows.base import Context, Outcome
from syncjobs.models import Attempt, Circuit, RateBudget, Record, SyncJob
from tests.engine.conftest import BOOKED, NINE, Scripted, call, calling, later

pytestmark = pytest.mark.django_db
Enqueue = Callable[..., SyncJob]


def learning(context: Context) -> Outcome:
    context.learn(label="Order 7", source_total=Decimal("12.50"), currency="USD", source_version="v1", target_id="900")
    context.decide("Looks new.")
    context.decide("Booked it.")
    return BOOKED


def test_a_good_run_leaves_record_attempt_and_job(flow: Scripted, enqueue: Enqueue) -> None:
    flow.does(learning)
    job = enqueue()
    assert job_run(job_id=job.pk, now=NINE) == "done"
    record, attempt = Record.objects.get(), Attempt.objects.get()
    job.refresh_from_db()
    assert (job.status, job.attempts, job.finished_at) == ("done", 1, NINE)
    assert (record.disposition, record.label, record.source_total) == ("booked", "Order 7", Decimal("12.50"))
    assert (record.changed_at, record.first_seen_at) == (NINE, NINE)
    assert record.read_at is not None
    assert (attempt.outcome, attempt.number, attempt.sentence) == ("booked", 1, "Booked.")
    assert [(step["name"], step["decision"]) for step in attempt.steps] == [("only", "Looks new. Booked it.")]
    assert SyncError.objects.count() == 0


def test_the_time_to_booked_spans_the_wait_and_the_work(flow: Scripted, enqueue: Enqueue) -> None:
    def slowly(context: Context) -> Outcome:
        time.sleep(0.05)
        return learning(context)

    flow.does(slowly)
    job_run(job_id=enqueue().pk, now=later(3))
    record = Record.objects.get()
    assert record.first_seen_at == NINE
    assert record.booked_at is not None
    assert record.booked_at >= later(3.05)


def test_a_job_runs_once_and_only_when_due(flow: Scripted, enqueue: Enqueue) -> None:
    job = enqueue(not_before=later(5))
    assert job_run(job_id=job.pk, now=later(4)) == "not_claimed"
    assert job_run(job_id=job.pk, now=later(5)) == "done"
    assert job_run(job_id=job.pk, now=later(6)) == "not_claimed"
    assert flow.ran == ["7"]


def test_calls_are_counted_and_kept(flow: Scripted, enqueue: Enqueue) -> None:
    flow.does(calling(call(System.BIGCOMMERCE), call(System.HEARTLAND), call(System.HEARTLAND, method="POST")))
    job_run(job_id=enqueue().pk, now=NINE)
    attempt = Attempt.objects.get()
    assert (attempt.calls_store, attempt.calls_heartland) == (1, 2)
    assert [one["method"] for one in attempt.steps[0]["calls"]] == ["GET", "GET", "POST"]


def test_a_hint_older_than_the_last_read_costs_no_run(flow: Scripted, enqueue: Enqueue) -> None:
    job_run(job_id=enqueue().pk, now=NINE)
    Record.objects.update(read_at=later(10))
    assert job_run(job_id=enqueue(requested_at=later(9)).pk, now=NINE) == "unchanged"
    assert job_run(job_id=enqueue(requested_at=later(11)).pk, now=NINE) == "done"
    assert len(flow.ran) == 2
    assert sorted(Attempt.objects.values_list("outcome", flat=True)) == ["booked", "booked", "unchanged"]


def test_a_failed_read_never_passes_for_one_that_saw_the_hint(flow: Scripted, enqueue: Enqueue) -> None:
    flow.does(BOOKED, Throttled("slow", retry_after=0), BOOKED)
    job_run(job_id=enqueue().pk, now=NINE)
    job = enqueue(now=later(1))
    assert job_run(job_id=job.pk, now=later(1)) == "waiting"
    assert job_run(job_id=job.pk, now=later(1)) == "done"
    assert len(flow.ran) == 3


def test_a_transient_failure_is_retried_later(flow: Scripted, enqueue: Enqueue) -> None:
    flow.does(Unreachable("No answer.", retry_after=30), BOOKED)
    job = enqueue()
    assert job_run(job_id=job.pk, now=NINE) == "retry"
    job.refresh_from_db()
    error = SyncError.objects.get()
    assert (job.status, job.attempts, job.not_before) == ("pending", 1, later(30))
    assert (error.state, error.next_try_at, error.attempts) == ("retrying", later(30), 1)
    assert Record.objects.get().disposition == "retrying"
    assert job_run(job_id=job.pk, now=later(29)) == "not_claimed"
    assert job_run(job_id=job.pk, now=later(30)) == "done"
    error.refresh_from_db()
    assert (error.state, error.resolved_at, Issue.objects.get().is_open) == ("resolved", later(30), False)
    assert Record.objects.get().disposition == "booked"


def test_transient_failures_end_in_a_dead_letter_after_the_last_try(
    flow: Scripted, enqueue: Enqueue, settings: Any
) -> None:
    settings.MAX_ATTEMPTS = 6
    flow.does(Unreachable("No answer."))
    job = enqueue()
    results = [job_run(job_id=job.pk, now=later(1000 * number)) for number in range(7)]
    assert results == ["retry"] * 5 + ["bury", "not_claimed"]
    job.refresh_from_db()
    assert (job.status, job.attempts, SyncError.objects.get().state) == ("dead", 6, "dead")


def test_the_same_result_five_times_stops_automatic_retry(flow: Scripted, enqueue: Enqueue) -> None:
    flow.does(ContractBroken("Order 7: total is missing"))
    job = enqueue()
    results = [job_run(job_id=job.pk, now=later(1000 * number)) for number in range(6)]
    assert results == ["retry"] * 4 + ["bury", "not_claimed"]
    again = enqueue(now=later(9000))
    assert job_run(job_id=again.pk, now=later(9000)) == "bury"  # a new hint, the same result: no new round
    record_retry(connection=job.connection, flow="toy", external_id="7", actor=None, now=later(9500))
    again = SyncJob.objects.get(status="pending")
    assert job_run(job_id=again.pk, now=later(9500)) == "retry"  # a person asked: it starts anew


def test_another_result_starts_the_count_anew(flow: Scripted, enqueue: Enqueue) -> None:
    one, two = ContractBroken("total is missing"), ContractBroken("id is missing")
    flow.does(one, one, one, one, two, one)
    job = enqueue()
    results = [job_run(job_id=job.pk, now=later(1000 * number)) for number in range(6)]
    assert results == ["retry"] * 6


def test_a_record_that_goes_in_circles_raises_an_issue_until_it_rests(flow: Scripted, enqueue: Enqueue) -> None:
    skip = Outcome(disposition=Record.Disposition.SKIPPED, code="not_yet", sentence="Toy 7 is not wanted yet.")

    def look(number: int) -> None:
        assert job_run(job_id=enqueue(now=later(number)).pk, now=later(number)) == "done"

    flow.does(skip)
    for number in range(CIRCLES):
        look(number)
    assert not SyncError.objects.exists()
    look(CIRCLES)
    error = SyncError.objects.open().get()
    assert (error.code, Record.objects.get().disposition) == ("goes_in_circles", "skipped")
    assert error.reason.endswith(f"was changed in the store {CIRCLES} times in a row to no effect. {skip.sentence}")
    record_retry(connection=error.connection, flow="toy", external_id="7", actor=None, now=later(50))
    assert job_run(job_id=SyncJob.objects.get(status="pending").pk, now=later(50)) == "done"
    assert SyncError.objects.open().count() == Issue.objects.filter(is_open=True).count() == 1
    Record.objects.update(read_at=Now() - timedelta(minutes=11))
    look(60)
    assert not SyncError.objects.open().exists()
    assert Record.objects.get().same_result_count == 0


def test_a_refused_request_is_a_dead_letter_at_once(flow: Scripted, enqueue: Enqueue) -> None:
    flow.does(Rejected("Heartland refused it", status=422, fields={"public_id": "is taken"}))
    assert job_run(job_id=enqueue().pk, now=NINE) == "bury"
    assert SyncError.objects.get().code == "rejected"


def test_a_defect_of_ours_keeps_its_message_to_the_log(
    flow: Scripted, enqueue: Enqueue, caplog: pytest.LogCaptureFixture
) -> None:
    flow.does(KeyError("jane@example.com"))
    assert job_run(job_id=enqueue().pk, now=NINE) == "retry"
    error = SyncError.objects.get()
    assert "jane" not in error.reason + error.answer
    assert error.answer.startswith("KeyError at conftest.py:")
    assert "KeyError" in caplog.text


def test_a_hold_names_every_reason_and_one_fix_releases_all(flow: Scripted, enqueue: Enqueue, pair: Connection) -> None:
    missing = Violation(code="item_not_linked", sentence="Link JOUR-BLK", field="sku", value="JOUR-BLK", fix="Link it")
    other = Violation(code="address", sentence="Address is missing", field="address")
    flow.does(held(missing), held(missing, other), BOOKED)
    assert [job_run(job_id=enqueue(one).pk, now=NINE) for one in ("7", "8")] == ["hold", "hold"]
    assert Record.objects.filter(disposition="held").count() == 2
    issue = Issue.objects.get(code="item_not_linked")
    assert (issue.errors.count(), issue.title, issue.owner) == (2, "Link JOUR-BLK", "merchant")
    assert records_release(connection=pair, issue=issue, now=later(60)) == 2
    for job in SyncJob.objects.filter(status="pending"):
        assert (job.cause, job_run(job_id=job.pk, now=later(60))) == ("fix", "done")
    assert Issue.objects.filter(is_open=True).count() == SyncError.objects.open().count() == 0


def test_being_throttled_is_no_attempt_and_no_error(flow: Scripted, enqueue: Enqueue) -> None:
    slow = Throttled("Heartland asks us to slow down.", retry_after=7)
    flow.does(calling(call(status=429, retry_after="7"), then=slow), BOOKED)
    job = enqueue()
    assert job_run(job_id=job.pk, now=NINE) == "waiting"
    job.refresh_from_db()
    assert (job.status, job.attempts, job.not_before) == ("pending", 0, later(7))
    assert (SyncError.objects.count(), Record.objects.get().disposition) == (0, "in_flight")
    assert RateBudget.objects.get().blocked_until is not None
    assert job_run(job_id=job.pk, now=later(6)) == "not_claimed"
    assert job_run(job_id=job.pk, now=later(7)) == "done"


def test_a_newer_hint_inherits_attempts_and_back_off(flow: Scripted, enqueue: Enqueue) -> None:
    newer: list[SyncJob] = []

    def hinted(context: Context) -> Outcome:
        newer.append(enqueue(now=later(1)))
        raise Unreachable("No answer.", retry_after=30)

    flow.does(hinted, BOOKED)
    job = enqueue()
    SyncJob.objects.update(attempts=3)
    assert job_run(job_id=job.pk, now=NINE) == "retry"
    job.refresh_from_db()
    newer[0].refresh_from_db()
    assert (job.status, newer[0].status) == ("superseded", "pending")
    assert (newer[0].attempts, newer[0].not_before) == (4, later(30))


def test_five_failed_calls_open_the_circuit_and_attempts_stop_counting(flow: Scripted, enqueue: Enqueue) -> None:
    down = calling(call(status=None), then=Unreachable("No answer."))
    flow.does(down)
    jobs = [enqueue(str(number)) for number in range(6)]
    results = [job_run(job_id=job.pk, now=NINE) for job in jobs]
    assert results == ["retry"] * 4 + ["waiting", "throttled"]
    circuit = Circuit.objects.get()
    assert (circuit.failures, circuit.opened_at, circuit.system) == (5, NINE, "heartland")
    jobs[4].refresh_from_db()
    assert (jobs[4].attempts, jobs[4].not_before) == (0, circuit.probe_after)
    assert len(flow.ran) == 5


def test_one_probe_at_a_time_closes_the_circuit(flow: Scripted, enqueue: Enqueue, pair: Connection) -> None:
    Circuit.objects.create(connection=pair, system="heartland", failures=5, opened_at=NINE, probe_after=later(5))
    first, second = enqueue("1"), enqueue("2")
    assert job_run(job_id=first.pk, now=later(4)) == "throttled"
    asked: list[str] = []

    def probe(context: Context) -> Outcome:
        asked.append(job_run(job_id=second.pk, now=later(5)))
        return calling(call())(context)

    flow.does(probe, BOOKED)
    assert job_run(job_id=first.pk, now=later(5)) == "done"
    assert asked == ["throttled"]
    circuit = Circuit.objects.get()
    assert (circuit.failures, circuit.opened_at, circuit.last_success_at) == (0, None, later(5))
    assert job_run(job_id=second.pk, now=later(5)) == "done"


def test_a_probe_that_was_answered_in_part_closes_the_circuit(
    flow: Scripted, enqueue: Enqueue, pair: Connection
) -> None:
    Circuit.objects.create(connection=pair, system="heartland", failures=9, opened_at=NINE, probe_after=later(5))
    flow.does(calling(call(), call(status=500), then=ServerTrouble("500")))
    assert job_run(job_id=enqueue("1").pk, now=later(5)) == "retry"
    circuit = Circuit.objects.get()
    assert (circuit.failures, circuit.opened_at, circuit.probe_after) == (1, None, None)


def test_a_probe_that_calls_another_system_is_given_back(flow: Scripted, enqueue: Enqueue, pair: Connection) -> None:
    Circuit.objects.create(connection=pair, system="heartland", failures=5, opened_at=NINE, probe_after=later(5))
    flow.does(calling(call(System.BIGCOMMERCE)), calling(call()))
    assert job_run(job_id=enqueue("1").pk, now=later(5)) == "done"
    assert Circuit.objects.get().opened_at == NINE
    assert job_run(job_id=enqueue("2").pk, now=later(5)) == "done"
    assert Circuit.objects.get().opened_at is None


def test_a_probe_that_the_rate_limit_stopped_is_given_back(
    flow: Scripted, enqueue: Enqueue, pair: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is taken before permits are asked for; kept, it would let nobody call for as long as its lease lasts."""
    monkeypatch.setitem(FLOWS, "toy", replace(FLOWS["toy"], heartland_calls=1))
    Circuit.objects.create(connection=pair, system="heartland", failures=5, opened_at=NINE, probe_after=later(5))
    budget_create(System.HEARTLAND, pair.heartland.base_url)
    block(System.HEARTLAND, pair.heartland.base_url, 30, untold=0)
    flow.does(calling(call()))
    job = enqueue()
    assert job_run(job_id=job.pk, now=later(5)) == "throttled"
    RateBudget.objects.update(blocked_until=None, permits=20)
    assert job_run(job_id=job.pk, now=later(5)) == "done"
    assert Circuit.objects.get().opened_at is None


def test_tries_that_get_something_done_are_not_counted_out(flow: Scripted, enqueue: Enqueue, settings: Any) -> None:
    """Where the other side fails every other call, a long order needs many tries, and each gets further."""
    settings.MAX_ATTEMPTS = 3
    flow.does(*[calling(call(method="POST"), call(status=500), then=ServerTrouble("500"))] * 6, BOOKED)
    job = enqueue()
    results = [job_run(job_id=job.pk, now=later(1000 * number)) for number in range(7)]
    assert results == ["retry"] * 6 + ["done"]
    flow.does(calling(call(), call(status=500), then=ServerTrouble("500")))
    poor = enqueue("8")
    assert [job_run(job_id=poor.pk, now=later(1000 * number)) for number in range(3)] == ["retry", "retry", "bury"]


def test_a_success_between_failures_keeps_the_circuit_closed(flow: Scripted, enqueue: Enqueue) -> None:
    flow.does(calling(call(), call(status=500), call(status=500), then=ServerTrouble("500")))
    job = enqueue()
    for number in range(4):
        job_run(job_id=job.pk, now=later(1000 * number))
    assert Circuit.objects.get().opened_at is None


def test_a_revoked_token_pauses_the_connection_and_keeps_the_job(
    flow: Scripted, enqueue: Enqueue, pair: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def doubted(*, owner: Any, reason: str) -> bool:
        asked.append(owner)
        type(owner).objects.filter(pk=owner.pk).update(state=AccessState.REVOKED)
        return True

    monkeypatch.setattr("syncjobs.engine.running.access_recheck", doubted)
    flow.does(calling(call(status=401), then=CredentialsRejected("Heartland no longer accepts our access")), BOOKED)
    job = enqueue()
    assert job_run(job_id=job.pk, now=NINE) == "paused"
    job.refresh_from_db()
    assert asked == [pair.heartland]
    assert (job.status, job.attempts, job.not_before) == ("pending", 0, NINE)
    assert SyncError.objects.count() == 0


def test_a_single_401_is_retried_when_a_second_look_is_accepted(
    flow: Scripted, enqueue: Enqueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("syncjobs.engine.running.access_recheck", lambda **_: False)
    flow.does(calling(call(status=401), then=CredentialsRejected("no")), BOOKED)
    assert job_run(job_id=enqueue().pk, now=NINE) == "retry"


def test_a_flow_that_nobody_knows_becomes_a_dead_letter_in_the_end(enqueue: Enqueue) -> None:
    job = enqueue(flow="lost")
    results = [job_run(job_id=job.pk, now=later(1000 * number)) for number in range(5)]
    assert results == ["retry"] * 4 + ["bury"]


def test_a_slow_outside_world_ends_the_run_before_the_worker_is_ended(
    flow: Scripted, enqueue: Enqueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("syncjobs.engine.running.run_seconds", lambda: -1.0)
    flow.does(calling(call()))
    job = enqueue()
    assert job_run(job_id=job.pk, now=NINE) == "retry"
    assert SyncError.objects.get().code == "out_of_time"


def test_reading_clocks_are_the_databases(flow: Scripted, enqueue: Enqueue) -> None:
    job = enqueue()
    clock = SyncJob.objects.values_list(Now(), flat=True).get()
    assert abs((job.requested_at - clock).total_seconds()) < 5
    job_run(job_id=job.pk, now=NINE)
    assert abs((Record.objects.get().read_at - clock).total_seconds()) < 5
