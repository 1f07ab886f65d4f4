"""Undoing a full sync: numbers go back to what the store showed before, where it still shows what the sync wrote.

Heartland stays master: what is put back would be told anew with the next look, so stock follows no more by itself until
a person starts a sync again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Max
from django.utils import timezone

from connections.models import Connection, InventorySettings
from mappings.models import StockLevel
from syncjobs.bulk.undoing_runs import SINCE, STOCK_UNDO, undo_words, undone_of
from syncjobs.models import Run, RunChange
from syncjobs.stock import stock_problems
from syncjobs.stock.full_sync import change_of
from syncjobs.stock.level_rows import Wanted
from syncjobs.stock.push_levels import push
from syncjobs.stock.reserved_pieces import reserves_of
from syncjobs.stock.stock_walk import StockWalk
from syncjobs.stock.store_side import ids_ask, store_remember

UNKNOWN = "What the store showed before is not known."
WRITING = "changes/"  # the checkpoint once the store was read, with the last row that is through


@dataclass(kw_only=True)
class UndoWalk(StockWalk):
    """First through the store's levels, as a full sync does; then through the rows of the run that is undone."""

    @classmethod
    def prepared(cls, connection: Connection, parameters: dict[str, Any]) -> dict[str, Any]:
        ready = super().prepared(connection, parameters)
        undone_of(connection, ready, timezone.now())
        return ready

    @staticmethod
    def sentence(run: Run) -> str:
        return f"{undo_words(run, 'number')} Stock does not follow by itself now: start a sync to go on."

    def go(self) -> bool:
        if self.run.total is None:
            self._begin()
        if not self.run.checkpoint.startswith(WRITING) and not self._reads_the_store():
            return False
        while rows := self._next(int(self.run.checkpoint.removeprefix(WRITING))):
            self._put_back(rows)
            if not self.checkpoint(f"{WRITING}{rows[-1].pk}"):
                return False
            if self.is_over:
                return False
        return True

    def _begin(self) -> None:
        self.lease.extend()
        InventorySettings.objects.filter(connection=self.connection).update(follows=False)
        fence = StockLevel.objects.filter(connection=self.connection).aggregate(Max("fence"))["fence__max"] or 0
        self.run.total = self._rows().count()
        self.run.parameters = self.run.parameters | {"fence": fence}
        self.run.save(update_fields=["total", "parameters"])

    def _rows(self) -> Any:
        return RunChange.objects.filter(run_id=self.run.parameters["of"], kind=RunChange.Kind.UPDATE)

    def _next(self, after: int) -> list[RunChange]:
        return list(self._rows().filter(pk__gt=after).order_by("pk")[: self.levels.most_writes])

    def _reads_the_store(self) -> bool:
        reserved = reserves_of(self.connection, self.levels, self.plan.sources, self.now).read()
        for place, location, rows in self.store_pages(self.run.checkpoint):
            store_remember(self.connection, location, rows, self.now, reserved)
            if not self.checkpoint(place) or self.is_over:
                return False
        return self.checkpoint(f"{WRITING}0")

    def _put_back(self, rows: list[RunChange]) -> None:
        skus = {row.subject for row in rows}
        known = StockLevel.objects.filter(connection=self.connection, sku__in=skus)
        levels = {(level.sku, level.store_location): level for level in known.select_related("rule")}
        wanted, by_level = list[Wanted](), dict[int, RunChange | None]()
        noted = self.run.changes.filter(kind=RunChange.Kind.UPDATE, subject__in=skus)
        listed = set(noted.values_list("subject", "key"))
        for row in rows:
            level = levels.get((row.subject, row.key or "1"))
            if obstacle := obstacle_of(row, level):
                self._left(row, obstacle)
            elif level and level.shown != int(row.before):
                wanted.append(Wanted(level=level, quantity=int(row.before)))
                by_level[level.pk] = row if (row.subject, row.key) not in listed else None
            else:  # a try before put it back, and may have died before it said so
                self.counts["back"] += 1
                self.noted += [] if (row.subject, row.key) in listed else [self._back(row)]
        if wanted:
            self._write(wanted, by_level)
        self.counts["looked_at"] += len(rows)

    def _write(self, wanted: list[Wanted], by_level: Mapping[int, RunChange | None]) -> None:
        def note(taken: Sequence[Wanted]) -> None:
            rows = (by_level[one.level.pk] for one in taken)
            RunChange.objects.bulk_create(self._back(row) for row in rows if row)

        ids_ask(self.levels, [one.level for one in wanted])
        reserves = reserves_of(self.connection, self.levels, self.plan.sources, self.now)
        fence: int = self.run.parameters["fence"]
        pushed = push(self.levels, wanted, reserves, fence=fence, still_ours=self.lease.extend, taken=note)
        for one, refusal in pushed.refused:
            self.noted.append(change_of(self.run, one, RunChange.Kind.REFUSED, refusal.words))
        stock_problems.note(self.connection, pushed, self.now)
        self.counts["left"] += len(pushed.refused)
        self.counts["back"] += len(pushed.taken)

    def _back(self, row: RunChange) -> RunChange:
        """What stands as it was before the run: from what that wrote to what it found."""
        return RunChange(
            run=self.run, kind=RunChange.Kind.UPDATE, subject=row.subject, key=row.key, before=row.after,
            after=row.before, weight=row.weight, reason="Undone.",
        )  # fmt: skip

    def _left(self, row: RunChange, reason: str) -> None:
        self.counts["left"] += 1
        self.noted.append(
            RunChange(
                run=self.run,
                kind=RunChange.Kind.CONFLICT,
                subject=row.subject,
                key=row.key,
                before=row.after,
                after=row.before,
                reason=reason,
            )
        )


def obstacle_of(row: RunChange, level: StockLevel | None) -> str:
    """Why a number is not put back; "" when it can be. One that is back already, by a try before, is no obstacle.

    Nor is one of which the store was told so lately that it may not show it yet.
    """
    if not row.before.lstrip("-").isdigit():
        return UNKNOWN
    if level is None or level.is_left_alone:
        return "It is not linked any more."
    is_ours = level.shown is None or str(level.shown) in {row.after, row.before}
    return "" if is_ours else f"The store shows {level.shown} by now. {SINCE}"


WALKS = {STOCK_UNDO: UndoWalk}
