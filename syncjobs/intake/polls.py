"""Polling: what webhooks lost is found by asking for changes since the last look, by the other side's clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice

from django.conf import settings

from connections.models import Connection, Hook
from connections.services import access_recheck
from connections.store_kinds import profile_of
from errors.failures import CredentialsRejected, SyncFailure
from ipaas import failpoints
from syncjobs.callbacks.senders import SENDERS
from syncjobs.engine.call_guard import Guard, guarded
from syncjobs.engine.circuits import circuits_look
from syncjobs.engine.cursors import cursor_advance, cursor_failed, cursor_postpone, cursor_take
from syncjobs.engine.defects import defects_reported
from syncjobs.engine.enqueueing import jobs_enqueue
from syncjobs.engine.quiet import news_heed, pause_of
from syncjobs.engine.retry_rules import pause_after
from syncjobs.intake.hook_misses import misses_judge
from syncjobs.models import Cursor, Record, ServiceClass
from syncjobs.stores.opening import store_of
from syncjobs.stores.port import OrderHead, OrderWalk

FLOW = "orders"
OVERLAP = timedelta(minutes=10)  # reads overlap, since a change may show in lists later than it is dated
ROWS_AT_ONCE = 250


@dataclass
class Polled:
    """What one poll saw."""

    found: int = 0  # orders listed
    queued: int = 0  # of them, those that had changed since we last read or wrote them
    missed: int = 0  # changes since the poll before that no webhook had told us of


def poll_orders(*, connection: Connection, now: datetime) -> Polled | None:
    """List the orders changed since the cursor and queue those we do not know as they are.

    The cursor moves when every row is queued, to the time at the store when the walk began; a failed walk leaves it.
    Answers None when the poll is not due, somebody else has it, the store may not be called, or it failed.
    """
    cursor = cursor_take(connection, Cursor.ORDERS, now) if connection.is_running else None
    if cursor is None:
        return None
    circuits = circuits_look(connection.pk, now)
    if circuits.wait:
        cursor_postpone(cursor, now, timedelta(seconds=circuits.wait), failure=cursor.failure)
        return None
    try:
        with (
            guarded(connection, ServiceClass.SOON, now, circuits=circuits) as guard,
            defects_reported("the look for changed orders", connection=connection.pk),
        ):
            polled, position = _walk(connection, cursor, guard, now)
    except SyncFailure as failure:
        if isinstance(failure, CredentialsRejected):
            access_recheck(owner=connection.store, reason=failure.summary)
        cursor_failed(cursor, now, pause_after(failure), failure)
        return None
    failpoints.passing("poll.queued")
    judged = misses_judge(cursor, FLOW, now)
    polled.missed = judged.missed
    news_heed(cursor, now, has_news=bool(polled.queued))
    interval = poll_interval(connection, missed=polled.missed)
    cursor_advance(
        cursor,
        now,
        pause_of(cursor, now, shortest=interval.seconds, longest=longest_interval(connection, interval).seconds),
        position=position and position.astimezone(UTC),
        news_at=cursor.news_at,
        found=cursor.found + judged.found,
        missed_by_hooks=cursor.missed_by_hooks + judged.missed,
        judged_job=judged.last_job,
    )
    return polled


def poll_interval(connection: Connection, *, missed: int = 0) -> timedelta:
    """Seldom beside webhooks that work; often when one of them is dead or just proved to lose messages."""
    system = profile_of(connection.store).system
    topics = SENDERS[system].topics_of(FLOW) if system in SENDERS else []
    hooks = Hook.objects.filter(connection=connection, system=system, topic__in=topics)
    are_live = hooks.filter(state=Hook.State.LIVE).exists() and not hooks.exclude(state=Hook.State.LIVE).exists()
    seconds = settings.POLL_SECONDS if are_live and not missed else settings.POLL_SECONDS_WITHOUT_HOOKS
    return timedelta(seconds=seconds)


def longest_interval(connection: Connection, interval: timedelta) -> timedelta:
    """Where nothing could tell us that something changed: twice as long while nothing does."""
    is_polled = not profile_of(connection.store).topics
    return 2 * interval if is_polled and interval.seconds == settings.POLL_SECONDS_WITHOUT_HOOKS else interval


def _walk(connection: Connection, cursor: Cursor, guard: Guard, now: datetime) -> tuple[Polled, datetime | None]:
    walk = store_of(connection.store, guard).orders.changed_since(_since(cursor))
    polled = Polled()
    for heads in chunks(walk, ROWS_AT_ONCE):
        _take_in(connection, heads, polled, now)
    return polled, walk.next_from


def _since(cursor: Cursor) -> datetime:
    """Where to begin: the cursor less the overlap; at first, where the connection's history starts."""
    if cursor.position:
        return datetime.fromisoformat(cursor.position) - OVERLAP
    starts_at = cursor.connection.order_settings.history_start_at
    return starts_at or cursor.connection.created_at - OVERLAP


def _take_in(connection: Connection, heads: list[OrderHead], polled: Polled, now: datetime) -> None:
    """Queue the orders that differ from what we know. One read and one write for all of them."""
    ids = [head.id for head in heads]
    known = {
        record.external_id: record
        for record in Record.objects.filter(connection=connection, flow=FLOW, external_id__in=ids)
    }
    changed = [head for head in heads if is_news(head, known.get(head.id))]
    polled.found += len(heads)
    polled.queued += len(changed)
    if changed:
        changed_ids = [head.id for head in changed]
        jobs_enqueue(connection=connection, flow=FLOW, external_ids=changed_ids, cause="poll", now=now)


def is_news(head: OrderHead, record: Record | None) -> bool:
    """False when this is the version we read last, or that our own write left."""
    return record is None or record.source_version != head.version


def chunks(walk: OrderWalk, size: int) -> Iterator[list[OrderHead]]:
    rest = iter(walk)
    while chunk := list(islice(rest, size)):
        yield chunk
