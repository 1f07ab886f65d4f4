"""What recording a sales order would make in the store: the flow itself, run up to where it would write."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from connections import clients
from connections.models import Connection
from errors.failures import SyncFailure
from mappings.core.canonical.desk_order import DeskOrder
from mappings.core.heartland.desk_orders import STANDING
from mappings.core.heartland.marks import order_marked
from mappings.core.heartland.sales_orders import SalesOrder, sales_order_from_heartland
from mappings.services import marking_of
from mappings.value_tables import ValueTables
from syncjobs.engine.call_guard import guarded
from syncjobs.flows import DESK_ORDERS
from syncjobs.flows.base import RunLog
from syncjobs.flows.desk_orders.desk_context import DeskContext
from syncjobs.flows.desk_orders.read_desk_order import prepare, read
from syncjobs.flows.orders.standing_for import orders_of
from syncjobs.models import Record, ServiceClass, SyncJob
from syncjobs.pages.orders.replay_preview import ReadsOnly

RECENT = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What would be made, or why nothing would."""

    sentence: str = ""  # why nothing is made
    fixes: tuple[str, ...] = ()
    order: DeskOrder | None = None
    sales_order: str = ""  # its id
    shown: str = ""  # what the form is about


def preview(connection: Connection, number: str, now: datetime) -> Preview:
    """Ask both systems, six calls at most; trouble in asking is an answer too."""
    with guarded(connection, ServiceClass.NOW, now, reads_heartland=True) as guard:
        log = RunLog([ReadsOnly(), guard])
        try:
            rows = clients.heartland_client(connection.heartland, observer=log).orders_by_numbers([number])
            if len(rows) != 1:
                count = "no sales order" if not rows else f"{len(rows)} sales orders"
                return Preview(sentence=f"Heartland holds {count} numbered {number}.")
            return _looked_at(_context(connection, str(rows[0]["id"]), log, now))
        except SyncFailure as failure:
            return Preview(sentence=failure.summary, fixes=tuple(one.fix for one in failure.violations if one.fix))


def _looked_at(context: DeskContext) -> Preview:
    if outcome := read(context):
        return Preview(sentence=outcome.sentence)
    prepare(context)
    return Preview(order=context.desired, sales_order=context.external_id, shown=context.shown)


def _context(connection: Connection, sales_order: str, log: RunLog, now: datetime) -> DeskContext:
    about = {"connection": connection, "flow": DESK_ORDERS.name, "external_id": sales_order}
    return DeskContext(
        connection=connection,
        tables=ValueTables(connection),
        external_id=sales_order,
        job=SyncJob(**about, cause=SyncJob.LOOK_AGAIN),
        record=Record.objects.filter(**about).first() or Record(**about, first_seen_at=now, changed_at=now),
        now=now,
        read_at=now,
        log=log,
    )


def recent(connection: Connection, now: datetime) -> list[SalesOrder]:
    """Those of the last days that stand for no order of the store, newest first: one call. Raises SyncFailure."""
    with guarded(connection, ServiceClass.NOW, now, reads_heartland=True) as guard:
        client = clients.heartland_client(connection.heartland, observer=guard)
        rows, _ = client.orders_changed_page(0, since=now - RECENT)
    found = [sales_order_from_heartland(row) for row in rows]
    ours, marking = orders_of(connection, [one.id for one in found]), marking_of(connection)
    return [
        one
        for one in reversed(found)
        if one.status in STANDING and one.id not in ours and not order_marked(one.answer, marking)
    ]
