"""Records that a person closes by hand (C09): out of every list, no stock kept back, asked anew when they change."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from connections.models import AuditEntry, OrderSettings, Role
from errors.models import Issue, SyncError
from mappings.core.rules.order_content import VERSION
from syncjobs.engine.enqueueing import job_enqueue
from syncjobs.engine.running import job_run
from syncjobs.models import Record, Settlement, SyncJob
from syncjobs.pages.dashboard.dashboard_scope import Scope
from syncjobs.pages.dashboard.needs_you import needs
from syncjobs.pages.shown import mark_of
from syncjobs.proof.prove_day import day_of, proof_make
from syncjobs.stock.pending_pieces import pieces_pending
from tests import factories
from tests.flows.conftest import BUYER, Pair

TWO_ADDRESSES = {
    "lines": [{"sku": "CRD-SET", "quantity": 1}, {"sku": "SUN-SPF50", "quantity": 2}],
    "ship_to": [BUYER, BUYER | {"street_1": "77 Pine St", "city": "Waco", "zip": "76701"}],
}


def held(pair: Pair) -> str:
    web_id = pair.place(**TWO_ADDRESSES)
    assert pair.run(web_id) == "hold"
    assert pair.record(web_id).code == "several_destinations"
    return web_id


def book_by_hand(pair: Pair, number: str) -> dict[str, Any]:
    """At Heartland's desk: a sales order like that of another web order, under a number of the person's own."""
    (model,) = pair.sales_orders(pair.book())
    header = {name: model[name] for name in ("source_location_id", "station_id", "customer_id", "shipping_method_id")}
    header |= {name: model[name] for name in ("billing_address_id", "shipping_address_id")}
    pair.heartland_client().order_create(
        {name: value for name, value in header.items() if value} | {"public_id": number}
    )
    return next(row for row in pair.heartland.rows("orders") if row["public_id"] == number)


def post(pair: Pair, client: Client, web_id: str, path: str, **wish: str) -> str:
    """Send a form of the order's page as it stands now, and answer the page after it."""
    if "_auth_user_id" not in client.session:
        client.force_login(factories.member(pair.connection.merchant))
    page = f"/stores/{pair.connection.public_id}/orders/{web_id}/"
    closed = Settlement.objects.filter(record=pair.record(web_id)).first() if path.startswith("reopen/") else None
    shown = {"closing": str(closed.pk)} if closed else {"shown": mark_of(pair.record(web_id))}
    client.post(f"/stores/{pair.connection.public_id}/{path}", {**shown, "next": page, **wish})
    return client.get(page).content.decode()


def close(pair: Pair, client: Client, web_id: str, kind: str, **wish: str) -> str:
    return post(pair, client, web_id, f"close/orders/{web_id}/", kind=kind, **wish)


def state(pair: Pair, web_id: str) -> tuple[str, str]:
    record = pair.record(web_id)
    return record.disposition, record.code


def pieces(pair: Pair) -> dict[str, int]:
    """Pieces that are kept back, by SKU."""
    skus = {row["id"]: row["public_id"] for row in pair.heartland.rows("items")}
    return {skus[item]: count for item, count in pieces_pending(pair.connection, timezone.now()).items()}


def test_c09_an_order_booked_by_hand_is_ticked_off(pair: Pair, client: Client) -> None:
    web_id = held(pair)
    assert pieces(pair) == {"CRD-SET": 1, "SUN-SPF50": 2}
    order = book_by_hand(pair, "HAND-7")
    shown = close(pair, client, web_id, "booked_by_hand", number="HAND-7", note="Paid with 4111 1111 1111 1111")
    total = pair.record(web_id).source_total
    assert f"Heartland holds HAND-7, pending, over 0.00; the store charged {total}." in shown
    assert "Paid with [card number removed]" in shown
    assert f"#sales/orders/edit/{order['id']}" in shown
    assert state(pair, web_id) == ("settled", "booked_by_hand")
    assert "CRD-SET" not in pieces(pair)
    assert not SyncError.objects.open().exists()
    assert not Issue.objects.filter(is_open=True).exists()
    assert needs(Scope(connections=[pair.connection])) == []
    proof = proof_make(
        connection=pair.connection, day=day_of(pair.connection, timezone.now()), now=timezone.now()
    )  # fmt: skip
    line = next(one for one in proof.lines if one["order"] == web_id)
    assert line | {"order": web_id, "disposition": "settled", "number": "HAND-7", "code": "booked_by_hand"} == line
    assert proof.counts["settled"] == 1
    entry = AuditEntry.objects.get(action="record.closed")
    assert (entry.subject, entry.detail) == (f"Order {web_id}", {"kind": "booked_by_hand", "number": "HAND-7"})
    assert "Closed by hand" in client.get("/").content.decode() or "closed by hand" in client.get("/").content.decode()


def test_c09_a_later_look_keeps_it_and_asks_both_systems(pair: Pair, client: Client) -> None:
    web_id = held(pair)
    order = book_by_hand(pair, "HAND-7")
    close(pair, client, web_id, "booked_by_hand", number="HAND-7")
    assert pair.run(web_id) == "done"
    assert (state(pair, web_id), len(pair.calls(web_id))) == (("settled", "booked_by_hand"), 2)
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/status", {"status_id": 2})
    assert pair.run(web_id) == "done"
    pair.heartland.post("/_sim/staff/cancel", {"order": order["id"]})
    assert pair.run(web_id) == "hold"
    assert state(pair, web_id) == ("held", "changed_after_closing")
    assert "Heartland's HAND-7 is cancelled" in pair.record(web_id).reason
    assert "CRD-SET" not in pieces(pair)
    assert "only a cancelled sales order" in close(pair, client, web_id, "booked_by_hand", number="HAND-7")
    close(pair, client, web_id, "not_wanted")
    assert pair.run(web_id) == "done"
    assert state(pair, web_id) == ("settled", "not_wanted")


def test_a_number_is_checked_before_anything_is_closed(pair: Pair, client: Client) -> None:
    web_id, booked = held(pair), pair.book()
    assert "no sales order numbered HAND-9" in close(pair, client, web_id, "booked_by_hand", number="HAND-9")
    taken = close(pair, client, web_id, "booked_by_hand", number=f"BC-{booked}")
    assert f"BC-{booked} stands for order {booked}" in taken
    assert f"no sales order numbered BC-{web_id}" in close(pair, client, web_id, "booked_by_hand")
    pair.heartland.post("/_sim/faults", {"method": "GET", "path": "/api/sales/orders", "times": 4, "status": 503})
    assert "Nothing was closed" in close(pair, client, web_id, "booked_by_hand", number="HAND-9")
    assert state(pair, web_id) == ("held", "several_destinations")
    assert not Settlement.objects.exists()


@pytest.mark.parametrize("kind", ["not_wanted", "settled_elsewhere"])
def test_a_change_in_the_store_asks_anew_and_it_can_be_taken_back(pair: Pair, client: Client, kind: str) -> None:
    web_id = held(pair)
    close(pair, client, web_id, kind)
    assert pair.run(web_id) == "done"
    assert (state(pair, web_id), len(pair.calls(web_id))) == (("settled", kind), 1)
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/edit", {"lines": [{"line": 0, "quantity": 3}]})
    assert pair.run(web_id) == "hold"
    assert state(pair, web_id) == ("held", "changed_after_closing")
    assert "was closed by hand" in pair.record(web_id).reason
    close(pair, client, web_id, kind)
    assert pair.run(web_id) == "done"
    assert state(pair, web_id) == ("settled", kind)
    post(pair, client, web_id, f"reopen/orders/{web_id}/")
    job = SyncJob.objects.get(status="pending")
    assert job_run(job_id=job.pk, now=timezone.now()) == "hold"
    assert state(pair, web_id) == ("held", "several_destinations")
    assert pieces(pair)["CRD-SET"] == 3


def test_other_rules_of_digesting_ask_nobody(pair: Pair, client: Client) -> None:
    web_id = held(pair)
    close(pair, client, web_id, "not_wanted")
    record = pair.record(web_id)
    old = record.facts["state"].replace(VERSION, "v1")
    Record.objects.filter(pk=record.pk).update(facts=record.facts | {"state": old, "content": old})
    Settlement.objects.update(about=old)
    assert pair.run(web_id) == "done"
    assert state(pair, web_id) == ("settled", "not_wanted")
    assert Settlement.objects.get().about == pair.record(web_id).facts["state"] != old


def test_the_second_person_is_told_what_the_first_decided(pair: Pair, client: Client) -> None:
    web_id = held(pair)
    stale = mark_of(pair.record(web_id))
    close(pair, client, web_id, "not_wanted")
    other = Client()
    other.force_login(factories.member(pair.connection.merchant, Role.STAFF))
    shown = post(pair, other, web_id, f"close/orders/{web_id}/", kind="settled_elsewhere", shown=stale)
    first = Settlement.objects.get().by
    assert first
    assert f"{first.email} closed it at" in shown
    assert state(pair, web_id) == ("settled", "not_wanted")


def test_what_a_worker_has_in_hand_is_not_closed(pair: Pair, client: Client) -> None:
    web_id = held(pair)
    job_enqueue(connection=pair.connection, flow="orders", external_id=web_id, cause="poll", now=timezone.now())
    SyncJob.objects.filter(status="pending").update(status="running", claimed_at=timezone.now())
    assert "is being worked on right now" in close(pair, client, web_id, "not_wanted")
    assert state(pair, web_id) == ("held", "several_destinations")


def test_ticked_records_are_closed_together_as_the_list_showed_them(pair: Pair, client: Client) -> None:
    web_ids = [held(pair) for _ in range(3)]
    book_by_hand(pair, f"BC-{web_ids[0]}")
    client.force_login(factories.member(pair.connection.merchant, Role.OPS))
    tab = f"/stores/{pair.connection.public_id}/errors/"
    drawn = client.get(tab).context["drawn"]
    ticked = list(SyncError.objects.open().values_list("pk", flat=True))
    wish = {"pick": ticked, "drawn": drawn, "kind": "booked_by_hand", "next": tab}
    close_at = f"/stores/{pair.connection.public_id}/close/"
    shown = client.post(close_at, wish, follow=True).content.decode()
    assert "1 record is closed." in shown
    assert f"no sales order numbered BC-{web_ids[1]}" in shown
    pair.run(web_ids[1])
    shown = client.post(close_at, wish | {"kind": "not_wanted"}, follow=True).content.decode()
    assert "2 of the ticked records go on by themselves or changed" in shown
    assert [state(pair, one)[0] for one in web_ids] == ["settled", "held", "settled"]
    listed = client.get(f"/stores/{pair.connection.public_id}/closed/").content.decode()
    assert f"Order {web_ids[0]}" in listed
    assert f"Heartland holds BC-{web_ids[0]}, pending" in listed


def test_an_invoice_is_closed_until_it_changes(pair: Pair, client: Client) -> None:
    OrderSettings.objects.filter(connection=pair.connection).update(sends_shipments=True)
    web_id = pair.book()
    (order,) = pair.sales_orders(web_id)
    pair.heartland.post("/_sim/staff/distribute", {"order_id": order["id"], "location_id": 100005})
    made = pair.heartland.post(
        "/_sim/staff/invoice", {"order_id": order["id"], "custom": {"tracking_number": "1Z9", "carrier": "UPS"}}
    )
    invoice = str(made["invoices"][0]["id"])
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/status", {"status_id": 5})

    def look() -> str:
        now = timezone.now()
        job = job_enqueue(connection=pair.connection, flow="shipments", external_id=invoice, cause="poll", now=now)
        return job_run(job_id=job.pk, now=now)

    assert look() == "hold"
    record = Record.objects.get(flow="shipments")
    client.force_login(factories.member(pair.connection.merchant))
    form = {"kind": "settled_elsewhere", "shown": mark_of(record)}
    client.post(f"/stores/{pair.connection.public_id}/close/shipments/{invoice}/", form)
    assert look() == "done"
    record.refresh_from_db()
    assert (record.disposition, record.code) == ("settled", "settled_elsewhere")
    assert not SyncError.objects.open().filter(flow="shipments").exists()
    pair.heartland_client().invoice_update(invoice, custom={"tracking_number": "1Z10", "carrier": "UPS"})
    assert look() == "hold"
    record.refresh_from_db()
    assert (record.disposition, record.code) == ("held", "changed_after_closing")
    page = f"/stores/{pair.connection.public_id}"
    client.post(f"{page}/close/shipments/{invoice}/", {"kind": "settled_elsewhere", "shown": mark_of(record)})
    assert look() == "done"
    closing = Settlement.objects.get(record=record)
    client.post(f"{page}/reopen/shipments/{invoice}/", {"next": f"{page}/closed/", "closing": closing.pk})
    assert look() == "hold"
    record.refresh_from_db()
    assert (record.disposition, record.code) == ("held", "shipped_after_end")
    actions = AuditEntry.objects.filter(action__startswith="record.").order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["record.closed", "record.closed", "record.reopened"]
