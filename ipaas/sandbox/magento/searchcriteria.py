"""searchCriteria over any rows: read, match, order, page, echo (apis/magento.md §6)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ipaas.sandbox.core.store import Table
from ipaas.sandbox.magento.conditions import Filter, matches, ordering
from ipaas.sandbox.magento.criteria import Columns, Criteria, SortOrder
from ipaas.sandbox.magento.errors import Refused, bad, internal, required, wrong_type
from ipaas.sandbox.magento.indexed_search import candidates, in_key_order
from ipaas.sandbox.magento.official import Official, Schema
from ipaas.sandbox.magento.state import Row

BAD_ATTRIBUTE = 'The "%1" attribute name is invalid. Reset the name and try again.'
SORT_FIELD = re.compile(r"^\w+$", re.ASCII)
SCALARS = ("integer", "number", "boolean", "string")
View = Callable[[Row], Row]


@dataclass(frozen=True, slots=True)
class Related:
    """Fields that name other records (a product's categories), and who decides their filters."""

    fields: Collection[str]
    decide: Callable[[Row, Filter], bool]

    def __call__(self, row: Row, wanted: Filter) -> bool:
        return self.decide(row, wanted)


def columns_of(official: Official, answer: Schema | None) -> Columns:
    """The scalar fields of a list's items, or of one object: name -> type."""
    schema = official.resolve(answer or {})
    items = schema.get("properties", {}).get("items")
    row = official.resolve(items["items"]) if items else schema
    return {name: inner["type"] for name, inner in row.get("properties", {}).items() if inner.get("type") in SCALARS}


# --- reading ---------------------------------------------------------------------------------------


def read_criteria(query: Mapping[str, Any]) -> Criteria:
    """The criteria of a nested query. Raises `Refused` where the parameter is missing or ill-formed."""
    given = _part(query, "searchCriteria")
    if given is None:
        raise required("searchCriteria")
    if not isinstance(given, dict):
        return Criteria()  # `searchCriteria=` and `searchCriteria=all` mean everything
    _refuse_unknown(given, "filterGroups", "sortOrders", "pageSize", "currentPage")
    return Criteria(
        tuple(_group(group) for group in _entries(given, "filterGroups")),
        tuple(_sort(order) for order in _entries(given, "sortOrders")),
        _number(given, "pageSize"),
        _number(given, "currentPage"),
    )


def _part(given: Mapping[str, Any], name: str) -> Any:
    """A value by its camelCase or snake_case name."""
    return given[name] if name in given else given.get(_snake(name))


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


def _refuse_unknown(given: Mapping[str, Any], *names: str) -> None:
    known = {spelling for name in names for spelling in (name, _snake(name))}
    if given.keys() - known:
        raise internal()


def _entries(given: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    rows = _part(given, name)
    if rows in (None, ""):
        return []
    if not isinstance(rows, dict) or not all(isinstance(row, dict) for row in rows.values()):
        raise internal()
    return list(rows.values())


def _group(given: Mapping[str, Any]) -> tuple[Filter, ...]:
    _refuse_unknown(given, "filters")
    return tuple(_filter(one) for one in _entries(given, "filters"))


def _filter(given: Mapping[str, Any]) -> Filter:
    _refuse_unknown(given, "field", "value", "conditionType")
    value = given.get("value")
    if isinstance(value, dict):
        value = ",".join(map(str, value.values()))
    return Filter(str(given.get("field", "")), _part(given, "conditionType") or "eq", value)


def _sort(given: Mapping[str, Any]) -> SortOrder:
    _refuse_unknown(given, "field", "direction")
    field, direction = str(given.get("field", "")), str(given.get("direction", "DESC")).upper()
    if not SORT_FIELD.match(field):
        raise bad(f"Invalid sort field: {field}")
    if direction not in ("ASC", "DESC"):
        raise bad(f"Sort order can be only ASC or DESC, but {direction} given")
    return SortOrder(field, direction == "ASC")


def _number(given: Mapping[str, Any], name: str) -> int | None:
    value = _part(given, name)
    if value is None:
        return None
    if not re.fullmatch(r"\s*-?\d+(\.\d+)?\s*", str(value)):
        raise wrong_type(name, value, "int")
    return int(float(value))


# --- answering -------------------------------------------------------------------------------------


def search(
    rows: Table | Iterable[Row],
    criteria: Criteria,
    columns: Columns,
    *,
    eav: bool,
    view: View = dict,
    related: Related | None = None,
) -> tuple[list[Row], int]:
    """The rows of the page that was asked for, and the number of all that match.

    `view` shows a row as the columns have it. `related` decides filters of fields that are lists of other records;
    they hold together with all groups, wherever they stand.
    """
    criteria, apart = _parted(criteria, related)
    fields = [one.field for group in criteria.groups for one in group] + [one.field for one in criteria.sorts]
    for field in fields:
        if field not in columns:
            raise _unknown(field, eav)
    page = max(1, criteria.current_page or 1)
    first = (page - 1) * (criteria.page_size or 0)
    if isinstance(rows, Table) and criteria.page_size and not apart:
        window = in_key_order(rows, criteria, first, page)
        if window is not None:
            return window
    every = candidates(rows, criteria, columns) if isinstance(rows, Table) else rows
    seen = ((view(row), row) for row in every if all(related(row, one) for one in apart if related))
    found = [pair for pair in seen if _wanted(pair[0], criteria, columns)]
    found = _rotated(found, page - 1)
    for order in reversed(criteria.sorts):
        key = ordering(order.field, columns[order.field])
        found.sort(key=lambda pair, key=key: key(pair[0]), reverse=not order.ascending)  # type: ignore[misc]
    shown = found[first : first + criteria.page_size] if criteria.page_size else found
    return [row for _, row in shown], len(found)


def _parted(criteria: Criteria, related: Related | None) -> tuple[Criteria, list[Filter]]:
    """The criteria without the filters that `related` decides, and those."""
    if related is None:
        return criteria, []
    apart = [one for group in criteria.groups for one in group if one.field in related.fields]
    groups = tuple(tuple(one for one in group if one.field not in related.fields) for group in criteria.groups)
    return replace(criteria, groups=tuple(filter(None, groups))), apart


def _unknown(field: str, eav: bool) -> Refused:
    return bad(BAD_ATTRIBUTE, field) if eav else internal()


def _wanted(row: Row, criteria: Criteria, columns: Columns) -> bool:
    return all(any(matches(row, one, columns[one.field]) for one in group) for group in criteria.groups if group)


def _rotated(rows: list[tuple[Row, Row]], steps: int) -> list[tuple[Row, Row]]:
    """Another order on every page, as a database without ORDER BY may have it: rows of equal rank move."""
    steps = steps % len(rows) if rows else 0
    return rows[steps:] + rows[:steps]
