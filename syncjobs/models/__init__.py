"""The ledger: what came in, what has to move, what was tried, and how far we read."""

from syncjobs.models.begun import BegunOrder
from syncjobs.models.corrections import OrderCorrection
from syncjobs.models.ledger import Attempt, InboxEvent, Lane, Record, ServiceClass, SyncJob
from syncjobs.models.limits import Circuit, RateBudget, Refusal, RefusalStreak, WorkerBeat
from syncjobs.models.proof import Proof
from syncjobs.models.reading import Cursor, Run, RunChange, StockMove
from syncjobs.models.settlement import Settlement
from syncjobs.models.texts import OrderText

__all__ = [
    "Attempt",
    "BegunOrder",
    "Circuit",
    "Cursor",
    "InboxEvent",
    "Lane",
    "OrderCorrection",
    "OrderText",
    "Proof",
    "RateBudget",
    "Record",
    "Refusal",
    "RefusalStreak",
    "Run",
    "RunChange",
    "ServiceClass",
    "Settlement",
    "StockMove",
    "SyncJob",
    "WorkerBeat",
]
