"""One look at a feed: taken when due, guarded, and given back where it then stands."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeVar

from django.conf import settings

from connections.models import Connection
from connections.services import access_recheck
from errors.failures import CredentialsRejected, SyncFailure
from syncjobs.engine.call_guard import guarded
from syncjobs.engine.circuits import circuits_look
from syncjobs.engine.cursors import cursor_advance, cursor_failed, cursor_postpone, cursor_take
from syncjobs.engine.defects import defects_reported
from syncjobs.engine.quiet import news_heed, pause_of
from syncjobs.engine.retry_rules import pause_after
from syncjobs.engine.stalls import FEED_NAMES
from syncjobs.models import Cursor, ServiceClass
from syncjobs.pos.opening import pos_of
from syncjobs.pos.port import Feeds
from syncjobs.stores.opening import store_of
from syncjobs.stores.port import Store

OVERLAP = timedelta(minutes=10)  # reads overlap, since a change may show in lists later than it is dated


class Seen(Protocol):
    """What one look saw."""

    newest: datetime  # time of change, by Heartland's clock
    found: int


S = TypeVar("S", bound=Seen)
T = TypeVar("T")


def heartland_follow(
    connection: Connection, feed: str, now: datetime, walk: Callable[[Feeds, datetime], S], *, longest: int
) -> S | None:
    """Walk what changed since the cursor, the time that `walk` is given; the cursor moves when all of it is queued.

    While nothing changes the looks become fewer, down to one in `longest` seconds.
    None when the look is not due, somebody else has it, or Heartland may not or cannot be asked now.
    """
    cursor = cursor_take(connection, feed, now) if connection.is_running else None
    if cursor is None:
        return None
    circuits = circuits_look(connection.pk, now)
    if circuits.wait:
        cursor_postpone(cursor, now, timedelta(seconds=circuits.wait), failure=cursor.failure)
        return None
    since = datetime.fromisoformat(cursor.position) if cursor.position else connection.created_at
    try:
        with (
            guarded(connection, ServiceClass.SOON, now, circuits=circuits, reads_heartland=True) as guard,
            defects_reported(FEED_NAMES.get(feed, feed).lower(), connection=connection.pk),
        ):
            seen = walk(pos_of(connection, guard).feeds, since.astimezone(UTC))
    except SyncFailure as failure:
        if isinstance(failure, CredentialsRejected):
            access_recheck(owner=connection.heartland, reason=failure.summary)
        cursor_failed(cursor, now, pause_after(failure), failure)
        return None
    news_heed(cursor, now, has_news=seen.newest > since)
    cursor_advance(
        cursor,
        now,
        pause_of(cursor, now, shortest=settings.POLL_SECONDS_WITHOUT_HOOKS, longest=longest),
        position=seen.newest.astimezone(UTC),
        news_at=cursor.news_at,
        found=cursor.found + seen.found,
    )
    return seen


def store_look(
    connection: Connection, feed: str, now: datetime, look: Callable[[Store, Cursor], T]
) -> tuple[Cursor, T] | None:
    """What a look at a store's feed saw, with its cursor, which is to be given back.

    None when the look is not due, somebody else has it, or the store may not or cannot be asked now.
    """
    cursor = cursor_take(connection, feed, now) if connection.is_running else None
    if cursor is None:
        return None
    circuits = circuits_look(connection.pk, now)
    if circuits.wait:
        cursor_postpone(cursor, now, timedelta(seconds=circuits.wait), failure=cursor.failure)
        return None
    try:
        with (
            guarded(connection, ServiceClass.BULK, now, circuits=circuits) as guard,
            defects_reported(FEED_NAMES[feed].lower(), connection=connection.pk),
        ):
            return cursor, look(store_of(connection.store, guard), cursor)
    except SyncFailure as failure:
        cursor_failed(cursor, now, pause_after(failure), failure)
        return None
