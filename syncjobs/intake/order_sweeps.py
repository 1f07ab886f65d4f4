"""Orders that a store's list of changes does not tell of: by the hour, for kinds whose clock some changes do not move.

Open orders are compared with what was read of them, and the newest ids with those that we know. A newest id that is
smaller than one that was seen says that the store's database was put back to an earlier day.
"""

from datetime import datetime, timedelta

from connections.models import Connection
from syncjobs.engine.cursors import cursor_advance
from syncjobs.engine.enqueueing import jobs_enqueue
from syncjobs.engine.restored_store import restored_refuse
from syncjobs.intake.feeds import store_look
from syncjobs.intake.polls import FLOW, ROWS_AT_ONCE, chunks, is_news
from syncjobs.models import Cursor, Record
from syncjobs.stores.port import OrderHead, OrderSweeps, Store

EVERY = timedelta(hours=1)
IDS_AGAIN = 500  # behind the greatest that was seen: one may show late


def orders_sweep(*, connection: Connection, now: datetime) -> int | None:
    """Queue what was overlooked; answers how many orders.

    None when it is not due, somebody else is at it, the store may not be called, or it failed.
    """

    def look(store: Store, cursor: Cursor) -> tuple[str, int]:
        newest = store.order_sweeps.newest()
        restored_refuse(cursor.position, newest)
        return newest, _sweep(connection, store.order_sweeps, cursor.position, now)

    looked = store_look(connection, Cursor.ORDER_SWEEP, now, look)
    if looked is None:
        return None
    cursor, (newest, found) = looked
    cursor_advance(cursor, now, EVERY, position=newest)
    return found


def _sweep(connection: Connection, sweeps: OrderSweeps, seen: str, now: datetime) -> int:
    """The open orders that we know, and all with new ids; at first none is new."""
    found = set[str]()
    for heads in chunks(sweeps.open_now(), ROWS_AT_ONCE):
        known = _known(connection, heads)
        found |= _queue(connection, [head for head in heads if head.id in known and is_news(head, known[head.id])], now)
    for heads in chunks(sweeps.after(str(max(int(seen) - IDS_AGAIN, 0))), ROWS_AT_ONCE) if seen else ():
        known = _known(connection, heads)
        wanted = [head for head in heads if head.id in known or not _is_old(connection, head)]
        found |= _queue(connection, [head for head in wanted if is_news(head, known.get(head.id))], now)
    return len(found)


def _is_old(connection: Connection, head: OrderHead) -> bool:
    """True for an order from before the history that the merchant chose."""
    start = connection.order_settings.history_start_at
    return bool(start and head.placed_at and head.placed_at < start)


def _known(connection: Connection, heads: list[OrderHead]) -> dict[str, Record]:
    ids = [head.id for head in heads]
    rows = Record.objects.filter(connection=connection, flow=FLOW, external_id__in=ids)
    return {record.external_id: record for record in rows}


def _queue(connection: Connection, news: list[OrderHead], now: datetime) -> set[str]:
    ids = [head.id for head in news]
    if ids:
        jobs_enqueue(connection=connection, flow=FLOW, external_ids=ids, cause="poll", now=now)
    return set(ids)
