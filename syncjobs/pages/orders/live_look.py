"""Both sides of an order asked live for whoever has its page open: is what the page shows what they say now?

Price: one call to the store, and to Heartland one, and another for the addresses of what has not left yet. They wait
behind all other work, as runs of the bulk class do, and a budget that is spent is said instead. What is news is judged
by the order's own flow; a look here decides nothing.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from connections import clients
from connections.connectors.heartland import HeartlandClient
from connections.store_kinds import profile_of
from errors.failures import NotFound, SyncFailure, Throttled, TransientFailure
from ipaas.types import System
from mappings.core.heartland.sales_orders import sales_order_from_heartland
from syncjobs.engine.call_guard import Guard, OutOfTime
from syncjobs.engine.circuits import circuits_look
from syncjobs.engine.enqueueing import jobs_enqueue
from syncjobs.flows.orders import compare_addresses, evidence
from syncjobs.flows.orders.news import is_news
from syncjobs.flows.orders.order_context import GONE
from syncjobs.intake.follow_distribution import order_keep
from syncjobs.models import Circuit, Record, ServiceClass, SyncJob
from syncjobs.stores.opening import store_of
from syncjobs.stores.port import Store

SECONDS, CALL_SECONDS = 3.0, 2.0  # no call begins later, and none takes longer: a page holds a thread while it asks
ONCE_IN = timedelta(minutes=1)  # an order is queued at most so often because its page was open
COMPARED = ("equation", "total", "lines", "people")


class Hurried(Guard):
    """Asks as long as a page may wait. That it did not wait for an answer calls no system down, but for a probe."""

    def before(self, system: System, method: str) -> None:
        super().before(system, method)
        if time.monotonic() > self.deadline:  # the permit came late
            raise OutOfTime("There was no time left to ask.")

    def may_repeat(self, system: System, *, tries: int, wait: float | None) -> bool:
        has_time = time.monotonic() < self.deadline - CALL_SECONDS
        return has_time and super().may_repeat(system, tries=tries, wait=wait)

    def settle(self, now: datetime) -> list[Circuit]:
        probed = self.circuits.probes
        self.watches = {one: watch for one, watch in self.watches.items() if watch.had_success or one in probed}
        return super().settle(now)


class Found(Enum):
    """What a side says, beside what the page shows of it."""

    SAME = "same"
    MOVED = "moved"  # in what needs no judging: it was kept
    NEWS = "news"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Side:
    """One system as it was asked."""

    name: str
    found: Found
    seen_at: datetime | None  # when it last said what the page shows
    why: str = ""  # it is not known what it says now


@dataclass(frozen=True, kw_only=True)
class Look:
    """Both sides. `is_queued`: the order's flow looks at what is news."""

    sides: tuple[Side, ...]
    is_queued: bool = False

    @property
    def is_same(self) -> bool:
        return all(side.found is Found.SAME for side in self.sides)

    @property
    def has_news(self) -> bool:
        return any(side.found is Found.NEWS for side in self.sides)

    @property
    def redraws(self) -> bool:
        """Whether the page shows something else from now on."""
        return self.is_queued or any(side.found is Found.MOVED for side in self.sides)


def seen(record: Record) -> Look:
    """When both sides last said what the page shows, without asking."""
    store = record.source_seen_at or record.read_at
    there = record.target_seen_at or record.read_at
    sides = [Side(name=profile_of(record.connection.store).name, found=Found.UNKNOWN, seen_at=store)]
    if record.target_id:
        sides.append(Side(name="Heartland", found=Found.UNKNOWN, seen_at=there))
    return Look(sides=tuple(sides))


def order_look(*, record: Record, now: datetime) -> Look:
    """Ask both sides; what moved is kept, and what is news is queued."""
    connection = record.connection
    circuits = circuits_look(connection.pk, now)
    if circuits.wait or not connection.is_running:
        why = "is not asked now: a system gave no answer" if circuits.wait else "is not asked while work is paused"
        return Look(sides=tuple(_unknown(side, why) for side in seen(record).sides))
    guard = Hurried(connection, ServiceClass.BULK, circuits, time.monotonic() + SECONDS, reads_heartland=True)
    try:
        store, *there = seen(record).sides
        sides = [_asked(store, lambda: _store(record, opened_for_page(record, guard)))]
        for side in there:
            client = clients.heartland_client(connection.heartland, guard)
            client.call_seconds = CALL_SECONDS
            sides.append(_asked(side, lambda: _heartland(record, client, now)))  # noqa: B023
    finally:
        guard.settle(now)
        guard.give_back()
    if sides[0].found is Found.SAME:
        Record.objects.filter(pk=record.pk, read_at=record.read_at).update(source_seen_at=now)
    sides = [_now(side, now) for side in sides]
    look = Look(sides=tuple(sides))
    return Look(sides=look.sides, is_queued=_queue(record, now)) if look.has_news else look


def opened_for_page(record: Record, guard: Guard) -> Store:
    store = store_of(record.connection.store, guard)
    store.limit_calls_to(CALL_SECONDS)
    return store


def _asked(side: Side, ask: Callable[[], Found]) -> Side:
    started = time.monotonic()
    try:
        return Side(name=side.name, found=ask(), seen_at=side.seen_at)
    except Throttled:
        return _unknown(side, "has no call to spare for a page now")
    except OutOfTime:
        return _unknown(side, "was not asked to the end: no time was left")
    except TransientFailure:
        is_slow = time.monotonic() - started >= CALL_SECONDS
        return _unknown(side, f"did not answer within {CALL_SECONDS:g} s" if is_slow else "did not answer")
    except SyncFailure as failure:
        return _unknown(side, f"was not read: {failure.summary.rstrip('.')}")


def _unknown(side: Side, why: str) -> Side:
    return Side(name=side.name, found=Found.UNKNOWN, seen_at=side.seen_at, why=why)


def _now(side: Side, now: datetime) -> Side:
    return side if side.found is Found.UNKNOWN else Side(name=side.name, found=side.found, seen_at=now)


def _store(record: Record, store: Store) -> Found:
    try:
        order = store.orders.order(record.external_id)
    except NotFound:
        return Found.SAME if record.state == GONE else Found.NEWS
    if (order.version, order.status, order.total) != (record.source_version, record.source_status, record.source_total):
        return Found.NEWS
    shown = json.loads(json.dumps(evidence.store_facts(order)))
    differs = not order.unanswered and any(record.facts.get(name) != shown[name] for name in COMPARED)
    return Found.NEWS if differs else Found.SAME


def _heartland(record: Record, client: HeartlandClient, now: datetime) -> Found:
    try:
        sales_order = sales_order_from_heartland(client.order_read(record.target_id))
    except NotFound:
        return Found.NEWS
    if is_news(record, sales_order):
        return Found.NEWS
    booked, before = record.facts.get(compare_addresses.BOOKED), record.facts.get(compare_addresses.EDITED)
    if booked and compare_addresses.goes_somewhere(sales_order):
        said = compare_addresses.places_read(client, sales_order)
        if said != (before or booked):
            return Found.NEWS
    order_keep(record, sales_order, now)
    shown = json.loads(json.dumps(evidence.heartland_facts(sales_order)))
    return Found.SAME if record.facts.get("heartland") == shown else Found.MOVED


def _queue(record: Record, now: datetime) -> bool:
    """Have the order looked at, unless it just was: a page that stays open must not keep it busy."""
    jobs = SyncJob.objects.filter(connection=record.connection_id, flow=record.flow, external_id=record.external_id)
    if jobs.filter(cause=SyncJob.LOOK_AGAIN, finished_at__gt=now - ONCE_IN).exists():
        return False
    jobs_enqueue(
        connection=record.connection,
        flow=record.flow,
        external_ids=[record.external_id],
        cause=SyncJob.LOOK_AGAIN,
        now=now,
    )
    return True
