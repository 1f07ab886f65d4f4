"""Following Heartland's invoices: what a location shipped is carried back to the store.

The webhook of a completed invoice only hurries the look; a tracking number that is entered later has no webhook at all
(Heartland notes §15), so that invoices are asked for by time of change.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import F

from connections import clients
from connections.models import Connection
from connections.services import access_doubted
from errors.failures import CredentialsRejected, SyncFailure
from ipaas.types import JSON
from mappings.core.shipments import invoice_version
from mappings.models import Link
from syncjobs.cursors import cursor_advance, cursor_postpone, cursor_take
from syncjobs.flows.shipments import SHIPMENTS, invoice_fields
from syncjobs.models import Cursor, Record, ServiceClass
from syncjobs.polls import pause_after
from syncjobs.services.circuits import circuits_look
from syncjobs.services.enqueueing import jobs_enqueue
from syncjobs.services.guarding import Guard
from syncjobs.services.running import RUN_SECONDS

OVERLAP = timedelta(minutes=10)
PENDING = "pending"  # not completed: it becomes news when it is


@dataclass
class Invoices:
    """What one look saw."""

    newest: datetime  # time of change, by Heartland's clock
    found: int = 0  # invoices of this store's orders that changed
    queued: int = 0  # of them, those that we have not carried as they are


def invoices_follow(*, connection: Connection, now: datetime) -> Invoices | None:
    """Queue the invoices of this store's orders that changed since the cursor.

    The cursor moves when all are queued. None when the look is not due, somebody else has it, or Heartland may not or
    cannot be asked now.
    """
    cursor = cursor_take(connection, Cursor.INVOICES, now) if connection.is_running else None
    if cursor is None:
        return None
    circuits = circuits_look(connection.pk, now)
    if circuits.wait:
        cursor_postpone(cursor, now, timedelta(seconds=circuits.wait), failure=cursor.failure)
        return None
    guard = Guard(connection, ServiceClass.SOON, circuits, time.monotonic() + RUN_SECONDS, reads_heartland=True)
    try:
        seen = _walk(connection, cursor, guard, now)
    except SyncFailure as failure:
        if isinstance(failure, CredentialsRejected):
            access_doubted(owner=connection.heartland, reason=failure.summary)
        cursor_postpone(cursor, now, pause_after(failure), failure=failure.summary)
        return None
    finally:
        guard.settle(now)
        guard.give_back()
    pause = timedelta(seconds=settings.POLL_SECONDS_WITHOUT_HOOKS)
    cursor_advance(cursor, now, pause, position=seen.newest.astimezone(UTC), found=F("found") + seen.found)
    return seen


def _walk(connection: Connection, cursor: Cursor, guard: Guard, now: datetime) -> Invoices:
    client = clients.heartland_client(connection.heartland, observer=guard)
    since = datetime.fromisoformat(cursor.position) if cursor.position else connection.created_at
    seen, after, has_more = Invoices(newest=since.astimezone(UTC)), 0, True
    while has_more:
        rows, has_more = client.invoices_page(after, updated_since=since - OVERLAP)
        _take_in(connection, rows, seen, now)
        after = int(rows[-1]["id"]) if rows else after
    return seen


def _take_in(connection: Connection, rows: list[JSON], seen: Invoices, now: datetime) -> None:
    """Queue what is news of this store's orders; invoices of others are none of our business."""
    orders = [str(row["order_id"]) for row in rows if row.get("order_id")]
    ours = set(
        Link.objects.of(connection, Link.Kind.ORDER).filter(target_id__in=orders).values_list("target_id", flat=True)
    )
    mine = {str(row["id"]): row for row in rows if str(row.get("order_id")) in ours and row.get("status") != PENDING}
    known = Record.objects.filter(connection=connection, flow=SHIPMENTS.name, external_id__in=mine)
    versions = dict(known.values_list("external_id", "source_version"))
    fields = invoice_fields(connection.order_settings)
    news = [one for one, row in mine.items() if versions.get(one) != invoice_version(row, **fields)]
    seen.found += len(mine)
    seen.queued += len(news)
    moments = [datetime.fromisoformat(str(row["updated_at"])) for row in rows]
    seen.newest = max([*moments, seen.newest])
    if news:
        jobs_enqueue(connection=connection, flow=SHIPMENTS.name, external_ids=news, cause="poll", now=now)
