"""The Errors tab: issues by cause, records by filter, retry one, many, all, release behind a fix."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connections.models import Role
from errors.issues.error_filters import FLOWS
from errors.models import Issue, SyncError
from syncjobs.models import AttemptExchange, Record, SyncJob
from tests import factories
from tests.screens.conftest import Shop

DRAWN = {"drawn": (factories.NOW + timedelta(minutes=1)).isoformat()}  # as the page was when its form was sent


def pending(shop: Shop) -> list[str]:
    rows = SyncJob.objects.filter(connection=shop.connection, status="pending")
    return sorted(rows.values_list("external_id", flat=True))


def fill(shop: Shop) -> dict[str, SyncError]:
    return {
        "1": factories.problem(shop.connection, "1", factories.not_linked("HP-1")),
        "2": factories.problem(shop.connection, "2", factories.not_linked("HP-1"), factories.unmapped("Cash")),
        "3": factories.problem(shop.connection, "3", factories.unmapped("Cash"), state=SyncError.State.DEAD),
    }


def test_issues_fold_records_by_cause(shop: Shop) -> None:
    fill(shop)
    cards = shop.client().get(shop.at("errors/")).context["cards"]
    assert sorted((row.issue.code, row.behind.records, row.behind.money[0][1]) for row in cards) == [
        ("item_not_linked", 2, 2 * 53.25),
        ("payment_unmapped", 2, 2 * 53.25),
    ]


def test_records_show_reason_attempts_and_state(shop: Shop) -> None:
    fill(shop)
    shown = shop.client().get(shop.at("errors/"))
    assert [row.external_id for row in shown.context["records"].rows] == ["3", "2", "1"]
    assert [(tab.label, tab.count) for tab in shown.context["record_tabs"]] == [
        ("Open", 3), ("Needs you", 2), ("Waiting", 0), ("Gave up", 1), ("Skipped", 0), ("Resolved", 0),
    ]  # fmt: skip
    assert "No Heartland item has the Item # “HP-1”." in shown.content.decode()


def test_filters_live_in_the_address(shop: Shop) -> None:
    fill(shop)
    issue = Issue.objects.get(code="item_not_linked")
    client = shop.client()

    def found(query: str) -> list[str]:
        return [row.external_id for row in client.get(shop.at(f"errors/{query}")).context["records"].rows]

    assert found("?state=dead") == ["3"]
    assert found(f"?issue={issue.pk}") == ["2", "1"]
    assert found("?q=Cash") == ["3", "2"]
    assert found("?q=%231") == ["1"]
    assert found("?state=resolved") == []
    assert found("?state=nonsense&issue=x&page=99") == ["3", "2", "1"]


def test_retry_one_by_its_button(shop: Shop) -> None:
    rows = fill(shop)
    answer = shop.client(Role.OPS).post(
        shop.at("retry/"),
        DRAWN | {"only": rows["2"].pk, "pick": [rows["1"].pk], "next": shop.at("errors/?state=held")},
    )
    assert answer["Location"] == shop.at("errors/?state=held")
    assert pending(shop) == ["2"]


def test_retry_many_that_are_ticked(shop: Shop) -> None:
    rows = fill(shop)
    shop.client().post(shop.at("retry/"), DRAWN | {"pick": [rows["1"].pk, rows["3"].pk]})
    assert pending(shop) == ["1", "3"]


def test_retry_all_that_the_filter_shows(shop: Shop) -> None:
    fill(shop)
    shop.client().post(shop.at("retry/"), DRAWN | {"all_matching": "1", "filters": "state=held"})
    assert pending(shop) == ["1", "2"]


def test_retrying_twice_makes_no_second_job(shop: Shop) -> None:
    rows = fill(shop)
    for _ in range(3):
        shop.client().post(shop.at("retry/"), DRAWN | {"only": rows["1"].pk})
    assert pending(shop) == ["1"]


def test_nothing_ticked_is_said(shop: Shop) -> None:
    fill(shop)
    shown = shop.client().post(shop.at("retry/"), DRAWN | {"pick": ["x", "-1", ""]}, follow=True)
    assert "Nothing to retry: tick a record that is still as this list showed it." in shown.content.decode()
    assert pending(shop) == []


def test_what_is_being_tried_is_said(shop: Shop) -> None:
    rows = fill(shop)
    assert "being tried right now" not in shop.client().get(shop.at("errors/")).content.decode()
    shown = shop.client().post(shop.at("retry/"), DRAWN | {"pick": [rows["1"].pk, rows["3"].pk]}, follow=True)
    assert "2 records are tried again now; look again in a moment." in shown.content.decode()
    page = shop.client().get(shop.at("errors/")).content.decode()
    assert "2 records are being tried right now." in page
    due = shop.client().get(shop.at(f"errors/{rows['1'].pk}/"))
    assert due.context["schedule"].is_due
    assert "Try 1 is due now." in due.content.decode()


def test_another_stores_errors_cannot_be_retried(shop: Shop, rival: Shop) -> None:
    rows = fill(rival)
    shop.client().post(shop.at("retry/"), DRAWN | {"only": rows["1"].pk})
    shop.client().post(shop.at("retry/"), DRAWN | {"pick": [rows["1"].pk]})
    issue = Issue.objects.filter(connection=rival.connection).first()
    assert issue
    assert shop.client().post(shop.at(f"release/{issue.pk}/")).status_code == 404
    assert SyncJob.objects.count() == 0


def test_releasing_an_issue_retries_all_behind_it(shop: Shop) -> None:
    fill(shop)
    issue = Issue.objects.get(code="payment_unmapped")
    shown = shop.client().post(shop.at(f"release/{issue.pk}/"), DRAWN, follow=True).content.decode()
    assert "Released: 2 records are tried again now." in shown
    assert pending(shop) == ["2", "3"]
    entry = shop.merchant.audit_entries.latest("pk")
    assert (entry.action, entry.actor) == ("issue.released", shop.people[Role.OWNER])


def test_the_order_page_retries_and_comes_back(shop: Shop) -> None:
    fill(shop)
    page = shop.at("orders/1/")
    assert shop.client().post(shop.at("retry/orders/1/"), {"next": page})["Location"] == page
    assert pending(shop) == ["1"]
    assert shop.client().post(shop.at("retry/orders/999/")).status_code == 404


def test_no_redirect_leads_away(shop: Shop) -> None:
    fill(shop)
    for target in (
        "https://evil.example/",
        "//evil.example/",
        "javascript:alert(1)",
        "/\\evil.example",
        "\t//evil.example",
    ):
        answer = shop.client().post(shop.at("retry/orders/1/"), {"next": target})
        assert answer["Location"] == shop.at("errors/")


def test_the_tabs_are_exactly_four_with_counts(shop: Shop) -> None:
    fill(shop)
    for path in ("items/", "inventory/", "fulfillment/", "errors/"):
        shown = shop.client().get(shop.at(path))
        page = shown.content.decode()
        tabs = page[page.index('<nav class="tabs"') : page.index("</nav>", page.index('<nav class="tabs"'))]
        labels = [words for words in ("Items Information", "Inventory", "Order Fulfillment", "Errors") if words in tabs]
        assert labels == ["Items Information", "Inventory", "Order Fulfillment", "Errors"]
        assert tabs.count("<a ") == 4
        assert tabs.count('aria-current="page"') == 1
        assert f'href="{shop.at(path)}" aria-current="page"' in tabs
        assert '3<span class="unseen"> open errors</span>' in tabs


def test_empty_says_what_would_appear_and_how_to_test_it(shop: Shop) -> None:
    page = shop.client().get(shop.at("errors/")).content.decode()
    assert "Nothing waits for anybody." in page
    assert "place an order with an unknown SKU" in page


def rows_of(shop: Shop, query: str = "", role: Role = Role.OWNER) -> list[str]:
    records = shop.client(role).get(shop.at(f"errors/{query}")).context["records"]
    return [row.external_id for row in records.rows]


def titles_of(shop: Shop, query: str = "", role: Role = Role.OWNER) -> list[str]:
    return [card.issue.code for card in shop.client(role).get(shop.at(f"errors/{query}")).context["cards"]]


def test_causes_are_sorted_by_money_and_stand_under_their_state(shop: Shop) -> None:
    factories.problem(shop.connection, "1", factories.not_linked("HP-1"), amount="900.00")
    for number in ("2", "3"):
        factories.problem(shop.connection, number, factories.unmapped("Cash"), amount="10.00")
    assert titles_of(shop) == ["item_not_linked", "payment_unmapped"]
    issue = Issue.objects.get(code="item_not_linked")
    path = shop.at(f"issues/{issue.pk}/say/")
    shop.client(Role.OPS).post(path, {"do": "acknowledge"})
    assert (titles_of(shop), titles_of(shop, "?issues=acknowledged")) == (["payment_unmapped"], ["item_not_linked"])
    shop.client(Role.OPS).post(path, {"do": "snooze", "until": "3d"})
    tabs = shop.client().get(shop.at("errors/?issues=aside")).context["issue_tabs"]
    assert [(tab.label, tab.count) for tab in tabs] == [
        ("Open", 1), ("Acknowledged", 0), ("Snoozed", 1), ("Ignored", 0), ("Resolved", 0),
    ]  # fmt: skip
    assert titles_of(shop, "?issues=aside") == ["item_not_linked"]
    shop.client(Role.OPS).post(path, {"do": "ignore", "because": "Test data"})
    assert titles_of(shop, "?issues=ignored") == ["item_not_linked"]
    shop.client(Role.OPS).post(path, {"do": "open"})
    assert titles_of(shop) == ["item_not_linked", "payment_unmapped"]


def test_what_is_said_of_a_cause_is_shown_beside_it(shop: Shop) -> None:
    fill(shop)
    issue, ops = Issue.objects.get(code="payment_unmapped"), shop.people[Role.OPS]
    path = shop.at(f"issues/{issue.pk}/")
    for form in (
        {"do": "assign", "assignee": ops.pk},
        {"do": "tag", "tag": "Till"},
        {"do": "tag", "tag": "wrong"},
        {"do": "untag", "tag": "wrong"},
        {"do": "note", "text": "The bank says <Monday>"},
    ):
        answer = shop.client().post(f"{path}say/", form, follow=True)
        assert answer.status_code == 200
    page = answer.content.decode()
    assert "The bank says &lt;Monday&gt;" in page
    assert "Note written about a cause by" in page
    card = answer.context["card"]
    assert (card.issue.assignee, list(card.tags), card.notes) == (ops, ["till"], 1)
    assert titles_of(shop, "?assignee=me", Role.OPS) == ["payment_unmapped"]
    assert titles_of(shop, "?assignee=me") == []
    assert titles_of(shop, "?assignee=nobody") == ["item_not_linked"]
    assert titles_of(shop, "?tag=till") == ["payment_unmapped"]
    assert rows_of(shop, "?tag=till") == ["3", "2"]
    part = shop.client(Role.VIEWER).get(path, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "Acknowledge" not in part
    assert shop.client(Role.VIEWER).post(f"{path}say/", {"do": "acknowledge"}).status_code == 403


def test_another_merchants_causes_and_records_are_not_there(shop: Shop, rival: Shop) -> None:
    theirs = fill(rival)["1"]
    issue = theirs.issues.get()
    client = shop.client()
    for path in (f"issues/{issue.pk}/", f"errors/{theirs.pk}/", f"errors/{theirs.pk}/bundle.json"):
        assert client.get(shop.at(path)).status_code == 404
        assert client.get(rival.at(path)).status_code == 404
    assert client.post(shop.at(f"issues/{issue.pk}/say/"), {"do": "acknowledge"}).status_code == 404
    for path in ("errors/assign/", "errors/ignore/"):
        client.post(shop.at(path), DRAWN | {"pick": [theirs.pk], "assignee": shop.people[Role.OPS].pk, "until": "1d"})
    theirs.refresh_from_db()
    assert (theirs.assignee, theirs.ignored_until) == (None, None)
    assert client.get(shop.at(f"errors/?store={rival.connection.public_id}")).status_code == 404


def test_filters_by_object_class_age_and_money(shop: Shop) -> None:
    now = timezone.now()
    factories.problem(shop.connection, "1", factories.not_linked("HP-1"), amount="900.00", at=now - timedelta(days=2))
    factories.problem(shop.connection, "2", factories.unmapped("Cash"), amount="99.99", at=now)
    factories.stock_problem(shop.connection, "HP-9", at=now)
    assert rows_of(shop, "?flow=stock") == ["HP-9"]
    assert rows_of(shop, "?owner=merchant&flow=orders") == ["2", "1"]
    assert rows_of(shop, "?age=1d") == ["1"]
    assert rows_of(shop, "?money=100") == ["1"]
    assert rows_of(shop, "?money=99.99") == ["2", "1"]
    assert titles_of(shop, "?money=100") == ["item_not_linked"]
    assert titles_of(shop, "?flow=orders&age=1d") == ["item_not_linked"]
    chips = shop.client().get(shop.at("errors/?age=1d&money=100&q=HP&money=5")).context["chips"]
    assert [(chip.name, chip.value) for chip in chips] == [
        ("Age", "older than 1 day"), ("Worth at least", "5"), ("Words", "HP"),
    ]  # fmt: skip


def test_skipped_records_stand_under_their_tab(shop: Shop) -> None:
    factories.order(shop.connection, "7", Record.Disposition.SKIPPED, code="awaiting_pickup", reason="Order 7: pickup")
    factories.order(shop.connection, "8")
    assert rows_of(shop, "?state=skipped") == ["7"]
    assert rows_of(shop, "?state=skipped&q=pickup") == ["7"]
    assert rows_of(shop, "?state=skipped&q=8") == []


def test_pages_follow_the_last_row(shop: Shop) -> None:
    for number in range(120):
        factories.problem(shop.connection, str(number), at=factories.NOW + timedelta(minutes=number // 7))
    wanted = [str(number) for number in sorted(range(120), key=lambda one: (one // 7, one), reverse=True)]
    client, here, seen = shop.client(), shop.at("errors/"), list[list[str]]()
    while here:
        context = client.get(here).context
        seen.append([row.external_id for row in context["records"].rows])
        here = shop.at(f"errors/{context['older']}") if context["older"] else ""
    assert [len(page) for page in seen] == [50, 50, 20]
    assert [one for page in seen for one in page] == wanted
    back = client.get(shop.at(f"errors/{context['newer']}")).context
    assert [row.external_id for row in back["records"].rows] == seen[1]
    first = client.get(shop.at(f"errors/{back['newer']}")).context
    assert ([row.external_id for row in first["records"].rows], first["newer"]) == (seen[0], "")
    assert rows_of(shop, "?after=nonsense") == seen[0]


def test_the_tab_costs_the_same_queries_however_many_there_are(shop: Shop, django_assert_max_num_queries: Any) -> None:
    def visit() -> int:
        with django_assert_max_num_queries(75) as queries:
            shop.client().get(shop.at("errors/"))
        return len(queries)

    factories.problem(shop.connection, "1", factories.not_linked("HP-1"))
    few = visit()
    for number in range(2, 60):
        factories.problem(shop.connection, str(number), factories.not_linked(f"HP-{number}"))
    assert visit() <= few + 1


def test_records_are_assigned_ignored_and_retried_later(shop: Shop) -> None:
    rows, ops = fill(shop), shop.people[Role.OPS]
    client = shop.client(Role.OPS)
    client.post(shop.at("errors/assign/"), DRAWN | {"pick": [rows["1"].pk], "assignee": ops.pk})
    client.post(shop.at("errors/ignore/"), DRAWN | {"all_matching": "1", "filters": "state=dead", "until": "7d"})
    assert rows_of(shop, "?assignee=me", Role.OPS) == ["1"]
    rows["3"].refresh_from_db()
    assert rows["3"].ignored_until is not None
    client.post(shop.at("errors/ignore/"), DRAWN | {"pick": [rows["3"].pk], "until": ""})
    rows["3"].refresh_from_db()
    assert rows["3"].ignored_until is None
    client.post(shop.at("retry/"), DRAWN | {"pick": [rows["2"].pk], "when": "4h"})
    job = SyncJob.objects.get()
    rows["2"].refresh_from_db()
    assert job.external_id == "2"
    assert timedelta(hours=3, minutes=50) < job.not_before - job.created_at <= timedelta(hours=4)
    assert rows["2"].next_try_at == job.not_before
    for path in ("errors/assign/", "errors/ignore/"):
        assert "Nothing was" in client.post(shop.at(path), DRAWN | {"pick": ["x"]}, follow=True).content.decode()


def test_the_list_is_a_file_whose_cells_compute_nothing(shop: Shop) -> None:
    fill(shop)
    SyncError.objects.filter(external_id="1").update(label="=1+1")
    answer = shop.client(Role.VIEWER).get(shop.at("errors.csv?state=held"))
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 3
    assert lines[0].startswith("Record,Object,Id,State,Reason")
    assert lines[1].startswith("Order 2,Orders,2,Needs you,")
    assert lines[2].startswith("'=1+1,")


def test_same_result_five_times_asks_for_a_person(shop: Shop) -> None:
    rows = fill(shop)
    Record.objects.filter(external_id="1").update(same_result_count=5)
    Record.objects.filter(external_id="2").update(same_result_count=4)
    words = "same result 5 times: needs a person"
    page = shop.client().get(shop.at("errors/")).content.decode()
    assert page.count("times: needs a person") == 1
    assert words in page
    assert words in shop.client().get(shop.at(f"errors/{rows['1'].pk}/")).content.decode()


def test_a_record_says_what_happened_and_what_it_means(shop: Shop) -> None:
    error = fill(shop)["1"]
    job = factories.job(shop.connection, "1", SyncJob.Status.HELD)
    attempt = factories.attempt(job, "held", "No Heartland item has the Item # “HP-1”.")
    sent = 'POST /sales/orders\n{"customer": "[name removed]"}'
    AttemptExchange.objects.create(attempt=attempt, request=sent, response="→ 422 req-77", at=factories.NOW)
    page = shop.client(Role.OPS).get(shop.at(f"errors/{error.pk}/"))
    words = page.content.decode()
    assert "The order is not in Heartland, and its stock is not committed there." in words
    assert "[name removed]" in words
    assert [look.number for look in page.context["looks"]] == [1]
    assert page.context["schedule"].next_at is None
    seen = shop.client(Role.VIEWER).get(shop.at(f"errors/{error.pk}/")).content.decode()
    assert "[name removed]" not in seen
    assert "Retry now" not in seen
    bundle = shop.client(Role.OPS).get(shop.at(f"errors/{error.pk}/bundle.json")).json()
    assert bundle["record"]["label"] == "Order 1"
    assert (bundle["tries"][0]["number"], bundle["tries"][0]["request"]) == (1, sent)
    assert shop.client(Role.VIEWER).get(shop.at(f"errors/{error.pk}/bundle.json")).status_code == 403


def test_a_record_that_retries_says_when_and_how_often(shop: Shop) -> None:
    error = factories.problem(shop.connection, "1", state=SyncError.State.RETRYING)
    Record.objects.filter(external_id="1").update(disposition="retrying")
    factories.job(shop.connection, "1", SyncJob.Status.PENDING, attempts=8)
    page = shop.client(Role.OPS).get(shop.at(f"errors/{error.pk}/"))
    schedule = page.context["schedule"]
    assert (schedule.number, [wait.total_seconds() for wait in schedule.waits]) == (9, [512.0])
    assert "Cancel its retries" in page.content.decode()
    shop.client(Role.OPS).post(shop.at("retry/stop/"), DRAWN | {"only": error.pk})
    error.refresh_from_db()
    assert error.state == SyncError.State.DEAD


def test_a_form_beside_the_list_leads_back_to_the_list(shop: Shop) -> None:
    error = fill(shop)["1"]
    issue, tab = error.issues.get(), shop.at("errors/?state=held")
    beside = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{tab}"}
    for path in (f"issues/{issue.pk}/", f"errors/{error.pk}/"):
        part = shop.client().get(shop.at(path), headers=beside)
        assert part.context["here"] == tab
        assert shop.client().get(shop.at(path)).context["here"] == shop.at(path)
    away = beside | {"HX-Current-URL": "https://evil.example/x"}
    part = shop.client().get(shop.at(f"issues/{issue.pk}/"), headers=away)
    assert part.context["here"] == shop.at(f"issues/{issue.pk}/")


@pytest.mark.parametrize("flow", [flow for flow in FLOWS if flow not in {"orders", "shipments", "returns", "refunds"}])
def test_a_record_of_every_kind_is_found_by_its_object_and_has_a_page(shop: Shop, flow: str) -> None:
    moved = SyncError.objects.filter(pk=factories.problem(shop.connection, "700").pk)
    moved.update(flow=flow, label=f"{FLOWS[flow]} 700")
    tab = shop.client().get(shop.at(f"errors/?flow={flow}"))
    assert [row.external_id for row in tab.context["records"].rows] == ["700"]
    assert shop.client().get(shop.at(f"records/{flow}/700/"), follow=True).status_code == 200


def test_filters_are_kept_under_a_name_for_every_stores_errors(shop: Shop, rival: Shop) -> None:
    client = shop.client(Role.VIEWER)
    sent = "state=dead&issues=acknowledged&flow=orders&owner=merchant&age=1d&money=50&assignee=me&tag=vip&q=Ann&issue=7"
    client.post(shop.at("errors/views/"), {"name": " Dead,  mine ", "filters": f"{sent}&after=x&odd=1"})
    client.post(shop.at("errors/views/"), {"name": "As it opens", "filters": "state=open&issues=open"})
    shown = client.get(shop.at(f"errors/?{sent}")).context
    of_any_store = sent.removesuffix("&issue=7")  # which cause it is, only one store knows
    assert [(view.name, where) for view, where in shown["views"]] == [
        ("As it opens", "?"),
        ("Dead, mine", f"?{of_any_store}"),
    ]
    assert shown["query"] == of_any_store
    first = shown["views"][0][0]
    assert shop.client().get(shop.at("errors/")).context["views"] == []
    shop.client().post(shop.at("errors/views/"), {"delete": first.pk, "filters": ""})
    assert len(client.get(shop.at("errors/")).context["views"]) == 2  # nobody deletes another's
    client.post(shop.at("errors/views/"), {"delete": first.pk, "filters": ""})
    assert [view.name for view, _ in client.get(shop.at("errors/")).context["views"]] == ["Dead, mine"]
    assert client.post(rival.at("errors/views/"), {"name": "x", "filters": ""}).status_code == 404


def test_a_cause_unfolds_its_newest_records(shop: Shop) -> None:
    for number in range(22):
        factories.problem(shop.connection, f"{10400 + number}", at=factories.NOW + timedelta(minutes=number))
    page = shop.client().get(shop.at("errors/")).content.decode()
    unfolded = page.partition('<ul class="unfolded">')[2].partition("</ul>")[0]
    assert re.findall(r">Order (\d+)</a>", unfolded) == [f"{10421 - number}" for number in range(20)]
    assert "<summary>The newest 20</summary>" in page
