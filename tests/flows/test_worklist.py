"""The list of orders to distribute, over both systems: suggested, written once, left over with a reason, taken back."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from connections.models import Role
from ipaas import failpoints
from syncjobs import tasks
from syncjobs.models import Assignment, Run
from syncjobs.pages.distribution.worklist import Worklist, worklist_of
from tests import factories
from tests.flows.conftest import BUYER, Pair
from tests.flows.magento.conftest import Pair as MagentoPair
from tests.flows.test_shipping import ANNEX, DEPOT, MAIN, by_turn, have, lines

LEADS = {"lines": [{"sku": "DOG-LEAD", "quantity": 2}], "guest": BUYER}
MIXED = {"lines": [{"sku": "DOG-LEAD", "quantity": 2}, {"sku": "CMP-JUG", "quantity": 1}], "guest": BUYER}
AnyPair = Pair | MagentoPair


def stocked(pair: Pair, sku: str, **pieces: int) -> None:
    """So many pieces there, and none elsewhere."""
    for name, location in {"main": MAIN, "annex": ANNEX, "depot": DEPOT}.items():
        have(pair, sku, location, pieces.get(name, 0))


def path(pair: AnyPair, rest: str = "") -> str:
    return f"/stores/{pair.connection.public_id}/distribute/{rest}"


@pytest.fixture
def desk(pair: Pair) -> Client:
    client = Client()
    client.force_login(factories.member(pair.connection.merchant, Role.STAFF))
    return client


def drawn(page: str) -> dict[str, str]:
    """The fields of the page's form as they stand, selects with what is selected."""
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))
    for name, options in re.findall(r'<select id="[^"]+" name="([^"]+)">(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected>', options)
        fields[name] = chosen[1] if chosen else ""
    return {name: value for name, value in fields.items() if not name.startswith("csrf")}


def open_list(pair: AnyPair, desk: Client) -> dict[str, str]:
    return drawn(desk.get(path(pair)).content.decode())


def send(pair: AnyPair, desk: Client, fields: dict[str, Any], what: str, **more: Any) -> str:
    return desk.post(path(pair), {**fields, "what": what, **more}, follow=True).content.decode()


def work(pair: AnyPair, kind: str = "distribution_send") -> Run:
    """What the workers would do."""
    run = Run.objects.filter(connection=pair.connection, kind=kind).latest("pk")
    for _ in range(9):
        Run.objects.filter(pk=run.pk).update(due_at=timezone.now())
        tasks.run_slice(run.pk)
        run.refresh_from_db()
        if run.state != Run.State.RUNNING:
            break
    return run


def read(pair: Pair) -> Worklist:
    pair.connection.refresh_from_db()
    return worklist_of(pair.connection)


def key(pair: Pair, web_id: str) -> int:
    return int(pair.record(web_id).pk)


def test_all_go_as_suggested_in_one_step_and_heartland_is_read_again(pair: Pair, desk: Client) -> None:
    stocked(pair, "DOG-LEAD", depot=4, main=2)
    first, second, third = (pair.book(**LEADS) for _ in range(3))
    page = desk.get(path(pair)).content.decode()
    assert "Distribute 3 as suggested" in page
    assert "Depot 4 · Harbor Main 2 · Pine Annex 0" in page
    said = send(pair, desk, drawn(page), "suggested")
    assert "3 orders are being distributed now." in said
    assert "0 of 3 orders" in said
    pair.heartland.delete("/_sim/calls")
    run = work(pair)
    assert (run.state, run.sentence, run.done) == ("done", "3 orders distributed.", 3)
    assert [lines(pair, one) for one in (first, second, third)] == [[(2, DEPOT)], [(2, DEPOT)], [(2, MAIN)]]
    assert [pair.record(one).is_distributed for one in (first, second, third)] == [True] * 3
    assert pair.heartland.get("/_sim/calls")["total"] == 6  # 2 looks at the sales orders, 1 at the stock, 1 a line
    entries = pair.connection.merchant.audit_entries.filter(action="order.distributed").order_by("number")
    assert [entry.detail["places"] for entry in entries] == [
        ["Depot"],
        ["Depot"],
        ["Harbor Main"],
    ]
    assert "Every booked order has a location" in desk.get(path(pair)).content.decode()


def test_two_orders_are_not_promised_the_same_last_piece(pair: Pair, desk: Client) -> None:
    stocked(pair, "DOG-LEAD", main=2)
    old, new = pair.book(**LEADS), pair.book(**LEADS)
    found = read(pair)
    assert [row.record.external_id for row in found.ready] == [old]
    assert [(row.record.external_id, row.reason[:24]) for row in found.left] == [(new, "No location has all of 2")]
    send(pair, desk, open_list(pair, desk), "suggested")
    assert [row.record.external_id for row in read(pair).left] == [new]  # promised already, before it is carried out
    work(pair)
    assert (lines(pair, old), lines(pair, new)) == ([(2, MAIN)], [(2, None)])


def test_lines_leave_from_several_places_and_by_the_stores_turn(pair: Pair, desk: Client) -> None:
    web_id = pair.book(**MIXED)
    stocked(pair, "DOG-LEAD", main=2, depot=9)
    stocked(pair, "CMP-JUG", annex=1)
    (row,) = read(pair).ready
    assert (row.value, row.where) == (f"{DEPOT}+{ANNEX}", "Depot and Pine Annex")
    by_turn(pair, MAIN, ANNEX)
    (row,) = read(pair).ready
    assert row.value == f"{MAIN}+{ANNEX}"
    send(pair, desk, open_list(pair, desk), str(key(pair, web_id)))
    assert work(pair).sentence == "1 order distributed."
    assert lines(pair, web_id) == [(2, MAIN), (1, ANNEX)]


def test_a_person_may_choose_another_location_than_has_it(pair: Pair, desk: Client) -> None:
    stocked(pair, "DOG-LEAD")
    web_id, other = pair.book(**LEADS), pair.book(**LEADS)
    fields = open_list(pair, desk)
    said = send(pair, desk, fields, "ticked", order=[key(pair, web_id), key(pair, other)])
    assert "2 orders not distributed: choose a location first." in said
    fields |= {f"place-{key(pair, web_id)}": str(ANNEX)}
    said = send(pair, desk, fields, "ticked", order=[key(pair, web_id), key(pair, other)])
    assert "1 order is being distributed now." in said
    assert "1 order not distributed: choose a location first." in said
    work(pair)
    assert (lines(pair, web_id), lines(pair, other)) == ([(2, ANNEX)], [(2, None)])


def test_stock_that_went_meanwhile_leaves_the_order_over_and_says_so(pair: Pair, desk: Client) -> None:
    stocked(pair, "DOG-LEAD", main=2)
    web_id = pair.book(**LEADS)
    send(pair, desk, open_list(pair, desk), "suggested")
    have(pair, "DOG-LEAD", MAIN, 1)
    run = work(pair)
    assert (run.state, run.sentence) == ("done", "0 orders distributed. 1 left over.")
    assert Assignment.objects.get().sentence == "Harbor Main has 1 of an item left by now, and 2 are wanted."
    assert lines(pair, web_id) == [(2, None)]
    assert "Harbor Main has 1 of an item left by now" in desk.get(path(pair)).content.decode()


def test_an_order_that_changed_in_the_store_meanwhile_is_left_over_and_looked_at(pair: Pair, desk: Client) -> None:
    stocked(pair, "DOG-LEAD", main=9)
    cancelled, shipped, fine = (pair.book(**LEADS) for _ in range(3))
    send(pair, desk, open_list(pair, desk), "suggested")
    pair.bigcommerce.post(f"/_sim/orders/{cancelled}/status", {"status_id": 5})
    pair.bigcommerce.post(f"/_sim/orders/{shipped}/ship", {"tracking": "1Z1", "provider": "ups"})
    assert work(pair).sentence == "1 order distributed. 2 left over."
    assert [lines(pair, one) for one in (cancelled, shipped, fine)] == [[(2, None)], [(2, None)], [(2, MAIN)]]
    said = dict(Assignment.objects.filter(state="left").values_list("record__external_id", "sentence"))
    assert said == {
        cancelled: "The store says Cancelled: nothing of it is left to pack.",
        shipped: "The store says Shipped: nothing of it is left to pack.",
    }
    pending = pair.connection.jobs.filter(status="pending").values_list("external_id", flat=True)
    assert set(pending) == {cancelled, shipped}


def test_what_heartlands_desk_did_meanwhile_is_left_alone(pair: Pair, desk: Client) -> None:
    stocked(pair, "DOG-LEAD", main=9)
    web_id, gone = pair.book(**LEADS), pair.book(**LEADS)
    send(pair, desk, open_list(pair, desk), "suggested")
    (order,) = pair.sales_orders(web_id)
    pair.heartland.post("/_sim/staff/distribute", {"order_id": order["id"], "location_id": ANNEX})
    pair.heartland.post("/_sim/staff/cancel", {"order": f"BC-{gone}", "refund": True})
    assert work(pair).sentence == "0 orders distributed. 2 left over."
    assert lines(pair, web_id) == [(2, ANNEX)]
    said = dict(Assignment.objects.values_list("record__external_id", "sentence"))
    assert said == {
        web_id: "It was changed in Heartland after the page was drawn: look at what it says now.",
        gone: f"BC-{gone} is canceled in Heartland: nothing is left to distribute.",
    }
    assert pair.record(web_id).is_distributed


def test_a_page_of_before_and_two_people_at_once_do_nothing_twice(pair: Pair, desk: Client) -> None:
    stocked(pair, "DOG-LEAD", main=9)
    web_id = pair.book(**LEADS)
    fields = open_list(pair, desk)
    send(pair, desk, fields, "suggested")
    said = send(pair, desk, fields, "suggested")
    assert "1 order not distributed: changed or taken since this page was drawn." in said
    assert Run.objects.filter(kind="distribution_send").count() == 1
    work(pair)
    assert "changed or taken since this page was drawn" in send(pair, desk, fields, "suggested")
    without = {name: value for name, value in fields.items() if not name.startswith("shown-")}
    assert "changed or taken since" in send(pair, desk, without, "suggested")
    assert Run.objects.filter(kind="distribution_send").count() == 1
    assert lines(pair, web_id) == [(2, MAIN)]
    assert "tick at least one order" in send(pair, desk, {}, "ticked")


def dying_at(name: str) -> Callable[[str], None]:
    """Passes every place but one: there the worker is killed."""

    def passing(here: str) -> None:
        if here == name:
            raise KeyboardInterrupt

    return passing


def test_a_worker_killed_between_two_orders_goes_on_and_writes_nothing_twice(
    pair: Pair, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    stocked(pair, "DOG-LEAD", main=4)
    first, second = pair.book(**LEADS), pair.book(**LEADS)
    send(pair, desk, open_list(pair, desk), "suggested")
    monkeypatch.setattr(failpoints, "passing", dying_at("distribution.placed"))
    with pytest.raises(KeyboardInterrupt):
        work(pair)
    monkeypatch.undo()
    assert [lines(pair, one) for one in (first, second)] == [[(2, MAIN)], [(2, None)]]
    pair.heartland.delete("/_sim/calls")
    assert work(pair).sentence == "2 orders distributed."
    assert [lines(pair, one) for one in (first, second)] == [[(2, MAIN)], [(2, MAIN)]]
    assert pair.heartland.get("/_sim/calls")["total"] == 4  # one line is written, not both
    assert Assignment.objects.filter(state="done").exclude(placed={}).count() == 2


@pytest.mark.parametrize("after", [False, True])
def test_heartland_being_away_puts_it_off_and_a_lost_answer_is_found(pair: Pair, desk: Client, after: bool) -> None:
    stocked(pair, "DOG-LEAD", main=4)
    web_id = pair.book(**LEADS)
    send(pair, desk, open_list(pair, desk), "suggested")
    fault = {"method": "PUT", "path": r"/api/sales/orders/\d+/lines/\d+", "times": 1}
    pair.heartland.post("/_sim/faults", {**fault, "after": True, "lose": True} if after else {**fault, "status": 503})
    run = Run.objects.get(kind="distribution_send")
    tasks.run_slice(run.pk)
    run.refresh_from_db()
    assert run.state == "running"
    assert run.sentence.startswith("Waiting: ") or run.done == 1
    assert work(pair).sentence == "1 order distributed."
    assert lines(pair, web_id) == [(2, MAIN)]


def test_taking_back_leaves_what_was_invoiced_or_moved_and_names_it(pair: Pair, desk: Client) -> None:
    stocked(pair, "DOG-LEAD", main=9)
    back, moved, invoiced = (pair.book(**LEADS) for _ in range(3))
    send(pair, desk, open_list(pair, desk), "suggested")
    run = work(pair)
    (order,), (other,) = pair.sales_orders(moved), pair.sales_orders(invoiced)
    client = pair.heartland_client()
    (line,) = pair.rows_of("order_lines", order["id"])
    client.order_line_update(str(order["id"]), str(line["id"]), ship_from_location_id=ANNEX)
    pair.heartland.post("/_sim/staff/invoice", {"order_id": other["id"], "location_id": MAIN})
    assert "Take back" in desk.get(path(pair)).content.decode()
    said = desk.post(path(pair, f"{run.pk}/back/"), follow=True).content.decode()
    assert "Taking back 3 orders now." in said
    done = work(pair, "distribution_back")
    assert done.sentence == "1 order taken back. 2 could not be taken back."
    assert (lines(pair, back), lines(pair, moved), lines(pair, invoiced)) == ([(2, None)], [(2, ANNEX)], [(2, MAIN)])
    assert not pair.record(back).is_distributed
    said_of = dict(Assignment.objects.values_list("record__external_id", "sentence"))
    assert said_of[moved] == f"BC-{moved} stays as it is: 1 of its lines were changed since."
    assert said_of[invoiced] == f"BC-{invoiced} is closed in Heartland: it stays as it is."
    assert [row.record.external_id for row in read(pair).ready] == [back]
    again = desk.post(path(pair, f"{run.pk}/back/"), follow=True).content.decode()
    assert "Taking back 2 orders now." in again  # those that stayed may be tried again


def test_stopping_leaves_the_rest_waiting_as_before(pair: Pair, desk: Client) -> None:
    stocked(pair, "DOG-LEAD", main=9)
    web_id = pair.book(**LEADS)
    send(pair, desk, open_list(pair, desk), "suggested")
    run = Run.objects.get(kind="distribution_send")
    said = desk.post(path(pair, f"{run.pk}/stop/"), follow=True).content.decode()
    assert "Stopped: 1 order not touched." in said
    tasks.run_slice(run.pk)
    assert lines(pair, web_id) == [(2, None)]
    assert [row.record.external_id for row in read(pair).ready] == [web_id]
    assert "It was over already." in desk.post(path(pair, f"{run.pk}/stop/"), follow=True).content.decode()


def test_without_heartland_nothing_is_suggested_and_a_person_may_still_choose(pair: Pair, desk: Client) -> None:
    stocked(pair, "DOG-LEAD", main=9)
    web_id = pair.book(**LEADS)
    pair.heartland.post("/_sim/faults", {"method": "GET", "path": "/api/inventory/values", "times": 9, "status": 503})
    page = desk.get(path(pair)).content.decode()
    assert "The free stock cannot be read now, so nothing is suggested." in page
    fields = drawn(page) | {f"place-{key(pair, web_id)}": str(MAIN)}
    pair.heartland.delete("/_sim/faults")
    send(pair, desk, fields, str(key(pair, web_id)))
    work(pair)
    assert lines(pair, web_id) == [(2, MAIN)]


def test_viewers_see_the_list_without_buttons_and_ops_may_not(pair: Pair) -> None:
    stocked(pair, "DOG-LEAD", main=9)
    pair.book(**LEADS)
    for role in (Role.VIEWER, Role.OPS):
        client = Client()
        client.force_login(factories.member(pair.connection.merchant, role))
        page = client.get(path(pair)).content.decode()
        assert "Harbor Main 9" in page
        assert 'name="what"' not in page
        assert client.post(path(pair), {"what": "suggested"}).status_code == 403
