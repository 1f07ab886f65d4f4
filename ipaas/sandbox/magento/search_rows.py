"""Rows for searchCriteria: matched, ordered and paged as the real lists are (apis/magento.md §6)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from ipaas.sandbox.core.tables import Table
from ipaas.sandbox.magento.conditions import CONDITIONS, NULLS, Filter, matches, ordering
from ipaas.sandbox.magento.criteria import Columns, Criteria
from ipaas.sandbox.magento.errors import Refused, bad, internal
from ipaas.sandbox.magento.indexed_search import candidates, in_key_order
from ipaas.sandbox.magento.state import Row, State

BAD_ATTRIBUTE = 'The "%1" attribute name is invalid. Reset the name and try again.'
PAGE_TOO_LARGE = "Maximum SearchCriteria pageSize is %max"
View = Callable[[Row], Row]
Pair = tuple[Row, Row]  # a row as its columns have it, and the row itself


@dataclass(frozen=True, slots=True)
class Related:
    """Fields that name other records (a product's categories), and who decides their filters."""

    fields: Collection[str]
    decide: Callable[[Row, Filter], bool]

    def __call__(self, row: Row, wanted: Filter) -> bool:
        return self.decide(row, wanted)


def search(
    state: State,
    rows: Table | Iterable[Row],
    criteria: Criteria,
    columns: Columns,
    *,
    eav: bool,
    view: View = dict,
    related: Related | None = None,
) -> tuple[list[Row], int]:
    """The rows of the page that was asked for, and the number of all that match. Raises `Refused`.

    `view` shows a row as the columns have it. `related` decides filters of fields that are lists of other records;
    they hold together with all groups, wherever they stand.
    """
    criteria, apart = _parted(criteria, related)
    _check(criteria, columns, eav)
    criteria = replace(criteria, page_size=_page_size(state, criteria))
    if isinstance(rows, Table) and not apart:
        window = _window(state, rows, criteria)
        if window is not None:
            return window
    every = candidates(rows, criteria, columns) if isinstance(rows, Table) else rows
    related_too = (row for row in every if all(related(row, one) for one in apart if related))
    seen = ((view(row), row) for row in _visible(state, related_too))
    found = [pair for pair in seen if _wanted(pair[0], criteria, columns)]
    return [row for _, row in _paged(state, found, criteria, columns)], len(found)


def _window(state: State, table: Table, criteria: Criteria) -> tuple[list[Row], int] | None:
    """A page in the order of the key, where no more is asked than that, without visiting the rest of the table."""
    page, size = max(1, criteria.current_page or 1), criteria.page_size
    if not size:
        return None
    window = in_key_order(table, criteria, (page - 1) * size, page)
    if window is None or _page(state, page, size, window[1]) != page:
        return None
    return list(_visible(state, window[0])), window[1]


def _paged(state: State, found: list[Pair], criteria: Criteria, columns: Columns) -> list[Pair]:
    """The page of the matching rows, ordered as asked; rows of equal rank stand otherwise on every page."""
    size = criteria.page_size
    page = _page(state, max(1, criteria.current_page or 1), size, len(found))
    ordered = _rotated(found, page - 1)
    for order in reversed(criteria.sorts):
        key = ordering(order.field, columns[order.field])
        ordered.sort(key=lambda pair, key=key: key(pair[0]), reverse=not order.ascending)  # type: ignore[misc]
    return ordered[(page - 1) * size : page * size] if size else ordered


def _parted(criteria: Criteria, related: Related | None) -> tuple[Criteria, list[Filter]]:
    """The criteria without the filters that `related` decides, and those."""
    if related is None:
        return criteria, []
    apart = [one for group in criteria.groups for one in group if one.field in related.fields]
    groups = tuple(tuple(one for one in group if one.field not in related.fields) for group in criteria.groups)
    return replace(criteria, groups=tuple(filter(None, groups))), apart


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


def _rotated(rows: list[Pair], steps: int) -> list[Pair]:
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
