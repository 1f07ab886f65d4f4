"""Following Heartland's invoices: what a location shipped is carried back to the store.

The webhook of a completed invoice only hurries the look; a tracking number that is entered later has no webhook at all
(Heartland notes §15), so that invoices are asked for by time of change.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from connections.connectors.heartland.client import HeartlandClient
from connections.models import Connection
from errors.failures import PermissionMissing
from ipaas.types import JSON
from mappings.core.heartland.invoices import invoice_version
from syncjobs.engine.enqueueing import jobs_enqueue
from syncjobs.engine.quiet import is_hurried
from syncjobs.flows.orders.standing_for import orders_of
from syncjobs.flows.shipments import SHIPMENTS, invoice_fields
from syncjobs.flows.shipments.questions import REFUNDED
from syncjobs.intake.feeds import OVERLAP, heartland_follow
from syncjobs.models import Cursor, Record

ENDED_BY_A_RETURN = ("shipped_after_end", REFUNDED)
AT_ONCE = 100  # invoices whose returns are asked for in one look
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

    def walk(client: HeartlandClient, since: datetime) -> Invoices:
        seen, after, has_more = Invoices(newest=since), 0, True
        while has_more:
            rows, has_more = client.invoices_page(after, updated_since=since - OVERLAP)
            _take_in(connection, rows, seen, now)
            after = int(rows[-1]["id"]) if rows else after
        _take_in_returns(connection, client, seen, now)
        return seen

    is_told = is_hurried(connection, Cursor.INVOICES)
    longest = settings.POLL_SECONDS if is_told else settings.POLL_SECONDS_WITHOUT_HOOKS
    return heartland_follow(connection, Cursor.INVOICES, now, walk, longest=longest)


def _take_in_returns(connection: Connection, client: HeartlandClient, seen: Invoices, now: datetime) -> None:
    """Queue the invoices that wait for a return and have a new one: one call, made only while any waits.

    The return's webhook only hurries this.
    """
    held = Record.objects.filter(
        connection=connection, flow=SHIPMENTS.name, disposition=Record.Disposition.HELD, code__in=ENDED_BY_A_RETURN
    )
    known = {one: facts.get("returns", []) for one, facts in held.values_list("external_id", "facts")[:AT_ONCE]}
    if not known:
        return
    found: dict[str, list[str]] = {one: [] for one in known}
    with suppress(PermissionMissing):  # then a person says what was taken back
        for ticket in client.returns_of(list(known)):
            found[str(ticket["parent_transaction_id"])].append(str(ticket["id"]))
    news = [one for one, tickets in found.items() if set(tickets) - set(known[one])]
    seen.queued += len(news)
    if news:
        jobs_enqueue(connection=connection, flow=SHIPMENTS.name, external_ids=news, cause="poll", now=now)


def _take_in(connection: Connection, rows: list[JSON], seen: Invoices, now: datetime) -> None:
    """Queue what is news of this store's orders; invoices of others are none of our business."""
    orders = [str(row["order_id"]) for row in rows if row.get("order_id")]
    ours = orders_of(connection, orders)
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
