"""What is said of a refund: what it becomes, and why it waits."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from errors.failures import Rejected, Violation
from ipaas.types import JSON
from mappings.core.canonical.order import ZERO, Line, LineKind, TenderKind
from mappings.core.canonical.refund import Refund, RefundTender
from mappings.core.rules.refund_plan import ReturnPlan
from syncjobs.flows.refund_records import CREDIT_OF, TO_CREDIT
from syncjobs.flows.refunds.refund_context import RefundContext
from syncjobs.flows.shipments.shipment_words import counted

WAITS, NO_ITEM = "refund_to_look_at", "refund_without_item"
STILL_OPEN, NOT_SOLD = "refund_of_open_pieces", "refund_of_returned_pieces"
UNANSWERED, MAYBE = "refund_unanswered", "refund_maybe_a_return"
NO_TYPE, REFUSED, VOIDED, DIFFERS = "refund_unmapped", "return_refused", "return_voided", "return_total_differs"


def shown(context: RefundContext) -> JSON:
    """What the order's page shows of it; money as text, no personal data."""
    refund = context.refund
    lines = {line.source_id: line for line in context.order.lines}
    goods = [
        {"sku": lines[part.line_id].sku if part.line_id in lines else "", "quantity": part.quantity}
        for part in refund.lines
    ]
    rest = [
        (name, amount)
        for name, amount in (
            ("delivery", refund.shipping),
            *((charge.name, charge.amount) for charge in refund.charges),
            ("without goods", refund.amount),
            ("kept", -refund.fee),
            ("tax", refund.tax),
        )
        if amount
    ]
    return {
        "total": f"{refund.total:f}",
        "goods": goods,
        "rest": [{"name": name, "amount": f"{amount:f}"} for name, amount in rest],
        "tenders": [_tender(one) for one in refund.tenders],
        "tax": f"{refund.tax:f}",
        "cards": f"{_cards(refund, lines):f}",
        "note": refund.note,
        **_to_credit(context),
    }


def _tender(tender: RefundTender) -> JSON:
    """By what it went back; `noted` where the store moved no money for it."""
    return {
        "method": tender.method,
        "amount": f"{tender.amount:f}",
        "kind": str(tender.kind),
        "noted": tender.is_offline,
    }


def _cards(refund: Refund, lines: Mapping[str, Line]) -> Decimal:
    """Gift cards among what came back: they were owed, not earned."""
    sold = {key for key, line in lines.items() if line.kind is LineKind.GIFT_CERTIFICATE}
    return sum((part.net for part in refund.lines if part.line_id in sold), ZERO)


def _to_credit(context: RefundContext) -> JSON:
    """How much of it the store gave as credit, and to whose account; empty where it gave none."""
    by = [one for one in context.refund.tenders if one.kind is TenderKind.STORE_CREDIT and not one.is_offline]
    account = context.order.buyer.source_id
    return {CREDIT_OF: account, TO_CREDIT: f"{sum(one.amount for one in by):f}"} if by and account else {}


def planned(context: RefundContext) -> list[str]:
    """What it becomes, a sentence a return."""
    return [_return(context, at, part) for at, part in enumerate(context.plan.returns)]


def _return(context: RefundContext, at: int, part: ReturnPlan) -> str:
    pieces = part.pieces.total()
    restocks = context.settings.restocks_refunds
    counted = f"{pieces} piece{'s' if pieces > 1 else ''}"
    goods = f"{counted} back {'into' if restocks else 'but not into'} stock, " if pieces else ""
    of = f"of invoice {part.sold.invoice_id}" if part.sold else "of no invoice"
    paid = " and ".join(f"{-one.amount} by {one.method}" for one in part.tenders) or "no money"
    tax = f", tax {part.tax}" if part.tax else ""
    delivery = f", delivery {part.shipping}" if part.shipping else ""
    return f"Return {context.number(at)} {of}: {goods}total {part.total}{tax}{delivery}, paid {paid}."


def is_it_one_of(strange: Sequence[str]) -> list[str]:
    """A return that others made of the order may be this refund, booked by hand."""
    if not strange:
        return []
    return [f"Heartland holds return {', '.join(strange)} already, of which no refund is known: it may be this one."]


def made_there(number: str) -> str:
    return f"It is return {number}, which was made at the till: nothing is booked a second time."


def maybe(context: RefundContext, number: str, words: Sequence[str]) -> Violation:
    """A return of the same amount stands in Heartland already."""
    return refund_violation(
        context,
        MAYBE,
        f"{context.name} over {context.refund.total} waits for your look: return {number} in Heartland is over the "
        f"same amount, and no refund is known of it. As one more refund it becomes: {' '.join(words)}",
        f"Say on the order's page whether both are one thing: then return {number} stands for it, and nothing is "
        "booked again.",
    )


def waits(context: RefundContext, words: Sequence[str]) -> Violation:
    return refund_violation(
        context,
        WAITS,
        f"{context.name} over {context.refund.total} waits for your look. It becomes: {' '.join(words)}",
        "Press Book it on the order's page; or close it there when it is booked otherwise.",
    )


def unanswered(context: RefundContext) -> Violation:
    return refund_violation(
        context,
        UNANSWERED,
        f"{context.name}: {context.refund.total} was asked of the payment provider more than a day ago, and the store "
        "shows no answer.",
        "Look at the refund at the provider. Where the money went back, press It went back on the order's page; where "
        "it was refused, give it back in another way and close it here.",
    )


def by_sku(context: RefundContext, pieces: Mapping[str, int]) -> str:
    """Pieces by item, as in "2 × DOG-LEAD"."""
    skus = {line.source_id: line.sku for line in context.order.lines}
    names = {item: skus.get(line, line) for line, item in context.items.items()}
    return counted({names[item]: count for item, count in pieces.items()})


def still_open(context: RefundContext) -> Violation:
    """Heartland's API takes no pieces off an open order (its notes §10.5): what is to be done there, in numbers."""
    plan, pieces = context.plan, by_sku(context, context.plan.still_open)
    of_it = f", of it {plan.open_tax} tax" if plan.open_tax else ""
    paid = " and ".join(one.method for one in context.refund.tenders)
    return refund_violation(
        context,
        STILL_OPEN,
        f"{context.name} over {context.refund.total}: {pieces} of it have not left. Nothing can take them off an open "
        "sales order but Heartland's own desk.",
        f"On sales order {context.link.target_label} give {plan.open_net + plan.open_tax} back{of_it}, as the store "
        f"did by {paid}; then close {pieces} there, and retry: it is compared to the cent.",
    )


def not_settled(context: RefundContext, wanted: Decimal) -> Violation:
    """Pieces are off the sales order, and its money is not as it is without them."""
    there, number = context.there, context.link.target_label
    return refund_violation(
        context,
        STILL_OPEN,
        f"{context.name} over {context.refund.total}: {by_sku(context, context.plan.off)} of it are off {number}, "
        f"which comes to {there.total} with {there.paid} paid; without them it is {wanted}.",
        f"Put the tax of {number} right and give money back on it until it comes to {wanted} and so much is paid; then "
        "retry. Where it is closed already, book what is missing by hand in Heartland and close this here.",
    )


def not_sold(context: RefundContext, strange: Sequence[str]) -> Violation:
    more = f" Returns that others made: {', '.join(strange)}." if strange else ""
    return refund_violation(
        context,
        NOT_SOLD,
        f"{context.name} over {context.refund.total}: {by_sku(context, context.plan.not_sold)} of it came back before, "
        f"so no invoice of {context.link.target_label} can take them back.{more}",
        "Look at the return that took them back: where it is this refund, close it here; else void it and retry.",
    )


def no_item() -> Violation:
    """One cause for all refunds: the fix is one setting."""
    return Violation(
        code=NO_ITEM,
        sentence="A refund gives back an amount, a fee or a charge, and no Heartland item stands for fees.",
        field="fee",
        fix="Choose the Heartland item that fees and handling are booked as.",
        fix_page="orders",
    )


def no_payment_type(key: str) -> Violation:
    """One cause for all refunds by the same method: the fix is its row among the payment methods."""
    return Violation(
        code=NO_TYPE,
        sentence=f"A refund went back by “{key}”, for which no payment type of Heartland is chosen.",
        field="payment_method",
        value=key,
        fix="Map this payment method, or choose a default.",
        fix_page="payments",
    )


def refused(context: RefundContext, refusal: Rejected) -> Violation:
    return refund_violation(
        context,
        REFUSED,
        f"{context.name}: Heartland does not take its return: {refusal.summary}",
        "Correct what it says and retry; or book the return at the till and close it here.",
    )


def voided(context: RefundContext, number: str) -> Violation:
    return refund_violation(
        context,
        VOIDED,
        f"{context.name}: its return {number} was voided in Heartland.",
        "Book it by hand there and close it here.",
    )


def total_differs(context: RefundContext, ticket: Mapping[str, Any], part: ReturnPlan) -> Violation:
    return refund_violation(
        context,
        DIFFERS,
        f"{context.name}: return {ticket.get('public_id')} comes to {ticket.get('total')} in Heartland, and to "
        f"{part.total} in the store. It is not completed.",
        "Correct the return in Heartland and retry; or complete it by hand there and close it here.",
    )


def payment(context: RefundContext, tender: RefundTender) -> str:
    note = f" ({context.refund.note})" if context.refund.note else ""
    return f"{context.store_name} order {context.order.title}, refund {context.refund.number}: {tender.method}{note}"


def refund_violation(context: RefundContext, code: str, sentence: str, fix: str, *, page: str = "") -> Violation:
    return Violation(
        code=code,
        sentence=sentence,
        field="refund",
        value=context.external_id,
        fix=fix,
        fix_page=page or f"order/{context.order_id}",
    )
