"""A refund that staff noted in the store by hand, and a return at the till over the same amount, may be one thing.

A person says so; then both know of each other, the store gives nothing back a second time, and nothing is booked twice.
"""

from errors.failures import NotFound, held
from mappings import services
from mappings.core.canonical.refund import Refund
from mappings.models import Link
from syncjobs.flows.base import Outcome
from syncjobs.flows.refund_records import FROM_TILL, REFUNDS, refund_record_id
from syncjobs.flows.returns import return_questions, return_words
from syncjobs.flows.returns.ask_store import show
from syncjobs.flows.returns.return_context import ReturnContext
from syncjobs.models import Record

VOID = "void"


def as_noted(context: ReturnContext) -> Outcome | None:
    """The end of a return that is such a refund; None where it is none. Raises the hold that asks."""
    links = links_of(context)
    for refund in context.given:
        link = links.get(refund.source_id)
        if link and link.fingerprint == FROM_TILL:
            if link.target_id == context.till.id:
                return one_thing(context, refund)
            continue
        if is_noted(refund) and refund.total == context.till.worth:
            question = return_words.one_thing(context, refund, link.target_label if link else "")
            if return_questions.answered(context, question) == Record.Choice.HEARTLAND:
                return one_thing(context, refund, link)
    return None


def links_of(context: ReturnContext) -> dict[str, Link]:
    """What the refunds of the order are in Heartland, by their ids: one query, none where there are none."""
    ids = [one.source_id for one in context.given]
    rows = Link.objects.of(context.connection, Link.Kind.REFUND).filter(source_id__in=ids) if ids else ()
    return {link.source_id: link for link in rows}


def is_noted(refund: Refund) -> bool:
    by_hand = bool(refund.tenders) and all(one.is_offline for one in refund.tenders)
    return refund.is_done and by_hand and not refund.till_return and not refund.violations


def one_thing(context: ReturnContext, refund: Refund, link: Link | None = None) -> Outcome:
    """Raises a hold while Heartland holds the refund as a return of ours beside the till's."""
    if link and not is_void(context, link.target_id):
        raise held(return_words.booked_twice(context, refund, link.target_label))
    services.link_store(
        context.connection,
        Link.Kind.REFUND,
        source_id=refund.source_id,
        target_id=context.till.id,
        target_label=context.till.number,
        fingerprint=FROM_TILL,
    )
    show(context, refund)
    context.others.append((REFUNDS, refund_record_id(context.order_id, refund.source_id)))
    sentence = return_words.as_one(context, refund)
    context.decide(sentence)
    return Outcome(disposition=Record.Disposition.BOOKED, sentence=sentence)


def is_void(context: ReturnContext, ticket_id: str) -> bool:
    try:
        return str(context.heartland.ticket_read(ticket_id).get("status")) == VOID
    except NotFound:
        return True
