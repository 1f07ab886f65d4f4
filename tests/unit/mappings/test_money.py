"""Splitting and rounding: sums come out to the cent, always the same way."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.core.rules.money import CENT, allocate, cents, rounded_to, unit_prices

D = Decimal
whole_cents = st.integers(0, 10_000_000).map(lambda n: D(n) / 100)
exact = st.integers(0, 10_000_000).map(lambda n: D(n) / 10_000)


@given(total=st.integers(-10_000_000, 10_000_000).map(lambda n: D(n) / 100), weights=st.lists(exact, min_size=1))
def test_parts_of_a_split_sum_to_the_whole(total: Decimal, weights: list[Decimal]) -> None:
    if not any(weights):
        return
    shares = allocate(total, weights)
    assert sum(shares) == total
    assert all(share == cents(share) for share in shares)
    assert all(share == 0 for share, weight in zip(shares, weights, strict=True) if not weight)


@given(data=st.data(), weights=st.lists(whole_cents, min_size=1))
def test_no_part_exceeds_its_weight_while_the_total_does_not(data: st.DataObject, weights: list[Decimal]) -> None:
    total = D(data.draw(st.integers(0, int(sum(weights) * 100)))) / 100
    if not any(weights):
        return
    assert all(share <= weight for share, weight in zip(allocate(total, weights), weights, strict=True))


def test_the_cent_left_over_goes_to_the_largest_remainder_and_then_to_the_first() -> None:
    assert allocate(D("10.00"), [D(1), D(1), D(1)]) == [D("3.34"), D("3.33"), D("3.33")]
    assert allocate(D("0.05"), [D(1), D(2)]) == [D("0.02"), D("0.03")]
    assert allocate(D("-10.00"), [D(1), D(1), D(1)]) == [D("-3.34"), D("-3.33"), D("-3.33")]


def test_nothing_can_carry_a_total_without_weights() -> None:
    assert allocate(D(0), [D(0), D(0)]) == [D("0.00"), D("0.00")]
    with pytest.raises(ValueError, match="all zero"):
        allocate(D("0.01"), [D(0)])


@given(values=st.lists(exact, min_size=1, max_size=40))
def test_exact_values_round_to_their_rounded_sum(values: list[Decimal]) -> None:
    shares = rounded_to(values, cents(sum(values, D(0))))
    assert shares is not None
    assert sum(shares) == cents(sum(values, D(0)))
    assert all(abs(share - value) < CENT for share, value in zip(shares, values, strict=True))
    assert all(share == value for share, value in zip(shares, values, strict=True) if value == cents(value))


@given(values=st.lists(exact, min_size=1, max_size=5), off=st.sampled_from([D("0.01"), D("-0.01"), D(5)]))
def test_values_are_never_bent_to_another_sum(values: list[Decimal], off: Decimal) -> None:
    assert rounded_to(values, cents(sum(values, D(0))) + off) is None


@given(net=whole_cents, quantity=st.integers(1, 3000))
def test_unit_prices_bring_exactly_the_net_amount(net: Decimal, quantity: int) -> None:
    rows = unit_prices(net, quantity)
    assert sum(count * price for count, price in rows) == net
    assert sum(count for count, _ in rows) == quantity
    assert len(rows) <= 2
    assert all(count > 0 and price == cents(price) for count, price in rows)


def test_a_quantity_that_divides_stays_one_row() -> None:
    assert unit_prices(D("43.20"), 2) == [(2, D("21.60"))]
    assert unit_prices(D("10.00"), 3) == [(2, D("3.33")), (1, D("3.34"))]
    assert unit_prices(D("0.00"), 4) == [(4, D("0.00"))]
