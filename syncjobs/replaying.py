"""What replaying an order would do, found by the flow's own first steps: both systems are read, neither is written."""

import time
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from connections.models import Connection
from errors.failures import SyncFailure
from ipaas.types import System
from mappings.core import eligibility
from mappings.core.sales_orders import SalesOrder, sales_order_from_heartland
from syncjobs.flows.base import RunLog
from syncjobs.flows.orders import changing
from syncjobs.flows.orders.context import OrderContext
from syncjobs.flows.orders.reading import decided, has_changed, normalise, read
from syncjobs.flows.orders.resolving import resolve, shape, validate
from syncjobs.models import Record, ServiceClass, SyncJob
from syncjobs.services.circuits import circuits_look
from syncjobs.services.guarding import Guard
from syncjobs.services.running import RUN_SECONDS


class Effect(StrEnum):
    """What a replay would do in Heartland."""

    CREATE = "create"
    CANCEL = "cancel"
    NOTHING = "nothing"
    CONFLICT = "conflict"
    HOLD = "hold"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The effect in words, and what asking for it cost."""

    effect: Effect
    sentence: str
    calls: int


def replay_preview(record: Record, now: datetime) -> Preview:
    """Ask both systems what replaying this order would do now; trouble in asking is an answer too."""
    connection = record.connection
    guard = Guard(
        connection,
        ServiceClass.NOW,
        circuits_look(connection.pk, now),
        time.monotonic() + RUN_SECONDS,
        reads_heartland=True,
    )
    context = _context(connection, record, guard, now)
    try:
        effect, sentence = _effect(context)
    except SyncFailure as failure:
        is_held = failure.owner == failure.owner.MERCHANT
        effect, sentence = (Effect.HOLD if is_held else Effect.UNKNOWN), failure.summary
    finally:
        guard.settle(now)
        guard.give_back()
    return Preview(effect=effect, sentence=sentence, calls=sum(map(context.log.calls_to, System)))


def _context(connection: Connection, record: Record, guard: Guard, now: datetime) -> OrderContext:
    return OrderContext(
        connection=connection,
        external_id=record.external_id,
        job=SyncJob(connection=connection, flow=record.flow, external_id=record.external_id),
        record=record,
        now=now,
        log=RunLog([guard]),
    )


def _effect(context: OrderContext) -> tuple[Effect, str]:
    if missing := read(context):
        return Effect.NOTHING, missing.sentence
    normalise(context)
    decision = decided(context)
    if isinstance(decision, eligibility.Skip):
        return Effect.NOTHING, decision.sentence
    held_there = _held_there(context)
    if isinstance(decision, eligibility.Cancel):
        return _cancelling(context, held_there)
    if has_changed(context):
        words = changing.in_words(changing.changes(context.facts["facts"]))
        return Effect.CONFLICT, f"The store changed it after it was booked ({words or 'see the order'}): you choose."
    if held_there:
        return _comparing(context, held_there)
    resolve(context)
    validate(context)
    shape(context)
    return Effect.CREATE, f"A sales order over {context.desired.total} with {context.desired.line_count} lines is made."


def _held_there(context: OrderContext) -> SalesOrder | None:
    """The living sales order under one of our numbers: one call."""
    found = map(sales_order_from_heartland, context.heartland.orders_by_numbers(context.numbers))
    return next((order for order in found if order.status != "canceled"), None)


def _cancelling(context: OrderContext, held_there: SalesOrder | None) -> tuple[Effect, str]:
    if held_there is None:
        return Effect.NOTHING, "Its sales order is cancelled already."
    if held_there.status == "closed" or held_there.is_invoiced:
        return (
            Effect.CONFLICT,
            f"{context.order.status} in the store, but {held_there.public_id} is invoiced: you choose.",
        )
    return Effect.CANCEL, f"{held_there.public_id} is cancelled, and what was recorded as paid is taken back."


def _comparing(context: OrderContext, held_there: SalesOrder) -> tuple[Effect, str]:
    if held_there.status == "pending":
        return Effect.CREATE, f"{held_there.public_id} was begun and not finished: what is missing is written."
    if held_there.total != context.order.total and not context.link:
        return (
            Effect.CONFLICT,
            f"{held_there.public_id} is over {held_there.total}, the store's over {context.order.total}.",
        )
    return Effect.NOTHING, f"Heartland holds {held_there.public_id}, {held_there.status}: nothing is written twice."
