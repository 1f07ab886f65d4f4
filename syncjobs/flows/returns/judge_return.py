"""What of a return the store is to give back, and what only a person can settle; the store is read anew for it."""

from datetime import datetime
from decimal import Decimal

from django.db.models import Sum

from errors.failures import NotFound, Rejected, held
from mappings.core.canonical.order import ZERO
from mappings.core.canonical.payout import RowKind
from mappings.core.canonical.refund import RefundState
from mappings.core.canonical.statuses import StatusMeaning
from mappings.core.rules.give_back import (
    Payback,
    Wish,
    amounts,
    amounts_of_money,
    note_of,
    paybacks,
    pieces_back,
    settles_at,
    wishes_of,
)
from syncjobs.flows.base import Outcome
from syncjobs.flows.concealing import conceal
from syncjobs.flows.returns import return_questions, return_words
from syncjobs.flows.returns.ask_store import confirm
from syncjobs.flows.returns.noted_before import as_noted
from syncjobs.flows.returns.return_context import ReturnContext
from syncjobs.models import PayoutEntry, Record
from syncjobs.stores.known_statuses import order_understood


def match(context: ReturnContext) -> Outcome | None:
    """The store's order and its refunds now: some of them may be this return's, made without an answer."""
    try:
        context.order = order_understood(context.store.orders.order(context.order_id), context.tables)
        context.given = context.store.refunds.refunds(context.order)
    except NotFound as failure:
        raise held(return_words.order_gone(context)) from failure
    conceal(context, context.order)
    context.pieces = pieces_back(context.order, context.till, context.items, context.given_pieces)
    if context.made:
        return settle(context) if context.open_pieces else confirm(context)
    return as_noted(context) or settle(context)


def settle(context: ReturnContext) -> Outcome | None:
    """Ask what has to be asked before any money is spoken of. Raises the hold that asks."""
    till, pieces = context.till, context.pieces
    if taken := disputed(context):
        question = return_words.disputed(context, taken)
        if return_questions.answered(context, question) == Record.Choice.STORE:
            return nothing_back(context, f"The bank took {taken:.2f}: nothing is given back, as chosen.")
    if till.is_money_only:
        return money_left(context)
    if till.beside > 0:
        return_questions.answered(context, return_words.gives_more(context))
    if pieces.strangers:
        return_questions.answered(context, return_words.not_sold(context, pieces.strangers))
    if not pieces.count and pieces.beyond:
        return_questions.answered(context, return_words.given_before(context, pieces.beyond))
        return nothing_back(context, "All of it was given back before: no more is, as chosen.")
    if not pieces.count:
        return nothing_back(context, "The store sold none of it: nothing is given back.")
    if pieces.worth <= 0:
        return nothing_back(context, "The till gave nothing for it: nothing is given back.")
    return None


def money_left(context: ReturnContext) -> Outcome | None:
    """Money for no goods: as much of it as is left of the order's. Raises the hold that says that none is."""
    standing = (one for one in context.given if one.state is not RefundState.DECLINED)
    left = context.order.total - sum((one.total for one in standing), ZERO)
    context.money = max(min(context.till.worth, left), ZERO)
    return None if context.money else given_before(context)


def given_before(context: ReturnContext) -> Outcome:
    """Nothing is left of the order's money. Raises the hold that asks."""
    return_questions.answered(context, return_words.given_before(context, dict.fromkeys(names(context), 0)))
    return nothing_back(context, "The order's money was given back before: no more is, as chosen.")


def disputed(context: ReturnContext) -> Decimal:
    """What the shopper's bank took of the order's money, by the payouts or by the order's own status.

    That it was given back is a person's to say, so what an earlier look saw stands.
    """
    rows = PayoutEntry.objects.filter(connection=context.connection, order_id=context.order_id, kind=RowKind.DISPUTE)
    taken = -(rows.aggregate(sum=Sum("gross"))["sum"] or ZERO)
    if taken <= 0 and context.order.meaning is StatusMeaning.DISPUTED:
        taken = context.order.total
    if taken > 0:
        context.keep(disputed=f"{taken:.2f}")
    return max(taken, ZERO) or Decimal(context.record.facts.get("disputed") or 0)


def judge(context: ReturnContext) -> Outcome | None:
    """What the pieces come to in the store, by what it goes back, and whether that can be had now."""
    pieces, by_store = context.open_pieces, context.by_store
    try:
        quote = context.store.refunds.quote(
            context.order, pieces, context.given, amount=context.money, is_noted=not by_store
        )
    except Rejected as refusal:
        raise held(return_words.refused(context, refusal)) from refusal
    sums = (
        amounts_of_money(context.money, quote, by_store=by_store)
        if context.money
        else amounts(context.till, context.pieces, quote, by_store=by_store, made=context.made)
    )
    context.keep(providers={one.key: one.name for one in quote.tenders})
    if not sums.asked:
        return given_before(context)
    back = [by_hand(context, one) for one in paybacks(sums, quote)]
    like = Wish(pieces=pieces, amount=context.money, note=note_of(context.till))
    context.wishes = wishes_of(back, quote, like)
    return wait_until_settled(context, settles_at(back, quote, context.settings.settling))


def names(context: ReturnContext) -> list[str]:
    return [one.name for one in context.till.goods]


def by_hand(context: ReturnContext, back: Payback) -> Payback:
    """A part that no provider can give back is only noted, once a person paid it. Raises the hold that asks."""
    if back.tender is None or not back.tender.by_hand:
        return back
    return_questions.answered(context, return_words.by_hand(context, back.tender.name, back.amount))
    return Payback(amount=back.amount, tender=back.tender, is_paid_by_hand=True)


def wait_until_settled(context: ReturnContext, at: datetime | None) -> Outcome | None:
    """Wait while the providers could only void all of what they took."""
    if at is None or at <= context.now:
        return None
    online = sum((wish.online for wish in context.wishes), ZERO)
    return context.wait(return_words.unsettled(context, online, at), at)


def nothing_back(context: ReturnContext, sentence: str) -> Outcome:
    context.decide(sentence)
    return Outcome(disposition=Record.Disposition.BOOKED, code=return_questions.NOTHING_BACK, sentence=sentence)
