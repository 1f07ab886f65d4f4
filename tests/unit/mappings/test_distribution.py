"""Pieces shared out over locations: complete from one where possible, never more than it has, nothing lost."""

from collections import Counter
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from mappings.core.rules.distribution import shared

PLACES = ["main", "annex", "pier"]


def stock(**rows: dict[str, int]) -> dict[tuple[str, str], Decimal]:
    return {(item, place): Decimal(count) for place, items in rows.items() for item, count in items.items()}


def test_the_first_place_that_has_everything_ships_everything() -> None:
    free = stock(main={"1": 2}, annex={"1": 2, "2": 1}, pier={"1": 9, "2": 9})
    assert shared([("1", 2), ("2", 1)], free, PLACES) == [[("annex", 2)], [("annex", 1)]]


def test_else_each_line_goes_to_the_first_place_that_has_it_whole() -> None:
    free = stock(main={"1": 2}, annex={"2": 1})
    assert shared([("1", 2), ("2", 1)], free, PLACES) == [[("main", 2)], [("annex", 1)]]


def test_else_its_pieces_are_split_and_what_nobody_has_is_left_open() -> None:
    free = stock(main={"1": 2}, annex={"1": 1})
    assert shared([("1", 5)], free, PLACES) == [[("main", 2), ("annex", 1), (None, 2)]]
    assert shared([("1", 2)], stock(main={"1": -3}), PLACES) == [[(None, 2)]]


def test_two_lines_of_one_item_do_not_take_the_same_piece() -> None:
    assert shared([("1", 1), ("1", 1)], stock(main={"1": 1}), PLACES) == [[("main", 1)], [(None, 1)]]


counts = st.integers(min_value=1, max_value=6)
wishes = st.lists(st.tuples(st.sampled_from(["1", "2", "3"]), counts), min_size=1, max_size=5)
stocks = st.dictionaries(
    st.tuples(st.sampled_from(["1", "2", "3"]), st.sampled_from(PLACES)),
    st.integers(min_value=-3, max_value=9).map(Decimal),
)


@given(wishes, stocks)
def test_no_piece_is_lost_and_no_place_ships_more_than_it_has(
    wanted: list[tuple[str, int]], free: dict[tuple[str, str], Decimal]
) -> None:
    found = shared(wanted, free, PLACES)
    assert [sum(count for _, count in shares) for shares in found] == [count for _, count in wanted]
    taken: Counter[tuple[str, str]] = Counter()
    for (item, _), shares in zip(wanted, found, strict=True):
        for place, count in shares:
            assert count > 0
            if place:
                taken[item, place] += count
    assert all(count <= free.get(key, 0) for key, count in taken.items())
