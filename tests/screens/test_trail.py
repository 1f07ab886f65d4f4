"""The audit trail's page: filters, pages by key, the file, and who changed a thing last."""

import csv
import io
from datetime import UTC, datetime

import pytest

from connections.audit import audit
from connections.models import AuditEntry, Role
from mappings.models import ValueMap
from mappings.services import stock_rule_set, value_map_set
from tests import factories
from tests.screens.conftest import Shop

pytestmark = pytest.mark.django_db


def at(shop: Shop, query: str = "") -> str:
    return f"/settings/merchant/{shop.merchant.public_id}/trail/{query}"


def subjects(shop: Shop, query: str = "") -> list[str]:
    return [row.subject for row in shop.client().get(at(shop, query)).context["rows"]]


def test_entries_are_found_by_person_object_and_the_merchants_days(shop: Shop) -> None:
    ops = shop.people[Role.OPS]
    audit(merchant=shop.merchant, actor=ops, action="value_map.set", subject="Visa", method={"was": None, "is": "Card"})
    audit(merchant=shop.merchant, actor=None, action="stock.guarded", subject="Harbor Outdoor", skus=3)
    audit(merchant=shop.merchant, actor=ops, action="item.linked", subject="JOUR-BLK")
    late = datetime(2026, 3, 3, 4, 30, tzinfo=UTC)  # March 2 at 23:30 in New York
    old = AuditEntry(merchant=shop.merchant, action="store.connected", subject="Long ago", at=late)
    old.save(force_insert=True)
    assert subjects(shop) == ["Long ago", "JOUR-BLK", "Harbor Outdoor", "Visa"]
    assert subjects(shop, "?who=Tillbridge") == ["Long ago", "Harbor Outdoor"]
    assert subjects(shop, f"?who={ops.email}&what=jour") == ["JOUR-BLK"]
    assert subjects(shop, "?since=2026-03-02&until=2026-03-02") == ["Long ago"]
    assert subjects(shop, "?since=2026-03-03&until=2026-03-04") == []
    assert len(subjects(shop, "?since=yesterday&until=0001-01-01&before=x&action=no.such&who=nobody")) == 4
    page = shop.client().get(at(shop)).content.decode()
    for words in ("Value map set", "Last pieces taken off sale", "method: none → Card"):
        assert words in page


def test_pages_go_on_by_key_and_keep_their_filters(shop: Shop) -> None:
    for number in range(120):
        audit(merchant=shop.merchant, actor=None, action="item.linked", subject=f"SKU-{number:03}")
    audit(merchant=shop.merchant, actor=None, action="item.unlinked", subject="another")
    query, seen = "?action=item.linked", []
    for _ in range(3):
        context = shop.client().get(at(shop, query)).context
        seen += [row.subject for row in context["rows"]]
        query = f"?{context['older']}"
    assert seen == [f"SKU-{number:03}" for number in reversed(range(120))]
    assert query == "?"


def test_the_file_holds_what_the_filters_leave_and_no_formula(shop: Shop, rival: Shop) -> None:
    audit(merchant=shop.merchant, actor=shop.people[Role.OPS], action="item.linked", subject='=HYPERLINK("x")')
    audit(merchant=shop.merchant, actor=None, action="item.unlinked", subject="A")
    audit(merchant=rival.merchant, actor=None, action="item.linked", subject="B")
    path = f"/settings/merchant/{shop.merchant.public_id}/trail.csv"
    text = b"".join(shop.client().get(f"{path}?action=item.linked").streaming_content).decode()  # type: ignore[attr-defined]
    head, *rows = csv.reader(io.StringIO(text))
    assert head[:5] == ["At (UTC)", "Who", "What", "Code", "About"]
    entry = AuditEntry.objects.get(merchant=shop.merchant, action="item.linked")
    assert [row[1:4] for row in rows] == [[shop.people[Role.OPS].email, "Item linked", "item.linked"]]
    assert rows[0][4].startswith("'=")
    assert rows[0][6:] == ["1", entry.digest]
    for role in (Role.BUILDER, Role.STAFF, Role.OPS, Role.VIEWER):
        assert shop.client(role).get(path).status_code == 403
    assert rival.client().get(path).status_code == 404


def test_a_setting_says_who_changed_it_and_leads_owners_to_the_trail(shop: Shop) -> None:
    path = f"/settings/merchant/{shop.merchant.public_id}/"
    assert "Changed by" not in shop.client().get(path).content.decode()
    staff = factories.signed_in(shop.people[Role.STAFF])
    staff.post(path, {"time_zone": "America/Chicago", "shown": "America/New_York"})
    page = shop.client().get(path).content.decode()
    assert f"Changed by {shop.people[Role.STAFF].email}" in page
    assert "?action=merchant.time_zone" in page
    page = shop.client(Role.OPS).get(path).content.decode()
    assert "Changed by" in page
    assert "?action=merchant.time_zone" not in page


def test_rows_of_tables_links_and_rules_say_who_changed_them(shop: Shop, rival: Shop) -> None:
    ops, connection = shop.people[Role.OPS], shop.connection
    mapped = value_map_set(
        connection=connection, kind=ValueMap.Kind.PAYMENT, source_value="Cash", target_value="7", actor=ops
    )
    stock_rule_set(connection=connection, field="", value="HT-M-RED", safety_units=2, actor=shop.people[Role.STAFF])
    other = factories.connection(shop.merchant, name="Third Shop")
    value_map_set(connection=other, kind=ValueMap.Kind.PAYMENT, source_value="Cash", target_value="7", actor=None)
    page = shop.client().get(shop.at("fulfillment/"))
    assert page.context["changed"][str(mapped)].actor == ops
    assert page.content.decode().count(f"Changed by {ops.email}") == 1
    assert "?action=value_map.set&amp;what=payment%3A%20Cash" in page.content.decode()
    seen = shop.client(Role.OPS).get(shop.at("inventory/")).content.decode()
    assert f"Changed by {shop.people[Role.STAFF].email}" in seen
    assert "?action=stock_rule.set" not in seen
