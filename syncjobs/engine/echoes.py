"""Our own writes, heard back: a store may tell of every change of an order, also of ours.

Its callback names no version, but the time at which it arose (`Sender.echo_times`). One callback of the time of our
write tells of it; a second one tells of somebody else's, and is looked at. What somebody changes in the very moment of
our write is not told apart: neither its callback nor its version differs.
"""

from datetime import datetime
from typing import NamedTuple

from django.db.models import Q

from connections.store_kinds import kind_of
from syncjobs.callbacks.senders import SENDERS
from syncjobs.models import InboxEvent, Record, SyncJob


class Echo(NamedTuple):
    """What callbacks of our last write to a record look like."""

    system: str
    topics: list[str]
    first: datetime  # they arise from here on
    last: datetime  # to here, both included


def echo_of(job: SyncJob, record: Record) -> Echo | None:
    """What an echo behind a job would look like; None when something else is behind it, or we wrote nothing."""
    is_one = job.cause == "webhook" and job.hints == 1
    if not is_one or not record.source_version or record.disposition != Record.Disposition.BOOKED:
        return None
    sender = SENDERS.get(kind_of(job.connection.store).profile.system)
    times = sender.echo_times(record.source_version) if sender else None
    return Echo(str(sender.system), sorted(sender.echoes), *times) if sender and times else None


def echo_find(job: SyncJob, echo: Echo) -> InboxEvent | None:
    """The one callback behind a job when it is an echo, and nothing else tells of that time (see CONCLUDE_ECHO)."""
    is_near = Q(system=echo.system, topic__in=echo.topics, arose_at__range=(echo.first, echo.last))
    ours = InboxEvent.objects.filter(connection=job.connection_id, external_id=job.external_id)
    if ours.filter(Q(job=job) | is_near).count() != 1:
        return None
    return ours.filter(is_near, job=job, job__hints=1, deliveries=1).first()
