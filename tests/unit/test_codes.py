"""Every code of a hold, a skip or a finding is told by a story that is played over HTTP.

Both sides are read from the source, so that no list can go out of date: the codes from the calls that give them, the
stories from the tests that name them in rooms where both outside systems answer. That a story does produce what it
names is seen where all of them run (`tests/conftest.py`).
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.codes import CODES, ROOT, STORIES, listed, named


@cache
def told() -> frozenset[str]:
    """Every text that a story says: the tests themselves, what they are parametrised with, and their helpers."""
    found: set[str] = set()
    for folder in STORIES:
        for path in (ROOT / "tests" / folder).rglob("test_*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.FunctionDef):
                    found |= set(texts(path, node))
    return frozenset(found)


def texts(path: Path, node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value
        elif isinstance(part, ast.Name) and part.id.isupper():
            yield from named(path, part.id)
            yield from listed(path, part.id)
        elif isinstance(part, ast.Attribute) and part.attr.isupper() and isinstance(part.value, ast.Name):
            yield from named(path, part.value.id, part.attr)


def test_codes_are_found() -> None:
    names = {code for code, _ in CODES}
    assert {"item_not_linked", "several_destinations", "deleted_after_booking", "invoice_voided", "archived"} <= names


def test_every_code_is_told_by_a_story() -> None:
    assert {code: place for code, place in CODES if code not in told()} == {}
