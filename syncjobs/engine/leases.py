"""Leases of lanes: one worker at a time, by the database's clock."""

import os
from dataclasses import dataclass
from functools import lru_cache

from django_q.conf import Conf

from ipaas import processes
from syncjobs.engine.statements import lane_extend, lane_lease
from syncjobs.models import Lane

GRACE_SECONDS = 10.0  # beyond the time after which the cluster ends a task


class LeaseLost(Exception):
    """Somebody else holds the lane now: what this worker did must not be recorded over them."""


@dataclass(frozen=True, kw_only=True)
class Lease:
    """The right to work a lane."""

    lane: Lane
    owner: str
    seconds: float  # how long it lasts from each extension on

    def extend(self) -> None:
        """Prolong the lease, locking the lane until the transaction ends. Raises LeaseLost when it is not ours."""
        if not lane_extend(self.lane.pk, self.owner, self.seconds):
            raise self.lost()

    def lost(self) -> LeaseLost:
        return LeaseLost(f"Lane {self.lane.pk} was taken over")


def me() -> str:
    """This process as the owner of leases."""
    return _identity(os.getpid())


@lru_cache(maxsize=1)
def _identity(pid: int) -> str:
    return processes.identity()


def lease_take(lane_id: int) -> Lease | None:
    """Take the lane and its token; None when somebody works it. Lasts longer than our cluster lets a task run."""
    seconds = float(Conf.TIMEOUT) + GRACE_SECONDS
    lane = lane_lease(lane_id, me(), seconds)
    return Lease(lane=lane, owner=me(), seconds=seconds) if lane else None


def lease_release(lease: Lease) -> bool:
    """Give the lane back; False when it was no longer ours."""
    ours = Lane.objects.filter(pk=lease.lane.pk, lease_owner=lease.owner)
    return ours.update(lease_owner="", lease_until=None, token_queued_at=None) == 1
