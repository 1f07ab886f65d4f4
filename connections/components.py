"""What the components of a page are given (templates/shared/components/, drawn on `/components/`)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest


@dataclass(frozen=True, kw_only=True)
class StateTab:
    """One tab of a list, such as *Needs you 9*. `count` None shows no number; `counted` says in words what it is of."""

    label: str
    href: str
    is_current: bool = False
    count: int | str | None = None
    counted: str = ""
    needs_you: bool = False


@dataclass(frozen=True, kw_only=True)
class FilterChip:
    """A filter that is set, such as *Store: Harbor & Pine*; `href` is the same list without it."""

    name: str
    value: str
    href: str


def undoable(request: HttpRequest, words: str, *, undo: str, fields: Mapping[str, str] | None = None) -> None:
    """Tell the person what was done, with *Undo*: a form that posts `fields` to the path `undo`."""
    messages.success(request, words, extra_tags=json.dumps({"undo": undo, "fields": dict(fields or {})}))


def undo_of(message: Any) -> dict[str, Any] | None:
    """Path and fields of a message's *Undo*: `{"undo": path, "fields": {name: value}}`, None for any other message."""
    tags = message.extra_tags or ""
    return json.loads(tags) if tags.startswith("{") else None
