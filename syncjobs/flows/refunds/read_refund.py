"""The refund as the store has it now, and whether there is anything to book of it."""

from datetime import timedelta

from errors.failures import NotFound, held
from mappings import services
from mappings.core.canonical.refund import Refund, RefundState
from mappings.models import Link
from syncjobs.flows.base import Outcome
from syncjobs.flows.concealing import conceal
from syncjobs.flows.orders import ORDERS
from syncjobs.flows.orders.given_back import LEFT_OUT
from syncjobs.flows.orders.order_context import WITHDRAWN
from syncjobs.flows.refund_records import FROM_TILL, PENDING, WENT_BACK
from syncjobs.flows.refunds import refund_words
from syncjobs.flows.refunds.refund_context import RefundContext
from syncjobs.flows.settled import still_closed
from syncjobs.models import Record

ANSWERED_WITHIN = timedelta(days=1)


def read(context: RefundContext) -> Outcome | None:
    """The order with its lines, and all that was given back of it: two calls."""
    try:
        context.order = context.store.orders.whole(context.order_id)
        found = context.store.refunds.refunds(context.order)
    except NotFound:
        return skipped("not_in_store", f"The store has no order {context.order_id}.")
    conceal(context, context.order)
    refund = next((one for one in found if one.source_id == context.refund_id), None)
    if refund is None:
        return skipped("not_in_store", f"The store has no refund {context.refund_id} of order {context.order.title}.")
    context.refund, context.every_refund = refund, found
    doubt_stock(context)
    context.learn(
        label=context.name,
        number=refund.number,
        order_id=context.order_id,
        source_status=str(refund.state),
        source_version=version_of(refund),
        source_placed_at=refund.made_at,
        source_total=refund.total,
        currency=context.order.currency,
    )
    context.keep(**refund_words.shown(context))
    return None


def doubt_stock(context: RefundContext) -> None:
    """A refund may put its pieces on sale again, by staff's choice or by a setting that no store tells us of."""
    refund = context.refund
    if refund.pieces and context.record.source_version != version_of(refund):
        skus = {line.source_id: line.sku for line in context.order.lines}
        services.levels_doubt(context.connection, {skus.get(line.line_id, "") for line in refund.lines})


def version_of(refund: Refund) -> str:
    return f"{refund.state} {refund.total}"


def decide(context: RefundContext) -> Outcome | None:
    """Go on with what was given back of goods that have left; say what became of everything else."""
    refund = context.refund
    if outcome := still_closed(context, context.facts["source_version"]):
        return outcome
    if refund.state is RefundState.PENDING and not went_back(context):
        return unanswered(context)
    if context.record.code in {PENDING, refund_words.UNANSWERED}:
        context.others.append((ORDERS.name, context.order_id))  # which may have waited for that
    if refund.state is RefundState.DECLINED:
        return skipped("refund_not_given", f"{context.name} was declined: no money went back.")
    if refund.violations:
        raise held(*refund.violations)
    link = services.link_get(context.connection, Link.Kind.ORDER, context.order_id)
    if link is None or not link.fingerprint:
        return skipped("order_not_booked", f"Order {context.order.title} is not booked: it comes without that.")
    context.link = link
    return elsewhere(context, link)


def unanswered(context: RefundContext) -> Outcome:
    """Wait for the provider, for a day; then a person is asked. Raises that hold."""
    if context.now - context.refund.made_at > ANSWERED_WITHIN:
        context.keep(question=question_of(context))
        raise held(refund_words.unanswered(context))
    sentence = f"{context.refund.total} waits for the payment provider: it is booked once the money went back."
    return Outcome(disposition=Record.Disposition.IN_FLIGHT, code=PENDING, sentence=sentence)


def went_back(context: RefundContext) -> bool:
    """A person found the money at the provider, who never told the store."""
    record = context.record
    is_chosen = bool(record.choice) and record.choice_about == question_of(context)
    if is_chosen or record.facts.get(WENT_BACK):
        context.keep(went_back=True)
        return True
    return False


def question_of(context: RefundContext) -> str:
    return f"{WENT_BACK} {context.refund_id} {context.refund.total}"


def elsewhere(context: RefundContext, link: Link) -> Outcome | None:
    """What is booked otherwise: with the order itself, by its cancelling, or by the till that it began at."""
    if link.fingerprint == WITHDRAWN:
        return booked(context, f"{link.target_label} is cancelled in Heartland, and its payments were given back.")
    records = Record.objects.filter(connection=context.connection, flow=ORDERS.name, external_id=context.order_id)
    facts = records.values_list("facts", flat=True).first() or {}
    if context.refund_id in facts.get(LEFT_OUT, ()):
        return booked(context, f"{link.target_label} is booked without it: nothing of it had left.")
    till = services.link_get(context.connection, Link.Kind.REFUND, context.refund_id)
    if context.refund.till_return or (till and till.fingerprint == FROM_TILL):
        number = till.target_label if till else context.refund.till_return
        return booked(context, f"It was made for return {number} at the till, which Heartland has already.")
    return None


def booked(context: RefundContext, sentence: str) -> Outcome:
    context.decide(sentence)
    return Outcome(disposition=Record.Disposition.BOOKED, sentence=sentence)


def skipped(code: str, sentence: str) -> Outcome:
    return Outcome(disposition=Record.Disposition.SKIPPED, code=code, sentence=sentence)
