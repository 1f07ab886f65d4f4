"""When no news of stock comes for too long: the last pieces are taken off sale until Heartland answers again."""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from connections.audit import audit
from connections.models import AccessState, Connection
from errors.failures import SyncFailure
from mappings.models import LEFT_ALONE, StockLevel
from syncjobs.bulk.write_lease import WriteLease, write_lease_of
from syncjobs.engine.call_guard import guarded
from syncjobs.engine.leases import LeaseLost
from syncjobs.models import Cursor, ServiceClass
from syncjobs.stock.level_rows import Wanted
from syncjobs.stock.plan import plan_of, settings_of
from syncjobs.stock.push_levels import push
from syncjobs.stock.reserved_pieces import reserves_of
from syncjobs.stores.opening import store_of

AT_ONCE = 20_000


def connections_unheard(now: datetime) -> QuerySet[Connection]:
    """Those whose stock was not heard of for a minute, the shortest time that a merchant may set: mostly none."""
    heard = Cursor.objects.filter(feed=Cursor.STOCK, succeeded_at__lt=now - timedelta(minutes=1))
    rows = Connection.objects.filter(state=Connection.State.ACTIVE, inventory_settings__follows=True)
    return rows.filter(pk__in=heard.values("connection")).select_related("merchant", "heartland", "store__credential")


def blind_since(connection: Connection, now: datetime) -> datetime | None:
    """Since when nothing was heard of Heartland's stock, where that is longer than the merchant allows."""
    settings = settings_of(connection)
    cursor = Cursor.objects.filter(connection=connection, feed=Cursor.STOCK).first()
    if not settings.follows or not settings.blind_minutes or cursor is None or cursor.succeeded_at is None:
        return None
    is_blind = now - cursor.succeeded_at > timedelta(minutes=settings.blind_minutes)
    return cursor.succeeded_at if is_blind else None


def stock_guard(*, connection: Connection, now: datetime) -> int | None:
    """Offer none of the SKUs with few pieces left while stock is not heard of; answers how many.

    They are marked, so that the next look at the ledger offers again what there is. None when there is no cause, or
    the store cannot be told now.
    """
    may_write = connection.state == Connection.State.ACTIVE and connection.store.state == AccessState.CONNECTED
    if not may_write or blind_since(connection, now) is None:
        return None
    few = StockLevel.objects.filter(
        connection=connection, quantity__gt=0, quantity__lte=settings_of(connection).blind_units, refusal=""
    ).exclude(LEFT_ALONE)
    with write_lease_of(connection, now) as lease:
        levels = list(few.order_by("pk")[:AT_ONCE])
        return _offer_none(connection, levels, lease, now) if lease and levels else None


def _offer_none(connection: Connection, levels: list[StockLevel], lease: WriteLease, now: datetime) -> int | None:
    wanted = [Wanted(level=level, quantity=0) for level in levels]
    fence = max(int(lease.cursor.position or 0), *(level.fence for level in levels))
    try:
        with guarded(connection, ServiceClass.SOON, now) as guard:
            store = store_of(connection.store, guard).levels
            reserves = reserves_of(connection, store, plan_of(connection).sources, now)
            pushed = push(store, wanted, reserves, fence=fence, still_ours=lease.extend)
    except (SyncFailure, LeaseLost):
        return None
    StockLevel.objects.filter(pk__in=[one.level.pk for one in pushed.taken]).update(is_dirty=True)
    audit(
        merchant=connection.merchant,
        actor=None,
        action="stock.guarded",
        subject=connection.store,
        skus=len(pushed.taken),
    )
    return len(pushed.taken)
