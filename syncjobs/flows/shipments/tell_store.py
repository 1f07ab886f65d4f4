"""Post what the store lacks, and set its order's status where the store did not."""

from collections.abc import Sequence

from django.utils import timezone

from errors.failures import NotFound, Rejected, held
from ipaas import failpoints
from mappings.core.canonical.shipment import Shipment
from mappings.core.canonical.statuses import LEFT, PROGRESS
from mappings.core.rules.shipments import has_all_left, less
from syncjobs.flows.base import Outcome
from syncjobs.flows.orders import ORDERS
from syncjobs.flows.shipments import shipment_words
from syncjobs.flows.shipments.questions import LEFT_OUT
from syncjobs.flows.shipments.read_invoice import skipped
from syncjobs.flows.shipments.shipment_context import ShipmentContext, digest, notifies
from syncjobs.flows.shipments.tell_of_pickup import tell_of_pickup
from syncjobs.models import Record
from syncjobs.stores.known_statuses import head_understood
from syncjobs.stores.port import OrderHead

FURTHEST = max(PROGRESS.values())


def deliver(context: ShipmentContext) -> None:
    """Remember what was posted without an answer, and post the rest."""
    known = context.shipments = context.shipments or []
    for shipment in context.plan.adopted:
        context.remember(shipment)
        context.decide(f"The store knows of shipment {shipment.id} already: it is ours.")
    if context.plan.parcels:
        context.wait_for_lost_writes()
    made: list[Shipment] = [*context.there, *context.plan.adopted]
    context.keep(**evidence(context, made))
    for parcel in context.plan.parcels:
        try:
            shipment = context.store.shipments.ship(
                context.order_id, parcel, context.invoice, place=place_of(context), notifies=notifies(context)
            )
        except Rejected as refusal:
            raise held(shipment_words.refused(context, refusal)) from refusal
        failpoints.passing("shipment.created")
        made.append(shipment)
        known.append(shipment)
        context.remember(shipment)
        context.keep(**evidence(context, made))
        if lacking := list(less([parcel], [shipment])):
            raise held(shipment_words.cut(context, lacking))


def place_of(context: ShipmentContext) -> str:
    """The store's place that the invoice's location feeds; "" where the merchant named none."""
    counted = context.connection.counted_locations.filter(location__external_id=context.invoice.location_id)
    return counted.values_list("store_location", flat=True).first() or ""


def evidence(context: ShipmentContext, shipments: Sequence[Shipment]) -> dict[str, object]:
    """What the order's page shows of the parcels, and what was last told of carrier and tracking."""
    skus = {line.source_id: line.sku for line in context.order.lines}
    return {
        "invoice": context.invoice.number,
        **shipment_words.tracking(context),
        "told": digest(context.tracking.shown),
        "pieces": sum(shipment.count for shipment in shipments),
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
    goods = context.plan
    if goods.is_empty and not goods.shipped_before:
        return nothing_to_ship(context)
    is_whole = has_all_left(context.order, context.shipments or []) and not waits_for_pickup(context)
    settings = context.settings
    status_bring(context, settings.shipped_status if is_whole else settings.part_shipped_status)
    sentence = shipment_words.done(context, is_whole=is_whole)
    context.decide(sentence)
    code = LEFT_OUT if context.leaves_out else ""
    return Outcome(disposition=Record.Disposition.BOOKED, code=code, sentence=sentence)


def waits_for_pickup(context: ShipmentContext) -> bool:
    """Whether something of a pickup order was not invoiced yet: an invoice is all that tells of a collection."""
    return context.order.is_pickup and any(context.sales_order.open_pieces().values())


def nothing_to_ship(context: ShipmentContext) -> Outcome:
    """Collected, downloaded, or not sold by the store at all."""
    goods, number = context.plan, context.invoice.number
    if goods.given_back:
        sentence = f"What invoice {number} holds was given back to the shopper and is left out, as chosen."
        return Outcome(disposition=Record.Disposition.BOOKED, code=LEFT_OUT, sentence=sentence)
    if not (context.order.is_pickup and goods.elsewhere):
        return skipped("nothing_to_ship", shipment_words.nothing(context))
    if waits_for_pickup(context) or not has_all_left(context.order, context.shipments or []):
        sentence = (
            f"{shipment_words.pieces(goods.elsewhere)} of order {context.order_title} collected; the rest still waits."
        )
    else:
        head = tell_of_pickup(context)
        note_status(context, head or order_head(context))
        sentence = shipment_words.collected(context, is_told=head is not None)
    context.decide(sentence)
    return Outcome(disposition=Record.Disposition.BOOKED, sentence=sentence)


def status_bring(context: ShipmentContext, wanted: str = "") -> None:
    """Move the order's status forward, never back and never out of a hold; our own change is known to the poll."""
    order = order_head(context)
    target = context.statuses.get(wanted)  # none wanted: left as it is
    if target and PROGRESS.get(order.meaning, FURTHEST) < PROGRESS.get(target.meaning, 0):
        order = context.store.feedback.status_write(context.order_id, wanted)
        context.decide(f"The store's order is {order.status_name} now.")
    note_status(context, order)


def order_head(context: ShipmentContext) -> OrderHead:
    """The store's order as it is now: one call. Raises a hold where it is gone."""
    try:
        return head_understood(context.store.orders.head(context.order_id), context.tables)
    except NotFound as failure:
        raise held(shipment_words.order_gone(context)) from failure


def note_status(context: ShipmentContext, order: OrderHead) -> None:
    """Keep with the order's record how it is now: our own change is known to the poll.

    Unless somebody changed it before this run read it: that change is still to be looked at.
    """
    records = Record.objects.filter(connection=context.connection, flow=ORDERS.name, external_id=context.order_id)
    records.update(source_status=order.status_name, source_meaning=order.meaning)
    as_read = records.filter(source_version=context.order.version)
    as_read.update(source_version=order.version, source_seen_at=timezone.now())
    if order.meaning in LEFT:
        records.update(to_distribute=0)
