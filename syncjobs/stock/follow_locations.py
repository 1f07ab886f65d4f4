"""Heartland's locations as they come and go: read again, and what they change worked out anew by itself."""

from datetime import datetime

from connections import clients
from connections.models import Connection, InventorySettings
from connections.services import access_recheck
from connections.services.accounts import locations_refresh
from errors.failures import ConfigurationFailure, CredentialsRejected, SyncFailure
from syncjobs.bulk.run_start import run_begin
from syncjobs.engine.call_guard import guarded
from syncjobs.engine.circuits import circuits_look
from syncjobs.engine.expedite_stock import stock_expedite_account
from syncjobs.engine.stalls import PLACES, look_moves, look_stalls
from syncjobs.models import ServiceClass
from syncjobs.stock import level_rows
from syncjobs.stock.plan import Plan, settings_of

SYNC = "stock_sync"


def places_look(*, connection: Connection, now: datetime) -> str:
    """Read the account's locations; the next look at the stock of each of its stores heeds what changed."""
    circuits = circuits_look(connection.pk, now)
    if not connection.is_running or circuits.wait:
        return "not now"
    try:
        with guarded(connection, ServiceClass.SOON, now, circuits=circuits, reads_heartland=True) as guard:
            client = clients.heartland_client(connection.heartland, observer=guard)
            rows = locations_refresh(account=connection.heartland, client=client)
    except SyncFailure as failure:
        if isinstance(failure, CredentialsRejected):
            access_recheck(owner=connection.heartland, reason=failure.summary)
        look_stalls(connection, PLACES, failure, now)
        return failure.summary[:500]
    look_moves(connection, PLACES, now)
    stock_expedite_account(connection, now)
    return f"{len(rows)} locations"


def plan_heed(connection: Connection, plan: Plan, now: datetime) -> bool:
    """Where stock is worked out by something else than at the last full sync, begin one; True where that is so.

    What no location feeds any more is told to the store with this look already.
    """
    former = settings_of(connection).plan_stamp
    if former == plan.stamp:
        return False
    if former:
        level_rows.levels_retire(connection, plan.sources)
        if plan.sources and not sync_begin(connection, now):
            return True  # another run goes on: it heeds the change itself, or the next look begins one
    plan_keep(connection, plan)
    return True


def plan_keep(connection: Connection, plan: Plan) -> None:
    """From here on stock is worked out by this."""
    InventorySettings.objects.filter(connection=connection).update(plan_stamp=plan.stamp)


def sync_begin(connection: Connection, now: datetime) -> bool:
    """Begin a full sync by itself; False when a run goes on."""
    try:
        run_begin(connection=connection, actor=None, kind=SYNC, now=now)
    except ConfigurationFailure:
        return False
    return True
