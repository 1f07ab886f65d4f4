"""Files as gateways' consoles export them: known by their headings, read to the cent, rows without money left out."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from mappings.core.canonical.payout import PayoutRow, RowKind
from mappings.core.rules.payout_formats import COMMON, KNOWN, Layout
from mappings.core.rules.read_payouts import Reading, layout_of, payouts_read
from mappings.core.rules.tables import text_of

CHICAGO = ZoneInfo("America/Chicago")
BRAINTREE = (
    '"Transaction ID","Subscription ID","Transaction Type","Transaction Status","Created Datetime","Created Timezone",'
    '"Settlement Date","Disbursement Date","Merchant Account","Currency ISO Code","Amount Authorized",'
    '"Amount Submitted For Settlement","Service Fee","Order ID","Refunded Transaction ID"\n'
    "8abc01,,sale,settled,03/05/2026 22:30:00,CST,03/06/2026,03/09/2026,pine_USD,USD,1234.50,1234.50,,10457,\n"
    "8abc02,,credit,settled,03/06/2026 09:00:00,CST,03/07/2026,,pine_USD,USD,20.00,20.00,,10457,8abc01\n"
    "8abc03,,sale,processor_declined,03/06/2026 09:01:00,CST,,,pine_USD,USD,9.00,,,10458,\n"
    "8abc04,,sale,submitted_for_settlement,03/06/2026 09:02:00,CST,,,pine_USD,USD,9.00,9.00,,10459,\n"
    "8abc05,,sale,settled,03/06/2026 09:03:00,Mars,,,pine_USD,USD,9.00,9.00,,10460,\n"
)
AUTHORIZE = (
    "Transaction ID,Transaction Status,Settlement Amount,Settlement Currency,Settlement Date/Time,"
    "Authorization Amount,Authorization Currency,Submit Date/Time,Authorization Code,Reference Transaction ID,"
    "Transaction Type,Invoice Number\n"
    "301244354,Settled Successfully,50.00,USD,21-Aug-2026 11:26:12 PM MDT,50.00,USD,21-Aug-2026 03:26:12 PM MDT,"
    "Q78U78,Not Applicable,Authorization w/ Auto Capture,1202\n"
    "301244355,Refund Settled Successfully,12.00,USD,22-Aug-2026 11:26:12 PM MDT,12.00,USD,22-Aug-2026 12:05:00 AM MDT,"
    ",301244354,Refund,1202\n"
    "301244356,Voided,0.00,USD,,8.00,USD,22-Aug-2026 01:00:00 PM MDT,,Not Applicable,Authorization Only,1203\n"
    "301244357,Settled Successfully,8.00,USD,,8.00,USD,31-Feb-2026 01:00:00 PM MDT,,Not Applicable,Capture Only,1204\n"
)


def money(text: str) -> Decimal:
    return Decimal(text)


def read(text: str, *own: Layout) -> Reading:
    return payouts_read(text, layout_of(text, own), CHICAGO)


def told(row: PayoutRow) -> tuple[RowKind, str, str, Decimal, str]:
    return row.kind, row.id, row.reference, row.gross, row.currency


def test_braintrees_search_is_known_and_only_settled_rows_are_money() -> None:
    reading = read(BRAINTREE)
    assert (reading.layout, reading.without_money) == ("Braintree", 2)
    assert [told(row) for row in reading.rows] == [
        (RowKind.SALE, "8abc01", "8abc01", money("1234.50"), "USD"),
        (RowKind.REFUND, "8abc02", "8abc01", money("-20.00"), "USD"),
    ]
    assert reading.rows[0].happened_at == datetime(2026, 3, 6, 4, 30, tzinfo=UTC)  # March, as it writes months first
    assert [row.available_on for row in reading.rows] == [date(2026, 3, 9), None]
    assert [(one.line, one.why) for one in reading.refused] == [(6, "“Mars” is no time zone that we know.")]


def test_authorize_nets_expanded_fields_are_known_and_refunds_go_out() -> None:
    reading = read(AUTHORIZE)
    assert (reading.layout, reading.without_money) == ("Authorize.net", 1)
    assert [told(row) for row in reading.rows] == [
        (RowKind.SALE, "301244354", "301244354", money("50.00"), "USD"),
        (RowKind.REFUND, "301244355", "301244354", money("-12.00"), "USD"),
    ]
    assert reading.rows[1].happened_at == datetime(2026, 8, 22, 6, 5, tzinfo=UTC)  # five past midnight in Denver
    assert [(one.line, one.why) for one in reading.refused] == [
        (5, "“31-Feb-2026 01:00:00 PM MDT” is no date that we can read."),
    ]


@pytest.mark.parametrize("text", [BRAINTREE, AUTHORIZE])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_file_is_the_same_in_any_encoding_and_with_any_separator(text: str, encoding: str, separator: str) -> None:
    sheet = text.replace(",", separator).replace("\n", "\r\n")
    assert read(text_of(sheet.encode(encoding))).rows == read(text).rows


def test_no_file_is_taken_for_anothers() -> None:
    needed = {layout.name: set(layout.needed()) for layout in KNOWN}
    for name, headings in needed.items():
        assert [other for other, wanted in needed.items() if other != name and wanted <= headings] == [], name


def test_a_merchants_own_map_says_which_state_is_money_and_that_refunds_stand_without_a_minus() -> None:
    own = Layout(
        name="Deposits", gross="Amt", happened="Batch Closed Date", id="Txn", kind="Transaction Type", payout="Deposit",
        fee="Fees", status="State", settled=frozenset({"paid", "settled"}), refunds_are_positive=True, words=COMMON,
    )  # fmt: skip
    sheet = (
        "Txn;Transaction Type;Amt;Fees;Batch Closed Date;State;Deposit\n"
        "1;Sale;1.234,50;(2,10);2026-03-30;Settled;D1\n"
        "2;Refund;20,00;0,00;2026-03-30;PAID;D1\n"
        "3;Sale;9,00;0,00;2026-03-30;Declined;D1\n"
        "4;Chargeback;7,00;0,00;2026-03-30;paid;D1\n"
    )
    reading = read(sheet, own)
    assert [(row.kind, row.gross, row.fee, row.payout) for row in reading.rows] == [
        (RowKind.SALE, money("1234.50"), money("-2.10"), "D1"),
        (RowKind.REFUND, money("-20.00"), money("0.00"), "D1"),
        (RowKind.DISPUTE, money("-7.00"), money("0.00"), "D1"),
    ]
    assert reading.without_money == 1


@pytest.mark.parametrize(
    ("named", "utc"),
    [("PDT", datetime(2026, 11, 1, 8, 30, tzinfo=UTC)), ("PST", datetime(2026, 11, 1, 9, 30, tzinfo=UTC))],
)
def test_the_hour_that_comes_twice_is_the_one_that_its_zone_names(named: str, utc: datetime) -> None:
    text = (
        '"Date","Time","TimeZone","Type","Status","Currency","Gross","Fee","Net","Transaction ID"\n'
        f'"11/01/2026","01:30:00","{named}","Express Checkout Payment","Completed","USD","5.00","0.00","5.00","8AB"\n'
        '"11/21/2026","01:30:00","PST","Express Checkout Payment","Completed","USD","5.00","0.00","5.00","8AC"\n'
    )
    assert read(text).rows[0].happened_at == utc
