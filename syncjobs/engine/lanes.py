"""Working a lane: one service class of one connection, one worker at a time, in slices."""

import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection as database
from django.db import transaction

from connections.models import Connection
from ipaas import failpoints, queue
from ipaas.queue import DATABASE_AWAY
from mappings.value_tables import Uses, ValueTables, uses_write
from syncjobs.engine.budgets import Shares, shares_give_back
from syncjobs.engine.call_guard import run_seconds
from syncjobs.engine.circuits import CircuitsSeen, circuits_look
from syncjobs.engine.enqueueing import URGENT_CAUSES, lane_wake
from syncjobs.engine.expedite_stock import AFTER_ORDERS, stock_expedite_account
from syncjobs.engine.heartbeats import heartbeat
from syncjobs.engine.leases import Lease, LeaseLost, lease_release, lease_take, me
from syncjobs.engine.orphans_release import interruption_note, orphan_release, orphans_release
from syncjobs.engine.read_connection import connection_read
from syncjobs.engine.recording import UNCHANGED, job_put_back
from syncjobs.engine.running import NOT_CLAIMED, PAUSED, run
from syncjobs.engine.statements import Due, job_next
from syncjobs.flows.ahead import Ahead
from syncjobs.models import Attempt, Lane, ServiceClass, SyncJob

SLICE_SECONDS = 10.0  # then another merchant goes on
SLICE_JOBS = 50
CONNECTION_SECONDS = 1.0
IN_HAND_PAUSE = timedelta(seconds=1)  # of a record that a worker of another lane has in hand
RECONNECT_PAUSES = (0.0, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0)


def lane_run(*, lane_id: int, now: datetime) -> str:
    """Take the lane, work its due jobs for a slice, and go to the back of the queue when work is left.

    Answers how many jobs ran, or why none did. Harmless when called twice, or for nothing.
    """
    lease = lease_take(lane_id)
    if lease is None:
        return "busy"
    failpoints.passing("lane.taken")
    heartbeat(lease.lane.service_class)
    orphans_release(lease, now)
    work = Slice(lane=lease.lane, lease=lease, now=now, began=time.monotonic())
    try:
        work.drain()
    except LeaseLost:
        return "lost"
    finally:
        shares_give_back(work.shares)
    uses_write(lease.lane.connection_id, work.uses)
    lane_rest(lease, now=work.clock(), pause=work.pause, is_paused=work.is_paused)
    if work.jobs and lease.lane.service_class == ServiceClass.NOW:
        stock_expedite_account(lease.lane.connection, work.clock(), after=AFTER_ORDERS)
    return f"{work.jobs} jobs"


@dataclass(kw_only=True)
class Slice:
    """One slice of a lane."""

    lane: Lane
    lease: Lease
    now: datetime  # when it began
    began: float  # the same moment of time.monotonic
    jobs: int = 0
    pause: float = 0.0  # seconds the lane has to wait for a rate limit or an outage
    is_paused: bool = False  # the connection stands still: whoever lets it go on wakes the lane
    connection: Connection | None = None  # as read at `read_at`: with its systems and settings
    tables: ValueTables | None = None  # read with it
    read_at: float = 0.0
    as_of: datetime | None = None  # the same moment, or just before, by the database's clock
    shares: Shares = field(default_factory=dict)  # permits and the write lease, as long as the connection is kept
    uses: Uses = field(default_factory=Counter)  # of the tables' values, to be written at the end
    circuits: CircuitsSeen | None = None  # None: look again
    ahead: Ahead = field(default_factory=Ahead)

    def clock(self) -> datetime:
        return self.now + timedelta(seconds=time.monotonic() - self.began)

    def drain(self) -> None:
        while not self._is_over():
            due = job_next(self.lane.pk, self.clock())
            if due is None or not self._may_run(due):
                return
            self._run(due)

    def _is_over(self) -> bool:
        spent = time.monotonic() - self.began > SLICE_SECONDS or self.jobs >= SLICE_JOBS
        return spent or bool(self.pause) or self.is_paused or queue.is_stopping()

    def _may_run(self, due: Due) -> bool:
        job = due.job
        job.lane, job.connection = self.lane, self._connection(due)
        self.is_paused = not job.connection.is_running
        if self.is_paused:
            return False
        if self.circuits is None:
            self.circuits = circuits_look(job.connection_id, self.clock())
            self.pause = self.circuits.wait
        return not self.pause

    def _connection(self, due: Due) -> Connection:
        """The connection, read anew every second, and at once for what was asked for since: a fix counts for it."""
        is_old = time.monotonic() - self.read_at > CONNECTION_SECONDS
        if self.connection is None or is_old or self._is_asked_since(due.job):
            shares_give_back(self.shares)  # at most a second's worth is kept from others, and the lease no longer
            self.shares = {}
            self.connection, self.read_at = connection_read(self.lane.connection_id), time.monotonic()
            self.tables, self.as_of = ValueTables(self.connection, self.uses), due.selected_at
        return self.connection

    def _is_asked_since(self, job: SyncJob) -> bool:
        return job.cause in URGENT_CAUSES and self.as_of is not None and job.requested_at >= self.as_of

    def _run(self, due: Due) -> None:
        now = self.clock()
        if due.is_in_hand:
            _postpone(due.job, now)
            return
        circuits = self.circuits or CircuitsSeen()
        deadline = self.began + run_seconds()
        tables = self.tables or ValueTables(due.job.connection, self.uses)
        ran = run(
            due,
            tables,
            now=now,
            circuits=circuits,
            lease=self.lease,
            deadline=deadline,
            shares=self.shares,
            ahead=self.ahead,
        )
        self.pause, self.is_paused = ran.wait, ran.result == PAUSED
        if ran.result == NOT_CLAIMED:
            _postpone(due.job, now)
        elif not ran.wait:
            self.jobs += 1
        if ran.result not in (SyncJob.Status.DONE, UNCHANGED) or circuits.failures:
            self.circuits = None


def _postpone(job: SyncJob, now: datetime) -> None:
    """Its record is in hand elsewhere: let the next job go first."""
    SyncJob.objects.due(now).filter(pk=job.pk).update(not_before=now + IN_HAND_PAUSE)


def lane_rest(lease: Lease, *, now: datetime, pause: float = 0.0, is_paused: bool = False) -> None:
    """Release the lane, with a token for its next due job; then look once more for what came meanwhile."""
    with transaction.atomic():
        if not lease_release(lease):
            return
        if not is_paused:
            _wake_for_next(lease.lane, now, pause)
    failpoints.passing("lane.released")
    if not is_paused:
        _wake_for_next(lease.lane, now, pause)


def _wake_for_next(lane: Lane, now: datetime, pause: float) -> None:
    pending = SyncJob.objects.filter(lane=lane, status=SyncJob.Status.PENDING)
    due_at = pending.order_by("not_before").values_list("not_before", flat=True).first()
    if due_at is not None:
        at = max(due_at, now + timedelta(seconds=pause))
        lane_wake(lane.pk, ServiceClass(lane.service_class), now=now, at=at)


def lane_abandon(*, lane_id: int, now: datetime, is_death: bool = False) -> bool:
    """Give this worker's jobs and lane back when it cannot go on, as soon as the database answers.

    `is_death`: the job in hand is to blame as if its worker had died. Otherwise the database was away, and nobody is.
    False when it stayed away: then the lease runs out.
    """
    for pause in RECONNECT_PAUSES:
        time.sleep(pause)
        database.close()
        with suppress(*DATABASE_AWAY):
            return _abandon(lane_id, now, is_death=is_death)
    return False


def _abandon(lane_id: int, now: datetime, *, is_death: bool = False) -> bool:
    with transaction.atomic():
        lane = Lane.objects.select_for_update().filter(pk=lane_id, lease_owner=me()).first()
        if lane is None:
            return True
        for job in SyncJob.objects.filter(lane=lane, status=SyncJob.Status.RUNNING):
            if is_death:
                orphan_release(job.pk, now)
                continue
            interruption_note(job, Attempt.DATABASE_AWAY, "The database went away in the middle of this attempt.", now)
            job_put_back(job, not_before=now, is_attempt=False)
        Lane.objects.filter(pk=lane_id).update(lease_owner="", lease_until=None, token_queued_at=None)
        _wake_for_next(lane, now, pause=0.0)
    return True
