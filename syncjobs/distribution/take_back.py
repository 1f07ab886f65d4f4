"""Taking a distribution back: until it is invoiced, Heartland lets a line of an open order lose its location again."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from connections import clients
from connections.audit import audit
from connections.connectors.heartland import HeartlandClient
from errors.failures import SyncFailure
from mappings.core.heartland.sales_orders import SalesOrder
from syncjobs.distribution.place_lines import WHOLE_RUN, LeftOver, found, sales_orders
from syncjobs.engine.call_guard import Guard
from syncjobs.intake.follow_distribution import order_keep
from syncjobs.models import Assignment, Run

State = Assignment.State


def orders_take_back(run: Run, rows: Sequence[Assignment], guard: Guard, now: datetime) -> None:
    """Take the locations of these orders back. Raises SyncFailure where Heartland cannot be asked.

    What was invoiced, or given another location since, stays, and is named. Calls: 2 looks, 1 a line.
    """
    client = clients.heartland_client(run.connection.heartland, observer=guard)
    held = sales_orders(client, rows)
    for row in rows:
        row.record.connection = run.connection
        try:
            row.sentence = _taken_back(client, row, held.get(row.record.target_id))
            row.state = State.TAKEN_BACK
        except LeftOver as reason:
            row.state, row.sentence = State.DONE, str(reason)[:300]
        except WHOLE_RUN:
            raise
        except SyncFailure as failure:
            row.state, row.sentence = State.DONE, failure.summary[:300]
    for row in rows:
        row.record.refresh_from_db()
    for row, order in found(rows, sales_orders(client, rows)):
        order_keep(row.record, order, now)
        if row.state == State.TAKEN_BACK:
            audit(
                merchant=run.connection.merchant, actor=run.started_by, action="order.distribution_taken_back",
                subject=row.record.label,
            )  # fmt: skip
    Assignment.objects.bulk_update(rows, ["state", "sentence"])


def _taken_back(client: HeartlandClient, row: Assignment, order: SalesOrder | None) -> str:
    """Let no location ship the lines; answers what stayed, in words. Raises LeftOver where all of it did."""
    if order is None:
        raise LeftOver(f"Heartland does not list {row.record.target_label} any more.")
    if order.status not in {"open", "pending"}:
        raise LeftOver(f"{order.public_id} is {order.status} in Heartland: it stays as it is.")
    lines = {str(line["id"]): line for line in order.lines}
    invoiced = moved = taken = 0
    for key, place in row.placed.items():
        line = lines.get(key, {})
        standing = str(line.get("ship_from_location_id") or "")
        if Decimal(str(line.get("qty_invoiced") or 0)):
            invoiced += 1
        elif standing == place:
            client.order_line_update(order.id, key, ship_from_location_id=None)
            taken += 1
        elif standing or not line:
            moved += 1
        else:  # by a try before this one
            taken += 1
    stays = [
        f"{invoiced} of its lines were invoiced" if invoiced else "",
        f"{moved} of its lines were changed since" if moved else "",
    ]
    words = " and ".join(filter(None, stays))
    if not taken:
        raise LeftOver(f"{order.public_id} stays as it is: {words}.")
    return f"{words} and stay." if words else ""
