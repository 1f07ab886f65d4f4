"""Money that was promised and is let go in the store: its payment is voided in Heartland, and a person is told.

A void is no cancellation: the sales order stays, and nobody is to ship it. A new promise, or the money itself, is
recorded again in the place of what was voided, and the order goes on.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from errors.failures import held
from ipaas import failpoints
from ipaas.types import JSON
from mappings.core.canonical.order import ZERO, TenderKind
from mappings.core.heartland.payment_changes import PENDING, amount_of
from mappings.core.heartland.sales_orders import SalesOrder
from syncjobs.flows.base import Outcome
from syncjobs.flows.orders.cancelling import choice_needed, note_seen
from syncjobs.flows.orders.order_context import Effect
from syncjobs.flows.orders.paying import ALIKE, cleared, note_parting, payments_resume
from syncjobs.flows.own_payments import VOID, expect
from syncjobs.models import Record

if TYPE_CHECKING:
    from syncjobs.flows.orders.order_context import OrderContext

VOIDED, KEPT_UNPAID = "payment_voided", "kept_unpaid"
RELEASED = "released"  # fact of a record: what its voided payments came to, and what they were like
PROMISE = "promise"  # … the payment's reference when the store was last asked, and whether it was let go by then


def is_let_go(context: "OrderContext", sales_order: SalesOrder) -> bool:
    """Whether what was promised of its money is withdrawn; no call while the store shows that nothing happened to it.

    Asked of orders alone of which some money is still to come.
    """
    before = context.record.facts
    if not (sales_order.due or before.get(RELEASED)):
        return False
    known = before.get(PROMISE) or {"reference": reference_in(before.get("tenders") or ()), "is_let_go": False}
    found = context.store.payments.is_withdrawn(context.order, known["reference"])
    if found is None:
        return bool(known["is_let_go"])
    now = next((one.reference for one in context.order.tenders if one.kind is TenderKind.GATEWAY), "")
    note(context, {PROMISE: {"reference": now, "is_let_go": found}})
    return found


def reference_in(tenders: list[JSON] | tuple[()]) -> str:
    """The provider's name of the payment, as the last look kept it."""
    return next((str(one.get("reference", "")) for one in tenders if one.get("kind", "gateway") == "gateway"), "")


def promise_renewed(context: "OrderContext", sales_order: SalesOrder) -> SalesOrder:
    """Record anew what was voided, now that the store has another promise or the money: one call for each part."""
    released = context.record.facts.get(RELEASED)
    if not released:
        return sales_order
    context.decide("The store has a new promise of its money, or took it.")
    note_parting(context, released)
    note(context, {}, without=RELEASED)
    return payments_resume(context, sales_order)


def promise_let_go(context: "OrderContext", sales_order: SalesOrder) -> None:
    """Void in Heartland what is still to come: a call each, none where that was done."""
    pending = [one for one in sales_order.payments if one.get("status") == PENDING]
    if not pending:
        return
    words = f"{sales_order.due} was voided in the store: so is what waits for it on {sales_order.public_id}."
    context.intend(Effect.CREATE, words)
    context.wait_for_lost_writes()
    like = {name: pending[0][name] for name in ALIKE if pending[0].get(name) is not None} | cleared(pending[0])
    note(context, {RELEASED: {"whole": f"{sales_order.paid:f}", "like": like, "due": f"{sales_order.due:f}"}})
    for payment in pending:
        expect(context, VOID, amount_of(payment))
        context.heartland.order_payment_update(sales_order.id, str(payment["id"]), status="void")
        failpoints.passing("payment.let_go")
    kept = tuple(one for one in sales_order.payments if one not in pending)
    note_seen(context, replace(sales_order, payments=kept, paid=sum(map(amount_of, kept), ZERO)))


def unpaid(context: "OrderContext") -> Outcome:
    """What becomes of an order without its promise: a person keeps it as it is. Raises a hold until then."""
    context.ask("the payment was voided")
    number, released = context.record.target_label, context.record.facts.get(RELEASED) or {}
    if context.chosen is Record.Choice.HEARTLAND:
        sentence = f"Its payment was voided in the store; {number} is kept without it, as chosen."
        context.decide(sentence)
        return Outcome(disposition=Record.Disposition.BOOKED, code=KEPT_UNPAID, sentence=sentence)
    sentence = (
        f"The payment of order {context.title} was voided in the store: {released.get('due', 'what')} was promised and "
        f"is not coming. {number} stays as it is; do not ship what nobody pays for."
    )
    fix = (
        "Have it paid in the store, and it goes on by itself; or cancel it there. Keep Heartland's order where what "
        "was taken pays for all that ships."
    )
    raise held(choice_needed(context, VOIDED, sentence, fix))


def note(context: "OrderContext", told: JSON, *, without: str = "") -> None:
    """Keep, at once, what a try that dies has to leave to the next one."""
    context.record.facts = {name: value for name, value in context.record.facts.items() if name != without} | told
    Record.objects.filter(pk=context.record.pk).update(facts=context.record.facts)
    facts = context.facts.get("facts", context.record.facts)
    context.learn(facts={name: value for name, value in facts.items() if name != without} | told)
