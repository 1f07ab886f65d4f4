"""A full run: what the store itself holds beside Heartland's stock, item by item, and what differs made equal.

A preview writes nothing to the store; a check has what differs written by the next look. Whatever moves while a run
goes on is in the ledger beyond its fence, and is followed between the slices; a level that was told something newer
than the fence is left alone.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Max
from django.utils import timezone

from connections.models import InventorySettings
from connections.services.accounts import locations_refresh
from connections.store_kinds import profile_of
from errors.failures import ContractBroken
from ipaas.counts import many
from mappings.core.rules.stock_arithmetic import CLAMP_WORDS, Clamp
from mappings.models import UNTRACKED, StockLevel
from mappings.stock_keeping import keeping_settle, tracking_settle
from syncjobs.models import Cursor, Run, RunChange
from syncjobs.pos import port as pos_port
from syncjobs.stock import level_rows, stock_problems
from syncjobs.stock.check_levels import CHECK, ELSEWHERE, change_elsewhere, is_on_its_way, reason_of
from syncjobs.stock.check_reserved import COUNT, change_of_gap, gaps_settle
from syncjobs.stock.compute_levels import Stock, Worked, differing, stock_by_target
from syncjobs.stock.follow_locations import SYNC, plan_keep
from syncjobs.stock.level_rows import Wanted
from syncjobs.stock.moves import stock_tell
from syncjobs.stock.pending_pieces import pieces_pending
from syncjobs.stock.plan import plan_of, settings_of
from syncjobs.stock.push_levels import push
from syncjobs.stock.reserved_pieces import Reserves, reserves_of
from syncjobs.stock.stock_rules import rules_assign
from syncjobs.stock.stock_walk import StockWalk
from syncjobs.stock.store_side import ids_ask, levels_unlisted, store_remember
from syncjobs.stores.level_port import Elsewhere

PREVIEW = "stock_preview"
AT_RESERVED = "reserved/"
LONGEST_KEY = 40  # signs of a place that a difference names


@dataclass(kw_only=True)
class FullWalk(StockWalk):
    """First through the store's levels, its checkpoint location:page; then by ascending Heartland item id.

    A check ends with what the store reserves, its checkpoint reserved/page.
    """

    waiting: list[Wanted] = field(default_factory=list)  # to be written with the next batch
    looked: list[StockLevel] = field(default_factory=list)  # whose page is not settled yet

    def go(self) -> bool:
        if self.run.parameters.get("plan") != self.plan.stamp:
            self._begin()
        if self.run.checkpoint.startswith(AT_RESERVED):
            return self._checks_reserved()
        if not self._reads_the_store():
            return False
        self.reserves = self._reserves()
        self.pending = pieces_pending(self.connection, self.now)
        at, has_more = int(self.run.checkpoint or 0), True
        while has_more:
            try:
                at, has_more = self._page(at)
            except ContractBroken:
                at, has_more = self._whole(at)
            is_over = self.is_over or not has_more
            if len(self.waiting) >= self.levels.most_writes or is_over:
                self._write(is_over=is_over)
            if not self.waiting and not self.checkpoint(str(at)):
                return False
            if is_over:
                break
        if not has_more and self.run.kind == SYNC:
            level_rows.levels_drop(self.connection, self.plan.sources)
        if has_more or self.run.kind != CHECK:
            return not has_more
        return self.checkpoint(f"{AT_RESERVED}0") and self._checks_reserved()

    def _checks_reserved(self) -> bool:
        first = int(self.run.checkpoint.removeprefix(AT_RESERVED)) + 1
        for page, gaps in enumerate(self.levels.reserved_otherwise(first=first), first):
            self.noted += [change_of_gap(self.run, one) for one in gaps]
            self.counts[COUNT] += len(gaps)
            self.lease.extend()
            if not self.checkpoint(f"{AT_RESERVED}{page}") or self.is_over:
                return False
        gaps_settle(self.connection, self.run, self.now)
        return True

    @staticmethod
    def sentence(run: Run) -> str:
        seen = run.result.get("looked_at", 0)
        kinds = dict(run.changes.values("kind").annotate(count=Count("pk")).values_list("kind", "count"))
        changed, refused = kinds.get(RunChange.Kind.UPDATE, 0), kinds.get(RunChange.Kind.REFUSED, 0)
        if run.kind == PREVIEW:
            to_zero, from_zero = run.result.get("to_zero", 0), run.result.get("from_zero", 0)
            words = f"Would change {changed:,} of {seen:,}; {to_zero:,} to zero; {from_zero:,} from zero"
        elif run.kind == CHECK:
            words = checked(run.result)
        else:
            words = f"Looked at {many(seen, 'SKU')} and changed {changed:,}"
            words += f"; the store refused {refused:,}" if refused else ""
        return f"{words}.{besides(run)}"

    def _begin(self) -> None:
        """The fence comes before everything that is read; from here on the ledger is followed.

        Also where the rule or the locations changed while the run went on: it begins anew by what holds now.
        """
        self.lease.extend()
        former = StockLevel.objects.filter(connection=self.connection).aggregate(Max("fence"))["fence__max"] or 0
        fence = max(self.stock.newest_entry(), former)  # entries of a location that closed are seen no more
        locations_refresh(account=self.connection.heartland, client=self.heartland)
        self.plan = plan_of(self.connection)
        if self.run.kind == SYNC:
            level_rows.levels_retire(self.connection, self.plan.sources)
            plan_keep(self.connection, self.plan)
        follows = settings_of(self.connection).follows
        level_rows.levels_follow_links(self.connection, self.plan.sources, is_dirty=follows)
        keeping_settle(self.connection, self.stock.uncounted())
        tracking_settle(self.connection)
        bad = rules_assign(self.connection, self.stock)
        known = StockLevel.objects.filter(connection=self.connection)
        if self.run.kind != SYNC:
            self.run.changes.all().delete()
        self.run.checkpoint, self.run.result, self.run.total = "", {}, known.count()
        self.run.parameters = self.run.parameters | {
            "fence": fence,
            "heeds": self._heeds(),
            "plan": self.plan.stamp,
            "began": self.now.isoformat(),
            "rules": [f"{rule}: {rule.problem}" for rule in bad],
            "left_alone": known.filter(keeps_stock=False).count(),
        }
        self.run.save(update_fields=["parameters", "total", "checkpoint", "result"])
        self.counts["reads"] += 3
        if self.run.kind == SYNC:
            self._follow_from(fence)

    def _heeds(self) -> bool:
        """Whether sums by item leave out the locations that do not count; asked only where there are such."""
        others = self.connection.heartland.locations.filter(is_active=True).exclude(external_id__in=self.plan.places)
        if not self.plan.places or not others.exists():
            return True
        self.counts["reads"] += 1
        return self.stock.heeds(self.plan.places)

    def _reads_the_store(self) -> bool:
        """What the store holds, whatever we remember; False when the slice ends before its last page."""
        if self.run.checkpoint and ":" not in self.run.checkpoint:
            return True
        reserved = self._reserves().read()
        for place, location, rows in self.store_pages(self.run.checkpoint):
            store_remember(self.connection, location, rows, self.now, reserved)
            if not self.checkpoint(place) or self.is_over:
                return False
        if self.run.kind != PREVIEW:
            levels_unlisted(self.connection, datetime.fromisoformat(self.run.parameters["began"]))
        return self.checkpoint("0")

    def _reserves(self) -> Reserves:
        return reserves_of(self.connection, self.levels, self.plan.sources, self.now)

    def _follow_from(self, fence: int) -> None:
        Cursor.objects.filter(pk=self.lease.cursor.pk, position="").update(position=str(fence))
        InventorySettings.objects.update_or_create(connection=self.connection, defaults={"follows": True})

    def _page(self, after: int) -> tuple[int, bool]:
        """Compare one page; answers the last item that is settled with it, and whether more follow."""
        self.lease.extend()
        if not self.run.parameters["heeds"]:
            raise ContractBroken("Heartland does not heed which locations were asked for.")
        by_place = not self.plan.is_pooled
        rows, has_more = self.stock.page(after, self.plan.places, by_place=by_place)
        self.counts["reads"] += 1
        upto = _settled(rows, has_more, by_place=by_place)
        known, are_all = level_rows.levels_between(self.connection, after, upto)
        if not are_all:
            upto, has_more = known[-1].item_id, True
        stock = stock_by_target((row for row in rows if upto is None or row.item_id <= upto), self.plan)
        self._compare(known, stock)
        return upto or after, has_more

    def _whole(self, after: int) -> tuple[int, bool]:
        """The same where Heartland gives pages no order: all rows first, then every level at once.

        An item that no page showed, although some row is missing, is not known and left as it is.
        """
        self.lease.extend()
        rows, is_whole = self.stock.whole(self.plan.places)
        self.lease.extend()
        seen = {row.item_id for row in rows}
        stock = stock_by_target(rows, self.plan)
        has_more = True
        while has_more:
            known, are_all = level_rows.levels_between(self.connection, after, None)
            self._compare([level for level in known if is_whole or level.item_id in seen], stock)
            after, has_more = (known[-1].item_id if known else after), not are_all
        return after, False

    def _compare(self, known: list[StockLevel], stock: Stock) -> None:
        worked = differing(known, stock, self.plan, self.pending)
        self._count(known, worked)
        if self.run.kind == CHECK:
            self._check(known, worked)
        else:
            self.waiting += worked.wanted
        if self.run.kind == SYNC:
            different = {one.level.pk for one in worked.wanted}
            level_rows.looked_at([level for level in known if level.pk not in different], self.pending)
        level_rows.clamps_keep(known, worked.clamped)

    def _check(self, known: list[StockLevel], worked: Worked) -> None:
        """Agreed, on its way, or different: then it is noted, and looked at anew."""
        agrees = sum(not level.refusal and not level.is_left_alone for level in known) - len(worked.wanted)
        different = [one for one in worked.wanted if not is_on_its_way(one.level, self.pending, self.now)]
        beside = self._sold_elsewhere(known, {one.level.pk for one in worked.wanted})
        self.counts["agree"] += agrees - len(beside)
        self.counts[ELSEWHERE] += len(beside)
        self.counts["different"] += len(different)
        self.counts["on_its_way"] += len(worked.wanted) - len(different)
        kind = RunChange.Kind.DIFFERENT
        self.noted += [change_of(self.run, one, kind, reason_of(one)) for one in different]
        self.noted += [change_elsewhere(self.run, level, pieces) for level, pieces in beside]
        StockLevel.objects.filter(pk__in=[one.level.pk for one in different]).update(is_dirty=True)

    def _sold_elsewhere(self, known: list[StockLevel], wanted: set[int]) -> list[tuple[StockLevel, list[Elsewhere]]]:
        """Of those that hold what they were told, what is sold besides from places to which no stock is sent."""
        equal = {one.sku: one for one in known if not (one.refusal or one.is_left_alone or one.pk in wanted)}
        found = defaultdict[str, list[Elsewhere]](list)
        for row in self.levels.elsewhere(list(equal), self.plan.sources):
            found[row.sku].append(row)
        return [(equal[sku], rows) for sku, rows in found.items() if sku in equal]

    def _write(self, *, is_over: bool) -> None:
        """Push full batches, and at the end of the slice what is left. A preview only notes them."""
        most = self.levels.most_writes
        full = len(self.waiting) if is_over else len(self.waiting) // most * most
        batch, self.waiting = self.waiting[:full], self.waiting[full:]
        if not batch:
            return
        if self.run.kind == PREVIEW:
            self.noted += [change_of(self.run, one) for one in batch]
            return
        self.counts["reads"] += ids_ask(self.levels, [one.level for one in batch])
        fence: int = self.run.parameters["fence"]
        pushed = push(self.levels, batch, self.reserves, fence=fence, still_ours=self.lease.extend, taken=self._note)
        self.noted += [
            change_of(self.run, one, RunChange.Kind.REFUSED, refusal.words) for one, refusal in pushed.refused
        ]
        stock_problems.note(self.connection, pushed, self.now)
        level_rows.looked_at([one.level for one in pushed.taken], self.pending)
        self.counts["writes"] += pushed.calls

    def _count(self, known: list[StockLevel], worked: Worked) -> None:
        self.counts["looked_at"] += len(known)
        self.counts["to_zero"] += sum(one.quantity == 0 for one in worked.wanted)
        self.counts["from_zero"] += sum(one.level.shown == 0 for one in worked.wanted)
        self.counts.update(Counter(name for names in worked.clamped.values() for name in names.split(",")))

    def _note(self, taken: Sequence[Wanted]) -> None:
        RunChange.objects.bulk_create(change_of(self.run, one) for one in taken)
        stock_tell(self.connection, taken, timezone.now())


def checked(result: dict[str, int]) -> str:
    """What a check found."""
    agree, different = result.get("agree", 0), result.get("different", 0)
    beside = result.get(ELSEWHERE, 0)
    compared = agree + different + beside
    if not compared:
        return "There was nothing to compare: no linked item was sent yet"
    holding = f"{agree:,} of {many(compared, 'SKU')} {'holds' if agree == 1 else 'hold'}"
    words = f"{holding} what Heartland says; {many(different, 'is', 'are')} put right"
    return f"{words}; {beside:,} sold from places to which no stock is sent" if beside else words


def besides(run: Run) -> str:
    """What a run has to say beside its counts: numbers that are not the plain sum, items left alone, bad rules."""
    clamped = [f"{run.result[clamp]:,} × {CLAMP_WORDS[clamp]}" for clamp in Clamp if run.result.get(clamp)]
    alone = run.parameters.get("left_alone", 0)
    parts = [f"Not the plain sum: {'; '.join(clamped)}."] if clamped else []
    if alone:
        parts.append(f"{many(alone, 'SKU')} without stock keeping in Heartland left alone.")
    if untracked := StockLevel.objects.filter(UNTRACKED, connection=run.connection_id).count():
        whose = "SKU whose product keeps" if untracked == 1 else "SKUs whose products keep"
        parts.append(f"{untracked:,} {whose} no stock in {profile_of(run.connection.store).name} left alone.")
    parts += [f"A rule was not applied: {words}" for words in run.parameters.get("rules", ())]
    return "".join(f" {part}" for part in parts)


def _settled(rows: list[pos_port.Held], has_more: bool, *, by_place: bool) -> int | None:
    """The last item whose rows are all here; None for the rest of the catalogue, where no more rows follow."""
    if not has_more:
        return None
    last = rows[-1].item_id
    return last - 1 if by_place else last


def change_of(run: Run, one: Wanted, kind: str = RunChange.Kind.UPDATE, reason: str = "") -> RunChange:
    """What a person sees of one difference; the biggest jumps come first."""
    before = one.level.shown
    return RunChange(
        run=run,
        kind=kind,
        subject=one.level.sku,
        key=one.level.store_location[:LONGEST_KEY],
        before="" if before is None else str(before),
        after=str(one.quantity),
        weight=abs(one.quantity - (before or 0)),
        reason=(reason or one.reason)[:300],
    )


WALKS = {SYNC: FullWalk, PREVIEW: FullWalk, CHECK: FullWalk}
