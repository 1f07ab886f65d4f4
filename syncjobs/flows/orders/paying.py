"""What of an order's money was taken: recorded as paid when it was, as still to come while it was not.

An order that is brought before its money was taken is booked open with a pending payment (heartland-retail.md §18.1),
which is completed once the store says that the money came; where only a part of it came, two take its place.
"""

from dataclasses import replace
from decimal import Decimal

from errors.failures import Rejected, Violation, held
from ipaas import failpoints
from ipaas.types import JSON
from mappings.core.canonical.order import ZERO, Order, PaymentState, TenderKind
from mappings.core.canonical.statuses import ENDED
from mappings.core.heartland.payment_changes import (
    COMPLETE,
    Changes,
    Payment,
    amount_of,
    changes,
    no_more_refused,
)
from mappings.core.heartland.sales_orders import SalesOrder
from mappings.core.rules.payments import payment_state
from syncjobs.flows.orders.order_context import Effect, OrderContext
from syncjobs.flows.own_payments import CAPTURE, expect, note_pending
from syncjobs.flows.own_payments import VOID as VOIDING
from syncjobs.models import Record

PARTING = "parting"  # fact of a record while one payment gives way to two: their sum and what they are like
ALIKE = ("type", "payment_type_id", "deposit", "description", "reference")


def payment_of(context: OrderContext) -> PaymentState:
    """As the order or the merchant's table says; where neither does, as the transactions do: one call, once a run.

    They are asked too where the order grew since it was booked, or some of its money was to come: an order that staff
    made larger goes on calling itself paid.
    """
    if context.payment is None:
        state = payment_state(context.order, context.tables.paid_methods)
        if state is PaymentState.UNKNOWN:
            state = context.store.payments.payment_state(context.order)
        elif state is PaymentState.TAKEN and is_doubtful(context):
            part = context.store.payments.taken_in_part(context.order)
            if part is not None:
                context.order, state = replace(context.order, taken=part), PaymentState.OUTSTANDING
        context.payment = state
    return context.payment


def is_doubtful(context: OrderContext) -> bool:
    """Whether an order that says it is paid may mean less than its total of now."""
    record = context.record
    still_due = (record.facts.get("heartland") or {}).get("due")
    booked = record.target_total if context.link else None
    has_grown = booked is not None and context.order.total > booked
    is_over = context.order.is_deleted or context.order.meaning in ENDED
    return not is_over and (has_grown or bool(Decimal(still_due or 0)))


def taken_shown(context: OrderContext) -> JSON:
    """For the page: how much was taken, where that is known to be a part."""
    if is_doubtful(context):
        payment_of(context)
    part = taken_of(context.order)
    return {"taken": f"{part:f}"} if ZERO < part < gateway_of(context.order) else {}


def taken_of(order: Order) -> Decimal:
    """How much of what the gateway has to bring was taken, where that is known to be a part."""
    return min(order.taken, gateway_of(order))


def gateway_of(order: Order) -> Decimal:
    """What the gateway has to bring."""
    return sum((tender.amount for tender in order.tenders if tender.kind is TenderKind.GATEWAY), ZERO)


def payments_settle(context: OrderContext, sales_order: SalesOrder) -> SalesOrder:
    """Complete what was taken of its pending payments: one call each, none while nothing more came.

    Three calls for one of which a part came.
    """
    if not sales_order.due:
        return sales_order
    planned = changes(sales_order.payments, due=still_to_come(context), whole=sales_order.paid)
    if not planned:
        return sales_order
    amount = sum((amount_of(one) for one in planned.completed), ZERO)
    amount += sum((amount for status, amount in planned.added if status == COMPLETE), ZERO)
    taken = f"The money was taken: {amount} of the payments on {sales_order.public_id} is completed."
    context.intend(Effect.CREATE, taken)
    return written(context, sales_order, planned)


def payments_resume(context: OrderContext, sales_order: SalesOrder) -> SalesOrder:
    """Record what takes the place of a payment that an earlier try voided, and no more; no call where none did."""
    parting = context.record.facts.get(PARTING)
    if not parting:
        return sales_order
    whole = Decimal(parting["whole"])
    planned = Changes() if sales_order.paid >= whole else missing(context, sales_order, whole)
    sales_order = written(context, sales_order, planned) if planned else sales_order
    note_parting(context, None)
    return sales_order


def missing(context: OrderContext, sales_order: SalesOrder, whole: Decimal) -> Changes:
    """The parts of a voided payment that are not recorded yet."""
    planned = changes(sales_order.payments, due=still_to_come(context), whole=whole)
    return Changes(added=planned.added) if not planned.voided else Changes()


def still_to_come(context: OrderContext) -> Decimal:
    """What of the gateway's money was not taken yet."""
    if payment_of(context) is PaymentState.TAKEN:
        return ZERO
    return gateway_of(context.order) - taken_of(context.order)


def written(context: OrderContext, sales_order: SalesOrder, planned: Changes) -> SalesOrder:
    """Write it; answers the sales order as it then is."""
    after = {str(one["id"]): dict(one) for one in sales_order.payments}
    for payment in planned.completed:
        told = cleared(payment) | {"status": COMPLETE}
        expect(context, CAPTURE, amount_of(payment))
        context.heartland.order_payment_update(sales_order.id, str(payment["id"]), **told)
        after[str(payment["id"])] |= told
    if planned.voided:
        context.wait_for_lost_writes()
        like = {name: planned.voided[name] for name in ALIKE if planned.voided.get(name) is not None}
        note_parting(context, {"whole": f"{sales_order.paid:f}", "like": like | cleared(planned.voided)})
        expect(context, VOIDING, amount_of(planned.voided))
        context.heartland.order_payment_update(sales_order.id, str(planned.voided["id"]), status="void")
        failpoints.passing("payment.voided")
        del after[str(planned.voided["id"])]
    payments = [*after.values(), *added(context, sales_order, planned)]
    if planned.voided:
        note_parting(context, None)
    return replace(sales_order, payments=tuple(payments), paid=sum((amount_of(one) for one in payments), ZERO))


def added(context: OrderContext, sales_order: SalesOrder, planned: Changes) -> list[JSON]:
    """Record the parts that take the place of a voided payment."""
    made: list[JSON] = []
    if planned.added:
        context.wait_for_lost_writes()
    for status, amount in planned.added:
        body = dict(parting_of(context)["like"]) | {"amount": amount, "status": status}
        if fields := context.tables.field_defaults["payment"]:
            body["custom"] = dict(fields)
        if status == COMPLETE:
            expect(context, CAPTURE, amount)
        payment_id = context.heartland.order_payment_add(sales_order.id, body)
        failpoints.passing("payment.parted")
        made.append(body | {"id": payment_id})
    note_pending(context, made)
    return made


def cleared(payment: Payment) -> JSON:
    """The description without what was noted when its money was refused, where that was."""
    description = str(payment.get("description") or "")
    clean = no_more_refused(description)
    return {} if clean == description else {"description": clean}


def parting_of(context: OrderContext) -> JSON:
    parting: JSON = context.record.facts[PARTING]
    return parting


def note_parting(context: OrderContext, parting: JSON | None) -> None:
    """Keep, at once, what a try that dies has to leave to the next one."""
    told = {PARTING: parting} if parting else {}
    context.record.facts = {name: value for name, value in context.record.facts.items() if name != PARTING} | told
    Record.objects.filter(pk=context.record.pk).update(facts=context.record.facts)
    facts = context.facts.get("facts", context.record.facts)
    context.learn(facts={name: value for name, value in facts.items() if name != PARTING} | told)


def pending_refused(context: OrderContext, refusal: Rejected) -> Exception:
    """Heartland takes no payment that is still to come: the order waits for its money."""
    return held(
        Violation(
            code="pending_payment_refused",
            sentence=f"Order {context.title} is not paid yet, and Heartland takes no payment that is still to "
            f"come: {refusal.summary}",
            field="payment",
            fix="Bring orders only once they are paid, or say that this method counts as paid when ordered.",
            fix_page="payments",
        )
    )
