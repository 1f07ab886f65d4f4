"""An order as it is to be booked: with the corrections that a person accepted, and tidy names where that is chosen."""

from dataclasses import replace

from django.db import transaction

from mappings.core.canonical.order import Address, Order
from mappings.core.rules import names
from mappings.core.rules.corrections import Correction, corrected, corrected_lines, corrected_texts, proposals
from syncjobs.flows.orders.order_context import OrderContext
from syncjobs.models import OrderCorrection

PROPOSED_FOR = {"address_incomplete", "email_invalid", "target_limit_exceeded"}  # codes of holds


def correct(context: OrderContext) -> None:
    """Apply what was accepted; the order as the store has it stays in `as_read`."""
    rows = (
        list(OrderCorrection.objects.of(context.connection, context.external_id)) if context.traces.corrections else []
    )
    context.has_proposals = any(row.accepted_at is None for row in rows)
    accepted = [Correction(field=row.field, before=row.before, after=row.after) for row in rows if row.accepted_at]
    context.accepted = accepted
    context.order = corrected(context.order, accepted)
    context.texts = corrected_texts(context.texts, accepted)
    if accepted:
        context.decide("Booked with the corrections that were accepted for this order.")
    if context.settings.tidies_names:
        context.order = tidied(context.order)


def correct_lines(context: OrderContext) -> None:
    """Apply what was accepted of the lines' texts, whose choices are told from variants by now."""
    context.order = corrected_lines(context.order, context.accepted, wrap_has_line=wrap_has_line(context))


def wrap_has_line(context: OrderContext) -> bool:
    """Whether wrapping is a line of its own, and no words on the line that it wraps."""
    return bool(context.settings.gift_wrap_item_id)


def propose(context: OrderContext, codes: set[str]) -> None:
    """Keep, encrypted, what would make an order fit that is held for these codes: a person may accept it.

    What was proposed before and is not needed any more goes.
    """
    if not PROPOSED_FOR & codes and not context.has_proposals:
        return
    found = {one.field: one for one in proposals(context.order, context.texts, wrap_has_line=wrap_has_line(context))}
    rows = OrderCorrection.objects.of(context.connection, context.external_id)
    with transaction.atomic():
        rows.filter(accepted_at=None).delete()
        rows.filter(field__in=found).delete()  # accepted for a value that is not there any more
        OrderCorrection.objects.bulk_create(
            OrderCorrection(
                connection=context.connection,
                external_id=context.external_id,
                field=one.field,
                before=one.before,
                after=one.after,
                confidence=one.confidence,
                why=one.why,
            )
            for one in found.values()
        )


def tidied(order: Order) -> Order:
    """Names of buyer and addresses with capitals where they belong."""
    first, last = names.tidied(order.buyer.first_name), names.tidied(order.buyer.last_name)
    return replace(
        order,
        buyer=replace(order.buyer, first_name=first, last_name=last),
        billing=_tidied(order.billing) if order.billing else None,
        consignments=tuple(replace(one, address=_tidied(one.address)) for one in order.consignments),
    )


def _tidied(address: Address) -> Address:
    return replace(address, first_name=names.tidied(address.first_name), last_name=names.tidied(address.last_name))
