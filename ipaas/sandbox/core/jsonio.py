"""JSON without float drift: numbers with a point are read as `Decimal` and written back digit for digit."""

import json
from decimal import Decimal
from typing import Any


class BadJson(ValueError):
    """A request body that is not the JSON it claims to be."""


def _refuse_constant(word: str) -> Any:
    raise BadJson(f"{word} is not JSON")


def loads(text: str | bytes) -> Any:
    """Read JSON; fractions become `Decimal`; NaN and Infinity are refused. Raises `BadJson`."""
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, UnicodeDecodeError) as exc:
        raise BadJson(str(exc)) from exc


def _reply_default(value: object) -> Any:
    # A double prints back up to 15 significant digits exactly, far more than money or quantities have.
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{type(value).__name__} does not go into JSON")


def dumps(value: Any) -> str:
    """Write JSON for an answer: `Decimal("24.00")` as 24, `Decimal("7.50")` as 7.5."""
    return json.dumps(value, default=_reply_default, ensure_ascii=False, separators=(",", ":"))


def _row_default(value: object) -> Any:
    # Always with a point, so that a stored Decimal comes back as a Decimal and never as an int.
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} does not go into a row")


def dump_row(value: Any) -> str:
    """Write JSON for the store: a `Decimal` stays one after `loads`."""
    return json.dumps(value, default=_row_default, ensure_ascii=False, separators=(",", ":"))
