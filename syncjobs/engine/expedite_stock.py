"""A look at the stock ledger at once, instead of when it is due."""

from datetime import datetime, timedelta

from connections.models import Connection
from syncjobs.engine.cursors import feed_expedite
from syncjobs.models import Cursor

AFTER_ORDERS = timedelta(seconds=2)  # what they keep back is taken off with one look for all that come in this time


def stock_expedite_account(connection: Connection, now: datetime, *, after: timedelta = timedelta()) -> None:
    """The same for every store of the Heartland account: what one of them sells is gone for all."""
    for pk in Connection.objects.filter(heartland=connection.heartland_id).values_list("pk", flat=True):
        stock_expedite(pk, now, after=after)


def stock_expedite(connection_id: int, now: datetime, *, after: timedelta = timedelta()) -> bool:
    """Something says that stock moved; True when that brings the next look forward."""
    return feed_expedite(connection_id, Cursor.STOCK, now, after=after)
