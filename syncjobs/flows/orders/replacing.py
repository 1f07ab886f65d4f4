"""An order that came in the place of another: a store may make a new one of an edit, and cancel the old one.

The new one names the old, by its id or by its number alone; the old one may not name the new. Whichever is seen first,
both records point at each other, and the old one is looked at again: as it is cancelled, so is its sales order.
"""

from typing import TYPE_CHECKING

from django.db import transaction

from ipaas.types import JSON
from syncjobs.models import Record

if TYPE_CHECKING:
    from syncjobs.flows.orders.order_context import OrderContext

REPLACES, REPLACED_BY = "replaces", "replaced_by"  # facts: id and title of the other order


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
    context.also.append(old.external_id)
    context.decide(f"It came in the place of order {old.title}, which is looked at again.")
