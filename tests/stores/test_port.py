"""The port says of each question how many calls it is, and holds none that nobody asks."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PORT = ROOT / "syncjobs/stores/port.py"
ASKING = ("syncjobs", "mappings", "connections")


def questions() -> Iterator[tuple[str, ast.FunctionDef]]:
    for one in ast.parse(PORT.read_text()).body:
        if isinstance(one, ast.ClassDef) and any(getattr(base, "id", "") == "Protocol" for base in one.bases):
            yield from ((one.name, method) for method in one.body if isinstance(method, ast.FunctionDef))


def asked() -> set[str]:
    """Every attribute that the product names outside the rooms that fulfil the port."""
    return {
        node.attr
        for room in ASKING
        for path in (ROOT / room).rglob("*.py")
        if not path.is_relative_to(PORT.parent)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
    }


@pytest.mark.parametrize(("capability", "method"), list(questions()), ids=lambda one: getattr(one, "name", one))
def test_each_question_says_what_it_costs(capability: str, method: ast.FunctionDef) -> None:
    assert "call" in (ast.get_docstring(method) or "").casefold(), f"{capability}.{method.name}"


def test_nothing_stands_there_that_nobody_asks() -> None:
    names = {method.name for _, method in questions() if not method.name.startswith("__")}
    assert len(names) > 30
    assert names - asked() == set()
