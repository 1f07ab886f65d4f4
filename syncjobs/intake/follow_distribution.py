"""Which booked orders still wait for distribution: Heartland has no webhook for it (its note, §15), so we look.

Asked are only the orders that we believe undistributed: one call for fifty of them, none when all are distributed.
"""

import time
from dataclasses import asdict
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from connections import clients
from connections.models import Connection
from connections.services import access_recheck
from errors.failures import CredentialsRejected, SyncFailure
from mappings.core.heartland.sales_orders import SalesOrder, sales_order_from_heartland
from syncjobs.engine.call_guard import Guard
from syncjobs.engine.circuits import circuits_look
from syncjobs.engine.defects import defects_reported
from syncjobs.engine.enqueueing import jobs_enqueue
from syncjobs.engine.running import RUN_SECONDS
from syncjobs.engine.stalls import DISTRIBUTION, look_moves, look_stalls
from syncjobs.flows.orders import ORDERS, evidence
from syncjobs.flows.orders.find_sales_order import CAUSE
from syncjobs.flows.orders.left_pieces import still_to_leave
from syncjobs.flows.orders.news import is_news
from syncjobs.models import Cursor, Record, ServiceClass

FEED = "heartland.orders"
ORDERS_PER_CALL = 50
ORDERS_AT_ONCE = 500  # of one look; the newest come first
LEASE = timedelta(seconds=90)


def distribution_look(*, connection: Connection, now: datetime) -> int | None:
    """Update what we know of undistributed orders; answers how many were asked for.

    None when the look is not due, somebody else has it, or Heartland may not or cannot be asked now.
    """
    if not connection.is_running or circuits_look(connection.pk, now).wait or not _take(connection, now):
        return None
    waiting = list(_waiting(connection))
    failure = ""
    try:
        with defects_reported("the look at undistributed orders", connection=connection.pk):
            for start in range(0, len(waiting), ORDERS_PER_CALL):
                _look_at(connection, waiting[start : start + ORDERS_PER_CALL], now)
    except SyncFailure as trouble:
        failure = trouble.summary
        if isinstance(trouble, CredentialsRejected):
            access_recheck(owner=connection.heartland, reason=trouble.summary)
        look_stalls(connection, DISTRIBUTION, trouble, now)
    else:
        look_moves(connection, DISTRIBUTION, now)
    _give_back(connection, now, failure)
    return None if failure else len(waiting)


def _waiting(connection: Connection) -> "list[Record]":
    is_there = Q(disposition=Record.Disposition.BOOKED) | Q(settlement__heartland_id__gt="")
    booked = Record.objects.filter(is_there, connection=connection, flow=ORDERS.name, is_distributed=False)
    booked = booked.select_related("connection__order_settings")
    return list(booked.exclude(target_label="").order_by("-booked_at")[:ORDERS_AT_ONCE])


def _look_at(connection: Connection, records: list[Record], now: datetime) -> None:
    deadline = time.monotonic() + RUN_SECONDS
    circuits = circuits_look(connection.pk, now)
    guard = Guard(connection, ServiceClass.SOON, circuits, deadline, reads_heartland=True)
    try:
        client = clients.heartland_client(connection.heartland, observer=guard)
        answers = client.orders_by_numbers([record.target_label for record in records])
    finally:
        guard.settle(now)
        guard.give_back()
    found = {order.id: order for order in map(sales_order_from_heartland, answers)}
    known = [(record, found[record.target_id]) for record in records if record.target_id in found]
    news = [record.external_id for record, order in known if is_news(record, order)]
    for record, order in known:
        order_keep(record, order, now)
    if news:
        jobs_enqueue(connection=connection, flow=ORDERS.name, external_ids=news, cause=CAUSE, now=now)


def order_keep(record: Record, order: SalesOrder, now: datetime) -> None:
    """Note the state as read `now`; what a run of the same order learned meanwhile is not overwritten."""
    is_distributed = order.is_distributed
    facts = record.facts | {"heartland": evidence.heartland_facts(order)}
    left = still_to_leave(record.connection, facts, record.source_meaning)
    unchanged = Record.objects.filter(pk=record.pk, changed_at=record.changed_at, read_at=record.read_at)
    unchanged.update(is_distributed=is_distributed, facts=facts, target_seen_at=now, **asdict(left))


def _take(connection: Connection, now: datetime) -> bool:
    """Lease the feed's row when it is due and free."""
    Cursor.objects.get_or_create(connection=connection, feed=FEED, defaults={"due_at": now})
    free = Cursor.objects.filter(Q(lease_until__isnull=True) | Q(lease_until__lt=Now()), due_at__lte=now)
    return free.filter(connection=connection, feed=FEED).update(lease_until=Now() + LEASE) == 1


def _give_back(connection: Connection, now: datetime, failure: str) -> None:
    changes: dict[str, object] = {"lease_until": None, "failure": failure[:300]}
    changes["due_at"] = now + timedelta(seconds=settings.POLL_SECONDS_WITHOUT_HOOKS)
    if not failure:
        changes["succeeded_at"] = now
    Cursor.objects.filter(connection=connection, feed=FEED).update(**changes)
