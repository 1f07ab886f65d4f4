"""An order that the store changed after it was booked: what differs, and what a person chose to do about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from errors.failures import Violation, held
from ipaas.types import JSON
from mappings import services
from mappings.core.sales_orders import SalesOrder
from mappings.models import Link
from syncjobs.flows.orders import evidence
from syncjobs.flows.orders.cancelling import ENDED_AFTER_INVOICE, choice_needed, ended, look_at_booked, undo
from syncjobs.models import Record

if TYPE_CHECKING:
    from syncjobs.flows.orders.context import OrderContext

CHANGED, INVOICED, REFUNDED = "changed_after_booking", "changed_after_invoice", "refunded_after_booking"
KEPT = "kept_as_booked"
SAID = 2  # changes that a sentence names; the page shows all
CHOICES = {  # by the code of a hold
    CHANGED: (Record.Choice.STORE, Record.Choice.HEARTLAND),
    INVOICED: (Record.Choice.HEARTLAND,),
    REFUNDED: (Record.Choice.HEARTLAND,),
    ENDED_AFTER_INVOICE: (Record.Choice.HEARTLAND,),
}


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing that the store holds otherwise than when the order was booked."""

    name: str
    booked: str
    now: str


def changes(facts: JSON) -> list[Change]:
    """What differs between the order as booked and as the store has it now, as far as is known."""
    booked = facts.get("booked")
    return [] if not booked else [*_lines(booked, facts), *_money(booked, facts), *_rest(booked, facts)]


def _lines(booked: JSON, now: JSON) -> Iterator[Change]:
    before, after = _by_sku(booked), _by_sku(now)
    for sku in sorted(before.keys() | after.keys()):
        if before.get(sku) != after.get(sku):
            yield Change(name=sku, booked=before.get(sku, "not there"), now=after.get(sku, "not there"))


def _by_sku(facts: JSON) -> dict[str, str]:
    """Pieces and what they cost, in words, by SKU (by name, where the line has none)."""
    found: dict[str, tuple[int, Decimal]] = {}
    for line in facts.get("lines", ()):
        pieces, total = found.get(line["sku"] or line["name"], (0, Decimal(0)))
        found[line["sku"] or line["name"]] = pieces + line["quantity"], total + Decimal(line["total"])
    return {sku: f"{pieces} for {total:.2f}" for sku, (pieces, total) in found.items()}


def _money(booked: JSON, now: JSON) -> Iterator[Change]:
    before, after = ({term["name"]: term["amount"] for term in facts.get("equation", ())} for facts in (booked, now))
    for name in dict.fromkeys([*before, *after]):
        if Decimal(before.get(name, 0)) != Decimal(after.get(name, 0)):
            yield Change(name=name, booked=before.get(name, "none"), now=after.get(name, "none"))
    if booked.get("total") != now.get("total"):
        yield Change(name="Total", booked=str(booked.get("total")), now=str(now.get("total")))


def _rest(booked: JSON, now: JSON) -> Iterator[Change]:
    if booked.get("shipping_method") != now.get("shipping_method"):
        yield Change(name="Shipping method", booked=booked.get("shipping_method", ""), now=now["shipping_method"])
    if booked.get("given_back", "") != now.get("given_back", ""):
        yield Change(
            name="Given back to the shopper", booked=booked.get("given_back") or "nothing", now=now["given_back"]
        )
    before, after = booked.get("people", {}), now.get("people", {})
    for name in before:
        if before[name] != after.get(name):
            yield Change(name=name, booked="as booked", now="changed")


def keeping(context: "OrderContext", *, differs: bool) -> JSON:
    """What the facts hold on to beside the store's own: Heartland's side, and the order as booked while it differs."""
    before = context.record.facts
    kept: JSON = {"content": context.content}
    if "heartland" in before:
        kept["heartland"] = before["heartland"]
    if differs and before:
        kept["booked"] = before.get("booked") or {name: before[name] for name in evidence.STORE if name in before}
    return kept


def settle(context: "OrderContext", link: Link) -> Record.Choice | None:
    """What a person chose for exactly this change; None when nothing that counts differs.

    Raises a hold that asks for the choice.
    """
    if context.record.choice and context.record.choice_about == context.content:
        return Record.Choice(context.record.choice)
    facts = context.facts["facts"]
    found = changes(facts)
    if facts.get("booked") and not found:
        return None
    words = in_words(found) or "something in it is new"
    raise held(asking(context, link, words))


def asking(context: "OrderContext", link: Link, words: str) -> Violation:
    sentence = f"The store changed order {context.external_id} after it was booked as {link.target_label}: {words}."
    if context.order.given_back:
        fix = "Give the money back in Heartland too, by a return once it is invoiced; then keep Heartland's order."
        return choice_needed(context, REFUNDED, sentence, fix)
    return choice_needed(context, CHANGED, sentence, "Choose: accept the store's order, or keep Heartland's.")


def in_words(found: list[Change]) -> str:
    """The first of the changes, and how many more there are."""
    said = "; ".join(f"{one.name}: {one.booked} → {one.now}" for one in found[:SAID])
    return f"{said}; and {len(found) - SAID} more" if len(found) > SAID else said


def about(record: Record) -> str:
    """What a choice that is made now is about; another state of the store's order asks anew."""
    return ended(record.source_status) if record.code == ENDED_AFTER_INVOICE else str(record.facts.get("content", ""))


def withdraw(context: "OrderContext", link: Link) -> None:
    """Cancel the sales order that another one replaces; what Heartland invoiced already cannot be replaced."""
    sales_order = look_at_booked(context, link)
    if sales_order.status != "canceled":
        if sales_order.status == "closed" or sales_order.is_invoiced:
            raise held(invoiced(context, sales_order))
        undo(context, sales_order)
    services.link_drop(context.connection, Link.Kind.ORDER, context.external_id)
    context.link = None
    context.decide(f"{sales_order.public_id} is cancelled: the store's order as it is now takes its place.")


def invoiced(context: "OrderContext", sales_order: SalesOrder) -> Violation:
    sentence = (
        f"Order {context.external_id} was changed in the store, but Heartland has invoiced {sales_order.public_id}: "
        "it cannot be replaced any more."
    )
    fix = "Take goods back with a return in Heartland where needed, then keep Heartland's order."
    return choice_needed(context, INVOICED, sentence, fix)
