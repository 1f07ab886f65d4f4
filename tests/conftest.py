"""What holds for every test: tables that the product never empties are emptied between tests that commit.

Where all stories ran, each code of a hold, a skip or a finding that none of them produced is named at the end. Each
process notes what its stories produce and hands it to the one that reports. A run of only some stories names nothing.

Of a test that is marked `sampled(n)` the suite plays n of its cases, of all that are marked `sampled(n, of="…")` with
the same words n together: by SAMPLE_SEED, which is printed. WHOLE=1 plays all of them (`make whole`).

Four rooms take five sixths of the time. `make test` plays one test in three of each of their files (SHARE=3), by the
same seed; whoever runs a file plays all of it.
"""

import math
import os
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations
from pytest_django import DjangoDbBlocker

from connections.preflight.findings import Finding, Severity
from errors.failures import Violation
from mappings.core.rules.eligibility import Hold, Skip
from tests import migrated
from tests.codes import CODES, ROOT, STORIES, Seen

FOLDERS = [ROOT / "tests" / folder for folder in STORIES]


@dataclass
class Judge:
    """What is known at the end of a session."""

    seen: Seen = field(default_factory=Seen)
    is_whole: bool = False  # every story was collected, and none was taken out
    is_cut: bool = False
    missing: dict[str, str] = field(default_factory=dict)  # where each code is given that no story produced


JUDGE = pytest.StashKey[Judge]()
SLOW_ROOMS = [ROOT / "tests" / room for room in ("catalogue", "flows", "screens", "stock")]
SHARE = int(os.environ.get("SHARE", "1"))  # of the tests of a file there one in SHARE is played
SAMPLE_SEED = os.environ.setdefault("SAMPLE_SEED", str(random.SystemRandom().randrange(10**6)))  # processes share it


def is_story(item: pytest.Item) -> bool:
    return any(item.path.is_relative_to(folder) for folder in FOLDERS)


def pytest_configure(config: pytest.Config) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # people are made by the hundred
    config.stash[JUDGE] = Judge()


def sampled(cases: list[pytest.Item], size: int, *, of: str) -> list[pytest.Item]:
    """The same ones for the same `of`."""
    return random.Random(of).sample(cases, min(size, len(cases)))


def pytest_report_header() -> str:
    return f"SAMPLE_SEED={SAMPLE_SEED} SHARE={SHARE}" + (", all cases" if os.environ.get("WHOLE") else "")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if os.environ.get("WHOLE"):
        return
    played = share_of_rooms(sample_of_marked(items))
    if left := [item for item in items if item not in played]:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item in played]


def sample_of_marked(items: list[pytest.Item]) -> set[pytest.Item]:
    """All but the cases of marked tests that are not in their sample."""
    cases: dict[tuple[str, int], list[pytest.Item]] = defaultdict(list)
    for item in items:
        if mark := item.get_closest_marker("sampled"):
            cases[mark.kwargs.get("of", item.nodeid.partition("[")[0]), mark.args[0]].append(item)
    played = set(items)
    for (name, size), found in cases.items():
        played -= set(found) - set(sampled(found, size, of=f"{SAMPLE_SEED} {name}"))
    return played


def share_of_rooms(played: set[pytest.Item]) -> set[pytest.Item]:
    """One in SHARE of the tests of each file of the slow rooms, and all of the others."""
    files: dict[Path, list[pytest.Item]] = defaultdict(list)
    for item in sorted(played, key=lambda item: item.nodeid):
        if any(item.path.is_relative_to(room) for room in SLOW_ROOMS):
            files[item.path].append(item)
    for path, found in files.items():
        size = math.ceil(len(found) / SHARE)
        played = played - set(found) | set(sampled(found, size, of=f"{SAMPLE_SEED} {path.relative_to(ROOT)}"))
    return played


def pytest_deselected(items: list[pytest.Item]) -> None:
    for item in filter(is_story, items):
        item.config.stash[JUDGE].is_cut = True


def pytest_collection_finish(session: pytest.Session) -> None:
    from syncjobs.flows.base import Outcome

    judge = session.config.stash[JUDGE]
    told = {path for folder in FOLDERS for path in folder.rglob("test_*.py")}
    judge.is_whole = not judge.is_cut and told <= {item.path for item in session.items}
    for kind in (Violation, Skip, Hold, Outcome):
        judge.seen.watch(kind)
    judge.seen.watch(Finding, lambda made: made.severity != Severity.OK)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    seen = item.config.stash[JUDGE].seen
    seen.is_on = is_story(item)
    try:
        return (yield)
    finally:
        seen.is_on = False


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """A process of several has ended: what it saw is ours. One that broke down judged nothing."""
    judge, told = node.config.stash[JUDGE], getattr(node, "workeroutput", {}).get("stories")
    if told:
        judge.seen.codes |= set(told["codes"])
        judge.is_whole = told["is_whole"]


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    judge = session.config.stash[JUDGE]
    if (output := getattr(session.config, "workeroutput", None)) is not None:
        output["stories"] = {"codes": sorted(judge.seen.codes), "is_whole": judge.is_whole}
    elif judge.is_whole and exitstatus == pytest.ExitCode.OK:
        judge.missing = {code: place for code, place in CODES if code and code not in judge.seen.codes}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for code, place in config.stash[JUDGE].missing.items():
        terminalreporter.write_line(f"No story produced the code {code}, which {place} gives.", red=True)


NEVER_EMPTIED = {
    "connections_auditentry": "trail_is_never_emptied",
    "syncjobs_proof": "proofs_are_never_emptied",
    "syncjobs_dayclose": "day_closes_are_never_emptied",
}


@pytest.fixture(scope="session")
def django_db_keepdb(
    django_db_keepdb: bool, django_db_modify_db_settings: None, django_db_blocker: DjangoDbBlocker
) -> bool:
    """True also where the test database is there already, copied from one that the same migrations left."""
    if django_db_keepdb or connection.vendor != "postgresql":
        return django_db_keepdb
    with django_db_blocker.unblock():
        return migrated.copied(connection.creation._get_test_db_name())  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_keepdb: bool, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Let Django's flush, and it alone, pass the triggers that refuse to empty a table."""
    if connection.vendor == "postgresql" and not django_db_keepdb:
        with django_db_blocker.unblock():
            migrated.keep(connection.settings_dict["NAME"])
    operations = type(connection.ops)  # a browser's event loop has a connection of its own
    flush = operations.execute_sql_flush

    def past_triggers(self: BaseDatabaseOperations, sql_list: Iterable[str]) -> None:
        kept = NEVER_EMPTIED.items()
        off = [f"ALTER TABLE {table} DISABLE TRIGGER {trigger}" for table, trigger in kept]
        on = [f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}" for table, trigger in kept]
        flush(self, [*off, *sql_list, *on])

    if connection.vendor == "postgresql":
        operations.execute_sql_flush = past_triggers  # type: ignore[method-assign]
    yield
    operations.execute_sql_flush = flush  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _no_wall_left() -> Iterator[None]:
    """A test's browser need not read a streamed answer to its end, as a server does, which lowers the wall."""
    yield
    if getattr(connection, "walled_for", ""):
        connection.walled_for = ""  # type: ignore[attr-defined]
        connection.close()
