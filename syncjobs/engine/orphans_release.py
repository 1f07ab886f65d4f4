"""After deaths: free what ended holders left behind, and give up on jobs that kill their workers."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from errors.failures import SyncFailure
from errors.issues.record_errors import error_record
from errors.models import SyncError
from ipaas import processes
from syncjobs.engine.leases import Lease
from syncjobs.engine.recording import job_put_back
from syncjobs.engine.retry_rules import death_pause
from syncjobs.engine.running import record_of
from syncjobs.engine.statements import lane_orphans, record_find
from syncjobs.flows import FLOWS
from syncjobs.models import Attempt, Lane, RateBudget, Record, SyncJob

DEATHS_ALLOWED = 3


class WorkerDied(SyncFailure):
    """This record ended its worker again and again."""

    code = "worker_died"


def leases_release(now: datetime) -> int:
    """Free the lanes, write leases and jobs of holders that ended; answers how many jobs were in hand.

    Ended means: the lease ran out, or its holder was a process of this host that lives no more.
    """
    lanes = Lane.objects.exclude(lease_owner="")
    ended = Q(lease_until__lt=Now()) | Q(lease_owner__in=dead(lanes.values_list("lease_owner", flat=True)))
    lanes.filter(ended).update(lease_owner="", lease_until=None, token_queued_at=None)
    writers = RateBudget.objects.exclude(writer="")
    writers.filter(writer__in=dead(writers.values_list("writer", flat=True))).update(writer="", writer_until=None)
    unheld = SyncJob.objects.filter(status=SyncJob.Status.RUNNING, lane__lease_until__isnull=True)
    return sum(orphan_release(pk, now) for pk in list(unheld.values_list("pk", flat=True)))


def dead(owners: Iterable[str]) -> list[str]:
    return [owner for owner in set(owners) if processes.is_dead(owner)]


def orphans_release(lease: Lease, now: datetime) -> None:
    """A lane just taken holds no running job, unless its former worker died with it."""
    for pk in lane_orphans(lease.lane.pk):
        orphan_release(pk, now)


def orphan_release(job_id: int, now: datetime) -> bool:
    """Put a job whose worker died back in line, or to the dead letters after three deaths. False when it moved on."""
    with transaction.atomic():
        running = SyncJob.objects.select_for_update(of=("self",)).select_related("connection")
        job = running.filter(pk=job_id, status=SyncJob.Status.RUNNING).first()
        if job is None:
            return False
        job.deaths += 1
        interruption_note(job, Attempt.WORKER_DIED, "The worker ended in the middle of this attempt.", now)
        if job.deaths >= DEATHS_ALLOWED or is_known_killer(job):
            _bury(job, now)
        else:
            job_put_back(job, not_before=now + death_pause(job.deaths))
    return True


def is_known_killer(job: SyncJob) -> bool:
    """True for a record buried for this before: one death is enough, so that hints cannot make it kill on and on."""
    record = record_find(job.connection_id, job.flow, job.external_id)
    return record is not None and (record.disposition, record.code) == (Record.Disposition.DEAD, WorkerDied.code)


def interruption_note(job: SyncJob, outcome: str, sentence: str, now: datetime) -> None:
    """What is known of a try that could not say itself how it ended: at worst a write is still on its way."""
    began_at = job.claimed_at or now
    Attempt.objects.create(
        job=job,
        number=job.attempts,
        worker="",
        outcome=outcome,
        sentence=sentence,
        began_at=began_at,
        duration_ms=max(0, int((now - began_at) / timedelta(milliseconds=1))),
    )


def _bury(job: SyncJob, now: datetime) -> None:
    failure = WorkerDied("This record ended its worker again and again; it is not tried any more by itself.")
    known = record_find(job.connection_id, job.flow, job.external_id)
    record = record_of(job, FLOWS.get(job.flow), known, now)
    record.disposition, record.changed_at = Record.Disposition.DEAD, now
    record.code, record.reason = failure.code, failure.summary
    record.save()
    SyncJob.objects.filter(pk=job.pk).update(status=SyncJob.Status.DEAD, deaths=job.deaths, finished_at=now)
    error_record(
        connection=job.connection,
        flow=job.flow,
        external_id=job.external_id,
        label=record.label,
        failure=failure,
        state=SyncError.State.DEAD,
        amount=record.source_total,
        currency=record.currency,
        attempts=job.attempts,
        now=now,
    )
