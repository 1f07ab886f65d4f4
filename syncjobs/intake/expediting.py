"""Which feeds are looked at at once, instead of when they are due, because a callback tells of news there."""

from datetime import datetime

from syncjobs.engine.cursors import feed_expedite
from syncjobs.engine.expedite_items import items_expedite
from syncjobs.engine.expedite_stock import stock_expedite
from syncjobs.engine.rechecking import recheck_expedite
from syncjobs.models import Cursor
from syncjobs.stores import topics


def is_news(topic: str) -> bool:
    """True for a topic that tells of news in some feed."""
    return topic in topics.MOVES_STOCK | topics.SHIPS | topics.MENDS or topic in topics.CHANGES_ITEMS


def feeds_expedite(connection_id: int, topic: str, now: datetime) -> None:
    """Have the feeds looked at that a callback of this topic tells of."""
    if topic in topics.MOVES_STOCK:
        stock_expedite(connection_id, now)
    if topic in topics.SHIPS:
        feed_expedite(connection_id, Cursor.INVOICES, now)
    if topic in topics.MENDS:
        recheck_expedite(connection_id, now)
    if feed := topics.CHANGES_ITEMS.get(topic):
        items_expedite(connection_id, feed, now, topic=topic)
