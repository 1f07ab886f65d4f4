"""What many callbacks ask for alike is done once for all of a tenth of a second.

That is counting them, looking at the feeds that they tell of, and the second look at a lane.

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
from syncjobs.callbacks.senders import Topic
from syncjobs.engine.enqueueing import lane_wake
from syncjobs.intake.expediting import news_expedite
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
    news: set[tuple[int, str, bool]] = field(default_factory=set)  # connections, feeds, and whether it is frequent

    def __bool__(self) -> bool:
        return bool(self.received or self.lanes or self.news)

    def add(self, other: "Due") -> None:
        for hook_id, (count, at) in other.received.items():
            before, last_at = self.received.get(hook_id, (0, at))
            self.received[hook_id] = (before + count, max(last_at, at))
        self.lanes |= other.lanes
        self.news |= other.news

    def settle(self) -> None:
        """Do it all, what is waited for first. All but the counting, which is last, may be done again."""
        now = timezone.now()
        if self.lanes:
            for (lane_id,) in fetch(ASLEEP_WITH_WORK, {"lanes": list(self.lanes), "now": now}):
                lane_wake(lane_id, ServiceClass.NOW, now=now)
        for connection_id, feed, is_frequent in sorted(self.news):
            news_expedite(connection_id, feed, now, is_frequent=is_frequent)
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
        self._add(Due(received={hook_id: (1, at)}, lanes={awake_lane} if awake_lane else set()))

    def news(self, connection_id: int, topic: Topic) -> None:
        """A callback of a topic tells of news in some feeds."""
        self._add(Due(news={(connection_id, feed, topic.is_frequent) for feed in topic.expedites}))

    def _add(self, due: Due) -> None:
        if database.in_atomic_block:  # no other connection sees what is not committed yet
            due.settle()
            return
        with self._lock:
            self._due.add(due)
            if self._thread is None:
                thread = threading.Thread(target=self._work, name="coalescer")
                thread.start()
                self._thread = thread

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
            if self._due and not is_forced:
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
            logger.warning("what callbacks left is done later", extra={"reason": str(exc)})
            database.close()
            with self._lock:
                self._due.add(due)
            return True, False
        except Exception:
            logger.exception("what callbacks left broke")
        return bool(due), True


coalescer = Coalescer()
