"""High-water marks of feeds: taken by one worker at a time when due, moved on, and rung for again when due next.

Polls carry themselves on by a token that rings when the next one is due; the sweep replaces lost ones.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from connections.models import Connection
from errors.failures import SyncFailure
from ipaas import queue
from syncjobs.engine.stalls import feed_moves, feed_stalls
from syncjobs.models import Cursor, ServiceClass

LEASE = timedelta(seconds=120)  # longer than the cluster lets a task run
POLLS = {  # feed → what looks at it
    Cursor.ORDERS: "run_poll",
    Cursor.STOCK: "run_stock",
    Cursor.ITEMS: "run_items",
    Cursor.PRODUCTS: "run_products",
    Cursor.INVOICES: "run_invoices",
    Cursor.SALES_ORDERS: "run_sales_orders",
    Cursor.HELD: "run_held",
}


def cursor_take(connection: Connection, feed: str, now: datetime) -> Cursor | None:
    """The feed's cursor, leased, when it is due and free."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=Now())
    if not Cursor.objects.filter(free, connection=connection, feed=feed, due_at__lte=now).update(
        lease_until=Now() + LEASE
    ):
        return None
    cursor = Cursor.objects.get(connection=connection, feed=feed)
    cursor.connection = connection
    return cursor


def cursor_postpone(cursor: Cursor, now: datetime, pause: timedelta, *, failure: str) -> None:
    """Give it back where it stands, to be looked at again after a pause; `failure` says why in words."""
    _give_back(cursor, now, pause, failure=failure[:300])


def cursor_failed(cursor: Cursor, now: datetime, pause: timedelta, failure: SyncFailure) -> None:
    """A look did not get through: the same, and an issue when that lasts."""
    feed_stalls(cursor, failure, now)
    cursor_postpone(cursor, now, pause, failure=failure.summary)


def cursor_advance(
    cursor: Cursor, now: datetime, pause: timedelta, *, position: datetime | None, **counts: Any
) -> None:
    """Give it back at a new position (None: where it stands), with what else was counted."""
    feed_moves(cursor, now)
    place = position.isoformat() if position else cursor.position
    _give_back(cursor, now, pause, position=place, succeeded_at=now, failure="", **counts)


def feed_expedite(connection_id: int, feed: str, now: datetime, *, after: timedelta = timedelta()) -> bool:
    """Something says that there is news: look now, or a little later, when more of the kind may follow.

    Costs one look when a look is due by then anyway; True when it was not.
    """
    at = now + after
    if not Cursor.objects.filter(connection=connection_id, feed=feed, due_at__gt=at).update(due_at=at):
        return False
    feed_ring(connection_id, feed, after)
    return True


def feed_ring(connection_id: int, feed: str, pause: timedelta = timedelta()) -> None:
    """Have a feed looked at after a pause."""
    queue.token_put(ServiceClass.SOON.queue, POLLS[feed], connection_id, delay=pause.total_seconds())


def _give_back(cursor: Cursor, now: datetime, pause: timedelta, **changes: Any) -> None:
    with transaction.atomic():
        Cursor.objects.filter(pk=cursor.pk).update(lease_until=None, due_at=now + pause, **changes)
        feed_ring(cursor.connection_id, cursor.feed, pause)
