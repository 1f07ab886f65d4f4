"""Take the money of what leaves before the store is told that it left: where the store charges at shipment.

Refused money holds the shipment: staff are told in both systems, the store's order is moved where the merchant chose
that, the shopper is mailed where there is a text for it. Nothing asks a provider again but a person who retries.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NoReturn

from errors.failures import NotFound, Rejected, TransientFailure, Violation, held
from ipaas import failpoints
from ipaas.types import JSON
from mappings.catalogue import linked_items
from mappings.core.rules.shipments import shippable
from syncjobs.flows.orders import ORDERS
from syncjobs.flows.orders.paying import gateway_of
from syncjobs.flows.shipments import charge_words, shipment_words
from syncjobs.flows.shipments.judge_goods import CALLED_OFF
from syncjobs.flows.shipments.shipment_context import ShipmentContext
from syncjobs.flows.shipments.tell_of_refusal import tell_of_refusal
from syncjobs.models import Record, SyncJob
from syncjobs.stores.charge_port import Charge, ChargeState

BY_A_PERSON = ("retry", "fix", SyncJob.LOOK_AGAIN)
ANSWERED_WITHIN = timedelta(hours=1)
SHORTEST, LONGEST = 5.0, 600.0  # seconds until a provider that answers later is looked at again
ASKED, REFUSED, TAKEN = "asked", "refused", "taken"  # state of the charge in the record's facts
NOTHING_DUE = "0.00"


class Charging(TransientFailure):
    """The provider was asked and has not answered: waiting costs no attempt."""

    code = "charging"
    counts_as_attempt = False


def charge(context: ShipmentContext) -> None:
    """Have the store take it, once. Raises a hold where it is not to be had, and Charging while nobody knows."""
    was_asked = known(context).get("state") == ASKED  # a try that died may have told the shipment as well
    if not context.settings.charges_at_shipment or not (context.plan.parcels or context.plan.elsewhere or was_asked):
        return
    leaving = pieces_leaving(context)
    match context.store.charges.state(context.order, leaving):
        case ChargeState.TAKEN:
            note_taken(context)
        case ChargeState.ASKED:
            wait(context)
        case ChargeState.PROMISED:
            ask(context, leaving)
        case ChargeState.MISSING:
            as_refused_before(context)
            refuse(context, charge_words.missing(context))
        case ChargeState.UNPROVEN:
            refuse(context, charge_words.unproven(context))
        case ChargeState.BY_HAND:
            pass


def pieces_leaving(context: ShipmentContext) -> dict[str, int]:
    """Pieces that have left or are to leave, by line of the order; of what goes to no address those invoiced."""
    found = Counter[str]()
    for parcel in (*(context.shipments or ()), *context.plan.parcels):
        found.update(dict(parcel.pieces))
    addressed = {line.source_id for line in shippable(context.order)}
    inside = [line for line in context.order.lines if line.source_id not in addressed]
    if inside:
        items = linked_items(context.connection, {line.sku for line in inside})
        invoiced = context.sales_order.pieces()
        invoiced.subtract({str(item): count for item, count in context.sales_order.open_pieces().items()})
        for line in inside:
            count = min(line.quantity, max(invoiced[items.get(line.sku, "")], 0))
            invoiced[items.get(line.sku, "")] -= count
            found[line.source_id] += count
    return {line: count for line, count in found.items() if count}


def ask(context: ShipmentContext, leaving: Mapping[str, int]) -> None:
    """Ask the provider, unless it refused and nobody of the shop said that it be asked again."""
    as_refused_before(context)
    as_promised(context)
    context.wait_for_lost_writes()
    note_asked(context, context.now)
    try:
        made = context.store.charges.charge(context.order, leaving, context.invoice)
    except Rejected as refusal:
        refuse(context, charge_words.refused(context, refusal.summary))
    failpoints.passing("charge.made")
    if not made.is_taken:
        note_asked(context, context.now, answers_later=True)
        wait(context)
    context.decide(f"{context.store_name} took {made.amount} {context.order.currency} for what leaves.")
    note_taken(context, made)
    hold_if_ended(context, made)


def hold_if_ended(context: ShipmentContext, made: Charge) -> None:
    """A shipment would undo that somebody called the order off while its money was taken. Raises that hold."""
    status = context.statuses.get(made.status)
    if status and status.meaning in CALLED_OFF:
        context.order = replace(context.order, status=status.name, meaning=status.meaning)
        raise held(shipment_words.ended(context))


def as_promised(context: ShipmentContext) -> None:
    """Raise where the provider would take all that it was promised, and the order is of another amount by now."""
    promised = context.store.charges.promised(context.order)
    if promised is not None and promised != (due := gateway_of(context.order)):
        raise held(charge_words.differs(context, promised, due))


def as_refused_before(context: ShipmentContext) -> None:
    """Raise where the provider that answers later did not give it, or refused it and no person had it asked again."""
    before = known(context)
    if before.get("answers_later"):
        refuse(context, charge_words.refused(context, ""))
    if before.get("state") == REFUSED and context.job.cause not in BY_A_PERSON:
        raise held(charge_words.as_told(context, before))


def note_taken(context: ShipmentContext, made: Charge | None = None) -> None:
    """The money is there: Heartland's pending payment is completed by the order's own flow, which is asked to look."""
    before = known(context)
    is_known = before.get("state") == TAKEN or not (before or is_due_in_heartland(context))
    if made is None and is_known:
        return
    told = {"amount": f"{made.amount:f}", "reference": made.reference} if made else {}
    context.keep(charge={"state": TAKEN, **told})
    context.others.append((ORDERS.name, context.order_id))


def is_due_in_heartland(context: ShipmentContext) -> bool:
    """Whether the sales order, as last seen, waits for money."""
    rows = Record.objects.filter(connection=context.connection, flow=ORDERS.name, external_id=context.order_id)
    seen = (rows.values_list("facts", flat=True).first() or {}).get("heartland") or {}
    return str(seen.get("due", NOTHING_DUE)) != NOTHING_DUE


def wait(context: ShipmentContext) -> NoReturn:
    """Look again soon, the later the longer it lasts; after an hour a person is told. Raises."""
    before = context.facts.get("facts", context.record.facts).get("charge") or {}
    at = before.get("at")
    since = datetime.fromisoformat(at) if at else context.now
    if not at:
        note_asked(context, since, answers_later=True)
    age = context.now - since
    if age > ANSWERED_WITHIN:
        raise held(charge_words.unanswered(context))
    raise Charging(
        f"{context.store_name} was asked for the money of order {context.order_title} and has not answered yet.",
        retry_after=min(max(age.total_seconds() / 4, SHORTEST), LONGEST),
    )


def note_asked(context: ShipmentContext, at: datetime, *, answers_later: bool = False) -> None:
    """Keep, at once, that the provider is asked: a try that dies, and one that waits, leave it to the next one."""
    context.keep(charge={"state": ASKED, "at": at.isoformat(), **({"answers_later": True} if answers_later else {})})
    Record.objects.filter(pk=context.record.pk).update(facts=context.facts["facts"])


def known(context: ShipmentContext) -> JSON:
    """What the last look noted of the charge."""
    noted: JSON = context.record.facts.get("charge") or {}
    return noted


def refuse(context: ShipmentContext, violation: Violation) -> NoReturn:
    """Tell of it, each of whom it concerns once, and hold the shipment. Raises."""
    before = known(context)
    is_told = before.get("state") == REFUSED and context.job.cause not in BY_A_PERSON
    told = list(before.get("told", ())) if is_told else []
    shown = {"state": REFUSED, "code": violation.code, "sentence": violation.sentence, "fix": violation.fix}
    context.keep(charge=shown | {"told": told})
    try:
        tell_of_refusal(context, violation, told)
    except (NotFound, Rejected) as failure:
        context.decide(f"Not everybody could be told: {failure.summary}")
    context.keep(charge=shown | {"told": told})
    raise held(violation)
