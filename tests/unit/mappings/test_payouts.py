"""Payouts: files read row by row, sums that tie out to the bank, payments matched without guessing (cases P09–P14)."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from mappings.core.canonical.payout import PayoutRow, RowKind
from mappings.core.rules.match_payouts import How, Payment, matches_of
from mappings.core.rules.payout_formats import PLAIN, Layout
from mappings.core.rules.payout_sums import outstanding, payouts_of, sums_of
from mappings.core.rules.read_payouts import Reading, layout_of, payouts_read
from mappings.core.rules.tables import ListRefused, text_of

CHICAGO = ZoneInfo("America/Chicago")
HEAD = "id,type,reference,gross,fee,net,created_utc,available,payout\n"
P09 = (
    HEAD
    + """\
txn_1,charge,pay_501,100.57,3.22,97.35,2026-03-30T15:02:11Z,2026-04-01,po_9
txn_2,charge,pay_502,45.00,1.61,43.39,2026-03-30T18:40:09Z,2026-04-01,po_9
txn_3,charge,pay_503,239.95,7.26,232.69,2026-03-31T14:11:54Z,2026-04-02,po_9
txn_4,refund,pay_502,-45.00,0.00,-45.00,2026-03-31T16:20:00Z,2026-04-02,po_9
txn_5,payout,po_9,-328.43,0.00,-328.43,2026-04-02T00:00:00Z,2026-04-02,po_9
"""
)


def read(text: str, layout: Layout | None = None) -> Reading:
    return payouts_read(text, layout or layout_of(text), CHICAGO)


def rows(text: str) -> tuple[PayoutRow, ...]:
    reading = read(text)
    assert reading.refused == ()
    return reading.rows


def money(text: str) -> Decimal:
    return Decimal(text)


def payment(order: str, reference: str, amount: str, at: str = "2026-03-30T12:00") -> Payment:
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    return Payment(order=order, reference=reference, amount=money(amount), currency="USD", paid_at=moment)


def test_an_id_that_the_store_named_before_still_finds_its_order() -> None:
    """A store that names its last transaction alone names the refund once money went back, or the second capture."""
    text = HEAD + (
        "txn_1,charge,cap_1,60.00,0.00,60.00,2026-03-30T15:02:11Z,2026-04-01,po_9\n"
        "txn_2,charge,cap_2,40.57,0.00,40.57,2026-03-30T16:02:11Z,2026-04-01,po_9\n"
        "txn_3,refund,cap_1,-5.00,0.00,-5.00,2026-03-31T15:02:11Z,2026-04-01,po_9\n"
    )
    whole = replace(payment("1", "ref_3", "100.57"), former=("cap_1", "cap_2"))
    assert {(one.how, one.orders) for one in matches_of(rows(text), [whole])} == {(How.REFERENCE, ("1",))}
    half = replace(whole, former=("cap_1",))
    assert [one.how for one in matches_of(rows(text), [half])] == [How.DIFFERS, How.NONE_FITS, How.REFERENCE]


def test_p09_a_payout_is_a_net_sum() -> None:
    found = rows(P09)
    (payout,) = payouts_of(found, {})
    assert (payout.id, payout.on, payout.rows) == ("po_9", date(2026, 4, 2), 4)
    sums = payout.sums
    assert (sums.sales, sums.refunds, sums.fees) == (money("385.52"), money("45.00"), money("12.09"))
    assert (payout.bank, payout.difference) == (money("328.43"), money("0.00"))
    known = [payment("1", "pay_501", "100.57"), payment("2", "pay_502", "45.00"), payment("3", "pay_503", "239.95")]
    assert [(one.how, one.orders) for one in matches_of(found, known)] == [
        (How.REFERENCE, ("1",)),
        (How.REFERENCE, ("2",)),
        (How.REFERENCE, ("3",)),
        (How.REFERENCE, ("2",)),
    ]


def test_p09_what_the_gateway_holds_at_the_end_of_the_month() -> None:
    found = rows(P09)
    assert outstanding(found, date(2026, 3, 31), CHICAGO) == money("328.43")
    assert outstanding(found, date(2026, 4, 2), CHICAGO) == money("0.00")


def test_p10_an_evening_sale_is_of_the_merchants_day() -> None:
    found = rows(HEAD + "t1,charge,pay_1,75.00,0.00,75.00,2026-04-01T03:30:00Z,2026-04-03,po_1\n")
    assert outstanding(found, date(2026, 3, 31), CHICAGO) == money("75.00")
    assert outstanding(found, date(2026, 3, 31), UTC) == money("0.00")
    assert outstanding(found, date(2026, 4, 3), CHICAGO) == money("0.00")


def test_p11_a_payout_that_is_taken_from_the_bank() -> None:
    (payout,) = payouts_of(
        rows(
            HEAD + "t1,charge,pay_1,24.00,1.00,23.00,2026-03-30T10:00Z,2026-04-01,po_1\n"
            "t2,refund,pay_0,-60.00,0.00,-60.00,2026-03-30T11:00Z,2026-04-01,po_1\n"
            "t3,payout,po_1,37.00,0.00,37.00,2026-04-01T00:00Z,2026-04-01,po_1\n"
        ),
        {},
    )
    sums = payout.sums
    assert (sums.sales, sums.refunds, sums.fees) == (money("24.00"), money("60.00"), money("1.00"))
    assert (payout.bank, payout.difference) == (money("-37.00"), money("0.00"))


def test_p12_a_dispute_is_no_refund_and_ends_when_it_is_won() -> None:
    lost = rows(HEAD + "t1,dispute,pay_1,-120.00,15.00,-135.00,2026-03-05T10:00Z,2026-03-06,po_1\n")
    won = rows(HEAD + "t2,dispute_reversal,pay_1,120.00,0.00,120.00,2026-04-10T10:00Z,2026-04-11,po_2\n")
    march, both = sums_of(lost), sums_of([*lost, *won])
    assert (march.disputed, march.refunds, march.fees) == (money("120.00"), money("0.00"), money("15.00"))
    assert (both.disputed, both.fees, both.net) == (money("0.00"), money("15.00"), money("-15.00"))


def test_p13_two_that_fit_are_a_persons() -> None:
    known = [payment("1", "", "49.90"), payment("2", "", "49.90")]
    line = "t{n},charge,,49.90,0.00,49.90,2026-03-30T12:30Z,2026-04-01,po_1\n"
    (alone,) = matches_of(rows(HEAD + line.format(n=1)), known)
    assert (alone.how, alone.orders) == (How.SEVERAL_FIT, ("1", "2"))
    twice = matches_of(rows(HEAD + line.format(n=1) + line.format(n=2)), known)
    assert [one.how for one in twice] == [How.SEVERAL_FIT] * 2
    (single,) = matches_of(rows(HEAD + line.format(n=1)), known[:1])
    assert (single.how, single.orders) == (How.AMOUNT, ("1",))
    rivals = matches_of(rows(HEAD + line.format(n=1) + line.format(n=2)), known[:1])
    assert [one.how for one in rivals] == [How.SEVERAL_FIT] * 2
    assert matches_of(rows(HEAD + line.format(n=1)), known[:1], taken={"1": money("49.90")})[0].how == How.NONE_FITS


def test_p13_a_reference_counts_whatever_the_amounts_say() -> None:
    known = [payment("1", "pay_1", "49.90"), payment("2", "", "45.00")]
    (found,) = matches_of(rows(HEAD + "t1,charge,pay_1,45.00,0.00,45.00,2026-03-30T12:30Z,,po_1\n"), known)
    assert (found.how, found.orders) == (How.DIFFERS, ("1",))


def test_m32_the_number_that_three_orders_share_matches_none_of_them() -> None:
    """Whether the store names the references of their payments or not: where two fit by amount a person says."""
    known = [payment(order, f"pay_{order}", amount) for order, amount in (("880", "40.00"), ("881", "55.00"))]
    text = rows(HEAD + "t1,charge,1000006164,55.00,0.00,55.00,2026-03-30T12:30Z,,po_1\n")
    (found,) = matches_of(text, [*known, payment("882", "pay_882", "70.00")])
    assert (found.how, found.orders) == (How.NONE_FITS, ())
    (found,) = matches_of(text, [payment("880", "", "55.00"), payment("881", "", "55.00")])
    assert (found.how, found.orders) == (How.SEVERAL_FIT, ("880", "881"))


def test_money_that_came_twice_for_one_payment_is_a_persons() -> None:
    known = [payment("1", "pay_1", "89.90")]
    line = "t{n},charge,pay_1,{amount},0.00,{amount},2026-03-30T12:30Z,,po_1\n"
    twice = rows(HEAD + line.format(n=1, amount="89.90") + line.format(n=2, amount="89.90"))
    assert [one.how for one in matches_of(twice, known)] == [How.DIFFERS] * 2
    (again,) = matches_of(twice[:1], known, taken={"1": money("89.90")})
    assert (again.how, again.orders) == (How.DIFFERS, ("1",))
    parts = rows(HEAD + line.format(n=1, amount="70.00") + line.format(n=2, amount="19.90"))
    assert [one.how for one in matches_of(parts, known)] == [How.REFERENCE] * 2


def test_a_refund_is_never_guessed_by_its_amount() -> None:
    (found,) = matches_of(
        rows(HEAD + "t1,refund,,-49.90,0.00,-49.90,2026-03-30T12:30Z,,po_1\n"), [payment("1", "", "49.90")]
    )
    assert (found.how, found.orders) == (How.NONE_FITS, ())


def test_p14_what_no_row_explains_stays_until_a_person_names_it() -> None:
    found = rows(
        HEAD + "t1,charge,pay_1,82.00,2.90,79.10,2026-03-30T10:00Z,2026-04-01,po_1\n"
        "t2,payout,po_1,-61.40,0.00,-61.40,2026-04-01T00:00Z,2026-04-01,po_1\n"
    )
    (payout,) = payouts_of(found, {})
    assert (payout.bank, payout.difference, payout.sums.fees) == (money("61.40"), money("-17.70"), money("2.90"))
    (named,) = payouts_of(found, {"po_1": money("-17.70")})
    assert named.difference == money("0.00")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (
            "t1,charge,p,100.57,3.22,97.53,2026-03-30T15:02Z,,",
            "gross 100.57 less fee 3.22 is 97.35, and its net says 97.53.",
        ),
        ("t1,charge,p,twelve,,,2026-03-30T15:02Z,,", "“twelve” is no amount."),
        ("t1,charge,p,999999999999.00,,,2026-03-30T15:02Z,,", "“999999999999.00” is more than anybody was paid."),
        ("t1,charge,p,1.005,,,2026-03-30T15:02Z,,", "“1.005” has parts of a cent."),
        ("t1,charge,p,1.00,,,03/04/2026,,", "“03/04/2026” may be a day of either month: use dates like 2026-03-31."),
        ("t1,charge,p,1.00,,,2026-02-30,,", "“2026-02-30” is no day."),
        ("t1,charge,p,1.00,,,,,", "“” is no date that we can read."),
        (
            "1.23457E+11,charge,p,1.00,,,2026-03-30,,",
            "“1.23457E+11” lost digits in a spreadsheet: export it anew and do not",
        ),
        ("t1,,p,1.00,,,2026-03-30,,", "its kind is missing."),
    ],
)
def test_a_row_that_cannot_be_read_is_named_and_the_others_are_taken(line: str, why: str) -> None:
    good = "t9,charge,p9,2.50,,,2026-03-30T15:02Z,,\n"
    reading = read(f"{HEAD}{line}\n{good}")
    (refused,) = reading.refused
    assert (refused.line, refused.why[: len(why)]) == (2, why)
    assert [(row.id, row.net) for row in reading.rows] == [("t9", money("2.50"))]


def test_a_sheet_of_another_country() -> None:
    sheet = "id;type;reference;gross;fee;net;created_utc;available;payout\r\n"
    sheet += "t1;charge;p1;1.234,50 €;12,30;1.222,20;31.03.2026;01.04.2026;po\r\n"
    sheet += "t2;refund;p1;(12,00);0,00;−12,00;03.04.2026;;\r\n"
    found = rows(text_of("\ufeff".encode() + sheet.encode()))
    assert [(row.gross, row.fee, row.net) for row in found] == [
        (money("1234.50"), money("12.30"), money("1222.20")),
        (money("-12.00"), money("0.00"), money("-12.00")),
    ]
    assert [row.happened_at.date() for row in found] == [date(2026, 3, 31), date(2026, 4, 3)]


@pytest.mark.parametrize(
    ("amounts", "why"),
    [
        (("1.50", "1,50"), "Some amounts have a comma before their cents and some a point"),
        (("1,500", "2,000"), "“1,500” may be thousands or a fraction"),
    ],
)
def test_amounts_that_read_two_ways_are_refused(amounts: tuple[str, str], why: str) -> None:
    lines = "".join(f't{n},charge,p,"{one}",,,2026-03-30,,\n' for n, one in enumerate(amounts))
    with pytest.raises(ListRefused, match=why):
        read(HEAD + lines)


def test_days_that_read_two_ways_are_refused() -> None:
    lines = "".join(f"t{n},charge,p,1.00,,,{day},,\n" for n, day in enumerate(("31/03/2026", "03/31/2026")))
    with pytest.raises(ListRefused, match="Some dates have the day first and some the month"):
        read(HEAD + lines)


def test_paypal_keeps_its_fee_as_a_negative_number_and_its_zone_beside() -> None:
    text = (
        '"Date","Time","TimeZone","Name","Type","Status","Currency",'
        '"Gross","Fee","Net","Transaction ID","Reference Txn ID"\n'
        '"03/30/2026","23:02:11","PDT","Ana","Express Checkout Payment","Completed","USD",'
        '"100.57","-3.22","97.35","8AB",""\n'
        '"03/30/2026","23:05:11","PDT","Ana","Void of Authorization","Completed","USD",'
        '"0.00","0.00","0.00","8AC","8AB"\n'
    )
    reading = read(text)
    assert (reading.layout, reading.without_money) == ("PayPal", 1)
    (row,) = reading.rows
    assert (row.kind, row.fee, row.net, row.reference) == (RowKind.SALE, money("3.22"), money("97.35"), "8AB")
    assert row.happened_at == datetime(2026, 3, 31, 6, 2, 11, tzinfo=UTC)


def test_stripes_itemised_report_is_known_by_its_columns() -> None:
    text = (
        "balance_transaction_id,created_utc,currency,gross,fee,net,reporting_category,payment_intent_id,charge_id,"
        "automatic_payout_id,automatic_payout_effective_at_utc\n"
        "txn_1,2026-03-30 15:02:11,usd,100.57,3.22,97.35,charge,,ch_1,po_9,2026-04-01 00:00:00\n"
    )
    reading = read(text)
    (row,) = reading.rows
    assert (reading.layout, row.reference, row.currency, row.payout) == ("Stripe", "ch_1", "USD", "po_9")
    assert row.available_on == date(2026, 4, 1)


def test_a_file_of_no_known_layout_says_what_it_reads() -> None:
    with pytest.raises(
        ListRefused,
        match=r"none of the layouts known here \(Stripe, PayPal, Braintree, Authorize.net, Plain list\): say",
    ):
        layout_of("Datum;Betrag\n1;2\n")
    own = Layout(name="Mine", gross="Betrag", happened="Datum")
    reading = read("Datum;Betrag\n2026-03-30;2,50\n", own)
    assert [(row.kind, row.gross) for row in reading.rows] == [(RowKind.OTHER, money("2.50"))]
    with pytest.raises(ListRefused, match="The file is empty"):
        layout_of("\n \n")


def test_a_kind_that_nobody_knows_is_kept_as_other_and_counts() -> None:
    found = rows(HEAD + "t1,reserve_hold,r1,-10.00,0.00,-10.00,2026-03-30T10:00Z,2026-04-01,po_1\n")
    sums = sums_of(found)
    assert (sums.other, sums.net, PLAIN.words.get("reserve_hold")) == (money("-10.00"), money("-10.00"), None)


@pytest.mark.parametrize(
    ("gross", "how"), [("24.99", "differs"), ("25.00", "reference"), ("50.00", "reference"), ("50.01", "differs")]
)
def test_a_row_may_tell_of_promised_money_before_the_store_does(gross: str, how: str) -> None:
    at = datetime(2026, 3, 30, 15, tzinfo=UTC)
    payment = Payment(
        order="1", reference="p1", amount=money("25.00"), promised=money("25.00"), currency="USD", paid_at=at
    )
    (found,) = matches_of(rows(HEAD + f"t1,charge,p1,{gross},0.00,,2026-03-30T15:02Z,,\n"), [payment])
    assert (str(found.how), found.orders) == (how, ("1",))
