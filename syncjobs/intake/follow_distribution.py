"""Which booked orders still wait for distribution: Heartland has no webhook for it (its note, §15), so we look.

Asked are only the orders that we believe undistributed: one call for fifty of them, none when all are distributed. The
longer one waits, the less often it is asked for. All pauses are powers of two and begin at the same minutes, so that
orders of any age share their calls, and as many as there are need no more of them than the youngest alone.
"""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from connections import clients
from connections.models import Connection
from connections.services import access_recheck
from errors.failures import CredentialsRejected, SyncFailure
from mappings.core.heartland.sales_orders import SalesOrder, sales_order_from_heartland
from syncjobs.engine.call_guard import Guard, guarded
from syncjobs.engine.circuits import CircuitsSeen, circuits_look
from syncjobs.engine.defects import defects_reported
from syncjobs.engine.enqueueing import jobs_enqueue
from syncjobs.engine.stalls import DISTRIBUTION, look_moves, look_stalls
from syncjobs.flows.orders import ORDERS, evidence
from syncjobs.flows.orders.left_pieces import still_to_leave
from syncjobs.flows.orders.news import is_news
from syncjobs.flows.orders.waiting_orders import HEARTLAND_TOLD
from syncjobs.models import Cursor, Record, ServiceClass

FEED = "heartland.orders"
ORDERS_PER_CALL = 50
ORDERS_AT_ONCE = 500  # of one look; the newest come first
MINUTE = 60
SHARE = 15  # an order is asked for again after this part of the time that it has waited
LONGEST_MINUTES = 16
LEASE = timedelta(seconds=90)
SEEN_ANEW = timedelta(minutes=1)


def distribution_look(*, connection: Connection, now: datetime) -> int | None:
    """Update what we know of undistributed orders; answers how many were asked for.

    None when the look is not due, somebody else has it, or Heartland may not or cannot be asked now.
    """
    if not connection.is_running or not _take(connection, now):
        return None
    waiting = _waiting(connection, now)
    circuits = circuits_look(connection.pk, now) if waiting else CircuitsSeen()
    if circuits.wait:
        _give_back(connection, now)
        return None
    try:
        with (
            guarded(connection, ServiceClass.SOON, now, circuits=circuits, reads_heartland=True) as guard,
            defects_reported("the look at undistributed orders", connection=connection.pk),
        ):
            for start in range(0, len(waiting), ORDERS_PER_CALL):
                _look_at(connection, guard, waiting[start : start + ORDERS_PER_CALL], now)
    except SyncFailure as trouble:
        if isinstance(trouble, CredentialsRejected):
            access_recheck(owner=connection.heartland, reason=trouble.summary)
        look_stalls(connection, DISTRIBUTION, trouble, now)
        _give_back(connection, now, failure=trouble.summary[:300])
        return None
    look_moves(connection, DISTRIBUTION, now)
    _give_back(connection, now, failure="", succeeded_at=now)
    return len(waiting)


def connections_to_look_at() -> list[int]:
    """The running connections with orders to ask for, or with a look that failed: one that succeeds closes that."""
    failed = Cursor.objects.filter(feed=FEED, failure__gt="").values("connection")
    concerned = Q(pk__in=_undistributed().values("connection")) | Q(pk__in=failed)
    return list(Connection.objects.running().filter(concerned).values_list("pk", flat=True))


def _undistributed() -> QuerySet[Record]:
    is_there = Q(disposition=Record.Disposition.BOOKED) | Q(settlement__heartland_id__gt="")
    return Record.objects.filter(is_there, flow=ORDERS.name, is_distributed=False).exclude(target_label="")


def _waiting(connection: Connection, now: datetime) -> list[Record]:
    """Those of the undistributed orders that are to be asked for now."""
    last = Cursor.objects.values_list("succeeded_at", flat=True).get(connection=connection, feed=FEED)
    times = _undistributed().filter(connection=connection).order_by("-booked_at").values_list("pk", "booked_at")
    due = [pk for pk, booked_at in times if is_due(booked_at, last, now)]
    records = Record.objects.filter(pk__in=due[:ORDERS_AT_ONCE]).order_by("-booked_at")
    return list(records.select_related("connection__order_settings"))


def is_due(booked_at: datetime | None, last: datetime | None, now: datetime) -> bool:
    """True when an order that waits since `booked_at` was to be asked for between the last look and now."""
    if booked_at is None or last is None:
        return True
    waited = int((now - booked_at).total_seconds()) // MINUTE
    minutes = 1
    while minutes < LONGEST_MINUTES and 2 * minutes * SHARE <= waited:
        minutes *= 2
    return int(last.timestamp()) // (minutes * MINUTE) < int(now.timestamp()) // (minutes * MINUTE)


def _look_at(connection: Connection, guard: Guard, records: list[Record], now: datetime) -> None:
    client = clients.heartland_client(connection.heartland, observer=guard)
    answers = client.orders_by_numbers([record.target_label for record in records])
    found = {order.id: order for order in map(sales_order_from_heartland, answers)}
    known = [(record, found[record.target_id]) for record in records if record.target_id in found]
    news = [record.external_id for record, order in known if is_news(record, order)]
    orders_keep(known, now)
    if news:
        jobs_enqueue(connection=connection, flow=ORDERS.name, external_ids=news, cause=HEARTLAND_TOLD, now=now)


def orders_keep(known: Iterable[tuple[Record, SalesOrder]], now: datetime) -> None:
    """Note the states as read `now`: a statement for each order that moved on, and one for those that did not.

    Of the latter the time is kept to the minute: lists overlap, and name a quiet order at every look for a while.
    """
    quiet = []
    for record, order in known:
        changes = _changes(record, order)
        if all(getattr(record, name) == value for name, value in changes.items()):
            quiet.append(record.pk)
        else:
            _keep(record, changes, now)
    if quiet:
        seen_before = Q(target_seen_at__isnull=True) | Q(target_seen_at__lt=now - SEEN_ANEW)
        Record.objects.filter(seen_before, pk__in=quiet).update(target_seen_at=now)


def order_keep(record: Record, order: SalesOrder, now: datetime) -> None:
    """Note the state as read `now`."""
    _keep(record, _changes(record, order), now)


def _changes(record: Record, order: SalesOrder) -> dict[str, Any]:
    facts = record.facts | {"heartland": evidence.heartland_facts(order)}
    left = still_to_leave(record.connection, record.external_id, facts, record.source_meaning)
    return {"is_distributed": order.is_distributed, "facts": facts, **asdict(left)}


def _keep(record: Record, changes: dict[str, Any], now: datetime) -> None:
    """What a run of the same order learned meanwhile is not overwritten."""
    unchanged = Record.objects.filter(pk=record.pk, changed_at=record.changed_at, read_at=record.read_at)
    unchanged.update(**changes, target_seen_at=now)


def _take(connection: Connection, now: datetime) -> bool:
    """Lease the feed's row when it is due and free."""
    Cursor.objects.get_or_create(connection=connection, feed=FEED, defaults={"due_at": now})
    free = Cursor.objects.filter(Q(lease_until__isnull=True) | Q(lease_until__lt=Now()), due_at__lte=now)
    return free.filter(connection=connection, feed=FEED).update(lease_until=Now() + LEASE) == 1


def _give_back(connection: Connection, now: datetime, **changes: object) -> None:
    due_at = now + timedelta(seconds=settings.POLL_SECONDS_WITHOUT_HOOKS)
    Cursor.objects.filter(connection=connection, feed=FEED).update(lease_until=None, due_at=due_at, **changes)
