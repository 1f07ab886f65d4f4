"""Reconciliation: what the store really holds, against what it was told. Each difference is named and put right."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings

from ipaas.types import JSON
from mappings.models import StockLevel
from syncjobs.models import Run, RunChange
from syncjobs.stock.pending import pieces_pending
from syncjobs.stock.walk import StockWalk, by_sku

CHECK = "stock_check"
BY_HAND = "Changed in the store, by hand or by another app, since we last wrote it."
FEWER = "Fewer than we wrote: a web order that has not been read yet, or a change in the store."


@dataclass(kw_only=True)
class CheckWalk(StockWalk):
    """Page by page through each location of the store; the checkpoint is the last page, as location:page."""

    def go(self) -> bool:
        self.pending = pieces_pending(self.connection, self.now)
        for place, location, rows in self.store_pages(self.run.checkpoint):
            self._compare(location, rows)
            if not self.checkpoint(place) or self.is_over:
                return False
        return True

    @staticmethod
    def sentence(run: Run) -> str:
        agree, different = run.result.get("agree", 0), run.result.get("different", 0)
        if not agree + different:
            return "There was nothing to compare: no linked item was sent yet."
        return f"{agree:,} of {agree + different:,} SKUs hold what they were told; {different:,} are put right."

    def _compare(self, location: int, rows: list[JSON]) -> None:
        held = by_sku(rows)
        known = StockLevel.objects.filter(connection=self.connection, store_location=location, sku__in=held, refusal="")
        self.counts["looked_at"] += len(rows)
        for level in known:
            self._judge(level, held[level.sku])

    def _judge(self, level: StockLevel, holds: int) -> None:
        """Agreed, on its way, or different: then it is noted, and looked at anew."""
        if level.quantity == holds:
            self.counts["agree"] += 1
        elif self._is_on_its_way(level):
            self.counts["on_its_way"] += 1
        else:
            self.counts["different"] += 1
            self.noted.append(difference(self.run, level, holds))
            StockLevel.objects.filter(pk=level.pk).update(quantity=holds, needs_look=True)

    def _is_on_its_way(self, level: StockLevel) -> bool:
        """Being written, written so lately that the store may not show it (BigCommerce notes §20.2), or due anyway."""
        settled_at = self.now - timedelta(seconds=settings.SETTLE_SECONDS)
        is_fresh = level.told_at is not None and level.told_at > settled_at
        is_netted = level.pending != self.pending.get(level.sku, 0)
        return level.quantity is None or level.needs_look or is_fresh or is_netted


def difference(run: Run, level: StockLevel, holds: int) -> RunChange:
    """The store holds `holds` and was told something else."""
    told = level.quantity or 0
    return RunChange(
        run=run,
        kind=RunChange.Kind.DIFFERENT,
        subject=level.sku,
        before=str(holds),
        after=str(told),
        weight=abs(holds - told),
        reason=FEWER if holds < told else BY_HAND,
    )


def accuracy(run: Run) -> float | None:
    """Share of compared SKUs that held what they were told, in percent; None when none was compared."""
    agree, different = run.result.get("agree", 0), run.result.get("different", 0)
    return 100.0 * agree / (agree + different) if agree + different else None
