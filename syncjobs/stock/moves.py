"""What the store was told because something moved, one row a number: the card's history beside runs."""

from collections.abc import Sequence

from django.utils import timezone

from connections.models import Connection
from syncjobs.models import StockMove
from syncjobs.stock.level_rows import Wanted

ROWS_AT_ONCE = 2_000


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
