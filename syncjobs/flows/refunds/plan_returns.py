"""What the refund becomes in Heartland, before anything is written; and whether a person looks at that first."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from errors.failures import Violation, held
from mappings import services
from mappings.catalogue import linked_items
from mappings.core.canonical.order import TenderKind
from mappings.core.heartland.invoices import pieces_from_heartland
from mappings.core.rules import holds
from mappings.core.rules.money import cents
from mappings.core.rules.refund_plan import Sold, plan_refund
from mappings.core.rules.value_keys import tender_key
from mappings.models import Link, ValueMap
from syncjobs.flows.base import Outcome
from syncjobs.flows.refund_records import FROM_TILL, RETURNS
from syncjobs.flows.refunds import refund_preview, refund_words
from syncjobs.flows.refunds.read_refund import booked
from syncjobs.flows.refunds.refund_context import RefundContext
from syncjobs.flows.refunds.standing_orders import expected, sales_orders_of, standing_of, taken_off
from syncjobs.models import Record

CHOICES = {
    refund_words.WAITS: {Record.Choice.STORE: ("Book it", "makes exactly what is shown")},
    refund_words.MAYBE: {
        Record.Choice.HEARTLAND: ("It is that return", "nothing is booked again"),
        Record.Choice.STORE: ("Book it as well", "makes one more return, as it is shown"),
    },
    refund_words.UNANSWERED: {Record.Choice.STORE: ("It went back", "books it as the provider's answer would")},
}  # code → choices, words, effect


def plan(context: RefundContext) -> Outcome | None:
    """Two calls; one more for each sales order of an order that was split.

    Raises a hold for what cannot be booked, and for what a person is to look at.
    """
    found = (context.heartland.invoices_with_lines(one) for one in sales_orders_of(context))
    invoices = [row for rows in found for row in rows if row.get("status") == "complete"]
    returns = context.heartland.returns_of([str(row["id"]) for row in invoices]) if invoices else []
    ours = set(Link.objects.of(context.connection, Link.Kind.REFUND).values_list("target_id", flat=True))
    own = {context.number(at) for at in range(len(invoices) + 1)}
    returns = [row for row in returns if row.get("public_id") not in own]
    items = context.items = item_ids(context)
    context.customer_id = next((str(row["customer_id"]) for row in invoices if row.get("customer_id")), "")
    context.stations = {str(row["source_location_id"]): str(row["station_id"]) for row in invoices}
    sold = [sold_of(row, returns) for row in invoices]
    context.there = standing_of(context)
    context.plan = plan_refund(
        context.refund,
        sold,
        items=items,
        fee_item_id=context.settings.fee_item_id,
        still_open=context.there.open,
        taken_off=taken_off(context, context.there),
    )
    others = [row for row in returns if str(row["id"]) not in ours]
    strange = [number_of(row) for row in others]
    words = [*refund_words.planned(context), *refund_words.is_it_one_of(strange)]
    off = {"pieces": dict(context.plan.off), "money": f"{context.plan.off_money:f}"} if context.plan.off else None
    context.keep(planned=words, plan=refund_preview.preview(context), off=off, question=about(words))
    same = [row for row in others if -cents(Decimal(str(row.get("total") or 0))) == context.refund.total]
    choice = context.record.choice if context.record.choice_about == about(words) else ""
    if len(same) == 1 and choice == Record.Choice.HEARTLAND:
        return as_return(context, same[0])
    if len(same) == 1 and not choice:
        raise held(refund_words.maybe(context, number_of(same[0]), refund_words.planned(context)))
    if problems := list(reasons(context, strange)):
        raise held(*problems)
    context.decide(" ".join(words))
    is_by_itself = (context.settings.books_refunds or context.refund.is_agreed) and not strange
    if not (is_by_itself or choice or is_begun(context)):
        raise held(refund_words.waits(context, words))
    return None


def number_of(ticket: Mapping[str, Any]) -> str:
    return str(ticket.get("public_id") or ticket["id"])


def as_return(context: RefundContext, ticket: Mapping[str, Any]) -> Outcome:
    """A person says that a return of the till is this refund: both know of each other from now on."""
    services.link_store(
        context.connection,
        Link.Kind.REFUND,
        source_id=context.refund_id,
        target_id=str(ticket["id"]),
        target_label=number_of(ticket),
        fingerprint=FROM_TILL,
    )
    context.others.append((RETURNS, str(ticket["id"])))
    return booked(context, refund_words.made_there(number_of(ticket)))


def is_begun(context: RefundContext) -> bool:
    """An earlier try made a return of it already: it is brought to its end."""
    return services.link_get(context.connection, Link.Kind.REFUND, context.refund_id) is not None


def about(words: Iterable[str]) -> str:
    """What a choice is about: exactly what was shown."""
    return hashlib.sha256("\n".join(words).encode()).hexdigest()


def item_ids(context: RefundContext) -> dict[str, str]:
    """Heartland's items by the order's lines that came back."""
    skus = {line.source_id: line.sku for line in context.order.lines}
    linked = linked_items(context.connection, set(skus.values()))
    return {line.line_id: linked.get(skus.get(line.line_id, ""), "") for line in context.refund.lines}


def sold_of(invoice: Mapping[str, Any], returns: Iterable[Mapping[str, Any]]) -> Sold:
    """What can still come back of an invoice."""
    left = Counter(pieces_from_heartland(invoice.get("lines") or ()))
    for ticket in returns:
        if str(ticket.get("parent_transaction_id")) == str(invoice["id"]):
            left.update(pieces_from_heartland(ticket.get("lines") or ()))
    location = str(invoice.get("source_location_id") or "")
    return Sold(invoice_id=str(invoice["id"]), location_id=location, pieces=+left)


def reasons(context: RefundContext, strange: Sequence[str]) -> Iterator[Violation]:
    """Why it is not booked: pieces that no invoice can take back, an item that is missing, a tender without a type."""
    if skus := unlinked(context):  # what the plan says of their pieces means nothing
        yield from map(holds.item_not_linked, skus)
        return
    if context.plan.still_open:
        yield refund_words.still_open(context)
    if context.plan.off and {context.there.total, context.there.paid} != {wanted := expected(context)}:
        yield refund_words.not_settled(context, wanted)
    if context.plan.not_sold:
        yield refund_words.not_sold(context, strange)
    if any(not line.item_id and line.words for part in context.plan.returns for line in part.lines):
        yield refund_words.no_item()
    methods = {method_of(context, one.kind): one.kind for one in context.refund.tenders}
    yield from (refund_words.no_payment_type(key) for key, kind in methods.items() if not payment_type(context, kind))


def unlinked(context: RefundContext) -> list[str]:
    """SKUs of pieces that came back and that Heartland has no item for."""
    back = {line for line, item in context.items.items() if not item}
    return list(dict.fromkeys(line.sku for line in context.order.lines if line.sku and line.source_id in back))


def method_of(context: RefundContext, kind: TenderKind) -> str:
    """The payment method as the table of them names it: the order's own of that kind."""
    mine = [tender_key(one) for one in context.order.tenders if one.kind is kind]
    return mine[0] if mine else kind.value


def payment_type(context: RefundContext, kind: TenderKind) -> str:
    """As the order's own payment of that kind is booked."""
    fallback = context.settings.payment_type_id if context.settings.books_other_payments else ""
    return context.tables.resolve(ValueMap.Kind.PAYMENT, method_of(context, kind), fallback=fallback)
