"""An order that came in the place of another: a store may make a new one of an edit, and cancel the old one.

The new one names the old, by its id or by its number alone; the old one may not name the new. Whichever is seen first,
both records point at each other, and the old one is looked at again: as it is cancelled, so is its sales order.

Where goods of the old one were invoiced in Heartland, that order lives on, and only a person books a second one.
"""

from typing import TYPE_CHECKING

from django.db import transaction

from errors.failures import Violation, held
from ipaas.types import JSON
from mappings import services
from mappings.core.heartland import sales_order_changes
from mappings.core.heartland.sales_orders import SalesOrder
from mappings.models import Link
from syncjobs.flows.base import Outcome
from syncjobs.flows.orders import splitting
from syncjobs.flows.orders.cancelling import choice_needed, look_at
from syncjobs.models import Record

if TYPE_CHECKING:
    from syncjobs.flows.orders.order_context import OrderContext

REPLACES, REPLACED_BY = "replaces", "replaced_by"  # facts: id and title of the other order
FORMER_INVOICED, FORMER_KEPT = "former_invoiced", "former_kept"


def look(context: "OrderContext") -> JSON:
    """What facts say of the orders before and after this one."""
    order, before = context.order, context.record.facts
    found: JSON = {}
    if order.replaces or order.replaces_number:
        old = predecessor(context)
        named = {"id": order.replaces, "title": order.replaces_number or order.replaces}
        found[REPLACES] = pointer(old) if old else named
        _tell(context, old)
    if order.replaced_by:
        rows = Record.objects.filter(connection=context.connection, flow=context.job.flow)
        new = rows.filter(external_id=order.replaced_by).first()
        found[REPLACED_BY] = pointer(new) if new else {"id": order.replaced_by, "title": order.replaced_by}
    elif REPLACED_BY in before:
        found[REPLACED_BY] = before[REPLACED_BY]
    return found


def pointer(record: Record) -> JSON:
    return {"id": record.external_id, "title": record.title}


def predecessor(context: "OrderContext") -> Record | None:
    """The record of the old order; None when we have not heard of it, or several bear its number."""
    order = context.order
    rows = Record.objects.filter(connection=context.connection, flow=context.job.flow)
    if order.replaces:
        return rows.filter(external_id=order.replaces).first()
    same = rows.filter(number=order.replaces_number, facts__store_view=order.store_view)
    return same.get() if same.count() == 1 else None


def _tell(context: "OrderContext", old: Record | None) -> None:
    """Point the old order at this one and have it looked at; once."""
    if old is None:
        if context.order.replaces and REPLACES not in context.record.facts:
            context.also.append(context.order.replaces)
        return
    with transaction.atomic():
        row = Record.objects.select_for_update().get(pk=old.pk)
        here = {"id": context.external_id, "title": context.order.title}
        if row.facts.get(REPLACED_BY) == here:
            return
        Record.objects.filter(pk=row.pk).update(facts=row.facts | {REPLACED_BY: here})
        context.ask_again(context.job.flow, old.external_id)
    context.decide(f"It came in the place of order {old.title}, which is looked at again.")


def settle_former(context: "OrderContext") -> Outcome | None:
    """What becomes of an order whose former one was invoiced; None when it is to be booked.

    One call, where it came in the place of a booked one. Raises a hold that asks.
    """
    former = context.related.get(REPLACES, {}).get("id")
    link = services.link_get(context.connection, Link.Kind.ORDER, former) if former else None
    standing = look_at(context, link.target_id) if link else None
    if standing is None or not (standing.is_alive and standing.is_final):
        return None
    context.ask(standing.id, sales_order_changes.state(standing))
    match context.chosen:
        case Record.Choice.STORE:
            context.decide(f"It is booked beside {standing.public_id}, which was invoiced, as chosen.")
            return None
        case Record.Choice.SPLIT:
            context.decide(f"It is split: {standing.public_id} stays, and the rest is booked beside it.")
            splitting.split(context, standing)
            return None
        case Record.Choice.HEARTLAND:
            sentence = f"{standing.public_id}, which was invoiced, stands for it, as chosen: it is not booked."
            context.decide(sentence)
            return Outcome(disposition=Record.Disposition.SKIPPED, code=FORMER_KEPT, sentence=sentence)
        case _:
            raise held(former_invoiced(context, standing))


def former_invoiced(context: "OrderContext", standing: SalesOrder) -> Violation:
    title = context.related[REPLACES]["title"]
    sentence = (
        f"Order {context.title} came in the place of order {title}, of which Heartland has invoiced "
        f"{standing.public_id}: booked too, its goods would leave and be charged twice."
    )
    fix = (
        f"Split it: {standing.public_id} counts as part of this order, and what it holds beyond that is booked. Or "
        "take the goods of the former order back with a return in Heartland, then accept the store's order; or keep "
        "Heartland's, where it stands for this one."
    )
    return choice_needed(context, FORMER_INVOICED, sentence, fix)
