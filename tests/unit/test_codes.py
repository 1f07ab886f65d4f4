"""Every code of a hold, a skip or a finding is produced by a story that is played over HTTP.

Both sides are read from the source, so that no list can go out of date: the codes from the calls that give them, the
stories from the tests that assert them in rooms where both outside systems answer.
"""

import ast
import importlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("mappings", "errors", "syncjobs", "connections")
STORIES = ("flows", "stock", "catalogue", "connections")  # folders of tests that play against both systems
GIVERS = {  # what gives a code: the position of the code, where it is no keyword
    "Violation": None,
    "Skip": None,
    "Outcome": None,
    "_address_violation": None,
    "skipped": 0,
    "_skip": 1,
    "choice_needed": 1,
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


WITHOUT_STORY = {  # known gaps: a code leaves this list with the story that produces it
    "customisation_unclear",
    "mark",
    "nothing_to_ship",
    "stock_of_whole_product",
    "stock_refused",
}
CODES = sorted({code for path in modules() for code in given(path)})


def test_codes_are_found() -> None:
    names = {code for code, _ in CODES}
    assert {"item_not_linked", "several_destinations", "deleted_after_booking", "invoice_voided", "archived"} <= names


def test_every_code_is_produced_by_a_story() -> None:
    missing = {code: place for code, place in CODES if code not in told()}
    assert {code: place for code, place in missing.items() if code not in WITHOUT_STORY} == {}
    assert missing.keys() >= WITHOUT_STORY, "these have a story now: take them off the list"
