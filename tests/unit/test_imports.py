"""Imports run one way: syncjobs → errors → mappings → connections → ipaas, and inner packages stay pure."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ["ipaas", "connections", "mappings", "errors", "syncjobs"]  # inner to outer
PURE = {  # package or module → the only rooms it may import from
    "mappings/core": {"mappings.core", "errors.failures", "ipaas.types", "ipaas.cards"},
    "connections/connectors": {"connections.connectors", "errors.failures", "ipaas.types", "ipaas.masking"},
    "errors/failures.py": {"ipaas.masking"},
    "ipaas/types.py": set(),
    "ipaas/cards.py": set(),
    "ipaas/masking.py": {"ipaas.cards"},
}
FAILURES = "errors.failures"  # the one outer module that every room may name: it is pure


def modules(part: str) -> Iterator[Path]:
    path = ROOT / part
    found = [path] if path.is_file() else sorted(path.rglob("*.py"))
    yield from (module for module in found if "migrations" not in module.parts)


def imported(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{name.name}" for name in node.names)


def is_within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


@pytest.mark.parametrize("room", ROOMS)
def test_no_room_imports_an_outer_one(room: str) -> None:
    outer = ROOMS[ROOMS.index(room) + 1 :]
    wrong = [
        f"{module.relative_to(ROOT)} imports {name}"
        for module in modules(room)
        for name in imported(module)
        if any(is_within(name, other) for other in outer) and not is_within(name, FAILURES)
    ]
    assert wrong == []


@pytest.mark.parametrize("part", PURE)
def test_pure_packages_know_neither_django_nor_the_rooms_around_them(part: str) -> None:
    allowed = PURE[part]
    wrong = [
        f"{module.relative_to(ROOT)} imports {name}"
        for module in modules(part)
        for name in imported(module)
        if is_within(name, "django")
        or (any(is_within(name, room) for room in ROOMS) and not any(is_within(name, other) for other in allowed))
    ]
    assert wrong == []


def test_the_sandbox_knows_nothing_of_the_product() -> None:
    wrong = [
        f"{module.relative_to(ROOT)} imports {name}"
        for module in modules("ipaas/sandbox")
        for name in imported(module)
        if is_within(name, "django")
        or (any(is_within(name, room) for room in ROOMS) and not is_within(name, "ipaas.sandbox"))
    ]
    assert wrong == []


def test_the_product_does_not_know_the_sandbox() -> None:
    wrong = [
        f"{module.relative_to(ROOT)} imports {name}"
        for room in ROOMS
        for module in modules(room)
        if "sandbox" not in module.parts
        for name in imported(module)
        if is_within(name, "ipaas.sandbox")
    ]
    assert wrong == []
