"""Bring the sales order in Heartland to what it should be: look, write only what is missing, look again.

Calls for an ordinary order of a known customer (heartland-retail.md §10–§11), each of them needed:
1 search by our number (a lost answer or a restored database may hide that it exists), 1 create with its lines inside,
1 tax line (only where the order has tax), 1 look at what Heartland computed (create answers without a body, and the
gate must see Heartland's own total before it opens), 1 payment a tender, 1 status change to open.
"""

from dataclasses import replace
from decimal import Decimal

from errors.failures import ContractBroken, NotFound, Rejected, SyncFailure, TransientFailure, Violation, held
from mappings import services
from mappings.core import gate
from mappings.core.canonical import ZERO
from mappings.core.sales_orders import Gap, SalesOrder, gap, sales_order_from_heartland
from mappings.models import Link
from syncjobs.flows.orders import evidence, people
from syncjobs.flows.orders.cancelling import undo
from syncjobs.flows.orders.changing import withdraw
from syncjobs.flows.orders.context import NUMBERS_TRIED, OrderContext
from syncjobs.flows.orders.invoicing import invoice

ROUNDS = 4  # of look and write before we call it a broken contract
STALE_LINK_FIELDS = {"customer_id", "billing_address_id", "shipping_address_id"}


def deliver(context: OrderContext) -> None:
    """Cancel the sales order that this one replaces; create or resume it, pass the cent-exact gate, pay, open."""
    if context.link and context.link.fingerprint:
        withdraw(context, context.link)
    try:
        sales_order = look_up(context) or create(context)
        if sales_order.status == "pending":
            sales_order = complete(context, sales_order)
        else:
            adopt(context, sales_order)
    except Rejected as refusal:
        raise refused(context, refusal) from refusal
    if context.settings.invoices_at_once:
        sales_order = invoice(context, sales_order)
    finish(context, sales_order)


def look_up(context: OrderContext) -> SalesOrder | None:
    """The living sales order under one of our numbers, also when we have no memory of it; else pick a free number."""
    found = [sales_order_from_heartland(answer) for answer in context.heartland.orders_by_numbers(context.numbers)]
    alive = [order for order in found if order.status != "canceled"]
    if len(alive) > 1:
        raise held(several_alive(alive))
    if alive:
        remember(context, alive[0])
        return alive[0]
    taken = {order.public_id for order in found}
    free = [number for number in context.numbers if number not in taken]
    if not free:
        raise held(numbers_used_up(context.number))
    context.desired = replace(context.desired, public_id=free[0])
    return None


def create(context: OrderContext) -> SalesOrder:
    """Write customer, addresses and the sales order with its lines and tax; link it the moment its id is known."""
    context.wait_for_lost_writes()
    try:
        customer_id, billing_id, shipping_id = people.ensure(context)
    except NotFound as gone:
        raise looked_up_again(context, gone) from gone
    desired = context.desired
    header = desired.header | {
        "public_id": desired.public_id,
        "customer_id": int(customer_id),
        "billing_address_id": int(billing_id),
        "shipping_address_id": int(shipping_id),
    }
    order_id = context.heartland.order_create(header)
    services.link_store(
        context.connection,
        Link.Kind.ORDER,
        source_id=context.external_id,
        target_id=order_id,
        target_label=desired.public_id,
    )
    context.decide(f"Created sales order {desired.public_id} with {desired.line_count} lines.")
    if desired.tax:
        context.heartland.order_tax_add(order_id, desired.tax_name, desired.tax)
    return look(context, order_id)


def look(context: OrderContext, order_id: str) -> SalesOrder:
    """The sales order as Heartland computes it now."""
    return sales_order_from_heartland(context.heartland.order_read(order_id))


def complete(context: OrderContext, sales_order: SalesOrder) -> SalesOrder:
    """Close the gap of a pending order, check the cents, pay, open."""
    sales_order, missing = fill(context, sales_order)
    check_cents(context, sales_order)
    if missing.payments:
        context.wait_for_lost_writes()
    for tender in missing.payments:
        context.heartland.order_payment_add(
            sales_order.id,
            {
                "type": "CustomPayment",
                "payment_type_id": int(tender.payment_type_id),
                "deposit": True,
                "amount": tender.amount,
                "description": tender.description,
                "reference": tender.reference,
            },
        )
    context.heartland.order_update(sales_order.id, status="open")
    context.decide(
        f"Heartland's total {sales_order.total} equals what the shopper was charged; opened "
        + ("undistributed." if sales_order.is_undistributed else "and distributed.")
    )
    return replace(sales_order, status="open", paid=sales_order.total)


def fill(context: OrderContext, sales_order: SalesOrder) -> tuple[SalesOrder, Gap]:
    """Write missing lines and neutralise Heartland's own tax until lines and tax are as they should be."""
    for _ in range(ROUNDS):
        missing = gap(context.desired, sales_order, tax_held=tax_of(context, sales_order))
        if missing.has_surplus:
            abandon(context, sales_order)
            raise TransientFailure(f"{sales_order.public_id} held other lines than the order; starting over")
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


def tax_of(context: OrderContext, sales_order: SalesOrder) -> Decimal:
    if sales_order.tax is not None:
        return sales_order.tax
    return sum((Decimal(str(row["value"])) for row in context.heartland.order_taxes(sales_order.id)), ZERO)


def check_cents(context: OrderContext, sales_order: SalesOrder) -> None:
    """The gate: the order opens only when Heartland's own total is what the shopper was charged."""
    verdict = gate.compare(context.desired.total, sales_order.total, context.order, sales_order.answer)
    if isinstance(verdict, gate.Difference):
        context.learn(target_total=sales_order.total)
        abandon(context, sales_order)
        raise held(verdict.violation())


def adopt(context: OrderContext, sales_order: SalesOrder) -> None:
    """Take an order that Heartland opened already as ours, when its total agrees."""
    context.decide(f"Heartland already holds {sales_order.public_id}, {sales_order.status}: adopted.")
    if sales_order.total != context.order.total:
        raise held(
            Violation(
                code="totals_differ",
                sentence=f"Heartland's {sales_order.public_id} is over {sales_order.total}, "
                f"the store charged {context.order.total}.",
                field="total",
                value=str(sales_order.total),
                fix="Correct or cancel the sales order in Heartland, then retry.",
                fix_page="heartland",
            )
        )


def abandon(context: OrderContext, sales_order: SalesOrder) -> None:
    """Leave nothing half-booked: give recorded payments back and cancel the sales order; forget its link."""
    undo(context, sales_order)
    services.link_drop(context.connection, Link.Kind.ORDER, context.external_id)
    context.link = None
    context.decide(f"Cancelled the unfinished sales order {sales_order.public_id}: nothing half-booked is left.")


def refused(context: OrderContext, refusal: Rejected) -> Exception:
    """Turn Heartland's refusal into a hold with field and fix, or into another try when only our memory was stale."""
    if STALE_LINK_FIELDS & refusal.fields.keys():
        return looked_up_again(context, refusal)
    if link := services.link_get(context.connection, Link.Kind.ORDER, context.external_id):
        abandon(context, look(context, link.target_id))
    return held(
        *(
            Violation(
                code="heartland_refused",
                sentence=f"Heartland refuses {field}: {reason}.",
                field=field,
                fix=f"Give {field} a default value in the order settings, or make it optional in Heartland.",
                fix_page="orders",
            )
            for field, reason in (refusal.fields or {"the order": refusal.summary}).items()
        )
    )


def looked_up_again(context: OrderContext, failure: SyncFailure) -> TransientFailure:
    """Forget the buyer that Heartland no longer knows; the next try searches."""
    people.forget(context)
    return TransientFailure("The customer changed in Heartland and is looked up again.", detail=failure.detail)


def remember(context: OrderContext, sales_order: SalesOrder) -> None:
    services.link_store(
        context.connection,
        Link.Kind.ORDER,
        source_id=context.external_id,
        target_id=sales_order.id,
        target_label=sales_order.public_id,
    )


def finish(context: OrderContext, sales_order: SalesOrder) -> None:
    """Mark the link as finished and keep what Heartland holds now."""
    context.link = services.link_store(
        context.connection,
        Link.Kind.ORDER,
        source_id=context.external_id,
        target_id=sales_order.id,
        target_label=sales_order.public_id,
        fingerprint=context.content,
    )
    context.learn(
        target_id=sales_order.id,
        target_label=sales_order.public_id,
        target_total=sales_order.total,
        is_distributed=sales_order.status == "closed" or not sales_order.is_undistributed,
        facts=evidence.store_facts(context.order)
        | {"content": context.content, "heartland": evidence.heartland_facts(sales_order)},
    )


def several_alive(alive: list[SalesOrder]) -> Violation:
    names = ", ".join(sorted(order.public_id for order in alive))
    return Violation(
        code="several_sales_orders",
        sentence=f"Heartland holds several sales orders for this order: {names}.",
        field="public_id",
        value=names,
        fix="Cancel all but one of them in Heartland, then retry.",
        fix_page="heartland",
    )


def numbers_used_up(number: str) -> Violation:
    return Violation(
        code="numbers_used_up",
        sentence=f"Heartland holds {NUMBERS_TRIED} cancelled sales orders under {number}.",
        field="public_id",
        value=number,
        fix="Book this order by hand, or change the order prefix.",
        fix_page="orders",
    )
