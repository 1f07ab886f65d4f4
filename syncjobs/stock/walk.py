"""What the runs over all stock have in common: a walk from checkpoint to checkpoint, for a slice of time."""

import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from connections import clients
from connections.models import Connection
from errors.failures import ContractBroken
from ipaas import failpoints
from ipaas.types import JSON
from syncjobs.models import Run, RunChange
from syncjobs.services.guarding import Guard
from syncjobs.stock.plan import Plan
from syncjobs.stock.turn import Turn

SLICE_SECONDS = 10.0
ROWS_AT_ONCE = 2_000


def onhand(row: JSON) -> int:
    """What a row of the store's levels holds. Raises ContractBroken when that is no number."""
    value = row.get("total_inventory_onhand")
    if not isinstance(value, int) or isinstance(value, bool):
        raise ContractBroken("BigCommerce's stock level has no number in total_inventory_onhand.")
    return value


def by_sku(rows: list[JSON]) -> dict[str, int]:
    """What a page of the store's levels holds."""
    return {str(row["identity"].get("sku") or ""): onhand(row) for row in rows}


@dataclass(kw_only=True)
class Walk(ABC):
    """One slice of a run. Subclasses walk; every number they count is kept with the next checkpoint."""

    run: Run
    plan: Plan
    turn: Turn
    guard: Guard
    now: datetime
    counts: Counter[str] = field(default_factory=Counter)
    noted: list[RunChange] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.connection: Connection = self.run.connection
        self.heartland = clients.heartland_client(self.connection.heartland, observer=self.guard)
        self.store = clients.bigcommerce_client(self.connection.store, observer=self.guard)

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

    def store_pages(self, after: str) -> Iterator[tuple[str, int, list[JSON]]]:
        """What the store holds, page by page after a place: the page's own place (`location:page`), location, rows."""
        target, _, page = after.partition(":")
        for location in self.plan.sources:
            if location < int(target or 0):
                continue
            first = int(page or 0) + 1 if location == int(target or 0) else 1
            for number, rows in enumerate(self.store.iter_levels(location, first_page=first), first):
                self.counts["reads"] += 1
                if rows:  # a slice may have ended with the last page
                    yield f"{location}:{number}", location, rows
                self.turn.extend()

    def checkpoint(self, at: str) -> bool:
        """Everything up to `at` is done; False when the run was paused, stopped or moved on by somebody else."""
        result = dict(Counter(self.run.result) + self.counts)
        ours = Run.objects.filter(pk=self.run.pk, state=Run.State.RUNNING, checkpoint=self.run.checkpoint)
        with transaction.atomic():
            if not ours.update(checkpoint=at, result=result, done=result.get("looked_at", 0), sentence=""):
                return False
            RunChange.objects.bulk_create(self.noted, batch_size=ROWS_AT_ONCE)
        self.run.checkpoint, self.run.result = at, result
        self.counts, self.noted = Counter(), []
        failpoints.passing("stock.checkpoint")
        return True
