"""What hangs on an order is looked at again when the order was: its state may be what held them."""

from datetime import datetime

from connections.models import Connection
from syncjobs.engine.enqueueing import jobs_enqueue
from syncjobs.flows import ORDERS, RETURNS, SHIPMENTS
from syncjobs.models import Record

WAITING = (Record.Disposition.HELD, Record.Disposition.DEAD)
FOLLOWS_THE_ORDER = "kept_though_ended"  # code of an invoice that is left alone while its order is kept


def invoices_of(connection: Connection, order_id: str) -> list[str]:
    """Heartland's invoices of a store order that we have heard of, by id."""
    rows = Record.objects.filter(connection=connection, flow=SHIPMENTS.name, order_id=order_id)
    return list(rows.exclude(order_id="").values_list("external_id", flat=True))


def invoices_after_order(connection: Connection, order_id: str, now: datetime) -> list[str]:
    """Queue the order's invoices that wait, and those whose shipments the store does not show any more.

    And its returns that wait. Answers the invoices.
    """
    rows = Record.objects.filter(connection=connection, flow__in=[SHIPMENTS.name, RETURNS.name], order_id=order_id)
    found = list(rows.values_list("flow", "external_id", "disposition", "code", "facts"))
    returns = [one for flow, one, disposition, *_ in found if flow == RETURNS.name and disposition in WAITING]
    if returns:
        jobs_enqueue(connection=connection, flow=RETURNS.name, external_ids=returns, cause="order", now=now)
    invoices = [row for flow, *row in found if flow == SHIPMENTS.name]
    if not invoices:
        return []
    waiting = {one for one, disposition, code, _ in invoices if disposition in WAITING or code == FOLLOWS_THE_ORDER}
    told = {external_id: int(facts.get("pieces", 0)) for external_id, _, _, facts in invoices}
    if sum(told.values()) > _shipped(connection, order_id):
        waiting |= {external_id for external_id, pieces in told.items() if pieces}
    if waiting:
        jobs_enqueue(connection=connection, flow=SHIPMENTS.name, external_ids=sorted(waiting), cause="order", now=now)
    return sorted(waiting)


def _shipped(connection: Connection, order_id: str) -> int:
    """Pieces that the store's order showed as shipped when it was last read."""
    rows = Record.objects.filter(connection=connection, flow=ORDERS.name, external_id=order_id)
    lines = (rows.values_list("facts", flat=True).first() or {}).get("lines", ())
    return sum(int(line.get("shipped", line["quantity"])) for line in lines)
