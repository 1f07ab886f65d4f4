"""What a refund will become, as the order's page shows it before anything is booked. Money as text, nobody named."""

from collections.abc import Iterator
from decimal import Decimal

from connections.models import Location
from ipaas.types import JSON
from mappings.core.rules.refund_plan import ReturnPlan
from syncjobs.flows.refunds.refund_context import RefundContext

BACK, NOT_BACK = "back into stock", "not into stock"


def preview(context: RefundContext) -> list[JSON]:
    """A row a return: its number, the invoice that it is of, where it is booked, what is on it, and how it is paid.

    Amounts of entries as Heartland signs them: what goes back is below zero. What is paid back is above.
    """
    return [
        {
            "number": context.number(at),
            "invoice": part.sold.invoice_id if part.sold else "",
            "place": place(context, part),
            "entries": list(entries(context, part)),
            "total": f"{part.total:.2f}",
            "tenders": [{"method": one.method, "amount": f"{one.amount:.2f}"} for one in part.tenders],
        }
        for at, part in enumerate(context.plan.returns)
    ]


def place(context: RefundContext, part: ReturnPlan) -> str:
    """The name of the location that it is booked at; its id where it was not read yet."""
    location = context.location_of(part)
    names = Location.objects.filter(account=context.connection.heartland, external_id=location)
    return names.values_list("name", flat=True).first() or location


def entries(context: RefundContext, part: ReturnPlan) -> Iterator[JSON]:
    """Pieces, amounts, fees that are kept, delivery and tax; what belongs to no pieces has none."""
    skus = {line.source_id: line.sku for line in context.order.lines}
    names = {item: skus.get(line, line) for line, item in context.items.items()}
    stock = BACK if context.settings.restocks_refunds else NOT_BACK
    for line in part.lines:
        is_goods = not line.words
        yield entry(
            line.words or names.get(line.item_id, f"Item {line.item_id}"),
            line.value,
            pieces=-line.quantity if is_goods else None,
            stock=stock if is_goods else "",
        )
    if part.shipping:
        yield entry("Delivery", part.shipping)
    if part.tax:
        yield entry("Tax", part.tax)


def entry(what: str, amount: Decimal, *, pieces: int | None = None, stock: str = "") -> JSON:
    return {"what": what, "pieces": pieces, "amount": f"{amount:.2f}", "stock": stock}
