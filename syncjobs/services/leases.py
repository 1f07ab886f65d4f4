"""Leases of lanes: one worker at a time, by the database's clock."""

import os
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from ipaas import processes
from syncjobs.models import Lane
from syncjobs.services.statements import lane_extend

GRACE_SECONDS = 10.0  # beyond the time after which the cluster ends a task


class LeaseLost(Exception):
    """Somebody else holds the lane now: what this worker did must not be recorded over them."""


@dataclass(frozen=True, kw_only=True)
class Lease:
    """The right to work a lane."""

    lane_id: int
    owner: str
    lasts: timedelta

    def extend(self) -> None:
        """Prolong the lease, locking the lane until the transaction ends. Raises LeaseLost when it is not ours."""
        if not lane_extend(self.lane_id, self.owner, self.lasts.total_seconds()):
            raise LeaseLost(f"Lane {self.lane_id} was taken over")


def me() -> str:
    """This process as the owner of leases."""
    return _identity(os.getpid())


@lru_cache(maxsize=1)
def _identity(pid: int) -> str:
    return processes.identity()


def lease_take(lane: Lane) -> Lease | None:
    """Take the lane and its token; None when somebody works it. Lasts longer than a cluster lets a task run."""
    cluster = settings.Q_CLUSTER | settings.Q_CLUSTER["ALT_CLUSTERS"].get(lane.service_class, {})
    lasts = timedelta(seconds=cluster["timeout"] + GRACE_SECONDS)
    free = Lane.objects.filter(Q(lease_until__isnull=True) | Q(lease_until__lt=Now()), pk=lane.pk)
    if not free.update(lease_owner=me(), lease_until=Now() + lasts, token_queued_at=None):
        return None
    return Lease(lane_id=lane.pk, owner=me(), lasts=lasts)


def lease_release(lease: Lease) -> bool:
    """Give the lane back; False when it was no longer ours."""
    ours = Lane.objects.filter(pk=lease.lane_id, lease_owner=lease.owner)
    return ours.update(lease_owner="", lease_until=None, token_queued_at=None) == 1
