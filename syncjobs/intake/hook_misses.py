"""The webhook miss rate: of the changes that we looked at, how many polling alone had found.

A change that polling finds may still be told by a webhook on its way, so that each is judged a while later, from the
ledger: a job that a poll made is a miss when no message about its order came around then, however late.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, Max, OuterRef

from connections.store_kinds import profile_of
from syncjobs.models import Cursor, InboxEvent, SyncJob

GRACE = timedelta(seconds=60)  # a webhook may be that late
BEFORE = timedelta(minutes=10)  # a message that came so long before a poll may be of the change that it found
CAUSES = ("webhook", "poll")


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What became of the changes since the last judgement."""

    found: int
    missed: int  # of them, those no webhook told us of
    last_job: int  # up to which all are judged


def misses_judge(cursor: Cursor, flow: str, now: datetime) -> Judged:
    """Judge the looks at records of a flow that are old enough; those of the first poll are history, and no misses."""
    if not cursor.position:
        return Judged(found=0, missed=0, last_job=SyncJob.objects.aggregate(last=Max("pk"))["last"] or 0)
    rows = SyncJob.objects.filter(
        connection=cursor.connection_id, flow=flow, pk__gt=cursor.judged_job, created_at__lte=now - GRACE
    )
    last_job = rows.aggregate(last=Max("pk"))["last"] or cursor.judged_job
    messages = InboxEvent.objects.filter(
        connection=cursor.connection_id,
        system=profile_of(cursor.connection.store).system,
        external_id=OuterRef("external_id"),
        received_at__gte=OuterRef("created_at") - BEFORE,
        received_at__lte=OuterRef("created_at") + GRACE,
    )
    missed = rows.filter(cause="poll").exclude(Exists(messages)).count()
    return Judged(found=rows.filter(cause__in=CAUSES).count(), missed=missed, last_job=last_job)
