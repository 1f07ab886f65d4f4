"""Feeds that are looked at now, instead of when they are due, because a callback tells of news there."""

from datetime import datetime, timedelta

from syncjobs.engine.cursors import feed_expedite
from syncjobs.engine.expedite_items import items_expedite
from syncjobs.engine.rechecking import recheck_expedite
from syncjobs.models import Cursor

FREQUENT_TOGETHER = timedelta(seconds=5)  # one look for those of a burst, once what they tell of is committed


def news_expedite(connection_id: int, feed: str, now: datetime, *, is_frequent: bool) -> None:
    """Have a feed looked at; `is_frequent`: such news come in such numbers that a look waits for more of them."""
    if feed == Cursor.HELD:
        recheck_expedite(connection_id, now)
    elif feed in (Cursor.ITEMS, Cursor.PRODUCTS):
        items_expedite(connection_id, feed, now, is_frequent=is_frequent)
    else:
        feed_expedite(connection_id, feed, now, after=FREQUENT_TOGETHER if is_frequent else timedelta())
