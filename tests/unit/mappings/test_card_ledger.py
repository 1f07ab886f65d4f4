"""What a gift card is worth, its number and its last day (gift-cards.md G01–G04, G08, G11, G12)."""

from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.core.rules.card_ledger import (
    ZERO,
    Kind,
    Movement,
    NotEnough,
    Place,
    Sharing,
    after_lost_answer,
    balance,
    due_at,
    news,
    overdrawn,
    spend,
    taken_at,
    unexplained_at,
)
from mappings.core.rules.card_numbers import OddNumber, card_number, is_over, last_signs

CHICAGO = ZoneInfo("America/Chicago")
amounts = st.decimals(min_value=Decimal("0.01"), max_value=Decimal("90.00"), places=2)


def cents(text: str) -> Decimal:
    return Decimal(text)


def sold(worth: str) -> list[Movement]:
    return [Movement(delta=Decimal(worth), kind=Kind.SOLD, place=Place.STORE)]


@pytest.mark.parametrize("typed", ["0042-GC7Q-2M", "0042 gc7q 2m", "0042gc7q2m", "0042GC7Q2M "])
def test_g03_a_number_is_found_as_it_is_printed_and_typed(typed: str) -> None:
    assert card_number(typed) == "0042GC7Q2M"


@pytest.mark.parametrize("lost", ["1.23457E+11", "1,23457e+11", "", " - ", "Ä42", "4" * 61])
def test_g03_what_lost_its_digits_is_refused(lost: str) -> None:
    with pytest.raises(OddNumber):
        card_number(lost)


def test_a_number_is_shown_by_its_end() -> None:
    assert (last_signs("0042GC7Q2M"), last_signs("GC100")) == ("7Q2M", "00")


def test_g08_a_card_is_good_through_the_day_printed_on_it() -> None:
    last = date(2026, 3, 31)
    evening = datetime(2026, 4, 1, 2, 30, tzinfo=UTC)  # 31 March, 21:30 in Chicago
    after = datetime(2026, 4, 1, 0, 0, 1, tzinfo=CHICAGO)
    assert [is_over(last, at, CHICAGO) for at in (evening, after)] == [False, True]
    assert not is_over(None, after, CHICAGO)


def test_g01_where_we_are_asked_the_second_is_told_what_is_left() -> None:
    movements = sold("50.00")
    movements.append(spend(balance(movements), Decimal("40.00"), Place.TILL))
    with pytest.raises(NotEnough) as refused:
        spend(balance(movements), Decimal("30.00"), Place.STORE)
    assert (refused.value.left, balance(movements)) == (Decimal("10.00"), Decimal("10.00"))


def test_g01_an_overdraw_is_told_and_no_place_goes_below_zero() -> None:
    movements = [*sold("50.00"), *news(Place.TILL, cents("50"), cents("10"), ZERO)]
    movements += news(Place.STORE, cents("50"), cents("20"), ZERO)
    worth = balance(movements)
    assert (worth, overdrawn(worth)) == (Decimal("-20.00"), Decimal("20.00"))
    assert [due_at(place, worth, Sharing.BOTH, ZERO) for place in (Place.TILL, Place.STORE)] == [ZERO, ZERO]


def test_g12_a_store_gives_back_no_more_than_it_took() -> None:
    movements = [Movement(delta=cents("20"), kind=Kind.TAKEN_OVER, place=Place.STORE)]
    movements += news(Place.STORE, cents("20"), ZERO, ZERO)
    assert balance(movements) == ZERO
    movements += news(Place.STORE, ZERO, cents("40"), taken_at(Place.STORE, movements))
    assert (balance(movements), unexplained_at(Place.STORE, movements)) == (Decimal(20), Decimal(20))


def test_g11_a_part_that_comes_back_is_no_more_than_a_part() -> None:
    movements = [*sold("25.00"), *news(Place.STORE, cents("25"), ZERO, ZERO)]
    movements += news(Place.STORE, ZERO, cents("1"), taken_at(Place.STORE, movements))
    assert (balance(movements), taken_at(Place.STORE, movements)) == (Decimal(1), Decimal(24))


@pytest.mark.parametrize(
    ("sharing", "till", "store"),
    [(Sharing.BOTH, 50, 50), (Sharing.RESERVE, 50, 40), (Sharing.TILL, 50, 0), (Sharing.STORE, 0, 50)],
)
def test_what_a_place_may_spend_unasked(sharing: Sharing, till: int, store: int) -> None:
    worth, reserve = Decimal(50), Decimal(10)
    found = [due_at(place, worth, sharing, reserve) for place in (Place.TILL, Place.STORE)]
    assert found == [Decimal(till), Decimal(store)]


@given(st.lists(st.tuples(st.booleans(), amounts), max_size=30))
def test_two_that_ask_never_go_below_zero(wishes: list[tuple[bool, Decimal]]) -> None:
    """Whatever order two channels ask in: what was granted and what is left are the card."""
    movements, granted = sold("100.00"), ZERO
    for is_till, amount in wishes:
        with suppress(NotEnough):
            movements.append(spend(balance(movements), amount, Place.TILL if is_till else Place.STORE))
            granted += amount
        assert balance(movements) >= 0
    assert balance(movements) == Decimal(100) - granted


@given(
    st.lists(
        st.tuples(
            st.sampled_from([Place.TILL, Place.STORE]),
            st.one_of(amounts, st.none()),
            st.sampled_from(["answered", "done, answer lost", "not done"]),
        ),
        max_size=25,
    )
)
def test_two_that_do_not_ask_meet_at_what_is_left(turns: list[tuple[Place, Decimal | None, str]]) -> None:
    """Spends in two places between looks in any order, some writes unanswered: nothing is forgotten or counted twice.

    A turn without an amount is a look, whose writes end as it says; a place lets nobody spend more than it holds.
    """
    movements, spent = sold("100.00"), ZERO
    holds = {Place.TILL: Decimal(100), Place.STORE: Decimal(100)}
    known = dict(holds)
    writing: dict[Place, tuple[Decimal, Decimal]] = {}
    for place, amount, ends in [*turns, (Place.TILL, None, "answered"), (Place.TILL, None, "answered")]:
        if amount is not None:
            if amount <= holds[place] and place not in writing:
                holds[place] -= amount
                spent += amount
            continue
        for one in (place, *(other for other in holds if other is not place)):
            if one in writing:
                landed = after_lost_answer(*writing.pop(one), holds[one])
                assert landed is not None
                known[one] = landed
            movements += news(one, known[one], holds[one], taken_at(one, movements))
            known[one] = holds[one]
        for one, before in holds.items():
            due = due_at(one, balance(movements), Sharing.BOTH, ZERO)
            if due == before:
                continue
            writing[one] = before, due
            holds[one] = before if ends == "not done" else due
            if ends == "answered":
                del writing[one]
                known[one] = due
    worth = balance(movements)
    assert worth == Decimal(100) - spent
    assert set(holds.values()) == {max(worth, ZERO)}
