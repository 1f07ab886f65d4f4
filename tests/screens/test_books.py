"""The books: days are closed in order and never change, and what accounting imports equals them to the cent."""

import csv
import io
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection as database
from django.db import transaction
from django.db.utils import DatabaseError
from django.test import Client
from django.test.utils import CaptureQueriesContext

from connections.models import AuditEntry, Role
from mappings.core.rules.journal import NAMES, Account, Postings, sums_of
from syncjobs.alerting.conditions import promises_ending, unexplained
from syncjobs.models import CardTotal, DayClose, PayoutEntry, Record
from syncjobs.money.close_day import Posted, closes_verify, entries_of
from syncjobs.money.import_payouts import payouts_import
from syncjobs.money.open_points import Point, points_between
from tests import books, factories
from tests.books import LATER, close, sold
from tests.screens.conftest import Shop
from tests.unit.mappings.test_payouts import HEAD, P09

TAX = "Tax Exempt"


@pytest.fixture
def client(shop: Shop) -> Client:
    shop.merchant.time_zone = "America/Chicago"
    shop.merchant.save(update_fields=["time_zone"])
    shop.connection.refresh_from_db()
    return shop.client()


def rows(shop: Shop, text: str) -> None:
    payouts_import(connection=shop.connection, name="x.csv", text=HEAD + text, actor=None, now=LATER)


def balances(made: DayClose) -> dict[str, str]:
    found: dict[str, str] = made.figures["balances"]
    return found


def amounts(made: DayClose) -> Postings:
    return sums_of(Posted.read(line).amounts for line in made.lines)


def open_of(shop: Shop, first: str, last: str = "") -> list[Point]:
    days = [datetime.fromisoformat(day).date() for day in (first, last or first)]
    return points_between(shop.connection, days[0], days[1], LATER)


def exported(client: Client, shop: Shop, layout: str, **asked: str) -> list[dict[str, str]]:
    answer = client.get(shop.at("books/export/"), {"layout": layout, **asked})
    assert answer.status_code == 200, answer
    return list(csv.DictReader(io.StringIO(b"".join(answer).decode())))


def day(client: Client, shop: Shop, on: str) -> str:
    return client.get(shop.at("books/day/"), {"on": on}).content.decode()


def test_p09_the_close_follows_the_money_to_the_bank(shop: Shop, client: Client) -> None:
    for number, amount, reference in (
        ("1", "100.57", "pay_501"), ("2", "45.00", "pay_502"), ("3", "239.95", "pay_503"),
    ):  # fmt: skip
        sold(shop.connection, number, amount, reference=reference)
    rows(shop, P09.removeprefix(HEAD))
    Record.objects.filter(external_id="2").update(
        facts=Record.objects.get(external_id="2").facts | {"given_back": "45.00"}
    )
    assert open_of(shop, "2026-03-30", "2026-04-02") == []
    first = close(shop.connection, "2026-03-30")
    owed = {"worth": Decimal("80.00"), "moved": Decimal("80.00"), "overdrawn": 0, "differing": 0, "difference": 0}
    of_it = {"credit": Decimal("30.00"), "shared": Decimal("20.00")}
    CardTotal.objects.create(connection=shop.connection, day="2026-03-31", cards=2, at=LATER, **owed, **of_it)
    march = close(shop.connection, "2026-03-31")
    assert march.figures["gift_cards"] == {
        "cards": 2, "worth": "80.00", "credit": "30.00", "shared": "20.00", "overdrawn": "0.00", "ties_out": True,
    }  # fmt: skip
    said = day(client, shop, "2026-03-31")
    assert "worth $80.00 that night, $30.00 of it store credit, $20.00 of it counted by another store" in said
    assert "of the same tills too; till, store and movements agree" in said
    assert (balances(march)["gateway"], balances(march)["fees"]) == ("328.43", "12.09")
    april = close(shop.connection, "2026-04-02")
    assert "gateway" not in balances(april)
    assert (balances(april)["bank"], balances(april)["refunds"]) == ("328.43", "45.00")
    assert (first.figures["orders"], first.figures["store_total"]) == (3, "385.52")
    assert closes_verify(shop.connection) == (4, "")


def test_p10_an_evening_sale_is_in_its_month_and_its_payout_in_the_next(shop: Shop, client: Client) -> None:
    sold(shop.connection, "7", "75.00", at=datetime(2026, 4, 1, 3, 30, tzinfo=UTC), reference="pay_7")
    rows(shop, "t1,charge,pay_7,75.00,0.00,75.00,2026-04-01T03:30:00Z,2026-04-03,po_1\n"
               "t2,payout,po_1,-75.00,0.00,-75.00,2026-04-03T00:00:00Z,2026-04-03,po_1\n")  # fmt: skip
    assert open_of(shop, "2026-03-01", "2026-04-30") == []
    march = client.get(shop.at("books/"), {"month": "2026-03"}).content.decode()
    assert "Nothing is open in this month." in march
    assert "booked orders of $75.00" in march
    assert balances(close(shop.connection, "2026-03-31")) == {"gateway": "75.00", "sales": "-75.00"}
    assert balances(close(shop.connection, "2026-04-03")) == {"bank": "75.00", "sales": "-75.00"}


def test_p11_a_negative_payout_leaves_a_green_day(shop: Shop, client: Client) -> None:
    sold(shop.connection, "1", "24.00", reference="pay_1")
    before = sold(shop.connection, "0", "60.00", at=datetime(2026, 3, 1, 18, tzinfo=UTC), reference="pay_0")
    Record.objects.filter(pk=before.pk).update(facts=before.facts | {"given_back": "60.00"})
    rows(shop, "t1,charge,pay_1,24.00,1.00,23.00,2026-03-30T18:00Z,2026-03-30,po_1\n"
               "t2,refund,pay_0,-60.00,0.00,-60.00,2026-03-30T19:00Z,2026-03-30,po_1\n"
               "t3,payout,po_1,37.00,0.00,37.00,2026-03-30T20:00Z,2026-03-30,po_1\n")  # fmt: skip
    assert open_of(shop, "2026-03-30") == []
    made = amounts(close(shop.connection, "2026-03-30"))
    wanted = {Account.BANK: "-37.00", Account.SALES: "-24.00", Account.REFUNDS: "60.00", Account.FEES: "1.00"}
    assert made == {account: Decimal(amount) for account, amount in wanted.items()}


def test_p12_a_dispute_is_no_refund_and_each_part_is_in_its_month(shop: Shop, client: Client) -> None:
    sold(shop.connection, "1", "120.00", at=books.SOLD_AT, reference="pay_1")
    rows(shop, "t0,charge,pay_1,120.00,0.00,120.00,2026-03-30T18:00Z,,\n"
               "t1,dispute,pay_1,-120.00,15.00,-135.00,2026-03-31T18:00Z,,\n"
               "t2,dispute_reversal,pay_1,120.00,0.00,120.00,2026-04-02T18:00Z,,\n")  # fmt: skip
    assert open_of(shop, "2026-03-01", "2026-04-30") == []
    close(shop.connection, "2026-03-30")
    lost = close(shop.connection, "2026-03-31")
    assert (balances(lost)["disputes"], balances(lost)["fees"], balances(lost)["sales"]) == (
        "120.00",
        "15.00",
        "-120.00",
    )
    won = close(shop.connection, "2026-04-02")
    assert "disputes" not in balances(won)
    assert (balances(won)["fees"], balances(won)["gateway"]) == ("15.00", "105.00")
    order = Record.objects.get(connection=shop.connection, external_id="1")
    assert (order.disposition, order.facts.get("given_back", "")) == ("booked", "")


def test_p14_what_a_payout_lacks_is_exported_as_what_a_person_calls_it(shop: Shop, client: Client) -> None:
    sold(shop.connection, "1", "82.00", reference="pay_1")
    rows(shop, "t1,charge,pay_1,82.00,2.90,79.10,2026-03-30T10:00Z,2026-03-31,po_1\n"
               "t2,payout,po_1,-61.40,0.00,-61.40,2026-03-31T12:00Z,2026-03-31,po_1\n")  # fmt: skip
    (point,) = open_of(shop, "2026-03-30", "2026-03-31")
    assert (point.of, point.amount, point.payout) == ("payouts", Decimal("-17.70"), "po_1")
    assert point.reason.endswith("unexplained.")
    close(shop.connection, "2026-03-30")
    refused = client.post(shop.at("books/close/"), {"day": "2026-03-31", "was": "x", "note": ""}, follow=True)
    assert "Nothing was closed. The day is another by now" in refused.content.decode()
    explain = {"of": "po_1", "was": "-17.70", "meaning": "reserve", "note": "held"}
    client.post(shop.at("payouts/explain/"), explain)
    assert open_of(shop, "2026-03-30", "2026-03-31") == []
    made = close(shop.connection, "2026-03-31")
    assert (balances(made)["reserve"], balances(made)["bank"]) == ("17.70", "61.40")
    assert "gateway" not in balances(made)


def test_p06_money_for_a_cancelled_order_is_no_sale_and_is_named(shop: Shop, client: Client) -> None:
    at = datetime(2026, 3, 30, 15, tzinfo=UTC)
    record = factories.order(shop.connection, "59", Record.Disposition.CANCELLED, at=at, total="59.00")
    tender = {"method": "Card", "amount": "59.00", "kind": "gateway", "reference": "pay_59"}
    Record.objects.filter(pk=record.pk).update(facts=record.facts | {"tenders": [tender]}, source_meaning="cancelled")
    rows(shop, "t1,charge,pay_59,59.00,0.00,59.00,2026-03-30T23:07:00Z,,\n")
    (point,) = open_of(shop, "2026-03-30")
    assert (point.amount, point.order, point.reason[:23]) == (Decimal("59.00"), "59", "Paid after cancellation")
    shown = day(client, shop, "2026-03-30")
    assert "Paid after cancellation: give the money back, or reopen the order in the store." in shown
    assert "Paid after cancellation" in client.get(shop.at("payouts/")).content.decode()
    ((_, told),) = unexplained([shop.connection])
    assert (told.title, told.records) == ("Money at the gateway is of no booked order", 1)
    assert balances(close(shop.connection, "2026-03-30", "asked")) == {"gateway": "59.00", "unmatched": "-59.00"}
    rows(shop, "t2,refund,pay_59,-59.00,0.00,-59.00,2026-03-31T18:00:00Z,,\n")
    assert list(unexplained([shop.connection])) == []
    assert open_of(shop, "2026-03-30", "2026-03-31") == []
    assert balances(close(shop.connection, "2026-03-31")) == {}


def test_p01_a_promise_that_runs_out_is_told_a_day_before(shop: Shop, client: Client) -> None:
    order = sold(shop.connection, "88", "88.00", at=datetime(2026, 3, 1, 16, tzinfo=UTC), reference="auth_88")
    Record.objects.filter(pk=order.pk).update(facts=order.facts | {"promised": True})

    def told(day: int, hour: int = 17) -> list[tuple[str, int]]:
        now = datetime(2026, 3, day, hour, tzinfo=UTC)
        return [(one.title, one.records) for _, one in promises_ending([shop.connection], now)]

    assert told(6) == []
    assert told(7) == [("What shoppers' banks promised runs out from March 8 on", 1)]
    assert told(10) == told(7)  # it is over, and stays told for some days
    shop.connection.order_settings.promise_days = 30
    assert told(7) == []
    shop.connection.order_settings.promise_days = 7
    page = client.get(shop.at("orders/88/")).content.decode()
    assert "Expired: the bank’s promise held until March 8. Charging it may be refused." in page.replace("&#x27;", "’")
    Record.objects.filter(pk=order.pk).update(source_placed_at=LATER)
    assert (
        "It is promised by the shopper&#x27;s bank, and holds until"
        in client.get(shop.at("orders/88/")).content.decode()
    )
    Record.objects.filter(pk=order.pk).update(facts=order.facts)
    assert told(7) == []


def test_p16_a_refund_that_the_store_does_not_know_is_named_with_its_order(shop: Shop, client: Client) -> None:
    sold(shop.connection, "100", "100.00", reference="pay_100")
    rows(shop, "t1,charge,pay_100,100.00,0.00,100.00,2026-03-30T18:00:00Z,,\n"
               "t2,refund,pay_100,-25.00,0.00,-25.00,2026-03-30T19:00:00Z,,\n")  # fmt: skip
    (point,) = open_of(shop, "2026-03-30")
    assert (point.of, point.amount, point.title) == ("refunds", Decimal("-25.00"), "100")
    assert point.reason == "Refunded at the gateway, unknown to the store: 25.00 there, 0.00 in the store."
    facts = Record.objects.get(external_id="100").facts
    Record.objects.filter(external_id="100").update(facts=facts | {"given_back": "25.00"})
    assert open_of(shop, "2026-03-30") == []


def test_a_closed_day_never_changes_and_what_comes_later_is_on_the_next(shop: Shop, client: Client) -> None:
    record = sold(shop.connection, "1", "50.00", reference="pay_1")
    shown = day(client, shop, "2026-03-30")
    was = shown.split('name="was" value="')[1].split('"')[0]
    for stale in ({}, {"was": "0" * 16}):
        client.post(shop.at("books/close/"), {"day": "2026-03-30", "note": "", **stale})
        assert not DayClose.objects.exists()
    answer = client.post(shop.at("books/close/"), {"day": "2026-03-30", "was": was, "note": ""}, follow=True)
    assert "March 30 is closed and sealed." in answer.content.decode()
    first = DayClose.objects.get()
    twice = client.post(shop.at("books/close/"), {"day": "2026-03-30", "was": was, "note": ""}, follow=True)
    assert "Days are closed one after the other: March 31 is the next." in twice.content.decode()
    now = {"disposition": "cancelled", "changed_at": LATER, "read_at": LATER}
    Record.objects.filter(pk=record.pk).update(**now)
    rows(shop, "t1,charge,,9.00,0.00,9.00,2026-03-30T19:00:00Z,,\n")
    second = close(shop.connection, "2026-03-31")
    assert amounts(second) == {Account.SALES: Decimal("50.00"), Account.GATEWAY: Decimal("-41.00"),
                               Account.UNMATCHED: Decimal("-9.00")}  # fmt: skip
    assert {line[1] for line in second.lines} == {"2026-03-30"}
    assert [entry.number[-2:] for entry in entries_of(second)] == ["-A"]
    assert "Changes of days closed before" in day(client, shop, "2026-03-31")
    entry = PayoutEntry.objects.get(connection=shop.connection)
    client.post(shop.at(f"payouts/rows/{entry.pk}/"), {"was": entry.shown, "number": "", "note": "Sold at a fair"})
    off = {Account.UNMATCHED: Decimal("9.00"), Account.WRITTEN_OFF: Decimal("-9.00")}
    assert amounts(close(shop.connection, "2026-04-01")) == off
    first.refresh_from_db()
    assert amounts(first) == {Account.SALES: Decimal("-50.00"), Account.GATEWAY: Decimal("50.00")}
    for attempt in (lambda: DayClose.objects.update(note="x"), lambda: DayClose.objects.all().delete()):
        with pytest.raises(DatabaseError, match="only ever added to"), transaction.atomic():
            attempt()
    actions = AuditEntry.objects.filter(merchant=shop.merchant, action="day.closed")
    assert actions.count() == 3


def test_an_open_day_is_closed_with_a_note_by_who_may(shop: Shop, client: Client) -> None:
    shown = day(client, shop, books.closed_day(shop.connection))
    assert "Note: The row is looked into." in shown
    draft = day(client, shop, "2026-03-31")
    was = draft.split('name="was" value="')[1].split('"')[0]
    wish = {"day": "2026-03-31", "was": was, "note": ""}
    assert "say in the note why" in client.post(shop.at("books/close/"), wish, follow=True).content.decode()
    for role in (Role.VIEWER, Role.STAFF):
        assert shop.client(role).post(shop.at("books/close/"), wish | {"note": "x"}).status_code == 403
        assert "Close March 31" not in shop.client(role).get(shop.at("books/day/?on=2026-03-31")).content.decode()
    client.post(shop.at("books/close/"), wish | {"note": "known"})
    assert DayClose.objects.filter(connection=shop.connection).count() == 2


def test_exports_equal_the_close_to_the_cent(shop: Shop, client: Client) -> None:
    for number, amount, reference in (
        ("1", "100.57", "pay_501"), ("2", "45.00", "pay_502"), ("3", "239.95", "pay_503"),
    ):  # fmt: skip
        sold(shop.connection, number, amount, reference=reference)
    record = factories.order(shop.connection, "4", at=books.SOLD_AT)
    rows(shop, P09.removeprefix(HEAD))
    for on in ("2026-03-30", "2026-03-31"):
        close(shop.connection, on, "known")
    closed = sums_of(amounts(made) for made in DayClose.objects.filter(connection=shop.connection))
    wanted = {NAMES[account]: amount for account, amount in closed.items()}
    assert wanted["Sales tax"] == Decimal("-3.10"), record
    found: dict[str, Decimal] = defaultdict(Decimal)
    for line in exported(client, shop, "plain", month="2026-03"):
        found[line["Account"]] += Decimal(line["Debit"] or 0) - Decimal(line["Credit"] or 0)
    assert {name: amount for name, amount in found.items() if amount} == wanted
    quickbooks = exported(client, shop, "quickbooks", month="2026-03")
    entries: dict[str, Decimal] = defaultdict(Decimal)
    for line in quickbooks:
        entries[line["*JournalNo"]] += Decimal(line["*Debits"] or 0) - Decimal(line["*Credits"] or 0)
    assert set(entries.values()) == {Decimal(0)}
    assert {line["*JournalDate"] for line in quickbooks} == {"03/30/2026", "03/31/2026"}
    refused = client.get(shop.at("books/export/?layout=xero&month=2026-03"), follow=True).content.decode()
    assert "give these accounts a code and a tax rate first: Payments at the gateway" in refused
    was = refused.split('name="was" value="')[1].split('"')[0]
    chart = {f"{what}-{account}": value for place, account in enumerate(Account)
             for what, value in (("code", str(200 + place)), ("name", f"Own {account}"), ("tax", TAX))}  # fmt: skip
    stale = client.post(shop.at("books/accounts/keep/"), chart, follow=True).content.decode()
    assert "Nothing was done" in stale
    client.post(shop.at("books/accounts/keep/"), chart | {"was": was})
    xero = exported(client, shop, "xero", month="2026-03")
    codes = {str(200 + place): account for place, account in enumerate(Account)}
    sums: dict[Account, Decimal] = defaultdict(Decimal)
    for line in xero:
        sums[codes[line["*AccountCode"]]] += Decimal(line["*Amount"])
    assert {account: amount for account, amount in sums.items() if amount} == closed
    assert {(line["*Date"], line["*TaxRate"]) for line in xero} == {("30 Mar 2026", TAX), ("31 Mar 2026", TAX)}
    assert exported(client, shop, "quickbooks", on="2026-03-30")[0]["*AccountName"] == "Own gateway"


def test_a_month_costs_the_same_however_many_orders_there_are(shop: Shop, client: Client) -> None:
    def statements() -> int:
        with CaptureQueriesContext(database) as seen:
            assert client.get(shop.at("books/"), {"month": "2026-03"}).status_code == 200
        return len(seen.captured_queries)

    sold(shop.connection, "1", "100.57", reference="pay_501")
    rows(shop, P09.removeprefix(HEAD))
    statements()  # what is noted once a minute of who looks
    few = statements()
    for number in range(100, 160):
        sold(shop.connection, str(number), "10.00", reference=f"r{number}")
    rows(shop, "".join(f"x{n},charge,r{n},{n}.00,0.00,{n}.00,2026-03-30T12:30Z,,\n" for n in range(100, 160)))
    assert statements() == few


@pytest.mark.parametrize(
    ("on", "first", "last", "after"),
    [
        ("2026-03-08", "2026-03-08T06:00:00Z", "2026-03-09T04:59:59Z", "2026-03-09T05:00:00Z"),  # 23 hours
        ("2026-11-01", "2026-11-01T05:00:00Z", "2026-11-02T05:59:59Z", "2026-11-02T06:00:00Z"),  # 25 hours
    ],
)
def test_a_day_on_which_the_clocks_change_has_its_own_edges(
    shop: Shop, client: Client, on: str, first: str, last: str, after: str
) -> None:
    before = datetime.fromisoformat(first) - timedelta(seconds=1)
    for number, at in enumerate((before, *map(datetime.fromisoformat, (first, last, after)))):
        sold(shop.connection, str(number), f"{10**number}.00", at=at, reference=f"r{number}")
        rows(shop, f"t{number},charge,r{number},{10**number}.00,0.00,,{at.isoformat()},,\n")
    shown = day(client, shop, on)
    assert "2 booked orders: $110.00 in BigCommerce, $110.00 in Heartland." in shown
    day_before = close(shop.connection, str(datetime.fromisoformat(on).date() - timedelta(days=1)))
    made = close(shop.connection, on)
    assert [one.figures["store_total"] for one in (day_before, made)] == ["1.00", "110.00"]
    assert amounts(made) == {Account.GATEWAY: Decimal("110.00"), Account.SALES: Decimal("-110.00")}
    assert open_of(shop, on) == []


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Tokyo"])
def test_nothing_is_lost_or_doubled_where_the_time_zone_becomes_another(shop: Shop, client: Client, zone: str) -> None:
    """An order that the new zone moves to a day that is closed is in the next close, one that it moves back is once."""
    old = datetime(2026, 3, 1, tzinfo=UTC)
    for number, at in (("1", "2026-03-31T04:30:00Z"), ("2", "2026-03-31T05:30:00Z"), ("3", "2026-03-31T16:00:00Z")):
        sold(shop.connection, number, "10.00", at=datetime.fromisoformat(at), reference=f"r{number}")
    close(shop.connection, "2026-03-30")
    Record.objects.filter(connection=shop.connection).update(read_at=old, changed_at=old)
    shop.merchant.time_zone = zone
    shop.merchant.save(update_fields=["time_zone"])
    shop.connection.merchant.refresh_from_db()
    for on in ("2026-03-31", "2026-04-01"):
        close(shop.connection, on)
    every = sums_of(amounts(made) for made in DayClose.objects.filter(connection=shop.connection))
    assert every == {Account.GATEWAY: Decimal("30.00"), Account.SALES: Decimal("-30.00")}
    assert closes_verify(shop.connection) == (3, "")
