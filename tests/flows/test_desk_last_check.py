"""Nothing irreversible before the last check: replacing, mending and giving up orders that the desk has touched."""

import html
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from errors.models import SyncError
from mappings.models import Link, StockLevel
from syncjobs.pages.shown import mark_of
from syncjobs.stock.pending_pieces import pieces_pending
from syncjobs.stories.demo.sim import cents
from tests import factories
from tests.flows import desk
from tests.flows.conftest import Pair
from tests.flows.test_desk import HEARTLAND, STORE, paid, reprice, set_status, statuses
from tests.flows.test_order_changes import choose, edit, five, state
from tests.flows.test_shipping import ANNEX, MAIN, by_turn, have


def test_however_often_an_edit_is_accepted_one_sales_order_lives(pair: Pair) -> None:
    web_id = pair.book()
    for turn in range(2, 9):
        edit(pair, web_id, lines=[{"line": 0, "quantity": turn + 1}])
        assert pair.run(web_id) == "hold"
        assert choose(pair, web_id, STORE) == "done"
        assert [row["public_id"] for row in desk.living(pair, web_id)] == [f"BC-{web_id}-{turn}"]


def test_what_heartland_refuses_leaves_the_old_order_standing(pair: Pair) -> None:
    web_id = pair.book()
    five(pair, web_id)
    pair.run(web_id)
    rule = {"method": "POST", "path": r"/api/sales/orders$", "times": 1, "status": 400}
    pair.heartland.post("/_sim/faults", rule | {"body": {"details": {"station_id": ["is closed"]}}})
    assert choose(pair, web_id, STORE) == "hold"
    assert state(pair, web_id) == ("held", "heartland_refused")
    assert statuses(pair, web_id) == [("", "open")]
    assert paid(pair, pair.record(web_id).target_id) == pair.record(web_id).target_total
    assert pair.run(web_id) == "done"
    assert statuses(pair, web_id) == [("", "canceled"), ("-2", "open")]


def off_by_a_cent(pair: Pair, web_id: str) -> str:
    """A sales order begun, and a cent taken off it in Heartland; answers its id."""
    pair.lose(pair.heartland, "POST", r"/api/sales/orders$")
    assert pair.run(web_id) == "retry"
    begun = next(row for row in desk.living(pair, web_id) if row["status"] == "pending")
    discount = {"description": "Rounding", "amount": Decimal("0.01")}
    pair.heartland_client()._create(f"/sales/orders/{begun['id']}/discounts", "discount", discount)
    return str(begun["id"])


@pytest.mark.parametrize("is_mended", [True, False])
def test_a_total_that_differs_waits_pending_to_be_mended(pair: Pair, is_mended: bool) -> None:
    web_id = pair.place()
    begun = off_by_a_cent(pair, web_id)
    for _ in range(6):
        assert pair.run_until_settled(web_id) == "hold"
        assert state(pair, web_id) == ("held", "totals_differ")
        assert statuses(pair, web_id) == [("", "pending")]
    record = pair.record(web_id)
    assert (record.target_id, record.difference) == (begun, Decimal("-0.01"))
    assert f"Correct what differs in BC-{web_id}, which waits as pending in Heartland" in fix_of(pair, web_id)
    if is_mended:
        shipping = cents(pair.heartland_client().order_read(begun)["shipping_charge"])
        pair.heartland_client().order_update(begun, shipping_charge=shipping + Decimal("0.01"))
    else:
        desk.cancel(pair, begun)
    assert pair.run_until_settled(web_id) == "done"
    assert statuses(pair, web_id) == ([("", "open")] if is_mended else [("", "canceled"), ("-2", "open")])
    assert pair.record(web_id).difference == 0


def test_lines_mended_by_hand_are_right_when_goods_and_total_are(pair: Pair) -> None:
    web_id = pair.place()
    begun = off_by_a_cent(pair, web_id)
    assert pair.run_until_settled(web_id) == "hold"
    (row,) = pair.rows_of("order_lines", int(begun))
    pair.heartland_client().order_line_update(begun, str(row["id"]), adjusted_unit_price=Decimal("34.90"))
    assert pair.run_until_settled(web_id) == "hold"  # half mended is left to be mended on
    assert statuses(pair, web_id) == [("", "pending")]
    pair.heartland_client().order_line_update(begun, str(row["id"]), adjusted_unit_price=Decimal("34.955"))
    assert pair.run_until_settled(web_id) == "done"
    assert statuses(pair, web_id) == [("", "open")]
    assert pair.record(web_id).difference == 0


def test_the_gate_before_a_replacement_leaves_the_old_order_standing(pair: Pair) -> None:
    web_id = pair.book()
    first = pair.record(web_id).target_id
    five(pair, web_id)
    pair.run(web_id)
    pair.lose(pair.heartland, "POST", r"/api/sales/orders$")
    assert choose(pair, web_id, STORE) == "retry"
    begun = next(row for row in desk.living(pair, web_id) if row["status"] == "pending")
    discount = {"description": "Rounding", "amount": Decimal("0.01")}
    pair.heartland_client()._create(f"/sales/orders/{begun['id']}/discounts", "discount", discount)
    assert pair.run_until_settled(web_id) == "hold"
    assert statuses(pair, web_id) == [("", "open"), ("-2", "pending")]
    assert paid(pair, first) == cents(pair.heartland_client().order_read(first)["total"])
    desk.cancel(pair, begun["id"])
    assert pair.run_until_settled(web_id) == "done"
    assert statuses(pair, web_id) == [("", "canceled"), ("-2", "canceled"), ("-3", "open")]


@pytest.mark.parametrize("end", ["kept", "taken back", "cancelled"])
def test_what_was_begun_to_replace_and_is_not_wanted_is_cancelled(pair: Pair, end: str) -> None:
    web_id = pair.book()
    five(pair, web_id)
    pair.run(web_id)
    pair.lose(pair.heartland, "POST", r"/api/sales/orders$")
    assert choose(pair, web_id, STORE) == "retry"
    begun = next(row for row in desk.living(pair, web_id) if row["status"] == "pending")
    discount = {"description": "Rounding", "amount": Decimal("0.01")}
    pair.heartland_client()._create(f"/sales/orders/{begun['id']}/discounts", "discount", discount)
    assert pair.run_until_settled(web_id) == "hold"
    edit(pair, web_id, lines=[{"line": 0, "quantity": 2 if end == "taken back" else 4}])
    if end == "kept":
        assert pair.run_until_settled(web_id) == "hold"
        assert choose(pair, web_id, HEARTLAND) == "waiting"  # for the lost answer
        assert pair.run_until_settled(web_id) == "done"
    else:
        if end == "cancelled":
            set_status(pair, web_id, 5)
        assert pair.run_until_settled(web_id) == "done"
    last = "canceled" if end == "cancelled" else "open"
    assert statuses(pair, web_id) == [("", last), ("-2", "canceled")]
    assert pair.run_until_settled(web_id) == "done"
    assert statuses(pair, web_id) == [("", last), ("-2", "canceled")]


def test_given_back_in_the_store_and_cancelled_at_the_desk_is_agreed(pair: Pair) -> None:
    web_id = pair.book()
    desk.cancel(pair, pair.record(web_id).target_id)
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/refund", {"reason": "late"})
    pair.bigcommerce.post("/_sim/clock/advance", {"seconds": 5})  # until then no money went back
    assert pair.run(web_id) == "done"
    assert state(pair, web_id) == ("cancelled", "cancelled")


def test_pieces_of_an_order_cancelled_at_the_desk_are_kept_back_while_it_is_asked_about(pair: Pair) -> None:
    web_id = pair.book()
    desk.cancel(pair, pair.record(web_id).target_id)
    pair.run(web_id)
    link = Link.objects.get(kind="item", source_id="DOG-LEAD")
    item = int(link.target_id)
    StockLevel.objects.create(connection=pair.connection, link=link, item_id=item, sku="DOG-LEAD")
    assert pieces_pending(pair.connection, timezone.now())[item] == 2
    assert choose(pair, web_id, HEARTLAND) == "done"
    assert pieces_pending(pair.connection, timezone.now())[item] == 0


def test_the_page_shows_what_the_desk_did_and_agrees_with_nothing_cancelled(pair: Pair, client: Client) -> None:
    web_id = pair.book()
    order_id = pair.record(web_id).target_id
    client.force_login(factories.member(pair.connection.merchant))
    address = f"/stores/{pair.connection.public_id}/orders/{web_id}/"

    def page() -> str:
        return html.unescape(client.get(address).content.decode())

    assert "Agreed when read" in page()
    reprice(pair, order_id)
    pair.run(web_id)
    shown = page()
    assert "Changed in Heartland after booking" in shown
    assert "2 for 69.90" in shown
    assert "2 for 2.00" in shown
    assert "They differ" in shown
    assert f"cancels BC-{web_id} in Heartland and books the order anew" in shown
    desk.cancel(pair, order_id)
    pair.run(web_id)
    shown = page()
    assert "Agreed" not in shown
    assert f"BC-{web_id} stays cancelled" in shown
    assert "Canceled, distributed" not in shown
    form = {"choice": "heartland", "shown": mark_of(pair.record(web_id))}
    assert client.post(f"{address}choose/", form).status_code == 302
    assert pair.run(web_id) == "done"
    shown = page()
    assert "Agreed" not in shown
    assert 'id="unchoose"' in shown


def test_a_refusal_to_open_leaves_the_order_to_be_mended_and_uses_no_number(pair: Pair) -> None:
    web_id = pair.place()
    refusal = {"method": "PUT", "path": r"/api/sales/orders/\d+$", "times": 3, "status": 400}
    pair.heartland.post("/_sim/faults", refusal | {"body": {"details": {"custom@channel": ["can't be blank"]}}})
    for _ in range(3):
        assert pair.run(web_id) == "hold"
        assert state(pair, web_id) == ("held", "heartland_refused")
    assert pair.run(web_id) == "done"
    assert statuses(pair, web_id) == [("", "open")]
    assert paid(pair, pair.record(web_id).target_id) == pair.record(web_id).source_total


def test_rerouting_counts_the_pieces_of_the_order_that_gives_way(pair: Pair) -> None:
    by_turn(pair, ANNEX, MAIN)
    have(pair, "DOG-LEAD", ANNEX, 5)
    have(pair, "DOG-LEAD", MAIN, 2)
    web_id = pair.book(lines=[{"sku": "DOG-LEAD", "quantity": 5}])
    edit(pair, web_id, ship_to={"street_1": "99 Other Lane"})
    assert pair.run(web_id) == "hold"
    assert choose(pair, web_id, STORE) == "done"
    rows = pair.rows_of("order_lines", int(pair.record(web_id).target_id))
    assert [(row["qty"], row["ship_from_location_id"]) for row in rows] == [(5, ANNEX)]
    stock = {row["location_id"]: row for row in pair.heartland.rows("stock") if row["item_id"] == rows[0]["item_id"]}
    assert (stock[ANNEX]["committed"], stock[MAIN]["committed"]) == (5, 0)


def test_a_sales_order_that_is_gone_is_asked_about(pair: Pair) -> None:
    web_id = pair.book()
    Link.objects.filter(kind=Link.Kind.ORDER, source_id=web_id).update(target_id="999999")
    assert pair.run(web_id) == "hold"
    assert state(pair, web_id) == ("held", "cancelled_in_heartland")
    assert "is not in Heartland any more" in pair.record(web_id).reason


def fix_of(pair: Pair, web_id: str) -> str:
    (problem,) = SyncError.objects.open().filter(external_id=web_id)
    return str(problem.violations[0]["fix"])
