"""Pages of lists that run through a million computed rows: found by arithmetic, merged with the rows that are stored.

It serves what such a list is asked for: all rows, those of a partition (a type, a source), those above a key, in the
order of the key or of a field that ascends with it. Anything else is left to the search that looks at every row.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ipaas.sandbox.core.tables import Table
from ipaas.sandbox.magento.conditions import Filter, comparable, matches, ordering
from ipaas.sandbox.magento.criteria import Criteria
from ipaas.sandbox.magento.state import KEYS, Row

EXACT = ("eq", "in")
ABOVE = ("gt", "gteq", "from")
Key = Callable[[Row], Any]


def computed_page(table: Table, criteria: Criteria, first: int) -> tuple[list[Row], int] | None:
    """Rows of the page that begins at `first`, and the number of all; None where more is asked than is served here."""
    field = _order(table, criteria)
    pieces = _pieces(table, criteria)
    if field is None or pieces is None or (field not in key_names(table) and len(pieces) > 1):
        return None
    computed = Computed(table, pieces)
    kind = _kind(table, field)
    key = ordering(field, kind)
    stored = sorted((row for row in table.stored() if _is_wanted(table, row, criteria)), key=key)
    places = [computed.place_of(row, key) + number for number, row in enumerate(stored)]
    rows: list[Row] = []
    for place in range(first, min(first + (criteria.page_size or 0), len(stored) + len(computed))):
        before = bisect_left(places, place)
        is_stored = before < len(places) and places[before] == place
        rows.append(stored[before] if is_stored else computed[place - before])
    return rows, len(stored) + len(computed)


class Computed:
    """The untouched base rows of some ranges, by their number."""

    def __init__(self, table: Table, pieces: Sequence[range]) -> None:
        self._table = table
        displaced = table.displaced()
        self._pieces = [(piece, _within(displaced, piece)) for piece in pieces]
        self._count = sum(len(piece) - len(away) for piece, away in self._pieces)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: int) -> Row:
        for piece, away in self._pieces:
            here = len(piece) - len(away)
            if number < here:
                return self._table.get(_nth(piece, away, number)) or {}
            number -= here
        raise IndexError(number)

    def place_of(self, row: Row, key: Key) -> int:
        """How many computed rows come before a stored one."""
        wanted, count = key(row), len(self)
        if not count or wanted <= key(self[0]):
            return 0
        if wanted > key(self[count - 1]):
            return count
        return bisect_left(range(count), wanted, key=lambda number: key(self[number]))


def _within(ids: Sequence[int], piece: range) -> Sequence[int]:
    return ids[bisect_left(ids, piece.start) : bisect_left(ids, piece.stop)]


def _nth(piece: range, away: Sequence[int], number: int) -> int:
    """The id with `number` untouched ones before it."""
    row_id = piece.start + number
    for gone in away:
        if gone > row_id:
            break
        row_id += 1
    return row_id


def key_names(table: Table) -> set[str]:
    """Names of the table's key in lists."""
    return {"id", "entity_id", KEYS.get(table.name, "id")}


def _kind(table: Table, field: str) -> str:
    return "integer" if field in key_names(table) else "string"


def _order(table: Table, criteria: Criteria) -> str | None:
    """The field that the rows are to stand by, where that is served."""
    if not criteria.sorts or not criteria.sorts[0].ascending:
        return None
    field = criteria.sorts[0].field
    if field in key_names(table):
        return "id"
    return field if field in table.lazy.ordered else None


def _pieces(table: Table, criteria: Criteria) -> list[range] | None:
    """Ranges of base rows that meet every group; None where a group asks for something else."""
    pieces = [table.lazy.ids]
    for group in criteria.groups:
        found = [_ranges(table, one) for one in group]
        if len(group) == 1 and group[0].field in key_names(table) and group[0].condition in ABOVE:
            found = [[range(_first_above(group[0]), table.lazy.ids.stop)]]
        if any(one is None for one in found):
            return None
        wanted = [piece for one in found for piece in one or ()]
        pieces = [part for piece in pieces for other in wanted if (part := _common(piece, other))]
    return sorted(pieces, key=lambda piece: piece.start)


def _ranges(table: Table, one: Filter) -> list[range] | None:
    """Ranges of one filter: of a partition's values, or of a field that all base rows share."""
    partition = table.lazy.partitions.get(one.field)
    if partition is not None and one.condition in EXACT:
        values = {text.casefold() for text in (one.value or "").split(",")} if one.condition == "in" else None
        wanted = values or {str(one.value).casefold()}
        return [piece for value, piece in partition.items() if str(value).casefold() in wanted]
    if one.field in table.lazy.constants:
        return [table.lazy.ids] if matches(dict(table.lazy.constants), one, "string") else []
    return None


def _first_above(one: Filter) -> int:
    value = comparable(one.value or "", "integer")
    return int(math.floor(value) + 1 if one.condition == "gt" else math.ceil(value))


def _common(one: range, other: range) -> range:
    return range(max(one.start, other.start), min(one.stop, other.stop))


def _is_wanted(table: Table, row: Row, criteria: Criteria) -> bool:
    groups: Iterable[tuple[Filter, ...]] = criteria.groups
    named = {**row, **dict.fromkeys(key_names(table), row["id"])}
    return all(any(matches(named, one, _kind(table, one.field)) for one in group) for group in groups)
