"""What runs over everything have in common: a walk from checkpoint to checkpoint, for a slice of time."""

import time
from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django.db import transaction

from connections import clients
from connections.models import Connection
from errors.failures import ConfigurationFailure
from ipaas import failpoints
from syncjobs.bulk.write_lease import WriteLease
from syncjobs.engine.call_guard import Guard
from syncjobs.models import Run, RunChange

SLICE_SECONDS = 10.0
ROWS_AT_ONCE = 2_000


@dataclass(kw_only=True)
class Walk(ABC):
    """One slice of a run. Subclasses walk; every number they count is kept with the next checkpoint."""

    reads_heartland: ClassVar[bool] = True  # only: nobody has to wait with a write there
    run: Run
    lease: WriteLease
    guard: Guard
    now: datetime
    counts: Counter[str] = field(default_factory=Counter)
    noted: list[RunChange] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.connection: Connection = self.run.connection
        self.heartland = clients.heartland_client(self.connection.heartland, observer=self.guard)

    @classmethod
    @abstractmethod
    def obstacle(cls, connection: Connection) -> str:
        """Why such a run makes no sense now, in words; "" when it does."""

    @classmethod
    def prepared(cls, connection: Connection, parameters: dict[str, Any]) -> dict[str, Any]:
        """The parameters of a run that begins now, with what it rests on. Raises ConfigurationFailure."""
        if obstacle := cls.obstacle(connection):
            raise ConfigurationFailure(f"Nothing was begun: {obstacle}")
        return parameters

    @classmethod
    def outdated(cls, run: Run) -> str:
        """Why a run that goes on makes no sense any more, in words; "" when it does."""
        return cls.obstacle(run.connection)

    @abstractmethod
    def go(self) -> bool:
        """Walk until the end or the end of the slice; True at the end. Raises SyncFailure and LeaseLost."""

    @staticmethod
    @abstractmethod
    def sentence(run: Run) -> str:
        """The result of the whole run in words."""

    @property
    def is_over(self) -> bool:
        """Whether the time of the slice is used up."""
        return time.monotonic() - self.began > SLICE_SECONDS

    def checkpoint(self, at: str) -> bool:
        """Everything up to `at` is done; False when the run was paused, stopped or moved on by somebody else."""
        result = dict(Counter(self.run.result) + self.counts)
        ours = Run.objects.filter(pk=self.run.pk, state=Run.State.RUNNING, checkpoint=self.run.checkpoint)
        with transaction.atomic():
            moved = {"checkpoint": at, "result": result, "done": result.get("looked_at", 0)}
            if not ours.update(**moved, sentence="", stuck_since=None):
                return False
            RunChange.objects.bulk_create(self.noted, batch_size=ROWS_AT_ONCE)
        self.run.checkpoint, self.run.result, self.run.stuck_since = at, result, None
        self.counts, self.noted = Counter(), []
        failpoints.passing(f"{self.run.kind}.checkpoint")
        return True
