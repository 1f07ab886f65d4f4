"""Edits at Heartland's desk that move no time of change: the proof and *Look again* find what no feed tells of."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ipaas.types import JSON
from syncjobs.engine import record_retry
from syncjobs.engine.running import job_run
from syncjobs.intake.follow_distribution import distribution_look
from syncjobs.models import Record, SyncJob
from tests.flows import desk
from tests.flows.conftest import Pair
from tests.flows.test_desk import reprice
from tests.flows.test_order_changes import choose, state
from tests.flows.test_proof import prove
from tests.flows.test_sales_orders import follow, followed
from tests.flows.test_shipments import MAIN
from tests.flows.test_shipping import ship

__all__ = ["followed"]
LATER = timedelta(minutes=30)  # beyond the overlap of two looks at the feed


@pytest.fixture
def unheard(followed: Pair) -> Pair:
    """Orders are distributed as they are booked, and only their header moves their time of change."""
    ship(followed, "one")
    followed.heartland.put("/_sim/switches", {"order_moves_with": "header"})
    return followed


def booked_before(pair: Pair) -> str:
    """An order that the next look at the feed does not list any more, as another was booked since."""
    web_id = pair.book()
    pair.heartland.put("/_sim/clock", {"offset_seconds": LATER.total_seconds()})
    pair.book()
    assert follow(pair, at=timezone.now() + LATER)[1] == 0
    return web_id


def swap(pair: Pair, web_id: str) -> None:
    """The desk puts other goods of the same worth into the sales order."""
    order_id = pair.record(web_id).target_id
    (row,) = pair.rows_of("order_lines", int(order_id))
    client = pair.heartland_client()
    client.order_line_update(order_id, str(row["id"]), adjusted_unit_price=0)
    client.order_line_add(order_id, desk.line(pair, "LGT-LANT", 1, "69.90") | {"ship_from_location_id": MAIN})


def repriced(pair: Pair, web_id: str) -> None:
    reprice(pair, pair.record(web_id).target_id)


def line_of(pair: Pair, web_id: str) -> JSON:
    return next(line for line in prove(pair).lines if line["order"] == web_id)


@pytest.mark.parametrize("edit", [swap, repriced])
def test_the_proof_finds_what_moved_no_time_of_change(unheard: Pair, edit: object) -> None:
    web_id = booked_before(unheard)
    edit(unheard, web_id)  # type: ignore[operator]
    assert follow(unheard, at=timezone.now() + LATER)[:2] == (1, 0)  # the other one
    assert distribution_look(connection=unheard.connection, now=timezone.now()) == 0
    assert state(unheard, web_id) == ("booked", "")
    line = line_of(unheard, web_id)
    assert (line["disposition"], line["code"]) == (
        "disagrees",
        "edited_in_heartland" if edit is swap else "total_differs",
    )
    (job,) = SyncJob.objects.filter(external_id=web_id, status=SyncJob.Status.PENDING)
    assert (job.cause, job_run(job_id=job.pk, now=timezone.now())) == ("proof", "hold")
    assert state(unheard, web_id) == ("held", "changed_in_heartland")
    assert line_of(unheard, web_id)["disposition"] == "held"


def test_what_was_kept_and_is_edited_again_is_found_too(unheard: Pair) -> None:
    web_id = unheard.book()
    swap(unheard, web_id)
    assert unheard.run(web_id) == "hold"
    assert choose(unheard, web_id, Record.Choice.HEARTLAND) == "done"
    assert line_of(unheard, web_id)["disposition"] == "booked"
    order_id = unheard.record(web_id).target_id
    unheard.heartland_client().order_line_add(order_id, desk.line(unheard, "CMP-JUG", 1, "0.00"))
    assert line_of(unheard, web_id)["code"] == "edited_in_heartland"


def test_look_again_finds_it_at_once(unheard: Pair) -> None:
    web_id = unheard.book()
    swap(unheard, web_id)
    actor = unheard.connection.merchant.memberships.first()
    job = record_retry(
        connection=unheard.connection, flow="orders", external_id=web_id, actor=actor.user if actor else None
    )
    assert job_run(job_id=job.pk, now=timezone.now()) == "hold"
    assert state(unheard, web_id) == ("held", "changed_in_heartland")


def test_a_sum_that_changed_is_heard_of_where_sums_count_as_a_change(followed: Pair) -> None:
    ship(followed, "one")
    web_id = booked_before(followed)
    repriced(followed, web_id)
    assert follow(followed, at=timezone.now() + LATER)[:2] == (2, 1)
    assert state(followed, web_id) == ("held", "changed_in_heartland")
