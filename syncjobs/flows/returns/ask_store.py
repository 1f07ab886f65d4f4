"""Have the store give it back, once, and see what became of it."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal

from errors.failures import NotFound, NotYetReadable, Rejected, held
from ipaas import failpoints
from mappings import services
from mappings.core.canonical.order import ZERO
from mappings.core.canonical.refund import Refund, RefundState
from mappings.core.rules.money import cents
from mappings.models import Link
from syncjobs.flows.base import Outcome
from syncjobs.flows.orders import ORDERS
from syncjobs.flows.refund_records import FROM_TILL
from syncjobs.flows.returns import return_questions, return_words
from syncjobs.flows.returns.return_context import ReturnContext
from syncjobs.models import Record

ANSWERED_WITHIN = timedelta(hours=1)
AT_THE_TILL = "Given at the till"


def give_back(context: ReturnContext) -> None:
    """Ask the store for each part, unless a write of ours may still show there.

    Raises a hold with its words where it refuses one: the others are given back nevertheless.
    """
    context.wait_for_lost_writes()
    count, refusals = len(context.ours), list[Rejected]()
    for part, wish in enumerate(context.wishes):
        if wish.paybacks:
            try:
                context.store.refunds.refund(context.order, wish, part)
            except Rejected as refusal:
                refusals.append(refusal)
            else:
                count += 1
                failpoints.passing("refund.made")
    look(context, count)
    if refusals:
        raise held(return_words.refused(context, refusals[0])) from refusals[0]


def look(context: ReturnContext, count: int) -> None:
    """Read the store's refunds anew. Raises where it does not show `count` of ours yet."""
    try:
        context.given = context.store.refunds.refunds(context.order)
    except NotFound as failure:
        raise held(return_words.order_gone(context)) from failure
    if len(context.ours) < count:
        raise NotYetReadable(f"{context.store_name} does not show the refund of {context.till.number} yet.")
    if context.made:
        link(context)
        show(context, context.made)


def confirm(context: ReturnContext) -> Outcome:
    """Keep whose the store's refunds are, and end by what they say. Raises while the provider has not answered."""
    made = context.made
    if made is None:
        raise NotYetReadable(f"{context.store_name} does not show the refund of {context.till.number} yet.")
    link(context)
    show(context, made)
    if made.state is RefundState.PENDING:
        return wait(context, made)
    if made.state is RefundState.DECLINED or made.violations:
        return_questions.answered(context, return_words.declined(context, made))
    if made.total > (told := told_for(context, made)):
        return_questions.answered(context, return_words.differs(context, made, told))
    if rest := context.missing(made):
        return_questions.answered(context, return_words.given_before(context, rest))
    return done(context, made, is_whole=not rest)


def link(context: ReturnContext) -> None:
    """Keep that they are this return's, so that none is booked in Heartland as one that began in the store."""
    for made in context.ours:
        services.link_store(
            context.connection,
            Link.Kind.REFUND,
            source_id=made.source_id,
            target_id=context.till.id,
            target_label=context.till.number,
            fingerprint=FROM_TILL,
        )


def show(context: ReturnContext, made: Refund) -> None:
    """What the order's page says of the refund."""
    context.learn(target_id=made.source_id, target_label=made.number, target_total=made.total)
    names = context.facts.get("facts", context.record.facts).get("providers") or {}
    tenders = [
        {
            "name": AT_THE_TILL if one.is_offline else names.get(one.method, one.method),
            "amount": f"{one.amount:.2f}",
            "noted": one.is_offline,
        }
        for one in made.tenders
    ]
    skus = {line.source_id: line.sku for line in context.order.lines}
    pieces = Counter[str]()
    for line in made.lines:
        pieces[skus.get(line.line_id, "")] += line.quantity
    refund = {"id": made.source_id, "total": f"{made.total:.2f}", "state": str(made.state), "pieces": dict(pieces)}
    context.keep(refund=refund, tenders=tenders)


def wait(context: ReturnContext, made: Refund) -> Outcome:
    """Look again soon, the later the longer it lasts; after an hour a person is told. Raises that hold."""
    age = context.now - made.made_at
    if age > ANSWERED_WITHIN:
        raise held(return_words.unanswered(context, made))
    sentence = f"{context.store_name} asked its provider to give {made.total:.2f} back, which has not answered yet."
    return context.wait(sentence, context.now + age / 4)


def done(context: ReturnContext, made: Refund, *, is_whole: bool) -> Outcome:
    """Booked; the order's own flow looks at what the store now says of it."""
    sentence = return_words.done(context, made, told_for(context, made))
    context.decide(sentence)
    context.others.append((ORDERS.name, context.order_id))
    return Outcome(
        disposition=Record.Disposition.BOOKED, code="" if is_whole else return_questions.LEFT, sentence=sentence
    )


def told_for(context: ReturnContext, made: Refund) -> Decimal:
    """What the till gave for the refunded pieces; of an exchange, whose tax is a net one, what was paid for them."""
    if context.till.is_money_only:
        return context.till.worth
    whole = sum((one.value for one in context.till.goods), ZERO)
    if context.till.taken_instead or not whole:
        return made.total + made.fee
    missing = context.missing(made)
    kept = {one.name: one.quantity - missing.get(one.name, 0) for one in context.till.goods}
    value = sum((one.value * kept[one.name] / one.quantity for one in context.till.goods), ZERO)
    return cents(context.till.worth * value / whole)
