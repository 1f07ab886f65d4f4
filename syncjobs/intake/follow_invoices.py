"""Following Heartland's invoices: what a location shipped is carried back to the store.

The webhook of a completed invoice only hurries the look; a tracking number that is entered later has no webhook at all
(Heartland notes §15), so that invoices are asked for by time of change.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from connections.models import Connection
from errors.failures import PermissionMissing
from syncjobs.engine.enqueueing import jobs_enqueue
from syncjobs.engine.quiet import is_hurried
from syncjobs.flows.orders.standing_for import orders_of
from syncjobs.flows.shipments import SHIPMENTS
from syncjobs.flows.shipments.questions import REFUNDED
from syncjobs.intake.feeds import OVERLAP, heartland_follow
from syncjobs.models import Cursor, Record
from syncjobs.pos.port import Feeds, InvoiceHead

ENDED_BY_A_RETURN = ("shipped_after_end", REFUNDED)
AT_ONCE = 100  # invoices whose returns are asked for in one look


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

    def walk(feeds: Feeds, since: datetime) -> Invoices:
        seen, after, has_more = Invoices(newest=since), "", True
        while has_more:
            heads, has_more = feeds.invoices(after, since=since - OVERLAP)
            _take_in(connection, heads, seen, now)
            after = heads[-1].id if heads else after
        _take_in_returns(connection, feeds, seen, now)
        return seen

    is_told = is_hurried(connection, Cursor.INVOICES)
    longest = settings.POLL_SECONDS if is_told else settings.POLL_SECONDS_WITHOUT_HOOKS
    return heartland_follow(connection, Cursor.INVOICES, now, walk, longest=longest)


def _take_in_returns(connection: Connection, feeds: Feeds, seen: Invoices, now: datetime) -> None:
    """Queue the invoices that wait for a return and have a new one: one call, made only while any waits.

    The return's webhook only hurries this.
    """
    held = Record.objects.filter(
        connection=connection, flow=SHIPMENTS.name, disposition=Record.Disposition.HELD, code__in=ENDED_BY_A_RETURN
    )
    known = {one: facts.get("returns", []) for one, facts in held.values_list("external_id", "facts")[:AT_ONCE]}
    if not known:
        return
    found: Mapping[str, list[str]] = {}
    with suppress(PermissionMissing):  # then a person says what was taken back
        found = feeds.returns_of(list(known))
    news = [one for one in known if set(found.get(one, ())) - set(known[one])]
    seen.queued += len(news)
    if news:
        jobs_enqueue(connection=connection, flow=SHIPMENTS.name, external_ids=news, cause="poll", now=now)


def _take_in(connection: Connection, heads: list[InvoiceHead], seen: Invoices, now: datetime) -> None:
    """Queue what is news of this store's orders; invoices of others are none of our business."""
    ours = orders_of(connection, [head.order_id for head in heads if head.order_id])
    mine = {head.id: head.version for head in heads if head.order_id in ours and not head.is_pending}
    known = Record.objects.filter(connection=connection, flow=SHIPMENTS.name, external_id__in=mine)
    versions = dict(known.values_list("external_id", "source_version"))
    news = [one for one, version in mine.items() if versions.get(one) != version]
    seen.found += len(mine)
    seen.queued += len(news)
    seen.newest = max([seen.newest, *(head.changed_at for head in heads)])
    if news:
        jobs_enqueue(connection=connection, flow=SHIPMENTS.name, external_ids=news, cause="poll", now=now)
