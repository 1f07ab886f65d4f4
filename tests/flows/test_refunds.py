"""Refunds of the store become what is left of an order, or returns of what has left: cases R01 to R14."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from connections.models import OrderSettings
from errors.models import SyncError
from ipaas import failpoints
from ipaas.types import JSON
from mappings.models import Link
from syncjobs.engine.enqueueing import job_enqueue
from syncjobs.engine.orphans_release import orphan_release
from syncjobs.engine.rechecking import held_recheck
from syncjobs.engine.running import job_run
from syncjobs.models import Cursor, Record, SyncJob
from tests import factories
from tests.flows.conftest import Pair
from tests.flows.test_order_changes import choose, invoice

LEADS = {"lines": [{"sku": "DOG-LEAD", "quantity": 3}]}
D = Decimal


@pytest.fixture
def shop(pair: Pair) -> Pair:
    """A pair that books refunds by itself, and has an item for fees."""
    fee = {"id": 100412}
    OrderSettings.objects.filter(connection=pair.connection).update(books_refunds=True, fee_item_id=str(fee["id"]))
    return pair


def refund(pair: Pair, web_id: str, **wish: object) -> str:
    """Staff give money back, and the gateway answers; answers the refund's id."""
    made = pair.bigcommerce.post(f"/_sim/orders/{web_id}/refund", wish)
    pair.bigcommerce.post("/_sim/clock/advance", {"seconds": 5})
    return str(made["refund_id"])


def look(pair: Pair, web_id: str) -> None:
    """The order is looked at, and then the refunds that it queued."""
    pair.run(web_id)
    run_refunds(pair)


def run_refunds(pair: Pair, now: datetime | None = None) -> list[str]:
    now = now or timezone.now()
    jobs = SyncJob.objects.filter(connection=pair.connection, flow="refunds", status="pending").order_by("id")
    return [job_run(job_id=job.pk, now=now) for job in jobs]


def of(pair: Pair, web_id: str) -> list[Record]:
    rows = Record.objects.filter(connection=pair.connection, flow="refunds", order_id=web_id)
    return list(rows.order_by("pk"))


def order(pair: Pair, web_id: str) -> Record:
    return Record.objects.get(connection=pair.connection, flow="orders", external_id=web_id)


def returns(pair: Pair) -> list[JSON]:
    return [row for row in pair.heartland.rows("transactions") if row["type"] == "Return"]


def lines(pair: Pair, ticket: JSON) -> list[JSON]:
    return [row for row in pair.heartland.rows("transaction_lines") if row["transaction_id"] == ticket["id"]]


def total(record: Record) -> Decimal:
    """What the store gave back."""
    assert record.source_total is not None
    return record.source_total


def money(value: Any) -> Decimal:
    return D(str(value)).quantize(D("0.01"))


def test_what_was_given_back_before_it_left_is_off_the_order(shop: Pair) -> None:
    web_id = shop.book(**LEADS)
    (before,) = shop.sales_orders(web_id)
    refund(shop, web_id, lines=[{"line": 0, "quantity": 1}])
    look(shop, web_id)
    old, new = shop.sales_orders(web_id)
    assert (old["status"], new["status"], new["public_id"]) == ("canceled", "open", f"BC-{web_id}-2")
    (line,) = shop.rows_of("order_lines", new["id"])
    assert (line["qty"], order(shop, web_id).code) == (2, "kept_as_given_back")
    paid = sum(money(row["amount"]) for row in shop.rows_of("payments", new["id"]))
    (told,) = of(shop, web_id)
    assert money(before["total"]) - money(new["total"]) == total(told)
    assert (paid, money(new["balance"])) == (money(new["total"]), D("0.00"))
    assert (told.disposition, told.reason) == ("booked", f"BC-{web_id}-2 is booked without it: nothing of it had left.")
    assert returns(shop) == []
    assert shop.run(web_id) == "done"
    assert run_refunds(shop) == []


def left(pair: Pair, web_id: str, **wish: object) -> JSON:
    """An order of three leads that is booked and invoiced; answers its sales order."""
    invoice(pair, web_id, **wish)
    (sales_order,) = pair.sales_orders(web_id)
    return sales_order


def test_goods_that_left_come_back_by_a_return_of_their_invoice(shop: Pair) -> None:
    web_id = shop.book(**LEADS)
    sales_order = left(shop, web_id)
    refund_id = refund(shop, web_id, lines=[{"line": 0, "quantity": 1}])
    look(shop, web_id)
    (told,), (ticket,) = of(shop, web_id), returns(shop)
    (sold,) = [row for row in shop.heartland.rows("transactions") if row["type"] == "Invoice"]
    assert (ticket["public_id"], ticket["status"]) == (f"BC-{web_id}-R{refund_id}", "complete")
    assert (ticket["parent_transaction_id"], ticket["source_location_id"]) == (sold["id"], sold["source_location_id"])
    goods = [row for row in lines(shop, ticket) if row["type"] == "ItemLine"]
    (booked,) = shop.rows_of("order_lines", sales_order["id"])
    assert [(row["item_id"], row["qty"]) for row in goods] == [(booked["item_id"], -1)]
    assert (money(ticket["total"]), money(ticket["balance"])) == (-total(told), D("0.00"))
    assert (told.disposition, told.target_label, told.target_total) == (
        "booked",
        ticket["public_id"],
        total(told),
    )
    assert [row["status"] for row in shop.sales_orders(web_id)] == ["closed"]
    assert order(shop, web_id).disposition == "booked"
    assert shop.calls(f"{web_id}:{refund_id}") == CALLS
    look(shop, web_id)
    assert len(returns(shop)) == 1
    link = Link.objects.get(kind="refund")
    assert (link.source_id, link.target_id) == (refund_id, str(ticket["id"]))


CALLS = [
    "GET /v2/orders", "GET /v3/orders/payment_actions/refunds",
    "GET /sales/invoices", "GET /sales/tickets", "GET /sales/tickets",
    "POST /sales/tickets", "GET /sales/tickets", "POST /sales/tickets/payments", "PUT /sales/tickets",
]  # fmt: skip


def test_pieces_that_come_back_one_by_one_add_up_to_what_was_paid(shop: Pair) -> None:
    web_id = shop.book(**LEADS)
    sales_order = left(shop, web_id)
    for done in range(1, 4):
        refund(shop, web_id, lines=[{"line": 0, "quantity": 1}])
        look(shop, web_id)
        given = sum(total(one) for one in of(shop, web_id))
        assert sum(money(row["total"]) for row in returns(shop)) == -given
        assert (len(returns(shop)), [one.disposition for one in of(shop, web_id)]) == (done, ["booked"] * done)
    refund(shop, web_id)  # the delivery, which is all that is left
    look(shop, web_id)
    assert sum(money(row["total"]) for row in returns(shop)) == -money(sales_order["total"])
    assert sum(total(one) for one in of(shop, web_id)) == money(sales_order["total"])
    assert order(shop, web_id).disposition == "booked"


def test_r05_r13_delivery_and_a_free_amount_move_no_stock(shop: Pair) -> None:
    web_id = shop.book(**LEADS)
    left(shop, web_id)
    refund(shop, web_id, shipping="4.00")
    refund(shop, web_id, amount="20.00")
    look(shop, web_id)
    delivery, free = returns(shop)
    assert [(row["type"], money(row["value"])) for row in lines(shop, delivery)] == [("ShippingLine", D("-4.00"))]
    assert [(row["type"], row["qty"], money(row["value"])) for row in lines(shop, free)] == [
        ("ItemLine", -1, D("-20.00"))
    ]
    assert (free["parent_transaction_id"], money(free["total_tax"]), money(free["total"])) == (None, D(0), D("-20.00"))
    assert [row["affect_inventory"] for row in (delivery, free)] == [False, False]
    assert [one.disposition for one in of(shop, web_id)] == ["booked", "booked"]


def test_r06_nothing_is_booked_while_the_gateway_has_not_answered(shop: Pair) -> None:
    web_id = shop.book(**LEADS)
    left(shop, web_id)
    shop.bigcommerce.put("/_sim/switches", {"refund_delay": 1200})
    made = shop.bigcommerce.post(f"/_sim/orders/{web_id}/refund", {"lines": [{"line": 0, "quantity": 1}]})
    look(shop, web_id)
    (told,) = of(shop, web_id)
    assert (told.disposition, told.code, returns(shop)) == ("in_flight", "refund_pending", [])
    assert told.reason.startswith(f"{made['total']} waits for the payment provider")
    shop.bigcommerce.post("/_sim/clock/advance", {"seconds": 1300})
    look(shop, web_id)
    assert [money(row["total"]) for row in returns(shop)] == [-D(made["total"])]
    assert [one.disposition for one in of(shop, web_id)] == ["booked"]


def test_a_provider_that_never_answers_becomes_a_persons_question(shop: Pair) -> None:
    web_id, unbooked = shop.book(**LEADS), shop.place(**LEADS)
    left(shop, web_id)
    shop.bigcommerce.put("/_sim/switches", {"refund_delay": 10**7})
    for one in (web_id, unbooked):
        shop.bigcommerce.post(f"/_sim/orders/{one}/refund", {"lines": [{"line": 0, "quantity": 1}]})
        look(shop, one)
    assert [one.code for one in (*of(shop, web_id), *of(shop, unbooked))] == ["refund_pending"] * 2
    assert (order(shop, unbooked).disposition, order(shop, unbooked).code) == ("skipped", "refund_pending")
    Cursor.objects.get_or_create(connection=shop.connection, feed=Cursor.HELD, defaults={"due_at": timezone.now()})
    later = timezone.now() + timedelta(hours=25)
    assert held_recheck(connection=shop.connection, now=later) is not None
    run_refunds(shop, later)
    asked = [*of(shop, web_id), *of(shop, unbooked)]
    assert [(one.disposition, one.code) for one in asked] == [("held", "refund_unanswered")] * 2
    assert returns(shop) == []
    client = Client()
    client.force_login(factories.member(shop.connection.merchant))
    for held in asked:
        page = f"/stores/{shop.connection.public_id}/orders/{held.order_id}/"
        assert "It went back" in client.get(page).content.decode()
        choose = f"/stores/{shop.connection.public_id}/refunds/{held.external_id}/choose/"
        client.post(choose, {"choice": "store", "question": held.facts["question"]})
    run_refunds(shop, later)
    shop.run(unbooked)
    (ticket,) = returns(shop)
    assert (money(ticket["total"]), of(shop, web_id)[0].disposition) == (-total(of(shop, web_id)[0]), "booked")
    (sales_order,) = shop.sales_orders(unbooked)
    assert [row["qty"] for row in shop.rows_of("order_lines", sales_order["id"])] == [2]
    assert order(shop, unbooked).disposition == "booked"


@pytest.mark.parametrize(
    "path", ["/api/sales/tickets$", "/api/sales/tickets/[0-9]+/payments", "/api/sales/tickets/[0-9]+$"]
)
def test_a_lost_answer_gives_nothing_back_twice(shop: Pair, path: str) -> None:
    web_id = shop.book(**LEADS)
    left(shop, web_id)
    refund(shop, web_id, lines=[{"line": 0, "quantity": 1}])
    shop.run(web_id)
    shop.lose(shop.heartland, "PUT" if path.endswith("+$") else "POST", path)
    run_refunds(shop)
    (told,) = of(shop, web_id)
    assert told.disposition == "retrying"
    later = timezone.now() + timedelta(seconds=400)
    for job in SyncJob.objects.filter(flow="refunds", status="pending"):
        job_run(job_id=job.pk, now=later)
    (ticket,) = returns(shop)
    assert (ticket["status"], money(ticket["total"]), money(ticket["balance"])) == (
        "complete",
        -total(told),
        D(0),
    )
    assert [one.disposition for one in of(shop, web_id)] == ["booked"]


def test_what_a_person_keeps_before_it_leaves_is_no_return_afterwards(shop: Pair) -> None:
    OrderSettings.objects.update(books_refunds=False)
    web_id = shop.book(**LEADS)
    refund(shop, web_id, amount="5.00")
    assert shop.run(web_id) == "hold"
    assert choose(shop, web_id, Record.Choice.HEARTLAND) == "done"
    OrderSettings.objects.update(books_refunds=True)
    left(shop, web_id)
    look(shop, web_id)
    assert (order(shop, web_id).code, of(shop, web_id), returns(shop)) == ("kept_as_booked", [], [])
    refund(shop, web_id, amount="6.00")
    look(shop, web_id)
    assert (order(shop, web_id).disposition, of(shop, web_id), returns(shop)) == ("held", [], [])


class Killed(BaseException):
    """As `kill -9` ends a worker: nothing of ours cleans up."""


@pytest.mark.parametrize("place", ["refund.created", "refund.delivery", "refund.paid", "refund.completed"])
def test_a_worker_that_dies_after_any_write_gives_nothing_back_twice(
    shop: Pair, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def passing(name: str) -> None:
        if name == place:
            raise Killed

    web_id, _ = left_with_refund(shop, lines=[{"line": 0, "quantity": 1}], shipping="2.00")
    shop.run(web_id)
    monkeypatch.setattr(failpoints, "passing", passing)
    with pytest.raises(Killed):
        run_refunds(shop)
    monkeypatch.undo()
    job = SyncJob.objects.get(flow="refunds", status="running")
    assert orphan_release(job.pk, timezone.now())
    for later in (400, 800):
        for waiting in SyncJob.objects.filter(flow="refunds", status="pending"):
            job_run(job_id=waiting.pk, now=timezone.now() + timedelta(seconds=later))
    (told,), (ticket,) = of(shop, web_id), returns(shop)
    assert (told.disposition, ticket["status"]) == ("booked", "complete")
    assert (money(ticket["total"]), money(ticket["total_paid"])) == (-total(told), -total(told))
    assert len(lines(shop, ticket)) == 3  # goods, tax, delivery


def test_a_refund_waits_for_a_look_where_the_merchant_wants_one(shop: Pair) -> None:
    OrderSettings.objects.update(books_refunds=False)
    web_id = shop.book(**LEADS)
    left(shop, web_id)
    refund(shop, web_id, lines=[{"line": 0, "quantity": 1}])
    look(shop, web_id)
    (told,) = of(shop, web_id)
    assert (told.disposition, told.code, returns(shop)) == ("held", "refund_to_look_at", [])
    assert f"BC-{web_id}-R" in told.reason
    assert f"total -{total(told)}" in told.reason
    client = Client()
    client.force_login(factories.member(shop.connection.merchant))
    page = f"/stores/{shop.connection.public_id}/orders/{web_id}/"
    assert "Book it" in client.get(page).content.decode()
    choose = f"/stores/{shop.connection.public_id}/refunds/{told.external_id}/choose/"
    for question in ("", "of another day"):
        client.post(choose, {"choice": "store", "question": question})
        assert "does not wait for this choice any more" in client.get(page).content.decode()
        assert run_refunds(shop) == []
    client.post(choose, {"choice": "store", "question": told.facts["question"]})
    job_enqueue(
        connection=shop.connection, flow="refunds", external_id=told.external_id, cause="fix", now=timezone.now()
    )
    run_refunds(shop)
    assert (len(returns(shop)), of(shop, web_id)[0].disposition) == (1, "booked")


def test_a_return_that_somebody_made_by_hand_is_asked_about(shop: Pair) -> None:
    web_id = shop.book(**LEADS)
    left(shop, web_id)
    (sold,) = [row for row in shop.heartland.rows("transactions") if row["type"] == "Invoice"]
    shop.heartland.post(
        "/_sim/staff/pos_return", {"parent_transaction_id": sold["id"], "lines": [{"sku": "DOG-LEAD", "qty": 1}]}
    )
    refund(shop, web_id, lines=[{"line": 0, "quantity": 1}])
    look(shop, web_id)
    (told,) = of(shop, web_id)
    assert (told.disposition, told.code, len(returns(shop))) == ("held", "refund_to_look_at", 1)
    assert "it may be this one" in told.reason


def test_what_was_all_given_back_before_it_left_is_cancelled(shop: Pair) -> None:
    web_id = shop.book(**LEADS)
    refund(shop, web_id)
    look(shop, web_id)
    assert [row["status"] for row in shop.sales_orders(web_id)] == ["canceled"]
    assert (order(shop, web_id).disposition, returns(shop)) == ("cancelled", [])
    assert [one.disposition for one in of(shop, web_id)] == ["booked"]


@pytest.mark.parametrize(("method", "path"), [("POST", "/payments$"), ("PUT", "/api/sales/orders/[0-9]+$")])
def test_a_cancelling_whose_answer_was_lost_is_finished(shop: Pair, method: str, path: str) -> None:
    """Either write of it; what Heartland then holds is neither open nor paid, and every later look says so."""
    web_id = shop.book(**LEADS)
    refund(shop, web_id)
    shop.lose(shop.heartland, method, path)
    shop.run(web_id)
    assert order(shop, web_id).disposition == "retrying"
    for _ in range(2):
        shop.run_until_settled(web_id)
        run_refunds(shop, timezone.now() + timedelta(seconds=100))
        (sales_order,) = shop.sales_orders(web_id)
        assert (sales_order["status"], order(shop, web_id).disposition) == ("canceled", "cancelled")
    assert sum(money(row["amount"]) for row in shop.rows_of("payments", sales_order["id"])) == 0
    assert [one.disposition for one in of(shop, web_id)] == ["booked"]


def test_an_order_that_was_refunded_in_part_before_it_was_booked_comes_as_what_is_left(shop: Pair) -> None:
    web_id = shop.place(**LEADS)
    shop.bigcommerce.put("/_sim/switches", {"refund_delay": 1200})
    refund(shop, web_id, lines=[{"line": 0, "quantity": 2}], shipping="1.00")
    look(shop, web_id)
    assert (order(shop, web_id).disposition, order(shop, web_id).code) == ("skipped", "refund_pending")
    shop.bigcommerce.post("/_sim/clock/advance", {"seconds": 1300})
    look(shop, web_id)
    (made,) = shop.sales_orders(web_id)
    (line,) = shop.rows_of("order_lines", made["id"])
    assert (order(shop, web_id).disposition, made["status"], line["qty"]) == ("booked", "open", 1)
    (told,) = of(shop, web_id)
    assert money(made["total"]) == total(order(shop, web_id)) - total(told)
    assert told.disposition == "booked"


def test_of_an_order_whose_delivery_alone_is_left_a_person_is_told(shop: Pair) -> None:
    web_id = shop.place(**LEADS)
    refund(shop, web_id, lines=[{"line": 0, "quantity": 3}])
    look(shop, web_id)
    assert (order(shop, web_id).disposition, order(shop, web_id).code) == ("held", "partially_refunded")
    assert shop.sales_orders(web_id) == []


def test_a_free_amount_before_goods_left_lowers_what_is_booked(shop: Pair) -> None:
    web_id = shop.book(**LEADS)
    (before,) = shop.sales_orders(web_id)
    refund(shop, web_id, amount="5.00")
    look(shop, web_id)
    new = shop.sales_orders(web_id)[-1]
    assert money(before["total"]) - money(new["total"]) == D("5.00")
    assert (money(new["total_tax"]), new["status"]) == (money(before["total_tax"]), "open")


def left_with_refund(shop: Pair, **wish: object) -> tuple[str, str]:
    """An order that left, of which something was given back; answers its id and the refund's."""
    web_id = shop.book(**LEADS)
    left(shop, web_id)
    refund_id = refund(shop, web_id, **(wish or {"lines": [{"line": 0, "quantity": 1}]}))
    return web_id, refund_id


@pytest.mark.parametrize(
    ("code", "chosen", "switches", "wish"),
    [
        ("refund_without_item", {"fee_item_id": ""}, {}, {"amount": "5.00"}),
        ("refund_unmapped", {"books_other_payments": False}, {}, {}),
        ("return_refused", {}, {"restrict_returns": True}, {"amount": "5.00"}),
    ],
)
def test_what_heartland_cannot_hold_waits_with_its_reason(
    shop: Pair, code: str, chosen: JSON, switches: JSON, wish: JSON
) -> None:
    web_id, _ = left_with_refund(shop, **wish)
    OrderSettings.objects.update(**chosen)
    shop.heartland.put("/_sim/switches", switches)
    look(shop, web_id)
    (told,) = of(shop, web_id)
    assert (told.disposition, told.code, returns(shop)) == ("held", code, [])
    assert order(shop, web_id).disposition == "booked"


def test_a_piece_whose_item_is_not_linked_any_more_waits_behind_the_cause_of_its_sku(shop: Pair) -> None:
    web_id, _ = left_with_refund(shop)
    shop.run(web_id)  # which would link it again
    Link.objects.filter(connection=shop.connection, kind=Link.Kind.ITEM, source_id="DOG-LEAD").delete()
    run_refunds(shop)
    (told,) = of(shop, web_id)
    assert (told.disposition, told.code, returns(shop)) == ("held", "item_not_linked", [])
    issue = SyncError.objects.open().get(flow="refunds").issues.get()
    assert (issue.code, issue.value, issue.title) == (
        "item_not_linked", "DOG-LEAD", "No Heartland item has the Item # “DOG-LEAD”.",
    )  # fmt: skip


@pytest.mark.parametrize(("code", "status"), [("return_total_differs", "incomplete"), ("return_voided", "void")])
def test_a_return_of_our_number_that_is_another_is_left_alone(shop: Pair, code: str, status: str) -> None:
    web_id, refund_id = left_with_refund(shop)
    (sold,) = [row for row in shop.heartland.rows("transactions") if row["type"] == "Invoice"]
    place = {name: sold[name] for name in ("source_location_id", "station_id")}
    body = {"type": "Return", "public_id": f"BC-{web_id}-R{refund_id}", **place}
    other = shop.heartland_client().ticket_create(body | {"item_lines": [{"item_id": 100412, "qty": -1}]})
    shop.heartland_client().ticket_update(other, status=status)
    look(shop, web_id)
    (told,) = of(shop, web_id)
    assert (told.disposition, told.code, len(returns(shop))) == ("held", code, 1)
    assert [row["status"] for row in returns(shop)] == [status]


def test_r12_pieces_that_are_still_open_are_taken_off_at_the_desk(shop: Pair) -> None:
    web_id = shop.book(**LEADS)
    sales_order = left(shop, web_id, lines=[{"sku": "DOG-LEAD", "qty": 1}])
    refund(shop, web_id, lines=[{"line": 0, "quantity": 2}])
    look(shop, web_id)
    (told,) = of(shop, web_id)
    assert (told.disposition, told.code, returns(shop)) == ("held", "refund_of_open_pieces", [])
    assert "2 × DOG-LEAD of it have not left" in told.reason
    (error,) = SyncError.objects.open().filter(flow="refunds")
    assert f"give {total(told)} back, of it " in error.issues.get().fix
    assert "then close 2 × DOG-LEAD there" in error.issues.get().fix
    (paid,) = shop.rows_of("payments", sales_order["id"])
    back = {
        "type": "CustomPayment",
        "payment_type_id": paid["payment_type_id"],
        "deposit": True,
        "amount": -total(told),
    }
    shop.heartland_client().order_tax_add(str(sales_order["id"]), "tax back", -D(told.facts["rest"][-1]["amount"]))
    shop.heartland_client().order_payment_add(str(sales_order["id"]), back)
    shop.heartland.post("/_sim/staff/close_line", {"order_id": sales_order["id"], "sku": "DOG-LEAD"})
    look(shop, web_id)
    (closed,) = shop.sales_orders(web_id)
    assert (closed["status"], money(closed["balance"]), returns(shop)) == ("closed", D("0.00"), [])
    assert money(closed["total"]) == money(sales_order["total"]) - total(told)
    assert order(shop, web_id).code == "kept_as_given_back"
    assert [one.disposition for one in of(shop, web_id)] == ["booked"]


def test_a_declined_refund_and_one_of_an_order_that_is_not_booked_book_nothing(shop: Pair) -> None:
    shop.bigcommerce.put("/_sim/switches", {"refund_declined": True})
    web_id, _ = left_with_refund(shop)
    look(shop, web_id)
    assert [(one.disposition, one.code) for one in of(shop, web_id)] == [("skipped", "refund_not_given")]
    shop.bigcommerce.put("/_sim/switches", {"refund_declined": False})
    other = shop.place(**LEADS)
    refund_id = refund(shop, other, amount="5.00")
    job_enqueue(
        connection=shop.connection,
        flow="refunds",
        external_id=f"{other}:{refund_id}",
        cause="retry",
        now=timezone.now(),
    )
    run_refunds(shop)
    assert [(one.disposition, one.code) for one in of(shop, other)] == [("skipped", "order_not_booked")]
    assert returns(shop) == []
