"""Read the order as the store holds it now, and decide what it calls for."""

from dataclasses import replace

from connections.models import OrderSettings
from errors.failures import NotFound, NotYetReadable, Violation, held
from mappings import services
from mappings.core.canonical.order import ALL_OF_IT, PaymentState
from mappings.core.canonical.statuses import ENDED
from mappings.core.heartland import sales_order_changes
from mappings.core.rules import eligibility
from mappings.core.rules.order_content import content_fingerprint
from mappings.core.rules.shipments import shippable
from mappings.models import Link
from syncjobs.flows.base import Outcome
from syncjobs.flows.concealing import conceal
from syncjobs.flows.orders import (
    apply_corrections,
    compare_addresses,
    given_back,
    keep_people,
    replacing,
    splitting,
    worth_points,
    write_texts,
)
from syncjobs.flows.orders.cancelling import (
    as_cancelled,
    cancel,
    cancelled,
    drop_begun,
    look_at_booked,
    note_seen,
    withdraw,
)
from syncjobs.flows.orders.changing import (
    CANCELLED_THERE,
    KEPT,
    KEPT_AS_GIVEN_BACK,
    KEPT_THOUGH_REFUNDED,
    is_given_back_there,
    keeping,
    settle,
)
from syncjobs.flows.orders.confirming import confirm
from syncjobs.flows.orders.deleting import deleted
from syncjobs.flows.orders.find_sales_order import find_lost
from syncjobs.flows.orders.made_in_heartland import made_in_heartland
from syncjobs.flows.orders.order_context import GONE, WITHDRAWN, Effect, OrderContext
from syncjobs.flows.orders.paying import payment_of, payments_resume, payments_settle, taken_shown
from syncjobs.flows.orders.read_listed import listed
from syncjobs.flows.orders.releasing import PROMISE, is_let_go, promise_let_go, promise_renewed, unpaid
from syncjobs.flows.orders.settled_orders import closed, gone_after_closing
from syncjobs.models import Record
from syncjobs.stores.known_statuses import order_understood

READS_BEFORE_GONE = 4  # a message may come before its order can be read


def read(context: OrderContext) -> Outcome | None:
    """Fetch the order with all inside, in one call or out of a list, and its refunds where anything hints at one."""
    try:
        order = listed(context) or context.store.orders.whole(context.external_id)
    except NotFound as failure:
        if context.job.attempts < READS_BEFORE_GONE and context.record.state != GONE:
            raise NotYetReadable(f"The store does not know order {context.record.title} yet") from failure
        return gone(context)
    context.order = order_understood(order, context.tables)
    conceal(context, context.order)
    if context.order.refunded is None and has_heard_of_refund(context):
        context.order = replace(context.order, refunded=context.store.orders.refunded(context.external_id))
    given_back.read(context)
    return None


def gone(context: OrderContext) -> Outcome:
    """The store does not hold the order any more: what it was booked as asks a person. Raises a hold until then."""
    context.is_gone = True
    context.content = str(context.record.facts.get("content", ""))
    context.learn(facts=context.record.facts | {"state": context.state})
    if outcome := gone_after_closing(context):
        return outcome
    context.link = linked(context)
    find_lost(context)
    if context.link:
        return deleted(context, context.link)
    return skipped("not_in_store", f"The store has no order {context.title}.")


def has_heard_of_refund(context: OrderContext) -> bool:
    """True when a callback told of a refund, or an earlier look found one: the order may not show it any more."""
    return bool(context.record.facts.get("given_back")) or context.traces.refund


def linked(context: OrderContext) -> Link | None:
    """The order's link; None while it has none."""
    if not context.traces.link:
        return None
    return services.link_get(context.connection, Link.Kind.ORDER, context.external_id)


def normalise(context: OrderContext) -> None:
    """Learn what the pages show, and whether the content differs from what was booked."""
    order = context.order
    context.as_read = order
    given_back.leave_out(context)
    context.content = content_fingerprint(context.order)
    context.link = linked(context)
    context.related = replacing.look(context)
    for remark in order.remarks:
        context.decide(remark)
    context.learn(
        label=f"Order {order.title}",
        number=order.number,
        source_status=order.status,
        source_meaning=order.meaning,
        source_placed_at=(context.record.source_placed_at if context.link else None) or order.placed_at,
        source_version=order.version,
        source_total=order.total,
        currency=order.currency,
        source_seen_at=min(context.now, context.read_at),
        facts=context.store_facts
        | taken_shown(context)
        | keeping(context, differs=has_changed(context) or given_back.is_waited_for(context))
        | write_texts.look(context)
        | keep_people.look(context),
    )
    worth_points.look(context)
    apply_corrections.correct(context)


def decided(context: OrderContext) -> eligibility.Decision:
    """What the merchant's rules say of the order as it is."""
    settings = context.settings
    rules = eligibility.Rules(
        statuses=context.statuses,
        store=context.store_name,
        eligible=frozenset(settings.eligible_statuses),
        held=frozenset(settings.held_statuses),
        history_start_at=settings.history_start_at,
        store_ships=settings.shipping == settings.Shipping.STORE,
        is_asked_for=bool(context.facts["facts"].get("fetched")),
    )
    is_withdrawn = context.link is not None and context.link.fingerprint == WITHDRAWN
    has_ended = context.order.meaning in ENDED
    is_booked = context.link is not None and (has_ended or context.order.is_deleted or not is_withdrawn)
    if not is_booked and given_back.is_waited_for(context):
        given_back.note(context)
        sentence = f"Order {context.title}: a refund waits for the payment provider; it comes once that has answered."
        return eligibility.Skip(code="refund_pending", sentence=sentence)
    if is_withdrawn and context.order.given_back == ALL_OF_IT:  # our cancelling may have been cut short
        given_back.note(context)
        sentence = f"Order {context.title}: all of it was given back in the store."
        return eligibility.Cancel(code="given_back_in_store", sentence=sentence)
    decision = eligibility.decide(context.order, rules, is_booked=is_booked)
    if isinstance(decision, eligibility.Go) and not is_booked and not settings.takes_unpaid:
        state = payment_of(context)
        return decision if state is PaymentState.TAKEN else eligibility.not_paid(context.order, state)
    return decision


def has_changed(context: OrderContext) -> bool:
    """True when the store's order is not the one that was booked any more."""
    return context.is_booked and context.link is not None and context.link.fingerprint != context.content


def decide(context: OrderContext) -> Outcome | None:
    """Go on, cancel, or end here with the reason."""
    if outcome := made_in_heartland(context) or closed(context):
        return outcome
    refuse_reused_id(context)
    find_lost(context)
    decision = decided(context)
    if isinstance(decision, eligibility.Skip):
        context.decide(decision.sentence)
        return skipped(decision.code, decision.sentence)
    if isinstance(decision, eligibility.Hold):
        raise held(status_held(context, decision))
    if isinstance(decision, eligibility.Cancel):
        return cancel(context)
    if context.link and context.order.is_deleted:
        return deleted(context, context.link)
    if context.link and context.is_booked:
        return already_booked(context, context.link)
    if context.settings.shipping == OrderSettings.Shipping.STORE:
        refuse_without_shipments(context)
    if outcome := replacing.settle_former(context):
        return outcome
    context.decide(f"{context.order.status} orders are brought to Heartland.")
    return None


def refuse_reused_id(context: OrderContext) -> None:
    """Hold an order under the id of another that was booked: a store whose database was put back gives ids again."""
    before, order = context.record.source_placed_at, context.order
    if context.link is None or before is None or before == order.placed_at:
        return
    raise held(
        Violation(
            code="id_given_again",
            sentence=f"Order {order.title} of {order.placed_at:%Y-%m-%d %H:%M} is another than the one of "
            f"{before:%Y-%m-%d %H:%M} that was booked as {context.link.target_label}: the store gave its id again.",
            field="id",
            value=context.external_id,
            fix="Book this one by hand in Heartland and close it here; the former stays as it was booked.",
            fix_page="store",
        )
    )


def status_held(context: OrderContext, decision: eligibility.Hold) -> Violation:
    """The merchant's table, or an unknown status, leaves the order to a person."""
    return Violation(
        code=decision.code,
        sentence=decision.sentence,
        field="status",
        value=context.order.status or context.order.status_key,
        fix=decision.fix,
        fix_page="unknown_statuses" if decision.code == eligibility.UNKNOWN_STATUS else "statuses",
    )


def refuse_without_shipments(context: OrderContext) -> None:
    """Outside fulfilment: what was shipped must say which pieces, or Heartland's stock would only guess."""
    waiting = [
        line for line in shippable(context.order) if line.quantity_shipped + line.quantity_refunded < line.quantity
    ]
    if waiting:
        names = ", ".join(line.sku or line.name for line in waiting[:5])
        raise held(
            Violation(
                code="shipped_without_items",
                sentence=f"Order {context.title} is {context.order.status} in the store, but no shipment holds "
                f"{names}.",
                field="shipments",
                fix=f"Create the shipment with its items in {context.store_name}, then retry; or book the order by "
                "hand.",
                fix_page="store",
            )
        )


def already_booked(context: OrderContext, link: Link) -> Outcome | None:
    """A sales order was made: both sides are compared with what was booked.

    None when the store's order is to take its place. Nothing to write but, perhaps, the number on the store's side.
    """
    context.standing = look_at_booked(context, link)
    if context.standing:
        context.standing = payments_resume(context, context.standing)
        if not is_let_go(context, context.standing):
            context.standing = promise_renewed(context, context.standing)
        note_seen(context, context.standing)
        compare_addresses.look(context, context.standing)
    if given_back.after_goods_left(context, link):
        facts = {name: value for name, value in context.facts["facts"].items() if name != "booked"}
        context.learn(facts=facts | {"content": context.content, "state": context.state})
    if context.order.given_back == ALL_OF_IT and not (context.standing and context.standing.is_alive):
        return cancelled(context, f"All of it was given back in the store, and {link.target_label} is cancelled too.")
    if is_given_back_there(context):
        drop_begun(context)
        sentence = f"What the store gave back is off {link.target_label} too; what is left is what both hold."
        context.decide(sentence)
        context.left_out = tuple(one.source_id for one in context.refunds or ())
        given_back.note(context)
        return Outcome(disposition=Record.Disposition.BOOKED, code=KEPT_AS_GIVEN_BACK, sentence=sentence)
    match settle(context, link):
        case Record.Choice.STORE | Record.Choice.SPLIT as choice:
            accept(context, link, is_split=choice == Record.Choice.SPLIT)
            return None
        case Record.Choice.HEARTLAND:
            drop_begun(context)
            splitting.unsplit(context)
            return kept(context, link)
        case Record.Choice.CANCEL:
            return cancel_as_chosen(context)
        case None:
            drop_begun(context)
            remember_equal(context, link)
    if context.standing and context.standing.is_alive:
        settled = payments_settle(context, context.standing)
        if settled is not context.standing:
            note_seen(context, settled)
        if (context.record.facts.get(PROMISE) or {}).get("is_let_go"):
            promise_let_go(context, settled)
            return unpaid(context)
    write_texts.bring_up_to_date(context)
    context.decide(f"Booked as {link.target_label}; nothing has changed.")
    return confirm(context)


def accept(context: OrderContext, link: Link, *, is_split: bool) -> None:
    """The store's order is booked: in the place of the one that stands, or beside it."""
    if is_split and context.standing:
        context.decide(f"It is split: {context.standing.public_id} stays, and the rest is booked beside it.")
        splitting.split(context, context.standing)
    else:
        context.decide(f"The store's order is accepted: it takes the place of {link.target_label}.")


def kept(context: OrderContext, link: Link) -> Outcome:
    """What Heartland holds stays as it is, as a person chose: living or cancelled."""
    if context.standing and context.standing.is_alive:
        write_texts.bring_up_to_date(context)
        sentence = f"Booked as {link.target_label}; the store's order and Heartland's differ, and Heartland's is kept."
        context.decide(sentence)
        code = KEPT_THOUGH_REFUNDED if context.order.given_back == ALL_OF_IT else KEPT
        return Outcome(disposition=Record.Disposition.BOOKED, code=code, sentence=sentence)
    sentence = f"{link.target_label} was cancelled in Heartland and stays so, as chosen; the store's order goes on."
    context.decide(sentence)
    return Outcome(disposition=Record.Disposition.CANCELLED, code=CANCELLED_THERE, sentence=sentence)


def cancel_as_chosen(context: OrderContext) -> Outcome:
    """Nothing of it is wanted any more, as a person says: Heartland's order is cancelled, payments given back."""
    standing = context.standing
    if standing is None or not standing.is_alive:
        return cancelled(context, "Heartland holds no living sales order of it.")
    words = f"{standing.public_id} is cancelled, and what was recorded as paid is taken back."
    context.intend(Effect.CANCEL, words)
    withdraw(context, standing)
    given_back.note(context)
    note_seen(context, as_cancelled(standing))
    return cancelled(context, f"{standing.public_id} is cancelled in Heartland, as chosen.")


def remember_equal(context: OrderContext, link: Link) -> None:
    """Both sides are as booked: keep that in this version's terms, and the number that Heartland shows now."""
    if context.standing is None:
        return
    label = context.standing.public_id
    Link.objects.filter(pk=link.pk).exclude(fingerprint=context.content, target_label=label).update(
        fingerprint=context.content, target_label=label
    )
    link.fingerprint, link.target_label = context.content, label
    booked = context.record.facts.get("booked_there") or sales_order_changes.evidence(context.standing)
    facts = context.facts["facts"]
    kept = {
        "booked_there": booked,
        compare_addresses.BOOKED: facts.get(compare_addresses.BOOKED) or compare_addresses.as_booked(context),
    }
    context.learn(facts=facts | kept)


def skipped(code: str, sentence: str) -> Outcome:
    """End as skipped, with the reason a merchant understands."""
    return Outcome(disposition=Record.Disposition.SKIPPED, code=code, sentence=sentence)
