"""A look at the changes of a catalogue soon, instead of when it is due."""

from datetime import datetime, timedelta

from ipaas import queue
from syncjobs.models import Cursor, ServiceClass

TASKS = {Cursor.ITEMS: "syncjobs.tasks.run_items", Cursor.PRODUCTS: "syncjobs.tasks.run_products"}
TOGETHER = timedelta(seconds=3)  # changes that come in this time are looked at with one call
NOISY = frozenset({"store/product/updated"})  # every sale and every stock write says so too (BigCommerce notes §25.3)
NOISY_TOGETHER = timedelta(seconds=60)


def items_hurry(connection_id: int, feed: str, now: datetime, *, topic: str = "") -> bool:
    """Something says that a catalogue changed; True when that brings the next look forward."""
    together = NOISY_TOGETHER if topic in NOISY else TOGETHER
    at = now + together
    if not Cursor.objects.filter(connection=connection_id, feed=feed, due_at__gt=at).update(due_at=at):
        return False
    queue.token_put(ServiceClass.SOON.queue, TASKS[feed], connection_id, delay=together.total_seconds())
    return True
