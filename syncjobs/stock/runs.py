"""Full stock runs: every linked item against Heartland's stock, page by page, from a checkpoint, slice by slice.

A preview writes nothing to the store. Whatever moves while a run goes on is in the ledger beyond its fence, and is
followed between the slices; a level that was told something newer than the fence is left alone.
"""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from connections import clients
from connections.connectors.bigcommerce.inventory import MOST_ITEMS
from connections.models import Connection, InventorySettings, User
from connections.services import access_doubted, audit
from errors.failures import ConfigurationFailure, CredentialsRejected, SyncFailure
from ipaas import failpoints, queue
from mappings.models import StockLevel
from syncjobs.models import Cursor, Run, RunChange, ServiceClass
from syncjobs.polls import pause_after
from syncjobs.services.circuits import circuits_look
from syncjobs.services.guarding import Guard
from syncjobs.services.leases import LeaseLost
from syncjobs.services.running import RUN_SECONDS
from syncjobs.services.sweeping import RUN_SLICE
from syncjobs.stock import levels, problems
from syncjobs.stock.hurrying import RUN_STOCK
from syncjobs.stock.levels import Wanted
from syncjobs.stock.pending import pieces_pending
from syncjobs.stock.plan import Plan, plan_of
from syncjobs.stock.pushing import push
from syncjobs.stock.turn import Turn, turn_of
from syncjobs.stock.working_out import differing, stock_by_target

SYNC, PREVIEW = "stock_sync", "stock_preview"
SLICE_SECONDS = 10.0
SLICE_LEASE = timedelta(seconds=130)  # longer than the cluster lets a task run
BUSY_PAUSE = timedelta(seconds=1)
BREATH = timedelta(seconds=0.2)  # between slices, for what goes first
COUNTS = ("looked_at", "to_zero", "from_zero", "reads", "writes")


def stock_run_start(
    *, connection: Connection, actor: User | None, is_preview: bool = False, now: datetime, cause: str = "person"
) -> Run:
    """Begin a full run. Raises ConfigurationFailure, with nothing begun, when no location counts or one goes on."""
    if plan_of(connection) is None:
        raise ConfigurationFailure("No location counts yet: choose on the Inventory tab whose stock is sold online.")
    kind = PREVIEW if is_preview else SYNC
    try:
        with transaction.atomic():
            run = Run.objects.create(connection=connection, kind=kind, started_by=actor, started_at=now, due_at=now)
            queue.token_put(ServiceClass.BULK.queue, RUN_SLICE, run.pk)
            action = "stock.previewed" if is_preview else "stock.synced"
            audit(merchant=connection.merchant, actor=actor, action=action, subject=connection.store, cause=cause)
    except IntegrityError as exc:
        raise ConfigurationFailure("A stock run goes on already: wait for its end, or stop it.") from exc
    return run


def stock_slice(*, run: Run, now: datetime) -> str:
    """Work a run for a slice; goes on from its checkpoint after a kill. Harmless when called twice."""
    if not _claim(run, now):
        return "not due"
    connection = run.connection
    plan = plan_of(connection)
    if plan is None:
        return _finish(run, now, Run.State.STOPPED, "Stopped: no location counts any more.")
    if not connection.is_running:
        return _later(run, now, timedelta(minutes=1), "the connection is paused")
    circuits = circuits_look(connection.pk, now)
    if circuits.wait:
        return _later(run, now, timedelta(seconds=circuits.wait), "a system is away")
    guard = Guard(connection, ServiceClass.BULK, circuits, time.monotonic() + RUN_SECONDS, reads_heartland=True)
    with turn_of(connection, now) as turn:
        if turn is None:
            return _later(run, now, BUSY_PAUSE, "changes go first")
        walk = Walk(run=run, plan=plan, turn=turn, guard=guard, now=now)
        try:
            is_through = walk.go()
        except LeaseLost:
            return _later(run, now, BUSY_PAUSE, "another worker took over")
        except SyncFailure as failure:
            if isinstance(failure, CredentialsRejected):
                access_doubted(owner=connection.heartland, reason=failure.summary)
                access_doubted(owner=connection.store, reason=failure.summary)
            return _later(run, now, pause_after(failure), failure.summary)
        finally:
            guard.settle(now)
            guard.give_back()
    queue.token_put(ServiceClass.SOON.queue, RUN_STOCK, connection.pk)  # what moved meanwhile comes before more
    if is_through:
        return _finish(run, now, Run.State.DONE, sentence_of(run))
    return _later(run, now, BREATH, "")


def _claim(run: Run, now: datetime) -> bool:
    """One worker at a time, and none before its time."""
    due = Run.objects.filter(pk=run.pk, state=Run.State.RUNNING, due_at__lte=now)
    return due.update(due_at=now + SLICE_LEASE) == 1


@dataclass(kw_only=True)
class Walk:
    """One slice's walk over the items, by ascending Heartland id."""

    run: Run
    plan: Plan
    turn: Turn
    guard: Guard
    now: datetime
    waiting: list[Wanted] = field(default_factory=list)  # to be written with the next batch
    noted: list[RunChange] = field(default_factory=list)  # to be kept with the next checkpoint
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))  # since the last checkpoint
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.connection = self.run.connection
        self.heartland = clients.heartland_client(self.connection.heartland, observer=self.guard)
        self.store = clients.bigcommerce_client(self.connection.store, observer=self.guard)

    def go(self) -> bool:
        """Walk until the end or the end of the slice; True at the end. Raises SyncFailure and LeaseLost."""
        if "fence" not in self.run.parameters:
            self._begin()
        self.pending = pieces_pending(self.connection, self.now)
        at, has_more = int(self.run.checkpoint or 0), True
        while has_more:
            at, has_more = self._page(at)
            is_over = not has_more or time.monotonic() - self.began > SLICE_SECONDS
            if len(self.waiting) >= MOST_ITEMS or is_over:
                self._write(is_over=is_over)
            if not self.waiting and not self._checkpoint(at):
                return False
            if is_over:
                break
        return not has_more

    def _begin(self) -> None:
        """The fence comes before everything that is read; from here on the ledger is followed."""
        self.turn.extend()
        fence = self.heartland.newest_transaction()
        levels.levels_drop(self.connection, self.plan.sources)
        levels.levels_follow_links(self.connection, self.plan.sources)
        self.run.parameters = self.run.parameters | {"fence": fence}
        self.run.total = StockLevel.objects.filter(connection=self.connection).count()
        self.run.save(update_fields=["parameters", "total"])
        self.counts["reads"] += 1
        if self.run.kind == SYNC:
            self._follow_from(fence)

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
        pushed = push(self.store, batch, fence=fence, now=self.now, still_ours=self.turn.extend, taken=self._note)
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

    def _checkpoint(self, at: int) -> bool:
        """Everything up to `at` is done; False when the run was paused, stopped or moved on by somebody else."""
        result = {name: self.run.result.get(name, 0) + count for name, count in self.counts.items()}
        ours = Run.objects.filter(pk=self.run.pk, state=Run.State.RUNNING, checkpoint=self.run.checkpoint)
        with transaction.atomic():
            if not ours.update(checkpoint=str(at), result=result, done=result["looked_at"], sentence=""):
                return False
            RunChange.objects.bulk_create(self.noted, batch_size=MOST_ITEMS)
        self.run.checkpoint, self.run.result = str(at), result
        self.counts, self.noted = dict.fromkeys(COUNTS, 0), []
        failpoints.passing("stock.checkpoint")
        return True


def _settled(rows: list[dict[str, object]], has_more: bool, *, by_location: bool) -> int | None:
    """The last item whose rows are all here; None for the rest of the catalogue, where no more rows follow."""
    if not has_more:
        return None
    last = int(str(rows[-1]["item_id"]))
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


def sentence_of(run: Run) -> str:
    """The result in words."""
    seen = run.result.get("looked_at", 0)
    kinds = Counter(run.changes.values_list("kind", flat=True))
    changed, refused = kinds[RunChange.Kind.UPDATE], kinds[RunChange.Kind.REFUSED]
    if run.kind == PREVIEW:
        to_zero, from_zero = run.result.get("to_zero", 0), run.result.get("from_zero", 0)
        return f"Would change {changed:,} of {seen:,}; {to_zero:,} to zero; {from_zero:,} from zero."
    words = f"Looked at {seen:,} SKUs and changed {changed:,}"
    return f"{words}; the store refused {refused:,}." if refused else f"{words}."


def _later(run: Run, now: datetime, pause: timedelta, reason: str) -> str:
    """Go on after a pause; the sweep puts a lost token anew."""
    words = f"Waiting: {reason}"[:500] if reason else ""
    going_on = Run.objects.filter(pk=run.pk, state=Run.State.RUNNING)
    if going_on.update(sentence=words, due_at=now + pause):
        queue.token_put(ServiceClass.BULK.queue, RUN_SLICE, run.pk, delay=pause / timedelta(seconds=1))
    return "waiting" if reason else "another slice is ahead"


def _finish(run: Run, now: datetime, state: Run.State, sentence: str) -> str:
    running = Run.objects.filter(pk=run.pk, state=Run.State.RUNNING)
    running.update(state=state, finished_at=now, sentence=sentence, is_listed=True)
    return state
