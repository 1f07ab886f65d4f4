"""Closing a record by hand: a person says that it needs nobody any more, and may take that back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from connections import clients
from connections.audit import audit
from connections.connectors.heartland import HeartlandClient
from connections.models import Connection, User
from errors.failures import ConfigurationFailure
from errors.issues.record_errors import error_reopen, error_resolve
from errors.models import SyncError
from ipaas.cards import mask
from mappings.core.heartland.sales_orders import SalesOrder, sales_order_from_heartland
from mappings.models import Link
from syncjobs.catalogue.product_retry import ITEMS
from syncjobs.engine.call_guard import guarded
from syncjobs.engine.enqueueing import jobs_enqueue
from syncjobs.flows import FLOWS, ORDERS, SHIPMENTS
from syncjobs.flows.orders import evidence
from syncjobs.flows.orders.changing import CHOICES
from syncjobs.flows.orders.made_in_heartland import MADE_IN_HEARTLAND
from syncjobs.flows.settled import closed_words, words_state
from syncjobs.models import Record, ServiceClass, Settlement, SyncJob
from syncjobs.stock.stock_retry import STOCK

Kind = Settlement.Kind
BY_HAND = (Kind.BOOKED_BY_HAND, Kind.NOT_WANTED, Kind.SETTLED_ELSEWHERE)  # what a person may say
Found = Mapping[str, Sequence[SalesOrder]]  # Heartland's sales orders by number
WITHOUT_RECORDS = (ITEMS.name, STOCK.name)  # their problems are noted by runs
TAKEN_BACK = "Its closing was taken back: it is looked at again."
ASKS_WITHOUT_A_LOOK = (ITEMS.name,)  # whose look would write over what a person has to decide about
CLOSABLE = (Record.Disposition.HELD, Record.Disposition.DEAD, Record.Disposition.SKIPPED)


@dataclass(frozen=True, kw_only=True)
class Closing:
    """What a person says of a record."""

    kind: Settlement.Kind
    note: str = ""
    number: str = ""  # of the sales order that was booked by hand; empty: the number that we would have given it


def is_closable(record: Record) -> bool:
    """True for what nobody works on; where a choice is offered, choosing is the way out.

    What was made in Heartland is followed there.
    """
    return record.disposition in CLOSABLE and record.code not in {*CHOICES, MADE_IN_HEARTLAND}


def records_close(*, records: Sequence[Record], closing: Closing, actor: User, now: datetime) -> tuple[int, list[str]]:
    """Close what can be closed; answers how many, and of the others in words why not.

    Records are of one connection. Costs one call to Heartland for a hundred numbers, and one for each sales order that
    has shipped already. Raises SyncFailure, with nothing closed, when Heartland cannot be asked.
    """
    numbers = {record.pk: closing.number or own_number(record) for record in records}
    is_by_hand = closing.kind == Kind.BOOKED_BY_HAND and bool(records)
    found: Found = sales_orders(records[0].connection, set(numbers.values()), now) if is_by_hand else {}
    shipped = invoices_of(records[0].connection, found, now) if is_by_hand else {}
    refusals = []
    for record in records:
        try:
            order = hand_booked(record, found, numbers[record.pk]) if is_by_hand else None
            with transaction.atomic():
                _close(record, closing, order, actor, now)
                if order and (invoices := shipped.get(order.id)):
                    invoices_look(record.connection, invoices, now)
        except ConfigurationFailure as failure:
            refusals.append(failure.summary)
    return len(records) - len(refusals), refusals


def own_number(record: Record) -> str:
    """The number under which we would have booked the order, as people who book by hand often do too."""
    return f"{record.connection.order_settings.order_prefix}{record.external_id}"


def sales_orders(connection: Connection, numbers: Iterable[str], now: datetime) -> Found:
    """What Heartland holds under these numbers. Raises SyncFailure."""
    found: dict[str, list[SalesOrder]] = {}
    with asking(connection, now) as client:
        for order in map(sales_order_from_heartland, client.orders_by_numbers(sorted(numbers))):
            found.setdefault(order.public_id, []).append(order)
    return found


def invoices_of(connection: Connection, found: Found, now: datetime) -> dict[str, list[str]]:
    """The invoices, by sales order, that were written before anybody named it: no feed tells of them again."""
    shipped = [order.id for orders in found.values() for order in orders if order.is_final]
    if not shipped:
        return {}
    with asking(connection, now) as client:
        return {one: [str(row["id"]) for row in client.invoices_of_order(one)] for one in shipped}


@contextmanager
def asking(connection: Connection, now: datetime) -> Iterator[HeartlandClient]:
    """A client of Heartland whose calls are guarded."""
    with guarded(connection, ServiceClass.NOW, now, reads_heartland=True) as guard:
        yield clients.heartland_client(connection.heartland, observer=guard)


def invoices_look(connection: Connection, invoices: Sequence[str], now: datetime) -> None:
    """Have invoices looked at: what they are to the store is another than it was."""
    jobs_enqueue(connection=connection, flow=SHIPMENTS.name, external_ids=list(invoices), cause="order", now=now)


def hand_booked(record: Record, found: Found, number: str) -> SalesOrder:
    """The one living sales order of that number that stands for no other order. Raises ConfigurationFailure."""
    if record.flow != ORDERS.name:
        raise ConfigurationFailure(f"{record} is no order: it cannot be booked by hand.")
    orders = found.get(number, ())
    alive = [order for order in orders if order.status != "canceled"]
    if len(alive) != 1:
        what = f"{len(alive)} sales orders" if alive else "only a cancelled sales order" if orders else "no sales order"
        raise ConfigurationFailure(f"{record} stays open: Heartland holds {what} numbered {number}.")
    if owner := owner_of(record, alive[0]):
        raise ConfigurationFailure(f"{record} stays open: Heartland's {number} stands for order {owner}.")
    return alive[0]


def owner_of(record: Record, order: SalesOrder) -> str:
    """The other web order, of any store of the account, that a sales order stands for; empty when there is none."""
    account = record.connection.heartland_id
    links = Link.objects.filter(connection__heartland=account, kind=Link.Kind.ORDER, target_id=order.id)
    if link := links.exclude(connection=record.connection, source_id=record.external_id).first():
        return link.source_id
    closed = Settlement.objects.filter(record__connection__heartland=account, heartland_id=order.id)
    other = closed.exclude(record=record).select_related("record").first()
    return other.record.external_id if other else ""


def _close(record: Record, closing: Closing, order: SalesOrder | None, actor: User, now: datetime) -> None:
    """Write it down, unless a worker has the record in hand: what it finds comes first."""
    with transaction.atomic():
        jobs = SyncJob.objects.select_for_update().filter(
            connection=record.connection, flow=record.flow, external_id=record.external_id
        )
        statuses = set(jobs.filter(status__in=["pending", "running"]).values_list("status", flat=True))
        record = Record.objects.select_for_update(of=("self",)).select_related("connection__merchant").get(pk=record.pk)
        if SyncJob.Status.RUNNING in statuses:
            raise ConfigurationFailure(f"{record} is being worked on right now: close it when that is done.")
        if not is_closable(record):
            raise ConfigurationFailure(f"{record} is {record.get_disposition_display().lower()} now: it stays so.")
        settlement, _ = Settlement.objects.update_or_create(
            record=record,
            defaults={
                "kind": closing.kind,
                "about": record.state,
                "heartland_id": order.id if order else "",
                "found": found_words(record, order)[:300] if order else "",
                "note": mask(closing.note)[:300],
                "by": actor,
                "at": now,
            },
        )
        record.disposition, record.code, record.changed_at = Record.Disposition.SETTLED, closing.kind, now
        record.reason = closed_words(settlement)
        if order:
            record.target_id, record.target_label, record.target_total = order.id, order.public_id, order.total
            record.is_distributed, record.target_seen_at = order.is_distributed, now
            record.facts = record.facts | {"heartland": evidence.heartland_facts(order)}
        record.save()
        error_resolve(connection=record.connection, flow=record.flow, external_id=record.external_id, now=now)
        audit(
            merchant=record.connection.merchant,
            actor=actor,
            action="record.closed",
            subject=str(record),
            kind=closing.kind,
            number=order.public_id if order else "",
        )


def found_words(record: Record, order: SalesOrder) -> str:
    """What Heartland says of a sales order that was booked by hand, beside what the store charged."""
    words = f"Heartland holds {order.public_id}, {order.status}, over {order.total:.2f}"
    if record.source_total is None or record.source_total == order.total:
        return f"{words}."
    return f"{words}; the store charged {record.source_total}."


def record_reopen(*, record: Record, actor: User, now: datetime) -> None:
    """Take a closing back: the record is looked at again as any other."""
    connection = record.connection
    with transaction.atomic():
        settlement = Settlement.objects.select_for_update().filter(record=record).first()
        if settlement is None or settlement.kind not in BY_HAND:
            raise ConfigurationFailure(f"{record} is not closed by hand any more.")
        changes: dict[str, Any] = {"disposition": Record.Disposition.IN_FLIGHT, "code": "", "reason": TAKEN_BACK}
        if settlement.heartland_id:
            told = Record.objects.filter(connection=connection, flow=SHIPMENTS.name, order_id=record.external_id)
            if invoices := list(told.values_list("external_id", flat=True)):
                invoices_look(connection, invoices, now)
            changes |= {"target_id": "", "target_label": "", "target_total": None, "target_seen_at": None}
            changes |= {"is_distributed": False, "to_distribute": None, "to_call_back": None}
            changes["facts"] = {name: value for name, value in record.facts.items() if name != "heartland"}
        settlement.delete()
        if record.flow in ASKS_WITHOUT_A_LOOK:
            error = error_reopen(connection=connection, flow=record.flow, external_id=record.external_id)
            changes |= {"disposition": Record.Disposition.HELD, "code": error.code, "reason": error.reason}
        else:
            jobs_enqueue(
                connection=connection, flow=record.flow, external_ids=[record.external_id], cause="fix", now=now
            )
        Record.objects.filter(pk=record.pk).update(same_result_count=0, changed_at=now, **changes)
        audit(merchant=connection.merchant, actor=actor, action="record.reopened", subject=str(record))


def record_of_problem(problem: SyncError) -> Record:
    """The record behind a problem; that of a product or of stock stands as its problem says."""
    flow = FLOWS.get(problem.flow)
    says = {"disposition": Record.Disposition.HELD, "code": problem.code, "reason": problem.reason}
    whose: dict[str, Any] = {"connection": problem.connection, "flow": problem.flow, "external_id": problem.external_id}
    fresh: dict[str, Any] = {
        "label": problem.label or (flow.label(problem.external_id) if flow else problem.external_id),
        "first_seen_at": problem.first_seen_at,
        "changed_at": problem.last_seen_at,
        "facts": {"state": words_state(problem.reason)},
        **says,
    }
    if problem.flow in WITHOUT_RECORDS:
        return Record.objects.update_or_create(**whose, defaults=fresh)[0]
    return Record.objects.get_or_create(**whose, defaults=fresh)[0]
