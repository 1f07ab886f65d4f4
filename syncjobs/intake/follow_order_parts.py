"""Orders by what hangs on them, where that has a clock of its own: shipments, refunds and invoices.

An order's own clock may stand still as one of them is made: a shipment between the first and the last moves none, and
an order that was committed late is dated before what was heard of long since. Each kind has its own cursor. A part is a
hint to look at its order, where that is not as it was read last; what is read again by the overlap costs no job.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from connections.models import Connection
from errors.failures import PermissionMissing
from syncjobs.engine.cursors import cursor_advance
from syncjobs.engine.enqueueing import jobs_enqueue
from syncjobs.engine.quiet import news_heed, pause_of
from syncjobs.intake.feeds import OVERLAP, store_look
from syncjobs.intake.polls import FLOW, ROWS_AT_ONCE, chunks, is_news
from syncjobs.models import Cursor, Record
from syncjobs.stores.port import OrderPart, OrderWalk, Store


@dataclass(frozen=True, kw_only=True)
class PartFeed:
    """Which part a feed tells of, and how often it is looked at: most seldom where nothing was new for long."""

    part: OrderPart
    shortest: int  # seconds
    longest: int
    may_be_withheld: bool = True  # a merchant may withhold the right to see them, which tests of the connection say


FEEDS = {
    Cursor.STORE_SHIPMENTS: PartFeed(part=OrderPart.SHIPMENTS, shortest=60, longest=900, may_be_withheld=False),
    Cursor.STORE_REFUNDS: PartFeed(part=OrderPart.REFUNDS, shortest=120, longest=1800),
    Cursor.STORE_INVOICES: PartFeed(part=OrderPart.INVOICES, shortest=300, longest=1800),
}


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What one look saw."""

    found: int  # orders with such a part that changed
    queued: int  # of them, those that we do not know as they are


def parts_follow(*, connection: Connection, feed: str, now: datetime) -> Parts | None:
    """Queue the orders of which a part changed since the cursor; it moves when all of them are queued.

    None as `store_look`.
    """

    def look(store: Store, cursor: Cursor) -> tuple[Parts, datetime]:
        since = _since(cursor)
        walk = store.order_parts.changed_since(FEEDS[feed].part, since - OVERLAP)
        try:
            return _take_in(connection, walk, now), walk.next_from or since
        except PermissionMissing:
            if not FEEDS[feed].may_be_withheld:
                raise
            return Parts(found=0, queued=0), since

    looked = store_look(connection, feed, now, look)
    if looked is None:
        return None
    cursor, (parts, position) = looked
    news_heed(cursor, now, has_news=bool(parts.queued))
    cursor_advance(
        cursor,
        now,
        pause_of(cursor, now, shortest=FEEDS[feed].shortest, longest=FEEDS[feed].longest),
        position=position.astimezone(UTC),
        news_at=cursor.news_at,
        found=cursor.found + parts.found,
    )
    return parts


def _since(cursor: Cursor) -> datetime:
    """Where to begin: the cursor; at first, as far as changed orders were followed, of which all was read."""
    followed = Cursor.objects.filter(connection=cursor.connection_id, feed=Cursor.ORDERS).values_list("position")
    position = cursor.position or next((one for (one,) in followed if one), "")
    return datetime.fromisoformat(position) if position else cursor.connection.created_at


def _take_in(connection: Connection, walk: OrderWalk, now: datetime) -> Parts:
    found = queued = 0
    for heads in chunks(walk, ROWS_AT_ONCE):
        rows = Record.objects.filter(connection=connection, flow=FLOW, external_id__in=[head.id for head in heads])
        known = {record.external_id: record for record in rows}
        news = [head.id for head in heads if is_news(head, known.get(head.id))]
        found, queued = found + len(heads), queued + len(news)
        if news:
            jobs_enqueue(connection=connection, flow=FLOW, external_ids=news, cause="poll", now=now)
    return Parts(found=found, queued=queued)
