"""A full run: every linked item against Heartland's stock, page by page, and what differs to the store.

A preview writes nothing to the store. Whatever moves while a run goes on is in the ledger beyond its fence, and is
followed between the slices; a level that was told something newer than the fence is left alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count

from connections.connectors.bigcommerce.inventory import MOST_ITEMS
from connections.models import InventorySettings
from mappings.models import StockLevel
from syncjobs.models import Cursor, Run, RunChange
from syncjobs.stock import levels, problems
from syncjobs.stock.levels import Wanted
from syncjobs.stock.pending import pieces_pending
from syncjobs.stock.plan import settings_of
from syncjobs.stock.pushing import push
from syncjobs.stock.rules import rules_assign
from syncjobs.stock.walk import StockWalk, by_sku
from syncjobs.stock.working_out import differing, stock_by_target

SYNC, PREVIEW = "stock_sync", "stock_preview"


@dataclass(kw_only=True)
class FullWalk(StockWalk):
    """By ascending Heartland item id."""

    waiting: list[Wanted] = field(default_factory=list)  # to be written with the next batch

    def go(self) -> bool:
        if "fence" not in self.run.parameters:
            self._begin()
        if not self._knows_the_store():
            return False
        self.pending = pieces_pending(self.connection, self.now)
        at, has_more = int(self.run.checkpoint or 0), True
        while has_more:
            at, has_more = self._page(at)
            is_over = self.is_over or not has_more
            if len(self.waiting) >= MOST_ITEMS or is_over:
                self._write(is_over=is_over)
            if not self.waiting and not self.checkpoint(str(at)):
                return False
            if is_over:
                break
        return not has_more

    @staticmethod
    def sentence(run: Run) -> str:
        seen = run.result.get("looked_at", 0)
        kinds = dict(run.changes.values("kind").annotate(count=Count("pk")).values_list("kind", "count"))
        changed, refused = kinds.get(RunChange.Kind.UPDATE, 0), kinds.get(RunChange.Kind.REFUSED, 0)
        if run.kind == PREVIEW:
            to_zero, from_zero = run.result.get("to_zero", 0), run.result.get("from_zero", 0)
            return f"Would change {changed:,} of {seen:,}; {to_zero:,} to zero; {from_zero:,} from zero."
        words = f"Looked at {seen:,} SKUs and changed {changed:,}"
        return f"{words}; the store refused {refused:,}." if refused else f"{words}."

    def _begin(self) -> None:
        """The fence comes before everything that is read; from here on the ledger is followed."""
        self.turn.extend()
        fence = self.heartland.newest_transaction()
        levels.levels_drop(self.connection, self.plan.sources)
        follows = settings_of(self.connection).follows
        levels.levels_follow_links(self.connection, self.plan.sources, needs_look=follows)
        rules_assign(self.connection, self.heartland)
        self.run.parameters = self.run.parameters | {"fence": fence}
        self.run.total = StockLevel.objects.filter(connection=self.connection).count()
        self.run.save(update_fields=["parameters", "total"])
        self.counts["reads"] += 1
        if self.run.kind == SYNC:
            self._follow_from(fence)

    def _knows_the_store(self) -> bool:
        """Read once what the store holds of items it was never told of; False when the slice ends before."""
        if self.run.checkpoint and ":" not in self.run.checkpoint:
            return True
        if levels.are_all_known(self.connection):
            return self.checkpoint("0")
        for place, location, rows in self.store_pages(self.run.checkpoint):
            levels.learn(self.connection, location, by_sku(rows))
            if not self.checkpoint(place) or self.is_over:
                return False
        return self.checkpoint("0")

    def _follow_from(self, fence: int) -> None:
        Cursor.objects.filter(pk=self.turn.cursor.pk, position="").update(position=str(fence))
        InventorySettings.objects.update_or_create(connection=self.connection, defaults={"follows": True})

    def _page(self, after: int) -> tuple[int, bool]:
        """Compare one page; answers the last item that is settled with it, and whether more follow."""
        self.turn.extend()
        by_location = not self.plan.is_pooled
        rows, has_more = self.heartland.stock_page(after, self.plan.places, by_location=by_location)
        self.counts["reads"] += 1
        upto = _settled(rows, has_more, by_location=by_location)
        known, are_all = levels.levels_between(self.connection, after, upto)
        if not are_all:
            upto, has_more = known[-1].item_id, True
        stock = stock_by_target((row for row in rows if upto is None or int(row["item_id"]) <= upto), self.plan)
        wanted = differing(known, stock, self.plan, self.pending)
        self._count(known, wanted)
        self.waiting += wanted
        if self.run.kind == SYNC:
            different = {one.level.pk for one in wanted}
            levels.looked_at([level for level in known if level.pk not in different], self.pending)
        return upto or after, has_more

    def _write(self, *, is_over: bool) -> None:
        """Push full batches, and at the end of the slice what is left. A preview only notes them."""
        full = len(self.waiting) if is_over else len(self.waiting) // MOST_ITEMS * MOST_ITEMS
        batch, self.waiting = self.waiting[:full], self.waiting[full:]
        if not batch:
            return
        if self.run.kind == PREVIEW:
            self.noted += [change_of(self.run, one) for one in batch]
            return
        fence: int = self.run.parameters["fence"]
        pushed = push(self.store, batch, fence=fence, still_ours=self.turn.extend, taken=self._note)
        self.noted += [change_of(self.run, one, RunChange.Kind.REFUSED, words) for one, words in pushed.refused]
        problems.note(self.connection, pushed, self.now)
        levels.looked_at([one.level for one in pushed.taken], self.pending)
        self.counts["writes"] += pushed.calls

    def _count(self, known: list[StockLevel], wanted: list[Wanted]) -> None:
        self.counts["looked_at"] += len(known)
        self.counts["to_zero"] += sum(one.quantity == 0 for one in wanted)
        self.counts["from_zero"] += sum(one.level.quantity == 0 for one in wanted)

    def _note(self, taken: Sequence[Wanted]) -> None:
        RunChange.objects.bulk_create(change_of(self.run, one) for one in taken)


def _settled(rows: list[dict[str, Any]], has_more: bool, *, by_location: bool) -> int | None:
    """The last item whose rows are all here; None for the rest of the catalogue, where no more rows follow."""
    if not has_more:
        return None
    last = int(rows[-1]["item_id"])
    return last - 1 if by_location else last


def change_of(run: Run, one: Wanted, kind: str = RunChange.Kind.UPDATE, reason: str = "") -> RunChange:
    """What a person sees of one difference; the biggest jumps come first."""
    before = one.level.quantity
    return RunChange(
        run=run,
        kind=kind,
        subject=one.level.sku,
        before="" if before is None else str(before),
        after=str(one.quantity),
        weight=abs(one.quantity - (before or 0)),
        reason=reason[:300],
    )
