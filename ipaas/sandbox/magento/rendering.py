"""Rows as answers: cut to the official schema, cast to its types, nulls left out where it may (apis/magento.md §3)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ipaas.sandbox.magento.official import Official, Schema

LEFT_OUT_WHEN_EMPTY = ("extension_attributes", "custom_attributes")


def render(official: Official, schema: Schema | None, value: Any) -> Any:
    """An answer by its schema. A void service answers []; scalars at the top are not cast."""
    if schema is None:
        return [] if value is None else value
    return _render(official, schema, value) if isinstance(value, dict | list) else value


def _render(official: Official, schema: Schema, value: Any) -> Any:
    schema = official.resolve(schema)
    if isinstance(value, Mapping):
        return _object(official, schema, value) if "properties" in schema else dict(value)
    if isinstance(value, list | tuple):
        items = schema.get("items")
        return [_render(official, items, entry) if items else entry for entry in value]
    return _cast(schema.get("type"), value)


def _object(official: Official, schema: Schema, row: Mapping[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    needed = schema.get("required", ())
    for name, inner in schema["properties"].items():
        value = row.get(name)
        if value is not None:
            value = _render(official, inner, value)
        if name in LEFT_OUT_WHEN_EMPTY and not value:
            continue
        if value is not None or name in needed:
            answer[name] = value
    return answer


def _cast(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if kind == "integer":
        return int(value)
    if kind == "number":
        return value if isinstance(value, int) else Decimal(str(value))
    if kind == "boolean":
        return value not in (False, 0, "", "0")
    if kind == "string":
        return str(int(value)) if isinstance(value, bool) else str(value)
    return value
