"""Codes of holds, skips and findings: those that the source gives, and those that stories were seen to produce."""

import ast
import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
ROOMS = ("mappings", "errors", "syncjobs", "connections")
STORIES = ("flows", "stock", "catalogue", "connections")  # folders of tests that play against both systems
GIVERS = {  # what gives a code: the position of the code, where it is no keyword
    "Violation": None,
    "Skip": None,
    "Hold": None,
    "Outcome": None,
    "_address_violation": None,
    "skipped": 0,
    "_skip": 1,
    "choice_needed": 1,
    "refund_violation": 1,
    "charge_violation": 1,
    "_missing": 1,
    "warn": 0,  # of the preflight
    "block": 0,
}
FINDERS = {"warn", "block"}
Code = tuple[str, str]  # the code, and where it is given


def modules() -> Iterator[Path]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def given(path: Path) -> Iterator[Code]:
    """Codes that a module gives, its constants resolved; what it hands through is given elsewhere."""
    tree = ast.parse(path.read_text())
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        if name not in GIVERS or (name in FINDERS and "preflight" not in path.parts):
            continue
        node = next((keyword.value for keyword in call.keywords if keyword.arg == "code"), None)
        place = GIVERS[name]
        if node is None and place is not None and len(call.args) > place:
            node = call.args[place]
        for code in values(path, node):
            yield code, f"{path.relative_to(ROOT)}:{call.lineno}"


def values(path: Path, node: ast.expr | None) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)) if text:
            yield text
        case ast.Name(id=name):
            yield from named(path, name)
        case ast.Attribute(value=ast.Name(id=owner), attr=name):
            yield from named(path, owner, name)
        case ast.IfExp(body=body, orelse=orelse):
            yield from values(path, body)
            yield from values(path, orelse)
        case _:
            return


def named(path: Path, *names: str) -> Iterator[str]:
    """The text that a constant of the module stands for; nothing for what is no constant."""
    found: object = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    for name in names:
        found = getattr(found, name, None)
    if isinstance(found, str):
        yield str(found)


def listed(path: Path, name: str) -> Iterator[str]:
    """The texts of a constant that lists some."""
    found = getattr(importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts)), name, None)
    if isinstance(found, tuple | list | set | frozenset):
        yield from (text for text in found if isinstance(text, str))


CODES = sorted({code for path in modules() for code in given(path)})


class Seen:
    """The codes that stories were seen to produce: what the product makes while one is told, and no test itself."""

    def __init__(self) -> None:
        self.codes: set[str] = set()
        self.is_on = False

    def watch(self, kind: type, counts: Callable[[Any], bool] = lambda made: True) -> None:
        """Note the code of every object of this kind, from now on."""
        init = kind.__init__  # type: ignore[misc]

        def noting(made: Any, *args: Any, **fields: Any) -> None:
            init(made, *args, **fields)
            maker = sys._getframe(1).f_globals.get("__name__", "")
            if self.is_on and counts(made) and not maker.startswith("tests."):
                self.codes.add(made.code)

        setattr(kind, "__init__", noting)  # noqa: B010
