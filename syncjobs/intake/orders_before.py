"""Open orders that were placed before a store was connected: found once, offered until they are brought or known."""

from datetime import datetime, timedelta
from itertools import islice

from django.core.cache import cache

from connections.models import Connection
from connections.preferences import order_settings
from ipaas.cache import kept
from mappings.core.canonical.statuses import OVER
from mappings.value_tables import ValueTables
from syncjobs.models import Record
from syncjobs.stores.known_statuses import head_understood
from syncjobs.stores.opening import store_of_patience

LOOKED_BACK = timedelta(days=30)
LOOKED_AT = 5_000  # orders: a large shop's month is brought by its dates
MOST = 500  # what one backfill takes
KEPT_SECONDS = 14 * 86_400


def orders_before_find(connection: Connection, now: datetime) -> int:
    """List the store's open orders of the last days before its start date: a call a page. Raises SyncFailure."""
    settings = order_settings(connection)
    start = settings.history_start_at
    if start is None:
        return 0
    wanted = set(settings.eligible_statuses)
    found: dict[str, None] = {}
    heads = store_of_patience(connection.store).orders.placed_between(now - LOOKED_BACK, start)
    tables = ValueTables(connection)
    for row in islice(heads, LOOKED_AT):
        head = head_understood(row, tables)
        if head.status in wanted and head.meaning not in OVER and not head.is_deleted:
            found[head.id] = None
            if len(found) == MOST:
                break
    cache.set(_key(connection), list(found), KEPT_SECONDS)
    return len(found)


def orders_before(connection: Connection) -> list[str]:
    """Ids of those found that nothing here knows of yet."""
    ids = kept(_key(connection), lambda value: [str(one) for one in value]) or []
    known = set(
        Record.objects.filter(connection=connection, flow="orders", external_id__in=ids)
        .exclude(code="before_history_start")
        .values_list("external_id", flat=True)
    )
    return [one for one in ids if one not in known]


def _key(connection: Connection) -> str:
    return f"orders-before:{connection.pk}"
