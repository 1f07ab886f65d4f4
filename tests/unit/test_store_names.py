"""A kind of store is named in its own rooms and nowhere else, so that another is another room (ARCHITECTURE.md)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("ipaas", "connections", "mappings", "errors", "syncjobs")
NAMES = re.compile("bigcommerce|magento", re.IGNORECASE)
OWN = re.compile(
    r"connections/(connectors|connect)/(bigcommerce|magento)/"
    r"|mappings/core/(bigcommerce|magento)/|syncjobs/stores/(bigcommerce|magento)/|ipaas/sandbox/"
    r"|templates/connections/(bigcommerce|bigcommerce_begin|magento/\w+|framed_\w+|install_failed|claim|_missing_scopes)\.html$"
    r"|\w+/migrations/|syncjobs/stories/|syncjobs/management/commands/(demo|soak|attack|bench)\.py$"
)
EXCEPTIONS = {
    "connections/management/commands/connect.py": "connects a store of each kind from the command line",
    "connections/signin/passwords.py": "words that no password of ours may consist of",
    "connections/urls.py": "the addresses of each kind's connect pages",
    "ipaas/settings.py": "each kind's credentials and addresses",
    "ipaas/types.py": "System, the values that tables hold",
    "syncjobs/apps.py": "registers the kinds",
}


def test_a_store_is_named_in_its_own_rooms_alone() -> None:
    strays = {path: places for path, places in strays_by_file().items() if path not in EXCEPTIONS}
    assert not strays, "\n".join(f"{path}:{line}: {text}" for path, places in strays.items() for line, text in places)


def test_every_exception_is_still_needed() -> None:
    assert EXCEPTIONS.keys() - strays_by_file().keys() == set()


def strays_by_file() -> dict[str, list[tuple[int, str]]]:
    """Files outside the stores' own rooms that name a store: path → lines with what names it."""
    found = {}
    for path in files():
        name = path.relative_to(ROOT).as_posix()
        if not OWN.match(name) and (places := named_in(path)):
            found[name] = places
    return found


def files() -> Iterator[Path]:
    for room in ROOMS:
        yield from (ROOT / room).rglob("*.py")
    yield from (path for path in (ROOT / "templates").rglob("*") if path.is_file())


def named_in(path: Path) -> list[tuple[int, str]]:
    source = path.read_text(encoding="utf-8")
    words = words_of_code(source) if path.suffix == ".py" else words_of_template(source)
    return [(line, text) for line, text in words if NAMES.search(text)]


def words_of_template(source: str) -> Iterator[tuple[int, str]]:
    yield from enumerate(re.sub(r"\{#.*?#\}", "", source).splitlines(), start=1)


def words_of_code(source: str) -> Iterator[tuple[int, str]]:
    """Identifiers, imports and texts, without comments and docstrings, which may cite what a system documents."""
    tree = ast.parse(source)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if id(node) not in docstrings:
            yield from ((getattr(node, "lineno", 0), text) for text in texts(node))


def texts(node: ast.AST) -> Iterator[str]:
    """What a node itself says: its names and a constant's text, not its children's."""
    for _, value in ast.iter_fields(node):
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str):
                yield one


def test_words_are_found_in_code() -> None:
    source = '"""BigCommerce"""\nimport a.bigcommerce as b  # BigCommerce\nx.bigcommerce(f"at {y} of BigCommerce")\n'
    assert [line for line, text in words_of_code(source) if NAMES.search(text)] == [2, 3, 3]
