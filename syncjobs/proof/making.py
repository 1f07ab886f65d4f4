"""Proving a day: the store's own list, read anew, against what we know of each order. What we miss is queued."""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from datetime import time as clock
from itertools import islice
from zoneinfo import ZoneInfo

from django.db import transaction

from connections import clients
from connections.models import Connection
from syncjobs.flows.orders import ORDERS
from syncjobs.models import Proof, Record, ServiceClass
from syncjobs.proof.chain import Line, digest
from syncjobs.services.circuits import circuits_look
from syncjobs.services.enqueueing import jobs_enqueue
from syncjobs.services.guarding import Guard
from syncjobs.services.running import RUN_SECONDS

ROWS_AT_ONCE = 250
SECOND = timedelta(seconds=1)
FOUND = "found_by_proof"  # code of an order that nothing here knew of


def day_of(connection: Connection, moment: datetime) -> date:
    """The merchant's day of a moment."""
    return moment.astimezone(ZoneInfo(connection.merchant.time_zone)).date()


def proof_make(*, connection: Connection, day: date, now: datetime) -> Proof:
    """Prove a day and keep it: one call for 250 orders. Raises SyncFailure with nothing kept."""
    zone = ZoneInfo(connection.merchant.time_zone)
    begins = datetime.combine(day, clock.min, zone)
    ends = datetime.combine(day + timedelta(days=1), clock.min, zone)
    circuits = circuits_look(connection.pk, now)
    guard = Guard(connection, ServiceClass.SOON, circuits, time.monotonic() + RUN_SECONDS)
    try:
        client = clients.bigcommerce_client(connection.store, observer=guard)
        ids = [str(row["id"]) for row in client.iter_orders(created_from=begins, created_to=ends - SECOND)]
    finally:
        guard.settle(now)
        guard.give_back()
    return _kept(connection, day, now, ids, beyond=_beyond(connection, begins, ends, ids))


def _kept(connection: Connection, day: date, now: datetime, ids: list[str], beyond: list[str]) -> Proof:
    lines, missing = list[Line](), list[str]()
    for some in _chunks(ids):
        known = Record.objects.filter(connection=connection, flow=ORDERS.name, external_id__in=some)
        by_id = {record.external_id: record for record in known}
        lines += [_line(one, by_id.get(one)) for one in some]
        missing += [one for one in some if one not in by_id]
    stored = [line.stored() for line in lines]
    with transaction.atomic():
        Connection.objects.select_for_update().get(pk=connection.pk)  # the chain grows at one end only
        if missing:
            jobs_enqueue(connection=connection, flow=ORDERS.name, external_ids=missing, cause="proof", now=now)
        last = Proof.objects.filter(connection=connection).order_by("-pk").first()
        previous = last.digest if last else ""
        return Proof.objects.create(
            connection=connection,
            day=day,
            made_at=now,
            orders=len(ids),
            counts=dict(Counter(line.disposition for line in lines)),
            repaired=missing,
            beyond=beyond,
            lines=stored,
            previous=previous,
            digest=digest(
                previous=previous, store=connection.store.store_hash, day=day, made_at=now.isoformat(), lines=stored
            ),
        )


def _line(order: str, record: Record | None) -> Line:
    if record is None:
        return Line(order=order, disposition=Record.Disposition.IN_FLIGHT, code=FOUND)
    is_there = record.disposition in (Record.Disposition.BOOKED, Record.Disposition.CANCELLED)
    return Line(
        order=order,
        disposition=record.disposition,
        number=record.target_label if is_there else "",
        code="" if is_there else record.code,
    )


def _beyond(connection: Connection, begins: datetime, ends: datetime, ids: list[str]) -> list[str]:
    """Orders of the day that we know and the store does not list: archived there since."""
    ours = Record.objects.filter(
        connection=connection, flow=ORDERS.name, source_placed_at__gte=begins, source_placed_at__lt=ends
    )
    listed = set(ids)
    return [one for one in ours.order_by("pk").values_list("external_id", flat=True) if one not in listed]


def _chunks(ids: list[str]) -> Iterator[list[str]]:
    rest = iter(ids)
    while some := list(islice(rest, ROWS_AT_ONCE)):
        yield some


def chain_verify(connection: Connection, *, newest: int | None = None) -> tuple[int, str]:
    """How many proofs, all or the newest, stand unbroken, and what is wrong with the next one; "" when all stand."""
    rows = Proof.objects.filter(connection=connection).order_by("-pk")
    ids = sorted(rows.values_list("pk", flat=True)[:newest])
    count, previous = 0, ""
    if newest and len(ids) == newest:
        previous = rows.get(pk=ids[0]).previous
    for proof in Proof.objects.filter(pk__in=ids).order_by("pk").iterator(50):
        again = digest(
            previous=previous,
            store=connection.store.store_hash,
            day=proof.day,
            made_at=proof.made_at.isoformat(),
            lines=proof.lines,
        )
        if proof.previous != previous:
            return count, f"The proof of {proof.day} does not follow the one before it: one was taken out or put in."
        if proof.digest != again:
            return count, f"The proof of {proof.day} says something else than when it was made."
        if proof.counts != Counter(line["disposition"] for line in proof.lines) or proof.orders != len(proof.lines):
            return count, f"The sums of the proof of {proof.day} do not come out."
        previous, count = proof.digest, count + 1
    return count, ""
