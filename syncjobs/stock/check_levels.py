"""Reconciliation: what the store holds against what Heartland says. Each difference is named and put right."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings

from ipaas.counts import many
from mappings.models import StockLevel
from syncjobs.models import Run, RunChange
from syncjobs.stock.level_rows import Wanted
from syncjobs.stores.level_port import Elsewhere

CHECK = "stock_check"
ELSEWHERE = "elsewhere"  # in a run's result: SKUs that agree, and are sold from places besides that nothing feeds
NAMED, LONGEST_NAME = 3, 30  # places in a reason, and letters of each
BY_HAND = "Changed in the store, by hand or by another app, since we last wrote it."
FEWER = "Fewer than we wrote: a web order that has not been read yet, or a change in the store."
NOT_TOLD = "The store holds what it was told; Heartland says another number now."


def reason_of(one: Wanted) -> str:
    """Why the store holds another number than it should."""
    told, shown = one.level.quantity, one.level.shown or 0
    if told is None or told == shown:
        return " ".join(words for words in (NOT_TOLD, one.reason) if words)
    return FEWER if shown < told else BY_HAND


def is_on_its_way(level: StockLevel, pending: Mapping[int, int], now: datetime) -> bool:
    """Being written, written so lately that the store may not show it, or due anyway."""
    settled_at = now - timedelta(seconds=settings.SETTLE_SECONDS)
    is_fresh = level.pushed_at is not None and level.pushed_at > settled_at
    is_netted = level.pending != pending.get(level.item_id, 0)
    return level.shown is None or level.is_dirty or is_fresh or is_netted


def accuracy(run: Run) -> float | None:
    """Share of compared SKUs that hold what Heartland says, in percent; None when none was compared."""
    agree, different, beside = (run.result.get(name, 0) for name in ("agree", "different", ELSEWHERE))
    compared = agree + different + beside
    return 100.0 * agree / compared if compared else None


def change_elsewhere(run: Run, level: StockLevel, rows: Sequence[Elsewhere]) -> RunChange:
    """What a person sees of a SKU that holds what it was told, and is sold from other places too."""
    pieces = sum(row.pieces for row in rows)
    told = level.quantity or 0
    named = [f"{row.pieces} from {row.place[:LONGEST_NAME]}" for row in rows[:NAMED]]
    if len(rows) > NAMED:
        named.append(many(len(rows) - NAMED, "more place"))
    return RunChange(
        run=run,
        kind=RunChange.Kind.DIFFERENT,
        subject=level.sku,
        before=str(told + pieces),
        after=str(told),
        weight=pieces,
        reason=f"The store also sells {' and '.join(named)}, to which no stock is sent. Let a location feed that "
        "place, or set what stands there to 0.",
    )
