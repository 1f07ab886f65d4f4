"""An order that the store changed after it was booked: what differs, and what a person chose to do about it."""

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING

from errors.failures import Violation, held
from ipaas.types import JSON
from mappings.catalogue import linked_items
from mappings.core.canonical.order import ALL_OF_IT
from mappings.core.heartland import sales_order_changes
from mappings.core.heartland.sales_orders import SalesOrder
from mappings.core.rules.order_content import content_fingerprint, is_comparable
from mappings.models import Link
from syncjobs.flows.orders import compare_addresses, evidence, given_back
from syncjobs.flows.orders.cancelling import ENDED_AFTER_INVOICE, choice_needed
from syncjobs.flows.orders.compare_orders import changes, in_words
from syncjobs.flows.orders.find_sales_order import MAYBE_OURS
from syncjobs.flows.orders.order_context import PARTS
from syncjobs.flows.orders.paying import PARTING
from syncjobs.flows.orders.releasing import PROMISE, RELEASED, VOIDED
from syncjobs.flows.orders.replacing import FORMER_INVOICED
from syncjobs.flows.orders.splitting import IMPOSSIBLE
from syncjobs.models import CustomerMerge, Record

if TYPE_CHECKING:
    from syncjobs.flows.orders.order_context import OrderContext

CHANGED, INVOICED, REFUNDED = "changed_after_booking", "changed_after_invoice", "refunded_after_booking"
CHANGED_THERE, CANCELLED_THERE = "changed_in_heartland", "cancelled_in_heartland"
INVOICED_THERE = "changed_in_heartland_after_invoice"
REFUNDED_ALL = "refunded_in_full"
DELETED, DELETED_AFTER_INVOICE = "deleted_after_booking", "deleted_after_invoice"  # by the store
KEPT, KEPT_THOUGH_REFUNDED, KEPT_AS_GIVEN_BACK = "kept_as_booked", "kept_though_refunded", "kept_as_given_back"
KEPT_FACTS = (
    "heartland",
    "booked_there",
    "judged",
    "left",
    PARTING,
    RELEASED,
    PROMISE,
    given_back.LEFT_OUT,
    PARTS,
    compare_addresses.BOOKED,
    compare_addresses.EDITED,
)  # Heartland's side
CHOICES = {  # by the code of a hold
    CHANGED: (Record.Choice.STORE, Record.Choice.HEARTLAND),
    INVOICED: (Record.Choice.SPLIT, Record.Choice.HEARTLAND),
    IMPOSSIBLE: (Record.Choice.HEARTLAND,),
    REFUNDED: (Record.Choice.STORE, Record.Choice.HEARTLAND),
    REFUNDED_ALL: (Record.Choice.CANCEL, Record.Choice.HEARTLAND),
    DELETED: (Record.Choice.CANCEL, Record.Choice.HEARTLAND),
    DELETED_AFTER_INVOICE: (Record.Choice.HEARTLAND,),
    CHANGED_THERE: (Record.Choice.STORE, Record.Choice.HEARTLAND),
    CANCELLED_THERE: (Record.Choice.STORE, Record.Choice.HEARTLAND),
    INVOICED_THERE: (Record.Choice.SPLIT, Record.Choice.HEARTLAND),
    MAYBE_OURS: (Record.Choice.STORE, Record.Choice.HEARTLAND),
    ENDED_AFTER_INVOICE: (Record.Choice.HEARTLAND,),
    FORMER_INVOICED: (Record.Choice.SPLIT, Record.Choice.STORE, Record.Choice.HEARTLAND),
    VOIDED: (Record.Choice.HEARTLAND,),
}


def keeping(context: "OrderContext", *, differs: bool) -> JSON:
    """What the facts hold on to beside the store's own: Heartland's side, and the order as booked while it differs."""
    before = context.record.facts
    kept: JSON = {"content": context.content, "state": context.state}
    kept |= {name: before[name] for name in KEPT_FACTS if name in before}
    if before.get("fetched") or context.job.cause == "backfill":
        kept["fetched"] = True  # a person asked for it: it stays wanted at later looks
    if differs and before:
        kept["booked"] = before.get("booked") or {name: before[name] for name in evidence.STORE if name in before}
    return kept


def settle(context: "OrderContext", link: Link) -> Record.Choice | None:
    """What a person chose for exactly this state of both sides; None when nothing that counts differs.

    Raises a hold that asks for the choice.
    """
    here, there = changes_here(context), changes_there(context)
    if not here and not there:
        return None
    if there:
        context.learn(facts=context.facts["facts"] | {"there": [asdict(one) for one in there]})
    if here and not there and is_cancelled_in_part(context, link):
        context.decide("Pieces of it were cancelled in the store, and nothing else: what is left takes its place.")
        return Record.Choice.STORE
    if here and not there and given_back.is_refunded_in_part(context, link):
        context.decide("Money was given back in the store, and nothing else changed: what is left takes its place.")
        return Record.Choice.STORE
    if here and not there and given_back.is_refunded_in_full(context, link):
        context.decide("All of it was given back in the store before it left: it is cancelled.")
        return Record.Choice.CANCEL
    context.ask(*([state_there(context)] if there else []))
    if choice := context.chosen:
        return choice
    raise held(asking_both(context, link, here, there) if there else asking(context, link, here))


def is_cancelled_in_part(context: "OrderContext", link: Link) -> bool:
    """True when the order is the one that was booked but for pieces that the store cancelled since: nobody is asked.

    One of which goods have left is not replaced: a person is told that before.
    """
    before = context.as_read.uncancelled
    is_same = before is not None and content_fingerprint(before) == link.fingerprint
    return is_same and context.standing is not None and not context.standing.is_final


def is_given_back_there(context: "OrderContext") -> bool:
    """True when what the store gave back in part is off Heartland's order too: as many pieces, and as much money."""
    order, standing = context.as_read, context.standing
    if not order.refunded or order.given_back == ALL_OF_IT or standing is None or not standing.is_alive:
        return False
    items = linked_items(context.connection, {line.sku for line in order.lines})
    left = Counter[str]()
    for line in order.lines:
        left[items.get(line.sku, "")] += line.quantity - line.quantity_refunded
    return +left == +standing.pieces() and standing.total == order.total - order.refunded


def changes_here(context: "OrderContext") -> str:
    """What the store changed since the booking, in words; "" when nothing that counts."""
    if not context.link or context.link.fingerprint == context.content:
        return ""
    facts = context.facts["facts"]
    words = in_words(changes(facts))
    if words or is_comparable(context.link.fingerprint, context.content) or not facts.get("booked"):
        return words or "something in it is new"
    return ""


def changes_there(context: "OrderContext") -> list[sales_order_changes.Difference]:
    """What the desk changed since the booking.

    Of an order booked before that was kept, only its total and that it lives are known.
    """
    if context.standing is None:
        return [
            sales_order_changes.Difference(name="Status", booked=sales_order_changes.OPEN, now="not there any more")
        ]
    return [*sales_order_changes.differences(booked_there(context), context.standing), *places_there(context)]


def places_there(context: "OrderContext") -> list[sales_order_changes.Difference]:
    """Addresses that the desk edited in place, where the sales order lives and still names them."""
    standing = context.standing
    if standing is None or not standing.is_alive:
        return []
    kept, now = booked_there(context), sales_order_changes.evidence(standing)
    renamed = {title for name, title in compare_addresses.NAMES.items() if kept.get(name) and kept[name] != now[name]}
    return [one for one in compare_addresses.edited(context.facts["facts"]) if one.name not in renamed]


def booked_there(context: "OrderContext") -> sales_order_changes.Evidence:
    kept: sales_order_changes.Evidence | None = context.record.facts.get("booked_there")
    if kept is not None and context.standing and kept.get("customer_id") != context.standing.customer_id:
        booked_for = str(kept.get("customer_id") or "")
        kept = {**kept, "customer_id": CustomerMerge.objects.who_now(context.connection.heartland, booked_for)}
    if kept is not None and context.record.facts.get(RELEASED):
        return {name: value for name, value in kept.items() if name != "paid"}  # we voided what was to come
    if kept is not None:
        return kept
    total = context.record.target_total
    return {} if total is None else {"total": f"{total:f}"}


def state_there(context: "OrderContext") -> str:
    """Which sales order it is and what counts of it."""
    standing = context.standing
    if standing is None:
        return "not there"
    edited = context.facts["facts"].get(compare_addresses.EDITED) or {}
    return " ".join([standing.id, sales_order_changes.state(standing), *(edited[name] for name in sorted(edited))])


def asking_both(
    context: "OrderContext", link: Link, here: str, there: list[sales_order_changes.Difference]
) -> Violation:
    """The desk changed what was booked, and perhaps the store did too."""
    number, order, standing = link.target_label, context.title, context.standing
    too = f" The store changed the order too: {here}." if here else ""
    if standing is None or not standing.is_alive:
        gone = "was cancelled in Heartland" if standing else "is not in Heartland any more"
        sentence = f"{number} {gone}, but the store's order {order} goes on ({context.order.status}).{too}"
        fix = "Accept the store's order to book it anew under the next number, or keep it cancelled in Heartland."
        return choice_needed(context, CANCELLED_THERE, sentence, fix)
    sentence = f"{number} was changed in Heartland after order {order} was booked: {in_words(there)}.{too}"
    if standing.is_final:
        fix = (
            "Goods have left, so that it is not replaced any more. Split it: what the store's order holds beyond it is "
            "booked beside it. Or settle the rest by hand, then keep Heartland's."
        )
        return choice_needed(context, INVOICED_THERE, sentence, fix)
    fix = "Accept the store's order to cancel this one and book it anew, or keep Heartland's as it is."
    return choice_needed(context, CHANGED_THERE, sentence, fix)


def asking(context: "OrderContext", link: Link, words: str) -> Violation:
    sentence = f"The store changed order {context.title} after it was booked as {link.target_label}: {words}."
    is_all = context.as_read.given_back == ALL_OF_IT and not context.left_out
    if is_all and context.standing and not context.has_left:
        fix = f"Cancel {link.target_label} in Heartland, or keep it where goods go out anyway."
        return choice_needed(context, REFUNDED_ALL, sentence, fix)
    if context.as_read.given_back:
        if context.left_out:
            context.learn(facts=context.facts["facts"] | {"what_is_left": given_back.rest_shown(context)})
        fix = (
            "Accept the store's order: what is left of it is booked in the place of this one. Or keep Heartland's "
            "order as it is, and take off there by hand what was given back."
        )
        return choice_needed(context, REFUNDED, sentence, fix)
    if context.standing and context.standing.is_final:
        return invoiced(context, context.standing)
    return choice_needed(context, CHANGED, sentence, "Choose: accept the store's order, or keep Heartland's.")


def about(record: Record) -> str:
    """What a choice that is made now is about; another state of the store's order asks anew."""
    return str(record.facts.get("about") or record.facts.get("content", ""))


def effect(record: Record, choice: Record.Choice) -> str:
    """What choosing does, in words that follow the choice's name."""
    number, is_store = record.target_label, choice == Record.Choice.STORE
    if choice == Record.Choice.CANCEL:
        return f"cancels {number} in Heartland and takes the recorded payments back"
    if record.code == MAYBE_OURS:
        return "books it under the next number, and leaves that one alone" if is_store else "it is this order's"
    if record.code == FORMER_INVOICED and choice == Record.Choice.SPLIT:
        return "what was invoiced is part of it, and what it holds beyond that is booked beside it"
    if record.code == FORMER_INVOICED:
        return "books it beside what was invoiced" if is_store else "it is not booked"
    if record.code == CANCELLED_THERE:
        return "books the order anew under a number of its own" if is_store else f"{number} stays cancelled"
    if choice == Record.Choice.SPLIT:
        return f"{number} stays as it is, and what the store's order holds beyond it is booked beside it"
    if is_store:
        return f"cancels {number} in Heartland and books the order anew under a number of its own"
    return f"{number} stays as it is"


def invoiced(context: "OrderContext", sales_order: SalesOrder) -> Violation:
    context.ask()
    words = changes_here(context)
    sentence = (
        f"Order {context.title} was changed in the store, but Heartland has invoiced {sales_order.public_id}: "
        f"it cannot be replaced any more{f' ({words})' if words else ''}."
    )
    fix = (
        "Split it where the store's order holds more than that: the rest is booked beside it. Or take goods back with "
        "a return in Heartland where needed, then keep Heartland's order."
    )
    return choice_needed(context, INVOICED, sentence, fix)
