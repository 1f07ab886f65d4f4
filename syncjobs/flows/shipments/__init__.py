"""Heartland invoice → shipment of the store (one-way): what left, to which address, with carrier and tracking.

Calls of an ordinary invoice, each of them needed: 1 invoice with its lines, 1 order for lines and addresses, 1 list of
the store's shipments (nothing ships twice after a lost answer), 1 shipment an address, 1 look at the status that the
store gave the order. A later look costs the invoice and the list; a new tracking number 1 change a shipment more.
Where the store charges as goods leave: 2 more for a charge (the request, and what became of it), none where the money
was taken before.
"""

from syncjobs.flows.base import Flow, Step
from syncjobs.flows.shipments.charging import charge
from syncjobs.flows.shipments.judge_goods import AWAITING_TRACKING, match
from syncjobs.flows.shipments.read_invoice import SHIPMENTS_OFF, decide, invoice_fields, read
from syncjobs.flows.shipments.shipment_context import ShipmentContext
from syncjobs.flows.shipments.tell_store import confirm, deliver

__all__ = ["AWAITING_TRACKING", "SHIPMENTS", "SHIPMENTS_OFF", "invoice_fields"]

SHIPMENTS = Flow(
    name="shipments",
    title="Invoice",
    context=ShipmentContext,
    steps=(
        Step("read", read),
        Step("decide", decide),
        Step("match", match),
        Step("charge", charge),
        Step("deliver", deliver),
        Step("confirm", confirm),
    ),
    store_calls=4,
    heartland_calls=1,
)
