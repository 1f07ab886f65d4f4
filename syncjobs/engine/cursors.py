"""High-water marks of feeds: taken by one worker at a time when due, moved on, and rung for again when due next.

Polls carry themselves on by a token that rings when the next one is due; the sweep replaces lost ones.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import connection as database
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from connections.models import Connection
from errors.failures import SyncFailure
from ipaas import queue
from ipaas.prepared import columns, fetch, fetch_one, made
from syncjobs.engine.stalls import feed_moves, feed_stalls, look_moves
from syncjobs.models import Cursor, ServiceClass

LEASE = timedelta(seconds=120)  # longer than the cluster lets a task run
POLLS = {  # feed → what looks at it
    Cursor.ORDERS: "run_poll",
    Cursor.ORDER_SWEEP: "run_order_sweep",
    Cursor.STORE_SHIPMENTS: "run_store_shipments",
    Cursor.STORE_REFUNDS: "run_store_refunds",
    Cursor.STORE_INVOICES: "run_store_invoices",
    Cursor.STOCK: "run_stock",
    Cursor.ITEMS: "run_items",
    Cursor.PRODUCTS: "run_products",
    Cursor.INVOICES: "run_invoices",
    Cursor.SALES_ORDERS: "run_sales_orders",
    Cursor.TILL_RETURNS: "run_till_returns",
    Cursor.CARDS: "run_cards",
    Cursor.POINTS: "run_points",
    Cursor.ACCOUNTS: "run_accounts",
    Cursor.ACCOUNT_SWEEP: "run_account_sweep",
    Cursor.CUSTOMERS: "run_customers",
    Cursor.HELD: "run_held",
}

TAKE = f"""
UPDATE syncjobs_cursor SET lease_owner = %(owner)s,
    lease_until = statement_timestamp() + make_interval(secs => %(seconds)s)
WHERE connection_id = %(connection)s AND feed = %(feed)s AND due_at <= %(now)s
    AND (lease_until IS NULL OR lease_until < statement_timestamp())
RETURNING {columns(Cursor, "syncjobs_cursor")}"""  # noqa: S608 (column names of our own model)
END_AND_RING = """
WITH ended AS (
    UPDATE syncjobs_cursor SET lease_until = NULL, lease_owner = '', {changes}
    WHERE id = %(cursor)s AND (%(held_until)s::timestamptz IS NULL OR lease_until = %(held_until)s) RETURNING id
), put AS (
    INSERT INTO django_q_ormq (key, payload, lock)
    SELECT %(queue)s, %(token)s, statement_timestamp() + make_interval(secs => %(delay)s) FROM ended RETURNING key
)
SELECT pg_notify(%(channel)s || key, '') FROM put"""


def cursor_take(
    connection: Connection, feed: str, now: datetime, *, lease: timedelta = LEASE, owner: str = ""
) -> Cursor | None:
    """The feed's cursor, leased, when it is due and free. `owner`: a process, where its death is looked at."""
    if database.vendor == "postgresql":
        values = {"connection": connection.pk, "feed": feed, "now": now, "seconds": lease.total_seconds()}
        row = fetch_one(TAKE, {**values, "owner": owner})
        cursor = made(Cursor, iter(row)) if row else None
    else:
        cursor = _take_anywhere(connection, feed, now, lease, owner)
    if cursor:
        cursor.connection = connection
    return cursor


def _take_anywhere(connection: Connection, feed: str, now: datetime, lease: timedelta, owner: str) -> Cursor | None:
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=Now())
    rows = Cursor.objects.filter(connection=connection, feed=feed)
    if not rows.filter(free, due_at__lte=now).update(lease_until=Now() + lease, lease_owner=owner):
        return None
    return rows.get()


def cursor_postpone(cursor: Cursor, now: datetime, pause: timedelta, *, failure: str) -> None:
    """Give it back where it stands, to be looked at again after a pause; `failure` says why in words."""
    cursor_end(cursor, now, pause, failure=failure[:300])


def cursor_failed(cursor: Cursor, now: datetime, pause: timedelta, failure: SyncFailure) -> None:
    """A look did not get through: the same, and an issue when that lasts."""
    feed_stalls(cursor, failure, now)
    cursor_postpone(cursor, now, pause, failure=failure.summary)


def cursor_advance(
    cursor: Cursor, now: datetime, pause: timedelta, *, position: datetime | str | None, **counts: Any
) -> None:
    """Give it back at a new position (None: where it stands), with what else was counted."""
    feed_moves(cursor, now)
    place = position.isoformat() if isinstance(position, datetime) else position or cursor.position
    cursor_end(cursor, now, pause, position=place, succeeded_at=now, failure="", **counts)


def feed_expedite(connection_id: int, feed: str, now: datetime, *, after: timedelta = timedelta()) -> bool:
    """Something says that there is news: look now, or a little later, when more of the kind may follow.

    Costs one look when a look is due by then anyway; True when it was not.
    """
    at = now + after
    if not Cursor.objects.filter(connection=connection_id, feed=feed, due_at__gt=at).update(due_at=at):
        return False
    feed_ring(connection_id, feed, after)
    return True


def feeds_end(connection: Connection, feeds: Collection[str], now: datetime) -> None:
    """They are followed no more: what stood in their way is no problem any longer."""
    Cursor.objects.filter(connection=connection, feed__in=feeds).delete()
    for feed in feeds:
        look_moves(connection, feed, now)


def feed_ring(connection_id: int, feed: str, pause: timedelta = timedelta()) -> None:
    """Have a feed looked at after a pause."""
    queue.token_put(ServiceClass.SOON.queue, POLLS[feed], connection_id, delay=pause.total_seconds())


def cursor_end(cursor: Cursor, now: datetime, pause: timedelta, *, is_ours_only: bool = False, **changes: Any) -> None:
    """Write columns, give the cursor back and ring for the next look: in one statement, or not at all.

    `is_ours_only`: nothing is done where the lease was lost meanwhile; whoever has it rings.
    """
    changes["due_at"] = now + pause
    if database.vendor != "postgresql":
        _end_anywhere(cursor, pause, is_ours_only, changes)
        return
    fields = [field for field in Cursor._meta.concrete_fields if field.name in changes]
    values = {field.name: field.get_db_prep_save(changes[field.name], database) for field in fields}
    statement = END_AND_RING.format(changes=", ".join(f"{one.column} = %({one.name})s" for one in fields))
    kept = {
        "cursor": cursor.pk,
        "held_until": cursor.lease_until if is_ours_only else None,
        "queue": ServiceClass.SOON.queue,
        "token": queue.token(POLLS[cursor.feed], cursor.connection_id),
        "delay": pause.total_seconds(),
        "channel": queue.CHANNEL,
    }
    fetch(statement, {**values, **kept})


def _end_anywhere(cursor: Cursor, pause: timedelta, is_ours_only: bool, changes: dict[str, Any]) -> None:
    rows = Cursor.objects.filter(pk=cursor.pk)
    held = rows.filter(lease_until=cursor.lease_until) if is_ours_only else rows
    with transaction.atomic():
        if held.update(lease_until=None, lease_owner="", **changes):
            feed_ring(cursor.connection_id, cursor.feed, pause)
