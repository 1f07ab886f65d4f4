"""What the store was told because something moved, one row a number: the card's history beside runs."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from connections.models import Connection
from connections.outbox import is_told, tell
from syncjobs.models import StockMove
from syncjobs.stock.level_rows import Wanted

ROWS_AT_ONCE = 2_000
EVENT, LEVELS_A_MESSAGE = "stock.updated", 200


def moves_note(connection: Connection, batch: Sequence[Wanted], entry: int) -> None:
    """Keep what the store just took."""
    now = timezone.now()
    rows = [
        StockMove(
            connection=connection,
            sku=one.level.sku,
            store_location=one.level.store_location,
            before=one.level.shown,
            after=one.quantity,
            reason=one.reason[:300],
            entry=entry,
            at=now,
        )
        for one in batch
    ]
    StockMove.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE)
    stock_tell(connection, batch, now)


def stock_tell(connection: Connection, batch: Sequence[Wanted], now: datetime) -> None:
    """Tell other systems, where one wants it, what the store just took."""
    if not is_told(connection, EVENT):
        return
    levels = [
        {
            "sku": one.level.sku,
            "store_location": one.level.store_location,
            "before": one.level.shown,
            "after": one.quantity,
        }
        for one in batch
    ]
    for start in range(0, len(levels), LEVELS_A_MESSAGE):
        tell(connection, EVENT, {"levels": levels[start : start + LEVELS_A_MESSAGE]}, now)
