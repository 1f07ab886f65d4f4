"""The `fields` query parameter: which parts of an answer are sent (apis/magento.md §3)."""

from __future__ import annotations

import re
from typing import Any

ALLOWED = re.compile(r"^[\w\[\],]+$")
TOKEN = re.compile(r"[\[\],]|\w+")
Wanted = dict[str, "Wanted"]  # name -> what is wanted of it; empty: all of it


def project(answer: Any, expression: str) -> Any:
    """The answer cut to the expression; a malformed expression leaves an empty list."""
    wanted = _parse(expression)
    if wanted is None:
        return []
    return _cut(answer, wanted)


def _parse(expression: str) -> Wanted | None:
    if not ALLOWED.match(expression) or expression.count("[") != expression.count("]"):
        return None
    stack: list[Wanted] = [{}]
    last = ""
    for token in TOKEN.findall(expression):
        if token == "[":
            if not last:
                return None
            stack.append(stack[-1][last])
            last = ""
        elif token == "]":
            stack.pop()
            last = ""
            if not stack:
                return None
        elif token != ",":
            stack[-1][token] = {}
            last = token
    return stack[0]


def _cut(value: Any, wanted: Wanted) -> Any:
    if isinstance(value, list):
        return [_cut(entry, wanted) for entry in value if isinstance(entry, dict | list)]
    if not isinstance(value, dict):
        return value
    kept = {name: _part(name, value[name], inner) for name, inner in wanted.items() if name in value}
    return kept or []  # PHP has one kind of array, and an empty one is written as a list


def _part(name: str, value: Any, wanted: Wanted) -> Any:
    if not wanted:
        return value
    if name == "custom_attributes":
        return [entry for entry in value if entry["attribute_code"] in wanted]
    return _cut(value, wanted)
