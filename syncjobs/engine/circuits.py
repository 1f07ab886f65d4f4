"""Circuits: a system that is down for a connection is left alone but for one probe at a time.

Down means that nothing is answered: a system that fails every other call is half broken, and goes on being called.
"""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Q

from ipaas.types import Call, System
from syncjobs.engine.statements import circuits_troubled
from syncjobs.models import Circuit

OPENS_AFTER = 5  # failed calls in a row, whichever jobs made them (GUARANTEES §2, 13)
FIRST_PROBE_SECONDS = 1.0  # a half broken system shows five failures in a row too: it is soon asked again
LONGEST_PROBE_SECONDS = 120.0
PROBE_LEASE = timedelta(seconds=60)  # how long a probe may take before another may try


def is_failure(call: Call) -> bool:
    """The system did not answer, or not as itself."""
    return call.status is None or call.status >= 500


@dataclass(frozen=True, kw_only=True)
class CircuitsSeen:
    """What the rows of a connection said."""

    wait: float = 0.0  # 0 when calls may be made, else the seconds until one may be probed
    failures: Mapping[str, int] = field(default_factory=dict)  # in a row, of systems whose last calls failed
    probes: Mapping[str, int] = field(default_factory=dict)  # circuits by system that only the caller may probe now


def circuits_look(connection_id: int, now: datetime) -> CircuitsSeen:
    """Ask whether a connection's systems may be called. Where a probe is due, the caller who gets 0 makes it."""
    rows = circuits_troubled(connection_id)
    waits = {row: probe_wait(row, now) for row in rows if row.opened_at}
    wait = max(waits.values(), default=0.0)
    probes = {row.system: row.pk for row, its_wait in waits.items() if not its_wait}
    if wait:
        probes_return(probes.values())
        probes = {}
    return CircuitsSeen(wait=wait, failures={row.system: row.failures for row in rows}, probes=probes)


def probes_return(circuits: Iterable[int]) -> None:
    """Let somebody else probe: whoever had taken these made no call."""
    if ids := list(circuits):
        Circuit.objects.filter(pk__in=ids).update(probe_after=None)


def probe_wait(row: Circuit, now: datetime) -> float:
    """0 when the caller may probe now: nobody else may until that is settled or its lease is over."""
    due = Circuit.objects.filter(Q(probe_after__isnull=True) | Q(probe_after__lte=now), pk=row.pk)
    if due.update(probe_after=now + PROBE_LEASE):
        return 0.0
    return max(0.1, ((row.probe_after or now) - now) / timedelta(seconds=1))


class CircuitWatch:
    """Counts one run's calls to one system and writes at the end what changed."""

    def __init__(self, connection_id: int, system: System, failures_before: int) -> None:
        self.connection_id = connection_id
        self.system = system
        self.failures_before = failures_before  # in a row, when the run began
        self.failures = 0  # of this run, in a row up to now
        self.had_success = False
        self.reason = ""

    @property
    def is_down(self) -> bool:
        """True when so many calls in a row failed that nothing but a probe is worth a call."""
        return self.failures + (0 if self.had_success else self.failures_before) >= OPENS_AFTER

    def heard(self, call: Call) -> None:
        if not is_failure(call):
            self.failures, self.had_success = 0, True
            return
        self.failures += 1
        self.reason = f"{call.method} {call.path}: {call.status or 'no answer'}"[:300]

    def settle(self, now: datetime) -> Circuit | None:
        """Write what the run saw; the row when the circuit is open now."""
        if self.failures:
            return self._failed(now)
        if self.had_success and self.failures_before:
            Circuit.objects.filter(connection_id=self.connection_id, system=self.system).update(
                failures=0, opened_at=None, probe_after=None, last_success_at=now, reason=""
            )
        return None

    def _failed(self, now: datetime) -> Circuit | None:
        """A system that answered in between is not down: the run's last failures in a row are all that count."""
        row, _ = Circuit.objects.get_or_create(connection_id=self.connection_id, system=self.system)
        if self.had_success:
            row.failures, row.opened_at, row.probe_after, row.last_success_at = 0, None, None, now
        row.failures += self.failures
        row.reason = self.reason
        if row.failures >= OPENS_AFTER:
            row.opened_at = row.opened_at or now
            row.probe_after = now + probe_pause(row.failures - OPENS_AFTER)
        row.save(update_fields=["failures", "reason", "opened_at", "probe_after", "last_success_at"])
        return row if row.opened_at else None


def probe_pause(failed_probes: int) -> timedelta:
    """Doubling, with jitter so that many connections do not probe in step."""
    ceiling = min(LONGEST_PROBE_SECONDS, FIRST_PROBE_SECONDS * 2 ** min(failed_probes, 10))
    return timedelta(seconds=ceiling * random.uniform(0.75, 1.0))  # noqa: S311
