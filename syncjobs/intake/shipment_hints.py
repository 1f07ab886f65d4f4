"""Messages about what is no record of its own: a shipment that was edited in the store, a return of an invoice."""

from datetime import datetime

from connections.models import Connection
from mappings.models import Link
from syncjobs.engine.enqueueing import jobs_enqueue
from syncjobs.flows import SHIPMENTS
from syncjobs.models import Record


def shipment_edited(connection_id: int, shipment_id: str, now: datetime) -> None:
    """Look at the invoice whose shipment was edited in the store; shipments of others are none of ours."""
    links = Link.objects.filter(connection=connection_id, kind=Link.Kind.SHIPMENT, source_id=shipment_id)
    _look(connection_id, list(links.values_list("target_id", flat=True)), now)


def invoice_returned(connection_id: int, invoice_id: str, now: datetime) -> None:
    """Look at the invoice that a return names, where it waits for exactly that."""
    held = Record.objects.filter(
        connection=connection_id,
        flow=SHIPMENTS.name,
        external_id=invoice_id,
        disposition=Record.Disposition.HELD,
    )
    _look(connection_id, list(held.values_list("external_id", flat=True)), now)


def _look(connection_id: int, invoices: list[str], now: datetime) -> None:
    if invoices:
        connection = Connection.objects.get(pk=connection_id)
        jobs_enqueue(connection=connection, flow=SHIPMENTS.name, external_ids=invoices, cause="webhook", now=now)
