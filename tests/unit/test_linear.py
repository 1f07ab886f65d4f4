"""No pattern of ours costs more than its text's length: steps are counted, nothing is timed."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.unit.steps import Machine, TooMany

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = ("ipaas", "connections", "mappings", "errors", "syncjobs")
CALLS = {"compile", "search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"}
LENGTH, PER_SIGN = 600, 160  # a quadratic pattern takes at least LENGTH / 2 steps a sign
MOST_PER_SIGN, DOUBLED = 1000, 3  # what only looks costly: a bounded number of steps, and no more of them when doubled


@dataclass(frozen=True)
class Pattern:
    """A pattern in our code, and by what it is used."""

    place: str
    text: str
    flags: int
    uses: frozenset[str]


def files() -> list[Path]:
    """Ours; the sandbox plays others' systems and meets no outsider."""
    return [path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "sandbox" not in path.parts]


def uses_of_names(trees: list[ast.Module]) -> dict[str, set[str]]:
    """By which methods names are used: NAME.sub(…), module.NAME.match(…)."""
    uses: dict[str, set[str]] = {}
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Attribute) and node.attr in CALLS:
            owner = node.value
            name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
            uses.setdefault(name, set()).add(node.attr)
    return uses


def patterns() -> Iterator[Pattern]:
    trees = {path: ast.parse(path.read_text()) for path in files()}
    uses = uses_of_names(list(trees.values()))
    for path, tree in trees.items():
        names = {
            id(node.value): node.targets[0].id
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            if not (isinstance(call.func, ast.Attribute) and call.func.attr in CALLS):
                continue
            if not (isinstance(call.func.value, ast.Name) and call.func.value.id == "re"):
                continue
            place = f"{path.relative_to(ROOT)}:{call.lineno}"
            given = uses.get(names.get(id(call), "?"), {"search"}) if call.func.attr == "compile" else {call.func.attr}
            yield Pattern(place, text_of(call.args[0], place), flags_of(call), frozenset(given))


def text_of(node: ast.expr, place: str) -> str:
    """A pattern as it stands; what is put together at run time is of our own words (its places count as a word)."""
    if isinstance(node, ast.Constant):
        return node.value.decode("latin-1") if isinstance(node.value, bytes) else str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(one.value) if isinstance(one, ast.Constant) else "word" for one in node.values)
    raise AssertionError(f"{place}: a pattern that cannot be read here")


def flags_of(call: ast.Call) -> int:
    given = [*call.args[1:], *(keyword.value for keyword in call.keywords if keyword.arg == "flags")]
    names = {node.attr for one in given for node in ast.walk(one) if isinstance(node, ast.Attribute)}
    return sum(getattr(re, name) for name in names & {"IGNORECASE", "I", "DOTALL", "S", "ASCII", "A", "MULTILINE"})


def costly(text: str, flags: int = 0, uses: frozenset[str] = frozenset({"search"})) -> str:
    """A hostile text on which a pattern takes too many steps a sign; "" when there is none."""
    machine = Machine(text, flags, anchored=uses <= {"match", "fullmatch"}, whole=uses == {"fullmatch"})
    for hostile in machine.hostile(LENGTH):
        try:
            machine.steps(hostile, PER_SIGN * LENGTH)
        except TooMany:
            if _grows(machine, hostile):
                return hostile[:60]
    return ""


def _grows(machine: Machine, hostile: str) -> bool:
    """True when twice the text takes far more than twice the steps, or each sign takes far too many."""
    body, most = hostile.removesuffix("\n!"), MOST_PER_SIGN * LENGTH
    try:
        half, whole = (machine.steps(f"{body[:length]}\n!", most) for length in (LENGTH // 2, LENGTH))
    except TooMany:
        return True
    return whole > DOUBLED * half


ALL = list(patterns())


def test_patterns_are_found() -> None:
    assert len(ALL) > 40
    assert {one.place.split("/")[0] for one in ALL} == set(ROOMS)


@pytest.mark.parametrize("one", ALL, ids=[one.place for one in ALL])
def test_a_pattern_of_ours_is_linear(one: Pattern) -> None:
    assert costly(one.text, one.flags, one.uses) == "", one


@pytest.mark.parametrize(
    "text",
    [
        r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",  # our pattern for e-mail, 1.4 s for 8,000 letters
        r"\beyJ[\w-]{6,}\.[\w-]{6,}\.[\w-]+",  # … and for tokens
        r"<[^>]+>",  # mark-up
        r"\s*(?:x|ext)",
        r"(a+)+b",
        r"(?:a|aa)+c",
        r"a*a*b",
        r"\s+$",
    ],
)
def test_costly_patterns_are_told(text: str) -> None:
    assert costly(text) != ""


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        (r"(?i)ab+c|\bx\d{2,3}(?!\d)", "abbbc ABC x12 x1234 x123"),
        (r"(?<!a)b[^c-e]*?f", "abf bcf bggf"),
        (r"^a.c$", "abc"),
    ],
)
def test_the_machine_finds_what_re_finds(text: str, subject: str) -> None:
    machine = Machine(text)
    found = {at: end for at in range(len(subject)) if (end := _end(machine, subject, at)) is not None}
    compiled = re.compile(text)
    assert found == {
        at: match.end() for at in range(len(subject)) if (match := compiled.match(subject, at)) and True
    } or ("^" in text and found == {0: 3})


def _end(machine: Machine, text: str, at: int) -> int | None:
    machine.taken, machine.most = 0, 10_000
    return machine._run(machine.code, 0, at, text)
