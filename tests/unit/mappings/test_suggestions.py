"""Locations suggested for a list of orders: whole where possible, by age, and never one piece to two orders."""

from collections import Counter
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from mappings.core.rules.suggestions import Suggestion, WaitingOrder, suggested

PLACES = ("depot", "main")


def stock(**rows: dict[str, int]) -> dict[tuple[str, str], Decimal]:
    return {(item, place): Decimal(count) for place, items in rows.items() for item, count in items.items()}


def order(key: str, *lines: tuple[str, int], in_turn: bool = False, promised: tuple[str, ...] = ()) -> WaitingOrder:
    return WaitingOrder(key=key, lines=lines, places=PLACES, in_turn=in_turn, promised=promised)


def places(*orders: WaitingOrder, free: dict[tuple[str, str], Decimal], uncounted: set[str] | None = None) -> object:
    found = suggested(orders, free, uncounted or set())
    return {key: (one.places, one.lacking) for key, one in found.items()}


def test_the_place_with_most_left_ships_and_by_turn_the_first_that_can() -> None:
    free = stock(depot={"1": 2}, main={"1": 9})
    assert places(order("a", ("1", 2)), free=free) == {"a": (("main",), ())}
    assert places(order("a", ("1", 2), in_turn=True), free=free) == {"a": (("depot",), ())}


def test_the_last_piece_is_promised_to_the_oldest_alone() -> None:
    free = stock(depot={"1": 1}, main={"1": 0})
    found = suggested([order("old", ("1", 1)), order("new", ("1", 1))], free, set())
    assert found["old"] == Suggestion(places=("depot",), free=({"depot": Decimal(1), "main": Decimal(0)},))
    assert found["new"] == Suggestion(places=(), free=({"depot": Decimal(0), "main": Decimal(0)},), lacking=(0,))


def test_an_order_that_cannot_leave_whole_keeps_no_later_one_waiting() -> None:
    free = stock(depot={"1": 2})
    assert places(order("big", ("1", 3)), order("small", ("1", 2)), free=free) == {
        "big": ((), (0,)),
        "small": (("depot",), ()),
    }


def test_lines_leave_from_several_places_where_none_has_all_and_each_is_whole() -> None:
    free = stock(depot={"1": 2, "3": 1}, main={"2": 1, "3": 5})
    assert places(order("a", ("1", 2), ("2", 1), ("3", 1)), free=free) == {"a": (("depot", "main", "main"), ())}
    assert places(order("a", ("1", 3), ("2", 1)), free=free) == {"a": ((), (0,))}


def test_two_lines_of_one_item_need_both_their_pieces() -> None:
    free = stock(depot={"1": 2}, main={"1": 1})
    assert places(order("a", ("1", 2), ("1", 1)), free=free) == {"a": (("depot", "main"), ())}
    assert places(order("a", ("1", 2), ("1", 2)), free=free) == {"a": ((), (1,))}


def test_what_is_not_counted_leaves_with_the_rest_and_alone_is_asked_about() -> None:
    free = stock(main={"1": 1})
    assert places(order("a", ("wrap", 1), ("1", 1)), free=free, uncounted={"wrap"}) == {"a": (("main", "main"), ())}
    assert places(order("a", ("wrap", 1)), free=free, uncounted={"wrap"}) == {"a": ((), ())}
    assert places(order("a", ("wrap", 1), in_turn=True), free=free, uncounted={"wrap"}) == {"a": (("depot",), ())}


def test_what_a_person_has_chosen_already_is_taken_off_first_come() -> None:
    free = stock(depot={"1": 1})
    assert places(order("a", ("1", 1), promised=("depot",)), order("b", ("1", 1)), free=free) == {
        "a": (("depot",), ()),
        "b": ((), (0,)),
    }


LINES = st.lists(st.tuples(st.sampled_from(["1", "2"]), st.integers(1, 4)), min_size=1, max_size=3)
FREE = st.dictionaries(
    st.tuples(st.sampled_from(["1", "2"]), st.sampled_from(PLACES)), st.integers(-2, 8).map(Decimal), max_size=4
)


@given(st.lists(LINES, max_size=6), FREE, st.booleans())
def test_no_place_is_promised_more_than_it_has_and_every_line_has_one_place_or_none_has(
    wanted: list[list[tuple[str, int]]], free: dict[tuple[str, str], Decimal], in_turn: bool
) -> None:
    rows = [order(str(number), *lines, in_turn=in_turn) for number, lines in enumerate(wanted)]
    found = suggested(rows, free, set())
    taken: Counter[tuple[str, str]] = Counter()
    for row in rows:
        chosen = found[row.key].places
        assert len(chosen) in {0, len(row.lines)}
        assert bool(chosen) != bool(found[row.key].lacking)
        for (item, pieces), place in zip(row.lines, chosen, strict=False):
            taken[item, place] += pieces
    assert all(count <= free.get(key, 0) for key, count in taken.items())
