"""What is said of a return at the till, to people who sell and keep the books."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils import timezone

from errors.failures import Rejected, Violation
from mappings.core.canonical.order import ZERO
from mappings.core.canonical.refund import Refund, RefundState
from syncjobs.flows.returns import return_questions
from syncjobs.flows.returns.return_context import ReturnContext
from syncjobs.flows.shipments.shipment_words import counted


def goods(context: ReturnContext) -> str:
    """As in "2 × DOG-LEAD"."""
    return counted({one.name: one.quantity for one in context.till.goods})


def worth(context: ReturnContext) -> str:
    """As in "20.00 for 1 × DOG-LEAD"."""
    return f"{context.till.worth:.2f}" + ("" if context.till.is_money_only else f" for {goods(context)}")


def event(context: ReturnContext) -> str:
    """As in "2 × DOG-LEAD came back with return 55120"."""
    if context.till.is_money_only:
        return f"Return {context.till.number} gave money without goods"
    return f"{goods(context)} came back with return {context.till.number}"


def title(context: ReturnContext) -> str:
    order = getattr(context, "order", None)
    return f"return {context.till.number}" + (f" of order {order.title}" if order else "")


def clock(context: ReturnContext, moment: datetime) -> str:
    """`Nov 30, 14:00`, as the merchant's clocks show it."""
    return f"{timezone.localtime(moment, ZoneInfo(context.connection.merchant.time_zone)):%b %-d, %H:%M}"


def done(context: ReturnContext, made: Refund, told: Decimal) -> str:
    """What went back, by what, and whatever of the ticket did not; `told`: what the till gave for it."""
    paid = made.total + made.fee
    kept = min(max(paid - told, ZERO), made.fee)
    noted = sum((one.amount for one in made.tenders if one.is_offline), ZERO)
    online = made.total - noted
    parts = [f"{context.store_name} gave {online:.2f} back for {title(context)}."] if online else []
    if noted:
        parts.append(f"{noted:.2f} was given at the till or by hand and is noted there: no provider was asked for it.")
    if beside := made.fee - kept:
        parts.append(f"{beside:.2f} was given at the till or by hand, which {context.store_name} counts as kept.")
    if kept:
        parts.append(f"{kept:.2f} of what was paid for the goods was kept.")
    if told > paid:
        parts.append(f"The till gave {told - paid:.2f} more than the shopper had paid: {context.store_name} did not.")
    if left := context.missing(made):
        parts.append(f"{counted(left)} was given back before, and no more is.")
    return " ".join(parts)


def unsettled(context: ReturnContext, amount: Decimal, at: datetime) -> str:
    return (
        f"The payment of order {context.order.title} has not settled yet, and until then its provider can only void "
        f"all of it: {amount:.2f} of {title(context)} is given back after {clock(context, at)}."
    )


# --- reasons to wait for a person -----------------------------------------------------------------


def order_gone(context: ReturnContext) -> Violation:
    return Violation(
        code="returned_order_gone",
        sentence=f"{event(context)}, but the store has no order {context.order_id} any more.",
        field="order",
        value=context.till.id,
        fix=f"Restore the order in {context.store_name} and retry; or close this by hand once the shopper has the "
        "money.",
        fix_page="store",
    )


def whose(context: ReturnContext, number: str, paid: Decimal, order_id: str) -> Violation:
    """A ticket that names no sale: what the customer paid online for the same goods stands beside it."""
    till = context.till
    value = sum((one.value for one in till.goods), ZERO)
    more = f", {value - paid:.2f} more than was paid" if value > paid else ""
    return Violation(
        code=return_questions.WHOSE,
        sentence=f"Return {till.number} names no sale: the till gave {value:.2f} for {goods(context)}. The same "
        f"customer paid {paid:.2f} for that with web order {number}, before tax{more}.",
        field="order",
        value=f"{till.id} {number}",
        fix="Say which web order it is of. The store never gives back more than was paid there.",
        fix_page=f"order/{order_id}",
    )


def disputed(context: ReturnContext, taken: Decimal) -> Violation:
    return Violation(
        code=return_questions.DISPUTED,
        sentence=f"{event(context)}, of order {context.order.title}, and the shopper disputes the payment: the bank "
        f"already took {taken:.2f}. A refund would pay a second time.",
        field="payment",
        value=f"{context.till.id} {taken:.2f}",
        fix="Wait for the bank. When it gave the money back to you, release the refund; when it keeps it, close this.",
        fix_page=f"order/{context.order_id}",
    )


def given_before(context: ReturnContext, rest: Mapping[str, int]) -> Violation:
    """Pieces, or all the money, that went back by another way than this ticket."""
    standing = (one for one in context.given if one.state is not RefundState.DECLINED)
    others = [one for one in standing if one.till_return != context.till.id]
    last = max((one.made_at for one in others), default=None)
    when = f" online at {clock(context, last)}" if last else ""
    pieces = {name: count for name, count in rest.items() if count}
    till = context.till
    what = counted(pieces) if pieces else "The money" if till.is_money_only else f"The money of {goods(context)}"
    return Violation(
        code=return_questions.BEFORE,
        sentence=f"{what} of order {context.order.title} was already refunded{when}; return {context.till.number} "
        f"gave {worth(context)}. The store is not asked for it again.",
        field="quantity",
        value=f"{context.till.id} {what}",
        fix="If the till handed out money that was refunded before, settle it with the shopper; then say so here.",
        fix_page=f"order/{context.order_id}",
    )


def one_thing(context: ReturnContext, refund: Refund, booked_as: str) -> Violation:
    """Staff noted a refund of this very amount in the store, by hand: it may be this return."""
    there = f", which is booked as return {booked_as}" if booked_as else ""
    return Violation(
        code=return_questions.ONE_THING,
        sentence=f"Return {context.till.number} gave {worth(context)}, and the same amount "
        f"was noted by hand in {context.store_name} at {clock(context, refund.made_at)} (refund "
        f"{refund.number} of order {context.order.title}{there}): they may be one thing.",
        field="payment",
        value=f"{context.till.id} {refund.source_id}",
        fix="Say whether they are one thing or two: until then nothing is given back a second time.",
        fix_page=f"order/{context.order_id}",
    )


def booked_twice(context: ReturnContext, refund: Refund, booked_as: str) -> Violation:
    return Violation(
        code=return_questions.BOOKED_TWICE,
        sentence=f"Refund {refund.number} of order {context.order.title} and return {context.till.number} are one "
        f"thing, and Heartland holds it twice: as return {booked_as} too.",
        field="payment",
        value=f"{context.till.id} {refund.source_id}",
        fix=f"Void return {booked_as} in Heartland, or return {context.till.number}, then retry; where neither can be "
        "voided, sell its goods back at the till and close this by hand.",
        fix_page="heartland",
    )


def as_one(context: ReturnContext, refund: Refund) -> str:
    return (
        f"It is refund {refund.number}, which was noted in {context.store_name} by hand: {refund.total:.2f} on both "
        "sides, and no more is given back."
    )


def not_sold(context: ReturnContext, strangers: Mapping[str, int]) -> Violation:
    return Violation(
        code=return_questions.STRANGE,
        sentence=f"Return {context.till.number} holds {counted(strangers)}, which order {context.order.title} did not "
        "sell.",
        field="items",
        value=f"{context.till.id} {counted(strangers)}",
        fix="Link the item with the store's SKU and retry; or leave it out.",
        fix_page=f"order/{context.order_id}",
    )


def gives_more(context: ReturnContext) -> Violation:
    beside = context.till.beside
    return Violation(
        code=return_questions.BESIDE,
        sentence=f"Return {context.till.number} gives {beside:.2f} back beside the goods of order "
        f"{context.order.title}: a delivery or a fee.",
        field="total",
        value=f"{context.till.id} {beside:.2f}",
        fix=f"Refund that part in {context.store_name}; then have the goods given back here.",
        fix_page=f"order/{context.order_id}",
    )


def by_hand(context: ReturnContext, method: str, amount: Decimal) -> Violation:
    return Violation(
        code=return_questions.BY_HAND,
        sentence=f"{amount:.2f} of {title(context)} goes back by {method}, which no provider can do by itself.",
        field="payment",
        value=f"{context.till.id} {method} {amount:.2f}",
        fix=f"Pay {amount:.2f} back by {method}, then say so here: {context.store_name} is told that it was.",
        fix_page=f"order/{context.order_id}",
    )


def declined(context: ReturnContext, made: Refund) -> Violation:
    return Violation(
        code=return_questions.DECLINED,
        sentence=f"{context.store_name} counts the goods of {title(context)} as refunded (refund {made.number}), but "
        "its provider declined the money, or a part of it.",
        field="payment",
        value=f"{context.till.id} {made.source_id}",
        fix="Look at the refund in the store and pay the shopper back by hand; then say so here.",
        fix_page=f"order/{context.order_id}",
    )


def voided_after(context: ReturnContext, given: Decimal) -> Violation:
    return Violation(
        code=return_questions.VOIDED_AFTER,
        sentence=f"Return {context.till.number} is {context.till.status} in Heartland, but {context.store_name} gave "
        f"{given:.2f} back for it before.",
        field="status",
        value=f"{context.till.id} {context.till.status}",
        fix="Where the goods came back after all, take them back at the till again with no money; where they did not, "
        "settle the money with the shopper. Then say so.",
        fix_page=f"order/{context.order_id}",
    )


def differs(context: ReturnContext, made: Refund, told: Decimal) -> Violation:
    return Violation(
        code=return_questions.DIFFERS,
        sentence=f"{context.store_name} gave {made.total:.2f} back for {title(context)}, and the till {told:.2f}: "
        f"{made.total - told:.2f} too much.",
        field="total",
        value=f"{context.till.id} {made.source_id} {made.total}",
        fix="Look at the refund in the store and settle the difference with the shopper or in the books; then say so.",
        fix_page=f"order/{context.order_id}",
    )


def unanswered(context: ReturnContext, made: Refund) -> Violation:
    return Violation(
        code="refund_unanswered",
        sentence=f"{context.store_name} asked for {made.total:.2f} of {title(context)} at "
        f"{clock(context, made.made_at)}, and its provider has not answered since.",
        field="payment",
        value=f"{context.till.id} {made.source_id}",
        fix="Look at the refund at the provider, then retry: nothing is asked a second time.",
        fix_page="store",
    )


def refused(context: ReturnContext, refusal: Rejected) -> Violation:
    """Of several refunds the others may have been made."""
    made = context.made
    given = f" {made.total:.2f} of it was given back (refund {made.number}); the rest is open." if made else ""
    return Violation(
        code="refund_refused",
        sentence=f"{context.store_name} refuses the refund of {title(context)}: {refusal.summary}{given}",
        field=next(iter(refusal.fields), ""),
        value=f"{context.till.id} {'; '.join(sorted(refusal.fields.values()))}".strip(),
        fix=f"Refund it in {context.store_name} and close this by hand, or correct what it names and retry.",
        fix_page="store",
    )
