"""Rate budgets: permits for calls to one tenant, shared by all processes and hosts through one row.

Permits of an ordinary run are leased before it starts, in one UPDATE that refills, checks and takes; where a lane runs
many, those of about a second. What a run needs beyond them it takes in small blocks, and what was not used within a
second is given back. The other side's headers correct the row.
Heartland's writes are serial per tenant: there the same UPDATE takes the tenant's write lease. Who finds it taken
queues up for it (orders before bulk work, else first come) and is woken when the lease is given back; so does a person
who waits before a page, under a number of the connection's instead of a lane's.
"""

import random
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from connections.call_limits import Headers, Window
from connections.models import Connection
from connections.store_kinds import limits_of
from errors.failures import Throttled
from ipaas.prepared import fetch_one
from ipaas.types import Call, System
from syncjobs.engine import dialect
from syncjobs.engine.enqueueing import lane_wake
from syncjobs.engine.leases import me
from syncjobs.models import Lane, RateBudget, ServiceClass

RESERVES = {ServiceClass.NOW: 0.0, ServiceClass.SOON: 0.1, ServiceClass.BULK: 0.25}  # share of capacity left to others
BLOCK = 2  # permits taken at once when a run needs more than it reserved; first one: most looks make one call
LONGEST_PACE_SECONDS = 2.0  # a run waits this long for its next permit; longer waits belong to the ledger
WRITER_SECONDS = 130.0  # longer than any cluster lets a task run
NEXT_PAUSE_SECONDS = (0.2, 0.4)  # until the next in line asks again, should nobody wake it before
LATER_PAUSE_SECONDS = (0.03, 0.06)  # until those behind it try to be next
PERSONS = 1 << 62  # numbers from here on queue up for people, and are no lane's
CLAIM_SECONDS = 2.0  # how long the write lease is kept for a lane that queued up
SHORTEST_WAIT_SECONDS = 0.05
SMALLEST_CAPACITY = 20.0
BURST_SECONDS = 4.0  # how much unused rate may be saved up
LONGEST_UNTOLD_SECONDS = 60.0
DRIFT_ALLOWED = 0.05  # of the quota, between our count and theirs
RESET_DRIFT_SECONDS = 2.0

# The permits there are now: refilled by rate, or anew when the other side's window is over.
PERMITS = """CASE WHEN refill_per_second > 0
    THEN {least}(capacity, permits + refill_per_second * {since_refill})
    WHEN reset_at IS NULL OR reset_at <= {now} THEN capacity ELSE permits END"""
NO_WRITER = "(writer = '' OR writer_until IS NULL OR writer_until < {now})"
NOBODY_FIRST = (
    "(next_lane IS NULL OR next_lane = CAST(%(lane)s AS bigint) OR next_until < {now} OR next_rank > %(rank)s)"
)
MY_TURN = "(writer = CAST(%(me)s AS varchar(80)) OR (" + NO_WRITER + " AND " + NOBODY_FIRST + "))"
SPENT = ",\n    ".join(
    f"spent_{one} = CASE WHEN spent_on = {{today}} THEN spent_{one} ELSE 0 END"
    f" + CASE WHEN CAST(%(class)s AS varchar(4)) = '{one}' THEN %(permits)s ELSE 0 END"
    for one in ServiceClass.values
)
UNSPENT = ",\n    ".join(
    f"spent_{one} = spent_{one} - CASE WHEN CAST(%(class)s AS varchar(4)) = '{one}' THEN %(permits)s ELSE 0 END"
    for one in ServiceClass.values
)
TAKE = (
    """
UPDATE syncjobs_ratebudget SET permits = """
    + PERMITS
    + """ - %(permits)s, refilled_at = {now}, spent_on = {today}, """
    + SPENT
    + """,
    reset_at = CASE WHEN refill_per_second > 0 OR reset_at > {now} THEN reset_at ELSE {window_ends} END,
    writer = CASE WHEN %(writes)s THEN CAST(%(me)s AS varchar(80)) ELSE writer END,
    writer_until = CASE WHEN %(writes)s THEN {writer_ends} ELSE writer_until END,
    next_lane = CASE WHEN %(writes)s AND next_lane = CAST(%(lane)s AS bigint) THEN NULL ELSE next_lane END
WHERE system = %(system)s AND tenant = %(tenant)s AND (blocked_until IS NULL OR blocked_until <= {now})
    AND (NOT %(writes)s OR """
    + MY_TURN
    + """) AND """
    + PERMITS
    + """ - %(permits)s >= capacity * %(reserve)s
RETURNING permits, quota, -1 * {since_reset}, untold_throttles,
    CASE WHEN refill_per_second > 0 THEN refill_per_second ELSE capacity / %(window)s END, {relaxed}"""
)
LOOK = (
    """
SELECT """
    + PERMITS
    + """, capacity, refill_per_second, -1 * {since_reset}, -1 * {since_block}, """
    + MY_TURN
    + """
FROM syncjobs_ratebudget WHERE system = %(system)s AND tenant = %(tenant)s"""
)
GIVE_BACK = (
    """
UPDATE syncjobs_ratebudget SET permits = {least}(capacity, permits + %(permits)s), """
    + UNSPENT
    + """,
    writer = CASE WHEN writer = CAST(%(me)s AS varchar(80)) THEN '' ELSE writer END,
    writer_until = CASE WHEN writer = CAST(%(me)s AS varchar(80)) THEN NULL ELSE writer_until END
WHERE system = %(system)s AND tenant = %(tenant)s
RETURNING next_lane, {relaxed}"""
)
QUEUE_UP = (
    """
UPDATE syncjobs_ratebudget SET next_lane = %(lane)s, next_rank = %(rank)s, next_until = {claim_ends}
WHERE system = %(system)s AND tenant = %(tenant)s AND """
    + NOBODY_FIRST
    + " RETURNING id"
)

Known = tuple[float, int | None, float | None]  # permits left, quota, seconds to the reset


@dataclass
class Share:
    """One run's permits for one tenant of one system."""

    system: System
    tenant: str
    service_class: ServiceClass
    is_serial: bool = False  # True where one run at a time may write to the tenant
    lane_id: int | None = None  # who queues up for the write lease
    held: int = 0
    known: Known | None = None  # the row after our last take
    untold: int = 0  # 429s in a row that named no time, as of then
    per_second: float = 0.0  # permits that there are for all, as of then
    window: Window | None = None

    def reserve(self, permits: int) -> float:
        """Have what an ordinary run needs; 0 when granted, else the seconds to wait before asking again.

        From the second run on a second's worth is taken at once, where that leaves others their share.
        """
        missing, ahead = permits - self.held, int(self.per_second)
        if missing <= 0 or (ahead > missing and self._take(ahead)) or self._take(missing):
            return 0.0
        return self._wait(missing)

    def spend(self) -> None:
        """Use one permit, taking more when none is left. Raises Throttled when the wait would be long."""
        deadline, wanted = time.monotonic() + LONGEST_PACE_SECONDS, BLOCK if self.known else 1
        while self.held <= 0 and not self._take(wanted):
            wait = self._wait(wanted)
            if time.monotonic() + wait > deadline:
                raise Throttled("The rate limit is used up for now.", retry_after=wait)
            time.sleep(wait)
        self.held -= 1

    def heard(self, call: Call) -> None:
        """Learn from an answer; a 429 blocks the tenant for everybody at once."""
        self.window = limits_of(self.system).window_of(call.headers) or self.window
        if call.status in {429, 509}:
            self.held = 0
            told = told_seconds(self.system, call.headers)
            self.untold += told is None
            seconds = untold_seconds(self.system, self.untold) if told is None else told
            is_quota = limits_of(self.system).reset_of(call.headers) is not None
            block(self.system, self.tenant, seconds, self.untold, is_quota=is_quota)
        elif self.untold and call.status is not None:
            self.untold = 0
            RateBudget.objects.filter(system=self.system, tenant=self.tenant).update(untold_throttles=0)

    def give_back(self) -> None:
        """Return unused permits and the write lease, and correct the row where their count differs from ours."""
        if self.held > 0 or self.is_serial:
            row = self._execute(GIVE_BACK, permits=max(self.held, 0))
            if row and row[0] not in (None, self.lane_id):
                waiting_lane_wake(row[0])
        if self.window and self.known and has_drifted(self.known, self.window, self.held):
            correct(self.system, self.tenant, self.window)
        self.held, self.known, self.window = 0, None, None

    def _take(self, permits: int) -> bool:
        row = self._execute(TAKE, permits=permits)
        if row is None and budget_create(self.system, self.tenant):
            row = self._execute(TAKE, permits=permits)
        if row is None:
            return False
        self.held += permits
        self.known, self.untold, self.per_second = row[:3], row[3], row[4]
        return True

    def _wait(self, permits: int) -> float:
        now, capacity, rate, to_reset, to_unblock, is_mine = self._execute(LOOK, permits=permits)
        missing = permits + capacity * RESERVES[self.service_class] - now
        if to_unblock and to_unblock > 0:
            return float(to_unblock)
        if self.is_serial and not is_mine:
            is_next = self.lane_id and self._execute(QUEUE_UP, permits=permits)
            return random.uniform(*(NEXT_PAUSE_SECONDS if is_next else LATER_PAUSE_SECONDS))  # noqa: S311
        return float(max(SHORTEST_WAIT_SECONDS, missing / rate if rate > 0 else to_reset or 0.0))

    def _execute(self, statement: str, *, permits: int) -> Any:
        values: dict[str, Any] = {
            "permits": permits,
            "me": me(),
            "writes": self.is_serial,
            "system": str(self.system),
            "tenant": self.tenant,
            "reserve": RESERVES[self.service_class],
            "window": limits_of(self.system).window_seconds,
            "writer_seconds": WRITER_SECONDS,
            "lane": self.lane_id,
            "class": str(self.service_class),
            "rank": list(ServiceClass).index(self.service_class),
            "claim_seconds": CLAIM_SECONDS,
        }
        return fetch_one(_worded(statement), values)


Shares = dict[System, Share]


def shares_give_back(shares: Shares) -> None:
    """Return what is left of all permits, and the write lease."""
    for share in shares.values():
        share.give_back()


def _worded(statement: str) -> str:
    words = dialect.words()
    return statement.format(
        now=words["now"],
        least=words["least"],
        today=words["today"],
        relaxed=words["relaxed"],
        since_refill=dialect.seconds_since("refilled_at"),
        since_reset=dialect.seconds_since("reset_at"),
        since_block=dialect.seconds_since("blocked_until"),
        window_ends=words["now_plus"].replace("%s", "%(window)s"),
        writer_ends=words["now_plus"].replace("%s", "%(writer_seconds)s"),
        claim_ends=words["now_plus"].replace("%s", "%(claim_seconds)s"),
    )


def waiting_lane_wake(lane_id: int) -> None:
    """Wake the lane that waited for the write lease."""
    lane = Lane.objects.filter(pk=lane_id).first()
    if lane:
        lane_wake(lane.pk, ServiceClass(lane.service_class), now=timezone.now())


def share_of(connection: Connection, system: System, service_class: ServiceClass, lane_id: int | None = None) -> Share:
    """The share in a connection's tenant of a system."""
    if system == System.HEARTLAND:
        if lane_id is None and service_class == ServiceClass.NOW:
            lane_id = PERSONS + connection.pk
        return Share(system, connection.heartland.base_url, service_class, is_serial=True, lane_id=lane_id)
    return Share(system, connection.store.store_hash, service_class)


def budget_create(system: System, tenant: str) -> bool:
    """Make a tenant's row when it is met first; False when it was there."""
    rate = settings.HEARTLAND_CALLS_PER_SECOND if system == System.HEARTLAND else 0.0
    capacity = max(SMALLEST_CAPACITY, rate * BURST_SECONDS) if system == System.HEARTLAND else limits_of(system).quota
    fresh = {"permits": capacity, "capacity": capacity, "refill_per_second": rate, "refilled_at": Now()}
    return RateBudget.objects.get_or_create(system=system, tenant=tenant, defaults=fresh)[1]


def budgets_follow_settings() -> int:
    """Bring rows made under another HEARTLAND_CALLS_PER_SECOND to the present one."""
    rate = settings.HEARTLAND_CALLS_PER_SECOND
    stale = RateBudget.objects.filter(~Q(refill_per_second=rate), system=System.HEARTLAND)
    return stale.update(refill_per_second=rate, capacity=max(SMALLEST_CAPACITY, rate * BURST_SECONDS))


def block(system: System, tenant: str, seconds: float, untold: int, *, is_quota: bool = True) -> None:
    """Nobody calls the tenant before `seconds` have passed. `untold`: how many 429s in a row named no time.

    One that names no window's end (not `is_quota`) says nothing of its quota: none has to be waited for.
    """
    rows = RateBudget.objects.filter(system=system, tenant=tenant)
    used_up = rows if is_quota else rows.filter(refill_per_second__gt=0)
    used_up.update(permits=0, refilled_at=Now())
    rows.update(blocked_until=Now() + timedelta(seconds=seconds), untold_throttles=untold)


def correct(system: System, tenant: str, window: Window) -> None:
    """Believe the other side: its quota, its reset, and within one window of one quota the lower of both counts."""
    rows = RateBudget.objects.filter(system=system, tenant=tenant)
    resets = Now() + timedelta(seconds=window.reset_seconds)
    slack = timedelta(seconds=RESET_DRIFT_SECONDS)
    told = {"quota": window.quota, "capacity": float(window.quota), "reset_at": resets}
    lower = rows.filter(reset_at__range=(resets - slack, resets + slack), permits__lte=window.left, quota=window.quota)
    if not lower.update(**told):
        rows.update(permits=float(window.left), **told)


def has_drifted(known: Known, window: Window, held: int) -> bool:
    """Other apps used the quota too, the plan changed, or the window is not where we thought."""
    left, quota, to_reset = known
    missing = left + max(held, 0) - window.left
    elsewhere = to_reset is None or abs(to_reset - window.reset_seconds) > RESET_DRIFT_SECONDS
    return missing > max(1.0, DRIFT_ALLOWED * window.quota) or quota != window.quota or elsewhere


def untold_seconds(system: System, in_a_row: int) -> float:
    """How long to stay away after so many 429s that named no time."""
    return min(LONGEST_UNTOLD_SECONDS, limits_of(system).untold_seconds * float(2 ** min(in_a_row - 1, 10)))


def told_seconds(system: System, headers: Headers) -> float | None:
    """How long a 429 asks us to stay away: the longest of what its headers say; None when they say nothing."""
    told = [headers.get("retry-after", ""), headers.get("x-retry-after", "")]
    waits = [float(text) for text in told if text.isdecimal()]
    reset = limits_of(system).reset_of(headers)
    return max([*waits, *([] if reset is None else [reset])], default=None)
