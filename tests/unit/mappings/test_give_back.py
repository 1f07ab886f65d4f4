"""What the store is asked to give back: never more than was paid or is left, and every part adds up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.core.canonical.refund import Refund, RefundState
from mappings.core.canonical.till_return import ReturnedGoods, TillReturn
from mappings.core.rules.give_back import (
    Pieces,
    Quote,
    Tender,
    amounts,
    note_of,
    paybacks,
    settles_at,
)
from mappings.core.rules.split_back import Share, split_back

CENTS = st.decimals(min_value=0, max_value=5000, places=2)
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def till(given_back: str, *, taken_instead: str = "0", goods: str = "") -> TillReturn:
    value = Decimal(goods or given_back)
    return TillReturn(
        id="117260", number="55120", status="complete", version="1", completed_at=NOON, parent_id="117204",
        customer_id="100220", goods=(ReturnedGoods(item_id="1", name="A", quantity=1, value=value),), beside=Decimal(0),
        taken_instead=Decimal(taken_instead), given=Decimal(given_back), tenders={},
    )  # fmt: skip


def pieces(worth: str) -> Pieces:
    return Pieces(by_line={"1": 1}, beyond={}, strangers={}, worth=Decimal(worth))


def quote(total: str, *tenders: tuple[str, str], left: str = "") -> Quote:
    rows = tuple(
        Tender(key=str(number), name=str(number), paid=Decimal(paid), left=Decimal(one), taken_at=NOON)
        for number, (paid, one) in enumerate(tenders)
    )
    return Quote(parts=(Decimal(total),), left=Decimal(left or sum(one.left for one in rows)), tenders=rows)


@given(st.lists(st.tuples(CENTS, CENTS), min_size=1, max_size=5), st.decimals(min_value=0, max_value=1, places=4))
def test_a_split_adds_up_and_gives_none_more_than_it_has_left(rows: list[Any], part: Decimal) -> None:
    shares = [Share(paid=paid + spent + Decimal("0.01"), left=paid) for paid, spent in rows]
    amount = (sum((one.left for one in shares), Decimal(0)) * part).quantize(Decimal("0.01"))
    amount = min(amount, sum((one.left for one in shares), Decimal(0)))
    parts = split_back(amount, shares)
    assert sum(parts, Decimal(0)) == amount
    assert all(0 <= part <= one.left for part, one in zip(parts, shares, strict=True))


@given(st.lists(CENTS, min_size=1, max_size=8), CENTS, CENTS)
def test_refunds_one_after_another_never_exceed_what_was_paid(
    wishes: list[Decimal], card: Decimal, gift: Decimal
) -> None:
    paid = [card + 1, gift + 1]
    left = list(paid)
    for wish in wishes:
        said = quote(str(wish), *((str(whole), str(rest)) for whole, rest in zip(paid, left, strict=True)))
        sums = amounts(till(str(wish)), pieces(str(wish)), said, by_store=wish)
        assert sums.asked + sums.kept == wish
        for one in paybacks(sums, said):
            assert one.tender is not None
            left[int(one.tender.key)] -= one.amount
    assert all(0 <= rest <= whole for rest, whole in zip(left, paid, strict=True))


def test_card_and_gift_card_get_their_share() -> None:
    assert split_back(
        Decimal(30), [Share(paid=Decimal(60), left=Decimal(60)), Share(paid=Decimal(40), left=Decimal(40))]
    ) == [Decimal(18), Decimal(12)]


def test_more_than_is_left_is_no_split() -> None:
    with pytest.raises(ValueError, match="more than what is left"):
        split_back(Decimal(2), [Share(paid=Decimal(5), left=Decimal(1))])


@pytest.mark.parametrize(
    ("given_back", "told", "by_store", "asked", "online", "kept", "too_much"),
    [
        ("80", "64", "80", "64", "64", "0", "16"),  # today's price at the till
        ("85", "100", "85", "85", "85", "15", "0"),  # a fee was kept
        ("26.75", "26.75", "0", "26.75", "0", "0", "0"),  # cash
        ("30", "30", "20", "30", "20", "0", "0"),  # a part in cash
    ],
)
def test_the_store_gives_what_was_paid_and_notes_what_the_till_gave(
    given_back: str, told: str, by_store: str, asked: str, online: str, kept: str, too_much: str
) -> None:
    sums = amounts(till(given_back), pieces(given_back), quote(told, ("100", "100")), by_store=Decimal(by_store))
    found = (sums.asked, sums.online, sums.kept, sums.too_much)
    assert found == tuple(map(Decimal, (asked, online, kept, too_much)))


def test_other_goods_taken_instead_are_noted_at_what_was_paid() -> None:
    """A back for 120.00, C for 50.00 taken: 70.00 by the store, 50.00 as a note, and no more is left of A."""
    sums = amounts(
        till("70", taken_instead="50", goods="120"), pieces("120"), quote("120", ("200", "200")), by_store=Decimal(70)
    )
    assert [sums.asked, sums.online, sums.noted] == [Decimal(120), Decimal(70), Decimal(50)]


@pytest.mark.parametrize(("amount", "waits"), [("30", True), ("90", False)])
def test_a_part_waits_for_the_settling_and_the_whole_does_not(amount: str, waits: bool) -> None:
    said = quote(amount, ("90", "90"))
    back = paybacks(amounts(till(amount), pieces(amount), said, by_store=Decimal(amount)), said)
    at = settles_at(back, said, timedelta(hours=24))
    assert at == (NOON + timedelta(hours=24) if waits else None)


def test_a_note_names_its_return() -> None:
    """As the store's refund tells it again, with whatever staff wrote beside it."""
    told = Refund(
        source_id="71", number="71", order_id="10432", made_at=NOON, state=RefundState.DONE, total=Decimal(1),
        tax=Decimal(0), reason=f"Damaged. {note_of(till('1'))}",
    )  # fmt: skip
    assert told.till_return == "117260"
    assert replace(told, reason="Return at the till, ticket 55120").till_return == ""
