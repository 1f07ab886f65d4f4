"""The invoice as Heartland has it now, and whether it is one that the store is to be told of."""

from connections.models import OrderSettings
from errors.failures import NotFound, TransientFailure, held
from mappings.core.canonical.shipment import Invoice
from mappings.core.heartland.invoices import invoice_from_heartland
from mappings.models import Link
from syncjobs.flows.base import Outcome
from syncjobs.flows.orders.standing_for import orders_of
from syncjobs.flows.settled import still_closed
from syncjobs.flows.shipments import questions, shipment_words
from syncjobs.flows.shipments.shipment_context import ShipmentContext, digest, notifies
from syncjobs.models import Record

PENDING, COMPLETE, GONE = "pending", "complete", "gone"
SHIPMENTS_OFF = "shipments_off"


def read(context: ShipmentContext) -> Outcome | None:
    """The invoice as it is now."""
    links = Link.objects.of(context.connection, Link.Kind.SHIPMENT).filter(target_id=context.external_id)
    context.own = list(links)
    try:
        answer = context.heartland.invoice_read(context.external_id)
    except NotFound:
        if not context.own or not context.record.order_id:
            return skipped("not_in_heartland", f"Heartland has no invoice {context.external_id}.")
        context.invoice, context.order_id = gone(context), context.record.order_id
        return None
    context.invoice = invoice_from_heartland(answer, **invoice_fields(context.settings))
    web_id = orders_of(context.connection, [context.invoice.order_id]).get(context.invoice.order_id)
    if web_id is None and not (context.own and context.record.order_id):
        return skipped("not_of_this_store", f"Invoice {context.invoice.number} is of no order of this store.")
    context.order_id = web_id or context.record.order_id
    context.sales_order_id = context.invoice.order_id
    context.learn(
        label=f"Invoice {context.invoice.number} of order {context.order_title}",
        order_id=context.order_id,
        source_status=context.invoice.status,
        source_version=context.invoice.version,
    )
    return still_closed(context, context.invoice.version)


def gone(context: ShipmentContext) -> Invoice:
    """An invoice that Heartland does not know any more: to the store it is a voided one."""
    number = context.own[0].target_label or context.external_id
    return Invoice(id=context.external_id, number=number, order_id="", status=GONE, version="", items={}, names={})


def invoice_fields(settings: OrderSettings) -> dict[str, str]:
    """Which custom fields of an invoice hold its carrier and tracking."""
    return {"tracking_field": settings.tracking_field, "carrier_field": settings.carrier_field}


def decide(context: ShipmentContext) -> Outcome | None:
    """Go on with what has left; hold what was taken back; bring known shipments their tracking."""
    invoice, settings = context.invoice, context.settings
    if invoice.status == PENDING:
        return skipped("not_complete", f"Invoice {invoice.number} is {invoice.status}: nothing has left with it.")
    if invoice.status != COMPLETE:
        return taken_back(context)
    if settings.shipping == OrderSettings.Shipping.STORE:
        return skipped("shipped_by_store", f"Invoice {invoice.number} follows what the store had shipped already.")
    if not settings.sends_shipments:
        return skipped(SHIPMENTS_OFF, "Shipments are not sent back to the store: that is switched off.")
    if invoice.tracking and not context.tracking.number:
        raise held(shipment_words.too_long(context))
    if not context.own:
        return None
    look(context)
    return None if context.vanished or is_unfinished(context) else retrack(context)


def is_unfinished(context: ShipmentContext) -> bool:
    """Whether some of the goods may still have to be told: a try ended early, or a choice was taken back."""
    record = context.record
    is_reopened = record.code == questions.LEFT_OUT and not record.choice
    return is_reopened or record.disposition != Record.Disposition.BOOKED


def look(context: ShipmentContext) -> None:
    """What the store shows as shipped of the order: one call. An order that is gone shows nothing."""
    try:
        context.shipments = context.store.shipments.shipments(context.order_id)
    except NotFound:
        context.shipments = []


def taken_back(context: ShipmentContext) -> Outcome:
    """Voided after the store was told: a person deletes the store's shipment, or keeps it. Raises a hold until then."""
    if context.own:
        look(context)
    invoice = context.invoice
    if not context.there:
        context.forget(context.vanished)
        context.keep(shipments=[], pieces=0)
        said = f"Invoice {invoice.number} is {invoice.status} in Heartland"
        return skipped("invoice_voided", f"{said}, and the store shows no shipment of it.")
    choice = questions.choice_on(context, [shipment_words.voided(context)])
    if choice is None:
        raise questions.asked(context, [shipment_words.voided(context)])
    context.keep(pieces=0)
    sentence = f"Invoice {invoice.number} is {invoice.status} in Heartland; the store keeps its shipment, as chosen."
    context.decide(sentence)
    return Outcome(disposition=Record.Disposition.BOOKED, code=questions.VOIDED_KEPT, sentence=sentence)


def retrack(context: ShipmentContext) -> Outcome:
    """Carrier and tracking as the invoice has them now, unless somebody wrote others in the store."""
    told = digest(context.tracking.shown)
    kept = {link.source_id: link.fingerprint for link in context.own}
    differing = [shipment for shipment in context.there if dict(shipment.told) != context.tracking.shown]
    edited = [shipment for shipment in differing if digest(shipment.told) != kept[shipment.id]]
    is_news = context.record.facts.get("told") != told
    if edited and is_news:
        question = [shipment_words.tracking_conflict(context, edited)]
        choice = questions.choice_on(context, question)
        if choice is None:
            raise questions.asked(context, question)
        if choice == Record.Choice.STORE:
            sentence = "The store's shipment keeps the carrier and tracking written there, as chosen."
            return known(context, sentence, questions.TRACKING_KEPT)
    elif edited:
        return known(context, shipment_words.edited_in_store(context, edited))
    if not (differing and is_news):
        context.keep(told=told)
        return known(context, "The store shows its shipment as Heartland has it; nothing has changed.")
    for shipment in differing:
        try:
            tracked = context.store.shipments.track(
                context.order_id, shipment.id, context.invoice, notifies=notifies(context)
            )
        except NotFound as failure:
            raise TransientFailure("The store's shipment vanished at this moment and is looked at again.") from failure
        context.remember(tracked)
    context.keep(told=told, **shipment_words.tracking(context))
    return known(context, "The store's shipment has the new tracking." + shipment_words.left_out(context))


def known(context: ShipmentContext, sentence: str, code: str = "") -> Outcome:
    """Told before; what a person chose to leave out stays so."""
    if not code and context.record.code == questions.LEFT_OUT:
        code, sentence = questions.LEFT_OUT, f"{sentence} Some of the invoice is left out there, as chosen."
    context.decide(sentence)
    return Outcome(disposition=Record.Disposition.BOOKED, code=code, sentence=sentence)


def skipped(code: str, sentence: str) -> Outcome:
    return Outcome(disposition=Record.Disposition.SKIPPED, code=code, sentence=sentence)
