"""searchCriteria as it is sent (apis/magento.md §6); `search_rows.py` answers it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ipaas.sandbox.magento.bodies import snake
from ipaas.sandbox.magento.conditions import Filter
from ipaas.sandbox.magento.criteria import Columns, Criteria, SortOrder
from ipaas.sandbox.magento.errors import bad, internal, required, wrong_type
from ipaas.sandbox.magento.official import Official, Schema

SORT_FIELD = re.compile(r"^\w+$", re.ASCII)
SCALARS = ("integer", "number", "boolean", "string")


def columns_of(official: Official, answer: Schema | None) -> Columns:
    """The scalar fields of a list's items, or of one object: name -> type."""
    schema = official.resolve(answer or {})
    items = schema.get("properties", {}).get("items")
    row = official.resolve(items["items"]) if items else schema
    return {name: inner["type"] for name, inner in row.get("properties", {}).items() if inner.get("type") in SCALARS}


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
    return given[name] if name in given else given.get(snake(name))


def _refuse_unknown(given: Mapping[str, Any], *names: str) -> None:
    known = {spelling for name in names for spelling in (name, snake(name))}
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
