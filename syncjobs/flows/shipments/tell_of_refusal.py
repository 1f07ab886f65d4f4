"""Who is told that the money of leaving goods was not to be had: Heartland, the store, the shopper; each once."""

from errors.failures import Violation
from mappings.core.heartland.payment_changes import PENDING, refused
from mappings.core.heartland.sales_orders import SalesOrder
from mappings.core.rules.shopper_mail import Mail, mail_of
from syncjobs.flows.mailing import mail_shopper
from syncjobs.flows.shipments.shipment_context import ShipmentContext
from syncjobs.flows.shipments.tell_store import note_status
from syncjobs.models import Record
from syncjobs.stores.known_statuses import head_understood

HEARTLAND, STORE, STATUS, SHOPPER = "heartland", "store", "status", "shopper"


def tell_of_refusal(context: ShipmentContext, violation: Violation, told: list[str]) -> None:
    """Tell those who are not in `told` yet, and add them. Raises what the two systems raise."""
    if STORE not in told:
        context.store.feedback.note_write(context.order_id, violation.sentence)
        told.append(STORE)
    if STATUS not in told:
        move(context)
        told.append(STATUS)
    if HEARTLAND not in told:
        note_in_heartland(context, context.sales_order)
        told.append(HEARTLAND)
    if SHOPPER not in told:
        told.append(SHOPPER)
        tell_shopper(context, told)


def move(context: ShipmentContext) -> None:
    """Bring the store's order to the status that the merchant chose for this, if any."""
    wanted = context.settings.refused_status
    if wanted and wanted != context.order.status_key:
        head = head_understood(context.store.feedback.status_write(context.order_id, wanted), context.tables)
        note_status(context, head)
        context.decide(f"The store's order is {head.status_name} now.")


def note_in_heartland(context: ShipmentContext, sales_order: SalesOrder) -> None:
    """The payments still to come say in their description that they do not: one call each."""
    for payment in sales_order.payments:
        description = str(payment.get("description") or "")
        if payment.get("status") == PENDING and refused(description) != description:
            context.heartland.order_payment_update(sales_order.id, str(payment["id"]), description=refused(description))
            context.decide(f"The pending payment on {sales_order.public_id} says that it was refused.")


def tell_shopper(context: ShipmentContext, told: list[str]) -> None:
    """Mail the shopper by the merchant's text, if there is one; that it was done is kept before."""
    settings, order = context.settings, context.order
    text = Mail(subject=settings.refused_mail_subject, text=settings.refused_mail_text)
    if not (text.subject and text.text and order.buyer.email):
        return
    facts = {**context.record.facts, **context.facts.get("facts", {})}
    facts["charge"] = {**(facts.get("charge") or {}), "told": list(told)}
    Record.objects.filter(pk=context.record.pk).update(facts=facts)
    mail = mail_of(text, order, shop=context.connection.store.name)
    is_sent = mail_shopper(order.buyer.email, mail)
    context.decide("The shopper was mailed." if is_sent else "The mail to the shopper could not be sent.")
