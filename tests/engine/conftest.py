"""A connection, and a flow whose every run is scripted by the test."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest
from django.db import connections

from connections.models import Connection
from errors.failures import SyncFailure
from ipaas.types import Call, System
from syncjobs.engine import job_enqueue
from syncjobs.flows import FLOWS
from syncjobs.flows.base import Context, Flow, Outcome, Step
from syncjobs.intake.coalescing import coalescer
from syncjobs.models import Record, SyncJob
from tests import factories

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BOOKED = Outcome(disposition=Record.Disposition.BOOKED, sentence="Booked.")
Script = Callable[[Context], Outcome]
Result = TypeVar("Result")


def on_its_own(work: Callable[[], Result]) -> Result:
    """Do something in a thread, with a database connection of its own."""
    try:
        return work()
    finally:
        connections.close_all()


def later(seconds: float) -> datetime:
    return NINE + timedelta(seconds=seconds)


@dataclass
class Scripted:
    """What the flow `toy` does: one script per run, the last one for ever."""

    scripts: list[Script | Outcome | Exception] = field(default_factory=lambda: [BOOKED])
    ran: list[str] = field(default_factory=list)

    def does(self, *scripts: Script | Outcome | Exception) -> None:
        self.scripts = list(scripts)

    def run(self, context: Context) -> Outcome:
        self.ran.append(context.external_id)
        script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        if isinstance(script, Exception):
            raise script
        return script if isinstance(script, Outcome) else script(context)


@pytest.fixture(autouse=True)
def coalesced() -> Iterator[None]:
    """What callbacks left to be done together is done before the database is emptied."""
    yield
    coalescer.stop()


@pytest.fixture
def flow(monkeypatch: pytest.MonkeyPatch) -> Scripted:
    scripted = Scripted()
    toy = Flow(name="toy", title="Toy", context=Context, steps=(Step("only", scripted.run),))
    monkeypatch.setitem(FLOWS, "toy", toy)
    return scripted


@pytest.fixture
def pair() -> Connection:
    return factories.connection()


@pytest.fixture
def enqueue(pair: Connection) -> Callable[..., SyncJob]:
    def enqueue(external_id: str = "7", **wish: object) -> SyncJob:
        known: dict[str, object] = {"connection": pair, "flow": "toy", "cause": "webhook", "now": NINE}
        return job_enqueue(**(known | wish), external_id=external_id)  # type: ignore[arg-type]

    return enqueue


def call(system: System = System.HEARTLAND, status: int | None = 200, method: str = "GET", **headers: str) -> Call:
    """A call as a client reports it; header names with underscores for hyphens."""
    return Call(
        system=system,
        method=method,
        path="/orders",
        status=status,
        duration_ms=1.0,
        began_at=NINE,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


def calling(*calls: Call, then: Outcome | SyncFailure = BOOKED) -> Script:
    """A script that makes these calls, as far as the observer sees, and ends."""

    def script(context: Context) -> Outcome:
        for one in calls:
            context.log.before(one.system, one.method)
            context.log.after(one)
        if isinstance(then, SyncFailure):
            raise then
        return then

    return script
