"""Which of the store's lines left with an invoice, and what of it only a person can settle."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from django.db.models import Q

from connections.store_kinds import profile_of
from errors.failures import NotFound, PermissionMissing, Violation, held
from mappings.catalogue import linked_items
from mappings.core.canonical.shipment import Parcel
from mappings.core.canonical.statuses import ENDED, StatusMeaning
from mappings.core.rules.shipments import Plan, joined, missing, plan, shippable
from mappings.models import Link
from syncjobs.flows.base import Outcome
from syncjobs.flows.concealing import conceal
from syncjobs.flows.orders import ORDERS
from syncjobs.flows.orders.left_pieces import has_left
from syncjobs.flows.shipments import questions, shipment_words
from syncjobs.flows.shipments.read_invoice import look, retrack, skipped
from syncjobs.flows.shipments.shipment_context import ShipmentContext
from syncjobs.models import Record
from syncjobs.stores.known_statuses import order_understood

AWAITING_TRACKING = "awaiting_tracking"
SHOWN_AS_SHIPPED = "shown_as_shipped"  # by the status that somebody gave the store's order, without a shipment
CALLED_OFF = (*ENDED, StatusMeaning.REFUNDED)
VOID = "void"


def match(context: ShipmentContext) -> Outcome | None:
    """Plan what the store is to be told; nothing is told before every question is answered."""
    try:
        context.order = order_understood(context.store.orders.order(context.order_id), context.tables)
    except NotFound as failure:
        raise held(shipment_words.order_gone(context)) from failure
    conceal(context, context.order)
    if context.order.meaning in CALLED_OFF:
        return after_the_end(context)
    if must_wait(context):
        sentence = f"Invoice {context.invoice.number} has no tracking number yet: the shopper is told once it has one."
        context.decide(sentence)
        return Outcome(disposition=Record.Disposition.IN_FLIGHT, code=AWAITING_TRACKING, sentence=sentence)
    if context.shipments is None:
        look(context)
    context.plan = planned(context)
    if context.plan.parcels and not context.own and has_left(context.order) and not context.invoice.tracking:
        sentence = f"The store shows order {context.order_title} as {context.order.status}: the shopper was told that."
        context.decide(sentence)
        return skipped(SHOWN_AS_SHIPPED, f"{sentence} Invoice {context.invoice.number} adds nothing.")
    if context.plan.given_back and (returned := taken_back(context)):
        context.plan = planned(context, returned=returned)
    return settle(context)


def must_wait(context: ShipmentContext) -> bool:
    """Where the store mails the shopper of a shipment: with a number, or never. What is collected has none."""
    settings = context.settings
    if not profile_of(context.connection.store).mails_shopper:
        return False
    is_told = context.own and not context.vanished
    if not settings.notifies_shopper or not settings.tracking_field or context.invoice.tracking or is_told:
        return False
    if has_left(context.order):
        return False
    goods = planned(context)
    return bool(goods.parcels or goods.given_back or (goods.unknown and shippable(context.order)))


def planned(context: ShipmentContext, *, returned: Counter[str] | None = None) -> Plan:
    """What the store lacks of this invoice, as far as its shipments were read."""
    settings, known = context.settings, context.shipments or []
    return plan(
        context.order,
        context.invoice,
        items=linked_items(context.connection, {line.sku for line in context.order.lines}),
        shipments=known,
        ours=ours(context),
        number=context.tracking.number,
        extras={
            item for item in (settings.gift_wrap_item_id, settings.fee_item_id, settings.gift_card_item_id) if item
        },
        returned=returned,
    )


def ours(context: ShipmentContext) -> dict[str, str]:
    """The store's shipments that are ours, each with its invoice; those of voided ones are anybody's."""
    ids = [shipment.id for shipment in context.shipments or []]
    links = Link.objects.of(context.connection, Link.Kind.SHIPMENT).filter(source_id__in=ids)
    of_invoice = dict(links.values_list("source_id", "target_id"))
    records = Record.objects.filter(connection=context.connection, flow=context.job.flow, source_status=VOID)
    void = set(records.filter(external_id__in=of_invoice.values()).values_list("external_id", flat=True))
    return {shipment: invoice for shipment, invoice in of_invoice.items() if invoice not in void}


def taken_back(context: ShipmentContext) -> Counter[str]:
    """Pieces by item that Heartland took back; none where we may not read returns: then a person says so."""
    try:
        return context.returned
    except PermissionMissing:
        return Counter()


def after_the_end(context: ShipmentContext) -> Outcome:
    """The store's order was cancelled or refunded: nothing is shipped there. Raises a hold while goods are out."""
    context.keep(pieces=0)
    number = context.invoice.number
    if is_kept(context):
        sentence = f"The store's order is {context.order.status} and Heartland's is kept, as chosen"
        return skipped("kept_though_ended", f"{sentence}: the store is not told of invoice {number}.")
    if not Counter(context.invoice.items) - taken_back(context):
        sentence = f"What invoice {number} sent out came back to Heartland: there is nothing to tell the store."
        return skipped("returned", sentence)
    raise held(shipment_words.ended(context))


def is_kept(context: ShipmentContext) -> bool:
    """Whether a person chose to keep Heartland's order although the store's ended, or closed the order by hand."""
    orders = Record.objects.filter(connection=context.connection, flow=ORDERS.name, external_id=context.order_id)
    is_chosen = Q(disposition=Record.Disposition.BOOKED, choice=Record.Choice.HEARTLAND)
    return orders.filter(is_chosen | Q(disposition=Record.Disposition.SETTLED)).exists()


def settle(context: ShipmentContext) -> Outcome | None:
    """Ask what must be asked, and let the answer shape the plan. Raises the hold that asks."""
    goods = context.plan
    again = [*goods.parcels, *goods.given_back] if context.vanished else []
    instead = given_up(context) if goods.unknown else []
    asked = [
        *([shipment_words.deleted(context, again)] if again else []),
        *([shipment_words.refunded(context)] if goods.given_back else []),
        *([shipment_words.substituted(context, instead)] if instead else []),
    ]
    if asked:
        return answer(context, asked, instead)
    context.forget(context.vanished)
    return retrack(context) if context.there and goods.is_empty else None


def answer(context: ShipmentContext, asked: list[Violation], instead: list[Parcel]) -> Outcome | None:
    """Go on as a person chose. Raises the hold that asks while nobody has."""
    choice = questions.choice_on(context, asked)
    if choice is None:
        raise questions.asked(context, asked)
    goods = context.plan
    if choice == Record.Choice.HEARTLAND:
        context.forget(context.vanished)
        every = joined([*goods.parcels, *goods.given_back, *instead])
        context.plan = replace(goods, parcels=tuple(every), given_back=(), unknown=Counter())
        return None
    context.leaves_out = True
    if not context.vanished:
        return None
    context.keep(pieces=0)
    sentence = f"The shipment of invoice {context.invoice.number} was deleted in the store and is left so, as chosen."
    context.decide(sentence)
    return Outcome(disposition=Record.Disposition.BOOKED, code=questions.LEFT_DELETED, sentence=sentence)


def given_up(context: ShipmentContext) -> list[Parcel]:
    """What the store sold and Heartland's order does not hold: something else may have gone instead.

    What Heartland has no item of can only stand in an order that was booked by hand, under another one.
    """
    items = linked_items(context.connection, {line.sku for line in context.order.lines})
    short = Counter[str]()
    for line in shippable(context.order):
        short[items.get(line.sku, "")] += line.quantity - line.quantity_refunded
    short.subtract(context.sales_order.pieces())
    by_line = {line.source_id: items.get(line.sku, "") for line in context.order.lines}
    return list(_only(missing(context.order, [*(context.shipments or []), *context.plan.parcels]), by_line, +short))


def _only(parcels: list[Parcel], by_line: dict[str, str], wanted: Counter[str]) -> Iterator[Parcel]:
    """Of the parcels, no more than the wanted pieces by item."""
    left = Counter(wanted)
    for parcel in parcels:
        pieces = []
        for line, count in parcel.pieces:
            taken = min(count, left[by_line[line]])
            left[by_line[line]] -= taken
            if taken:
                pieces.append((line, taken))
        if pieces:
            yield Parcel(address_id=parcel.address_id, pieces=tuple(pieces))
