"""Heartland invoice → BigCommerce shipment (one-way): what left, to which address, with carrier and tracking.

Calls of an ordinary invoice, each of them needed: 1 invoice with its lines, 1 order for lines and addresses, 1 list of
the store's shipments (nothing ships twice after a lost answer), 1 shipment an address, 1 look at the status that the
store gave the order. A later tracking number costs the invoice and 1 change a shipment.
"""

import hashlib
from dataclasses import dataclass, field

from connections.models import OrderSettings
from errors.failures import NotFound, Rejected, Violation, held
from ipaas import failpoints
from ipaas.types import System
from mappings import services
from mappings.catalogue import linked_skus
from mappings.core.canonical import Order
from mappings.core.eligibility import CANCELLED, DECLINED, REFUNDED
from mappings.core.orders import order_from_bigcommerce
from mappings.core.shipments import (
    Invoice,
    Plan,
    Shipment,
    has_all_left,
    invoice_from_heartland,
    plan,
    shipment_body,
    shipment_from_bigcommerce,
    tracking_body,
)
from mappings.models import Link
from syncjobs.flows.base import Flow, Outcome, Step
from syncjobs.flows.orders import ORDERS
from syncjobs.flows.settling import SettlingContext
from syncjobs.models import Record

COMPLETE = "complete"
AWAITING_TRACKING, SHIPMENTS_OFF = "awaiting_tracking", "shipments_off"
ENDED = {CANCELLED, DECLINED, REFUNDED}
PARTIALLY_SHIPPED = 3
PROGRESS = {1: 0, 7: 0, 8: 0, 9: 0, 11: 0, PARTIALLY_SHIPPED: 1, 2: 2, 10: 3}  # by status id; others are not touched
FURTHEST = 9


@dataclass(kw_only=True)
class ShipmentContext(SettlingContext):
    """One run for one Heartland invoice. `external_id` is its id."""

    invoice: Invoice = field(init=False)  # from `read` on
    order_id: str = ""  # of the store
    order: Order = field(init=False)  # from `match` on
    own: list[Link] = field(default_factory=list)  # the store's shipments of this invoice
    shipments: list[Shipment] = field(default_factory=list)  # all that the store knows of
    plan: Plan = field(init=False)

    @property
    def settings(self) -> OrderSettings:
        return self.connection.order_settings

    @property
    def fingerprint(self) -> str:
        """Of the tracking that the store should show."""
        return hashlib.sha256(repr(tracking_body(self.invoice)).encode()).hexdigest()


def read(context: ShipmentContext) -> Outcome | None:
    """The invoice as it is now."""
    try:
        answer = context.heartland.invoice_read(context.external_id)
    except NotFound:
        return skipped("not_in_heartland", f"Heartland has no invoice {context.external_id}.")
    context.invoice = invoice_from_heartland(answer, **invoice_fields(context.settings))
    link = Link.objects.of(context.connection, Link.Kind.ORDER).filter(target_id=context.invoice.order_id).first()
    if link is None:
        return skipped("not_of_this_store", f"Invoice {context.invoice.number} is of no order of this store.")
    context.order_id = link.source_id
    context.learn(
        label=f"Invoice {context.invoice.number} of order {context.order_id}",
        order_id=context.order_id,
        source_status=context.invoice.status,
        source_version=context.invoice.version,
    )
    return None


def invoice_fields(settings: OrderSettings) -> dict[str, str]:
    """Which custom fields of an invoice hold its carrier and tracking."""
    return {"tracking_field": settings.tracking_field, "carrier_field": settings.carrier_field}


def decide(context: ShipmentContext) -> Outcome | None:
    """Go on with what has left; bring known shipments their tracking."""
    invoice = context.invoice
    context.own = list(Link.objects.of(context.connection, Link.Kind.SHIPMENT).filter(target_id=invoice.id))
    if invoice.status != COMPLETE:
        if context.own:
            raise held(voided(context))
        return skipped("not_complete", f"Invoice {invoice.number} is {invoice.status}: nothing has left with it.")
    if context.settings.shipping == OrderSettings.Shipping.STORE:
        return skipped("shipped_by_store", f"Invoice {invoice.number} follows what the store had shipped already.")
    if not context.settings.sends_shipments:
        return skipped(SHIPMENTS_OFF, "Shipments are not sent back to the store: that is switched off.")
    if context.own:
        return retrack(context)
    if must_wait(context):
        sentence = f"Invoice {invoice.number} has no tracking number yet: the shopper is told once it has one."
        context.decide(sentence)
        return Outcome(disposition=Record.Disposition.IN_FLIGHT, code=AWAITING_TRACKING, sentence=sentence)
    return None


def must_wait(context: ShipmentContext) -> bool:
    """The store mails the shopper when a shipment is made: with a number, or never."""
    settings = context.settings
    return settings.notifies_shopper and bool(settings.tracking_field) and not context.invoice.tracking


def retrack(context: ShipmentContext) -> Outcome:
    """Carrier and tracking as the invoice has them now."""
    stale = [link for link in context.own if link.fingerprint != context.fingerprint]
    for link in stale:
        context.bigcommerce.shipment_update(context.order_id, link.source_id, tracking_body(context.invoice))
        remember(context, link.source_id)
    words = "The store's shipment has the new tracking." if stale else "The store knows of it; nothing has changed."
    context.decide(words)
    return Outcome(disposition=Record.Disposition.BOOKED, sentence=words)


def match(context: ShipmentContext) -> Outcome | None:
    """Which of the store's lines left, to which address, and what the store knows of already."""
    context.order = order_from_bigcommerce(context.bigcommerce.order_read(context.order_id))
    if context.order.status_id in ENDED:
        raise held(ended(context))
    answers = context.bigcommerce.order_shipments(context.order_id)
    context.shipments = [shipment_from_bigcommerce(answer) for answer in answers]
    ours = Link.objects.of(context.connection, Link.Kind.SHIPMENT).filter(
        source_id__in=[shipment.id for shipment in context.shipments]
    )
    context.plan = plan(
        context.order,
        context.invoice,
        skus=linked_skus(context.connection, [int(item) for item in context.invoice.items]),
        shipments=context.shipments,
        ours=dict(ours.values_list("source_id", "target_id")),
    )
    if context.plan.is_empty and not context.plan.shipped_before:
        return nothing_to_ship(context)
    return None


def nothing_to_ship(context: ShipmentContext) -> Outcome:
    """Collected, downloaded, or not sold by the store at all."""
    if context.order.is_pickup:
        status_bring(context, OrderSettings.ShippedStatus.COMPLETED)
        sentence = f"Order {context.order_id} was collected: there is nothing to ship."
        return Outcome(disposition=Record.Disposition.BOOKED, sentence=sentence)
    return skipped("nothing_to_ship", f"Nothing of invoice {context.invoice.number} is shipped by the store's order.")


def deliver(context: ShipmentContext) -> None:
    """Remember what was posted without an answer, and post the rest."""
    for shipment in context.plan.adopted:
        remember(context, shipment.id)
        context.decide(f"The store knows of shipment {shipment.id} already: it is ours.")
    if context.plan.parcels:
        context.wait_for_lost_writes()
    for parcel in context.plan.parcels:
        try:
            answer = context.bigcommerce.shipment_create(context.order_id, shipment_body(parcel, context.invoice))
        except Rejected as refusal:
            raise held(refused(context, refusal)) from refusal
        failpoints.passing("shipment.created")
        context.shipments.append(shipment_from_bigcommerce(answer))
        remember(context, context.shipments[-1].id)
    made = context.shipments[len(context.shipments) - len(context.plan.parcels) :]
    context.learn(facts=evidence(context, [*context.plan.adopted, *made]))


def remember(context: ShipmentContext, shipment_id: str) -> None:
    services.link_store(
        context.connection,
        Link.Kind.SHIPMENT,
        source_id=shipment_id,
        target_id=context.invoice.id,
        target_label=context.invoice.number,
        fingerprint=context.fingerprint,
    )


def evidence(context: ShipmentContext, shipments: list[Shipment]) -> dict[str, object]:
    """What the order's page shows of the parcels."""
    skus = {line.source_id: line.sku for line in context.order.lines}
    return {
        "invoice": context.invoice.number,
        "carrier": context.invoice.carrier,
        "tracking": list(context.invoice.tracking),
        "shipments": [
            {
                "id": shipment.id,
                "pieces": [{"sku": skus.get(line, ""), "quantity": count} for line, count in shipment.pieces],
            }
            for shipment in shipments
        ],
    }


def confirm(context: ShipmentContext) -> Outcome:
    """See what status the store gave the order, and set it where the store did not, or another is wanted."""
    is_whole = has_all_left(context.order, context.shipments)
    status_bring(context, context.settings.shipped_status if is_whole else PARTIALLY_SHIPPED)
    sentence = sentence_of(context, is_whole=is_whole)
    context.decide(sentence)
    return Outcome(disposition=Record.Disposition.BOOKED, sentence=sentence)


def status_bring(context: ShipmentContext, wanted: int) -> None:
    """Move the order's status forward, never back and never out of a hold; our own change is known to the poll."""
    order = context.bigcommerce.order_head(context.order_id)
    if PROGRESS.get(int(order["status_id"]), FURTHEST) < PROGRESS[wanted]:
        order = context.bigcommerce.order_update(context.order_id, status_id=wanted)
        context.decide(f"The store's order is {order.get('status')} now.")
    Record.objects.filter(connection=context.connection, flow=ORDERS.name, external_id=context.order_id).update(
        source_status=str(order.get("status") or ""), source_version=str(order.get("date_modified") or "")
    )


def sentence_of(context: ShipmentContext, *, is_whole: bool) -> str:
    count = sum(parcel.count for parcel in (*context.plan.parcels, *context.plan.adopted))
    numbers = ", ".join(context.invoice.tracking)
    parts = [
        f"{count} {'piece' if count == 1 else 'pieces'} of order {context.order_id} left"
        + (f" with {context.invoice.carrier or 'tracking'} {numbers}" if numbers else "")
        + (": it is shipped." if is_whole else "; the rest has not left yet.")
    ]
    if context.plan.shipped_before:
        parts.append(f"{context.plan.shipped_before} more had been shipped in the store before.")
    return " ".join(parts)


def skipped(code: str, sentence: str) -> Outcome:
    return Outcome(disposition=Record.Disposition.SKIPPED, code=code, sentence=sentence)


def voided(context: ShipmentContext) -> Violation:
    return Violation(
        code="invoice_voided",
        sentence=f"Invoice {context.invoice.number} is {context.invoice.status} in Heartland, but the store shows its "
        "goods as shipped.",
        field="status",
        value=context.invoice.status,
        fix="Delete the shipment in the store if nothing has left.",
        fix_page="store",
    )


def ended(context: ShipmentContext) -> Violation:
    return Violation(
        code="shipped_after_end",
        sentence=f"Heartland invoiced {context.invoice.number}, but the store's order is {context.order.status}.",
        field="status",
        value=context.order.status,
        fix="Take the goods back with a return in Heartland, or reopen the order in the store and retry.",
        fix_page="store",
    )


def refused(context: ShipmentContext, refusal: Rejected) -> Violation:
    return Violation(
        code="shipment_refused",
        sentence=f"The store refuses the shipment of invoice {context.invoice.number}: {refusal.summary}",
        field=next(iter(refusal.fields), ""),
        fix="Correct the order in the store, then retry.",
        fix_page="store",
    )


SHIPMENTS = Flow(
    name="shipments",
    title="Invoice",
    context=ShipmentContext,
    steps=(
        Step("read", read),
        Step("decide", decide),
        Step("match", match),
        Step("deliver", deliver),
        Step("confirm", confirm),
    ),
    calls=((System.BIGCOMMERCE, 4), (System.HEARTLAND, 1)),
)
