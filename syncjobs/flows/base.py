"""What a flow is made of: named steps, the context they share, the log of what they did, and how a run ends.

A flow is an ordered list of registered steps. A step is a function of the context: it returns None to go on, an
Outcome to end the run, or raises a SyncFailure. Its name, duration, calls and decisions become the timeline.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypedDict, TypeVar, Unpack

from connections.models import Connection
from connections.store_kinds import profile_of
from errors.failures import SyncFailure
from ipaas import failpoints
from ipaas.types import JSON, Call, CallObserver, System
from mappings.core.canonical.statuses import Statuses
from mappings.models import Link
from mappings.value_tables import ValueTables
from syncjobs.flows.ahead import Ahead
from syncjobs.models import Record, ServiceClass, SyncJob
from syncjobs.stores import opening, port

if TYPE_CHECKING:
    from connections.connectors.heartland.client import HeartlandClient


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a run ended well: booked, cancelled or skipped. Holds and failures are raised, never returned."""

    disposition: Record.Disposition
    code: str = ""  # of a skip, such as "status_not_eligible"
    sentence: str = ""  # for the merchant


class Facts(TypedDict, total=False):
    """What a run learned about its record: columns of Record, kept whatever the outcome is."""

    label: str  # "Order 10457"
    number: str  # what people call it, where that is not its id
    order_id: str  # of what belongs to a store order
    source_status: str
    source_meaning: str  # a StatusMeaning
    source_placed_at: datetime | None
    source_version: str  # the source's date_modified as read, or as our own write left it
    own_write_at: datetime | None  # of that write by the source's clock; None where it was read since
    source_total: Decimal | None
    currency: str
    target_id: str
    target_label: str
    target_total: Decimal | None
    is_distributed: bool
    to_distribute: int | None  # pieces that wait for a location and have not gone in the store; None when unknown
    to_call_back: int | None  # pieces that a location is still asked to ship, and that have gone in the store
    source_seen_at: datetime  # when either side last said what `facts` hold of it
    target_seen_at: datetime
    facts: JSON  # what the page shows; no personal data


@dataclass
class StepLog:
    """One step as the timeline shows it."""

    name: str
    ms: float = 0.0
    decisions: list[str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)

    def as_json(self) -> JSON:
        return {
            "name": self.name,
            "ms": round(self.ms, 1),
            "decision": " ".join(self.decisions),
            "calls": [call_as_json(call) for call in self.calls],
        }


def call_as_json(call: Call) -> JSON:
    """A call as the timeline keeps it."""
    return {
        "system": str(call.system),
        "method": call.method,
        "path": call.path,
        "status": call.status,
        "ms": round(call.duration_ms, 1),
        "request_id": call.request_id,
    }


class RunLog:
    """Steps, decisions and calls of one attempt. As the clients' observer it asks the guards before each call.

    `keep` is called once, before the first call that writes: what our database holds of the run is to be on disk then.
    `flow` names the fail points on either side of each call that writes: `cards.asks`, `cards.answered`.
    """

    def __init__(
        self, guards: Sequence[CallObserver] = (), keep: Callable[[], None] = lambda: None, *, flow: str = ""
    ) -> None:
        self.guards = guards
        self._flow = flow
        self._keep = keep
        self._is_kept = False
        self.steps: list[StepLog] = []

    @contextmanager
    def step(self, name: str) -> Iterator[StepLog]:
        """Everything noted inside belongs to this step; its time counts also when it fails."""
        step = StepLog(name)
        self.steps.append(step)
        began = time.perf_counter()
        try:
            yield step
        finally:
            step.ms = (time.perf_counter() - began) * 1000

    def decide(self, sentence: str) -> None:
        self._current().decisions.append(sentence)

    def before(self, system: System, method: str) -> None:
        for guard in self.guards:
            guard.before(system, method)
        if method == "GET":
            return
        if not self._is_kept:
            self._keep()
            self.kept()
        failpoints.passing(f"{self._flow}.asks")

    def kept(self) -> None:
        """A transaction that waited for the disk was committed: it took all before it along."""
        self._is_kept = True

    def after(self, call: Call) -> None:
        self._current().calls.append(call)
        for guard in self.guards:
            guard.after(call)
        if call.method != "GET":
            failpoints.passing(f"{self._flow}.answered")

    def may_repeat(self, system: System, *, tries: int, wait: float | None) -> bool:
        return any(guard.may_repeat(system, tries=tries, wait=wait) for guard in self.guards)

    def calls_to(self, system: System) -> int:
        return sum(call.system == system for step in self.steps for call in step.calls)

    def as_json(self) -> list[JSON]:
        return [step.as_json() for step in self.steps]

    @property
    def last_call(self) -> Call | None:
        """The call made last; None before the first."""
        return next((step.calls[-1] for step in reversed(self.steps) if step.calls), None)

    @property
    def has_written(self) -> bool:
        """True when a write was answered well: the next run has less to do."""
        calls = (call for step in self.steps for call in step.calls)
        return any(call.method != "GET" and call.status is not None and call.status < 300 for call in calls)

    def _current(self) -> StepLog:
        if not self.steps:
            self.steps.append(StepLog("before"))
        return self.steps[-1]


@dataclass(kw_only=True)
class Context:
    """What the steps of one run share. Flows subclass it with typed fields for what their steps hand on."""

    connection: Connection  # with heartland, store and order_settings selected
    tables: ValueTables  # of the connection
    external_id: str
    job: SyncJob
    record: Record  # as it was before this run
    now: datetime
    read_at: datetime  # by the database's clock, before anything of the record was read
    log: RunLog
    ahead: Ahead | None = None  # of the lane's turn; None when a job is run by itself
    queue: Callable[[str, Sequence[str]], object] = lambda flow, ids: None  # records of a flow, at once
    facts: Facts = field(default_factory=Facts)
    also: list[str] = field(default_factory=list)  # other records of the flow that are to be looked at after this one
    others: list[tuple[str, str]] = field(default_factory=list)  # … of other flows: flow and id
    last_link: Link | None = None  # to be written with the outcome, whatever that is, in one transaction

    @cached_property
    def heartland(self) -> "HeartlandClient":
        """Observed: every call is counted, paced by the budget and guarded by the circuit."""
        from connections import clients

        return clients.heartland_client(self.connection.heartland, observer=self.log)

    @cached_property
    def store(self) -> port.Store:
        """Observed like `heartland`."""
        return opening.store_of(self.connection.store, self.log)

    @cached_property
    def statuses(self) -> Statuses:
        """Of the store's orders."""
        return opening.statuses_of(self.connection.store)

    @property
    def store_name(self) -> str:
        """What the store's kind is called."""
        return profile_of(self.connection.store).name

    def decide(self, sentence: str) -> None:
        """Note a decision in words for the timeline."""
        self.log.decide(sentence)

    def ask_again(self, flow: str, *ids: str) -> None:
        """Have records looked at after this one, also where this run dies: in the transaction that keeps why.

        The next try finds that done, and would not know of them.
        """
        self.queue(flow, ids)
        self.others += [(flow, one) for one in ids]

    def learn(self, **facts: Unpack[Facts]) -> None:
        """Keep what is known of the record now; saved with the outcome, also when the run fails later."""
        self.facts.update(facts)


C = TypeVar("C", bound=Context)


@dataclass(frozen=True)
class Step(Generic[C]):
    """A registered step: its name is what people and the canvas see."""

    name: str
    function: Callable[[C], Outcome | None]


@dataclass(frozen=True, kw_only=True)
class Flow(Generic[C]):
    """An ordered list of steps for one kind of record."""

    name: str
    title: str  # "Order", the first word of a record's label until the flow learns a better one
    context: type[C]
    steps: tuple[Step[C], ...]
    at_end: Callable[[C], None] = lambda context: None  # before the outcome of a run is written, whatever it is
    service_class: ServiceClass = ServiceClass.NOW
    store_calls: int = 0  # of an ordinary run, reserved before it starts
    heartland_calls: int = 0

    def run(self, context: C) -> Outcome:
        """Take the steps in order until one ends the run. Raises SyncFailure; the last step must end it."""
        try:
            outcome = self._taken(context)
        except SyncFailure:
            self.at_end(context)
            raise
        self.at_end(context)
        return outcome

    def _taken(self, context: C) -> Outcome:
        for step in self.steps:
            with context.log.step(step.name):
                failpoints.passing(f"{self.name}.{step.name}")
                outcome = step.function(context)
            if outcome is not None:
                return outcome
        raise RuntimeError(f"The flow {self.name} has no step that ends it")

    def calls(self, store: System) -> tuple[tuple[System, int], ...]:
        """What an ordinary run asks of either system."""
        counts = ((store, self.store_calls), (System.HEARTLAND, self.heartland_calls))
        return tuple((system, count) for system, count in counts if count)

    def label(self, external_id: str) -> str:
        return f"{self.title} {external_id}"


AnyFlow = Flow[Any]
