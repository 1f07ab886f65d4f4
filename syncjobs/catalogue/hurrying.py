"""A look at the changes of a catalogue soon, instead of when it is due."""

from datetime import datetime, timedelta

from ipaas import queue
from syncjobs.models import Cursor, ServiceClass

TASKS = {Cursor.ITEMS: "syncjobs.tasks.run_items", Cursor.PRODUCTS: "syncjobs.tasks.run_products"}
TOGETHER = timedelta(seconds=3)  # changes that come in this time are looked at with one call


def items_hurry(connection_id: int, feed: str, now: datetime) -> bool:
    """Something says that a catalogue changed; True when that brings the next look forward."""
    at = now + TOGETHER
    if not Cursor.objects.filter(connection=connection_id, feed=feed, due_at__gt=at).update(due_at=at):
        return False
    queue.token_put(ServiceClass.SOON.queue, TASKS[feed], connection_id, delay=TOGETHER.total_seconds())
    return True
