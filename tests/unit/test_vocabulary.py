"""What the product may ever say to a merchant, read off its source: no word of the engine, and one table of words."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from connections.vocabulary import ENGINE_WORDS, STATES, WORDS
from tests.screens.test_vocabulary import WORD, visible

ROOT = Path(__file__).parents[2]
ROOMS = ("connections", "errors", "mappings", "syncjobs")
FOR_ENGINEERS = re.compile(
    r"(^|/)(admin\.py|admin_site\.py|migrations/|management/|stories/|trail\.py|metrics\.py|console/)"
)
LOGGED = {"debug", "info", "warning", "error", "exception", "one_of_many"}  # calls whose texts no merchant reads
OWN = {"connections/vocabulary.py", "connections/views/components.py"}  # the table, and the page that shows components
SQL = re.compile(r"\b(SELECT|UPDATE|INSERT|WITH|AND|CASE|CAST|SET)\b")
OF_PROGRAMS = {"components", "developers", "platform_admin"}  # folders of templates that no merchant works with
TAGS = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
ACTS = [words for key, words in WORDS.items() if key not in STATES]
LITERAL = re.compile(rf"\b({'|'.join(ACTS)})\b(?!-)|\bdaily proof\b|\bcheck-up\b")


@cache
def templates() -> list[tuple[str, str]]:
    """By path, what people would see of each template, without what it fills in."""
    found = []
    for path in sorted((ROOT / "templates").rglob("*.*")):
        if path.parent.name not in OF_PROGRAMS:
            text = TAGS.sub("\x00", path.read_text())
            found.append((str(path.relative_to(ROOT)), visible(text) if path.suffix == ".html" else text))
    return found


@cache
def sentences() -> list[tuple[str, str]]:
    """By place, the texts in the code that may reach a person: no docstrings, names, logs or statements of SQL."""
    found = []
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            where = str(path.relative_to(ROOT))
            if not FOR_ENGINEERS.search(where):
                texts = texts_of(ast.parse(path.read_text()))
                found += [(f"{where}:{text.lineno}", str(text.value)) for text in texts]
    return found


def texts_of(tree: ast.Module) -> Iterator[ast.Constant]:
    passed = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            passed |= {id(one) for one in node.args} if name in LOGGED else set()
        if isinstance(node, ast.FunctionDef) and node.name in {"__str__", "__repr__"}:
            passed |= {id(one) for one in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in passed:
            yield node


def is_own(where: str) -> bool:
    return where.partition(":")[0] in OWN


def around(text: str, found: re.Match[str]) -> str:
    return text[max(found.start() - 30, 0) : found.end() + 30]


def test_no_template_and_no_sentence_has_a_word_of_the_engine() -> None:
    passed = {"Dead letter"}  # a job's status, which the platform admin alone reads
    texts = [(where, text) for where, text in sentences() if " " in text.strip() and not SQL.search(text)]
    said = [*templates(), *((where, text) for where, text in texts if text not in passed and not is_own(where))]
    found = [f"{where}: …{around(text, one)}…" for where, text in said for one in WORD.finditer(text)]
    assert found == [], "say it in the words of connections/vocabulary.py"


def test_no_template_spells_out_what_the_vocabulary_calls_an_act() -> None:
    found = [f"{where}: …{around(text, one)}…" for where, text in templates() for one in LITERAL.finditer(text)]
    assert found == [], 'take it from the table: {{ "retry"|word }}'


def test_no_label_in_the_code_is_a_word_of_the_vocabulary_by_itself() -> None:
    theirs = "mappings/core/bigcommerce/statuses.py"  # what BigCommerce itself calls its statuses
    labels = [where for where, text in sentences() if text in WORDS.values()]
    found = [where for where in labels if not is_own(where) and not where.startswith(theirs)]
    assert found == [], "import it from connections/vocabulary.py"


def test_the_look_sees_what_it_is_to_see() -> None:
    tree = ast.parse(
        '"""A lane."""\nlogger.info("a lane of %s", 1)\nsummary = f"Order {name} is a dead letter"\nRETRY = "Retry"'
    )
    assert {one.value for one in texts_of(tree)} == {"Order ", " is a dead letter", "Retry"}
    assert all(WORD.search(f"the {word} is") for word in ENGINE_WORDS)
    assert [bool(LITERAL.search(text)) for text in ("Retry now", "a daily proof", "Retry-After", "retrying")] == [
        True, True, False, False,
    ]  # fmt: skip
