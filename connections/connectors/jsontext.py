"""JSON with money in it: fractions are read as Decimal and written digit for digit, never through a float."""

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

MAX_DEPTH = 60
UNKEPT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")  # as JSON writes them

_quote = json.encoder.encode_basestring_ascii


class NotJson(ValueError):
    """A text that is not the JSON it claims to be."""


def _kept(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "�").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_kept(key): _kept(one) for key, one in value.items()}
    return [_kept(one) for one in value] if isinstance(value, list) else value


def _refuse_constant(word: str) -> Any:
    raise NotJson(f"{word} is not JSON")


def decode(text: str | bytes) -> Any:
    """Read JSON; fractions become Decimal. Raises NotJson, also for NaN and for bottomless nesting.

    Signs that no database keeps, NUL and halves of a pair, become U+FFFD.
    """
    try:
        value = json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
        return (
            _kept(value) if UNKEPT.search(text if isinstance(text, bytes) else text.encode(errors="replace")) else value
        )
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
