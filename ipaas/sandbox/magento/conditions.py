"""Conditions of searchCriteria as MySQL decides them: letter case ignored, NULL meets nothing (apis/magento.md §6)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ipaas.sandbox.magento.errors import internal
from ipaas.sandbox.magento.state import Row

NUMBERS = ("integer", "number", "boolean")
LEADING_NUMBER = re.compile(r"\s*(-?\d+(?:\.\d+)?)")
MOMENT = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{1,2})(?::(\d{1,2}))?(?:\.\d*)?)?$")
NULLS = ("null", "notnull")
COMPARISONS = ("eq", "neq", "gt", "gteq", "from", "lt", "lteq", "to")
Value = Any  # Decimal for a column of numbers, folded text for any other


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter; `value` is the text that was sent, None where there was none."""

    field: str
    condition: str
    value: str | None

    def echo(self) -> Row:
        """As `search_criteria` repeats it."""
        return {"field": self.field, "value": self.value, "condition_type": self.condition}


def comparable(value: Any, kind: str) -> Value:
    """A column's or a filter's value as the column compares it. Text that is no number counts as 0."""
    if kind in NUMBERS:
        if isinstance(value, bool | int | Decimal):
            return Decimal(value)
        leading = LEADING_NUMBER.match(str(value))
        return Decimal(leading[1]) if leading else Decimal(0)
    return str(value).casefold()


def ordering(field: str, kind: str) -> Callable[[Row], Any]:
    """A sort key for the column; NULL comes first."""
    return lambda row: (False, "") if row.get(field) is None else (True, comparable(row[field], kind))


def matches(row: Row, wanted: Filter, kind: str) -> bool:
    """Whether the row meets the filter, whose condition is known. Raises `Refused` for a value that is no moment."""
    value = row.get(wanted.field)
    if wanted.condition == "null":
        return value is None
    if wanted.condition == "notnull":
        return value is not None
    if value is None or wanted.value is None:
        return False
    return CONDITIONS[wanted.condition](value, _literal(wanted), kind)


def _literal(wanted: Filter) -> str:
    """The value as the column's type reads it: a moment in one spelling. Raises `Refused` for what is no moment."""
    value = str(wanted.value)
    if not wanted.field.endswith("_at") or wanted.condition not in COMPARISONS:
        return value
    moment = MOMENT.match(value.strip())
    if moment is None:
        raise internal()
    year, month, day, hour, minute, second = (int(part or 0) for part in moment.groups())
    return f"{year:04d}-{month:02d}-{day:02d} {hour:02d}:{minute:02d}:{second:02d}"


def _compared(decide: Callable[[Value, Value], bool]) -> Callable[[Any, str, str], bool]:
    return lambda value, wanted, kind: decide(comparable(value, kind), comparable(wanted, kind))


def _in(value: Any, wanted: str, kind: str) -> bool:
    return comparable(value, kind) in {comparable(one, kind) for one in wanted.split(",")}


def _like(value: Any, wanted: str, kind: str) -> bool:
    pattern = "".join({"%": ".*", "_": "."}.get(letter, re.escape(letter)) for letter in wanted)
    return re.fullmatch(pattern, _text(value), re.IGNORECASE | re.DOTALL) is not None


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def _finset(value: Any, wanted: str, kind: str) -> bool:
    return wanted.casefold() in _text(value).casefold().split(",")


def _regexp(value: Any, wanted: str, kind: str) -> bool:
    try:
        return re.search(wanted, _text(value), re.IGNORECASE) is not None
    except re.error as exc:
        raise internal() from exc


def _not(test: Callable[[Any, str, str], bool]) -> Callable[[Any, str, str], bool]:
    return lambda value, wanted, kind: not test(value, wanted, kind)


EQUAL = _compared(lambda a, b: a == b)
AT_LEAST = _compared(lambda a, b: a >= b)
AT_MOST = _compared(lambda a, b: a <= b)
CONDITIONS: dict[str, Callable[[Any, str, str], bool]] = {
    "eq": EQUAL,
    "neq": _not(EQUAL),
    "gt": _compared(lambda a, b: a > b),
    "gteq": AT_LEAST,
    "from": AT_LEAST,
    "lt": _compared(lambda a, b: a < b),
    "lteq": AT_MOST,
    "to": AT_MOST,
    "in": _in,
    "nin": _not(_in),
    "like": _like,
    "nlike": _not(_like),
    "finset": _finset,
    "nfinset": _not(_finset),
    "regexp": _regexp,
}
