"""Problems: one open row per record, one issue per cause, closed by themselves."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from connections.models import Connection
from errors.failures import ConfigurationFailure, Rejected, ServerTrouble, SyncFailure, Violation, held
from errors.issues.issue_lists import errors_behind
from errors.issues.record_errors import error_record, error_resolve, title_of
from errors.models import Issue, SyncError
from tests import factories
from tests.engine.conftest import NINE

pytestmark = pytest.mark.django_db
SKU = Violation(
    code="item_not_linked",
    sentence="Link JOUR-BLK to a Heartland item",
    field="sku",
    value="JOUR-BLK",
    fix="Link it",
    fix_page="items",
)
PHONE = Violation(code="missing_field", sentence="Phone is missing", field="phone")


def record(pair: Connection, external_id: str, failure: SyncFailure, **changes: Any) -> SyncError:
    known: dict[str, Any] = {"label": f"Order {external_id}", "state": SyncError.State.HELD, "now": NINE}
    return error_record(connection=pair, flow="orders", external_id=external_id, failure=failure, **(known | changes))


def open_issues() -> dict[str, int]:
    return {issue.code: errors_behind(issue).count() for issue in Issue.objects.filter(is_open=True)}


def test_a_record_has_one_open_row_with_every_reason(pair: Connection) -> None:
    first = record(pair, "7", held(SKU, PHONE), amount=Decimal("12.50"), currency="USD", attempts=2)
    assert (first.code, first.reason) == ("item_not_linked", held(SKU, PHONE).summary)
    assert [one["fix_page"] for one in first.violations] == ["items", ""]
    again = record(pair, "7", held(PHONE), now=NINE + timedelta(minutes=1), attempts=3)
    assert again.pk == first.pk
    assert (again.first_seen_at, again.last_seen_at, again.attempts) == (NINE, NINE + timedelta(minutes=1), 3)
    assert open_issues() == {"missing_field": 1}  # nobody waits for the link any more


def test_the_same_cause_is_one_issue(pair: Connection) -> None:
    for external_id in ("7", "8", "9"):
        record(pair, external_id, held(SKU))
    record(pair, "10", held(Violation(code="item_not_linked", sentence="Link X", field="sku", value="X")))
    assert Issue.objects.filter(code="item_not_linked").count() == 2
    issue = Issue.objects.get(title=SKU.sentence)
    assert [error.external_id for error in errors_behind(issue)] == ["7", "8", "9"]
    assert (issue.fix, issue.fix_page, issue.owner, issue.first_seen_at) == ("Link it", "items", "merchant", NINE)


def test_other_merchants_have_their_own(pair: Connection) -> None:
    record(pair, "7", held(SKU))
    record(factories.connection(), "7", held(SKU))
    assert (Issue.objects.count(), SyncError.objects.count()) == (2, 2)


def test_texts_that_differ_in_numbers_are_one_cause(pair: Connection) -> None:
    record(pair, "7", SyncFailure("Order 7: total_inc_tax is not an amount"))
    record(pair, "8", SyncFailure("Order 8: total_inc_tax is not an amount"))
    record(pair, "9", SyncFailure("Order 9: id is missing"))
    assert Issue.objects.count() == 2


def test_refusals_fold_by_field_and_message(pair: Connection) -> None:
    for external_id in ("7", "8"):
        fields = {"public_id": f"{external_id} is taken"}
        record(pair, external_id, Rejected(f"Refused {external_id}", status=422, fields=fields))
    record(pair, "9", Rejected("Refused 9", status=422, fields={"email": "is not valid"}))
    assert Issue.objects.count() == 2


def test_an_issue_keeps_field_and_value_of_our_own_violations_alone(pair: Connection) -> None:
    record(pair, "7", held(SKU))
    record(pair, "8", Rejected("Refused", status=400, fields={"Ana Ruiz": "Ana Ruiz is unknown"}))
    assert set(Issue.objects.values_list("code", "field", "value")) == {
        ("item_not_linked", "sku", "JOUR-BLK"),
        ("rejected", "", ""),
    }


def test_success_closes_the_row_and_the_last_one_closes_the_issue(pair: Connection) -> None:
    for external_id in ("7", "8"):
        record(pair, external_id, held(SKU))
    wish: dict[str, Any] = {"connection": pair, "flow": "orders"}
    assert error_resolve(external_id="7", now=NINE, **wish)
    assert open_issues() == {"item_not_linked": 1}
    assert error_resolve(external_id="8", now=NINE, **wish)
    assert not error_resolve(external_id="8", now=NINE, **wish)
    assert open_issues() == {}
    assert set(SyncError.objects.values_list("state", "resolved_at")) == {("resolved", NINE)}


def test_a_cause_that_comes_back_opens_its_issue_anew(pair: Connection) -> None:
    record(pair, "7", ServerTrouble("Heartland has trouble (503)."), state=SyncError.State.RETRYING)
    error_resolve(connection=pair, flow="orders", external_id="7", now=NINE)
    later = NINE + timedelta(days=1)
    record(pair, "7", ServerTrouble("Heartland has trouble (503)."), state=SyncError.State.RETRYING, now=later)
    issue = Issue.objects.get()
    assert (issue.is_open, issue.first_seen_at, SyncError.objects.count()) == (True, later, 2)


def test_details_are_bounded(pair: Connection) -> None:
    error = record(pair, "7", ConfigurationFailure("x" * 900, detail="y" * 9000))
    assert (len(error.answer), len(Issue.objects.get().title), len(error.reason)) == (2048, 300, 900)


@pytest.mark.parametrize(
    ("sentence", "value", "title"),
    [
        ("Order 87: “One-Pot Cookbook” is gift wrapped (Kraft).", "Kraft", "A line is gift wrapped (Kraft)."),
        ("Order 87: “Jug” has no SKU, so nothing tells.", "Jug", "“Jug” has no SKU, so nothing tells."),
        ("Order 87 goes to 2 addresses.", "", "An order goes to 2 addresses."),
        ("Order 87: money was given back in the store.", "", "Money was given back in the store."),
        ("No Heartland item has the Item # “A”.", "A", "No Heartland item has the Item # “A”."),
        ("The store refuses the shipment of invoice T-9: no.", "", "The store refuses a shipment: no."),
    ],
)  # fmt: skip
def test_an_issue_is_named_by_its_cause_and_not_by_one_order(sentence: str, value: str, title: str) -> None:
    assert title_of(Violation(code="c", sentence=sentence, value=value)) == title
    assert title_of(Violation(code="c", sentence=sentence, value=value, fix_page="order/87")) == sentence
