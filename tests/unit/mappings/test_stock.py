"""The arithmetic of what may be sold online."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors.failures import ContractBroken
from mappings.core.rules.stock_arithmetic import (
    MOST,
    Clamp,
    Counting,
    Figures,
    Rule,
    figures_of,
    kept_at,
    sellable,
    summed,
)

TEN = Figures(on_hand=Decimal(10), committed=Decimal(2), available=Decimal(8), in_transit=Decimal(3))
quantities = st.decimals(-100_000, 100_000, places=2)
rules = st.builds(
    Rule,
    counting=st.sampled_from(Counting),
    safety_units=st.integers(0, 50),
    safety_percent=st.integers(0, 100),
    last_units=st.integers(0, 20),
)


@pytest.mark.parametrize(
    ("rule", "pending", "quantity"),
    [
        (Rule(), 0, 8),
        (Rule(counting=Counting.ON_HAND), 0, 10),
        (Rule(counting=Counting.INCOMING), 0, 11),
        (Rule(safety_units=2), 1, 5),
        (Rule(safety_percent=20), 0, 6),  # 1.6 is kept back as 2
        (Rule(safety_percent=20, safety_units=5), 0, 3),
        (Rule(last_units=9), 0, 0),
        (Rule(last_units=8), 0, 8),
        (Rule(), 9, 0),
    ],
)
def test_the_rule_in_numbers(rule: Rule, pending: int, quantity: int) -> None:
    assert sellable(TEN, rule, pending).quantity == quantity


@pytest.mark.parametrize(
    ("available", "quantity", "clamps"),
    [
        ("-1", 0, (Clamp.NEGATIVE,)),
        ("2.75", 2, (Clamp.FRACTION,)),
        ("0", 0, ()),
        ("3000000000", MOST, (Clamp.TOO_LARGE,)),
        ("1.5", 0, (Clamp.FRACTION, Clamp.LAST_UNITS)),
    ],
)
def test_what_is_clamped_is_named(available: str, quantity: int, clamps: tuple[Clamp, ...]) -> None:
    rule = Rule(last_units=2) if Clamp.LAST_UNITS in clamps else Rule()
    answer = sellable(Figures(available=Decimal(available)), rule)
    assert (answer.quantity, answer.clamps) == (quantity, clamps)


def test_what_the_rule_takes_off_is_no_shortage() -> None:
    kept = sellable(Figures(available=Decimal(1)), Rule(safety_units=2))
    short = sellable(Figures(available=Decimal(1)), Rule(safety_units=2), pending=2)
    assert (kept.clamps, short.clamps) == ((Clamp.KEPT_BACK,), (Clamp.NEGATIVE,))
    assert short.reason == "The sum is -3: fewer than none is none."


@pytest.mark.parametrize(
    ("rule", "available", "kept"),
    [
        (Rule(safety_units=2), "5", 2),
        (Rule(safety_units=2), "1", 1),
        (Rule(safety_units=2), "-4", 0),
        (Rule(safety_percent=50), "5", 3),
        (Rule(last_units=4), "3", 3),
        (Rule(last_units=4), "4", 0),
    ],
)
def test_a_location_keeps_back_of_what_it_has_and_never_more(rule: Rule, available: str, kept: int) -> None:
    figures = Figures(available=Decimal(available))
    assert kept_at(figures, rule) == kept
    there = replace(figures, kept_back=kept_at(figures, rule))
    assert sellable(there + Figures(available=Decimal(10)), Rule()).raw == Decimal(available) + 10 - kept


@given(quantities, quantities, quantities, rules, st.integers(0, 500))
def test_never_more_than_counts_and_never_below_nothing(
    on_hand: Decimal, available: Decimal, moving: Decimal, rule: Rule, pending: int
) -> None:
    answer = sellable(Figures(on_hand=on_hand, available=available, in_transit=moving), rule, pending)
    assert 0 <= answer.quantity <= max(answer.counted - pending, Decimal())
    assert answer.raw == answer.counted - answer.safety - answer.pending
    assert answer.quantity == answer.raw or answer.clamps


@given(st.lists(st.integers(-50, 50)))
def test_locations_add_up(numbers: list[int]) -> None:
    names = ("qty_on_hand", "qty_committed", "qty_available", "qty_in_transit")
    total = summed(dict.fromkeys(names, number) for number in numbers)
    assert total.available == sum(numbers) == total.on_hand


def test_a_quantity_that_is_none_is_named() -> None:
    with pytest.raises(ContractBroken, match="item 7 has no number in qty_on_hand"):
        figures_of({"item_id": 7, "qty_on_hand": "many"})
