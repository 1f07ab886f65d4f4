"""The life of an issue: what people say of it, when it comes back, its trend, and whom it still calls for."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from connections.components import undo_of
from connections.models import AuditEntry, Role, User
from errors.failures import ConfigurationFailure, held
from errors.issues import triage
from errors.issues.record_errors import error_record, error_resolve
from errors.issues.trends import KEPT, trend_by_hour, trends
from errors.models import Issue, IssueCount, IssueNote, SyncError
from syncjobs.engine.retention import retention_apply
from syncjobs.models import Settlement
from syncjobs.pages.dashboard.dashboard_scope import Scope
from syncjobs.pages.dashboard.needs_you import needs
from tests import factories
from tests.screens.conftest import Shop

State = Issue.State
NOW, HOUR, DAY = factories.NOW, timedelta(hours=1), timedelta(days=1)
LINK = factories.not_linked("HP-1")


def met(shop: Shop, number: str = "1") -> Issue:
    """An issue with a record behind it."""
    factories.problem(shop.connection, number, LINK)
    return Issue.objects.select_related("connection").get(code="item_not_linked")


def resolved(shop: Shop, number: str = "1") -> None:
    error_resolve(connection=shop.connection, flow="orders", external_id=number, now=NOW)


def owner(shop: Shop) -> User:
    return shop.people[Role.OWNER]


def last_entry(shop: Shop) -> tuple[str, str, dict[str, object]]:
    entry = shop.merchant.audit_entries.latest("number")
    return entry.action, entry.who, entry.detail


Act = Callable[[Issue, User], None]
ACTS: dict[State, Act] = {
    State.ACKNOWLEDGED: lambda issue, actor: triage.issue_acknowledge(issue=issue, actor=actor),
    State.SNOOZED: lambda issue, actor: triage.issue_snooze(issue=issue, until=NOW + HOUR, actor=actor, now=NOW),
    State.IGNORED: lambda issue, actor: triage.issue_ignore(issue=issue, because="Test data", actor=actor),
}


@pytest.mark.parametrize("state", ACTS)
def test_what_people_say_is_its_state_and_stands_in_the_trail(shop: Shop, state: State) -> None:
    issue = met(shop)
    ACTS[state](issue, owner(shop))
    issue.refresh_from_db()
    assert issue.state_at(NOW) == state
    assert [one for one in State if Issue.objects.in_state(one, NOW).exists()] == [state]
    action, who, _ = last_entry(shop)
    assert (action, who) == (f"issue.{state}", owner(shop).email)
    triage.issue_open(issue=issue, actor=owner(shop))
    issue.refresh_from_db()
    assert (issue.state_at(NOW), issue.because, issue.snoozed_until) == (State.OPEN, "", None)
    assert last_entry(shop)[0] == "issue.opened"


@pytest.mark.parametrize(
    ("said", "after"),
    [(State.ACKNOWLEDGED, State.OPEN), (State.SNOOZED, State.SNOOZED), (State.IGNORED, State.IGNORED)],
)
def test_without_a_record_it_is_resolved_and_one_that_comes_back_opens_it(
    shop: Shop, said: State, after: State
) -> None:
    ACTS[said](met(shop), owner(shop))
    resolved(shop)
    assert Issue.objects.get().state_at(NOW) == State.RESOLVED
    assert met(shop, "2").state_at(NOW) == after


def test_a_snooze_ends_by_the_clock(shop: Shop) -> None:
    issue = met(shop)
    ACTS[State.SNOOZED](issue, owner(shop))
    assert issue.state_at(NOW + HOUR - timedelta(seconds=1)) == State.SNOOZED
    assert issue.state_at(NOW + HOUR) == State.OPEN
    assert Issue.objects.in_state(State.OPEN, NOW + HOUR).get() == issue
    resolved(shop)
    Issue.objects.update(snoozed_until=NOW - HOUR)
    assert met(shop, "2").triage == ""


def test_what_cannot_be_said_changes_nothing(shop: Shop, rival: Shop) -> None:
    issue, actor = met(shop), owner(shop)
    before = AuditEntry.objects.count()
    for wrong in (
        lambda: triage.issue_snooze(issue=issue, until=NOW, actor=actor, now=NOW),
        lambda: triage.issue_ignore(issue=issue, because=" ", actor=actor),
        lambda: triage.issue_assign(issue=issue, assignee=owner(rival), actor=actor),
        lambda: triage.issue_tag(issue=issue, name=" ", actor=actor),
        lambda: triage.issue_note(issue=issue, text="\n", actor=actor, now=NOW),
        lambda: triage.records_assign(errors=[SyncError.objects.get()], assignee=owner(rival), actor=actor),
        lambda: triage.records_ignore(errors=[SyncError.objects.get()], until=NOW, actor=actor, now=NOW),
    ):
        with pytest.raises(ConfigurationFailure, match="Nothing was"):
            wrong()
    issue.refresh_from_db()
    assert (issue.triage, issue.assignee, IssueNote.objects.count()) == ("", None, 0)
    assert AuditEntry.objects.count() == before


def test_it_is_somebodys_with_tags_and_notes(shop: Shop) -> None:
    issue, actor, ops = met(shop), owner(shop), shop.people[Role.OPS]
    triage.issue_assign(issue=issue, assignee=ops, actor=actor)
    assert last_entry(shop)[::2] == ("issue.assigned", {"to": ops.email})
    assert [triage.issue_tag(issue=issue, name=name, actor=actor) for name in (" Spring  Sale ", "supplier")] == [
        "spring sale", "supplier",
    ]  # fmt: skip
    assert last_entry(shop)[::2] == ("issue.tagged", {"tag": "supplier"})
    count = AuditEntry.objects.count()
    triage.issue_tag(issue=issue, name="Supplier", actor=actor)
    assert AuditEntry.objects.count() == count
    assert triage.issue_untag(issue=issue, name="spring sale", actor=actor)
    assert not triage.issue_untag(issue=issue, name="spring sale", actor=actor)
    assert triage.tags_of(issue) == ["supplier"]
    triage.issue_note(issue=issue, text="Card 4111 1111 1111 1111 was shown", actor=actor, now=NOW)
    note = IssueNote.objects.get()
    assert "4111 1111 1111 1111" not in note.text
    assert (note.by, note.text.startswith("Card ["), last_entry(shop)[2]) == (actor, True, {})
    assert Issue.objects.get().assignee == ops


def test_records_are_somebodys_and_wait_until_a_day(shop: Shop) -> None:
    met(shop)
    met(shop, "2")
    rows, actor = list(SyncError.objects.order_by("external_id").select_related("connection")), owner(shop)
    assert triage.records_assign(errors=rows, assignee=actor, actor=actor) == 2
    assert triage.records_ignore(errors=rows[:1], until=NOW + DAY, actor=actor, now=NOW) == 1
    actions = shop.merchant.audit_entries.values_list("action", "subject")
    assert sorted(actions) == [
        ("record.assigned", "Order 1"), ("record.assigned", "Order 2"), ("record.ignored", "Order 1"),
    ]  # fmt: skip
    assert [row.external_id for row in SyncError.objects.calling(NOW)] == ["2"]
    assert SyncError.objects.calling(NOW + DAY).count() == 2


def test_a_record_calls_for_somebody_while_one_of_its_causes_does(shop: Shop) -> None:
    factories.problem(shop.connection, "1", LINK, factories.unmapped("Cash"))
    link, cash = Issue.objects.get(code="item_not_linked"), Issue.objects.get(code="payment_unmapped")
    triage.issue_ignore(issue=link, because="Test data", actor=owner(shop))
    assert SyncError.objects.calling(NOW).count() == 1
    triage.issue_ignore(issue=cash, because="Test data", actor=owner(shop))
    assert SyncError.objects.calling(NOW).count() == 0
    assert SyncError.objects.open().count() == 1


def test_the_dashboard_asks_for_nobody_and_counts_what_is_set_aside(shop: Shop) -> None:
    issue = met(shop)
    met(shop, "2")

    def titles() -> list[tuple[str, int]]:
        return [(need.title, need.records) for need in needs(Scope(connections=[shop.connection], now=NOW))]

    asked = titles()
    assert (issue.title, 2) in asked
    triage.issue_snooze(issue=issue, until=NOW + DAY, actor=owner(shop), now=NOW)
    assert set(asked) - set(titles()) == {(issue.title, 2)}
    assert set(titles()) - set(asked) == {("A cause is set aside", 2)}


def looked_at(shop: Shop, number: str, at: datetime) -> None:
    error_record(
        connection=shop.connection, flow="orders", external_id=number, label=f"Order {number}", failure=held(LINK),
        state=SyncError.State.HELD, now=at,
    )  # fmt: skip


def test_the_trend_counts_a_record_once_for_each_time_it_met_the_cause(shop: Shop) -> None:
    for moment in (NOW, NOW + HOUR, NOW + HOUR):
        looked_at(shop, "1", moment)
    looked_at(shop, "2", NOW + HOUR)
    issue = Issue.objects.get()
    assert list(IssueCount.objects.order_by("hour").values_list("records", flat=True)) == [1, 1]
    assert trend_by_hour(issue, NOW + HOUR)[-3:] == [0, 1, 1]
    resolved(shop)
    looked_at(shop, "1", NOW + 3 * DAY)
    assert trends([issue], NOW + 3 * DAY)[issue.pk][-4:] == [1, 1, 0, 1]  # days of 24 hours
    assert sum(trends([issue], NOW + 20 * DAY)[issue.pk]) == 0


def test_counts_and_notes_are_not_kept_for_ever(shop: Shop) -> None:
    issue, now = met(shop), timezone.now()
    triage.issue_ignore(issue=issue, because="Mrs. Abbott asked", actor=owner(shop))
    triage.issue_note(issue=issue, text="Mrs. Abbott called", actor=owner(shop), now=NOW)
    IssueCount.objects.update(hour=now - KEPT + HOUR)
    IssueCount.objects.create(issue=issue, hour=now - KEPT - HOUR, records=3)
    retention_apply(now)
    assert (IssueCount.objects.count(), IssueNote.objects.count()) == (1, 1)  # the issue is open
    resolved(shop)
    retention_apply(now)
    issue.refresh_from_db()
    assert (issue.because, IssueNote.objects.count()) == ("", 0)


@pytest.mark.parametrize("do", ["acknowledge", "snooze", "ignore"])
def test_what_sets_a_cause_aside_is_said_with_its_undo(shop: Shop, do: str) -> None:
    issue, client, here = met(shop), shop.client(), shop.at("errors/")
    wish = {"do": do, "until": "1d", "because": "Test data", "next": here}
    answer = client.post(shop.at(f"issues/{issue.pk}/say/"), wish, follow=True)
    undo = undo_of(*answer.context["messages"])
    assert undo == {"undo": shop.at(f"issues/{issue.pk}/say/"), "fields": {"do": "open", "next": here}}
    again = client.post(undo["undo"], undo["fields"], follow=True)
    assert [undo_of(one) for one in again.context["messages"]] == [None]
    issue.refresh_from_db()
    assert issue.state_at(timezone.now()) == State.OPEN


def test_one_closed_record_is_said_with_its_undo(shop: Shop) -> None:
    problem = factories.problem(shop.connection, "1", LINK)
    client, here = shop.client(), shop.at("errors/")
    drawn = client.get(here).context["drawn"]
    wish = {"pick": problem.pk, "drawn": drawn, "kind": "not_wanted", "next": here}
    undo = undo_of(*client.post(shop.at("close/"), wish, follow=True).context["messages"])
    assert undo is not None
    assert Settlement.objects.count() == 1
    client.post(undo["undo"], undo["fields"])
    assert not Settlement.objects.exists()
