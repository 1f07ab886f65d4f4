"""The proof of a day: every order of the store's own list once, held against Heartland's own list.

Planted holes are found, filled and named; planted lies of our records are named with what either side says.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from connections.models import OrderSettings
from errors.failures import SyncFailure
from mappings.core.canonical.order import ZERO
from syncjobs import tasks
from syncjobs.engine.enqueueing import job_enqueue
from syncjobs.models import Proof, Record, SyncJob
from syncjobs.proof.days import days_due
from syncjobs.proof.judge_order import DISAGREEMENTS, Held, Ordered, Said, disagreement
from syncjobs.proof.prove_day import chain_verify, day_of, proof_make
from syncjobs.stories.demo.sim import cents
from tests.flows.conftest import Pair
from tests.tampering import unguarded


def prove(pair: Pair) -> Proof:
    now = timezone.now()
    return proof_make(connection=pair.connection, day=day_of(pair.connection, now), now=now)


def emptied(pair: Pair) -> None:
    """What the seed's orders of today are is not what these tests are about."""
    for line in prove(pair).lines:
        pair.run(line["order"])
    with unguarded("syncjobs_proof"):
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
    for system in (day.bigcommerce, day.heartland):
        system.delete("/_sim/calls")
    proof = prove(day)
    assert [system.get("/_sim/calls")["total"] for system in (day.bigcommerce, day.heartland)] == [1, 1]
    assert (proof.orders, sum(proof.counts.values()), proof.repaired) == (before + 2, before + 2, [])
    lines = {line["order"]: line for line in proof.lines}
    assert len(lines) == proof.orders
    (order,) = day.sales_orders(booked)
    assert lines[booked] == {
        "order": booked, "disposition": "booked", "number": f"BC-{booked}", "code": "", "said": "", "currency": "USD",
        "total": f"{cents(order['total'])}", "heartland": "open", "heartland_total": f"{cents(order['total'])}",
        "heartland_balance": "0.00",
    }  # fmt: skip
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
    with unguarded("syncjobs_proof"):
        Proof.objects.filter(pk=second.pk).update(lines=[*second.lines, {"order": "1", "disposition": "booked"}])
    assert chain_verify(day.connection) == (
        1, f"The proof of {second.day} says something else than when it was made.",
    )  # fmt: skip
    with unguarded("syncjobs_proof"):
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
    said = {name: lines[web_id][name] for name in ("disposition", "number", "code", "heartland")}
    assert said == {"disposition": "held", "number": f"BC-{web_id}", "code": "totals_differ", "heartland": "open"}


def cancel_at_the_desk(pair: Pair, web_id: str) -> None:
    pair.heartland.post("/_sim/staff/cancel", {"order": f"BC-{web_id}", "refund": True})


def said_of(proof: Proof, web_id: str) -> tuple[str, str, str]:
    (line,) = [line for line in proof.lines if line["order"] == web_id]
    return line["disposition"], line["code"], line["heartland"]


def lie(pair: Pair, web_id: str, **changes: str) -> None:
    """Our record says what is not so, and nothing is about to look at it."""
    Record.objects.filter(external_id=web_id).update(**changes)
    SyncJob.objects.filter(external_id=web_id, status="pending").delete()


def test_what_heartland_holds_otherwise_than_we_say_is_named_and_looked_at_again_once(day: Pair) -> None:
    gone, stays = day.book(), day.book()
    cancel_at_the_desk(day, gone)
    lie(day, stays, disposition="skipped", code="archived")
    proof = prove(day)
    assert said_of(proof, gone) == ("disagrees", "cancelled_in_heartland", "canceled")
    assert said_of(proof, stays) == ("disagrees", "still_in_heartland", "open")
    assert (proof.disagreements, proof.again, proof.is_closed) == (2, [gone, stays], False)
    causes = SyncJob.objects.filter(external_id__in=[gone, stays], status="pending").values_list("cause", flat=True)
    assert list(causes) == ["proof", "proof"]
    assert said_of(prove(day), gone) == ("in_flight", "looked_at_now", "canceled")
    SyncJob.objects.filter(status="pending").delete()  # as if a look had settled nothing
    again = prove(day)
    assert (again.disagreements, again.again, chain_verify(day.connection)[1]) == (2, [gone, stays], "")
    SyncJob.objects.filter(status="pending").delete()
    last = prove(day)
    assert (last.disagreements, last.again, last.is_closed) == (2, [], True)


def test_a_sales_order_of_somebody_else_under_our_number_is_none_of_ours(day: Pair) -> None:
    web_id = day.book()
    (order,) = day.sales_orders(web_id)
    custom = {**order["custom"], day.connection.order_settings.number_field: "1"}
    day.heartland_client().order_update(str(order["id"]), custom=custom)
    proof = prove(day)
    assert said_of(proof, web_id) == ("disagrees", "not_ours_in_heartland", "")


def test_a_marked_sales_order_without_a_living_order_is_named(day: Pair) -> None:
    web_id = day.book()
    day.bigcommerce.post(f"/_sim/orders/{web_id}/archive", {})
    proof = prove(day)
    (stray,) = proof.strays
    assert (stray["number"], stray["order"], stray["status"], stray["is_known"]) == (
        f"BC-{web_id}", web_id, "open", False,
    )  # fmt: skip
    assert (proof.beyond, proof.disagreements, proof.again) == ([web_id], 1, [web_id])
    lie(day, web_id, disposition="held", code="archived_after_booking")
    (waiting,) = prove(day).strays
    assert (waiting["is_known"], prove(day).disagreements) == (True, 0)


def test_an_order_booked_on_another_day_is_looked_for_where_we_named_it(day: Pair) -> None:
    OrderSettings.objects.filter(connection=day.connection).update(history_start_at=None)
    day.connection.refresh_from_db()
    web_id = day.book(days_ago=2)
    then, now = day.record(web_id).source_placed_at, timezone.now()
    assert then
    for moment, calls in ((then, [1, 2]), (now, [2, 1])):  # today's sales order belongs to an order of another day
        for system in (day.bigcommerce, day.heartland):
            system.delete("/_sim/calls")
        proof = proof_make(connection=day.connection, day=day_of(day.connection, moment), now=now)
        lines = [(line["disposition"], line["heartland"]) for line in proof.lines if line["order"] == web_id]
        assert (lines, proof.strays) == ([("booked", "open")] if moment is then else [], [])
        assert [system.get("/_sim/calls")["total"] for system in (day.bigcommerce, day.heartland)] == calls


def test_what_waits_in_the_queue_counts_and_money_is_summed_by_currency(day: Pair) -> None:
    booked = day.book()
    waits = day.place()
    job_enqueue(connection=day.connection, flow="orders", external_id=waits, cause="webhook", now=timezone.now())
    before = prove(day)
    assert said_of(before, waits) == ("in_flight", "queued", "")
    assert (before.repaired, before.is_closed) == ([], False)
    dollars = before.sums["USD"]
    rows = [line for line in before.lines if line["currency"] == "USD"]
    assert dollars["orders"] == len(rows)
    assert dollars["store"] == f"{sum((Decimal(line['total']) for line in rows), ZERO)}"
    alive = [line for line in rows if line["heartland"] not in ("", "canceled")]
    assert dollars["booked"] == len(alive) > 0
    assert dollars["heartland"] == f"{sum((Decimal(line['heartland_total']) for line in alive), ZERO)}"
    assert booked in {line["order"] for line in alive}


@pytest.mark.parametrize(
    ("said", "held", "store", "why"),
    [
        ("booked", [], {}, "missing_in_heartland"),
        ("booked", [("open", 10)], {}, ""),
        ("booked", [("canceled", 10)], {}, "cancelled_in_heartland"),
        ("booked", [("canceled", 10), ("open", 10)], {}, ""),
        ("booked", [("open", 10), ("closed", 10)], {}, "several_in_heartland"),
        ("booked", [("pending", 10)], {}, "not_opened_in_heartland"),
        ("booked", [("open", 9)], {}, "total_differs"),
        ("booked", [("open", 10, 4)], {"is_paid": True}, "balance_differs"),
        ("booked", [("open", 10, 4)], {"is_paid": False}, ""),
        ("booked", [("open", 10)], {"meaning": "cancelled"}, "ended_in_store"),
        ("booked kept_as_booked", [("open", 9)], {"meaning": "cancelled"}, ""),
        ("settled", [], {}, ""),
        ("cancelled", [("canceled", 10)], {}, ""),
        ("cancelled", [("open", 10)], {}, "still_in_heartland"),
        ("skipped archived", [("open", 10)], {}, "still_in_heartland"),
        ("skipped cancelled_not_eligible", [("open", 10)], {}, ""),
        ("held changed_after_booking", [("open", 9)], {}, ""),
    ],
)
def test_each_disagreement_has_its_code(
    said: str, held: list[tuple[Any, ...]], store: dict[str, object], why: str
) -> None:
    disposition, _, code = said.partition(" ")
    ordered = Ordered(**{"id": "1", "total": Decimal(10), "currency": "USD", "meaning": "open"} | store)  # type: ignore[arg-type]
    rows = [
        Held(
            id=str(one),
            number=f"BC-1-{one}",
            status=status,
            total=Decimal(total),
            balance=Decimal(sum(rest)),
            order="1",
        )
        for one, (status, total, *rest) in enumerate(held)
    ]
    found = disagreement(ordered, Said(disposition=disposition, code=code), rows)
    assert found == why
    assert not why or why in DISAGREEMENTS
