"""What replaying an order would do: the flow itself, run up to where it would write for the first time."""

from dataclasses import dataclass
from datetime import datetime

from errors.failures import Owner, SyncFailure
from ipaas.types import NoObserver, System
from mappings.value_tables import ValueTables
from syncjobs.engine.call_guard import guarded
from syncjobs.flows.base import RunLog
from syncjobs.flows.orders import ORDERS
from syncjobs.flows.orders.changing import CHOICES
from syncjobs.flows.orders.order_context import Effect, OrderContext
from syncjobs.models import Record, ServiceClass, SyncJob


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The effect in words, and what asking for it cost."""

    effect: Effect
    sentence: str
    calls: int


class Intended(Exception):
    """The run came to its first write."""

    def __init__(self, effect: Effect, sentence: str) -> None:
        super().__init__(sentence)
        self.effect, self.sentence = effect, sentence


class PreviewContext(OrderContext):
    """Ends the run where it says what it writes next."""

    def intend(self, effect: Effect, sentence: str) -> None:
        raise Intended(effect, sentence)


class ReadsOnly(NoObserver):
    """A guard that lets nothing be written, whatever the flow forgets to say before."""

    def before(self, system: System, method: str) -> None:
        if method != "GET":
            raise RuntimeError(f"A preview was about to {method} at {system}")


def replay_preview(record: Record, now: datetime) -> Preview:
    """Ask both systems what replaying this order would do now; trouble in asking is an answer too."""
    connection = record.connection
    with guarded(connection, ServiceClass.NOW, now, reads_heartland=True) as guard:
        context = PreviewContext(
            connection=connection,
            tables=ValueTables(connection),
            external_id=record.external_id,
            job=SyncJob(
                connection=connection, flow=record.flow, external_id=record.external_id, cause=SyncJob.LOOK_AGAIN
            ),
            record=record,
            now=now,
            read_at=now,
            log=RunLog([ReadsOnly(), guard]),
        )
        effect, sentence = _effect(context)
    return Preview(effect=effect, sentence=sentence, calls=sum(len(step.calls) for step in context.log.steps))


def _effect(context: PreviewContext) -> tuple[Effect, str]:
    try:
        return Effect.NOTHING, ORDERS.run(context).sentence
    except Intended as intended:
        return intended.effect, intended.sentence
    except SyncFailure as failure:
        if failure.code in CHOICES:
            return Effect.CONFLICT, f"{failure.summary} You choose."
        return (Effect.HOLD if failure.owner is Owner.MERCHANT else Effect.UNKNOWN), failure.summary
