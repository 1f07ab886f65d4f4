"""Our own writes, heard back: BigCommerce tells of every change of an order, also of ours.

Its callback names no version, but the second in which it arose. One callback of the second in which we wrote, or of the
two after it, tells of our write; a second one tells of somebody else's, and is looked at. What somebody changes in
the very second of our write is not told apart: neither its callback nor its version differs.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from connections.connectors.http import http_date
from syncjobs.models import InboxEvent, Record, SyncJob
from syncjobs.stores.topics import ECHOES

LATEST = timedelta(seconds=2)  # after the write


def echo_of(job: SyncJob, record: Record) -> Sequence[InboxEvent]:
    """The callbacks behind a job when they only tell of our own write; none when something else is behind it."""
    wrote_at = http_date(record.source_version) if job.cause == "webhook" else None
    if wrote_at is None or record.disposition != Record.Disposition.BOOKED:
        return ()
    ours = InboxEvent.objects.filter(connection=job.connection_id, external_id=job.external_id)
    events = list(ours.filter(job=job))
    if len(events) != job.hints or any(event.topic not in ECHOES for event in events):
        return ()
    near = [event for event in ours.filter(topic__in=ECHOES) if _is_near(event, wrote_at)]
    is_one = len(near) == 1 and near[0].deliveries == 1
    return events if is_one and events == near else ()


def _is_near(event: InboxEvent, wrote_at: datetime) -> bool:
    """True when the event arose in the second of our write or shortly after."""
    arose = json.loads(event.body).get("created_at")
    if not isinstance(arose, int):
        return False
    return wrote_at <= datetime.fromtimestamp(arose, UTC) <= wrote_at + LATEST
