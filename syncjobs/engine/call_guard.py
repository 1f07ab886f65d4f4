"""The guard of one run: asked before every call, told of every call. Budgets, circuits and the run's own time."""

import logging
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django_q.conf import Conf

from connections.models import Connection
from connections.store_kinds import limits_of
from errors.failures import TransientFailure
from ipaas.types import Call, System
from syncjobs.engine.budgets import LONGEST_PACE_SECONDS, Share, Shares, share_of, shares_give_back
from syncjobs.engine.circuits import CircuitsSeen, CircuitWatch, circuits_look, probes_return
from syncjobs.models import Circuit, ServiceClass

logger = logging.getLogger(__name__)

LONGEST_CALL_SECONDS = 30.0
REPEAT_SECONDS = 0.25  # the longest pause before the second try; it doubles


def run_seconds() -> float:
    """How long after its start a run may begin a call: this cluster's time-out, less the longest call."""
    return float(Conf.TIMEOUT) - LONGEST_CALL_SECONDS


def told(call: Call) -> dict[str, object]:
    """What the log says of a call, beside whose it is."""
    return {
        "system": str(call.system),
        "method": call.method,
        "path": call.path,
        "status": call.status,
        "ms": int(call.duration_ms),
        "request_id": call.request_id,
    }


class OutOfTime(TransientFailure):
    """The other side is so slow that the worker's time is over; the next run goes on where this one stopped."""

    code = "out_of_time"


class Guard:
    """A CallObserver with the permits and circuits of one run."""

    def __init__(
        self,
        connection: Connection,
        service_class: ServiceClass,
        circuits: CircuitsSeen,
        deadline: float,
        lane_id: int | None = None,
        *,
        reads_heartland: bool = False,
        shares: Shares | None = None,
    ) -> None:
        self.connection = connection
        self.service_class = service_class
        self.circuits = circuits
        self.deadline = deadline  # of time.monotonic: no call begins later
        self.lane_id = lane_id
        self.reads_heartland = reads_heartland  # only: the write lease is left to others
        self.shares: Shares = {} if shares is None else shares
        self.is_lent = shares is not None  # by a lane, which gives them back
        self.watches: dict[System, CircuitWatch] = {}

    def reserve(self, calls: tuple[tuple[System, int], ...]) -> float:
        """Lease an ordinary run's permits; 0 when all are granted, else the seconds to wait, with nothing kept."""
        for system, permits in calls:
            wait = self._share(system).reserve(permits)
            if wait:
                shares_give_back(self.shares)
                return wait
        return 0.0

    def give_back(self) -> None:
        """Return unused permits that are not lent, and the probes of systems that were not called."""
        if not self.is_lent:
            shares_give_back(self.shares)
        probes_return(pk for system, pk in self.circuits.probes.items() if system not in self.watches)

    def before(self, system: System, method: str) -> None:
        if time.monotonic() > self.deadline:
            raise OutOfTime("The other side answers slowly; this goes on in the next run.", retry_after=1.0)
        self._share(system).spend()

    def after(self, call: Call) -> None:
        logger.debug("called", extra=told(call))
        self._share(call.system).heard(call)
        if call.system not in self.watches:
            failures = self.circuits.failures.get(call.system, 0)
            self.watches[call.system] = CircuitWatch(self.connection.pk, call.system, failures)
        self.watches[call.system].heard(call)

    def may_repeat(self, system: System, *, tries: int, wait: float | None) -> bool:
        """True where the system is only half broken: once more costs less than to begin the run anew."""
        if tries >= limits_of(system).tries or self.watches[system].is_down:
            return False
        pause = random.uniform(0, REPEAT_SECONDS * 2 ** (tries - 1)) if wait is None else wait  # noqa: S311
        if pause > LONGEST_PACE_SECONDS:
            return False
        time.sleep(pause)
        return True

    def settle(self, now: datetime) -> list[Circuit]:
        """Write what the calls say about the systems; the circuits that are open now."""
        return [row for watch in self.watches.values() if (row := watch.settle(now))]

    def _share(self, system: System) -> Share:
        if system not in self.shares:
            share = share_of(self.connection, system, self.service_class, self.lane_id)
            share.is_serial = share.is_serial and not self.reads_heartland
            self.shares[system] = share
        return self.shares[system]


@contextmanager
def guarded(
    connection: Connection,
    service_class: ServiceClass,
    now: datetime,
    *,
    circuits: CircuitsSeen | None = None,
    reads_heartland: bool = False,
) -> Iterator[Guard]:
    """A guard for a block of calls outside a lane; at its end what they say is written, and permits go back."""
    seen = circuits or circuits_look(connection.pk, now)
    guard = Guard(connection, service_class, seen, time.monotonic() + run_seconds(), reads_heartland=reads_heartland)
    try:
        yield guard
    finally:
        guard.settle(now)
        guard.give_back()
