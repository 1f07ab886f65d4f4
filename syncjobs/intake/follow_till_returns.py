"""Following returns at the tills: those of web orders are given back in the store, where the merchant says so.

They are asked for by time of change; the webhook of a completed ticket only hurries the look (Heartland notes §15). The
cursor is their own, so that it stands still while the right to see tickets is missing, and begins with the switch.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from connections.models import Connection, OrderSettings
from mappings.models import Link
from syncjobs.engine.enqueueing import jobs_enqueue
from syncjobs.engine.quiet import is_hurried
from syncjobs.flows.orders.standing_for import orders_of
from syncjobs.flows.refund_records import FROM_TILL, REFUNDS
from syncjobs.flows.returns import RETURNS
from syncjobs.flows.returns.return_context import WAITS
from syncjobs.flows.shipments import SHIPMENTS
from syncjobs.intake.feeds import OVERLAP, heartland_follow
from syncjobs.models import Cursor, Record
from syncjobs.pos.port import Feeds, ReturnHead


@dataclass
class TillReturns:
    """What one look saw."""

    newest: datetime  # time of change, by Heartland's clock
    found: int = 0  # returns that changed, of any sale


def till_returns_follow(*, connection: Connection, now: datetime) -> TillReturns | None:
    """Queue the returns that changed since the cursor and may be of this store's orders.

    None where that is switched off, and as `heartland_follow`.
    """
    if connection.order_settings.till_returns == OrderSettings.TillReturns.OFF:
        return None
    _go_on(connection, now)

    def walk(feeds: Feeds, since: datetime) -> TillReturns:
        seen, after, has_more = TillReturns(newest=since), "", True
        while has_more:
            heads, has_more = feeds.till_returns(after, since=since - OVERLAP)
            _queue(connection, heads, feeds, now)
            seen.found += len(heads)
            seen.newest = max([seen.newest, *(one.changed_at for one in heads)])
            after = heads[-1].id if heads else after
        return seen

    is_told = is_hurried(connection, Cursor.TILL_RETURNS)
    longest = settings.POLL_SECONDS if is_told else settings.POLL_SECONDS_WITHOUT_HOOKS
    return heartland_follow(connection, Cursor.TILL_RETURNS, now, walk, longest=longest)


def _go_on(connection: Connection, now: datetime) -> None:
    """Queue those that waited for a provider, and have waited long enough."""
    rows = Record.objects.filter(
        connection=connection, flow=RETURNS.name, disposition=Record.Disposition.IN_FLIGHT, code=WAITS
    )
    waiting = dict(rows.values_list("external_id", "facts__again_at"))
    due = [one for one, at in waiting.items() if not at or datetime.fromisoformat(at) <= now]
    if due:
        jobs_enqueue(connection=connection, flow=RETURNS.name, external_ids=due, cause="poll", now=now)


def _queue(connection: Connection, heads: Sequence[ReturnHead], feeds: Feeds, now: datetime) -> None:
    known = Record.objects.filter(connection=connection, flow=RETURNS.name, external_id__in=[one.id for one in heads])
    versions = dict(known.values_list("external_id", "source_version"))
    news = [one for one in heads if versions.get(one.id) != one.version and (one.id in versions or not one.is_void)]
    _queue_voided(connection, [one.id for one in heads if one.is_void], now)
    web = _of_web_orders(connection, {one.parent_id for one in news if one.parent_id}, feeds)
    people = _web_customers(connection, {one.customer_id for one in news if not one.parent_id and one.customer_id})
    mine = [one.id for one in news if (one.parent_id in web if one.parent_id else one.customer_id in people)]
    if mine:
        jobs_enqueue(connection=connection, flow=RETURNS.name, external_ids=mine, cause="poll", now=now)


def _queue_voided(connection: Connection, ids: Collection[str], now: datetime) -> None:
    """Refunds of the store that were booked as returns which somebody voided since."""
    ours = Link.objects.of(connection, Link.Kind.REFUND).filter(target_id__in=ids).exclude(fingerprint=FROM_TILL)
    for ticket in ours.values_list("target_id", flat=True) if ids else ():
        rows = Record.objects.filter(connection=connection, flow=REFUNDS, facts__returns__contains=[ticket])
        booked = rows.filter(disposition=Record.Disposition.BOOKED).values_list("external_id", flat=True)
        if names := list(booked):
            jobs_enqueue(connection=connection, flow=REFUNDS, external_ids=names, cause="poll", now=now)


def _of_web_orders(connection: Connection, parents: Collection[str], feeds: Feeds) -> set[str]:
    """Those that are invoices of this store's orders: a call only for tickets that we have never heard of."""
    if not parents:
        return set()
    rows = Record.objects.filter(connection=connection, flow=SHIPMENTS.name, external_id__in=parents)
    known = set(rows.values_list("external_id", flat=True))
    if not (unknown := sorted(set(parents) - known)):
        return known
    orders = feeds.orders_of_invoices(unknown)
    ours = orders_of(connection, orders.values())
    return known | {invoice for invoice, order in orders.items() if order in ours}


def _web_customers(connection: Connection, customers: Collection[str]) -> set[str]:
    """Those who bought in this store: a return that names no sale may be of one of their orders."""
    links = Link.objects.of(connection, Link.Kind.CUSTOMER).filter(target_id__in=customers)
    return set(links.values_list("target_id", flat=True))
