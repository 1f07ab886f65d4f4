"""A cancelled or declined store order cancels its sales order, unless goods have left already."""

from dataclasses import replace
from typing import TYPE_CHECKING

from errors.failures import NotFound, Violation, held
from mappings import services
from mappings.core.canonical.order import ZERO
from mappings.core.heartland import sales_order_changes
from mappings.core.heartland.payment_changes import amount_of
from mappings.core.heartland.sales_orders import SalesOrder, sales_order_from_heartland
from mappings.models import Link
from syncjobs.flows.base import Outcome
from syncjobs.flows.orders import evidence
from syncjobs.flows.orders.order_context import WITHDRAWN, Effect
from syncjobs.flows.own_payments import REFUND, VOID, expect, note_pending
from syncjobs.models import Record

if TYPE_CHECKING:
    from syncjobs.flows.orders.order_context import OrderContext

ENDED_AFTER_INVOICE = "cancelled_after_invoice"


def cancel(context: "OrderContext") -> Outcome:
    """Give the recorded payments back and cancel; 3 calls, or 1 when it is cancelled already."""
    link = services.link_get(context.connection, Link.Kind.ORDER, context.external_id)
    if link is None:
        raise RuntimeError(f"Order {context.external_id} has nothing to cancel")
    context.link = link
    sales_order = look_at_booked(context, link)
    if sales_order is None:
        return cancelled(
            context, f"{context.order.status} in the store: Heartland has no {link.target_label} any more."
        )
    if sales_order.is_alive:
        note_seen(context, sales_order)
        if sales_order.is_final or context.parts:
            return kept_though_ended(context, sales_order)
        context.intend(
            Effect.CANCEL, f"{sales_order.public_id} is cancelled, and what was recorded as paid is taken back."
        )
    withdraw(context, sales_order)
    note_seen(context, as_cancelled(sales_order))
    drop_begun(context)
    return cancelled(
        context, f"{context.order.status} in the store: {sales_order.public_id} is cancelled in Heartland."
    )


def cancelled(context: "OrderContext", sentence: str) -> Outcome:
    context.decide(sentence)
    return Outcome(disposition=Record.Disposition.CANCELLED, code="cancelled", sentence=sentence)


def look_at_booked(context: "OrderContext", link: Link) -> SalesOrder | None:
    """The sales order of a booked order as Heartland has it now: one call. None when it is not there any more."""
    return look_at(context, link.target_id)


def look_at(context: "OrderContext", order_id: str) -> SalesOrder | None:
    """A sales order as Heartland has it now; None when it is not there."""
    try:
        return sales_order_from_heartland(context.heartland.order_read(order_id))
    except NotFound:
        return None


def note_seen(context: "OrderContext", sales_order: SalesOrder) -> None:
    """Keep Heartland's side as it was just read and judged, and whose its pending payments are."""
    note_pending(context, sales_order.payments)
    seen = {"heartland": evidence.heartland_facts(sales_order), "judged": sales_order_changes.state(sales_order)}
    context.learn(
        target_id=sales_order.id,
        target_label=sales_order.public_id,
        target_total=sales_order.total + context.parts_total,
        target_seen_at=context.now,
        is_distributed=sales_order.is_distributed,
        facts=context.facts.get("facts", context.record.facts) | seen,
    )


def as_cancelled(sales_order: SalesOrder) -> SalesOrder:
    """What our cancelling leaves in Heartland: nothing recorded as paid."""
    return replace(sales_order, status="canceled", paid=ZERO) if sales_order.is_alive else sales_order


def kept_though_ended(context: "OrderContext", sales_order: SalesOrder) -> Outcome:
    """Goods have left: nothing to undo once a person chose to keep Heartland's order. Raises a hold until then."""
    order = context.order
    context.ask(ended(order.status))
    if context.chosen is not Record.Choice.HEARTLAND:
        raise held(ended_after_invoice(context, sales_order))
    sentence = f"{order.status} in the store after {sales_order.public_id} was invoiced: kept in Heartland, as chosen."
    context.decide(sentence)
    return Outcome(disposition=Record.Disposition.BOOKED, code="kept_though_ended", sentence=sentence)


def ended(status: str) -> str:
    """What a choice about a cancelled or declined order is about."""
    return f"status {status}"


def withdraw(context: "OrderContext", sales_order: SalesOrder) -> None:
    """Cancel our sales order. The link says so first: an interrupted cancelling is not taken for the desk's."""
    if context.link and context.link.target_id == sales_order.id:
        Link.objects.filter(pk=context.link.pk).update(fingerprint=WITHDRAWN)
        context.link.fingerprint = WITHDRAWN
    if sales_order.is_alive:
        undo(context, sales_order)


def drop_begun(context: "OrderContext") -> None:
    """Cancel what was begun to replace a booked order, and is not wanted any more; no call where nothing was."""
    facts = dict(context.facts.get("facts", context.record.facts))
    left = facts.pop("left", None)
    if not left or context.link is None or left["id"] == context.link.target_id:
        return
    begun = look_at(context, left["id"])
    if begun and begun.status == "pending":
        context.intend(Effect.CANCEL, f"{begun.public_id}, begun and not finished, is cancelled.")
        undo(context, begun)
    context.learn(facts=facts)


def undo(context: "OrderContext", sales_order: SalesOrder) -> None:
    """Void what was still to come, refund what was recorded as paid (heartland-retail.md §11.4), then cancel."""
    context.wait_for_lost_writes()
    for payment in sales_order.payments:
        if payment.get("status") == "pending":
            expect(context, VOID, amount_of(payment))
            context.heartland.order_payment_update(sales_order.id, str(payment["id"]), status="void")
    fields = context.tables.field_defaults["payment"]
    custom = {"custom": fields} if fields else {}
    for payment_type_id, amount in sales_order.paid_by_type():
        body = {"type": "CustomPayment", "payment_type_id": int(payment_type_id), "deposit": True, "amount": -amount}
        expect(context, REFUND, amount)
        context.heartland.order_payment_add(sales_order.id, body | custom)
    context.heartland.order_update(sales_order.id, status="canceled")


def ended_after_invoice(context: "OrderContext", sales_order: SalesOrder) -> Violation:
    sentence = f"The store says {context.order.status}, but Heartland has invoiced {sales_order.public_id}."
    fix = "Take the goods back with a return in Heartland, or reopen the order in the store; or keep it as it is."
    return choice_needed(context, ENDED_AFTER_INVOICE, sentence, fix)


def choice_needed(context: "OrderContext", code: str, sentence: str, fix: str) -> Violation:
    """A reason that only a person can settle, for this order alone."""
    return Violation(
        code=code,
        sentence=sentence,
        field="order",
        value=context.external_id,
        fix=fix,
        fix_page=f"order/{context.external_id}",
    )
