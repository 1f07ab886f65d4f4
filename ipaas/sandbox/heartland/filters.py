"""The four filter spellings of §4.9, read into conditions and turned into a test of rows."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from ipaas.sandbox.core.jsonio import BadJson, loads
from ipaas.sandbox.core.tables import Row
from ipaas.sandbox.heartland.errors import invalid_request
from ipaas.sandbox.heartland.fields import Kind, Resource, coerce
from ipaas.sandbox.heartland.times import read_local, read_time

OPERATORS = frozenset(("$eq", "$neq", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$like"))
BRACKETS = re.compile(r"\[([^\]]*)\]")
Test = Callable[[Row], bool]


@dataclass(frozen=True, slots=True)
class Condition:
    """`field op operand`."""

    field: str
    op: str
    operand: Any


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of several lists of conditions holds (`$or`)."""

    parts: tuple["Conditions", ...]


Conditions = tuple["Condition | Either", ...]  # all must hold


def read_filters(args: "MultiDict[str, str]", resource: Resource, *, strict: bool) -> Conditions:
    """Every condition of a query string. Raises 400 `invalid_request`."""
    found: list[Condition | Either] = []
    nested: dict[str, Any] = {}
    for key, value in args.items(multi=True):
        if key in ("_filter", "_filter[]"):
            found += _conditions(_json(value), strict)
        elif key.startswith(("_filter[", "~[")):
            _nest(nested, BRACKETS.findall(key), value)
        elif key in resource.plain:
            found.append(Condition(key, "$eq", value))
    found += _conditions(_lists(nested), strict)
    return tuple(found)


def _json(text: str) -> Any:
    try:
        return loads(text)
    except BadJson as exc:
        raise invalid_request("_filter is not valid JSON") from exc


def _nest(into: dict[str, Any], path: Sequence[str], value: str) -> None:
    """`[a][$in][]=x` into `{"a": {"$in": ["x"]}}`."""
    if path[-1:] == [""]:
        path, many = path[:-1], True
    else:
        many = False
    if not path:
        raise invalid_request("a filter needs a field")
    for step in path[:-1]:
        into = into.setdefault(step, {})
        if not isinstance(into, dict):
            raise invalid_request(f"conflicting filters on {step}")
    if many:
        into.setdefault(path[-1], []).append(value)
    else:
        into[path[-1]] = value


def _lists(value: Any) -> Any:
    """Turn `{"0": a, "1": b}` of bracketed lists into `[a, b]`."""
    if not isinstance(value, dict):
        return value
    inner = {key: _lists(one) for key, one in value.items()}
    if inner and all(key.isdecimal() for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner


def _conditions(value: Any, strict: bool) -> list[Condition | Either]:
    if isinstance(value, list):
        return [condition for one in value for condition in _conditions(one, strict)]
    if not isinstance(value, dict):
        raise invalid_request("a filter must be an object or a list")
    found: list[Condition | Either] = []
    for key, operand in value.items():
        if key == "$and":
            found += _conditions(operand if isinstance(operand, list) else [operand], strict)
        elif key == "$or":
            parts = operand if isinstance(operand, list) else [operand]
            found.append(Either(tuple(tuple(_conditions(part, strict)) for part in parts)))
        else:
            found += _of_field(key, operand, strict)
    return found


def _of_field(field: str, operand: Any, strict: bool) -> list[Condition | Either]:
    if isinstance(operand, list):
        return [Condition(field, "$in", operand)]
    if not isinstance(operand, dict):
        return [Condition(field, "$eq", operand)]
    found: list[Condition | Either] = []
    for op, value in operand.items():
        if op in OPERATORS:
            found.append(Condition(field, op, value))
        elif strict:
            raise invalid_request(f"unknown operator {op} on {field}")
    return found


def checked(conditions: Conditions, kind_of: Callable[[str], Kind]) -> Conditions:
    """The conditions with operands read as their field's kind. Raises 400 for an unknown field or a bad operand."""
    return tuple(
        Either(tuple(checked(part, kind_of) for part in one.parts)) if isinstance(one, Either) else _typed(one, kind_of)
        for one in conditions
    )


def _typed(one: Condition, kind_of: Callable[[str], Kind]) -> Condition:
    kind = kind_of(one.field)
    try:
        if one.op in ("$in", "$nin"):
            many = one.operand if isinstance(one.operand, list) else [one.operand]
            return Condition(one.field, one.op, [operand(kind, value) for value in many])
        if one.op == "$like":
            return Condition(one.field, one.op, str(one.operand))
        return Condition(one.field, one.op, operand(kind, one.operand))
    except ValueError as exc:
        raise invalid_request(f"{one.field} {exc}") from exc


def operand(kind: Kind, value: Any) -> Any:
    """A value to compare with: times as datetimes, the rest as stored."""
    if value is None:
        return None
    if kind == "time":
        return read_time(value)
    if kind == "local":
        return read_local(value)
    return coerce(kind, value)


def comparable(kind: Kind, value: Any) -> Any:
    """A row's value ready to be compared with `operand`."""
    if value is None:
        return None
    if kind == "time":
        return read_time(value)
    if kind == "local":
        return read_local(value)
    return value


def value_of(row: Mapping[str, Any], field: str) -> Any:
    """A field's value; `custom@key` looks into the custom values, blank when unset."""
    owner, at, key = field.partition("@")
    if not at or field in row:
        return row.get(field)
    value = (row.get(owner) or {}).get(key)
    return "" if value is None else str(value)


COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "$eq": lambda value, wanted: bool(value == wanted),
    "$neq": lambda value, wanted: bool(value != wanted),
    "$gt": lambda value, wanted: value is not None and wanted is not None and value > wanted,
    "$gte": lambda value, wanted: value is not None and wanted is not None and value >= wanted,
    "$lt": lambda value, wanted: value is not None and wanted is not None and value < wanted,
    "$lte": lambda value, wanted: value is not None and wanted is not None and value <= wanted,
    "$in": lambda value, wanted: value in wanted,
    "$nin": lambda value, wanted: value not in wanted,
}


def test_of(conditions: Iterable[Condition | Either], kind_of: Callable[[str], Kind]) -> Test:
    """A function that answers whether a row meets all conditions."""
    tests = [_test(one, kind_of) for one in conditions]
    return lambda row: all(test(row) for test in tests)


def _test(one: Condition | Either, kind_of: Callable[[str], Kind]) -> Test:
    if isinstance(one, Either):
        parts = [test_of(part, kind_of) for part in one.parts]
        return lambda row: any(part(row) for part in parts)
    kind, field, wanted = kind_of(one.field), one.field, one.operand
    if one.op == "$like":
        pattern = re.compile(".*".join(map(re.escape, wanted.split("*"))), re.DOTALL)
        return lambda row: pattern.fullmatch(str(value_of(row, field) or "")) is not None
    compare = COMPARE[one.op]
    return lambda row: compare(comparable(kind, value_of(row, field)), wanted)


def fields_of(conditions: Iterable[Condition | Either]) -> set[str]:
    """Every field the conditions look at."""
    found: set[str] = set()
    for one in conditions:
        if isinstance(one, Either):
            found |= {field for part in one.parts for field in fields_of(part)}
        else:
            found.add(one.field)
    return found
