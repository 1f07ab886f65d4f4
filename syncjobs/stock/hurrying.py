"""A look at the stock ledger at once, instead of when it is due."""

from datetime import datetime, timedelta

from ipaas import queue
from syncjobs.models import Cursor, ServiceClass

RUN_STOCK = "syncjobs.tasks.run_stock"
AFTER_ORDERS = timedelta(seconds=2)  # what they keep back is taken off with one look for all that come in this time


def stock_hurry(connection_id: int, now: datetime, *, after: timedelta = timedelta()) -> bool:
    """Something says that stock moved: look now, or a little later, when more of the kind may follow.

    Costs one look when a look is due by then anyway; True when it was not.
    """
    at = now + after
    later = Cursor.objects.filter(connection=connection_id, feed=Cursor.STOCK, due_at__gt=at)
    if not later.update(due_at=at):
        return False
    queue.token_put(ServiceClass.SOON.queue, RUN_STOCK, connection_id, delay=after / timedelta(seconds=1))
    return True
