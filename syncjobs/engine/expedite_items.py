"""A look at the changes of a catalogue soon, instead of when it is due."""

from datetime import datetime, timedelta

from syncjobs.engine.cursors import feed_expedite

TOGETHER = timedelta(seconds=3)  # changes that come in this time are looked at with one call
FREQUENT_TOGETHER = timedelta(seconds=60)  # where every sale and every stock write says so too


def items_expedite(connection_id: int, feed: str, now: datetime, *, is_frequent: bool = False) -> bool:
    """Something says that a catalogue changed; True when that brings the next look forward."""
    return feed_expedite(connection_id, feed, now, after=FREQUENT_TOGETHER if is_frequent else TOGETHER)
