"""Which sales order in Heartland is this store order's, and which number is free for a new one.

Numbers find candidates; ours is what our link names or what bears our mark. What bears another mark, or none and holds
something else, is somebody else's: it is left alone, and the next number is taken. What bears none and is equal in
customer, goods and total may be ours: a person says.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, islice, repeat
from typing import TYPE_CHECKING

from django.db import connection as database

from errors.failures import NotFound, Violation, held
from mappings import services
from mappings.core.heartland import sales_order_changes
from mappings.core.heartland.marks import Mark, Owner, owner
from mappings.core.heartland.sales_orders import SalesOrder, sales_order_from_heartland
from mappings.models import Link
from syncjobs.flows.orders import keep_people
from syncjobs.flows.orders.cancelling import choice_needed
from syncjobs.flows.orders.numbers import numbers_of
from syncjobs.flows.orders.waiting_orders import HEARTLAND_TOLD, is_first_look
from syncjobs.models import BegunOrder, Record

if TYPE_CHECKING:
    from syncjobs.flows.orders.order_context import OrderContext

FIRST_NUMBERS, MORE_NUMBERS = 5, 20  # asked for at once
NUMBERS_BEHIND = 135  # asked for as well: they still fit into one address
MAYBE_OURS = "maybe_ours"
BEGIN = """
INSERT INTO syncjobs_begunorder (connection_id, external_id, number) VALUES (%(connection)s, %(order)s, %(number)s)
ON CONFLICT DO NOTHING RETURNING number"""
BEGUN_NO_MORE = """
WITH done AS (DELETE FROM syncjobs_begunorder WHERE connection_id = %(connection)s AND external_id = %(source_id)s
    RETURNING set_config('synchronous_commit', 'off', true))"""  # both stand or fall: the number leads to the order too


@dataclass(frozen=True, kw_only=True)
class Found:
    """What Heartland holds of a store order."""

    ours: SalesOrder | None  # the living one to go on with
    replaced: SalesOrder | None  # the booked one that gives way, living or cancelled already
    number: str  # free for a new one


def look_up(context: "OrderContext") -> Found:
    """Look for the store order's sales orders: one call, more only where many numbers are taken.

    None where a job before this one has asked for it, too, and nobody can have made any since.
    """
    if searched_ahead(context):
        context.decide(f"Heartland held nothing as {context.number} when it was asked for several orders at once.")
        return Found(ours=None, replaced=None, number=context.number)
    candidates, number = _candidates(context)
    linked = _linked(context, candidates)
    mark = context.mark
    beside = {part["id"] for part in context.parts}
    replaced = linked if linked and context.replaces and linked.id not in beside else None
    ours = [one for one in candidates if is_ours(one, mark, linked) and one is not replaced and one.id not in beside]
    alive = [one for one in ours if one.is_alive]
    if len(alive) > 1:
        raise held(several_alive(alive))
    if not alive and not context.replaces and (claimed := _claimed(context, mark, candidates, linked)):
        alive = [claimed]
    return Found(ours=alive[0] if alive else None, replaced=replaced, number=number)


def find_lost(context: "OrderContext") -> None:
    """Link what bears our mark and no link knows, where Heartland's feed told of it, or a try was about to make it.

    Else an order that ended in the store meanwhile would pass for one that was never booked.
    """
    if context.link or not (context.job.cause == HEARTLAND_TOLD or context.begun):
        return
    mark = context.mark
    candidates, _ = _candidates(context)
    ours = [one for one in candidates if one.is_alive and is_ours(one, mark, None)]
    if len(ours) == 1:
        remember(context, ours[0].id, ours[0].public_id)
        context.decide(f"Heartland holds {ours[0].public_id}, which bears this order's mark.")
    elif not ours:
        context.wait_for_lost_writes()


def is_ours(sales_order: SalesOrder, mark: Mark, linked: SalesOrder | None) -> bool:
    """A link is evidence for its own id, a mark for itself."""
    is_linked = linked is not None and sales_order.id == linked.id
    return is_linked or owner(sales_order.answer, mark) is Owner.OURS


def _candidates(context: "OrderContext") -> tuple[list[SalesOrder], str]:
    """Everything under our numbers up to the first that is free, and that number; under former prefixes likewise."""
    series, begun = [numbers_of(number) for number in context.numbers], context.begun
    found, free, others = dict[str, SalesOrder](), "", numbers_behind(context)
    for size in chain([FIRST_NUMBERS], repeat(MORE_NUMBERS)):
        parts = [list(islice(numbers, size)) for numbers in series]
        asked, begun = [*begun, *chain.from_iterable(parts)], []
        rows, others = _asked(context, asked, others), []
        found |= {row.id: row for row in rows}
        taken = {row.public_id for row in rows}
        first = [next((number for number in part if number not in taken), "") for part in parts]
        free = free or first[0]  # of the prefix that counts now
        series = [numbers for numbers, is_done in zip(series, first, strict=True) if not is_done]
        if not series:
            return list(found.values()), free
    raise AssertionError("numbers do not end")


def _asked(context: "OrderContext", numbers: Sequence[str], others: Sequence[str]) -> list[SalesOrder]:
    """What bears these numbers; of the others is kept which nothing bears."""
    asked_at = time.monotonic()
    rows = context.heartland.orders_by_numbers([*numbers, *others])
    if context.ahead:
        context.ahead.note({*others} - {row["public_id"] for row in rows}, asked_at)
    return [sales_order_from_heartland(row) for row in rows if row["public_id"] in numbers]


def searched_ahead(context: "OrderContext") -> bool:
    """True when just now nothing bore our first numbers, and nobody has worked at the order before this run.

    What we write under them leaves a trace first: a claim, a number begun, a link. These were read since.
    """
    if context.ahead is None or not is_first_look(context) or context.link or context.begun:
        return False
    return context.ahead.are_absent(first_numbers(context.numbers))


def numbers_behind(context: "OrderContext") -> list[str]:
    """The first numbers of orders that wait behind this one in its lane, and that nobody has worked at yet."""
    if context.ahead is None:
        return []
    most = NUMBERS_BEHIND // (FIRST_NUMBERS * len(context.numbers))
    titles = filter(None, (title_behind(context, order_id) for order_id in context.behind[:most]))
    return [number for title in titles for number in first_numbers(context.numbers_of(title))]


def title_behind(context: "OrderContext", order_id: str) -> str:
    """What people call an order that was not read yet: as a list named it; "" where no list did and its id is none."""
    row = context.ahead.row(order_id) if context.ahead else None
    if row is not None:
        return context.store.order_lists.title(row)
    return "" if context.order.number else order_id


def first_numbers(numbers: Sequence[str]) -> list[str]:
    return [one for number in numbers for one in islice(numbers_of(number), FIRST_NUMBERS)]


def _linked(context: "OrderContext", candidates: list[SalesOrder]) -> SalesOrder | None:
    """What our link names, wherever it stands now: numbers can be changed, ids cannot."""
    if context.link is None:
        return None
    known = next((one for one in candidates if one.id == context.link.target_id), None)
    if known is None:
        try:
            known = sales_order_from_heartland(context.heartland.order_read(context.link.target_id))
        except NotFound:
            return None
        candidates.append(known)
    return known


def _claimed(
    context: "OrderContext", mark: Mark, candidates: list[SalesOrder], linked: SalesOrder | None
) -> SalesOrder | None:
    """Of those without a mark the one that a person said is ours. Raises a hold while nobody has said."""
    unmarked = [one for one in candidates if one is not linked and owner(one.answer, mark) is Owner.UNKNOWN]
    for one in unmarked:
        if not one.is_alive or not (one.public_id in context.begun or _equals(context, one)):
            continue
        context.ask(one.id, sales_order_changes.state(one))
        if context.chosen is None:
            raise held(maybe_ours(context, one))
        if context.chosen is Record.Choice.HEARTLAND:
            return one
    for other in candidates:
        if other.is_alive and not is_ours(other, mark, linked):
            context.decide(f"{other.public_id} is somebody else's sales order: it is left alone.")
    return None


def _equals(context: "OrderContext", sales_order: SalesOrder) -> bool:
    """Same customer, same pieces, same total."""
    desired, customer = context.desired, context.people.customer_id
    return (
        customer is not None
        and sales_order.customer_id == customer
        and sales_order.total == desired.total
        and sales_order_changes.goods(sales_order) == sales_order_changes.goods_wanted(desired)
    )


def note_begun(context: "OrderContext", number: str) -> None:
    """Keep the number under which a sales order is made next: should the answer get lost, it is looked for there."""
    values = {"connection": context.connection.pk, "order": context.external_id, "number": number}
    if keep_people.keep_with(context, BEGIN, values):
        context.log.kept()


def remember(context: "OrderContext", order_id: str, number: str) -> None:
    """Keep the id of a sales order in its own transaction, as not finished yet."""
    is_one = database.vendor == "postgresql"
    context.link = services.link_store(
        context.connection,
        Link.Kind.ORDER,
        source_id=context.external_id,
        target_id=order_id,
        target_label=number,
        beside=BEGUN_NO_MORE if is_one else "",
    )
    if not is_one:
        forget_begun(context)


def forget_begun(context: "OrderContext") -> None:
    """No sales order was made under a number that only we would know of."""
    BegunOrder.objects.filter(connection=context.connection, external_id=context.external_id).delete()


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


def maybe_ours(context: "OrderContext", sales_order: SalesOrder) -> Violation:
    is_equal = _equals(context, sales_order)
    why = (
        f"with the customer, the goods and the total of order {context.title}, but without our mark: it may be "
        "this order, booked by hand, or another one."
        if is_equal
        else f"without our mark, under the number that order {context.title} was given when an answer was lost: "
        "it may be this order, begun then, or another one."
    )
    sentence = f"Heartland holds {sales_order.public_id}, {sales_order.status}, {why}"
    fix = "Keep Heartland's order if it is this one. Else accept the store's: it is booked under the next number."
    return choice_needed(context, MAYBE_OURS, sentence, fix)
