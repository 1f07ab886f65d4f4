"""What many callbacks ask for alike is done once for all of a tenth of a second: counting them, second looks at lanes.

A callback that found its lane awake may have been stored after the worker looked for jobs for the last time. Only a
look that begins after the callback was committed tells; one look tells it for all that were committed before. A
process killed before it leaves the lane to the sweep, as one does that is killed right after storing.
"""

import logging
import threading
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection as database
from django.utils import timezone

from ipaas.prepared import fetch
from ipaas.queue import DATABASE_AWAY
from syncjobs.engine.enqueueing import lane_wake
from syncjobs.models import ServiceClass

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 0.1
AWAY_SECONDS = 1.0  # between tries while the database is away
IDLE_SECONDS = 5.0  # then the thread ends, and with it its connection

COUNT = """
UPDATE connections_hook hook SET received = received + given.count,
    last_received_at = greatest(last_received_at, given.last_at)
FROM unnest(%(hooks)s::bigint[], %(counts)s::bigint[], %(moments)s::timestamptz[]) AS given (hook, count, last_at)
WHERE hook.id = given.hook"""

ASLEEP_WITH_WORK = """
SELECT lane.id FROM syncjobs_lane lane WHERE id = ANY(%(lanes)s::bigint[])
    AND (token_queued_at IS NULL OR token_queued_at > %(now)s::timestamptz)
    AND (lease_until IS NULL OR lease_until < statement_timestamp())
    AND EXISTS (SELECT 1 FROM syncjobs_syncjob job
        WHERE job.lane_id = lane.id AND job.status = 'pending' AND job.not_before <= %(now)s::timestamptz)"""


@dataclass
class Due:
    """What is to be done for the callbacks since the last time."""

    received: dict[int, tuple[int, datetime]] = field(default_factory=dict)  # of a hook: how many, and when the last
    lanes: set[int] = field(default_factory=set)  # of class "now", to be looked at

    def add(self, hook_id: int, count: int, at: datetime) -> None:
        before, last_at = self.received.get(hook_id, (0, at))
        self.received[hook_id] = (before + count, max(last_at, at))

    def settle(self) -> None:
        """Do it all."""
        if self.lanes:
            now = timezone.now()
            for (lane_id,) in fetch(ASLEEP_WITH_WORK, {"lanes": list(self.lanes), "now": now}):
                lane_wake(lane_id, ServiceClass.NOW, now=now)
        if self.received:
            hooks = sorted(self.received)  # always in this order: two processes do it at the same time
            counts, moments = zip(*(self.received[hook_id] for hook_id in hooks), strict=True)
            fetch(COUNT, {"hooks": hooks, "counts": list(counts), "moments": list(moments)})


class Coalescer:
    """Gathers what is due and has it done by a thread, which lives while callbacks come."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._due = Due()
        self._thread: threading.Thread | None = None
        self._is_stopping = threading.Event()

    def received(self, hook_id: int, at: datetime, *, awake_lane: int | None) -> None:
        """A callback was committed; `awake_lane`: which had a job by it, and no token."""
        if database.in_atomic_block:  # no other connection sees what is not committed yet
            Due(received={hook_id: (1, at)}, lanes={awake_lane} if awake_lane else set()).settle()
            return
        with self._lock:
            self._due.add(hook_id, 1, at)
            if awake_lane:
                self._due.lanes.add(awake_lane)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="coalescer")
                self._thread.start()

    def stop(self) -> None:
        """Do at once what is due, and end the thread."""
        thread = self._thread
        if thread:
            self._is_stopping.set()
            thread.join()
            self._is_stopping.clear()

    def _work(self) -> None:
        idle, pause, is_over = 0.0, PAUSE_SECONDS, False
        while not self._may_end(is_over=is_over or idle >= IDLE_SECONDS, is_forced=is_over):
            is_over = self._is_stopping.wait(pause) or not threading.main_thread().is_alive()
            had, is_done = self._settle()
            idle = 0.0 if had else idle + PAUSE_SECONDS
            pause = PAUSE_SECONDS if is_done else AWAY_SECONDS
        database.close()

    def _may_end(self, *, is_over: bool, is_forced: bool) -> bool:
        """True when the thread ends; whoever adds something from now on begins another."""
        if not is_over:
            return False
        with self._lock:
            if (self._due.received or self._due.lanes) and not is_forced:
                return False
            self._thread = None
        return True

    def _settle(self) -> tuple[bool, bool]:
        """Do what is due; answers whether something was, and whether it is done."""
        with self._lock:
            due, self._due = self._due, Due()
        try:
            due.settle()
        except DATABASE_AWAY as exc:
            logger.warning("callbacks not counted yet", extra={"reason": str(exc)})
            database.close()
            self._put_back(due)
            return True, False
        except Exception:
            logger.exception("callbacks not counted")
        return bool(due.received or due.lanes), True

    def _put_back(self, due: Due) -> None:
        with self._lock:
            for hook_id, (count, last_at) in due.received.items():
                self._due.add(hook_id, count, last_at)
            self._due.lanes |= due.lanes


coalescer = Coalescer()
