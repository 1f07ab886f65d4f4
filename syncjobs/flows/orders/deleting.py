"""An order that the store archived or deleted after it was booked: a person says what becomes of Heartland's."""

from typing import TYPE_CHECKING

from errors.failures import Violation, held
from mappings.models import Link
from syncjobs.flows.base import Outcome
from syncjobs.flows.orders.cancelling import as_cancelled, cancelled, choice_needed, look_at_booked, note_seen, withdraw
from syncjobs.flows.orders.changing import DELETED, DELETED_AFTER_INVOICE, state_there
from syncjobs.flows.orders.order_context import WITHDRAWN, Effect
from syncjobs.models import Record

if TYPE_CHECKING:
    from syncjobs.flows.orders.order_context import OrderContext

KEPT_THOUGH_DELETED = "kept_though_deleted"


def deleted(context: "OrderContext", link: Link) -> Outcome:
    """Cancel Heartland's order or keep it, as a person chose. Raises a hold that asks; 1 call until then.

    What was begun and never finished, or is being cancelled already, is nobody's question: it is cancelled.
    """
    gone = "deleted" if context.is_gone else "archived"
    standing = look_at_booked(context, link)
    context.standing = standing
    if standing is None or not standing.is_alive:
        return cancelled(context, f"The store {gone} it, and Heartland holds no living {link.target_label}.")
    note_seen(context, standing)
    if link.fingerprint == WITHDRAWN and not context.has_left:
        context.intend(Effect.CANCEL, f"The cancelling of {standing.public_id}, which was cut short, is finished.")
        withdraw(context, standing)
        note_seen(context, as_cancelled(standing))
        return cancelled(context, f"The store {gone} it: {standing.public_id} is cancelled in Heartland.")
    if standing.status == "pending" and not context.is_booked:
        context.intend(Effect.CANCEL, f"{standing.public_id}, begun and not finished, is cancelled.")
        withdraw(context, standing)
        note_seen(context, as_cancelled(standing))
        return cancelled(context, f"The store {gone} it: {standing.public_id}, begun and not finished, is cancelled.")
    context.ask(gone, state_there(context))
    match context.chosen:
        case Record.Choice.HEARTLAND:
            sentence = f"The store {gone} it; {standing.public_id} is kept in Heartland, as chosen."
            context.decide(sentence)
            return Outcome(disposition=Record.Disposition.BOOKED, code=KEPT_THOUGH_DELETED, sentence=sentence)
        case Record.Choice.CANCEL if not context.has_left:
            words = f"{standing.public_id} is cancelled, and what was recorded as paid is taken back."
            context.intend(Effect.CANCEL, words)
            withdraw(context, standing)
            note_seen(context, as_cancelled(standing))
            return cancelled(context, f"The store {gone} it: {standing.public_id} is cancelled, as chosen.")
        case _:
            raise held(asking(context, gone, standing.public_id, is_final=context.has_left))


def asking(context: "OrderContext", gone: str, number: str, *, is_final: bool) -> Violation:
    sentence = f"The store {gone} order {context.title} after it was booked as {number}"
    if is_final:
        fix = "Take the goods back with a return in Heartland if they came back; then keep Heartland's order."
        return choice_needed(context, DELETED_AFTER_INVOICE, f"{sentence} and invoiced.", fix)
    fix = f"Cancel {number} in Heartland, or keep it there; or restore the order in the store, then retry."
    return choice_needed(context, DELETED, f"{sentence}, which is open in Heartland.", fix)
