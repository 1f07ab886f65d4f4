"""Writes whose answer was lost: nothing is written again before they have had time to show."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.conf import settings as django_settings

from errors.failures import TransientFailure
from syncjobs.flows.base import Context
from syncjobs.models import Attempt

LONGEST_TRY = timedelta(seconds=180)  # from its claim to the moment when even a dead worker's lease is over


class Settling(TransientFailure):
    """Waiting costs no attempt."""

    code = "settling"
    counts_as_attempt = False


@dataclass(kw_only=True)
class SettlingContext(Context):
    """A run that creates what the other side cannot recognise as a repeat."""

    def wait_for_lost_writes(self) -> None:
        """Raise while a write whose answer was lost may still become visible at the other side."""
        if self.lost_write_at is None:
            return
        left = django_settings.SETTLE_SECONDS - (self.now - self.lost_write_at).total_seconds()
        if left > 0:
            raise Settling("An answer was lost: looking again before anything is written twice", retry_after=left)

    @cached_property
    def lost_write_at(self) -> datetime | None:
        """When the last write without an answer was tried; None when every write was answered.

        A try that was interrupted may have written until its end, and cannot tell.
        """
        if self.record.read_at is None and self.job.claimed_at is None:  # the first run ever
            return None
        attempts = Attempt.objects.filter(
            job__connection=self.connection,
            job__flow=self.job.flow,
            job__external_id=self.external_id,
            began_at__gte=self.now - 2 * timedelta(seconds=django_settings.SETTLE_SECONDS) - LONGEST_TRY,
        )
        ends = [
            attempt.began_at + timedelta(milliseconds=attempt.duration_ms)
            for attempt in attempts
            if may_have_lost_a_write(attempt)
        ]
        return max(ends, default=None)


def may_have_lost_a_write(attempt: Attempt) -> bool:
    """True when a write of this try may still become visible at the other side."""
    return attempt.outcome in Attempt.INTERRUPTED or any(
        call["status"] is None and call["method"] == "POST" for step in attempt.steps for call in step["calls"]
    )
