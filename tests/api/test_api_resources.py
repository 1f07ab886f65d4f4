"""What the API's resources say and do, with exact values."""

from datetime import timedelta
from typing import Any

import pytest

from connections.models import AuditEntry, Connection, InventorySettings, Role
from errors.models import Issue
from mappings.models import Link, StockLevel
from syncjobs.models import OrderCorrection, Record, Run, SyncJob
from tests import books, factories
from tests.api.conftest import Program
from tests.screens.conftest import Shop


def test_a_store(api: Program, shop: Shop) -> None:
    (store,) = api.get("stores")["data"]
    assert store == {
        "id": str(shop.connection.public_id),
        "name": "Harbor & Pine Outdoor",
        "kind": "bigcommerce",
        "domain": "harborpine.example",
        "currency": "USD",
        "state": "active",
        "heartland_account": "Harbor & Pine POS",
        "created_at": store["created_at"],
    }
    assert api.get(f"stores/{store['id']}") == store


def test_a_store_is_paused_and_resumed(api: Program, shop: Shop) -> None:
    at = f"stores/{shop.connection.public_id}"
    assert api.call("POST", f"{at}/pause").json()["state"] == "paused"
    assert api.call("POST", f"{at}/pause").json()["state"] == "paused"
    assert api.call("POST", f"{at}/resume").json()["state"] == "active"
    actions = list(AuditEntry.objects.order_by("number").values_list("action", flat=True))
    assert actions[1:] == ["connection.paused", "connection.resumed"]  # after the token's


def test_the_health_of_a_store(api: Program, shop: Shop) -> None:
    factories.job(shop.connection, "10457", SyncJob.Status.PENDING)
    factories.order(shop.connection, "10457", Record.Disposition.IN_FLIGHT)
    shop.connection.circuits.create(system="heartland", opened_at=factories.NOW, reason="502")
    health = api.get(f"stores/{shop.connection.public_id}/health")
    assert (health["state"], health["backlog"], health["orders_waiting"]) == ("active", 1, 1)
    assert health["systems_down"] == [
        {"system": "heartland", "since": "2026-03-02T18:20:00Z", "next_probe_at": None, "reason": "502"}
    ]


def test_an_order_with_both_sides(api: Program, shop: Shop) -> None:
    record = factories.order(shop.connection, "10457")
    order = api.get(f"orders/{record.pk}")
    assert (order["number"], order["state"], order["target_label"]) == ("10457", "booked", "BC-10457")
    assert (order["source_total"], order["target_total"], order["currency"]) == ("53.25", "53.25", "USD")
    assert order["in_store"]["lines"] == [
        {
            "sku": "HT-M-RED", "name": "Harbor Tee", "quantity": 2, "shipped": 0, "refunded": 0,
            "unit_price": "24.00", "total": "48.00", "discount": "4.80", "tax": "3.10",
        }
    ]  # fmt: skip
    assert order["in_store"]["terms"][1] == {"name": "Discounts", "amount": "-4.80"}
    there = order["in_heartland"]
    assert (there["id"], there["number"], there["status"], there["paid"]) == ("100318", "BC-10457", "open", "53.25")
    assert there["lines"][0]["value"] == "43.20"
    held = factories.order(shop.connection, "10458", Record.Disposition.HELD)
    assert api.get(f"orders/{held.pk}")["in_heartland"] is None


def test_orders_are_found_by_what_people_call_them(api: Program, shop: Shop) -> None:
    record = factories.order(shop.connection, "10457")
    factories.order(shop.connection, "10458", at=factories.NOW + timedelta(days=1), is_distributed=True)
    for number in ("10457", "%2310457", "BC-10457", "bc-10457", record.target_id):
        assert [row["id"] for row in api.get(f"orders?number={number}")["data"]] == [record.pk]
    for moment in ("2026-03-03T00:00:00Z", "2026-03-03T22:17:00%2B22:17"):
        assert [row["number"] for row in api.get(f"orders?placed_since={moment}")["data"]] == ["10458"]
    assert [row["number"] for row in api.get("orders?to_distribute=true")["data"]] == ["10457"]
    assert [row["number"] for row in api.get("orders?to_distribute=false")["data"]] == ["10458"]


def test_no_buyer_is_named(api: Program, shop: Shop) -> None:
    record = factories.order(shop.connection, "40001", Record.Disposition.HELD)
    OrderCorrection.objects.create(
        connection=shop.connection, external_id="40001", field="shipping_address.line_2", before="Ada Byron", after="A"
    )
    shown = api.get(f"orders/{record.pk}")
    assert shown["correction"]["fields_corrected"] == ["shipping_address.line_2"]
    assert "Byron" not in str(shown)


def test_an_order_is_retried(api: Program, shop: Shop) -> None:
    record = factories.order(shop.connection, "10457")
    assert api.call("POST", f"orders/{record.pk}/retry").json()["id"] == record.pk
    job = SyncJob.objects.get()
    assert (job.flow, job.external_id, job.cause) == ("orders", "10457", "look again")
    (row,) = api.get("jobs?external_id=10457&status=pending")["data"]
    assert (row["id"], row["cause"], row["hints"]) == (job.pk, "look again", 1)


def test_a_held_order_is_fixed_by_a_choice(api: Program, shop: Shop) -> None:
    record = factories.order(shop.connection, "10457", Record.Disposition.HELD, code="changed_after_booking")
    assert api.get(f"records/{record.pk}")["choices"] == ["store", "heartland"]
    assert api.call("POST", f"records/{record.pk}/fix", {"choice": "cancel"}).status_code == 409
    assert api.call("POST", f"records/{record.pk}/fix", {}).status_code == 400
    assert api.call("POST", f"records/{record.pk}/fix", {"choice": "heartland"}).status_code == 200
    record.refresh_from_db()
    assert record.choice == "heartland"
    assert SyncJob.objects.get().cause == "fix"


def test_a_correction_is_applied_as_it_was_shown(api: Program, shop: Shop) -> None:
    record = factories.order(shop.connection, "40001", Record.Disposition.HELD)
    row = OrderCorrection.objects.create(
        connection=shop.connection, external_id="40001", field="shipping_address.line_2", before="x" * 90, after="x"
    )
    version = api.get(f"records/{record.pk}")["correction"]["version"]
    assert api.call("POST", f"records/{record.pk}/fix", {"correction": "0" * 32}).status_code == 409
    assert api.call("POST", f"records/{record.pk}/fix", {"correction": version}).status_code == 200
    row.refresh_from_db()
    assert row.accepted_by == shop.people[Role.OWNER]


def test_an_issue_and_what_waits_for_it(api: Program, shop: Shop) -> None:
    for number in ("10457", "10458"):
        factories.problem(shop.connection, number)
    factories.problem(shop.connection, "10459", factories.unmapped("Cash"))
    issue = Issue.objects.get(code="item_not_linked")
    (row,) = api.get("issues?code=item_not_linked&is_open=true")["data"]
    assert (row["id"], row["records"]) == (issue.pk, 2)
    assert row["money"] == [{"currency": "USD", "amount": "106.50"}]
    assert api.get(f"issues/{issue.pk}") == row
    numbers = [found["number"] for found in api.get(f"records?issue={issue.pk}")["data"]]
    assert numbers == ["10458", "10457"]
    assert api.call("POST", f"issues/{issue.pk}/retry").json() == {"retried": 2}
    assert set(SyncJob.objects.values_list("external_id", flat=True)) == {"10457", "10458"}


def test_a_job_with_its_tries(api: Program, shop: Shop) -> None:
    job = factories.job(shop.connection, "10457")
    factories.attempt(job)
    (one,) = api.get(f"jobs/{job.pk}")["tries"]
    assert (one["number"], one["outcome"], one["duration_ms"]) == (1, "booked", 812)
    assert [step["name"] for step in one["steps"]] == ["read", "deliver"]


def test_a_run_is_started_paused_and_stopped(api: Program, shop: Shop) -> None:
    shop.connection.counted_locations.create(location=shop.connection.heartland.locations.all()[0])
    answer = api.call("POST", "runs", {"store": str(shop.connection.public_id), "kind": "stock_sync"})
    run = Run.objects.get()
    assert (answer.status_code, answer.json()["id"], answer.json()["state"]) == (201, run.pk, "running")
    assert run.started_by == shop.people[Role.OWNER]
    again = api.call("POST", "runs", {"store": str(shop.connection.public_id), "kind": "stock_check"})
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    assert api.call("POST", f"runs/{run.pk}/pause").json()["state"] == "paused"
    assert api.call("POST", f"runs/{run.pk}/pause").status_code == 409
    assert api.call("POST", f"runs/{run.pk}/resume").json()["state"] == "running"
    assert api.call("POST", f"runs/{run.pk}/stop").json()["state"] == "stopped"
    run.changes.create(kind="update", subject="HT-M-RED", before="1", after="2")
    (change,) = api.get(f"runs/{run.pk}/changes?subject=HT-M-RED")["data"]
    assert (change["before"], change["after"]) == ("1", "2")


def test_settings_are_changed_over_the_version_that_was_read(api: Program, shop: Shop) -> None:
    at = f"stores/{shop.connection.public_id}/settings/inventory"
    read = api.get(at)
    assert (read["values"]["safety_units"], read["values"]["counting"]) == (0, "available")
    changed = api.call("PATCH", at, {"version": read["version"], "values": {"safety_units": 2}})
    assert (changed.status_code, changed.json()["values"]["safety_units"]) == (200, 2)
    assert InventorySettings.objects.get().safety_units == 2
    stale = {"version": read["version"], "values": {"safety_units": 3}}
    assert api.call("PATCH", at, stale).status_code == 409
    same = {"version": read["version"], "values": {"safety_units": 2}}
    assert api.call("PATCH", at, same).status_code == 200  # it is so already: repeating is safe
    assert AuditEntry.objects.filter(action="inventory_settings.changed").count() == 1


@pytest.mark.parametrize(
    ("section", "values", "field"),
    [
        ("inventory", {"safety_units": -1}, "safety_units"),
        ("inventory", {"safety_units": True}, "safety_units"),
        ("inventory", {"safety_units": [1]}, "safety_units"),
        ("inventory", {"counts_all_locations": True}, "counts_all_locations"),
        ("inventory", {"night_from": "22:00"}, "night_to"),
        ("items", {"updates": "yes"}, "updates"),
        ("items", {"moved_fields": ["everything"]}, "moved_fields"),
        ("orders", {"order_prefix": ""}, "order_prefix"),
        ("orders", {"tenant": "x"}, "tenant"),
        ("orders", {"rank-1": 1}, "rank-1"),
    ],
)
def test_a_setting_that_is_not_right_changes_nothing(
    section: str, values: dict[str, Any], field: str, api: Program, shop: Shop
) -> None:
    at = f"stores/{shop.connection.public_id}/settings/{section}"
    answer = api.call("PATCH", at, {"version": api.get(at)["version"], "values": values})
    assert answer.status_code == 400, answer.json()
    assert field in [error["field"] for error in answer.json()["errors"]]
    assert not AuditEntry.objects.filter(action__endswith="settings.changed").exists()


def test_settings_of_orders_are_changed(api: Program, shop: Shop) -> None:
    at = f"stores/{shop.connection.public_id}/settings/orders"
    read = api.get(at)
    values = {"order_prefix": "WEB-", "takes_unpaid": True, "history_start_on": "2026-03-01"}
    answer = api.call("PATCH", at, {"version": read["version"], "values": values})
    assert answer.status_code == 200, answer.json()
    assert {name: answer.json()["values"][name] for name in values} == values
    shop.connection.order_settings.refresh_from_db()
    assert shop.connection.order_settings.order_prefix == "WEB-"


def test_a_disconnected_stores_settings_stay(api: Program, shop: Shop) -> None:
    Connection.objects.update(state="disconnected")
    at = f"stores/{shop.connection.public_id}/settings/inventory"
    wish = {"version": api.get(at)["version"], "values": {"safety_units": 2}}
    assert api.call("PATCH", at, wish).status_code == 409


def test_links_levels_and_products(api: Program, shop: Shop) -> None:
    link = factories.item_link(shop.connection, "HT-M-RED", "100400")
    StockLevel.objects.create(
        connection=shop.connection, link=link, item_id=100400, sku="HT-M-RED", quantity=3, pushed_at=factories.NOW
    )
    factories.catalogue(shop.connection)
    (row,) = api.get("links?sku=HT-M-RED")["data"]
    assert (row["id"], row["heartland_item"], row["item_number"]) == (link.pk, "100400", "HT-M-RED")
    (level,) = api.get("inventory?sku=HT-M-RED")["data"]
    assert (level["shown"], level["last_pushed"], level["heartland_item"]) == (3, 3, "100400")
    (product,) = api.get("products?sku=HT-M-RED&side=store")["data"]
    assert (product["external_id"], len(product["skus"])) == ("412", 6)


def test_a_link_is_ended(api: Program, shop: Shop) -> None:
    link = factories.item_link(shop.connection, "HT-M-RED", "100400")
    answer = api.call("DELETE", f"links/{link.pk}")
    assert (answer.status_code, answer.json()["sku"]) == (200, "HT-M-RED")
    assert not Link.objects.exists()
    assert api.call("DELETE", f"links/{link.pk}").status_code == 404


def test_heartland_away_is_said(api: Program, shop: Shop) -> None:
    wish = {"store": str(shop.connection.public_id), "sku": "HT-M-RED", "item_number": "HT-M-RED"}
    answer = api.call("PUT", "links", wish)
    assert (answer.status_code, answer.json()["code"]) == (502, "system_away")
    link = factories.item_link(shop.connection, "HT-M-RED")
    StockLevel.objects.create(connection=shop.connection, link=link, item_id=1, sku="HT-M-RED", quantity=3)
    shop.connection.counted_locations.create(location=shop.connection.heartland.locations.all()[0])
    card = api.call("GET", f"stores/{shop.connection.public_id}/stock?sku=HT-M-RED")
    assert (card.status_code, card.json()["code"]) == (502, "system_away")


def test_payments_and_customers(api: Program, shop: Shop) -> None:
    record = factories.order(shop.connection, "10457")
    Link.objects.create(connection=shop.connection, kind="customer", source_id="digest", target_id="100900")
    (payment,) = api.get("payments")["data"]
    assert (payment["order"], payment["method"], payment["status"]) == (record.pk, "Credit Card", "captured")
    assert payment["tenders"] == [{"method": "Credit Card", "amount": "53.25"}]
    assert payment["paid_in_heartland"] == "53.25"
    (customer,) = api.get("customers")["data"]
    assert customer["heartland_customer"] == "100900"
    assert "digest" not in str(customer)


def test_the_report_of_transactions(api: Program, shop: Shop) -> None:
    factories.order(shop.connection, "10457")
    factories.order(shop.connection, "10458", Record.Disposition.HELD, total="10.00")
    factories.order(shop.connection, "10459", total="20.00", target_total="19.99")
    factories.order(shop.connection, "10460", at=factories.NOW + timedelta(hours=12))  # the next day in New York
    span = "placed_since=2026-03-01T00:00:00Z&placed_before=2026-04-01T00:00:00Z"
    days = api.get(f"reports/transactions?{span}")["days"]
    assert [day["day"] for day in days] == ["2026-03-03", "2026-03-02"]
    assert days[1] == {
        "day": "2026-03-02", "currency": "USD", "orders": 3, "booked": 2, "store_total": "83.25",
        "booked_total": "73.25", "heartland_total": "73.24", "difference": "-0.01",
    }  # fmt: skip
    assert api.call("GET", "reports/transactions").status_code == 400
    assert api.call("GET", f"reports/transactions?{span.replace('2026-04', '2028-04')}").status_code == 400


def test_a_proof(api: Program, shop: Shop) -> None:
    proof = factories.proof(shop.connection, orders=2)
    (row,) = api.get("proofs?day=2026-03-02")["data"]
    assert (row["id"], row["orders"], row["counts"], row["digest"]) == (proof.pk, 2, {"booked": 2}, proof.digest)
    assert [line["order"] for line in api.get(f"proofs/{proof.pk}")["lines"]] == ["10000", "10001"]


def test_a_day_is_closed_and_read_as_journal_entries(api: Program, shop: Shop) -> None:
    books.sold(shop.connection, "1", "50.00")
    factories.problem(shop.connection, "2")
    shop.connection.records.filter(external_id="2").update(source_placed_at=books.SOLD_AT, currency="USD")
    store = str(shop.connection.public_id)
    (point,) = api.get(f"stores/{store}/open-points?first=2026-03-30&last=2026-03-31")["points"]
    assert (point["of"], point["day"], point["order"]) == ("orders", "2026-03-30", "2")
    for span in ("first=2026-03-30&last=2026-03-29", "first=2026-03-30&last=2026-05-30", "first=x&last=y"):
        assert api.call("GET", f"stores/{store}/open-points?{span}").status_code == 400
    wish = {"store": store, "day": "2026-03-30"}
    refused = api.call("POST", "closes", wish)
    assert (refused.status_code, refused.json()["detail"][:25]) == (409, "Something of the day is o")
    made = api.call("POST", "closes", wish | {"note": "known"})
    assert made.status_code == 201
    (entry,) = made.json()["entries"]
    assert {line["account"]: line["amount"] for line in entry["lines"]} == {"gateway": "50.00", "sales": "-50.00"}
    assert api.get(f"closes/{made.json()['id']}") == made.json()
    assert [row["day"] for row in api.get("closes?day_since=2026-03-30")["data"]] == ["2026-03-30"]
    assert api.call("POST", "closes", wish | {"note": "again"}).status_code == 409
