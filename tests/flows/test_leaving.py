"""What was shipped or given back in the store is packed by nobody: no alert, no location, no silent parcel."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from connections.models import OrderSettings
from syncjobs.distribution.waiting_lines import lines_waiting
from syncjobs.engine import order_choose
from syncjobs.engine.running import job_run
from syncjobs.flows.orders import ORDERS
from syncjobs.flows.orders.changing import about
from syncjobs.intake.follow_distribution import distribution_look
from syncjobs.models import Record, SyncJob
from syncjobs.pages.dashboard.dashboard_scope import Scope, undistributed
from syncjobs.pages.dashboard.needs_you import left_needs
from syncjobs.pages.orders.pipeline import pipeline
from tests import factories
from tests.flows.conftest import BUYER, Pair
from tests.flows.test_shipments import MAIN, TWO, invoice
from tests.flows.test_shipments import distribute as at_desk
from tests.flows.test_shipping import ANNEX, by_turn, distribute, have, lines, ship
from tests.flows.tills import refunding, take_back, work

LEADS = {"lines": [{"sku": "DOG-LEAD", "quantity": 2}], "guest": BUYER}
THREE = {"lines": [{"sku": "DOG-LEAD", "quantity": 3}], "guest": BUYER}


def line_of(pair: Pair, web_id: str) -> int:
    return next(int(row["id"]) for row in pair.bigcommerce.rows("lines") if row["order_id"] == int(web_id))


def ship_by_hand(pair: Pair, web_id: str, quantity: int) -> None:
    wish = {"lines": [{"line": line_of(pair, web_id), "quantity": quantity}]}
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/ship", wish)


def refund(pair: Pair, web_id: str, quantity: int) -> None:
    wish = {"lines": [{"line": line_of(pair, web_id), "quantity": quantity}]}
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/refund", wish)
    pair.bigcommerce.post("/_sim/clock/advance", {"seconds": 5})


def alerted(pair: Pair) -> list[str]:
    return [row.external_id for row in undistributed(Scope(connections=[pair.connection]))]


def staged(pair: Pair) -> dict[str, int]:
    return {stage.name: stage.count for stage in pipeline(pair.connection) if stage.count}


def test_an_order_that_the_store_says_is_shipped_is_in_no_alert(pair: Pair, client: Client) -> None:
    web_id = pair.place(status_id=2)
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/status", {"status_id": 2})
    assert pair.run(web_id) == "done"
    kept = pair.record(web_id)
    assert (kept.disposition, kept.is_distributed, kept.is_left_open, alerted(pair)) == ("booked", False, True, [])
    (need,) = left_needs(pair.connection)
    assert (need.title, need.records) == ("An order has left the store, and is open in Heartland", 1)
    assert staged(pair) == {"Left, open in Heartland": 1}
    shown = distribute(pair, client, web_id, str(MAIN))
    assert f"Nothing of order {web_id} is left to pack: the store says Shipped" in shown
    assert "Nothing is left to pack" in shown
    assert "Which location ships" not in shown
    assert lines(pair, web_id) == [(2, None)]


def test_an_article_that_also_stands_for_cards_or_fees_is_packed_and_told(pair: Pair) -> None:
    """A merchant books cards as an article that shoppers buy: of an order of that article it is goods."""
    item = next(str(row["id"]) for row in pair.heartland.rows("items") if row["public_id"] == "DOG-LEAD")
    OrderSettings.objects.update(gift_card_item_id=item, fee_item_id=item)
    web_id = pair.book(**LEADS)
    assert (alerted(pair), pair.record(web_id).to_distribute) == ([web_id], 2)
    assert staged(pair) == {"To distribute": 1}
    refunding(pair.connection)
    invoice(pair, at_desk(pair, web_id))
    work(pair.connection)
    (line,) = (row for row in pair.bigcommerce.rows("lines") if row["order_id"] == int(web_id))
    assert line["quantity_shipped"] == 2


def test_what_was_shipped_by_hand_after_booking_leaves_the_alert(pair: Pair) -> None:
    web_id = pair.book(**THREE)
    assert (alerted(pair), pair.record(web_id).to_distribute) == ([web_id], 3)
    ship_by_hand(pair, web_id, 1)
    pair.run(web_id)
    assert (alerted(pair), pair.record(web_id).to_distribute) == ([web_id], 2)
    ship_by_hand(pair, web_id, 2)
    pair.run(web_id)
    assert (alerted(pair), pair.record(web_id).to_distribute, len(left_needs(pair.connection))) == ([], 0, 1)
    pair.heartland.post("/_sim/staff/close_line", {"order": f"BC-{web_id}", "sku": "DOG-LEAD"})
    assert distribution_look(connection=pair.connection, now=timezone.now()) == 1
    assert left_needs(pair.connection) == []


def test_what_was_shipped_by_hand_and_then_deleted_is_back_in_the_alert(pair: Pair) -> None:
    web_id = pair.book(**THREE)
    ship_by_hand(pair, web_id, 2)
    pair.run(web_id)
    assert pair.record(web_id).to_distribute == 1
    (shipment,) = [row for row in pair.bigcommerce.rows("shipments") if row["order_id"] == int(web_id)]
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/unship", {"shipment": shipment["id"]})
    pair.run(web_id)
    assert (alerted(pair), pair.record(web_id).to_distribute) == ([web_id], 3)


def test_a_person_distributes_only_what_has_not_gone(pair: Pair, client: Client) -> None:
    web_id = pair.book(**TWO)
    ship_by_hand(pair, web_id, 2)  # behind the page's back
    shown = distribute(pair, client, web_id, str(ANNEX))
    assert f"BC-{web_id} ships from Pine Annex." in shown
    assert lines(pair, web_id) == [(2, None), (1, ANNEX)]
    now = timezone.now() + timedelta(seconds=1)
    (job,) = SyncJob.objects.filter(flow=ORDERS.name, status=SyncJob.Status.PENDING)
    job_run(job_id=job.pk, now=now)
    assert (pair.record(web_id).to_distribute, alerted(pair)) == (0, [])


def test_a_line_that_is_partly_gone_is_distributed_with_a_word(pair: Pair, client: Client) -> None:
    web_id = pair.book(**THREE)
    ship_by_hand(pair, web_id, 1)
    shown = distribute(pair, client, web_id, str(ANNEX))
    assert f"BC-{web_id} ships from Pine Annex. Pack 1 fewer: the store shows them as shipped or given back." in shown
    assert lines(pair, web_id) == [(3, ANNEX)]


@pytest.mark.parametrize("mode", ["one", "priority"])
@pytest.mark.parametrize(("gone", "shared"), [(1, [(1, None), (2, MAIN)]), (3, [(3, None)])])
def test_orders_distribute_themselves_without_what_has_left(
    pair: Pair, mode: str, gone: int, shared: list[tuple[int, int | None]]
) -> None:
    ship(pair, "one", eligible_statuses=["2", "3", "11"])
    if mode == "priority":
        by_turn(pair, MAIN)
        have(pair, "DOG-LEAD", MAIN, 9)
    web_id = pair.place(**THREE)
    ship_by_hand(pair, web_id, gone)
    assert pair.run(web_id) == "done"
    assert sorted(lines(pair, web_id), key=str) == shared
    kept = pair.record(web_id)
    assert (kept.disposition, kept.to_distribute, alerted(pair)) == ("booked", 0, [])
    assert kept.source_total == kept.target_total


def test_a_refunded_piece_waits_for_no_location(pair: Pair) -> None:
    web_id = pair.book(**THREE)
    refund(pair, web_id, 1)
    pair.run(web_id)
    keep(pair, web_id)
    assert (pair.record(web_id).disposition, pair.record(web_id).to_distribute) == ("booked", 2)
    assert alerted(pair) == [web_id]


def test_the_rest_of_a_line_waits_once_the_order_was_booked_without_a_piece(pair: Pair) -> None:
    """The sales order does not hold what went back: what it holds has all to leave."""
    OrderSettings.objects.filter(connection=pair.connection).update(books_refunds=True)
    web_id = pair.book(**LEADS)
    refund(pair, web_id, 1)
    pair.run(web_id)
    assert (pair.record(web_id).to_distribute, staged(pair)) == (1, {"To distribute": 1})
    (line,) = lines_waiting(pair.record(web_id)) or ()
    assert (line.pieces, line.leaving) == (1, 1)


def test_what_came_back_over_the_counter_is_not_taken_for_what_has_to_leave(pair: Pair) -> None:
    """Two sold, one left and was taken back at a till: its location still ships the other one."""
    refunding(pair.connection)
    web_id = pair.book(**LEADS)
    made = invoice(pair, at_desk(pair, web_id), lines=[{"sku": "DOG-LEAD", "qty": 1}])
    work(pair.connection)
    take_back(pair.heartland, pair.connection, made, {"sku": "DOG-LEAD", "qty": 1})
    work(pair.connection)
    pair.bigcommerce.post("/_sim/clock/advance", {"seconds": 60})
    work(pair.connection, at=timedelta(minutes=2))
    kept = pair.record(web_id)
    assert (kept.facts["lines"][0]["shipped"], kept.facts["lines"][0]["refunded"]) == (1, 1)
    assert (kept.is_distributed, kept.to_distribute, kept.to_call_back, kept.is_left_open) == (True, 0, 0, False)


def test_a_fully_refunded_order_that_was_kept_is_in_no_alert(pair: Pair) -> None:
    web_id = pair.book(**THREE)
    refund(pair, web_id, 3)
    pair.run(web_id)
    keep(pair, web_id)
    kept = pair.record(web_id)
    assert (kept.disposition, kept.source_status, kept.to_distribute) == ("booked", "Partially Refunded", 0)
    assert (alerted(pair), len(left_needs(pair.connection))) == ([], 1)


def keep(pair: Pair, web_id: str) -> None:
    """A person keeps Heartland's order although the store's differs."""
    record = Record.objects.select_related("connection__merchant").get(flow=ORDERS.name, external_id=web_id)
    actor = factories.member(pair.connection.merchant)
    order_choose(record=record, choice=Record.Choice.HEARTLAND, actor=actor)
    Record.objects.filter(pk=record.pk).update(choice_about=about(record))
    pair.run(web_id)
