"""The proof of a day: every order of the store's own list once; planted holes are found, filled and named."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from errors.failures import SyncFailure
from syncjobs import tasks
from syncjobs.models import Proof, Record, SyncJob
from syncjobs.proof.days import days_due
from syncjobs.proof.making import chain_verify, day_of, proof_make
from tests.flows.conftest import Pair


def prove(pair: Pair) -> Proof:
    now = timezone.now()
    return proof_make(connection=pair.connection, day=day_of(pair.connection, now), now=now)


def emptied(pair: Pair) -> None:
    """What the seed's orders of today are is not what these tests are about."""
    for line in prove(pair).lines:
        pair.run(line["order"])
    Proof.objects.all().delete()


@pytest.fixture
def day(pair: Pair) -> Pair:
    emptied(pair)
    return pair


def test_every_order_of_the_day_is_listed_once_with_what_became_of_it(day: Pair) -> None:
    before = prove(day).orders
    booked = day.book()
    skipped = day.place(status_id=8)
    day.run(skipped)
    day.bigcommerce.delete("/_sim/calls")
    proof = prove(day)
    assert day.bigcommerce.get("/_sim/calls")["total"] == 1
    assert (proof.orders, sum(proof.counts.values()), proof.repaired) == (before + 2, before + 2, [])
    lines = {line["order"]: line for line in proof.lines}
    assert len(lines) == proof.orders
    assert lines[booked] == {"order": booked, "disposition": "booked", "number": f"BC-{booked}", "code": ""}
    assert lines[skipped]["code"] == "awaiting_pickup"
    assert proof.is_closed


def test_an_order_deleted_from_our_tables_is_found_and_not_booked_twice(day: Pair) -> None:
    web_id = day.book()
    day.forget(web_id)
    SyncJob.objects.filter(external_id=web_id).delete()
    proof = prove(day)
    assert (proof.repaired, proof.is_closed) == ([web_id], False)
    job = SyncJob.objects.get(external_id=web_id)
    assert (job.cause, job.status) == ("proof", "pending")
    assert day.run(web_id) == "done"
    again = prove(day)
    assert (again.repaired, again.is_closed) == ([], True)
    assert len(day.sales_orders(web_id)) == 1


def test_an_order_whose_hook_and_poll_were_lost_is_found(day: Pair) -> None:
    web_id = day.place()
    assert prove(day).repaired == [web_id]
    day.run(web_id)
    assert day.record(web_id).disposition == "booked"


def test_an_order_archived_in_the_store_is_named_beside_the_sum(day: Pair) -> None:
    web_id = day.book()
    day.bigcommerce.session.delete(
        f"{day.bigcommerce.base}/stores/a1b2c3d4e5/v2/orders/{web_id}",
        headers={"X-Auth-Token": "sim-bigcommerce-token"},
    ).raise_for_status()
    proof = prove(day)
    assert proof.beyond == [web_id]
    assert web_id not in {line["order"] for line in proof.lines}


def test_a_store_that_is_away_proves_nothing(day: Pair) -> None:
    day.bigcommerce.post("/_sim/faults", {"method": "GET", "path": "^/stores", "times": 9, "status": 503})
    with pytest.raises(SyncFailure):
        prove(day)
    assert not Proof.objects.exists()


def test_who_changes_a_proof_is_found_out(day: Pair, capsys: pytest.CaptureFixture[str]) -> None:
    first, second, third = (prove(day) for _ in range(3))
    assert (second.previous, third.previous) == (first.digest, second.digest)
    assert chain_verify(day.connection) == chain_verify(day.connection, newest=3) == (3, "")
    assert chain_verify(day.connection, newest=2) == (2, "")
    with pytest.raises(SystemExit) as ended:
        call_command("verify_proofs")
    assert (ended.value.code, capsys.readouterr().out) == (0, "Harbor & Pine: 3 proofs stand.\n")
    Proof.objects.filter(pk=second.pk).update(lines=[*second.lines, {"order": "1", "disposition": "booked"}])
    assert chain_verify(day.connection) == (
        1, f"The proof of {second.day} says something else than when it was made.",
    )  # fmt: skip
    second.delete()
    assert "does not follow" in chain_verify(day.connection)[1]
    with pytest.raises(SystemExit) as ended:
        call_command("verify_proofs")
    assert ended.value.code == 1


def test_each_day_that_is_over_is_proved_and_again_while_orders_are_on_their_way(day: Pair) -> None:
    now = timezone.now()
    connection = day.connection
    connection.created_at = now - timedelta(days=2)
    connection.save()
    today = day_of(connection, now)
    later = now + timedelta(days=1)
    assert days_due(connection, later)[-1] == day_of(connection, later) - timedelta(days=1)
    for due in days_due(connection, now):
        for line in proof_make(connection=connection, day=due, now=now).lines:
            day.run(line["order"])
        proof_make(connection=connection, day=due, now=now)
    assert days_due(connection, now) == []
    Proof.objects.create(connection=connection, day=today - timedelta(days=1), made_at=now, orders=1,
                         counts={"in_flight": 1}, previous="x", digest="y")  # fmt: skip
    assert days_due(connection, now) == [today - timedelta(days=1)]
    assert tasks.proofs() == "1 connections"
    assert tasks.prove(connection.pk) == "1 days"


def test_the_first_day_is_the_one_on_which_the_connection_began(day: Pair) -> None:
    later = timezone.now() + timedelta(days=2)
    first = day_of(day.connection, day.connection.created_at)
    assert days_due(day.connection, later)[0] == first


def test_the_lines_say_what_the_records_say(day: Pair) -> None:
    web_id = day.book()
    Record.objects.filter(external_id=web_id).update(disposition="held", code="totals_differ")
    lines = {line["order"]: line for line in prove(day).lines}
    assert lines[web_id] == {"order": web_id, "disposition": "held", "number": "", "code": "totals_differ"}
