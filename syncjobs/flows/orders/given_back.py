"""What the store gave back of an order: off the sales order while nothing of it has left, else by returns of their own.

A sales order that goods have not left is booked as what is left of the store's order, in the place of the one that was
booked in full. Once goods have left it stays as it is: each refund that came later is a record of the refund flow.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from errors.failures import PermissionMissing
from ipaas.types import JSON
from mappings.core.canonical.order import ZERO
from mappings.core.canonical.refund import Refund, RefundState
from mappings.core.rules.order_content import content_fingerprint
from mappings.core.rules.what_is_left import what_is_left
from mappings.models import Link
from syncjobs.flows.refund_records import REFUNDS, WENT_BACK, refund_record_id
from syncjobs.models import Record

if TYPE_CHECKING:
    from syncjobs.flows.orders.order_context import OrderContext

PENDING = RefundState.PENDING
LEFT_OUT = "left_out"  # fact of an order's record: ids of the refunds that its sales order leaves out
BY_HAND = ("kept_as_booked", "kept_though_refunded")  # codes of what a person settled


def read(context: "OrderContext") -> None:
    """The refunds of an order that has any: no call where reading it made that already, else one."""
    if not context.order.has_refunds:
        return
    try:
        found = context.store.refunds.refunds(context.order)
    except PermissionMissing as failure:
        context.decide(f"What was given back cannot be read: {failure.summary}")
        return
    context.every_refund = every = tuple(as_people_say(context, found))
    done = tuple(one for one in every if one.is_done)
    if every and not any(one.violations for one in done):
        context.refunds = done


def as_people_say(context: "OrderContext", every: Sequence[Refund]) -> Iterator[Refund]:
    """Refunds of which a person knows what their provider never told are done; one query where any is pending."""
    waiting = [refund_record_id(context.external_id, one.source_id) for one in every if one.state is PENDING]
    records = Record.objects.filter(connection=context.connection, flow=REFUNDS, external_id__in=waiting)
    said = set(records.filter(**{f"facts__{WENT_BACK}": True}).values_list("external_id", flat=True)) if waiting else ()
    for one in every:
        is_said = refund_record_id(context.external_id, one.source_id) in said
        yield replace(one, state=RefundState.DONE) if is_said else one


def is_waited_for(context: "OrderContext") -> bool:
    """True while a payment provider has not answered a refund; its record asks a person in the end."""
    return any(one.state is PENDING for one in context.every_refund)


def leave_out(context: "OrderContext") -> None:
    """Go on with what is left of the order, unless a person settled this very state of it, or nothing is left."""
    if context.refunds is None or is_settled_by_hand(context):
        return
    rest = what_is_left(context.as_read, context.refunds)
    if rest is None or not rest.lines:
        context.refunds = context.refunds if rest is not None else None
        return
    context.order, context.left_out = rest, tuple(one.source_id for one in context.refunds)


def rest_shown(context: "OrderContext") -> JSON:
    """What is left of an order that is to be booked without what went back: money as text, nobody named."""
    order = context.order
    beside = [(charge.name, charge.amount) for charge in order.charges]
    beside += [("Gift wrapping", order.wrapping), ("Delivery", order.shipping), ("Tax", order.tax)]
    goods = [{"what": one.sku or one.name, "pieces": one.quantity, "amount": f"{one.net:.2f}"} for one in order.lines]
    rest = [{"what": name, "pieces": None, "amount": f"{amount:.2f}"} for name, amount in beside if amount]
    tenders = [{"method": one.method or str(one.kind), "amount": f"{one.amount:.2f}"} for one in order.tenders]
    return {"entries": goods + rest, "total": f"{order.total:.2f}", "tenders": tenders}


def is_settled_by_hand(context: "OrderContext") -> bool:
    """True when a person chose to keep Heartland's order beside exactly this order of the store."""
    facts = context.record.facts
    return context.record.code in BY_HAND and facts.get("content") == content_fingerprint(context.as_read)


def booked_without(context: "OrderContext", link: Link) -> tuple[str, ...] | None:
    """Ids of the refunds without which the order was booked; None where it was booked as something else."""
    if context.refunds is None:
        return None
    for refunds in _prefixes(context):
        rest = what_is_left(context.as_read, refunds)
        if rest is not None and content_fingerprint(rest) == link.fingerprint:
            return tuple(one.source_id for one in refunds)
    return None


def _prefixes(context: "OrderContext") -> Iterator[tuple[Refund, ...]]:
    """Those that were noted as left out, then all that were made up to some moment."""
    refunds = context.refunds or ()
    noted = set(context.record.facts.get(LEFT_OUT, ()))
    yield tuple(one for one in refunds if one.source_id in noted)
    for count in range(len(refunds), -1, -1):
        yield refunds[:count]


def is_refunded_in_part(context: "OrderContext", link: Link) -> bool:
    """True when nothing but refunds came since the order was booked, and goods have not left: what is left is booked.

    Where the merchant wants to look before, nobody chose yet.
    """
    if not context.left_out or context.standing is None or context.has_left:
        return False
    return context.settings.books_refunds and booked_without(context, link) is not None


def is_refunded_in_full(context: "OrderContext", link: Link) -> bool:
    """The same of an order of which nothing is left."""
    if context.refunds is None or context.standing is None or context.has_left:
        return False
    is_all = sum((one.total for one in context.refunds), ZERO) >= context.as_read.total
    return context.settings.books_refunds and is_all and booked_without(context, link) is not None


def after_goods_left(context: "OrderContext", link: Link) -> bool:
    """Compare an order that goods have left with what was booked: later refunds are returns. True where that is so."""
    if not context.has_left or is_settled_by_hand(context):
        return False
    if context.record.choice == Record.Choice.HEARTLAND:
        return False  # whoever kept Heartland's order beside a refund books it by hand: the next one is asked about
    left_out = booked_without(context, link)
    if left_out is None:
        return False
    without = tuple(one for one in context.refunds or () if one.source_id in left_out)
    rest = what_is_left(context.as_read, without)
    if rest is None:
        return False
    context.order, context.left_out, context.content = rest, left_out, link.fingerprint
    return True


def note(context: "OrderContext") -> str:
    """Keep what the sales order leaves out, and have the refunds looked at; answers the code of such a booking."""
    if not context.every_refund:
        return ""
    facts = context.facts.get("facts", context.record.facts)
    context.learn(facts=facts | {LEFT_OUT: list(context.left_out)})
    known = Record.objects.filter(connection=context.connection, flow=REFUNDS, order_id=context.external_id)
    known = known.exclude(disposition__in=[Record.Disposition.HELD, Record.Disposition.DEAD])  # this look may end that
    states = dict(known.values_list("external_id", "source_status"))
    for refund in context.every_refund:
        name = refund_record_id(context.external_id, refund.source_id)
        if states.get(name) != str(refund.state):
            context.others.append((REFUNDS, name))
    return "kept_as_given_back" if context.left_out else ""
