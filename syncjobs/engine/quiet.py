"""How long a feed of Heartland's may rest between two looks: the longer, the longer nothing was new there."""

from datetime import datetime, timedelta

from connections.models import Connection, Hook
from ipaas.prepared import fetch
from ipaas.types import System
from syncjobs.callbacks.senders import SENDERS
from syncjobs.models import Cursor

LIVE = f"""
SELECT topic FROM connections_hook
WHERE connection_id = %(connection)s AND system = %(system)s AND state = '{Hook.State.LIVE}'"""  # noqa: S608
SHARE = 60  # a feed rests for this part of the time that it has been quiet


def pause_of(cursor: Cursor, now: datetime, *, shortest: int, longest: int) -> timedelta:
    """How long until the next look, after one that found nothing or something; both bounds are in seconds."""
    quiet = (now - cursor.news_at if cursor.news_at else timedelta()) / SHARE
    return max(timedelta(seconds=shortest), min(quiet, timedelta(seconds=longest)))


def news_heed(cursor: Cursor, now: datetime, *, has_news: bool) -> None:
    """Note in the row at hand when its feed last had news; of a feed that was never quiet, from now on."""
    if has_news or cursor.news_at is None:
        cursor.news_at = now


def is_hurried(connection: Connection, feed: str) -> bool:
    """True while Heartland's webhooks that bring the feed's looks forward all live; there are some."""
    topics = [name for name, topic in SENDERS[System.HEARTLAND].topics.items() if feed in topic.expedites]
    live = {row[0] for row in fetch(LIVE, {"connection": connection.pk, "system": str(System.HEARTLAND)})}
    return bool(topics) and live.issuperset(topics)
