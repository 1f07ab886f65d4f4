"""The Errors tab: issues by cause, records by filter, retry one, many, all, release behind a fix."""

from datetime import timedelta

from connections.models import Role
from errors.models import Issue, SyncError
from syncjobs.models import SyncJob
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
    issues = shop.client().get(shop.at("errors/")).context["issues"]
    assert sorted((row.issue.code, row.behind.records, row.behind.money[0][1]) for row in issues) == [
        ("item_not_linked", 2, 2 * 53.25),
        ("payment_unmapped", 2, 2 * 53.25),
    ]


def test_records_show_reason_attempts_and_state(shop: Shop) -> None:
    fill(shop)
    shown = shop.client().get(shop.at("errors/"))
    assert [row.external_id for row in shown.context["rows"]] == ["3", "2", "1"]
    assert [(key, count) for key, _, count in shown.context["states"]] == [
        ("open", 3),
        ("held", 2),
        ("retrying", 0),
        ("dead", 1),
        ("resolved", 0),
    ]
    assert "No Heartland item has the Item # “HP-1”." in shown.content.decode()


def test_filters_live_in_the_address(shop: Shop) -> None:
    fill(shop)
    issue = Issue.objects.get(code="item_not_linked")
    client = shop.client()

    def found(query: str) -> list[str]:
        return [row.external_id for row in client.get(shop.at(f"errors/{query}")).context["rows"]]

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
        DRAWN | {"only": rows["2"].pk, "error": [rows["1"].pk], "next": shop.at("errors/?state=held")},
    )
    assert answer["Location"] == shop.at("errors/?state=held")
    assert pending(shop) == ["2"]


def test_retry_many_that_are_ticked(shop: Shop) -> None:
    rows = fill(shop)
    shop.client().post(shop.at("retry/"), DRAWN | {"scope": "ticked", "error": [rows["1"].pk, rows["3"].pk]})
    assert pending(shop) == ["1", "3"]


def test_retry_all_that_the_filter_shows(shop: Shop) -> None:
    fill(shop)
    shop.client().post(shop.at("retry/"), DRAWN | {"scope": "all", "filters": "state=held"})
    assert pending(shop) == ["1", "2"]


def test_retrying_twice_makes_no_second_job(shop: Shop) -> None:
    rows = fill(shop)
    for _ in range(3):
        shop.client().post(shop.at("retry/"), DRAWN | {"only": rows["1"].pk})
    assert pending(shop) == ["1"]


def test_nothing_ticked_is_said(shop: Shop) -> None:
    fill(shop)
    shown = shop.client().post(shop.at("retry/"), DRAWN | {"scope": "ticked", "error": ["x", "-1", ""]}, follow=True)
    assert "Nothing to retry: tick a record that is still as this list showed it." in shown.content.decode()
    assert pending(shop) == []


def test_another_stores_errors_cannot_be_retried(shop: Shop, rival: Shop) -> None:
    rows = fill(rival)
    shop.client().post(shop.at("retry/"), DRAWN | {"only": rows["1"].pk})
    shop.client().post(shop.at("retry/"), DRAWN | {"scope": "ticked", "error": [rows["1"].pk]})
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
