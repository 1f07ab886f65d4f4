"""Following Heartland's sales orders: what the desk does is noticed within a poll and judged by the order's flow.

Heartland has no webhook for it (its note, §15), so that sales orders are asked for by time of change, with their lines
and payments inside: one call while nothing changes. What only moves their fulfilment on is kept without another call.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from connections.models import Connection
from syncjobs.engine.enqueueing import jobs_enqueue
from syncjobs.flows.orders import ORDERS
from syncjobs.flows.orders.news import is_news, unlinked
from syncjobs.flows.orders.standing_for import orders_of
from syncjobs.flows.orders.waiting_orders import HEARTLAND_TOLD
from syncjobs.intake.feeds import OVERLAP, heartland_follow
from syncjobs.intake.follow_distribution import orders_keep
from syncjobs.models import Cursor, Record
from syncjobs.pos.port import ChangedOrder, Feeds


@dataclass
class SalesOrders:
    """What one look saw."""

    newest: datetime  # time of change, by Heartland's clock
    found: int = 0  # sales orders of this store that changed
    queued: int = 0  # of them, those that are not as we judged or left them


def sales_orders_follow(*, connection: Connection, now: datetime) -> SalesOrders | None:
    """Queue the store orders whose sales orders were changed at the desk since the cursor."""

    def walk(feeds: Feeds, since: datetime) -> SalesOrders:
        seen, after, has_more = SalesOrders(newest=since), "", True
        while has_more:
            changed, has_more = feeds.sales_orders(after, since=since - OVERLAP)
            _take_in(connection, changed, seen, now)
            after = changed[-1].order.id if changed else after
        return seen

    longest = 2 * settings.POLL_SECONDS_WITHOUT_HOOKS
    return heartland_follow(connection, Cursor.SALES_ORDERS, now, walk, longest=longest)


def _take_in(connection: Connection, changed: list[ChangedOrder], seen: SalesOrders, now: datetime) -> None:
    """Queue what is news of this store's orders; sales orders of others are none of our business."""
    found = [one.order for one in changed]
    order_of = orders_of(connection, [one.id for one in found])
    records = Record.objects.filter(connection=connection, flow=ORDERS.name, external_id__in=order_of.values())
    by_order = {record.external_id: record for record in records.select_related("connection__order_settings")}
    known = [(by_order[order_of[one.id]], one) for one in found if order_of.get(one.id) in by_order]
    lost = unlinked(connection, found)
    news = [*(record.external_id for record, one in known if is_news(record, one)), *lost]
    orders_keep([(record, one) for record, one in known if record.target_id == one.id], now)
    seen.found += len(order_of) + len(lost)
    seen.queued += len(news)
    seen.newest = max([seen.newest, *(one.changed_at for one in changed)])
    if news:
        jobs_enqueue(connection=connection, flow=ORDERS.name, external_ids=news, cause=HEARTLAND_TOLD, now=now)
