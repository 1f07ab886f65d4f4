"""Bodies: one JSON object, of bounded size and depth, each name once, and nothing that no text can hold."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from ipaas.odd_requests import is_storable
from syncjobs.api.problems import Problem

LARGEST = 256 * 1024  # bytes
DEEPEST = 8


class StrictJSON(BaseParser):
    """Reads a JSON object. Raises ParseError for what is none, Problem for what is too large."""

    media_type = "application/json"

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        raw = stream.read(LARGEST + 1)
        if len(raw) > LARGEST:
            raise Problem("too_large", f"The body is larger than {LARGEST // 1024} kB.")
        return read(raw)


def read(raw: bytes) -> dict[str, Any]:
    """What a body holds. Raises ParseError in words."""
    try:
        value = json.loads(raw.decode(), object_pairs_hook=_each_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as exc:
        raise ParseError(f"The body is no JSON that we take: {exc}"[:200]) from exc
    if not isinstance(value, dict):
        raise ParseError("The body must be one JSON object.")
    _check(value, 0)
    return value


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number of JSON")


def _check(value: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise ParseError(f"The body is nested deeper than {DEEPEST} levels.")
    if isinstance(value, str) and not is_storable(value):
        raise ParseError("A text holds a sign that no text can hold.")
    if isinstance(value, dict):
        for name, inner in value.items():
            _check(name, depth)
            _check(inner, depth + 1)
    if isinstance(value, list):
        for inner in value:
            _check(inner, depth + 1)


class Wish(serializers.Serializer[Any]):
    """What a request may hold, and nothing else: a field that is not declared is an error."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            odd = [str(name) for name in data if name not in self.fields]
            if odd:
                raise serializers.ValidationError({name: ["This field is not known."] for name in odd})
        return super().to_internal_value(data)


def wished(request: Request, wish: type[Wish]) -> dict[str, Any]:
    """The checked values of a request's body. Raises ValidationError."""
    read_as = wish(data=request.data)
    read_as.is_valid(raise_exception=True)
    return dict(read_as.validated_data)
