"""Bring the sales order in Heartland to what it should be: look, write only what is missing, look again.

Calls for an ordinary order of a known customer (heartland-retail.md §10–§11), each of them needed:
1 search by our number (a lost answer or a restored database may hide that it exists), 1 create with its lines inside,
1 tax line (only where the order has tax), 1 look at what Heartland computed (create answers without a body, and the
gate must see Heartland's own total before it opens), 1 payment a tender, 1 status change to open.

Nothing irreversible comes before the last check: a sales order that is replaced stays until its successor stands beside
it, pending and right to the cent; one that is not right stays pending, for a person to mend.
"""

from dataclasses import replace
from decimal import Decimal

from errors.failures import ContractBroken, NotFound, Rejected, SyncFailure, TransientFailure, Violation, held
from ipaas.counts import many
from mappings import services
from mappings.core.canonical.order import ZERO, HeartlandTender
from mappings.core.heartland import gate, sales_order_changes
from mappings.core.heartland.payment_changes import COMPLETE, PENDING
from mappings.core.heartland.sales_orders import Gap, SalesOrder, gap, sales_order_from_heartland
from mappings.models import Link
from syncjobs.flows.orders import (
    buyers,
    compare_addresses,
    evidence,
    guests,
    keep_people,
    linked_customer,
    splitting,
    write_texts,
)
from syncjobs.flows.orders.cancelling import undo, withdraw
from syncjobs.flows.orders.changing import invoiced
from syncjobs.flows.orders.find_sales_order import Found, forget_begun, look_up, note_begun, remember, several_alive
from syncjobs.flows.orders.invoicing import invoice
from syncjobs.flows.orders.order_context import NOT_WITHDRAWN, PARTS, WITHDRAWN, Effect, OrderContext
from syncjobs.flows.orders.paying import pending_refused
from syncjobs.flows.orders.refusals import CUSTOM, refusals
from syncjobs.flows.orders.waiting_orders import is_first_look
from syncjobs.flows.own_payments import CAPTURE, expect, note_pending

ROUNDS = 4  # of look and write before we call it a broken contract
ANEW = "to have it booked under the next number"
NUMBER_FIELD = "public_id"
STALE_LINK_FIELDS = {"customer_id", "billing_address_id", "shipping_address_id"}


def deliver(context: OrderContext) -> None:
    """Create or resume the sales order, pass the cent-exact gate, cancel the one it replaces, pay, open."""
    try:
        found = look_up(context)
        if found.replaced and found.replaced.is_alive:
            check_replaced(context, found, found.replaced)
        intend(context, found)
        sales_order = found.ours or create(context, found)
        if sales_order.status == "pending":
            sales_order = complete(context, sales_order, found.replaced)
        else:
            adopt(context, sales_order)
    except Rejected as refusal:
        raise refused(context, refusal) from refusal
    if context.settings.invoices_at_once:
        sales_order = invoice(context, sales_order)
    finish(context, sales_order)


def check_replaced(context: OrderContext, found: Found, replaced: SalesOrder) -> None:
    """Refuse to replace what goods have left of, and what has a successor at work already."""
    if replaced.is_final:
        if context.link and context.link.fingerprint == WITHDRAWN:  # invoiced while we were at it: it is booked again
            Link.objects.filter(pk=context.link.pk).update(fingerprint=NOT_WITHDRAWN)
        raise held(invoiced(context, replaced))
    if found.ours and found.ours.status != "pending":
        raise held(several_alive([found.ours, replaced]))


def intend(context: OrderContext, found: Found) -> None:
    """Say what comes next; everything was looked at, nothing is written yet."""
    instead = f"; {found.replaced.public_id} is cancelled" if found.replaced and found.replaced.is_alive else ""
    if found.ours is None:
        what = f"A sales order over {context.desired.total} with {many(context.desired.line_count, 'line')} is made"
        context.intend(Effect.CREATE, f"{what} as {found.number}{instead}.")
    elif found.ours.status == "pending":
        what = f"{found.ours.public_id} was begun and not finished: what is missing is written"
        context.intend(Effect.CREATE, f"{what}{instead}.")
    else:
        context.intend(Effect.NOTHING, f"Heartland already holds {found.ours.public_id}, {found.ours.status}: adopted.")


def create(context: OrderContext, found: Found) -> SalesOrder:
    """Write customer, addresses and the sales order with its lines and tax; link it the moment its id is known.

    While the one that it replaces lives, the link stays there: the mark tells of the new one.
    """
    context.wait_for_lost_writes()
    try:
        customer_id, billing_id, shipping_id = buyers.ensure(context)
    except NotFound as gone:
        raise looked_up_again(context, gone) from gone
    desired = context.desired
    header = desired.header | {
        "public_id": found.number,
        "customer_id": int(customer_id),
        "billing_address_id": int(billing_id),
        "shipping_address_id": int(shipping_id),
    }
    splitting.keep(context)
    note_begun(context, found.number)
    order_id = context.heartland.order_create(header)
    if not (found.replaced and found.replaced.is_alive):
        remember(context, order_id, found.number)
    context.decide(f"Created sales order {found.number} with {many(desired.line_count, 'line')}.")
    if desired.tax:
        context.heartland.order_tax_add(order_id, desired.tax_name, desired.tax)
    return look(context, order_id)


def link_begun(context: OrderContext, sales_order: SalesOrder) -> None:
    """Link a sales order that is not finished yet, unless that is done."""
    link = context.link
    if link is None or link.target_id != sales_order.id or link.fingerprint:
        remember(context, sales_order.id, sales_order.public_id)


def look(context: OrderContext, order_id: str) -> SalesOrder:
    """The sales order as Heartland computes it now."""
    return sales_order_from_heartland(context.heartland.order_read(order_id))


def complete(context: OrderContext, sales_order: SalesOrder, replaced: SalesOrder | None) -> SalesOrder:
    """Close the gap of a pending order, check whose it is and the cents; then cancel the one it replaces, pay, open."""
    replaces = replaced if replaced and replaced.is_alive else None
    if replaces is None:
        link_begun(context, sales_order)
    sales_order = linked_customer.made_out(context, sales_order)
    sales_order, missing = fill(context, sales_order)
    check_cents(context, sales_order)
    if replaces:
        withdraw(context, replaces)
        context.decide(f"{replaces.public_id} is cancelled: the store's order as it is now takes its place.")
        link_begun(context, sales_order)
    mark(context, sales_order)
    if missing.payments:
        context.wait_for_lost_writes()
    for tender in missing.payments:
        pay(context, sales_order, tender)
    context.heartland.order_update(sales_order.id, status="open")
    context.decide(
        f"Heartland's total {sales_order.total} equals the store's; opened "
        + ("undistributed." if sales_order.is_undistributed else "and distributed.")
    )
    added = tuple(
        {"status": COMPLETE if tender.is_taken else PENDING, "amount": tender.amount} for tender in missing.payments
    )
    return replace(sales_order, status="open", paid=sales_order.total, payments=sales_order.payments + added)


def pay(context: OrderContext, sales_order: SalesOrder, tender: HeartlandTender) -> None:
    """Record one payment: as taken, or as still to come."""
    body = {
        "type": "CustomPayment",
        "payment_type_id": int(tender.payment_type_id),
        "deposit": True,
        "amount": tender.amount,
        "description": tender.description,
        "reference": tender.reference,
        **({"custom": fields} if (fields := dict(context.lookups.payment_fields)) else {}),
    }
    if tender.is_taken:
        expect(context, CAPTURE, tender.amount)
        context.heartland.order_payment_add(sales_order.id, body)
        return
    try:
        payment_id = context.heartland.order_payment_add(sales_order.id, body | {"status": PENDING})
    except Rejected as refusal:
        if any(field.startswith(CUSTOM) for field in refusal.fields):
            raise
        raise pending_refused(context, refusal) from refusal
    note_pending(context, [{"id": payment_id, "status": PENDING}])
    context.decide(f"{tender.amount} is still to be taken: recorded as a pending payment.")


def mark(context: OrderContext, sales_order: SalesOrder) -> None:
    """Give a begun order the fields that it should have and lacks, such as one that became required since."""
    wanted = context.desired.header.get("custom")
    there = sales_order.answer.get("custom") or {}
    if not isinstance(wanted, dict):
        return
    if missing := {key: value for key, value in wanted.items() if key in there and str(there[key]) != value}:
        context.heartland.order_update(sales_order.id, custom=missing)


def fill(context: OrderContext, sales_order: SalesOrder) -> tuple[SalesOrder, Gap]:
    """Write missing lines and neutralise Heartland's own tax until lines and tax are as they should be.

    Lines that a person mended, so that goods and total are right, are right.
    """
    for _ in range(ROUNDS):
        missing = gap(context.desired, sales_order, tax_held=tax_of(context, sales_order))
        if is_right(context, sales_order) and not missing.surplus_payments:
            return sales_order, missing
        if missing.has_surplus:
            start_over(context, sales_order)
        if not missing.lines and not missing.tax:
            return sales_order, missing
        context.wait_for_lost_writes()
        for line in missing.lines:
            context.heartland.order_line_add(sales_order.id, dict(line))
        if missing.tax:
            name = context.desired.tax_name if missing.tax == context.desired.tax else "Tax reset"
            context.heartland.order_tax_add(sales_order.id, name, missing.tax)
            context.decide(f"Heartland had computed tax of its own: corrected by {missing.tax}.")
        sales_order = look(context, sales_order.id)
    raise ContractBroken(f"Heartland order {sales_order.public_id} does not keep the lines and tax we write")


def is_right(context: OrderContext, sales_order: SalesOrder) -> bool:
    """Same pieces, same total."""
    return sales_order.total == context.desired.total and sales_order_changes.goods(
        sales_order
    ) == sales_order_changes.goods_wanted(context.desired)


def start_over(context: OrderContext, sales_order: SalesOrder) -> None:
    """Raise: our pending order holds what the store's does not. Only what no person was told to mend is cancelled."""
    if context.record.facts.get("left") == {"id": sales_order.id, "content": context.content}:
        leave(context, sales_order)
        raise held(still_unlike(context, sales_order))
    abandon(context, sales_order)
    raise TransientFailure(f"{sales_order.public_id} held other lines than the order; starting over")


def tax_of(context: OrderContext, sales_order: SalesOrder) -> Decimal:
    if sales_order.tax is not None:
        return sales_order.tax
    return sum((Decimal(str(row["value"])) for row in context.heartland.order_taxes(sales_order.id)), ZERO)


def check_cents(context: OrderContext, sales_order: SalesOrder) -> None:
    """The gate: the order opens only when Heartland's own total is what the shopper was charged."""
    verdict = gate.compare(context.desired.total, sales_order.total, context.order, sales_order.answer)
    if isinstance(verdict, gate.Difference):
        leave(context, sales_order)
        raise held(verdict.violation(sales_order.public_id))


def leave(context: OrderContext, sales_order: SalesOrder) -> None:
    """Note what stays pending in Heartland until a person has mended it."""
    context.decide(f"{sales_order.public_id} stays pending in Heartland, to be corrected there.")
    note_there(context, sales_order, left={"id": sales_order.id, "content": context.content})


def adopt(context: OrderContext, sales_order: SalesOrder) -> None:
    """Take an order of ours that Heartland opened already, when it holds what the store sold."""
    customer = context.people.customer_id
    reasons = [
        f"it is over {sales_order.total}, the store charged {context.desired.total}"
        if sales_order.total != context.desired.total
        else "",
        "it holds other goods"
        if sales_order_changes.goods(sales_order) != sales_order_changes.goods_wanted(context.desired)
        else "",
        "it is another customer's" if customer is not None and sales_order.customer_id != customer else "",
    ]
    if any(reasons):
        note_there(context, sales_order)
        raise held(not_as_sold(context, sales_order, " and ".join(filter(None, reasons))))
    link_begun(context, sales_order)


def abandon(context: OrderContext, sales_order: SalesOrder) -> None:
    """Give recorded payments back and cancel a pending sales order of ours; forget its link."""
    undo(context, sales_order)
    if context.link and context.link.target_id == sales_order.id:
        services.link_drop(context.connection, Link.Kind.ORDER, context.external_id)
        context.link = None
    context.decide(f"Cancelled the unfinished sales order {sales_order.public_id}: nothing half-booked is left.")


def refused(context: OrderContext, refusal: Rejected) -> Exception:
    """Turn Heartland's refusal into a hold with field and fix, or into another try when only our memory was stale."""
    if STALE_LINK_FIELDS & refusal.fields.keys():
        return looked_up_again(context, refusal)
    if NUMBER_FIELD in refusal.fields and is_first_look(context):
        return number_taken(context, refusal)
    return held(*refusals(context, refusal))


def number_taken(context: OrderContext, refusal: Rejected) -> SyncFailure:
    """The next try looks who bears it: what bears our mark is ours, however it came there; without marks a person is
    asked.
    """
    if services.marking_of(context.connection).pairs:
        forget_begun(context)
    return TransientFailure("Its number was taken in Heartland meanwhile; looking again.", detail=refusal.detail)


def looked_up_again(context: OrderContext, failure: SyncFailure) -> SyncFailure:
    """Forget the buyer that Heartland no longer knows; the next try searches. Who was chosen for guests is not ours."""
    if context.people.is_chosen:
        return held(guests.gone(context.settings))
    buyers.forget(context)
    return TransientFailure("The customer changed in Heartland and is looked up again.", detail=failure.detail)


def still_unlike(context: OrderContext, sales_order: SalesOrder) -> Violation:
    return Violation(
        code="totals_differ",
        sentence=f"Heartland's {sales_order.public_id} holds other lines than order {context.title}: "
        f"it is over {sales_order.total}, the store charged {context.desired.total}.",
        field="total",
        value=sales_order.public_id,
        fix=f"Correct its lines in Heartland, or cancel it there {ANEW}; then retry.",
        fix_page="heartland",
    )


def not_as_sold(context: OrderContext, sales_order: SalesOrder, reasons: str) -> Violation:
    return Violation(
        code="totals_differ",
        sentence=f"Heartland's {sales_order.public_id} is order {context.title}'s, but {reasons}.",
        field="total",
        value=sales_order.public_id,
        fix=f"Correct the sales order in Heartland, or cancel it there {ANEW}; then retry.",
        fix_page="heartland",
    )


def note_there(context: OrderContext, sales_order: SalesOrder, **more: object) -> None:
    """Keep what Heartland holds now of an order that waits for a person, and that it was judged so."""
    kept = context.facts.get("facts", context.record.facts)
    there = {"heartland": evidence.heartland_facts(sales_order), "judged": sales_order_changes.state(sales_order)}
    context.learn(
        target_id=sales_order.id,
        target_label=sales_order.public_id,
        target_total=sales_order.total + context.parts_total,
        target_seen_at=context.now,
        facts=kept | there | more,
    )


def finish(context: OrderContext, sales_order: SalesOrder) -> None:
    """Mark the link as finished and keep what Heartland holds now: it is what was booked.

    Both are written with the outcome. Who dies before that leaves an open sales order and an unfinished link: the next
    try adopts it.
    """
    context.link = context.last_link = Link(
        connection=context.connection,
        kind=Link.Kind.ORDER,
        source_id=context.external_id,
        target_id=sales_order.id,
        target_label=sales_order.public_id,
        fingerprint=context.content,
        store_ref="",
        is_by_hand=False,
    )
    booked = sales_order_changes.evidence(sales_order)
    context.learn(
        target_id=sales_order.id,
        target_label=sales_order.public_id,
        target_total=sales_order.total + context.parts_total,
        target_seen_at=context.now,
        is_distributed=sales_order.is_distributed,
        facts=context.store_facts
        | {
            "content": context.content,
            "state": context.state,
            "heartland": evidence.heartland_facts(sales_order),
            "booked_there": booked,
            "judged": sales_order_changes.digest(booked),
            compare_addresses.BOOKED: compare_addresses.as_booked(context),
        }
        | ({PARTS: context.parts} if context.parts else {})
        | write_texts.given(context, sales_order)
        | keep_people.kept(context),
    )
