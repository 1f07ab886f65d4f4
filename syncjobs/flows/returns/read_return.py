"""The return as Heartland has it now, and the web order that it is of."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connections.models import OrderSettings
from errors.failures import NotFound
from mappings.core.canonical.order import ZERO
from mappings.core.canonical.till_return import COMPLETE, TillReturn
from mappings.core.heartland.sales_orders import SalesOrder, sales_order_from_heartland
from mappings.core.heartland.till_returns import till_return_from_heartland
from mappings.models import Link
from syncjobs.flows.base import Outcome
from syncjobs.flows.orders.standing_for import orders_of
from syncjobs.flows.refund_records import FROM_TILL
from syncjobs.flows.returns import return_questions, return_words
from syncjobs.flows.returns.return_context import ReturnContext
from syncjobs.flows.settled import still_closed
from syncjobs.models import Record

ORDERS_LOOKED_AT = 25  # of a customer, the newest, for a return that names no sale
OFF = "till_returns_off"
REFUND_NUMBER = re.compile(r".-R\d{1,20}(-\d{1,4})?$")  # the sales order's number and the refund's


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A web order of the same customer that holds what came back."""

    order_id: str
    paid: Decimal  # for these goods, before tax
    number: str  # of the sales order


def read(context: ReturnContext) -> Outcome | None:
    """The ticket as it is now, and its order."""
    if context.settings.till_returns == OrderSettings.TillReturns.OFF:
        return skipped(OFF, "Returns at the till are not refunded by the store: that is switched off.")
    try:
        till = till_return_from_heartland(context.heartland.ticket_read(context.external_id))
    except NotFound:
        return skipped("not_in_heartland", f"Heartland has no return {context.external_id}.")
    context.till = till
    context.learn(
        label=f"Return {till.number}",
        number=till.number,
        source_status=till.status,
        source_version=till.version,
        source_placed_at=till.completed_at,
        source_total=till.given,
        currency=context.connection.heartland.currency,
    )
    context.keep(
        goods=[{"name": one.name, "quantity": one.quantity, "value": str(one.value)} for one in till.goods],
        worth=f"{till.worth:.2f}",
        cards=f"{till.cards:.2f}",
        handed_out=f"{max(till.given - context.by_store, ZERO):.2f}",
    )
    if till.status != COMPLETE:
        return not_complete(context)
    if is_made_for_refund(context):
        return skipped("made_for_refund", f"Return {till.number} books a refund that was made in {context.store_name}.")
    return find_order(context) or still_closed(context, till.version)


def not_complete(context: ReturnContext) -> Outcome:
    """Nothing came back with it; where the store has given its money back already a person is asked. Raises that."""
    till, record = context.till, context.record
    links = Link.objects.of(context.connection, Link.Kind.REFUND).filter(target_id=till.id, fingerprint=FROM_TILL)
    if not record.target_total or not links.exists():
        return skipped("not_complete", f"Return {till.number} is {till.status}: nothing came back with it.")
    context.order_id = record.order_id
    if outcome := still_closed(context, till.version):
        return outcome
    return_questions.answered(context, return_words.voided_after(context, record.target_total))
    sentence = f"Return {till.number} is {till.status}; what {context.store_name} gave back stands, as chosen."
    context.decide(sentence)
    return Outcome(disposition=Record.Disposition.BOOKED, code=return_questions.KEPT_THOUGH_VOID, sentence=sentence)


def is_made_for_refund(context: ReturnContext) -> bool:
    """Whether the ticket was made by us, for a refund that began in the store: our link says so, or its number."""
    if REFUND_NUMBER.search(context.till.number):
        return True
    links = Link.objects.of(context.connection, Link.Kind.REFUND).filter(target_id=context.till.id)
    return links.exclude(fingerprint=FROM_TILL).exists()


def find_order(context: ReturnContext) -> Outcome | None:
    """The order of the invoice that the ticket names; for one that names none a person chooses. Raises that hold."""
    till = context.till
    context.order_id = sold_on(context) if till.parent_id else chosen_order(context)
    if not context.order_id:
        return skipped("not_of_this_store", f"Return {till.number} is of no order of this store.")
    rows = Record.objects.filter(connection=context.connection, flow="orders", external_id=context.order_id)
    title = rows.values_list("number", flat=True).first() or context.order_id
    context.learn(label=f"Return {till.number} of order {title}", order_id=context.order_id)
    return None


def sold_on(context: ReturnContext) -> str:
    """The web order whose invoice the ticket names, as we know it or by one call. "" where it names another sale."""
    rows = Record.objects.filter(connection=context.connection, flow="shipments", external_id=context.till.parent_id)
    if known := rows.values_list("order_id", flat=True).first():
        return known
    for invoice in context.heartland.invoices_by_ids([context.till.parent_id]):
        sales_order = str(invoice.get("order_id") or "")
        return orders_of(context.connection, [sales_order]).get(sales_order, "")
    return ""


def chosen_order(context: ReturnContext) -> str:
    """What a person says it is of; "" where they say of none, or none can be meant. Raises the hold that asks."""
    found = candidates(context)
    if not found:
        return ""
    context.keep(candidates=[{"order": one.order_id, "number": one.number, "paid": str(one.paid)} for one in found])
    context.learn(order_id=found[0].order_id)  # on whose page it asks
    question = return_words.whose(context, found[0].number, found[0].paid, found[0].order_id)
    answer = return_questions.answered(context, question)
    if answer == Record.Choice.STORE:
        return ""
    wanted = str(context.record.facts.get("chosen_order") or "")
    return wanted if wanted in {one.order_id for one in found} else found[0].order_id


def candidates(context: ReturnContext) -> list[Candidate]:
    """The customer's web orders that hold all that came back, newest first: one call."""
    if not context.till.customer_id or not context.till.goods:
        return []
    rows = context.heartland.orders_of_customer(context.till.customer_id, ORDERS_LOOKED_AT)
    standing = [sales_order_from_heartland(row) for row in rows]
    ours = orders_of(context.connection, [one.id for one in standing])
    wanted = Counter[str]()
    for one in context.till.goods:
        wanted[one.item_id] += one.quantity
    return [
        Candidate(order_id=ours[one.id], number=one.public_id, paid=paid_for(one, context.till))
        for one in standing
        if one.id in ours and one.is_alive and not wanted - shipped(one)
    ]


def shipped(order: SalesOrder) -> Counter[str]:
    """Pieces that were invoiced, by item."""
    open_ones = {str(item): count for item, count in order.open_pieces().items()}
    return Counter({item: count - open_ones.get(item, 0) for item, count in order.pieces().items()})


def paid_for(order: SalesOrder, till: TillReturn) -> Decimal:
    """What the goods cost on the sales order, before tax."""
    prices = {str(line["item_id"]): price_of(line) for line in order.lines if line.get("item_id") is not None}
    return sum((prices.get(one.item_id, ZERO) * one.quantity for one in till.goods), ZERO)


def price_of(line: Mapping[str, Any]) -> Decimal:
    price = line.get("adjusted_unit_price")
    return Decimal(str(line.get("original_unit_price") if price is None else price))


def skipped(code: str, sentence: str) -> Outcome:
    return Outcome(disposition=Record.Disposition.SKIPPED, code=code, sentence=sentence)
