"""JSON with money in it: fractions are read as Decimal and written digit for digit, never through a float."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

MAX_DEPTH = 60

_quote = json.encoder.encode_basestring_ascii


class NotJson(ValueError):
    """A text that is not the JSON it claims to be."""


def _refuse_constant(word: str) -> Any:
    raise NotJson(f"{word} is not JSON")


def decode(text: str | bytes) -> Any:
    """Read JSON; fractions become Decimal. Raises NotJson, also for NaN and for bottomless nesting."""
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as exc:
        raise NotJson(f"not JSON: {type(exc).__name__}") from exc


def encode(value: Any, *, depth: int = 0) -> str:
    """Write JSON; `Decimal("21.60")` becomes 21.60. Refuses floats, which cannot hold money."""
    if depth > MAX_DEPTH:
        raise TypeError("JSON nested too deeply")
    if value is None or isinstance(value, bool | int):
        return json.dumps(value)
    if isinstance(value, str):
        return _quote(value)
    if isinstance(value, Decimal) and value.is_finite():
        return format(value, "f")
    if isinstance(value, Mapping):
        pairs = (f"{_quote(str(key))}:{encode(item, depth=depth + 1)}" for key, item in value.items())
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return "[" + ",".join(encode(item, depth=depth + 1) for item in value) + "]"
    raise TypeError(f"{type(value).__name__} does not go into JSON")
