"""Held records whose cause is mended on the other side go on by themselves: looked at again, ever more seldom.

A new or changed item or customer in Heartland brings the next look forward; without any word from there, a record that
has waited for a while is looked at again when half as much time again has passed, at the latest after six hours. So is
one that waits for a right of our access, on either side: neither tells when it is given. A refund that waits for its
payment provider is looked at every half hour: not every store tells of the answer.
"""

from collections import defaultdict
from datetime import datetime, timedelta

from django.db.models import Q

from connections.models import Connection
from errors.failures import PermissionMissing
from errors.models import SyncError
from syncjobs.engine.cursors import cursor_advance, cursor_take, feed_expedite
from syncjobs.engine.enqueueing import jobs_enqueue
from syncjobs.flows.refund_records import PENDING, REFUNDS
from syncjobs.models import Cursor, Record, ServiceClass

MENDED_THERE = ("items", "heartland", "guests")  # pages of fixes that are made where nothing of ours is told of it
FLOWS_RECHECKED = ("orders", "shipments", "returns", REFUNDS, "customers", "cards", "points", "desk_orders")
UNANSWERED_EVERY = timedelta(minutes=30)
EVERY = timedelta(minutes=5)
SHORTEST, LONGEST = timedelta(minutes=5), timedelta(hours=6)  # between two looks at a record without news
TOGETHER = timedelta(seconds=10)  # news that comes in this time causes one round
REST = timedelta(seconds=60)  # of a record between two looks, whatever the news
AT_ONCE = 20  # records a round: at about three calls each


def recheck_expedite(connection_id: int, now: datetime) -> None:
    """Something was mended in Heartland, perhaps what held records wait for."""
    Cursor.objects.filter(connection=connection_id, feed=Cursor.HELD).update(position=now.isoformat())
    feed_expedite(connection_id, Cursor.HELD, now, after=TOGETHER)


def held_recheck(*, connection: Connection, now: datetime) -> int | None:
    """Queue the held records that are due; answers how many. None when it is not due or somebody else does it."""
    cursor = cursor_take(connection, Cursor.HELD, now) if connection.is_running else None
    if cursor is None:
        return None
    news_at = datetime.fromisoformat(cursor.position) if cursor.position else None
    waiting = list(_waiting(connection))
    due = sorted((one for one in waiting if is_due(one, news_at, now)), key=lambda one: one.last_seen_at)
    by_flow: dict[str, list[str]] = defaultdict(list)
    for one in due[:AT_ONCE]:
        by_flow[one.flow].append(one.external_id)
    by_flow[REFUNDS] += _unanswered(connection, now)
    for flow, ids in by_flow.items():
        jobs_enqueue(
            connection=connection,
            flow=flow,
            external_ids=ids,
            cause="recheck",
            now=now,
            service_class=ServiceClass.BULK,
        )
    is_unheard = news_at is not None and any(one.last_seen_at < news_at for one in waiting)
    cursor_advance(cursor, now, REST if is_unheard else EVERY, position=None)
    return len(due[:AT_ONCE])


def is_due(error: SyncError, news_at: datetime | None, now: datetime) -> bool:
    """After news once, when the record has rested; else when half the time that it has waited has passed again."""
    rested = now - error.last_seen_at
    if news_at is not None and error.last_seen_at < news_at and rested >= REST:
        return True
    return rested >= min(LONGEST, max(SHORTEST, (error.last_seen_at - error.first_seen_at) / 2))


def _waiting(connection: Connection) -> "list[SyncError]":
    rows = SyncError.objects.filter(connection=connection, state=SyncError.State.HELD, flow__in=FLOWS_RECHECKED)
    mended_there = Q(issues__fix_page__in=MENDED_THERE) | Q(code=PermissionMissing.code)
    return list(rows.filter(mended_there).distinct())


def _unanswered(connection: Connection, now: datetime) -> list[str]:
    """Refunds of which no payment provider has told yet."""
    rows = Record.objects.filter(connection=connection, flow=REFUNDS, disposition=Record.Disposition.IN_FLIGHT)
    rested = rows.filter(code=PENDING, read_at__lt=now - UNANSWERED_EVERY)
    return list(rested.order_by("read_at").values_list("external_id", flat=True)[:AT_ONCE])
