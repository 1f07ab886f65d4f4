"""What belongs to an order (an invoice, a return, a refund), read for a change."""

from django.shortcuts import get_object_or_404

from connections.models import Connection
from syncjobs.flows.base import AnyFlow
from syncjobs.models import Record


def part_record(connection: Connection, flow: AnyFlow, external_id: str) -> Record:
    """Its record, locked, with the connection as read already; 404 where there is none that belongs to an order."""
    rows = Record.objects.select_for_update().exclude(order_id="")
    record = get_object_or_404(rows, connection=connection, flow=flow.name, external_id=external_id)
    record.connection = connection
    return record
