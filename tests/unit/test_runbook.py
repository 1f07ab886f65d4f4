"""The runbook has an entry for every code that the product can give, and for no other."""

import importlib
import re
from collections.abc import Iterator

from errors.failures import SyncFailure
from tests.codes import CODES, ROOT, modules

ENTRY = re.compile(r"^\| `(\w+)` \| (.+?) \| (.+?) \|$", re.MULTILINE)


def kinds(parent: type[SyncFailure]) -> Iterator[type[SyncFailure]]:
    """A kind of failure and all below it, as far as their modules are imported."""
    yield parent
    for child in parent.__subclasses__():
        yield from kinds(child)


def is_ours(kind: type[SyncFailure]) -> bool:
    return not kind.__module__.startswith("tests.")


def test_every_code_has_its_entry_once() -> None:
    for path in modules():
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    entries = ENTRY.findall((ROOT / "docs/runbook.md").read_text())
    told = [code for code, *_ in entries]
    given = {code for code, _ in CODES if code} | {kind.code for kind in kinds(SyncFailure) if is_ours(kind)}
    assert sorted(given - set(told)) == []
    assert sorted(set(told) - given) == []
    assert len(told) == len(set(told))
    assert all(means.endswith(".") and does.endswith(".") for _, means, does in entries)
