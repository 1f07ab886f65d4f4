"""Our own writes, heard back: a store may tell of every change of an order, also of ours.

Its callback names no version, but the time at which it arose (`Sender.tells_of`). One callback of the time of our write
tells of it; a second one tells of somebody else's, and is looked at. What somebody changes in the very moment of our
write is not told apart: neither its callback nor its version differs.
"""

import json
from collections.abc import Sequence

from syncjobs.callbacks.senders import SENDERS
from syncjobs.models import InboxEvent, Record, SyncJob


def echo_of(job: SyncJob, record: Record) -> Sequence[InboxEvent]:
    """The callbacks behind a job when they only tell of our own write; none when something else is behind it."""
    if job.cause != "webhook" or not record.source_version or record.disposition != Record.Disposition.BOOKED:
        return ()
    ours = InboxEvent.objects.filter(connection=job.connection_id, external_id=job.external_id)
    events = list(ours.filter(job=job))
    if not events or len(events) != job.hints:
        return ()
    sender = SENDERS[events[0].system]
    if any(event.topic not in sender.echoes for event in events):
        return ()
    told = ours.filter(system=sender.system, topic__in=sender.echoes)
    near = [event for event in told if sender.tells_of(json.loads(event.body), record.source_version)]
    is_one = len(near) == 1 and near[0].deliveries == 1
    return events if is_one and events == near else ()
