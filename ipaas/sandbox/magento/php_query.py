"""Query strings as PHP reads them: `a[b][0]=x` is nested, `a[]=x` counts up, the last value of a name wins."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote_plus

NAME = re.compile(r"^([^\[]+)((?:\[[^\]]*\])*)")
PART = re.compile(r"\[([^\]]*)\]")


def parse(query: str) -> dict[str, Any]:
    """The nested values of a raw query string; lists stay mappings with number keys, as PHP's arrays are."""
    found: dict[str, Any] = {}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        match = NAME.match(unquote_plus(name))
        if match is not None:
            _put(found, [match[1], *PART.findall(match[2])], unquote_plus(value))
    return found


def _put(into: dict[str, Any], path: list[str], value: str) -> None:
    for step in path[:-1]:
        key = step or str(_next(into))
        if not isinstance(into.get(key), dict):
            into[key] = {}
        into = into[key]
    into[path[-1] or str(_next(into))] = value


def _next(array: dict[str, Any]) -> int:
    numbers = [int(key) for key in array if key.isdecimal()]
    return max(numbers) + 1 if numbers else 0
