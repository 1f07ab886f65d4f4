"""Proving a day: the store's own list against Heartland's, and both against what we say. What we miss is queued."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from datetime import time as clock
from functools import partial
from itertools import islice
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q, QuerySet

from connections import clients
from connections.models import Connection
from ipaas.chains import follows, says_the_same
from mappings.services import marking_of
from mappings.value_tables import ValueTables
from syncjobs.engine.call_guard import guarded
from syncjobs.engine.enqueueing import jobs_enqueue
from syncjobs.flows.orders import ORDERS
from syncjobs.flows.orders.changing import DELETED, DELETED_AFTER_INVOICE
from syncjobs.flows.orders.deleting import KEPT_THOUGH_DELETED
from syncjobs.models import Proof, Record, ServiceClass, SyncJob
from syncjobs.proof.day_lists import Lists, lists_read
from syncjobs.proof.judge_order import DISAGREES, FOUND, Held, Line, Said, Stray, line_of, sums_of
from syncjobs.proof.proof_chain import BOTH, LISTED, Sealed, digest
from syncjobs.stock.pending_pieces import NOT_TAKEN_UP
from syncjobs.stores.known_statuses import head_understood
from syncjobs.stores.opening import store_of

ROWS_AT_ONCE = 250
UNFINISHED = (SyncJob.Status.PENDING, SyncJob.Status.RUNNING)
WAITING = (Record.Disposition.HELD, Record.Disposition.DEAD)  # a person has been asked


def day_of(connection: Connection, moment: datetime) -> date:
    """The merchant's day of a moment."""
    return moment.astimezone(ZoneInfo(connection.merchant.time_zone)).date()


def proof_make(*, connection: Connection, day: date, now: datetime) -> Proof:
    """Prove a day and keep it; `day_lists.py` says for how many calls. Raises SyncFailure with nothing kept."""
    zone = ZoneInfo(connection.merchant.time_zone)
    begins = datetime.combine(day, clock.min, zone)
    ends = datetime.combine(day + timedelta(days=1), clock.min, zone)
    with guarded(connection, ServiceClass.SOON, now, reads_heartland=True) as guard:
        found = lists_read(
            orders=store_of(connection.store, guard).orders,
            understood=partial(head_understood, tables=ValueTables(connection)),
            heartland=clients.heartland_client(connection.heartland, observer=guard),
            marking=marking_of(connection),
            begins=begins,
            ends=ends,
            named=lambda ids: _named(connection, begins, ends, ids),
        )
    beyond = _beyond(connection, begins, ends, [order.id for order in found.ordered])
    return _kept(connection, day, now, found, beyond=beyond)


def _named(connection: Connection, begins: datetime, ends: datetime, ids: list[str]) -> dict[str, str]:
    """Where to look beside the day's lists: the sales orders that we name for orders of the day, listed or not."""
    wanted = [*ids, *_beyond(connection, begins, ends, ids)]
    return {
        order: target
        for some in _chunks(wanted)
        for order, target in _records(connection, some).values_list("external_id", "target_id")
    }


def _kept(connection: Connection, day: date, now: datetime, found: Lists, beyond: list[str]) -> Proof:
    said = _said(connection, [order.id for order in found.ordered])
    lines = [
        line_of(
            order,
            said.get(order.id, Said()),
            found.held.get(order.id, ()),
            found.named.get(said[order.id].target_id) if order.id in said else None,
        )
        for order in found.ordered
    ]
    strays = list(_strays(connection, found.without_order))
    with transaction.atomic():
        Connection.objects.select_for_update().get(pk=connection.pk)  # the chain grows at one end only
        missing = [line.order for line in lines if line.code == FOUND]
        again = _to_look_at(connection, day, lines, strays, beyond)
        if queued := [*missing, *again]:
            jobs_enqueue(connection=connection, flow=ORDERS.name, external_ids=queued, cause="proof", now=now)
        last = Proof.objects.filter(connection=connection).order_by("-pk").first()
        proof = Proof(
            connection=connection,
            day=day,
            made_at=now,
            version=BOTH,
            orders=len(lines),
            sales_orders=found.sales_orders,
            counts=dict(Counter(line.disposition for line in lines)),
            repaired=missing,
            again=again,
            beyond=beyond,
            strays=[stray.stored() for stray in strays],
            sums=sums_of(lines),
            lines=[line.stored() for line in lines],
            previous=last.digest if last else "",
        )
        proof.digest = digest_of(proof, connection.store.store_hash)
        proof.save(force_insert=True)
    return proof


def digest_of(proof: Proof, store: str) -> str:
    """What the proof's digest has to be, by the rule of its version."""
    more = Sealed(repaired=proof.repaired, again=proof.again, beyond=proof.beyond, strays=proof.strays, sums=proof.sums)
    return digest(
        previous=proof.previous,
        store=store,
        day=proof.day,
        made_at=proof.made_at.isoformat(),
        lines=proof.lines,
        version=proof.version,
        sealed=more if proof.version > LISTED else None,
    )


def _said(connection: Connection, ids: Sequence[str]) -> dict[str, Said]:
    """What we say of the orders: their records, and whether a job of theirs waits or runs."""
    found: dict[str, Said] = {}
    for some in _chunks(ids):
        jobs = SyncJob.objects.filter(connection=connection, flow=ORDERS.name, external_id__in=some)
        moving = set(jobs.filter(status__in=UNFINISHED).values_list("external_id", flat=True))
        found |= {one: Said(is_moving=True) for one in moving}
        found |= {
            record.external_id: Said(
                disposition=record.disposition,
                code=record.code,
                target_id=record.target_id,
                judged=str(record.facts.get("judged", "")),
                is_moving=record.external_id in moving,
                is_unread=record.disposition == Record.Disposition.IN_FLIGHT and record.read_at is None,
            )
            for record in _records(connection, some)
        }
    return found


def _strays(connection: Connection, held: Sequence[Held]) -> Iterator[Stray]:
    said = _said(connection, sorted({row.order for row in held}))
    for row in held:
        word = said.get(row.order, Said())
        is_known = word.is_kept or word.is_moving or word.disposition in WAITING
        yield Stray(
            number=row.number, id=row.id, order=row.order, status=row.status, total=str(row.total), is_known=is_known
        )


def _to_look_at(
    connection: Connection, day: date, lines: Sequence[Line], strays: Sequence[Stray], beyond: Sequence[str]
) -> list[str]:
    """Orders that disagree and were not looked at for that already."""
    before = Proof.objects.filter(connection=connection, day=day).order_by("-pk").first()
    known = {(line["order"], line["code"]) for line in before.lines} if before else set()
    known_strays = {stray["number"] for stray in before.strays} if before else set()
    wanted = [line.order for line in lines if line.disposition == DISAGREES and (line.order, line.code) not in known]
    wanted += [stray.order for stray in strays if not stray.is_known and stray.number not in known_strays]
    wanted += unsaid(connection, beyond)
    return list(dict.fromkeys(wanted))


def unsaid(connection: Connection, beyond: Sequence[str]) -> list[str]:
    """Orders that the store lists no more, and that we say it has: booked, held, or to be taken up later.

    They were archived without a callback. Until somebody looks, their pieces are kept back.
    """
    rows = Record.objects.filter(connection=connection, flow=ORDERS.name, external_id__in=beyond)
    lives = Q(disposition__in=(Record.Disposition.BOOKED, Record.Disposition.HELD)) | Q(
        disposition=Record.Disposition.SKIPPED, code__in=NOT_TAKEN_UP
    )
    unheard = rows.filter(lives).exclude(code__in=(DELETED, DELETED_AFTER_INVOICE, KEPT_THOUGH_DELETED))
    return list(unheard.order_by("pk").values_list("external_id", flat=True))


def _beyond(connection: Connection, begins: datetime, ends: datetime, ids: list[str]) -> list[str]:
    """Orders of the day that we know and the store does not list: archived or deleted there since."""
    ours = Record.objects.filter(
        connection=connection, flow=ORDERS.name, source_placed_at__gte=begins, source_placed_at__lt=ends
    )
    listed = set(ids)
    return [one for one in ours.order_by("pk").values_list("external_id", flat=True) if one not in listed]


def _records(connection: Connection, ids: Sequence[str]) -> QuerySet[Record]:
    return Record.objects.filter(connection=connection, flow=ORDERS.name, external_id__in=ids)


def _chunks(ids: Sequence[str]) -> Iterator[list[str]]:
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
        what = f"The proof of {proof.day}"
        problem = follows(proof.previous, previous, what) or says_the_same(
            proof.digest, digest_of(proof, connection.store.store_hash), what
        )
        if problem:
            return count, problem
        if proof.counts != Counter(line["disposition"] for line in proof.lines) or proof.orders != len(proof.lines):
            return count, f"The sums of the proof of {proof.day} do not come out."
        previous, count = proof.digest, count + 1
    return count, ""
