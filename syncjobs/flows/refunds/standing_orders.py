"""What the sales orders of a refunded order hold: pieces that are still open, and pieces that were taken off."""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal

from ipaas.types import JSON
from mappings.core.canonical.order import ZERO
from mappings.core.canonical.refund import Refund
from mappings.core.heartland.sales_orders import sales_order_from_heartland
from syncjobs.flows.orders import ORDERS
from syncjobs.flows.orders.given_back import LEFT_OUT
from syncjobs.flows.orders.order_context import PARTS
from syncjobs.flows.refund_records import REFUNDS
from syncjobs.flows.refunds.refund_context import RefundContext, Standing
from syncjobs.models import Record


def sales_orders_of(context: RefundContext) -> list[str]:
    """The order's, those first that stay beside its own."""
    return [*(part["id"] for part in facts_of(context).get(PARTS, ())), context.link.target_id]


def facts_of(context: RefundContext) -> JSON:
    records = Record.objects.filter(connection=context.connection, flow=ORDERS.name, external_id=context.order_id)
    return records.values_list("facts", flat=True).first() or {}


def standing_of(context: RefundContext) -> Standing:
    """One call each; none where the order's last look saw all of it invoiced, which nothing changes any more."""
    facts = facts_of(context)
    there = facts.get("heartland", {})
    if there.get("status") == "closed" and not facts.get(PARTS):
        pieces = Counter[str]()
        for line in there["lines"]:
            pieces[str(line["item_id"])] += int(Decimal(line["quantity"]))
        return Standing(open={}, pieces=pieces, total=Decimal(there["total"]), paid=Decimal(there["paid"]))
    still, pieces, total, paid = Counter[str](), Counter[str](), ZERO, ZERO
    for one in sales_orders_of(context):
        sales_order = sales_order_from_heartland(context.heartland.order_read(one))
        still.update({str(item): count for item, count in sales_order.open_pieces().items()})
        pieces.update(sales_order.pieces())
        total, paid = total + sales_order.total, paid + sales_order.paid
    return Standing(open=+still, pieces=pieces, total=total, paid=paid)


def taken_off(context: RefundContext, there: Standing) -> Mapping[str, int]:
    """Pieces of what was refunded that the desk took off since the booking, and that no other refund accounts for.

    Never more than there are fewer pieces in all: an article that another one went out for is not taken off.
    """
    booked, others = {line.source_id: line.quantity for line in context.order.lines}, others_off(context)
    for refund in left_out(context):
        for part in refund.lines:
            booked[part.line_id] -= part.quantity
    most = sum(booked.values()) - sum(there.pieces.values()) - sum(others.values())
    skus = {line.source_id: line.sku for line in context.order.lines}
    found = Counter[str]()
    for item in dict.fromkeys(context.items.values()):
        same = {skus.get(line) for line, one in context.items.items() if one == item}
        wanted = sum(count for line, count in booked.items() if skus[line] in same)
        count = min(wanted - there.pieces.get(item, 0) - others[item], most)
        if count > 0:
            found[item], most = count, most - count
    return found


def left_out(context: RefundContext) -> list[Refund]:
    """Refunds without which the order was booked."""
    ids = set(facts_of(context).get(LEFT_OUT, ()))
    return [refund for refund in context.every_refund if refund.source_id in ids]


def expected(context: RefundContext) -> Decimal:
    """What the sales orders come to without the pieces that were taken off."""
    before = sum((refund.total for refund in left_out(context)), ZERO)
    others = sum((Decimal(one["money"]) for one in _others(context)), ZERO)
    return context.order.total - before - others - context.plan.off_money


def others_off(context: RefundContext) -> Counter[str]:
    """Pieces that were taken off for other refunds of the order."""
    found = Counter[str]()
    for one in _others(context):
        found.update(one["pieces"])
    return found


def _others(context: RefundContext) -> list[JSON]:
    rows = Record.objects.filter(connection=context.connection, flow=REFUNDS, order_id=context.order_id)
    booked = rows.filter(disposition=Record.Disposition.BOOKED).exclude(external_id=context.external_id)
    return [one for one in booked.values_list("facts__off", flat=True) if one]
