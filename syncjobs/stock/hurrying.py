"""A look at the stock ledger at once, instead of when it is due."""

from datetime import datetime

from ipaas import queue
from syncjobs.models import Cursor, ServiceClass

RUN_STOCK = "syncjobs.tasks.run_stock"


def stock_hurry(connection_id: int, now: datetime) -> bool:
    """Something says that stock moved. Costs one look when a look is due anyway; True when it was not."""
    later = Cursor.objects.filter(connection=connection_id, feed=Cursor.STOCK, due_at__gt=now)
    if not later.update(due_at=now):
        return False
    queue.token_put(ServiceClass.SOON.queue, RUN_STOCK, connection_id)
    return True
