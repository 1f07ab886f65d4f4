"""What of an order's money was taken: recorded as paid when it was, as still to come while it was not.

An order that is brought before its money was taken is booked open with a pending payment (heartland-retail.md §18.1),
which is completed once the store says that the money came.
"""

from dataclasses import replace

from errors.failures import Rejected, Violation, held
from mappings.core.canonical.order import PaymentState
from mappings.core.heartland.sales_orders import SalesOrder
from mappings.core.rules.payments import payment_state
from syncjobs.flows.orders.order_context import Effect, OrderContext

PENDING, COMPLETE = "pending", "complete"


def payment_of(context: OrderContext) -> PaymentState:
    """As the order or the merchant's table says; where neither does, as the transactions do: one call, once a run."""
    if context.payment is None:
        state = payment_state(context.order, context.tables.paid_methods)
        if state is PaymentState.UNKNOWN:
            state = context.store.payments.payment_state(context.order)
        context.payment = state
    return context.payment


def payments_complete(context: OrderContext, sales_order: SalesOrder) -> SalesOrder:
    """Complete its pending payments once the money was taken: one call each, none while nothing is still to come."""
    if not sales_order.due or payment_of(context) is not PaymentState.TAKEN:
        return sales_order
    taken = f"The money was taken: the payment of {sales_order.due} on {sales_order.public_id} is completed."
    context.intend(Effect.CREATE, taken)
    done = []
    for payment in sales_order.payments:
        if payment.get("status") == PENDING:
            context.heartland.order_payment_update(sales_order.id, str(payment["id"]), status=COMPLETE)
        done.append({**payment, "status": COMPLETE})
    return replace(sales_order, payments=tuple(done))


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
