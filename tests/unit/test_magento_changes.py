"""The walk over what changed in Magento skips nothing, whatever changes meanwhile, however many share a second."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connections.connectors.magento.base import Page
from connections.connectors.magento.changes import changed, stamp
from connections.connectors.magento.criteria import Filter, Group, Sort
from errors.failures import ContractBroken
from ipaas.types import JSON

SINCE = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
SIZE = 3


class Shop:
    """A list that answers as Magento's database does; before each page some rows change."""

    def __init__(self, seconds: Sequence[int], moves: Sequence[int]) -> None:
        self.rows = {number: at(second) for number, second in enumerate(seconds, 1)}
        self.moves, self.now, self.asked = list(moves), 1000, 0

    def ask(self, groups: Sequence[Group], sort: Sequence[Sort]) -> Page:
        self.asked += 1
        found: list[JSON] = [{"entity_id": number, "updated_at": moment} for number, moment in self.rows.items()]
        for (filter_,) in groups:
            found = [row for row in found if holds(filter_, row)]
        for one in reversed(sort):
            found.sort(key=lambda row: row[one.field], reverse=one.direction == "DESC")
        page = Page(rows=found[:SIZE], size=SIZE, total=len(found), answered_at=None)
        for number in self.moves[:1]:  # the answer has left: one row goes to the end
            self.now += 1
            self.rows[number % len(self.rows) + 1] = at(self.now)
        del self.moves[:1]
        return page


def at(second: int) -> str:
    return stamp(SINCE + timedelta(seconds=second))


def holds(filter_: Filter, row: JSON) -> bool:
    value, wanted = row[filter_.field], filter_.value
    if filter_.field == "entity_id":
        value, wanted = int(value), int(wanted)  # type: ignore[assignment]
    return bool({"eq": value == wanted, "gt": value > wanted, "gteq": value >= wanted}[filter_.condition])


@settings(deadline=None)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=20), st.lists(st.integers(0, 30), max_size=8))
def test_every_row_that_had_changed_is_told(seconds: list[int], moves: list[int]) -> None:
    shop = Shop(seconds, moves)
    told = {row["entity_id"] for row in changed(shop.ask, "orders", SINCE)}
    assert told == set(shop.rows)


def test_rows_of_one_second_are_told_once_in_as_few_pages_as_hold_them() -> None:
    shop = Shop([7] * 20, [])
    told = [row["entity_id"] for row in changed(shop.ask, "orders", SINCE)]
    assert told == list(range(1, 21))
    assert shop.asked == 8  # seven that hold them, and one for what is later


def test_what_is_older_is_not_told() -> None:
    shop = Shop([-1, 0, 1], [])
    assert [row["entity_id"] for row in changed(shop.ask, "orders", SINCE)] == [2, 3]


def test_a_list_that_heeds_no_order_is_not_walked() -> None:
    def ask(groups: Sequence[Group], sort: Sequence[Sort]) -> Page:
        rows = [{"entity_id": 2, "updated_at": at(5)}, {"entity_id": 1, "updated_at": at(1)}]
        return Page(rows=rows, size=SIZE, total=2, answered_at=None)

    with pytest.raises(ContractBroken, match="without regard to the time of their change"):
        list(changed(ask, "orders", SINCE))
