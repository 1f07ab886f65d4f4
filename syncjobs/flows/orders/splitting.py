"""An order that the store edited after goods had left, split as a person chose: what left stays, the rest is booked.

The sales order that goods have left stays as it is. What the store's order holds beyond it is a sales order of its own,
which the order's link names from then on. Where the first holds what the store's order does not, nothing is split.
"""

from typing import TYPE_CHECKING

from errors.failures import Violation, held
from ipaas import failpoints
from ipaas.types import JSON
from mappings import services
from mappings.core.heartland.rest_of_order import CannotBeSplit, rest_of_order
from mappings.core.heartland.sales_orders import SalesOrder
from mappings.models import Link
from syncjobs.flows.orders.cancelling import choice_needed, look_at
from syncjobs.flows.orders.order_context import PARTS
from syncjobs.flows.orders.standing_for import PART
from syncjobs.models import Record

if TYPE_CHECKING:
    from syncjobs.flows.orders.order_context import OrderContext

IMPOSSIBLE = "cannot_be_split"
KEPT_AS_SPLIT = "kept_as_split"  # code of such a booking: its sales orders are several


def split(context: "OrderContext", standing: SalesOrder) -> None:
    """The booked sales order stays, and what is made next stands beside it."""
    if all(part["id"] != standing.id for part in context.parts):
        part = {"id": standing.id, "number": standing.public_id, "total": f"{standing.total:f}"}
        note(context, [*context.parts, part])


def unsplit(context: "OrderContext") -> None:
    """What the link names is the order's own, and no part beside it: nothing was made in its place."""
    link = context.link
    if link and any(part["id"] == link.target_id for part in context.parts):
        note(context, [part for part in context.parts if part["id"] != link.target_id])


def note(context: "OrderContext", parts: list[JSON]) -> None:
    context.learn(facts=context.facts.get("facts", context.record.facts) | {PARTS: parts})


def keep(context: "OrderContext") -> None:
    """Keep, at once, which sales orders stay: whoever dies while one is made beside them leaves that to the next."""
    if context.record.facts.get(PARTS, []) == context.parts:
        return
    for part in context.parts:
        services.link_store(
            context.connection,
            Link.Kind.PART,
            source_id=f"{context.external_id}{PART}{part['id']}",
            target_id=part["id"],
            target_label=part["number"],
        )
    context.record.facts = context.record.facts | {PARTS: context.parts}
    Record.objects.filter(pk=context.record.pk).update(facts=context.record.facts)
    failpoints.passing("order.split")


def without_parts(context: "OrderContext") -> None:
    """Have only the rest booked: a call a part, none of an order that was not split. Raises a hold where none is."""
    if not context.parts:
        return
    standing = [order for part in context.parts if (order := look_at(context, part["id"])) and order.is_alive]
    try:
        context.desired = rest_of_order(context.desired, standing)
    except CannotBeSplit as reason:
        unsplit(context)
        raise held(impossible(context, standing, str(reason))) from reason
    names = ", ".join(one.public_id for one in standing)
    context.decide(f"{names} stays as it is; what order {context.title} holds beyond it is {context.desired.total}.")


def impossible(context: "OrderContext", standing: list[SalesOrder], reason: str) -> Violation:
    names = ", ".join(one.public_id for one in standing)
    sentence = f"Order {context.title} cannot be split: {names} holds {reason}, as the store's order does not any more."
    fix = (
        "Take back what came back by a return in Heartland, close there what is still open and not wanted, and book "
        "the rest by hand; then keep Heartland's order."
    )
    return choice_needed(context, IMPOSSIBLE, sentence, fix)
