"""What happens to a booked order when the store changes, cancels or refunds it: said, shown, and never done alone."""

import pytest
from django.test import Client
from django.utils import timezone

from connections.fixes import fix_for
from errors.models import Issue, SyncError
from mappings.models import Link, StockLevel
from syncjobs import engine
from syncjobs.flows.orders.compare_orders import Change, changes
from syncjobs.models import Record
from syncjobs.pages.orders.replay_preview import replay_preview
from syncjobs.pages.shown import mark_of
from syncjobs.stock.pending_pieces import pieces_pending
from syncjobs.stories.demo.sim import cents
from tests import factories
from tests.flows.conftest import BUYER, Pair

STORE, HEARTLAND = Record.Choice.STORE, Record.Choice.HEARTLAND


def edit(pair: Pair, web_id: str, **wish: object) -> None:
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/edit", wish)


def five(pair: Pair, web_id: str) -> None:
    """The shopper gets five leads instead of two."""
    edit(pair, web_id, lines=[{"line": 0, "quantity": 5}])


def invoice(pair: Pair, web_id: str, **wish: object) -> None:
    (order,) = pair.sales_orders(web_id)
    pair.heartland.post("/_sim/staff/distribute", {"order_id": order["id"], "location_id": 100005})
    pair.heartland.post("/_sim/staff/invoice", {"order_id": order["id"], **wish})


def choose(pair: Pair, web_id: str, choice: Record.Choice) -> str:
    record = pair.record(web_id)
    record.connection = pair.connection
    actor = pair.connection.merchant.memberships.first()
    person = actor.user if actor else factories.member(pair.connection.merchant)
    engine.order_choose(record=record, choice=choice, actor=person)
    return pair.run(web_id)


def state(pair: Pair, web_id: str) -> tuple[str, str]:
    record = pair.record(web_id)
    return record.disposition, record.code


def test_an_edit_waits_for_a_choice_and_changes_nothing(pair: Pair) -> None:
    web_id = pair.book()
    five(pair, web_id)
    assert pair.run(web_id) == "hold"
    assert state(pair, web_id) == ("held", "changed_after_booking")
    record = pair.record(web_id)
    assert record.reason.startswith(
        f"The store changed order {web_id} after it was booked as BC-{web_id}: DOG-LEAD: 2 for 69.90 → 5 for 174.75;"
    )
    assert changes(record.facts)[0] == Change(name="DOG-LEAD", booked="2 for 69.90", now="5 for 174.75")
    (order,) = pair.sales_orders(web_id)
    (line,) = pair.rows_of("order_lines", order["id"])
    assert (order["status"], line["qty"]) == ("open", 2)
    link = Link.objects.get(kind="item", source_id="DOG-LEAD")
    StockLevel.objects.create(connection=pair.connection, link=link, item_id=line["item_id"], sku="DOG-LEAD")
    assert pieces_pending(pair.connection, timezone.now())[int(link.target_id)] == 2


def test_keeping_heartlands_order_holds_until_the_store_changes_it_again(pair: Pair) -> None:
    web_id = pair.book()
    five(pair, web_id)
    pair.run(web_id)
    assert choose(pair, web_id, HEARTLAND) == "done"
    assert state(pair, web_id) == ("booked", "kept_as_booked")
    assert not SyncError.objects.open().exists()
    assert pair.run(web_id) == "done"
    edit(pair, web_id, lines=[{"line": 0, "quantity": 4}])
    assert pair.run(web_id) == "hold"
    assert changes(pair.record(web_id).facts)[0] == Change(name="DOG-LEAD", booked="2 for 69.90", now="4 for 139.80")
    edit(pair, web_id, lines=[{"line": 0, "quantity": 2}])
    assert pair.run(web_id) == "done"
    assert (state(pair, web_id), changes(pair.record(web_id).facts)) == (("booked", ""), [])
    assert len(pair.sales_orders(web_id)) == 1


def assert_replaced(pair: Pair, web_id: str) -> None:
    first, second = sorted(pair.sales_orders(web_id), key=lambda row: int(row["id"]))
    assert [(first["public_id"], first["status"]), (second["public_id"], second["status"])] == [
        (f"BC-{web_id}", "canceled"), (f"BC-{web_id}-2", "open"),
    ]  # fmt: skip
    assert [row["qty"] for row in pair.rows_of("order_lines", second["id"])] == [5]
    assert sum(cents(row["amount"]) for row in pair.rows_of("payments", first["id"])) == 0
    record = pair.record(web_id)
    assert (record.disposition, record.target_label, changes(record.facts)) == ("booked", f"BC-{web_id}-2", [])
    assert cents(second["total"]) == record.source_total == record.target_total
    (store_order,) = pair.bigcommerce.get("/_sim/state/orders", id=web_id)["rows"]
    assert store_order["external_order_id"] == f"BC-{web_id}-2"


def test_accepting_the_stores_order_books_it_anew_and_cancels_the_old_one(pair: Pair) -> None:
    web_id = pair.book()
    five(pair, web_id)
    pair.run(web_id)
    assert choose(pair, web_id, STORE) == "done"
    assert_replaced(pair, web_id)
    assert pair.run(web_id) == "done"
    assert_replaced(pair, web_id)


@pytest.mark.parametrize("write", [("PUT", r"/api/sales/orders/\d+$"), ("POST", r"/api/sales/orders/\d+/payments")])
def test_a_lost_answer_while_replacing_doubles_nothing(pair: Pair, write: tuple[str, str]) -> None:
    web_id = pair.book()
    five(pair, web_id)
    pair.run(web_id)
    pair.lose(pair.heartland, *write)
    assert choose(pair, web_id, STORE) == "retry"
    assert pair.run_until_settled(web_id) == "done"
    assert_replaced(pair, web_id)


def test_what_cannot_be_booked_anew_leaves_the_old_order_standing(pair: Pair) -> None:
    web_id = pair.book()
    edit(pair, web_id, add=[{"sku": "CMP-KETL", "quantity": 1}])
    pair.run(web_id)
    assert choose(pair, web_id, STORE) == "hold"
    assert state(pair, web_id)[1] == "item_not_linked"
    assert [row["status"] for row in pair.sales_orders(web_id)] == ["open"]


def test_what_is_invoiced_is_not_replaced(pair: Pair) -> None:
    web_id = pair.book()
    invoice(pair, web_id, lines=[{"sku": "DOG-LEAD", "qty": 1}])
    five(pair, web_id)
    assert pair.run(web_id) == "hold"
    assert state(pair, web_id) == ("held", "changed_after_invoice")
    assert [row["status"] for row in pair.sales_orders(web_id)] == ["open"]
    assert choose(pair, web_id, HEARTLAND) == "done"
    assert state(pair, web_id) == ("booked", "kept_as_booked")


def test_a_new_address_is_said_without_being_kept(pair: Pair) -> None:
    web_id = pair.book()
    edit(pair, web_id, ship_to={"street_1": "99 Secret Lane"})
    assert pair.run(web_id) == "hold"
    record = pair.record(web_id)
    assert [one.name for one in changes(record.facts)] == ["The shipping address"]
    assert "Secret" not in record.reason + repr(record.facts)


def test_a_refund_after_booking_waits_for_a_person(pair: Pair) -> None:
    web_id = pair.book()
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/refund", {"amount": "5.00", "reason": "late"})
    assert pair.run(web_id) == "done"  # the gateway has not answered
    pair.bigcommerce.post("/_sim/clock/advance", {"seconds": 5})
    assert pair.run(web_id) == "hold"
    assert state(pair, web_id) == ("held", "refunded_after_booking")
    assert "Given back to the shopper: nothing → 5.00" in pair.record(web_id).reason
    assert choose(pair, web_id, HEARTLAND) == "done"
    assert state(pair, web_id) == ("booked", "kept_as_booked")


@pytest.mark.parametrize("status_id", [5, 6])
def test_ended_in_the_store_after_an_invoice_waits_for_a_choice(pair: Pair, status_id: int) -> None:
    web_id = pair.book()
    invoice(pair, web_id, lines=[{"sku": "DOG-LEAD", "qty": 1}])
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/status", {"status_id": status_id})
    assert pair.run(web_id) == "hold"
    assert state(pair, web_id) == ("held", "cancelled_after_invoice")
    assert choose(pair, web_id, HEARTLAND) == "done"
    assert state(pair, web_id) == ("booked", "kept_though_ended")
    assert [row["status"] for row in pair.sales_orders(web_id)] == ["open"]


def test_a_fingerprint_of_an_older_version_asks_nobody(pair: Pair) -> None:
    web_id = pair.book()
    Link.objects.filter(source_id=web_id).update(fingerprint="of another version")
    assert pair.run(web_id) == "done"
    assert state(pair, web_id) == ("booked", "")
    assert Link.objects.get(kind="order", source_id=web_id).fingerprint == pair.record(web_id).facts["content"]


def preview(pair: Pair, web_id: str) -> str:
    record = pair.record(web_id)
    record.connection = pair.connection
    before = [system.get("/_sim/calls", log=1)["log"] for system in (pair.heartland, pair.bigcommerce)]
    found = replay_preview(record, timezone.now())
    after = [system.get("/_sim/calls", log=1)["log"] for system in (pair.heartland, pair.bigcommerce)]
    made = [call["method"] for old, new in zip(before, after, strict=True) for call in new[len(old) :]]
    assert (set(made), len(made)) == ({"GET"}, found.calls)
    return f"{found.effect} with {found.calls} calls"


def test_a_preview_says_what_a_replay_would_do_and_writes_nothing(pair: Pair) -> None:
    web_id = pair.book()
    assert preview(pair, web_id) == "nothing with 3 calls"
    five(pair, web_id)
    assert preview(pair, web_id) == "conflict with 4 calls"  # it grew: what was paid of it is asked too
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/cancel", {})
    assert preview(pair, web_id) == "cancel with 2 calls"
    waiting = pair.place(status_id=8)
    pair.run(waiting)
    assert preview(pair, waiting) == "nothing with 1 calls"
    pair.bigcommerce.post(f"/_sim/orders/{waiting}/status", {"status_id": 11})
    assert preview(pair, waiting) == "create with 2 calls"
    unknown = pair.place(lines=[{"sku": "CMP-KETL", "quantity": 1}])
    pair.run(unknown)
    assert preview(pair, unknown).startswith("hold with ")


def test_the_choice_is_made_on_the_orders_page(pair: Pair, client: Client) -> None:
    web_id = pair.book(guest=BUYER)
    five(pair, web_id)
    pair.run(web_id)
    client.force_login(factories.member(pair.connection.merchant))
    page = f"/stores/{pair.connection.public_id}/orders/{web_id}/"
    shown = client.get(page).content.decode()
    assert "5 for 174.75" in shown
    assert "Accept the store&#x27;s order" in shown
    wish = {"choice": "store", "shown": mark_of(pair.record(web_id))}
    assert client.post(f"{page}choose/", wish).status_code == 302
    assert pair.record(web_id).choice == "store"
    assert pair.run(web_id) == "done"
    assert_replaced(pair, web_id)
    client.post(f"{page}choose/", wish)
    assert "is not as this page showed it any more" in client.get(page).content.decode()
    client.post(f"{page}choose/", wish | {"shown": mark_of(pair.record(web_id))})
    assert "does not wait for this choice any more" in client.get(page).content.decode()
    assert f"of order {web_id} would do" in client.post(f"{page}replay/").content.decode()


def test_each_changed_order_is_an_issue_of_its_own_with_a_way_to_it(pair: Pair) -> None:
    web_ids = [pair.book(), pair.book()]
    for web_id in web_ids:
        five(pair, web_id)
        pair.run(web_id)
    fixes = [fix_for(pair.connection, issue.fix_page) for issue in Issue.objects.filter(is_open=True).order_by("pk")]
    assert [fix.href for fix in fixes if fix] == [
        f"/stores/{pair.connection.public_id}/orders/{web_id}/" for web_id in web_ids
    ]
