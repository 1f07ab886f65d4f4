"""Sales orders of a customer who is somebody else too: made out to who stays, with addresses of theirs."""

from typing import TYPE_CHECKING

from django.db import transaction

from connections.connectors.heartland.customers import address_id
from errors.failures import Rejected
from ipaas.types import JSON
from mappings.core.rules import addresses
from syncjobs.models import Record

if TYPE_CHECKING:
    from syncjobs.flows.customers.customer_context import CustomerContext

PLACES = ("billing_address_id", "shipping_address_id")


def orders_move(context: "CustomerContext", gone: str, kept: str) -> None:
    """Those that are neither closed nor cancelled: one call to look; where there are any, two more and one an order.

    What is remembered of an order changes before Heartland is told: its next look calls that no change of the desk's.
    """
    heartland = context.heartland
    orders = heartland.orders_going_on(gone)
    if not orders:
        return
    theirs = {address_id(row): addresses.address_from_heartland(row) for row in heartland.customer_addresses(gone)}
    rows = heartland.customer_addresses(kept)
    book = {addresses.fingerprint(addresses.address_from_heartland(row)): address_id(row) for row in rows}
    for order in orders:
        fields = {"customer_id": int(kept)}
        for name in PLACES:
            if (address := theirs.get(str(order.get(name)))) is None:
                continue
            wanted = addresses.fingerprint(address)
            if wanted not in book:
                context.wait_for_lost_writes()
                book[wanted] = heartland.address_create(kept, addresses.address_body(address))
            fields[name] = int(book[wanted])
        _remember(context, str(order["id"]), fields)
        try:
            heartland.order_update(str(order["id"]), **fields)
        except Rejected as refusal:
            context.decide(f"{order.get('public_id')} stays with customer {gone}: {refusal.summary}")
            _remember(context, str(order["id"]), {name: order.get(name) for name in fields})
        else:
            context.decide(f"{order.get('public_id')} is made out to customer {kept}.")


def _remember(context: "CustomerContext", order_id: str, fields: JSON) -> None:
    """As whose the order was booked, in whichever store of the account."""
    stores = context.connection.heartland.connections.all()
    for record in Record.objects.filter(connection__in=stores, flow="orders", target_id=order_id):
        booked = record.facts.get("booked_there")
        if booked is not None:
            told = {name: str(value or "") for name, value in fields.items()}
            record.facts = record.facts | {"booked_there": booked | told}
            with transaction.atomic():
                record.save(update_fields=["facts"])
                if record.connection_id == context.connection.pk:
                    context.ask_again(record.flow, record.external_id)
