"""What is said of an invoice's way to the store, to people who pack and sell."""

from collections.abc import Iterable, Mapping, Sequence

from errors.failures import Rejected, Violation
from mappings.core.canonical.order import PaymentState
from mappings.core.canonical.shipment import Parcel, Shipment
from syncjobs.flows.shipments import questions
from syncjobs.flows.shipments.shipment_context import ShipmentContext

NAMED = 5  # items that a sentence names


def pieces(count: int) -> str:
    return f"{count} {'piece' if count == 1 else 'pieces'}"


def counted(goods: Mapping[str, int]) -> str:
    """As in "2 × DOG-LEAD, 1 × CMP-JUG"; of many only the first are named."""
    named = [f"{count} × {name}" for name, count in sorted(goods.items()) if count]
    more = [f"{len(named) - NAMED} other items"] if len(named) > NAMED + 1 else []
    return ", ".join([*(named[:NAMED] if more else named), *more])


def of_parcels(context: ShipmentContext, parcels: Iterable[Parcel]) -> str:
    """The pieces of parcels by SKU, in words."""
    skus = {line.source_id: line.sku or line.name for line in context.order.lines}
    found: dict[str, int] = {}
    for parcel in parcels:
        for line, count in parcel.pieces:
            found[skus.get(line, line)] = found.get(skus.get(line, line), 0) + count
    return counted(found)


def named(context: ShipmentContext, items: Mapping[str, int]) -> str:
    """Pieces by Heartland item, in words."""
    return counted({context.invoice.names.get(item, item): count for item, count in items.items()})


def tracking(context: ShipmentContext) -> dict[str, object]:
    """Carrier and tracking as the order's page shows them."""
    return {"carrier": context.invoice.carrier, "tracking": list(context.invoice.tracking)}


def left_out(context: ShipmentContext) -> str:
    """Which tracking numbers stand in the comments, as a sentence of its own; "" when all fit."""
    further = context.tracking.further
    if not further:
        return ""
    which = f"Tracking number {further[0]}" if len(further) == 1 else f"{len(further)} tracking numbers"
    return (
        f" {which} did not fit into the {context.tracking.longest} characters that the store has: told in the comments."
    )


def edited_in_store(context: ShipmentContext, edited: Sequence[Shipment]) -> str:
    shown = ", ".join(shown_by(shipment) for shipment in edited)
    return f"The store's shipment was changed there: it shows {shown}. That stands until Heartland's tracking changes."


def shown_by(shipment: Shipment) -> str:
    """What the store tells the shopper of a shipment's way."""
    return f"{shipment.carrier or 'no carrier'} {shipment.tracking_number or '(no number)'}"


def done(context: ShipmentContext, *, is_whole: bool) -> str:
    """What left, and everything of the invoice that did not go the ordinary way."""
    goods, invoice = context.plan, context.invoice
    numbers = ", ".join(invoice.tracking)
    with_what = f" with {invoice.carrier or 'tracking'} {numbers}" if numbers else ""
    rest = ": it is shipped." if is_whole else "; the rest has not left yet."
    parts = [f"{pieces(goods.pieces)} of order {context.order_title} left{with_what}{rest}{left_out(context)}"]
    if goods.shipped_before:
        parts.append(f"{goods.shipped_before} more had been shipped in the store before.")
    if goods.given_back:
        parts.append(f"{of_parcels(context, goods.given_back)} was given back and is left out, as chosen.")
    return " ".join([*parts, *money_open(context), *strange(context)])


def money_open(context: ShipmentContext) -> list[str]:
    """Goods left whose money the store has not taken: nothing takes it by itself, unless it is taken as goods leave."""
    charge = context.facts.get("facts", context.record.facts).get("charge") or {}
    if charge.get("state") == "taken":
        return []
    if context.order.payment not in {PaymentState.AUTHORISED, PaymentState.OUTSTANDING}:
        return []
    return [f"{context.store_name} has not taken its money yet: take it there."]


def collected(context: ShipmentContext, *, is_told: bool) -> str:
    """The whole of a pickup order was invoiced; `is_told`: the store could be told of it."""
    what = "waits to be collected" if context.settings.tells_pickup_ready else "was collected"
    said = f"Order {context.order_title} {what}: there is nothing to ship."
    rest = [] if is_told else [f"{context.store_name} is not told: mark it there."]
    return " ".join([said, *rest, *money_open(context)])


def nothing(context: ShipmentContext) -> str:
    """An invoice that the store need not hear of."""
    said = f"Nothing of invoice {context.invoice.number} is shipped by the store's order."
    return " ".join([said, *strange(context)])


def strange(context: ShipmentContext) -> list[str]:
    """Goods that staff added at the desk: the store has no place for them."""
    goods, said = context.plan, []
    if goods.surplus:
        said.append(
            f"{named(context, goods.surplus)} more than the store sold left with it: the store cannot show that."
        )
    if goods.unknown:
        said.append(
            f"{named(context, context.plan.unknown)} left with it, which the store did not sell: it cannot show that."
        )
    return said


# --- reasons to wait for a person -----------------------------------------------------------------


def too_long(context: ShipmentContext) -> Violation:
    invoice = context.invoice
    length = max(map(len, invoice.tracking))
    return Violation(
        code="tracking_too_long",
        sentence=f"The tracking number of invoice {invoice.number} has {length} characters; the store takes "
        f"{context.tracking.longest}. The shopper is not told without a number.",
        field=context.settings.tracking_field,
        value=invoice.id,
        fix="Correct the number on the invoice in Heartland, with commas between several: it is sent by itself then.",
        fix_page="heartland",
    )


def voided(context: ShipmentContext) -> Violation:
    invoice, ids = context.invoice, [shipment.id for shipment in context.there]
    return Violation(
        code=questions.VOIDED,
        sentence=f"Invoice {invoice.number} is {invoice.status} in Heartland, but the store shows its goods as shipped "
        f"(order {context.order_title}, shipment {', '.join(ids)}).",
        field="status",
        value=f"{invoice.id} {invoice.status} {' '.join(ids)}",
        fix=f"If nothing has left, delete that shipment in {context.store_name}: this closes by itself then. If the "
        "goods have left, keep it.",
        fix_page=f"order/{context.order_id}",
    )


def deleted(context: ShipmentContext, parcels: Sequence[Parcel]) -> Violation:
    goods = of_parcels(context, parcels)
    return Violation(
        code=questions.DELETED,
        sentence=f"The shipment of invoice {context.invoice.number} was deleted in the store, which does not show "
        f"{goods} of order {context.order_title} as shipped any more.",
        field="shipment",
        value=f"{context.invoice.id} {' '.join(context.vanished)} {goods}",
        fix="Choose: ship it again in the store, or leave it deleted. If nothing has left, void the invoice in "
        "Heartland.",
        fix_page=f"order/{context.order_id}",
    )


def refunded(context: ShipmentContext) -> Violation:
    goods = of_parcels(context, context.plan.given_back)
    return Violation(
        code=questions.REFUNDED,
        sentence=f"Invoice {context.invoice.number} holds {goods} of order {context.order_title} whose money was given "
        "back to the shopper.",
        field="quantity_refunded",
        value=f"{context.invoice.id} {goods}",
        fix="If it has not left, take it back with a return of the invoice in Heartland; or choose what the store is "
        "to show.",
        fix_page=f"order/{context.order_id}",
    )


def substituted(context: ShipmentContext, parcels: Sequence[Parcel]) -> Violation:
    strangers, sold = named(context, context.plan.unknown), of_parcels(context, parcels)
    return Violation(
        code=questions.SUBSTITUTED,
        sentence=f"Invoice {context.invoice.number} of order {context.order_title} holds {strangers}, which the "
        f"store did not sell, and Heartland will not ship {sold}, which it did.",
        field="items",
        value=f"{context.invoice.id} {strangers} {sold}",
        fix="Choose whether it went in place of what was sold. If the shopper gets money back, refund it in "
        f"{context.store_name}.",
        fix_page=f"order/{context.order_id}",
    )


def tracking_conflict(context: ShipmentContext, edited: Sequence[Shipment]) -> Violation:
    shown = ", ".join(shown_by(shipment) for shipment in edited)
    ours = f"{context.invoice.carrier or 'no carrier'} {', '.join(context.invoice.tracking) or '(no number)'}"
    return Violation(
        code=questions.CONFLICT,
        sentence=f"The tracking of invoice {context.invoice.number} was changed in Heartland to {ours}, but somebody "
        f"had written {shown} in the store.",
        field="tracking_number",
        value=f"{context.invoice.id} {shown} {ours}",
        fix="Choose which of them the store shows.",
        fix_page=f"order/{context.order_id}",
    )


def order_gone(context: ShipmentContext) -> Violation:
    return Violation(
        code="shipped_order_gone",
        sentence=f"Heartland invoiced {context.invoice.number}, but the store has no order {context.order_title} "
        "any more.",
        field="order",
        value=context.invoice.id,
        fix=f"Restore the order in {context.store_name} and retry; or close this by hand when the shopper knows.",
        fix_page="store",
    )


MONEY_OF_THE_ENDED = {
    "taken": " Its money was taken as the goods left: give it back in the store, unless the order goes on.",
    "asked": " Its payment provider was asked for its money as the goods left: see in the store whether it was taken.",
}


def ended(context: ShipmentContext) -> Violation:
    return Violation(
        code="shipped_after_end",
        sentence=f"Heartland invoiced {context.invoice.number}, but the store's order {context.order_title} is "
        f"{context.order.status}.{MONEY_OF_THE_ENDED.get(context.charge_state, '')}",
        field="status",
        value=f"{context.invoice.id} {context.order.status}",
        fix="Take the goods back with a return of the invoice in Heartland, or reopen the order in the store, or keep "
        "Heartland's order on its page: this closes by itself then.",
        fix_page=f"order/{context.order_id}",
    )


def cut(context: ShipmentContext, lacking: Sequence[Parcel]) -> Violation:
    goods = of_parcels(context, lacking)
    return Violation(
        code="shipment_cut",
        sentence=f"The store's shipment of invoice {context.invoice.number} lacks {goods} of order "
        f"{context.order_title}: it says that no more of them is left to ship.",
        field="quantity",
        value=f"{context.invoice.id} {goods}",
        fix="Look at the order in the store, where somebody shipped, cancelled or refunded them meanwhile; then retry.",
        fix_page="store",
    )


def refused(context: ShipmentContext, refusal: Rejected) -> Violation:
    return Violation(
        code="shipment_refused",
        sentence=f"The store refuses the shipment of invoice {context.invoice.number}: {refusal.summary}",
        field=next(iter(refusal.fields), ""),
        value="; ".join(sorted(refusal.fields.values())),
        fix="Correct the order in the store, or carrier and tracking on the invoice, then retry.",
        fix_page="store",
    )
