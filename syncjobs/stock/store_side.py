"""What the store's own list says of its stock, and by which ids it counts: kept beside what it was told."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection as database
from django.db.models import Q

from connections.models import Connection
from mappings.models import LEFT_ALONE, StockLevel
from syncjobs.engine import dialect
from syncjobs.stock.reserved_pieces import Pieces
from syncjobs.stores.level_port import Level, Levels

HELD = """
    UPDATE mappings_stocklevel
    SET held = %s, held_at = %s, quantity = CASE WHEN pushed_at IS NULL AND fence = 0 THEN %s ELSE quantity END
    WHERE id = %s AND fence = %s
"""
KNOWN = "UPDATE mappings_stocklevel SET product_id = %s, variant_id = %s, by_product = %s, refusal = '' WHERE id = %s"


def store_remember(connection: Connection, target: str, rows: Iterable[Level], at: datetime, reserved: Pieces) -> None:
    """Keep a page of what a location of the store sold at a moment, and by which ids it knows the SKUs.

    A SKU that was renamed there is known by its variant. A number that is not the one told a moment ago says nothing:
    the store may not show that yet, so nobody knows, and it is told again.
    """
    settled = at - timedelta(seconds=settings.SETTLE_SECONDS)
    pairs = _matched(connection, target, list(rows))
    sold = [(level, row.onhand - reserved.get((target, row.sku), 0)) for level, row in pairs]
    held = [
        (level, None if level.pushed_at and level.pushed_at > settled and number != level.quantity else number)
        for level, number in sold
    ]
    with database.cursor() as cursor:
        moment = dialect.moment(at)
        cursor.executemany(HELD, [(n, moment, n, level.pk, level.fence) for level, n in held])
    ids_remember(pairs)


def ids_remember(pairs: Iterable[tuple[StockLevel, Level]]) -> None:
    """Keep new ids of the store. With another identity a refusal of the former one says nothing any more."""
    fresh = [(level, row) for level, row in pairs if (level.product_id, level.variant_id) != _ids(row)]
    for level, row in fresh:
        (level.product_id, level.variant_id), level.by_product = _ids(row), row.is_counted_by_product
        level.refusal = ""
    with database.cursor() as cursor:
        cursor.executemany(KNOWN, [(*_ids(row), row.is_counted_by_product, level.pk) for level, row in fresh])


def ids_ask(store: Levels, levels: Sequence[StockLevel]) -> int:
    """Ask the store for the ids of SKUs that have none yet; answers how many calls that may have taken."""
    unknown = [level for level in levels if level.variant_id == "" and not level.is_left_alone]
    if not unknown or not store.has_ids:
        return 0
    found = {who.sku: who for who in store.levels(sorted({level.sku for level in unknown}))}
    ids_remember((level, found[level.sku]) for level in unknown if level.sku in found)
    return 1


def levels_unlisted(connection: Connection, since: datetime) -> int:
    """Levels that a whole reading of the store did not come by: what it holds is unknown, so that it is told again."""
    rows = StockLevel.objects.filter(connection=connection, refusal="", pushed_at__lt=since)
    unlisted = rows.filter(Q(held_at=None) | Q(held_at__lt=since)).exclude(LEFT_ALONE)
    settled = since - timedelta(seconds=settings.SETTLE_SECONDS)
    return unlisted.filter(pushed_at__lt=settled).update(quantity=None, is_dirty=True)


def _matched(connection: Connection, target: str, rows: list[Level]) -> list[tuple[StockLevel, Level]]:
    levels = StockLevel.objects.filter(connection=connection, store_location=target)
    by_sku = {row.sku: row for row in rows if row.sku}
    pairs = [(level, by_sku[level.sku]) for level in levels.filter(sku__in=by_sku)]
    known = {level.sku for level, _ in pairs}
    by_variant = {row.variant_id: row for row in rows if row.variant_id and row.sku not in known}
    renamed = levels.filter(variant_id__in=by_variant)
    return pairs + [(level, by_variant[level.variant_id]) for level in renamed]


def _ids(row: Level) -> tuple[str, str]:
    return row.product_id, row.variant_id
