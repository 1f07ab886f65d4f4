"""A cancelled or declined store order cancels its sales order, unless goods have left already."""

from typing import TYPE_CHECKING

from errors.failures import Violation, held
from mappings import services
from mappings.core.sales_orders import SalesOrder, sales_order_from_heartland
from mappings.models import Link
from syncjobs.flows.base import Outcome
from syncjobs.models import Record

if TYPE_CHECKING:
    from syncjobs.flows.orders.context import OrderContext


def cancel(context: "OrderContext") -> Outcome:
    """Give the recorded payments back and cancel; 3 calls, or 1 when it is cancelled already."""
    link = services.link_get(context.connection, Link.Kind.ORDER, context.external_id)
    if link is None:
        raise RuntimeError(f"Order {context.external_id} has nothing to cancel")
    sales_order = sales_order_from_heartland(context.heartland.order_read(link.target_id))
    if sales_order.status != "canceled":
        refuse_when_invoiced(context, sales_order)
        undo(context, sales_order)
    context.learn(target_id=sales_order.id, target_label=sales_order.public_id, target_total=sales_order.total)
    sentence = f"{context.order.status} in the store: {sales_order.public_id} is cancelled in Heartland."
    context.decide(sentence)
    return Outcome(disposition=Record.Disposition.CANCELLED, code="cancelled", sentence=sentence)


def undo(context: "OrderContext", sales_order: SalesOrder) -> None:
    """Refund what was recorded as paid (heartland-retail.md §11.4), then cancel."""
    context.wait_for_lost_writes()
    for payment_type_id, amount in sales_order.paid_by_type():
        context.heartland.order_payment_add(
            sales_order.id,
            {"type": "CustomPayment", "payment_type_id": int(payment_type_id), "deposit": True, "amount": -amount},
        )
    context.heartland.order_update(sales_order.id, status="canceled")


def refuse_when_invoiced(context: "OrderContext", sales_order: SalesOrder) -> None:
    if sales_order.status == "closed" or sales_order.is_invoiced:
        raise held(
            Violation(
                code="cancelled_after_invoice",
                sentence=f"The store says {context.order.status}, but Heartland has invoiced {sales_order.public_id}.",
                field="status",
                value=context.order.status,
                fix="Take the goods back with a return in Heartland, or reopen the order in the store.",
                fix_page="heartland",
            )
        )
