"""Following Heartland's stock ledger: what moved is read anew, and only what differs is written.

The ledger tells which items moved and never how much: its deltas are not trusted (Heartland notes §8.2). The cursor
moves when everything that it passed was written or is marked to be looked at.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from connections.models import Connection
from connections.services import access_recheck
from errors.failures import CredentialsRejected, SyncFailure
from ipaas import failpoints
from mappings.models import StockLevel
from mappings.stock_keeping import tracking_settle
from syncjobs.bulk.write_lease import WriteLease, write_lease_take
from syncjobs.engine.call_guard import Guard, guarded
from syncjobs.engine.circuits import circuits_look
from syncjobs.engine.cursors import cursor_end, feed_ring
from syncjobs.engine.defects import defects_reported
from syncjobs.engine.leases import LeaseLost
from syncjobs.engine.quiet import is_hurried, news_heed, pause_of
from syncjobs.engine.retry_rules import pause_after
from syncjobs.engine.stalls import feed_moves, feed_stalls
from syncjobs.models import Cursor, ServiceClass
from syncjobs.pos import port as pos_port
from syncjobs.pos.opening import pos_of
from syncjobs.stock import level_rows, stock_problems
from syncjobs.stock.compute_levels import differing, stock_by_target
from syncjobs.stock.follow_locations import plan_heed
from syncjobs.stock.moves import moves_note
from syncjobs.stock.pending_pieces import pieces_pending
from syncjobs.stock.plan import Plan, plan_of, settings_of
from syncjobs.stock.push_levels import Pushed, push
from syncjobs.stock.read_stock import Reading, keeping_ask, stock_read
from syncjobs.stock.reserved_pieces import Reserves, reserves_of
from syncjobs.stock.stock_rules import rules_of_items
from syncjobs.stock.store_side import ids_ask
from syncjobs.stock.unsettled import is_marked, is_unsettled
from syncjobs.stores import level_port
from syncjobs.stores.opening import store_of

MOST_MOVED = 20_000  # items of one look; the rest of the ledger waits for the next
MOST_MARKED = 5_000
LAGS_KEPT = 200
BUSY_PAUSE = timedelta(seconds=1)


@dataclass
class Followed:
    """What one look did."""

    transactions: int = 0
    position: int = 0  # the last entry of the ledger that was read
    looked_at: int = 0
    has_more: bool = False
    pushed: Pushed = field(default_factory=Pushed)
    moved_at: dict[int, datetime] = field(default_factory=dict)  # by item id, by Heartland's clock

    def lags(self, now: datetime) -> list[float]:
        """Seconds from each move to the store's yes, of the items that were written because of it."""
        written = {one.level.item_id for one in self.pushed.taken} & self.moved_at.keys()
        return [round(max((now - self.moved_at[item]).total_seconds(), 0.0), 1) for item in sorted(written)]


@dataclass(frozen=True)
class Look:
    """What one look works with."""

    connection: Connection
    plan: Plan
    lease: WriteLease
    stock: pos_port.Stock
    store: level_port.Levels
    reserves: Reserves
    pending: Counter[int]
    now: datetime


def stock_follow(*, connection: Connection, now: datetime) -> Followed | None:
    """Bring the store what moved since the last look.

    None when the look is not due, somebody else has the lease, stock does not follow yet, or a system is away.
    """
    kept = settings_of(connection) if connection.is_running else None
    if kept is None or not kept.follows:
        return None
    plan = plan_of(connection, kept)
    lease = write_lease_take(connection, now, is_due=True)
    if lease is None:
        _busy(connection, now)
        return None
    circuits = circuits_look(connection.pk, now)
    if circuits.wait:
        _end(lease, now, timedelta(seconds=circuits.wait), failure=lease.cursor.failure)
        return None
    try:
        with (
            guarded(connection, ServiceClass.SOON, now, circuits=circuits, reads_heartland=True) as guard,
            defects_reported("the look at Heartland's stock", connection=connection.pk),
        ):
            followed = _follow(connection, plan, kept.plan_stamp, lease, guard, now)
    except SyncFailure as failure:
        if isinstance(failure, CredentialsRejected):
            access_recheck(owner=connection.heartland, reason=failure.summary)
            access_recheck(owner=connection.store, reason=failure.summary)
        feed_stalls(lease.cursor, failure, now)
        _end(lease, now, pause_after(failure), failure=failure.summary)
        return None
    except LeaseLost:
        return None
    failpoints.passing("stock.followed")
    _advance(lease, now, followed)
    return followed


def _busy(connection: Connection, now: datetime) -> None:
    """Somebody writes the store's stock just now: look as soon as they let go. Not due: another token rings."""
    if Cursor.objects.filter(connection=connection, feed=Cursor.STOCK, due_at__lte=now).exists():
        feed_ring(connection.pk, Cursor.STOCK, BUSY_PAUSE)


def _follow(
    connection: Connection, plan: Plan, former_stamp: str, lease: WriteLease, guard: Guard, now: datetime
) -> Followed:
    stock = pos_of(connection, guard).stock
    followed = Followed(position=int(lease.cursor.position or 0))
    moved = _moved(stock.moves(followed.position), followed)
    store = store_of(connection.store, guard).levels
    level_rows.overtaken(connection, store.late())
    is_same = plan.stamp == former_stamp and not (plan.fast_moves and _is_first_of_day(lease, now))
    if not moved and is_same and not is_unsettled(connection, now):
        return followed
    is_other = plan_heed(connection, plan, now)
    if level_rows.levels_follow_links(connection, plan.sources, is_dirty=True, only_new=True):
        tracking_settle(connection)
        rules_of_items(connection)
    if plan.fast_moves:
        level_rows.moves_count(connection, moved, now.astimezone(UTC).date(), fast=plan.fast_moves)
    reserves = reserves_of(connection, store, plan.sources, now)
    pending = pieces_pending(connection, now)
    rows = level_rows.levels_to_look_at(connection, list(moved), pending, most=MOST_MARKED)
    followed.looked_at = len(rows)
    if rows:
        _bring(Look(connection, plan, lease, stock, store, reserves, pending, now), rows, followed)
        level_rows.looked_at([row for row in rows if not row.refusal], pending)
    if is_other or any(row.store_location not in plan.sources for row in rows):
        level_rows.levels_drop(connection, plan.sources)
    return followed


def _is_first_of_day(lease: WriteLease, now: datetime) -> bool:
    """True when no look got through today: what was fast on a day before may be no longer."""
    last = lease.cursor.succeeded_at
    return last is None or last.astimezone(UTC).date() < now.astimezone(UTC).date()


def _bring(look: Look, rows: list[StockLevel], followed: Followed) -> None:
    """Read these levels' items anew and tell the store what differs; what is refused is named and left out."""
    look.lease.extend()
    fed = [row for row in rows if row.store_location in look.plan.sources]
    read = stock_read(look.stock, sorted({row.item_id for row in fed if not row.is_left_alone}), look.plan)
    keeping_ask(look.connection, look.stock, fed, read)
    _park(look, fed, read)
    worked = differing(rows, stock_by_target(read.rows, look.plan), look.plan, look.pending)
    ids_ask(look.store, [one.level for one in worked.wanted])
    followed.pushed = push(
        look.store,
        worked.wanted,
        look.reserves,
        fence=max([followed.position, *(row.fence for row in rows if not followed.has_more)]),
        still_ours=look.lease.extend,
        taken=lambda batch: moves_note(look.connection, batch, followed.position),
    )
    stock_problems.note(look.connection, followed.pushed, look.now)
    level_rows.clamps_keep(rows, worked.clamped)


def _park(look: Look, rows: list[StockLevel], read: Reading) -> None:
    """Leave out the items whose stock Heartland refuses to tell, until somebody asks for them again."""
    parked = [row for row in rows if row.item_id in read.refused]
    for row in parked:
        row.refusal = read.refused[row.item_id][:300]
        level_rows.refused(row, row.refusal)
    stock_problems.unreadable_note(look.connection, [(row.sku, row.refusal) for row in parked], look.now)


def _moved(pages: Iterator[list[pos_port.Move]], followed: Followed) -> Counter[int]:
    """How many entries each item has."""
    moved: Counter[int] = Counter()
    for page in pages:
        followed.transactions += len(page)
        followed.position = page[-1].entry
        moved.update(move.item_id for move in page)
        followed.moved_at |= {move.item_id: move.at for move in page}
        if len(moved) >= MOST_MOVED:
            followed.has_more = True
            break
    return moved


def _advance(lease: WriteLease, now: datetime, followed: Followed) -> None:
    shortest = settings.STOCK_POLL_SECONDS
    longest = 2 * shortest if is_hurried(lease.cursor.connection, Cursor.STOCK) else shortest
    news_heed(lease.cursor, now, has_news=bool(followed.transactions or followed.looked_at))
    pause = timedelta() if followed.has_more else pause_of(lease.cursor, now, shortest=shortest, longest=longest)
    if not followed.has_more and is_marked(lease.cursor.connection_id):
        pause = min(pause, BUSY_PAUSE)
    feed_moves(lease.cursor, now)
    lease.cursor.found += followed.transactions
    changes: dict[str, Any] = {
        "position": str(followed.position),
        "found": lease.cursor.found,
        "news_at": lease.cursor.news_at,
    }
    if lags := followed.lags(timezone.now()):
        changes["lags"] = [*lease.cursor.lags, *lags][-LAGS_KEPT:]
    _end(lease, now, pause, succeeded_at=now, **changes)


def _end(lease: WriteLease, now: datetime, pause: timedelta, *, failure: str = "", **changes: object) -> None:
    """Let go, and put the token that rings when the next look is due; the sweep replaces a lost one."""
    cursor_end(lease.cursor, now, pause, is_ours_only=True, failure=failure[:300], **changes)
