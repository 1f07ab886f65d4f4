"""Invoice an order as it is booked: begin an invoice at the one location, take its pieces, complete it.

Calls (heartland-retail.md §12.2): 1 look at the order's invoices (a lost answer must not ship twice), 1 invoice, 1 line
an item, 1 completion, 1 look at the order.
"""

from collections import Counter
from typing import TYPE_CHECKING, Any

from errors.failures import Rejected, Violation, held
from mappings.core.heartland.sales_orders import SalesOrder, sales_order_from_heartland

if TYPE_CHECKING:
    from syncjobs.flows.orders.order_context import OrderContext


def invoice(context: "OrderContext", sales_order: SalesOrder) -> SalesOrder:
    """Ship everything in Heartland's books; answers the order as it is then. Raises a hold when Heartland refuses."""
    if sales_order.status != "open":
        return sales_order
    try:
        write(context, sales_order)
    except Rejected as refusal:
        raise held(
            Violation(
                code="invoice_refused",
                sentence=f"{sales_order.public_id} is booked, but Heartland does not invoice it: {refusal.summary}",
                field="invoice",
                fix="Invoice it in Heartland, or correct what it says; then retry.",
                fix_page="heartland",
            )
        ) from refusal
    context.decide(f"{sales_order.public_id} is invoiced.")
    return sales_order_from_heartland(context.heartland.order_read(sales_order.id))


def write(context: "OrderContext", sales_order: SalesOrder) -> None:
    """Complete the invoice that an earlier try began, or a new one."""
    begun = [row for row in context.heartland.invoices_of_order(sales_order.id) if row.get("status") == "pending"]
    context.wait_for_lost_writes()
    invoice_id = str(begun[0]["id"]) if begun else begin(context, sales_order)
    missing = sales_order.open_pieces()
    if begun:
        missing.subtract(pieces(context.heartland.invoice_read(invoice_id)))
    for item_id, count in missing.items():
        if count > 0:
            context.heartland.invoice_line_add(invoice_id, {"type": "ItemLine", "item_id": item_id, "qty": count})
    context.heartland.invoice_update(invoice_id, status="complete")


def begin(context: "OrderContext", sales_order: SalesOrder) -> str:
    place = context.settings.ship_from
    if place is None:  # the database promises one; see OrderSettings
        raise RuntimeError(f"{context.connection} invoices at once, but no location ships")
    body = {
        "type": "Invoice",
        "order_id": int(sales_order.id),
        "customer_id": sales_order.answer.get("customer_id"),
        "source_location_id": int(place.external_id),
        "station_id": int(place.station_id),
    }
    return context.heartland.invoice_create(body)


def pieces(answer: dict[str, Any]) -> Counter[int]:
    found: Counter[int] = Counter()
    for line in answer.get("lines") or []:
        found[int(line["item_id"])] += int(line["qty"])
    return found
