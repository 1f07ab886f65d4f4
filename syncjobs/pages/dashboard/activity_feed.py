"""What people changed and what became of records, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from connections.models import AuditEntry
from syncjobs.flows import FLOWS
from syncjobs.models import Attempt, Record, SyncJob
from syncjobs.pages.dashboard.dashboard_scope import Scope


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line of the activity feed."""

    at: datetime
    who: str
    text: str
    state: str = ""
    href: str = ""
    store: str = ""


def activity(scope: Scope, limit: int = 12) -> list[Event]:
    """What people changed and what became of records, newest first, so that cause and effect are neighbours."""
    merchants = {connection.merchant_id for connection in scope.connections}
    changes = AuditEntry.objects.filter(merchant__in=merchants).select_related("actor").order_by("-at")[:limit]
    tries = Attempt.objects.filter(job__connection__in=scope.connections).order_by("-began_at")
    events = [Event(at=row.at, who=row.who, text=audit_words(row)) for row in changes]
    newest = list(tries.select_related("job__connection__store")[:limit])
    labels = labels_of([row.job for row in newest])
    for row in newest:
        job = row.job
        who = labels.get((job.connection_id, job.flow, job.external_id)) or job_label(job)
        events.append(
            Event(
                at=row.began_at,
                who=who,
                text=row.sentence or who,
                state=row.outcome,
                href=page_of(job),
                store=str(job.connection.store),
            )
        )
    return sorted(events, key=lambda event: event.at, reverse=True)[:limit]


def labels_of(jobs: Sequence[SyncJob]) -> dict[tuple[int, str, str], str]:
    """What the records of jobs are called, by (connection, flow, id): an order's number may be another than its id."""
    rows = Record.objects.filter(
        connection__in={job.connection_id for job in jobs}, external_id__in={job.external_id for job in jobs}
    )
    return {(row.connection_id, row.flow, row.external_id): row.label for row in rows.exclude(label="")}


def job_label(job: SyncJob) -> str:
    return FLOWS[job.flow].label(job.external_id) if job.flow in FLOWS else job.external_id


def page_of(job: SyncJob) -> str:
    """The page that explains a job's record."""
    return reverse("record", args=[job.connection.public_id, job.flow, job.external_id])


def audit_words(entry: AuditEntry) -> str:
    """`store.connected` of Harbor & Pine as `Store connected: Harbor & Pine`."""
    return f"{entry.words}: {entry.subject}"
