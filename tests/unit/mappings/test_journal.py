"""Refunds in the journal: by what they went back, held against a gateway's rows in turn, never counted twice."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.core.canonical.payout import PayoutRow, RowKind
from mappings.core.rules.journal import (
    Account,
    GivenBack,
    Postings,
    Told,
    refund_postings,
    row_postings,
    sums_of,
    till_postings,
)

D = Decimal
CENTS = st.integers(min_value=0, max_value=100_000).map(lambda cents: D(cents) / 100)


def row(gross: str | Decimal, fee: str = "0.00", kind: RowKind = RowKind.REFUND) -> PayoutRow:
    amount = D(gross)
    return PayoutRow(
        line=2, id="t1", kind=kind, reference="p1", gross=amount, fee=D(fee), net=amount - D(fee), currency="USD",
        happened_at=datetime(2026, 3, 30, tzinfo=UTC), available_on=None, payout="", text="",
    )  # fmt: skip


def back(*tenders: tuple[str, str, bool], tax: str = "0.00", cards: str = "0.00") -> GivenBack:
    return GivenBack(
        tax=D(tax), cards=D(cards), tenders=tuple((kind, D(amount), noted) for kind, amount, noted in tenders)
    )


def test_a_refund_is_posted_by_what_it_went_back_by() -> None:
    refund = back(
        ("gateway", "50.00", False), ("gateway", "20.00", True), ("gift_certificate", "30.00", False), tax="5.00"
    )
    assert refund_postings(refund) == {
        Account.GATEWAY: D("-50.00"), Account.BY_HAND: D("-20.00"), Account.GIFT_CARDS: D("-30.00"),
        Account.TAX: D("5.00"), Account.REFUNDS: D("95.00"),
    }  # fmt: skip


def test_a_gift_card_that_is_taken_back_is_owed_no_more_and_no_refund_of_sales() -> None:
    refund = back(("gateway", "50.00", False), cards="50.00")
    assert refund_postings(refund) == {Account.GATEWAY: D("-50.00"), Account.GIFT_CARDS: D("50.00")}


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        (Told(online=D(25)), {Account.GATEWAY: "-0.30", Account.FEES: "0.30"}),
        (Told(noted=D(25)), {Account.GATEWAY: "-25.30", Account.FEES: "0.30", Account.BY_HAND: "25.00"}),
        (Told(untold=D(25)), {Account.GATEWAY: "-25.30", Account.FEES: "0.30", Account.REFUNDS: "25.00"}),
        (Told(), {Account.GATEWAY: "-25.30", Account.FEES: "0.30", Account.UNMATCHED: "25.00"}),
        (
            Told(online=D(10), noted=D(5), untold=D(4)),
            {Account.GATEWAY: "-15.30", Account.FEES: "0.30", Account.BY_HAND: "5.00", Account.REFUNDS: "4.00",
             Account.UNMATCHED: "6.00"},
        ),
    ],
)  # fmt: skip
def test_a_gateways_row_is_against_what_the_store_tells(told: Told, wanted: dict[Account, str]) -> None:
    found = row_postings(row("-25.00", "0.30"), is_of_booked=True, against=told.accounts(D(0), D(25)))
    assert found == {account: D(amount) for account, amount in wanted.items()}


def test_a_refund_that_failed_gives_back_what_it_took() -> None:
    told = Told(online=D(10), noted=D(5))
    gone = row_postings(row("-20.00"), is_of_booked=True, against=told.accounts(D(0), D(20)))
    came = row_postings(row("20.00"), is_of_booked=True, against=told.accounts(D(20), D(0)))
    assert sums_of([gone, came]) == {}


@given(rows=st.lists(CENTS, max_size=6), online=CENTS, noted=CENTS, untold=CENTS)
def test_however_many_rows_tell_of_it_no_more_is_covered_than_the_store_tells(
    rows: list[Decimal], online: Decimal, noted: Decimal, untold: Decimal
) -> None:
    told, before, found = Told(online=online, noted=noted, untold=untold), D(0), list[Postings]()
    for amount in rows:
        against = told.accounts(before, before + amount)
        assert min(against.values()) >= 0
        assert sum(against.values()) == amount
        before += amount
        found.append(against)
    sums = sums_of(found)
    assert sums.get(Account.GATEWAY, D(0)) == min(online, before)
    assert sums.get(Account.UNMATCHED, D(0)) == max(before - online - noted - untold, D(0))


def test_what_is_written_off_is_in_an_account_of_its_own() -> None:
    sale = row("9.00", kind=RowKind.SALE)
    assert row_postings(sale, is_of_booked=False) == {Account.GATEWAY: D("9.00"), Account.UNMATCHED: D("-9.00")}
    assert row_postings(sale, is_of_booked=False, is_written_off=True) == {
        Account.GATEWAY: D("9.00"),
        Account.WRITTEN_OFF: D("-9.00"),
    }


@pytest.mark.parametrize(
    ("handed_out", "cards", "noted", "wanted"),
    [
        ("20.00", "0.00", "20.00", {}),
        ("35.00", "0.00", "30.00", {Account.REFUNDS: "5.00", Account.BY_HAND: "-5.00"}),
        ("0.00", "26.75", "26.75", {Account.BY_HAND: "26.75", Account.GIFT_CARDS: "-26.75"}),
        ("0.00", "26.75", "0.00", {Account.REFUNDS: "26.75", Account.GIFT_CARDS: "-26.75"}),
        ("20.00", "0.00", "70.00", {}),  # goods for 50.00 were taken instead
    ],
)
def test_what_a_till_gave_is_posted_once(handed_out: str, cards: str, noted: str, wanted: dict[Account, str]) -> None:
    found = till_postings(handed_out=D(handed_out), cards=D(cards), noted=D(noted))
    assert found == {account: D(amount) for account, amount in wanted.items()}
