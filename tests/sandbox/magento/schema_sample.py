"""One call of the walk in test_schema.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.sandbox.magento.schema_world import World


@dataclass(frozen=True)
class Sample:
    """One call."""

    values: dict[str, Any]
    query: str
    body: Any
    expected: int  # 200, or what the route always answers
    token: str  # "": the integration's


def at(query: str = "", body: Any = None, expected: int = 200, token: str = "", **values: Any) -> Sample:
    """A call with these path values."""
    return Sample(values, query, body, expected, token)


Samples = dict[str, Callable[[World], Sample]]  # by method and official path


def made(w: World, path: str, body: Any) -> Any:
    """What a call made, for one that follows."""
    answer = w.shop.post(path, body)
    assert answer.status_code == 200, answer.text
    return answer.json()
