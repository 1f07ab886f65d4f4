"""An order's page says as of when it knows, and asks both sides live before it says that they agree."""

import html
import re
import time
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from connections.models import Merchant, Role
from ipaas.types import System
from syncjobs.engine import record_retry
from syncjobs.engine.running import job_run
from syncjobs.models import Circuit, RateBudget, Record, SyncJob
from syncjobs.pages.orders.replay_preview import replay_preview
from tests import factories
from tests.flows import desk
from tests.flows.conftest import BUYER, Pair
from tests.flows.shoppers import at_the_desk
from tests.flows.test_desk import reprice
from tests.flows.test_order_changes import choose, five, invoice, state

AGREE = "Both agree"


@pytest.fixture
def viewer(pair: Pair, client: Client) -> Client:
    client.force_login(factories.member(pair.connection.merchant, Role.VIEWER))
    return client


def page(pair: Pair, client: Client, web_id: str) -> str:
    return html.unescape(client.get(f"/stores/{pair.connection.public_id}/orders/{web_id}/").content.decode())


def seen(pair: Pair, client: Client, web_id: str) -> tuple[str, Any]:
    """The part that the page loads: what it says, without tags, and the answer itself."""
    answer = client.post(f"/stores/{pair.connection.public_id}/orders/{web_id}/seen/")
    return " ".join(re.sub(r"<[^>]+>", " ", html.unescape(answer.content.decode())).split()), answer


def work(pair: Pair) -> list[tuple[str, str]]:
    now = timezone.now()
    jobs = SyncJob.objects.filter(status=SyncJob.Status.PENDING, connection=pair.connection)
    return [(job.cause, job_run(job_id=job.pk, now=now)) for job in jobs]


def calls(pair: Pair) -> tuple[int, int]:
    return pair.bigcommerce.get("/_sim/calls")["total"], pair.heartland.get("/_sim/calls")["total"]


def test_a_page_says_as_of_when_and_agrees_only_when_both_were_asked(pair: Pair, viewer: Client) -> None:
    Merchant.objects.filter(pk=pair.connection.merchant_id).update(time_zone="America/Chicago")
    web_id = pair.book()
    shown = page(pair, viewer, web_id)
    assert AGREE not in shown
    assert "Agreed when read" in shown
    assert re.search(r"As last read: <span>BigCommerce \w+ \d+, \d+ [\d:]{8} C[SD]T</span>; <span>Heartland", shown)
    assert f'hx-post="/stores/{pair.connection.public_id}/orders/{web_id}/seen/"' in shown
    for system in (pair.bigcommerce, pair.heartland):
        system.delete("/_sim/calls")
    before = pair.record(web_id)
    words, answer = seen(pair, viewer, web_id)
    assert calls(pair) == (1, 2)
    assert words.startswith("Asked just now, nothing has changed: BigCommerce ")
    assert AGREE in words
    assert "HX-Refresh" not in answer
    after = pair.record(web_id)
    assert after.source_seen_at
    assert before.source_seen_at
    assert after.source_seen_at > before.source_seen_at
    assert after.target_seen_at == after.source_seen_at
    assert not SyncJob.objects.filter(status=SyncJob.Status.PENDING).exists()


def test_what_the_desk_did_is_said_and_judged_when_the_page_is_opened(pair: Pair, viewer: Client) -> None:
    web_id = pair.book()
    reprice(pair, pair.record(web_id).target_id)
    assert AGREE not in page(pair, viewer, web_id)
    words, answer = seen(pair, viewer, web_id)
    assert "Heartland says something else now: it is looked at" in words
    assert AGREE not in words
    assert answer["HX-Refresh"] == "true"
    assert 'seen/"' not in page(pair, viewer, web_id)  # it waits for the look
    assert work(pair) == [("look again", "hold")]
    assert state(pair, web_id) == ("held", "changed_in_heartland")
    words, answer = seen(pair, viewer, web_id)
    assert "They differ" in words
    assert "HX-Refresh" not in answer


def test_what_the_store_changed_is_said_and_judged_too(pair: Pair, viewer: Client) -> None:
    web_id = pair.book()
    five(pair, web_id)
    words, _ = seen(pair, viewer, web_id)
    assert "BigCommerce says something else now: it is looked at" in words
    assert AGREE not in words
    assert work(pair) == [("look again", "hold")]
    assert state(pair, web_id) == ("held", "changed_after_booking")


def test_how_far_it_is_fulfilled_is_kept_without_a_look(pair: Pair, viewer: Client) -> None:
    web_id = pair.book()
    invoice(pair, web_id)
    words, answer = seen(pair, viewer, web_id)
    assert "Heartland went on" in words
    assert answer["HX-Refresh"] == "true"
    assert "Closed, distributed" in page(pair, viewer, web_id)
    words, answer = seen(pair, viewer, web_id)
    assert (AGREE in words, "HX-Refresh" in answer, work(pair)) == (True, False, [])


def test_a_side_that_does_not_answer_is_said(pair: Pair, viewer: Client) -> None:
    web_id = pair.book()
    moment = pair.record(web_id).target_seen_at
    pair.heartland.post("/_sim/faults", {"method": "GET", "path": "/api/sales/orders", "times": 9, "status": 503})
    words, _ = seen(pair, viewer, web_id)
    assert re.search(r"Heartland did not answer; as of \w+ \d+, \d+ [\d:]{8} C[SD]T", words)
    assert AGREE not in words
    assert pair.record(web_id).target_seen_at == moment


def test_a_page_waits_a_moment_for_sides_that_hang_and_calls_them_not_down(pair: Pair, viewer: Client) -> None:
    web_id = pair.book()
    for system in (pair.bigcommerce, pair.heartland):
        system.post("/_sim/faults", {"method": "GET", "path": "orders", "times": 9, "stall": 4})
        system.delete("/_sim/calls")
    words, _ = seen(pair, viewer, web_id)
    assert "BigCommerce did not answer within 2 s; as of" in words
    assert "Heartland did not answer within 2 s; as of" in words
    while calls(pair) != (1, 1):  # one each, which the sides count when they answer at last
        time.sleep(0.1)
    assert not Circuit.objects.filter(failures__gt=0).exists()
    assert AGREE not in words


def test_a_page_takes_no_call_that_orders_may_need(pair: Pair, viewer: Client) -> None:
    web_id = pair.book()
    RateBudget.objects.filter(system=System.HEARTLAND).update(permits=1, refill_per_second=0.001)
    pair.heartland.delete("/_sim/calls")
    words, _ = seen(pair, viewer, web_id)
    assert "Heartland has no call to spare for a page now; as of" in words
    assert calls(pair)[1] == 0


def test_a_page_that_stays_open_does_not_keep_an_order_busy(pair: Pair, viewer: Client) -> None:
    web_id = pair.book()
    pair.record(web_id)
    reprice(pair, pair.record(web_id).target_id)
    seen(pair, viewer, web_id)
    assert len(work(pair)) == 1
    reprice_again = pair.rows_of("order_lines", int(pair.record(web_id).target_id))[0]["id"]
    pair.heartland_client().order_line_update(pair.record(web_id).target_id, str(reprice_again), adjusted_unit_price=2)
    words, answer = seen(pair, viewer, web_id)
    assert words.startswith("BigCommerce")
    assert "Heartland says something else now" in words
    assert ("HX-Refresh" in answer, work(pair)) == (False, [])


# --- addresses ------------------------------------------------------------------------------------


def address_of(pair: Pair, web_id: str) -> str:
    order = pair.heartland_client().order_read(pair.record(web_id).target_id)
    return f"/customers/{order['customer_id']}/addresses/{order['shipping_address_id']}"


def move(pair: Pair, web_id: str, **address: str) -> None:
    """The desk edits the address in place: its id stays, and nothing tells of it."""
    at_the_desk(pair, "PUT", address_of(pair, web_id), address)


def look_again(pair: Pair, web_id: str) -> str:
    actor = factories.member(pair.connection.merchant)
    job = record_retry(connection=pair.connection, flow="orders", external_id=web_id, actor=actor)
    return job_run(job_id=job.pk, now=timezone.now())


def test_an_address_edited_in_place_is_held_as_other_edits_are(pair: Pair, viewer: Client) -> None:
    web_id = pair.book()
    move(pair, web_id, line_1="9 Other Rd", city="Waco")
    words, _ = seen(pair, viewer, web_id)
    assert "Heartland says something else now" in words
    assert work(pair) == [("look again", "hold")]
    assert state(pair, web_id) == ("held", "changed_in_heartland")
    assert "edited in Heartland" in pair.record(web_id).reason
    assert "Shipping address" in page(pair, viewer, web_id)
    assert replay_preview(Record.objects.get(external_id=web_id), timezone.now()).effect == "conflict"
    assert choose(pair, web_id, Record.Choice.HEARTLAND) == "done"
    assert state(pair, web_id) == ("booked", "kept_as_booked")
    assert look_again(pair, web_id) == "done"
    move(pair, web_id, city="Lubbock")
    assert pair.run(web_id) == "hold"  # a choice is about one state


def test_the_store_s_address_is_booked_anew_and_not_the_edited_one(pair: Pair) -> None:
    web_id = pair.book()
    edited = address_of(pair, web_id)
    move(pair, web_id, line_1="9 Other Rd")
    assert look_again(pair, web_id) == "hold"
    assert choose(pair, web_id, Record.Choice.STORE) == "done"
    assert address_of(pair, web_id) != edited
    order = pair.heartland_client().order_read(pair.record(web_id).target_id)
    rows = pair.heartland_client().customer_addresses(str(order["customer_id"]))
    (there,) = [row for row in rows if row["address_id"] == order["shipping_address_id"]]
    assert there["line_1"] == BUYER["street_1"]
    assert look_again(pair, web_id) == "done"
    assert state(pair, web_id) == ("booked", "")


def test_another_spelling_a_phone_and_what_has_shipped_ask_nobody(pair: Pair) -> None:
    web_id = pair.book()
    move(pair, web_id, line_1="12 bay street", phone="5125550199")
    assert look_again(pair, web_id) == "done"
    invoice(pair, web_id)
    move(pair, web_id, line_1="9 Other Rd")
    assert look_again(pair, web_id) == "done"
    assert state(pair, web_id) == ("booked", "")


def test_an_ordinary_look_reads_no_address(pair: Pair) -> None:
    web_id = pair.book()
    job = pair.run(web_id)
    assert (job, len(pair.calls(web_id))) == ("done", 2)
    assert look_again(pair, web_id) == "done"
    assert len(pair.calls(web_id)) == 3
    desk.cancel(pair, pair.record(web_id).target_id)
    assert look_again(pair, web_id) == "hold"
    assert len(pair.calls(web_id)) == 2
