"""Make the returns that were planned, each once: look by our number, write what lacks, look again, pay, complete."""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from errors.failures import Rejected, TransientFailure, held
from ipaas import failpoints
from ipaas.types import JSON
from mappings import services
from mappings.core.canonical.order import ZERO
from mappings.core.rules.money import cents
from mappings.core.rules.refund_plan import ReturnPlan
from mappings.models import Link
from syncjobs.flows.base import Outcome
from syncjobs.flows.own_payments import REFUND, expect
from syncjobs.flows.refunds import refund_words
from syncjobs.flows.refunds.plan_returns import payment_type
from syncjobs.flows.refunds.read_refund import booked
from syncjobs.flows.refunds.refund_context import RefundContext

Ticket = Mapping[str, Any]


def deliver(context: RefundContext) -> Outcome:
    """All returns of the refund, and then: both systems gave the same back, to the cent."""
    off, label = context.plan.off_money, context.link.target_label
    if not context.plan.returns and off:
        context.learn(target_total=off)
        return booked(context, f"Its pieces are off {label}, and {off} was given back there: nothing of it had left.")
    if not context.plan.returns:
        return booked(context, "Nothing of it is money: there is nothing to book.")
    tickets = found(context)
    made = []
    for at, part in enumerate(context.plan.returns):
        try:
            made.append(make(context, at, part, tickets.get(context.number(at))))
        except Rejected as refusal:
            raise held(refund_words.refused(context, refusal)) from refusal
    given = -sum((amount(ticket, "total") for ticket in made), ZERO)
    numbers = ", ".join(str(ticket.get("public_id")) for ticket in made)
    context.learn(target_id=str(made[0]["id"]), target_label=numbers[:255], target_total=given + off)
    context.keep(returns=[str(ticket["id"]) for ticket in made])
    beside = f", {off} of it on {label}" if off else ""
    return booked(context, f"Booked as return {numbers}: {given + off} given back on both sides{beside}.")


def found(context: RefundContext) -> dict[str, Ticket]:
    """Returns that an earlier try made, by their numbers: one call."""
    numbers = [context.number(at) for at in range(len(context.plan.returns))]
    return {str(row["public_id"]): row for row in context.heartland.tickets_numbered(numbers)}


def make(context: RefundContext, at: int, part: ReturnPlan, ticket: Ticket | None) -> Ticket:
    """One return; answers it complete, as Heartland computed it."""
    if ticket is None:
        context.wait_for_lost_writes()
        ticket_id = context.heartland.ticket_create(body_of(context, at, part))
        failpoints.passing("refund.created")
        remember(context, at, ticket_id)
        ticket = add_shipping(context, at, part, {"id": ticket_id, "lines": ()})
    elif ticket.get("status") == "void":
        raise held(refund_words.voided(context, context.number(at)))
    else:
        remember(context, at, str(ticket["id"]))
        ticket = ticket if ticket.get("status") == "complete" else add_shipping(context, at, part, ticket)
    if amount(ticket, "total") != part.total:
        raise held(refund_words.total_differs(context, ticket, part))
    if ticket.get("status") == "complete":
        return ticket
    pay(context, part, ticket)
    context.heartland.ticket_update(str(ticket["id"]), status="complete")
    failpoints.passing("refund.completed")
    return ticket


def body_of(context: RefundContext, at: int, part: ReturnPlan) -> JSON:
    """The return with its lines and tax (Heartland notes §12.1, §12.4). Without pieces it moves no stock."""
    place = context.location_of(part)
    body: JSON = {
        "type": "Return",
        "public_id": context.number(at),
        "source_location_id": int(place),
        "station_id": int(context.stations[place]),
        "affect_inventory": context.settings.restocks_refunds and bool(part.pieces),
        "recalculate": False,
        "item_lines": [
            {
                "item_id": int(line.item_id),
                "qty": line.quantity,
                "original_unit_price": line.price,
                "adjusted_unit_price": line.price,
                **({"description": line.words} if line.words else {}),
            }
            for line in part.lines
        ],
    }
    if part.sold:
        body["parent_transaction_id"] = int(part.sold.invoice_id)
    if context.customer_id:
        body["customer_id"] = int(context.customer_id)
    if part.tax:
        body["tax_lines"] = [{"description": f"{context.store_name} tax", "value": part.tax}]
    return body


def remember(context: RefundContext, at: int, ticket_id: str) -> None:
    """Link refund and return the moment its id is known."""
    services.link_store(
        context.connection,
        Link.Kind.REFUND,
        source_id=context.refund_id + (f"#{at + 1}" if at else ""),
        target_id=ticket_id,
        target_label=context.number(at),
    )


def add_shipping(context: RefundContext, at: int, part: ReturnPlan, ticket: Ticket) -> Ticket:
    """The delivery, which no create takes along; answers the return as Heartland then computes it."""
    has_it = any(line.get("type") == "ShippingLine" for line in ticket.get("lines") or ())
    if part.shipping and not has_it:
        line = {"type": "ShippingLine", "description": "Delivery", "value": part.shipping}
        context.heartland.ticket_line_add(str(ticket["id"]), line)
        failpoints.passing("refund.delivery")
    looked = [row for row in context.heartland.tickets_numbered([context.number(at)]) if row["id"] is not None]
    if not looked:
        raise TransientFailure(f"Heartland does not show return {context.number(at)} yet.")
    return looked[0]


def pay(context: RefundContext, part: ReturnPlan, ticket: Ticket) -> None:
    """What went back, by what it went back; payments that are there already are not made again."""
    there = Counter(
        (str(one.get("payment_type_id")), cents(amount(one, "amount"))) for one in ticket.get("payments", ())
    )
    fields = context.tables.field_defaults["payment"]
    for tender in part.tenders:
        key = payment_type(context, tender.kind), -tender.amount
        if there[key]:
            there[key] -= 1
            continue
        body: JSON = {"type": "CustomPayment", "payment_type_id": int(key[0]), "amount": key[1], "deposit": False}
        body["description"] = refund_words.payment(context, tender)
        if tender.reference:
            body["reference"] = tender.reference
        expect(context, REFUND, tender.amount)
        context.heartland.ticket_payment_add(str(ticket["id"]), body | ({"custom": dict(fields)} if fields else {}))
        failpoints.passing("refund.paid")


def amount(row: Mapping[str, Any], field: str) -> Decimal:
    return Decimal(str(row.get(field) or 0))
