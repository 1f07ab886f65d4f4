"""What is told and what is not: storms, recoveries, quiet hours, escalation, digests. Over real SMTP and HTTP."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connections.models import Membership, Role
from errors.issues.record_errors import error_resolve
from errors.models import Alert, AlertMessage, AlertNotice, AlertRule, Issue, SyncError
from syncjobs.alerting.watch import watch
from syncjobs.models import Circuit, Cursor, Record, SyncJob
from syncjobs.pages.alerts.alert_lists import fired
from tests import factories
from tests.alerts.conftest import NOW, mailed, minute, owner, webhook
from tests.alerts.receivers import MailServer, Receiver, text_of
from tests.screens.conftest import Shop, open_shop

pytestmark = pytest.mark.django_db


def fail_many(shop: Shop, count: int, sku: str = "JOUR-BLK", at: datetime = NOW) -> Issue:
    """So many orders that wait for one cause; written at once, as a thousand runs would leave them."""
    first = factories.problem(shop.connection, f"{sku}-1", factories.not_linked(sku), at=at, amount="10.00")
    issue = first.issues.get()
    fields = {name: getattr(first, name) for name in ("connection", "flow", "state", "code", "reason", "violations")}
    fields |= {"amount": Decimal(10), "currency": "USD", "first_seen_at": at, "last_seen_at": at}
    rows = [SyncError(external_id=f"{sku}-{n}", label=f"Order {n}", **fields) for n in range(2, count + 1)]
    links = SyncError.issues.through
    made = SyncError.objects.bulk_create(rows)
    links.objects.bulk_create([links(syncerror_id=row.pk, issue_id=issue.pk) for row in made])
    return issue


def only_failures(shop: Shop) -> None:
    """Money and numbers of orders are rules of their own; here they are off."""
    for kind in ("money", "distribute", "error_rate", "latency", "backlog"):
        AlertRule.objects.create(merchant=shop.merchant, kind=kind, threshold=1, is_on=False)


def test_a_thousand_failures_of_one_cause_are_one_alert_on_each_channel(
    shop: Shop, mails: MailServer, receiver: Receiver
) -> None:
    only_failures(shop)
    mailed(shop)
    webhook(shop, receiver)
    fail_many(shop, 400)
    minute(NOW, 43)
    issue = Issue.objects.get()
    more = [
        SyncError(
            connection=shop.connection, flow="orders", external_id=f"more-{n}", label=f"Order {n}", state="held",
            code="item_not_linked", reason="x", amount=Decimal(10), currency="USD", first_seen_at=NOW, last_seen_at=NOW,
        )
        for n in range(600)
    ]  # fmt: skip
    links = SyncError.issues.through
    links.objects.bulk_create(
        [links(syncerror_id=row.pk, issue_id=issue.pk) for row in SyncError.objects.bulk_create(more)]
    )
    for at in range(44, 70):
        minute(NOW, at)
    assert [(one.kind, one.records, one.money) for one in Alert.objects.filter(kind="failure")] == [
        ("failure", 1000, [["USD", "10000.00"]])
    ]
    (mail,) = mails.to(owner(shop).email)
    assert "400 records, $4,000.00, oldest 43 min." in text_of(mail)
    assert "JOUR-BLK" in text_of(mail)
    (heard,) = receiver.heard
    assert heard.data["type"] == "alerts.changed"
    assert [(one["kind"], one["event"], one["records"]) for one in heard.data["data"]["alerts"]] == [
        ("failure", "opened", 400)
    ]


def test_a_hundred_causes_are_one_message_and_the_rest_is_counted(shop: Shop, mails: MailServer) -> None:
    only_failures(shop)
    mailed(shop)
    for number in range(100):
        factories.problem(shop.connection, f"{number}", factories.not_linked(f"SKU-{number}"))
    for at in range(1, 20):
        minute(NOW, at)
    (mail,) = mails.to(owner(shop).email)
    assert mail["Subject"] == "Harbor & Pine: 100 alerts"
    assert text_of(mail).count("No Heartland item has the Item") == 10
    assert "And 90 more." in text_of(mail)
    assert Alert.objects.filter(told_at__isnull=False).count() == 100


def test_what_begins_within_five_minutes_goes_along_with_the_next_message(shop: Shop, mails: MailServer) -> None:
    only_failures(shop)
    mailed(shop)
    for number in range(12):
        factories.problem(shop.connection, f"{number}", factories.not_linked(f"SKU-{number}"))
        minute(NOW, number)
    assert [mail["Subject"].count("alerts") for mail in mails.to(owner(shop).email)] == [0, 1, 1]
    assert len(mails.mails) == 3


def test_recovery_is_told_to_those_who_heard_of_the_outage(shop: Shop, mails: MailServer, receiver: Receiver) -> None:
    mailed(shop)
    webhook(shop, receiver)
    Circuit.objects.create(connection=shop.connection, system="heartland", opened_at=NOW, failures=5)
    factories.job(shop.connection, "1", SyncJob.Status.PENDING)
    for at in (1, 4, 5, 12):
        minute(NOW, at)
    assert len(mails.mails) == 1  # at five minutes, by the rule
    assert "Heartland does not answer. 1 record." in text_of(mails.mails[0][1])
    Circuit.objects.update(opened_at=None)
    SyncJob.objects.update(status=SyncJob.Status.DONE)
    for at in (13, 14, 30):
        minute(NOW, at)
    assert [text_of(mail).split("\n")[0] for _, mail in mails.mails] == [
        "Harbor & Pine Outdoor: Heartland does not answer. 1 record.",
        "Over: Harbor & Pine Outdoor: Heartland does not answer, after 12 min.",
    ]
    assert [one.data["data"]["alerts"][0]["event"] for one in receiver.heard] == ["opened", "closed"]


def test_an_outage_that_is_over_before_its_threshold_is_told_to_nobody(shop: Shop, mails: MailServer) -> None:
    mailed(shop)
    Circuit.objects.create(connection=shop.connection, system="heartland", opened_at=NOW)
    minute(NOW, 3)
    Circuit.objects.update(opened_at=None)
    minute(NOW, 4)
    assert mails.mails == []
    assert [(one.peak, one.told_at) for one in Alert.objects.all()] == [(Decimal(3), None)]


def test_what_comes_and_goes_is_told_once_while_it_flaps(shop: Shop, mails: MailServer) -> None:
    mailed(shop)
    circuit = Circuit.objects.create(connection=shop.connection, system="heartland", opened_at=NOW)
    for at in range(6, 60):
        circuit.opened_at = None if at % 4 == 0 else NOW
        circuit.save()
        minute(NOW, at)
    assert len(mails.mails) == 2  # that it began, and that it was over once
    assert Alert.objects.count() == 1


def test_quiet_hours_hold_everything_and_end_with_one_mail(shop: Shop, mails: MailServer, receiver: Receiver) -> None:
    """The merchant's clock counts: New York, five hours behind."""
    only_failures(shop)
    night = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)  # 22:00 there
    mailed(shop, quiet_from=time(21, 30), quiet_until=time(7, 0))
    webhook(shop, receiver)
    first = factories.problem(shop.connection, "1", factories.not_linked("GONE-1"), at=night)
    factories.problem(shop.connection, "2", factories.not_linked("STAYS-2"), at=night)
    minute(night)
    assert (len(mails.mails), len(receiver.heard)) == (0, 1)  # the webhook has no quiet hours
    error_resolve(connection=first.connection, flow="orders", external_id="1", now=night)
    for hours in (1, 4, 8.9):
        minute(night, hours * 60)
    assert mails.mails == []
    minute(night, 9 * 60)  # 07:00
    (mail,) = mails.to(owner(shop).email)
    lines = text_of(mail).splitlines()
    assert "STAYS-2" in lines[0]
    assert lines[1].startswith("Came and went: Harbor & Pine Outdoor: No Heartland item has the Item # “GONE-1”")
    minute(night, 9 * 60 + 10)
    assert len(mails.mails) == 1


def test_what_stays_is_told_once_more_unless_somebody_acknowledged_it(shop: Shop, mails: MailServer) -> None:
    only_failures(shop)
    mailed(shop)
    AlertRule.objects.create(merchant=shop.merchant, kind="failure", threshold=1, escalate_minutes=60)
    factories.problem(shop.connection, "1", factories.not_linked("A-1"))
    known = factories.problem(shop.connection, "2", factories.not_linked("B-2")).issues.get()
    minute(NOW, 1)
    known.triage = Issue.Triage.ACKNOWLEDGED
    known.save()
    for at in (30, 60, 61, 62, 90, 300):
        minute(NOW, at)
    assert len(mails.mails) == 2
    assert text_of(mails.mails[1][1]).startswith("Still open after 1 h: ")
    assert "B-2" not in text_of(mails.mails[1][1])


def test_what_is_set_aside_ends_without_a_word(shop: Shop, mails: MailServer) -> None:
    only_failures(shop)
    mailed(shop)
    issue = factories.problem(shop.connection, "1", factories.not_linked("A-1")).issues.get()
    minute(NOW, 1)
    issue.triage, issue.snoozed_until = Issue.Triage.SNOOZED, NOW + timedelta(hours=2)
    issue.save()
    for at in (2, 10, 60):
        minute(NOW, at)
    assert len(mails.mails) == 1
    assert Alert.objects.filter(closed_at=None).count() == 0
    minute(NOW, 121)  # the snooze is over
    assert len(mails.mails) == 2


def test_a_closed_record_calls_nobody_any_more(shop: Shop, mails: MailServer) -> None:
    only_failures(shop)
    mailed(shop)
    factories.problem(shop.connection, "1", factories.not_linked("A-1"))
    minute(NOW, 1)
    error_resolve(connection=shop.connection, flow="orders", external_id="1", now=NOW)
    minute(NOW, 10)
    assert [text_of(mail).startswith("Over: ") for _, mail in mails.mails] == [False, True]


def test_each_rule_tells_of_its_kind(shop: Shop, receiver: Receiver) -> None:
    webhook(shop, receiver)
    now, connection = NOW, shop.connection
    for number in range(10):
        factories.order(connection, f"{number}", at=now, is_distributed=False)
        took = timedelta(seconds=400 if number > 4 else 3)
        status = SyncJob.Status.HELD if number < 3 else SyncJob.Status.DONE
        factories.job(connection, f"{number}", status, requested_at=now, finished_at=now + took)
    factories.job(connection, "99", SyncJob.Status.PENDING, not_before=now - timedelta(minutes=20))
    factories.problem(connection, "77", factories.not_linked("A"), amount="1840.00")
    connection.inventory_settings.follows = True
    connection.inventory_settings.save()
    Cursor.objects.update_or_create(
        connection=connection, feed=Cursor.STOCK, defaults={"due_at": now, "succeeded_at": now - timedelta(hours=1)}
    )
    minute(now, 10)
    (heard,) = receiver.heard
    told = {one["kind"]: (one["title"], one["records"], one["value"]) for one in heard.data["data"]["alerts"]}
    assert told["distribute"] == ("Orders wait to be distributed", 10, "10.00")
    assert told["latency"] == ("5 of 100 orders take longer than 400 s", 0, "400.00")
    assert told["error_rate"] == ("3 of the last hour's 10 orders need somebody", 0, "30.00")
    assert told["backlog"] == ("Work waits though both systems answer", 1, "30.00")
    assert told["money"] == ("Orders wait for a person", 1, "1840.00")
    assert told["stock"] == ("Nothing is heard of Heartland's stock", 0, "70.00")
    assert told["failure"][1] == 1
    assert len(told) == 7


def test_during_an_outage_its_consequences_are_not_told_beside_it(shop: Shop) -> None:
    factories.job(shop.connection, "99", SyncJob.Status.PENDING, not_before=NOW - timedelta(hours=2))
    Circuit.objects.create(connection=shop.connection, system="heartland", opened_at=NOW - timedelta(hours=1))
    watch(NOW)
    assert [one.kind for one in Alert.objects.all()] == ["outage"]


def test_access_that_was_taken_from_us_is_an_outage(shop: Shop, mails: MailServer) -> None:
    mailed(shop)
    account = shop.connection.heartland
    account.state, account.checked_at = "revoked", NOW - timedelta(minutes=10)
    account.save()
    minute(NOW)
    assert "Heartland takes our access no more" in text_of(mails.mails[0][1])


def test_the_preview_counts_what_a_threshold_would_have_told_last_week(shop: Shop) -> None:
    for days, peak in ((1, 3), (2, 12), (3, 40), (9, 90)):
        at = NOW - timedelta(days=days)
        Alert.objects.create(
            merchant=shop.merchant, connection=shop.connection, kind="outage", key=f"k{days}", title="x", page="/",
            value=0, peak=peak, opened_at=at, closed_at=at,
        )  # fmt: skip
    assert [fired(shop.merchant, "outage", Decimal(n), NOW) for n in (1, 5, 40, 41)] == [3, 2, 1, 0]  # type: ignore[arg-type]


def test_a_digest_comes_once_at_eight_of_the_merchants_clock(shop: Shop, mails: MailServer) -> None:
    row = mailed(shop, by_mail=False, digest=True, digest_on=NOW.date())
    factories.order(shop.connection, "1", at=NOW, is_distributed=True)
    factories.problem(shop.connection, "2", factories.not_linked("A-1"), amount="31.64", at=NOW)
    factories.order(shop.connection, "3", at=NOW, is_distributed=False)
    eight = datetime(2026, 3, 3, 13, 0, tzinfo=UTC)  # 08:00 in New York
    minute(eight, -1)
    assert mails.mails == []
    for minutes in (0, 1, 600):
        minute(eight, minutes)
    ((_, mail),) = mails.mails
    assert mail["Subject"] == "Harbor & Pine: Monday in short"
    assert text_of(mail).splitlines()[:3] == [
        "Harbor & Pine Outdoor: 3 orders yesterday, 2 booked, 1 needs you.",
        "  No Heartland item has the Item # “A-1”: 1 waiting, $31.64.",
        "  1 to distribute.",
    ]
    row.refresh_from_db()
    assert row.digest_on == eight.date()
    minute(eight, 24 * 60)
    assert len(mails.mails) == 2


def test_who_left_is_told_nothing_that_waited(shop: Shop, mails: MailServer) -> None:
    only_failures(shop)
    mailed(shop, quiet_from=time(0, 0), quiet_until=time(23, 59))
    second = factories.member(shop.merchant, Role.OPS)  # by default of the role
    factories.problem(shop.connection, "1", factories.not_linked("A-1"))
    watch(NOW)
    assert AlertNotice.objects.count() == 2
    assert AlertMessage.objects.count() == 1
    Membership.objects.filter(user=second).delete()
    assert minute(NOW, 1) == ["not wanted"]
    assert mails.mails == []


def test_another_merchants_failures_are_not_told_here(shop: Shop, mails: MailServer) -> None:
    mailed(shop)
    other = open_shop("Cove & Cedar")
    factories.problem(other.connection, "1", factories.not_linked("A-1"))
    watch(NOW)
    assert Alert.objects.filter(merchant=shop.merchant).count() == 0
    told = set(AlertNotice.objects.values_list("person__email", flat=True))
    assert told == {other.people[Role.OWNER].email, other.people[Role.OPS].email}


def test_the_watch_asks_as_much_for_twenty_stores_as_for_two(
    shop: Shop, django_assert_max_num_queries: Any, settings: Any
) -> None:
    for _ in range(19):
        factories.connection(shop.merchant)
    watch(NOW)
    from connections.models import Connection
    from syncjobs.alerting.conditions import conditions

    rows = list(Connection.objects.select_related("merchant", "heartland", "store", "inventory_settings"))
    with django_assert_max_num_queries(10):
        conditions(rows, NOW)


def test_nothing_is_written_while_nothing_changes(shop: Shop) -> None:
    factories.problem(shop.connection, "1", factories.not_linked("A-1"))
    watch(NOW)
    before = Record.objects.count(), Alert.objects.count(), AlertNotice.objects.count()
    watch(NOW + timedelta(minutes=1))
    assert (Record.objects.count(), Alert.objects.count(), AlertNotice.objects.count()) == before
