"""Payouts on the page: files are read once, rows matched with orders, the rest is a person's (P09, P13, P14, P15)."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from connections.models import AuditEntry, Role
from syncjobs.models import PayoutEntry, PayoutFile, PayoutWord, Record
from tests import factories
from tests.screens.conftest import Shop
from tests.unit.mappings.test_gateway_files import BRAINTREE
from tests.unit.mappings.test_payouts import HEAD, P09

TWINS = "Date;Amount;Description\n" + "2026-03-05;12,50;card fee\n" * 2
OWN = {"gross": "Amount", "happened": "Date", "text": "Description", "name": "Bank"}


@pytest.fixture
def client(shop: Shop) -> Client:
    return shop.client()


def paid(shop: Shop, order: str, amount: str, reference: str = "") -> Record:
    record = factories.order(shop.connection, order)
    record.facts = {"tenders": [{"method": "Card", "amount": amount, "kind": "gateway", "reference": reference}]}
    record.currency, record.source_placed_at = "USD", factories.NOW.replace(year=2026, month=3, day=30)
    record.save()
    return record


def read(client: Client, shop: Shop, text: str, name: str = "march.csv") -> str:
    """Send a file; answers the page that follows."""
    upload = SimpleUploadedFile(name, text.encode(), content_type="text/csv")
    return client.post(shop.at("payouts/read/"), {"file": upload}, follow=True).content.decode()


def hows(shop: Shop) -> list[tuple[str, str]]:
    rows = PayoutEntry.objects.filter(connection=shop.connection).order_by("pk")
    return [(one.how, one.order_id) for one in rows]


def test_p09_a_payout_ties_out_to_the_bank(shop: Shop, client: Client) -> None:
    for order, amount, reference in (("1", "100.57", "pay_501"), ("2", "45.00", "pay_502"), ("3", "239.95", "pay_503")):
        paid(shop, order, amount, reference)
    shown = read(client, shop, P09)
    assert "march.csv, read as Plain list: 5 new." in shown
    assert "All 5 rows are explained, and every payout equals its rows to the cent." in shown
    assert hows(shop) == [*((("reference", order)) for order in "1232"), ("", "")]
    for words in ("$385.52", "$45.00", "$12.09", "$328.43"):
        assert words in shown
    payout = client.get(shop.at("payouts/one/"), {"of": "po_9"}).content.decode()
    assert "Rows and bank agree to the cent." in payout
    assert "the bank on Apr 2 2026: $328.43" in payout


def test_p13_two_that_fit_are_offered_and_a_person_says(shop: Shop, client: Client) -> None:
    for order in ("1", "2"):
        paid(shop, order, "49.90")
    shown = read(client, shop, HEAD + "t1,charge,,49.90,0.00,49.90,2026-03-30T12:30Z,2026-04-01,po_1\n")
    assert "Two or more fit: say which it is." in shown
    entry = PayoutEntry.objects.get()
    assert (entry.how, sorted(entry.candidates)) == ("several_fit", ["1", "2"])
    for stale in ({}, {"was": "none_fits:"}):
        client.post(shop.at(f"payouts/rows/{entry.pk}/"), {"number": "1", "note": "", **stale})
        assert hows(shop) == [("several_fit", "")]
    client.post(shop.at(f"payouts/rows/{entry.pk}/"), {"was": entry.shown, "number": "2", "note": ""})
    assert hows(shop) == [("person", "2")]
    read(client, shop, HEAD + "t2,charge,,49.90,0.00,49.90,2026-03-30T13:30Z,2026-04-01,po_1\n")
    assert hows(shop) == [("person", "2"), ("amount", "1")]
    client.post(shop.at(f"payouts/rows/{entry.pk}/undo/"), {"was": "person:1:49.90"})
    assert hows(shop)[0] == ("person", "2")
    client.post(shop.at(f"payouts/rows/{entry.pk}/undo/"), {"was": "person:2:49.90"})
    assert hows(shop)[0] == ("amount", "2")  # what is left is alone
    actions = AuditEntry.objects.filter(merchant=shop.merchant).order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["payouts.imported", "payouts.settled", "payouts.imported", "payouts.unsettled"]


def test_p14_a_difference_is_named_by_a_person_and_never_spread(shop: Shop, client: Client) -> None:
    paid(shop, "1", "82.00", "pay_1")
    rows = "t1,charge,pay_1,82.00,2.90,79.10,2026-03-30T10:00Z,2026-04-01,po_1\n"
    shown = read(client, shop, HEAD + rows + "t2,payout,po_1,-61.40,0.00,-61.40,2026-04-01T00:00Z,2026-04-01,po_1\n")
    assert "0 of 2 rows need you; 1 payout differs from its rows." in shown
    one = client.get(shop.at("payouts/one/"), {"of": "po_1"}).content.decode()
    assert "Differs by −$17.70, unexplained." in one
    stale = {"of": "po_1", "was": "-17.60", "meaning": "reserve", "note": "held"}
    client.post(shop.at("payouts/explain/"), stale)
    assert not PayoutWord.objects.exists()
    answer = client.post(shop.at("payouts/explain/"), stale | {"was": "-17.70"}, follow=True).content.decode()
    assert "Rows and bank agree to the cent." in answer
    assert (PayoutWord.objects.get().amount, "Reserve, held" in answer) == (Decimal("-17.70"), True)


def test_p15_the_same_file_twice_and_rows_that_look_alike(shop: Shop, client: Client) -> None:
    assert "Bank is kept" in client.post(shop.at("payouts/layout/"), OWN, follow=True).content.decode()
    assert "read as Bank: 2 new." in read(client, shop, TWINS)
    assert "read as Bank: 0 new, 2 known." in read(client, shop, TWINS)
    assert "read as Bank: 1 new, 2 known." in read(client, shop, TWINS + "2026-03-05;12,50;card fee\n")
    assert PayoutEntry.objects.filter(connection=shop.connection).count() == 3
    assert "read as Plain list: 5 new." in read(client, shop, P09)
    assert "read as Plain list: 0 new, 5 known." in read(client, shop, P09)


def test_a_known_row_with_other_amounts_is_said_and_stands_as_it_was(shop: Shop, client: Client) -> None:
    read(client, shop, P09)
    before, after = "txn_2,charge,pay_502,45.00,1.61,43.39", "txn_2,charge,pay_502,46.00,1.61,44.39"
    shown = read(client, shop, P09.replace(before, after))
    assert "0 new, 5 known, 1 left out." in shown
    assert "txn_2 is known with 45.00 less 1.61, and this file says 46.00 less 1.61." in shown
    assert PayoutEntry.objects.get(gateway_id="txn_2", connection=shop.connection).gross == Decimal("45.00")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "The file is empty."),
        ("Datum;Betrag\n1;2\n", "The first line is of none of the layouts known here"),
        (HEAD, "No row of the file can be read."),
        (HEAD + "t1,charge,p,twelve,,,2026-03-30,,\n", "No row of the file can be read. “twelve” is no amount."),
    ],
)
def test_a_file_that_cannot_be_read_changes_nothing(shop: Shop, client: Client, text: str, why: str) -> None:
    assert why in read(client, shop, text)
    assert not PayoutFile.objects.exists()
    assert not PayoutEntry.objects.exists()


def test_money_of_another_currency_is_left_out_by_name(shop: Shop, client: Client) -> None:
    head = "balance_transaction_id,created_utc,currency,gross,fee,net,reporting_category\n"
    row = "txn_{n},2026-03-30 15:02:11,{currency},5.00,0.00,5.00,charge\n"
    shown = read(client, shop, head + row.format(n=1, currency="usd") + row.format(n=2, currency="eur"))
    assert "read as Stripe: 1 new, 1 left out." in shown
    assert "Line 3: Its currency is EUR, and this store&#x27;s is USD." in shown


def test_a_row_that_is_of_no_order_needs_a_reason(shop: Shop, client: Client) -> None:
    read(client, shop, HEAD + "t1,charge,,9.00,0.00,9.00,2026-03-30T12:30Z,,\n")
    place = shop.at(f"payouts/rows/{PayoutEntry.objects.get().pk}/")
    for number, words in (("", "Say why"), ("77", "no order 77 here")):
        wish = {"was": "none_fits::9.00", "number": number, "note": ""}
        assert words in client.post(place, wish, follow=True).content.decode()
    client.post(place, {"was": "none_fits::9.00", "number": "", "note": "Sold at a fair"})
    assert hows(shop) == [("person", "")]


def test_rows_are_the_merchants_own_and_texts_are_sealed(shop: Shop, rival: Shop, client: Client) -> None:
    client.post(shop.at("payouts/layout/"), OWN)
    read(client, shop, TWINS.replace("card fee", "Ana Lopez"))
    entry = PayoutEntry.objects.first()
    assert entry
    answer = rival.client().post(rival.at(f"payouts/rows/{entry.pk}/"), {"number": "", "note": "x"})
    assert answer.status_code == 404
    with database.cursor() as cursor:
        cursor.execute("SELECT text FROM syncjobs_payoutentry")
        assert "Ana" not in str(cursor.fetchall())
    for path in ("payouts/", "payouts.csv"):
        shown = shop.client(Role.VIEWER).get(shop.at(path))
        assert b"Ana Lopez" not in b"".join(shown) if shown.streaming else b"Ana Lopez" not in shown.content


def test_the_page_costs_the_same_however_many_rows_there_are(shop: Shop, client: Client) -> None:
    def statements() -> int:
        with CaptureQueriesContext(database) as seen:
            assert client.get(shop.at("payouts/")).status_code == 200
        return len(seen.captured_queries)

    read(client, shop, P09)
    few = statements()
    lines = (f"x{n},charge,q{n},{n}.00,0.00,{n}.00,2026-03-30T12:30Z,2026-04-01,po_{n % 7}\n" for n in range(1, 300))
    read(client, shop, HEAD + "".join(lines))
    assert statements() == few


def test_a_row_of_several_orders_is_split_and_taken_together_again(shop: Shop, client: Client) -> None:
    for order, amount in (("1", "60.00"), ("2", "30.00")):
        paid(shop, order, amount)
    read(client, shop, HEAD + "t1,charge,pay_all,100.00,3.01,96.99,2026-03-30T12:30Z,2026-04-01,po_1\n")
    entry = PayoutEntry.objects.get()
    place = shop.at(f"payouts/rows/{entry.pk}/")

    def split(number: str, amount: str, **more: str) -> str:
        wish = {
            "was": PayoutEntry.objects.get(pk=entry.pk).shown,
            "number": number,
            "amount": amount,
            "note": "",
            **more,
        }
        return client.post(place, wish, follow=True).content.decode()

    for number, amount, words in (
        ("", "60.00", "Say which order the part is of."),
        ("9", "60.00", "This store has no order 9 here"),
        ("1", "100.01", "A part is more than nothing and less than the whole, 100.00."),
        ("1", "-5", "A part is more than nothing"),
        ("1", "sixty", "is no amount."),
    ):
        assert f"Nothing was changed. {words}" in split(number, amount) or words in split(number, amount)
    assert "Nothing was done" in split("1", "60.00", was="none_fits::99.00")
    assert PayoutEntry.objects.count() == 1
    assert "60.00 of the row is of order 1; 40.00 of it waits on." in split("1", "60.00")
    split("2", "30.00")
    rows = PayoutEntry.objects.order_by("pk")
    assert [(str(one.gross), str(one.fee), str(one.net), one.order_id) for one in rows] == [
        ("10.00", "0.30", "9.70", ""), ("60.00", "1.81", "58.19", "1"), ("30.00", "0.90", "29.10", "2"),
    ]  # fmt: skip
    again = read(client, shop, HEAD + "t1,charge,pay_all,100.00,3.01,96.99,2026-03-30T12:30Z,2026-04-01,po_1\n")
    assert "0 new, 1 known." in again
    part = rows[1]
    client.post(shop.at(f"payouts/rows/{part.pk}/undo/"), {"was": "person:1:59.00"})
    assert PayoutEntry.objects.count() == 3
    client.post(shop.at(f"payouts/rows/{part.pk}/undo/"), {"was": part.shown})
    assert [str(one.gross) for one in PayoutEntry.objects.order_by("pk")] == ["70.00", "30.00"]
    actions = AuditEntry.objects.filter(action__startswith="payouts.").order_by("pk").values_list("action", flat=True)
    assert list(actions)[1:3] == ["payouts.split", "payouts.split"]
    assert list(actions)[-1] == "payouts.unsettled"


def test_what_was_said_of_a_payout_is_taken_back_once(shop: Shop, client: Client) -> None:
    paid(shop, "1", "82.00", "pay_1")
    rows = "t1,charge,pay_1,82.00,2.90,79.10,2026-03-30T10:00Z,2026-04-01,po_1\n"
    read(client, shop, HEAD + rows + "t2,payout,po_1,-61.40,0.00,-61.40,2026-04-01T00:00Z,2026-04-01,po_1\n")
    client.post(shop.at("payouts/explain/"), {"of": "po_1", "was": "-17.70", "meaning": "loan", "note": ""})
    word = PayoutWord.objects.get()
    for _ in range(2):
        shown = client.post(shop.at(f"payouts/words/{word.pk}/undo/"), follow=True).content.decode()
        assert "Differs by −$17.70, unexplained." in shown
    assert "taken back" in shown
    told = AuditEntry.objects.filter(merchant=shop.merchant, action="payouts.unexplained")
    assert [one.detail["amount"] for one in told] == ["-17.70"]


def test_overlapping_files_of_a_gateway_are_taken_once_however_they_were_saved(shop: Shop, client: Client) -> None:
    first = BRAINTREE.replace("8abc04,,sale,submitted_for_settlement", "8abc04,,sale,settled")

    def sent(text: str, encoding: str) -> str:
        upload = SimpleUploadedFile("b.csv", text.encode(encoding), content_type="text/csv")
        return client.post(shop.at("payouts/read/"), {"file": upload}, follow=True).content.decode()

    assert "b.csv, read as Braintree: 2 new, 1 left out." in sent(BRAINTREE, "utf-8-sig")
    assert "Line 6: “Mars” is no time zone that we know." in sent(BRAINTREE.replace(",", ";"), "utf-16")
    assert "read as Braintree: 1 new, 2 known, 1 left out." in sent(first, "utf-8")
    assert [str(one.gross) for one in PayoutEntry.objects.order_by("gross")] == ["-20.00", "9.00", "1234.50"]


def test_a_map_of_ones_own_says_which_state_is_money(shop: Shop, client: Client) -> None:
    own = {"gross": "Amt", "happened": "Day", "id": "Txn", "kind": "Type", "status": "State", "name": "Deposits"}
    sheet = "Txn,Type,Amt,Day,State\n1,Sale,5.00,2026-03-30,Paid\n2,Refund,2.00,2026-03-30,paid\n"
    sheet += "3,Sale,9.00,2026-03-30,No\n"
    shown = client.post(shop.at("payouts/layout/"), own, follow=True).content.decode()
    assert "Say both: which column holds the state, and the words with which money moved." in shown
    client.post(shop.at("payouts/layout/"), own | {"settled": "Paid, settled", "refunds_are_positive": "1"})
    assert "read as Deposits: 2 new." in read(client, shop, sheet)
    assert [str(one.gross) for one in PayoutEntry.objects.order_by("pk")] == ["5.00", "-2.00"]
