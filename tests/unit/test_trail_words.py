"""Every code that the trail can hold has words of its own."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from connections.store_kinds import names
from connections.trail_words import OF_ACCESS, RUNS, WORDS, words_of
from syncjobs.bulk.run_progress import TITLES

ROOT = Path(__file__).resolve().parents[2]
CODE = re.compile(r"[a-z_]+\.[a-z_]+")
NOT_CODES = {  # of the modules that write entries: salts, rights, apps and kinds of messages
    "allauth.account", "connections.address", "connections.invitation", "connections.view_merchant", "webhook.test",
}  # fmt: skip


def written() -> Iterator[str]:
    """Codes in modules that write to the trail, and what people do to their own accounts."""
    for room in ("connections", "errors", "mappings", "syncjobs"):
        for module in (ROOT / room).rglob("*.py"):
            text = module.read_text()
            if "stories" in module.parts or "migrations" in module.parts:
                continue
            yield from (f"person.{found}" for found in re.findall(r'\bnote\(\s*"([a-z_]+)"', text))
            if "audit(" in text or "audit_person(" in text:
                yield from constants(text)


def constants(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
            yield node.value


def test_every_code_has_words() -> None:
    codes = set(written()) - NOT_CODES
    assert len(codes) > 100
    assert sorted(codes - WORDS.keys()) == []


def test_no_words_are_of_a_code_that_nothing_writes() -> None:
    composed = {"group.added", "group.changed", "group.removed"}
    assert sorted(WORDS.keys() - set(written()) - composed) == []


def test_runs_and_access_have_words_in_every_combination() -> None:
    assert set(RUNS) >= set(TITLES)
    assert words_of("stock_sync.started") == "Full stock sync started"
    for system in ("heartland", *names()):
        assert [words_of(f"{system}.{verb}").partition(":")[0] for verb in OF_ACCESS] == list(OF_ACCESS.values())


def test_words_are_told_apart_and_an_old_code_is_spelled_out() -> None:
    assert len(set(WORDS.values())) == len(WORDS)
    assert words_of("thing.gone_by") == "Thing gone by"
