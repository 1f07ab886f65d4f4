"""Our own writes, heard back: a store may tell of every change of an order, also of ours.

Its callback names no version, but the time at which it arose. One callback of the time of our write tells of it, and
is used up by it; a second one tells of somebody else's, and is looked at. Whatever is read after our write is all that
there is to hear, so a look uses it up too. What somebody changes in the very moment of our write is not told apart:
neither its callback nor its version differs.

The inbox knows an echo as it comes (`syncjobs/intake/inbox.py`), unless the run that wrote is not recorded yet.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from connections.store_kinds import kind_of
from syncjobs.callbacks.senders import SENDERS
from syncjobs.models import InboxEvent, Record, SyncJob

ECHO_SECONDS = 2  # after the write, by the store's clock


class Echo(NamedTuple):
    """What a callback of our last write to a record looks like."""

    system: str
    topics: list[str]
    first: datetime  # it arises from here on
    last: datetime  # to here, both included


def echo_of(job: SyncJob, record: Record) -> Echo | None:
    """What an echo behind a job would look like; None when something else is behind it, or we wrote nothing."""
    is_one = job.cause == "webhook" and job.hints == 1
    sender = SENDERS.get(kind_of(job.connection.store).profile.system)
    if not is_one or record.own_write_at is None or sender is None or not sender.echoes:
        return None
    last = record.own_write_at + timedelta(seconds=ECHO_SECONDS)
    return Echo(str(sender.system), sorted(sender.echoes), record.own_write_at, last)


def echo_find(job: SyncJob, echo: Echo) -> InboxEvent | None:
    """The one callback behind a job when it is an echo (see CONCLUDE_ECHO)."""
    is_near = {"system": echo.system, "topic__in": echo.topics, "arose_at__range": (echo.first, echo.last)}
    ours = InboxEvent.objects.filter(connection=job.connection_id, external_id=job.external_id, **is_near)
    return ours.filter(job=job, job__hints=1, deliveries=1).first()
