"""What people changed and what became of records, side by side; neighbours that say the same stand as one line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import reverse

from connections.models import AuditEntry
from syncjobs.flows import FLOWS
from syncjobs.models import Attempt, Record, SyncJob
from syncjobs.pages.dashboard.dashboard_scope import Scope
from syncjobs.pages.dashboard.needs_you import NOUNS

LOOKED_AT = 120  # of each sort: what is grouped


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line of the activity feed; `count` of what became alike, one after the other."""

    at: datetime
    who: str
    text: str
    state: str = ""
    href: str = ""
    store: str = ""
    noun: str = ""  # of what is counted
    count: int = 1
    since: datetime | None = None  # when the first of several was

    @property
    def key(self) -> tuple[str, ...]:
        """What is alike."""
        return (self.state, self.noun, self.store) if self.state else ("", self.who, self.text)


def activity(scope: Scope, limit: int = 12) -> list[Event]:
    """Newest first, so that cause and effect are neighbours: "12 orders" instead of twelve lines."""
    merchants = {connection.merchant_id for connection in scope.connections}
    changes = AuditEntry.objects.filter(merchant__in=merchants).select_related("actor").order_by("-at")[:LOOKED_AT]
    tries = Attempt.objects.filter(job__connection__in=scope.connections).order_by("-pk")
    newest = list(tries.select_related("job__connection__store")[:LOOKED_AT])
    labels = labels_of([row.job for row in newest])
    events = [Event(at=row.at, who=row.who, text=audit_words(row)) for row in changes]
    events += [_tried(row, labels) for row in newest]
    return grouped(sorted(events, key=lambda event: event.at, reverse=True))[:limit]


def _tried(row: Attempt, labels: dict[tuple[int, str, str], str]) -> Event:
    job = row.job
    who = labels.get((job.connection_id, job.flow, job.external_id)) or job_label(job)
    return Event(
        at=row.began_at,
        who=who,
        text=row.sentence or who,
        state=row.outcome,
        href=page_of(job),
        store=str(job.connection.store),
        noun=NOUNS.get(job.flow, "record"),
    )


def grouped(events: Iterable[Event]) -> list[Event]:
    """Neighbours that are alike as one, with how many there are and when the first was."""
    found: list[Event] = []
    for event in events:
        last = found[-1] if found else None
        if last is not None and last.key == event.key:
            found[-1] = replace(last, count=last.count + 1, since=event.at)
        else:
            found.append(event)
    return found


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
