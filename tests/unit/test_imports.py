"""Imports run one way: between the rooms, between the rooms inside them, and nowhere in a circle."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ["ipaas", "connections", "mappings", "errors", "syncjobs"]  # inner to outer
INSIDE = {  # room → its own rooms, inner to outer; those on one line know nothing of each other
    "syncjobs": [
        ["models"],
        ["callbacks"],
        ["stores", "pos"],
        ["flows"],
        ["engine"],
        ["bulk"],
        ["stock", "catalogue"],
        ["proof", "money"],
        ["intake"],
        ["distribution"],
        ["alerting"],
        ["pages", "tasks"],
        ["api"],
        ["cluster"],
        ["stories"],
    ],
    "mappings/core": [["canonical"], ["rules"], ["heartland", "bigcommerce", "magento"]],
    "connections/connectors": [["heartland", "bigcommerce", "magento"]],
}
ENTRANCES = {"syncjobs/admin.py", "syncjobs/urls.py", "syncjobs/apps.py"}  # they name whatever they open
MAY_IMPORT_PAGES = (
    "syncjobs/pages/",
    "syncjobs/api/",
    "syncjobs/stories/",
    "syncjobs/management/",
    "syncjobs/templatetags/",
)
PURE = {  # package or module → the only rooms it may import from
    "mappings/core": {"mappings.core", "errors.failures", "ipaas.types", "ipaas.cards"},
    "connections/connectors": {"connections.connectors", "errors.failures", "ipaas.types", "ipaas.masking"},
    "errors/failures.py": {"ipaas.masking"},
    "ipaas/types.py": set(),
    "ipaas/cards.py": set(),
    "ipaas/masking.py": {"ipaas.cards"},
}
KNOW_NO_STORE = (  # they ask the port
    "syncjobs/bulk",
    "syncjobs/stock",
    "syncjobs/catalogue",
    "syncjobs/bulk",
    "syncjobs/pages/inventory",
    "syncjobs/pages/items",
    "connections/store_lists.py",
    "mappings/catalogue.py",
    "mappings/link_states.py",
    "mappings/linking.py",
    "mappings/core/canonical/listing.py",
    "mappings/core/canonical/product.py",
    "mappings/core/rules/product_changes.py",
    "mappings/core/rules/product_limits.py",
    "mappings/core/rules/product_obstacles.py",
)
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


def path_of(module: Path) -> str:
    return module.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("room", ROOMS)
def test_no_room_imports_an_outer_one(room: str) -> None:
    outer = ROOMS[ROOMS.index(room) + 1 :]
    wrong = [
        f"{path_of(module)} imports {name}"
        for module in modules(room)
        for name in imported(module)
        if any(is_within(name, other) for other in outer) and not is_within(name, FAILURES)
    ]
    assert wrong == []


@pytest.mark.parametrize("room", INSIDE)
def test_rooms_inside_a_room_import_inwards_only(room: str) -> None:
    floors = {name: floor for floor, names in enumerate(INSIDE[room]) for name in names}
    package = room.replace("/", ".")
    wrong = []
    for module in modules(room):
        here = module.relative_to(ROOT / room).parts[0].removesuffix(".py")
        for name in imported(module):
            there = name.removeprefix(f"{package}.").split(".")[0] if is_within(name, package) else here
            if here in floors and there in floors and there != here and floors[there] >= floors[here]:
                wrong.append(f"{path_of(module)} imports {name}")
    assert wrong == []


def test_every_module_of_syncjobs_stands_in_a_room() -> None:
    known = {name for names in INSIDE["syncjobs"] for name in names} | {"management", "templatetags", "__init__"}
    parts = {module.relative_to(ROOT / "syncjobs").parts[0].removesuffix(".py") for module in modules("syncjobs")}
    assert parts - known == {Path(entrance).stem for entrance in ENTRANCES}


def test_nothing_imports_pages_or_stories_but_what_opens_them() -> None:
    wrong = [
        f"{path_of(module)} imports {name}"
        for room in ROOMS
        for module in modules(room)
        if path_of(module) not in ENTRANCES and not path_of(module).startswith(MAY_IMPORT_PAGES)
        for name in imported(module)
        if is_within(name, "syncjobs.pages") or is_within(name, "syncjobs.stories")
    ]
    assert wrong == []


def test_there_is_no_circle() -> None:
    """Imports for types alone count too: who reads one of the files has to know the others."""
    found: dict[str, set[str]] = {}
    for room in ROOMS:
        for module in modules(room):
            name = path_of(module).removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            found[name] = set(imported(module))
    graph = {name: {known for one in used if (known := known_as(one, found))} - {name} for name, used in found.items()}
    assert circles(graph) == []


def known_as(name: str, found: dict[str, set[str]]) -> str:
    """The module that an import names: itself, or the one that holds it."""
    return name if name in found else name.rpartition(".")[0] if name.rpartition(".")[0] in found else ""


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """What is left when every module that imports nothing left, or that nothing left imports, is taken away."""
    left = {name: set(used) for name, used in graph.items()}
    while leaves := {name for name, used in left.items() if not used & left.keys()}:
        left = {name: used for name, used in left.items() if name not in leaves}
    while tops := left.keys() - {used for names in left.values() for used in names}:
        left = {name: used for name, used in left.items() if name not in tops}
    return [[name, *sorted(used & left.keys())] for name, used in sorted(left.items())]


@pytest.mark.parametrize("part", PURE)
def test_pure_packages_know_neither_django_nor_the_rooms_around_them(part: str) -> None:
    allowed = PURE[part]
    wrong = [
        f"{path_of(module)} imports {name}"
        for module in modules(part)
        for name in imported(module)
        if is_within(name, "django")
        or (any(is_within(name, room) for room in ROOMS) and not any(is_within(name, other) for other in allowed))
    ]
    assert wrong == []


def test_the_sandbox_knows_nothing_of_the_product() -> None:
    wrong = [
        f"{path_of(module)} imports {name}"
        for module in modules("ipaas/sandbox")
        for name in imported(module)
        if is_within(name, "django")
        or (any(is_within(name, room) for room in ROOMS) and not is_within(name, "ipaas.sandbox"))
    ]
    assert wrong == []


def test_the_product_does_not_know_the_sandbox() -> None:
    wrong = [
        f"{path_of(module)} imports {name}"
        for room in ROOMS
        for module in modules(room)
        if "sandbox" not in module.parts
        for name in imported(module)
        if is_within(name, "ipaas.sandbox")
    ]
    assert wrong == []


@pytest.mark.parametrize("part", KNOW_NO_STORE)
def test_what_asks_the_port_names_no_store(part: str) -> None:
    named = [path_of(module) for module in modules(part) if "bigcommerce" in module.read_text().casefold()]
    assert named == []


@pytest.mark.parametrize("part", ["templates/items", "templates/inventory"])
def test_pages_call_a_store_as_its_profile_does(part: str) -> None:
    named = [path_of(page) for page in (ROOT / part).glob("*.html") if "bigcommerce" in page.read_text().casefold()]
    assert named == []
