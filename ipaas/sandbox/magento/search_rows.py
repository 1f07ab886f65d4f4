"""Rows for searchCriteria: matched, ordered and paged as the real lists are (apis/magento.md §6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ipaas.sandbox.core.store import Table
from ipaas.sandbox.magento.conditions import CONDITIONS, Filter, comparable, matches, ordering
from ipaas.sandbox.magento.errors import Refused, bad, internal
from ipaas.sandbox.magento.searchcriteria import Criteria
from ipaas.sandbox.magento.state import KEYS, Row, State

BAD_ATTRIBUTE = 'The "%1" attribute name is invalid. Reset the name and try again.'
PAGE_TOO_LARGE = "Maximum SearchCriteria pageSize is %max"
NULLS = ("null", "notnull")
Columns = Mapping[str, str]  # column -> type in the schema


def search(
    state: State, rows: Table | Iterable[Row], criteria: Criteria, columns: Columns, *, eav: bool
) -> tuple[list[Row], int]:
    """The rows of the page that was asked for, and the number of all that match. Raises `Refused`."""
    _check(criteria, columns, eav)
    size = _page_size(state, criteria)
    page = max(1, criteria.current_page or 1)
    if isinstance(rows, Table) and not criteria.groups and not criteria.sorts and size:
        return _slice(state, rows, size, page), len(rows)
    found = [row for row in _visible(state, _candidates(rows, criteria, columns)) if _wanted(row, criteria, columns)]
    total = len(found)
    page = _page(state, page, size, total)
    found = _rotated(found, page - 1)
    for order in reversed(criteria.sorts):
        found.sort(key=ordering(order.field, columns[order.field]), reverse=not order.ascending)
    return (found[(page - 1) * size : page * size] if size else found), total


def _check(criteria: Criteria, columns: Columns, eav: bool) -> None:
    """Raises `Refused` for a column that is not there and a condition that the database does not know."""
    filters = [one for group in criteria.groups for one in group]
    for field in [one.field for one in filters] + [one.field for one in criteria.sorts]:
        if field not in columns:
            raise _unknown(field, eav)
    if any(one.condition not in CONDITIONS and one.condition not in NULLS for one in filters):
        raise internal()


def _unknown(field: str, eav: bool) -> Refused:
    return bad(BAD_ATTRIBUTE, field) if eav else internal()


def _page_size(state: State, criteria: Criteria) -> int | None:
    """The size that holds: as sent, or with input limiting at most 300 and 20 by default (§5)."""
    if not state.switches["input_limiting"]:
        return criteria.page_size or None
    most = state.switches["page_size_max"]
    if criteria.page_size and criteria.page_size > most:
        raise bad(PAGE_TOO_LARGE, max=most)
    return int(criteria.page_size or state.switches["page_size_default"])


def _page(state: State, page: int, size: int | None, total: int) -> int:
    """The page itself; old releases give the last one again for any behind it."""
    if size and total and state.switches["past_the_end"] == "repeat":
        return min(page, -(-total // size))
    return page


def _slice(state: State, table: Table, size: int, page: int) -> list[Row]:
    """A page of a whole table without visiting the rest of it."""
    total = len(table)
    page = _page(state, page, size, total)
    first = (page - 1) * size
    count = max(0, min(size, total - first))
    begin = (first + page - 1) % total if total else 0
    found = table.slice(begin, count)
    return list(_visible(state, [*found, *table.slice(0, count - len(found))]))


def _rotated(rows: list[Row], steps: int) -> list[Row]:
    """Another order on every page, as a database without ORDER BY may have it: rows of equal rank move."""
    steps = steps % len(rows) if rows else 0
    return rows[steps:] + rows[:steps]


def _wanted(row: Row, criteria: Criteria, columns: Columns) -> bool:
    return all(any(matches(row, one, columns[one.field]) for one in group) for group in criteria.groups if group)


def _visible(state: State, rows: Iterable[Row]) -> Iterator[Row]:
    """Rows as other transactions see them: what commits late is not there yet, or as it was before."""
    now = state.clock.timestamp()
    for row in rows:
        late = row.get("_late")
        if late is None or late["until"] <= now:
            yield row
        elif late["before"] is not None:
            yield late["before"]


# --- fewer rows to look at --------------------------------------------------------------------------


def _candidates(rows: Table | Iterable[Row], criteria: Criteria, columns: Columns) -> Iterable[Row]:
    """All rows that can match, by an index of the table where a group names one."""
    if not isinstance(rows, Table):
        return rows
    key = KEYS.get(rows.name, "id")
    narrowed = [_ids(rows, group, columns) for group in criteria.groups if group]
    known = [ids for ids in narrowed if ids is not None]
    if known:
        fewest = min(known, key=len)
        return [row for row in map(rows.get, sorted(fewest)) if row is not None]
    bounds = [int(comparable(one.value, "integer")) for one in _lower_bounds(criteria, key)]
    return rows.after(max(bounds) - 1) if bounds else rows.all()


def _lower_bounds(criteria: Criteria, key: str) -> list[Filter]:
    alone = [group[0] for group in criteria.groups if len(group) == 1]
    return [one for one in alone if one.field == key and one.condition in ("gt", "gteq", "from")]


def _ids(table: Table, group: tuple[Filter, ...], columns: Columns) -> set[int] | None:
    """Ids that a group can match; None where an index cannot tell."""
    found: set[int] = set()
    for one in group:
        ids = _looked_up(table, one, columns[one.field])
        if ids is None:
            return None
        found |= ids
    return found


def _looked_up(table: Table, wanted: Filter, kind: str) -> set[int] | None:
    if wanted.condition not in ("eq", "in") or wanted.value is None:
        return None
    values = wanted.value.split(",") if wanted.condition == "in" else [wanted.value]
    if wanted.field == KEYS.get(table.name, "id"):
        return {int(comparable(value, "integer")) for value in values}
    folded = f"{wanted.field}_key"  # an index of the text without regard to case
    if table.is_indexed(folded):
        return {found for value in values for found in table.lookup(folded, value.casefold())}
    if kind == "integer" and table.is_indexed(wanted.field):
        numbers = (int(comparable(value, kind)) for value in values)
        return {found for number in numbers for found in table.lookup(wanted.field, number)}
    return None
