"""Orders that the store archives, deletes or refunds after they were booked (C36): said, and a person chooses."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from connections.models import OrderSettings, Role
from errors.models import SyncError
from ipaas.types import JSON
from syncjobs.engine.run_counts import runs_settle
from syncjobs.engine.running import job_run
from syncjobs.intake.backfill import orders_backfill
from syncjobs.models import Record, Run, SyncJob
from syncjobs.pages.dashboard.dashboard_scope import Scope, undistributed
from syncjobs.pages.shown import mark_of
from syncjobs.proof.prove_day import day_of, proof_make
from syncjobs.stock.pending_pieces import pieces_pending
from syncjobs.stories.demo.sim import cents
from tests import factories
from tests.bulk import link_all
from tests.flows.conftest import BUYER, Pair
from tests.flows.test_order_changes import choose, invoice, state

CANCEL, HEARTLAND = Record.Choice.CANCEL, Record.Choice.HEARTLAND


def archive(pair: Pair, web_id: str, *, answers: int) -> None:
    """In the store, which then answers with the order, or with 404."""
    pair.bigcommerce.put("/_sim/switches", {"get_archived_order": answers})
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/archive", {})


def look(pair: Pair, web_id: str) -> str:
    """Look until the order counts as gone, as the ledger does by itself."""
    for _ in range(4):
        result = pair.run(web_id)
        if result != "retry":
            break
        SyncJob.objects.filter(status="pending", external_id=web_id).update(not_before=timezone.now())
        job = SyncJob.objects.get(status="pending", external_id=web_id)
        SyncJob.objects.filter(pk=job.pk).update(attempts=3)
        result = job_run(job_id=job.pk, now=timezone.now() + timedelta(seconds=1))
        if result != "retry":
            break
    return result


@pytest.fixture(params=[200, 404], ids=["archived", "gone"])
def ended(request: pytest.FixtureRequest, pair: Pair) -> str:
    web_id = pair.book()
    archive(pair, web_id, answers=request.param)
    return web_id


def test_c36_it_waits_for_a_choice_and_is_cancelled_as_chosen(pair: Pair, ended: str) -> None:
    assert look(pair, ended) == "hold"
    assert state(pair, ended) == ("held", "deleted_after_booking")
    assert f"after it was booked as BC-{ended}, which is open in Heartland." in pair.record(ended).reason
    (order,) = pair.sales_orders(ended)
    assert order["status"] == "open"
    assert choose(pair, ended, CANCEL) == "done"
    assert state(pair, ended) == ("cancelled", "cancelled")
    (order,) = pair.sales_orders(ended)
    assert (order["status"], sum(cents(row["amount"]) for row in pair.rows_of("payments", order["id"]))) == (
        "canceled",
        0,
    )
    assert not SyncError.objects.open().exists()
    assert pair.run(ended) in {"done", "retry"}


def test_c36_it_is_kept_as_chosen_and_that_can_be_taken_back(pair: Pair, ended: str, client: Client) -> None:
    look(pair, ended)
    assert choose(pair, ended, HEARTLAND) == "done"
    assert state(pair, ended) == ("booked", "kept_though_deleted")
    assert pair.run(ended) == "done"
    assert state(pair, ended) == ("booked", "kept_though_deleted")
    client.force_login(factories.member(pair.connection.merchant, Role.STAFF))
    page = f"/stores/{pair.connection.public_id}/orders/{ended}/"
    assert 'id="unchoose"' in client.get(page).content.decode()
    client.post(f"{page}unchoose/", {"shown": mark_of(pair.record(ended))})
    assert job_run(job_id=SyncJob.objects.get(status="pending").pk, now=timezone.now()) == "hold"
    assert state(pair, ended) == ("held", "deleted_after_booking")


def test_c36_after_an_invoice_it_can_only_be_kept(pair: Pair) -> None:
    web_id = pair.book()
    invoice(pair, web_id, lines=[{"sku": "DOG-LEAD", "qty": 1}])
    archive(pair, web_id, answers=200)
    assert pair.run(web_id) == "hold"
    assert state(pair, web_id) == ("held", "deleted_after_invoice")
    assert choose(pair, web_id, HEARTLAND) == "done"
    assert state(pair, web_id) == ("booked", "kept_though_deleted")


@pytest.mark.parametrize("answers", [200, 404], ids=["archived", "gone"])
def test_c36_a_cancelling_that_was_cut_short_is_finished(pair: Pair, answers: int) -> None:
    """Money was given back and the order not cancelled yet when the store archived or deleted it: nobody is asked."""
    web_id = pair.book()
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/status", {"status_id": 5})
    cancelling = {"method": "PUT", "path": "/api/sales/orders/[0-9]+$", "times": 1, "status": 503}
    pair.heartland.post("/_sim/faults", cancelling)
    assert pair.run(web_id) == "retry"
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/status", {"status_id": 11})
    archive(pair, web_id, answers=answers)
    assert look(pair, web_id) == "done"
    (order,) = pair.sales_orders(web_id)
    paid = sum(cents(row["amount"]) for row in pair.rows_of("payments", order["id"]))
    assert (order["status"], paid, state(pair, web_id)) == ("canceled", 0, ("cancelled", "cancelled"))


def test_c36_a_lost_callback_is_made_good_by_the_days_proof(pair: Pair) -> None:
    web_id = pair.book()
    archive(pair, web_id, answers=200)
    now = timezone.now()
    proof = proof_make(connection=pair.connection, day=day_of(pair.connection, now), now=now)
    assert web_id in proof.beyond
    assert web_id in proof.again
    job = SyncJob.objects.get(status="pending", external_id=web_id)
    assert job_run(job_id=job.pk, now=timezone.now()) == "hold"
    assert state(pair, web_id) == ("held", "deleted_after_booking")


@pytest.mark.parametrize(
    ("recipe", "result", "code"),
    [({"status_id": 8}, "done", "awaiting_pickup"), ({"guest": BUYER | {"email": "none"}}, "hold", "email_invalid")],
)
def test_c36_what_was_not_booked_yet_keeps_no_piece_back_once_it_is_archived(
    pair: Pair, recipe: JSON, result: str, code: str
) -> None:
    link_all(pair.connection)
    web_id = pair.place(**recipe)
    assert (pair.run(web_id), pair.record(web_id).code) == (result, code)
    assert sum(pieces_pending(pair.connection, timezone.now()).values()) == 2
    archive(pair, web_id, answers=200)
    now = timezone.now()
    proof = proof_make(connection=pair.connection, day=day_of(pair.connection, now), now=now)
    assert proof.again == [web_id]
    job = SyncJob.objects.get(status="pending", external_id=web_id)
    assert job_run(job_id=job.pk, now=timezone.now()) == "done"
    assert state(pair, web_id) == ("skipped", "archived")
    assert not pieces_pending(pair.connection, timezone.now())
    now = timezone.now()
    assert proof_make(connection=pair.connection, day=day_of(pair.connection, now), now=now).again == []


def refund(pair: Pair, web_id: str, **wish: object) -> None:
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/refund", wish)
    pair.bigcommerce.post("/_sim/clock/advance", {"seconds": 5})


def test_each_refund_of_an_amount_asks_anew_with_its_sum(pair: Pair) -> None:
    web_id = pair.book()
    refund(pair, web_id, amount="5.00")
    assert pair.run(web_id) == "hold"
    assert "Given back to the shopper: nothing → 5.00" in pair.record(web_id).reason
    assert choose(pair, web_id, HEARTLAND) == "done"
    assert state(pair, web_id) == ("booked", "kept_as_booked")
    refund(pair, web_id, amount="7.00")
    assert pair.run(web_id) == "hold"
    assert "Given back to the shopper: nothing → 12.00" in pair.record(web_id).reason
    assert pair.calls(web_id) == ["GET /v2/orders", "GET /v3/orders/payment_actions/refunds", "GET /sales/orders"]


def test_a_fully_refunded_unshipped_order_can_be_cancelled(pair: Pair) -> None:
    web_id = pair.book()
    refund(pair, web_id)
    assert pair.run(web_id) == "hold"
    assert state(pair, web_id) == ("held", "refunded_in_full")
    assert choose(pair, web_id, CANCEL) == "done"
    assert state(pair, web_id)[0] == "cancelled"
    assert [row["status"] for row in pair.sales_orders(web_id)] == ["canceled"]
    assert pair.run(web_id) == "done"
    assert state(pair, web_id) == ("cancelled", "cancelled")  # skipped is what never was in Heartland


def test_a_fully_refunded_order_that_is_kept_is_not_put_up_for_distribution(pair: Pair) -> None:
    web_id, other = pair.book(), pair.book()
    refund(pair, web_id)
    pair.run(web_id)
    assert choose(pair, web_id, HEARTLAND) == "done"
    assert state(pair, web_id) == ("booked", "kept_though_refunded")
    assert [row.external_id for row in undistributed(Scope(connections=[pair.connection]))] == [other]


def test_a_guest_who_opens_an_account_later_changes_nothing(pair: Pair) -> None:
    web_id = pair.book()
    account = pair.bigcommerce.rows("customers")[0]["id"]
    answer = pair.store_client().order_update(web_id, customer_id=account)
    assert answer["customer_id"] == account
    assert pair.run(web_id) == "done"
    assert state(pair, web_id) == ("booked", "")


def test_orders_fetched_by_hand_come_also_from_before_the_start(pair: Pair) -> None:
    start = timezone.now() + timedelta(days=1)
    OrderSettings.objects.filter(connection=pair.connection).update(history_start_at=start)
    web_id = pair.place()
    pair.run(web_id)
    assert state(pair, web_id) == ("skipped", "before_history_start")
    orders_backfill(connection=pair.connection, actor=None, ids=[web_id])
    job = SyncJob.objects.get(status="pending", external_id=web_id)
    assert job_run(job_id=job.pk, now=timezone.now()) == "done"
    assert state(pair, web_id) == ("booked", "")
    runs_settle(timezone.now(), pair.connection)
    day = start.astimezone(ZoneInfo(pair.connection.merchant.time_zone)).date()
    said = f"1 looked at: 1 booked. 1 of them was placed before your start, {day}: {web_id}."
    assert Run.objects.get().sentence == said
    held = pair.place(lines=[{"sku": "CMP-KETL", "quantity": 1}])
    orders_backfill(connection=pair.connection, actor=None, ids=[held])
    assert job_run(job_id=SyncJob.objects.get(status="pending").pk, now=timezone.now()) == "hold"
    assert pair.run(held) == "hold"
    assert state(pair, held) == ("held", "item_not_linked")
