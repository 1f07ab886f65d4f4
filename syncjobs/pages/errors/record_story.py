"""One record that has not gone through: what it means, every try with its calls, what comes next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from connections.models import AuditEntry, Connection
from errors.failures import Owner
from errors.models import Issue, SyncError
from syncjobs.engine.retry_rules import longest_waits
from syncjobs.flows import ORDERS, REFUNDS, RETURNS, SHIPMENTS
from syncjobs.models import Attempt, AttemptExchange, Record, SyncJob

TRIES_SHOWN = 50
RELATED_SHOWN = 20
ACTS_SHOWN = 30
ORDER_WAITS = (
    "The order is not in Heartland, and its stock is not committed there. "
    "Its pieces are kept back from sale here as long as it waits."
)


@dataclass(frozen=True, kw_only=True)
class Look:
    """One try, numbered through over all jobs of the record."""

    number: int
    attempt: Attempt
    exchange: AttemptExchange | None


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """What comes next by itself."""

    next_at: datetime | None  # None: nothing, until a person or the other side does something
    is_due: bool = False  # it is tried as soon as a worker comes to it
    number: int = 0  # of that try
    waits: Sequence[timedelta] = ()  # the longest waits before each try after that


def record_of(error: SyncError) -> Record | None:
    """The record of a problem; None where only a run noted it."""
    rows = Record.objects.filter(connection=error.connection, flow=error.flow, external_id=error.external_id)
    record = rows.first()
    if record:
        record.connection = error.connection
    return record


def effect_of(error: SyncError, record: Record | None) -> str:
    """What it means that the record has not gone through, in a sentence."""
    if error.state == SyncError.State.RESOLVED:
        return "Nothing any more: it went through, or somebody closed it."
    match error.flow:
        case ORDERS.name if record and record.target_label:
            return f"Heartland holds it as {record.target_label}; what changed since then is not there."
        case ORDERS.name:
            return ORDER_WAITS
        case SHIPMENTS.name:
            return "The store has not been told of this shipment, and the shopper has no message of it."
        case RETURNS.name:
            return "The store has not given the money back for what came back at the till."
        case REFUNDS.name:
            return "The store gave this money back, and Heartland does not say so yet."
        case "items":
            return "The product is left as it is on both sides."
        case "stock":
            return "The store goes on showing the quantity that it was last told."
        case _:
            return "What this looks for is looked for later than usual; nothing is lost."


def looks(error: SyncError) -> list[Look]:
    """The newest tries, newest first; two queries."""
    rows = Attempt.objects.filter(
        job__connection=error.connection, job__flow=error.flow, job__external_id=error.external_id
    )
    total = rows.count()
    newest = list(rows.select_related("job", "exchange").order_by("-began_at", "-pk")[:TRIES_SHOWN])
    return [
        Look(number=total - place, attempt=attempt, exchange=getattr(attempt, "exchange", None))
        for place, attempt in enumerate(newest)
    ]


def schedule_of(error: SyncError, record: Record | None, now: datetime) -> Schedule:
    """When it is tried again by itself, and how often at most; one query."""
    jobs = SyncJob.objects.filter(
        connection=error.connection, flow=error.flow, external_id=error.external_id, status=SyncJob.Status.PENDING
    )
    job = jobs.first()
    if job is None:
        return Schedule(next_at=None)
    if error.state != SyncError.State.RETRYING:
        return Schedule(next_at=job.not_before, is_due=job.not_before <= now, number=job.attempts + 1)
    heals_itself = error.issues.filter(owner=Owner.NOBODY).exists()
    done = record.same_result_count if record and heals_itself else job.attempts
    waits = longest_waits(done + 1, was_write=False)
    return Schedule(next_at=job.not_before, is_due=job.not_before <= now, number=job.attempts + 1, waits=waits)


def related(error: SyncError) -> list[Record]:
    """What belongs to an order, or the order of what belongs to one, and the others of it."""
    rows = Record.objects.filter(connection=error.connection)
    order = error.external_id if error.flow == ORDERS.name else ""
    parts = [SHIPMENTS.name, RETURNS.name, REFUNDS.name]
    if error.flow in parts:
        own = rows.filter(flow=error.flow, external_id=error.external_id).values_list("order_id", flat=True).first()
        order = own or ""
    if not order:
        return []
    whole = Q(flow=ORDERS.name, external_id=order) | Q(flow__in=parts, order_id=order)
    others = rows.filter(whole).exclude(flow=error.flow, external_id=error.external_id)
    return list(others.defer("facts").order_by("first_seen_at", "pk")[:RELATED_SHOWN])


def acts_of(error: SyncError) -> QuerySet[AuditEntry]:
    """What people did to it, newest first."""
    names = [error.label, f"Order {error.external_id}", f"{error.flow} {error.external_id}"]
    rows = AuditEntry.objects.filter(merchant=error.connection.merchant, subject__in=[name for name in names if name])
    return rows.select_related("actor").order_by("-at")[:ACTS_SHOWN]


def issues_of(error: SyncError) -> list[Issue]:
    return list(error.issues.select_related("assignee").order_by("pk"))


def error_or_none(connection: Connection, error_id: int) -> SyncError | None:
    found = SyncError.objects.select_related("assignee").filter(connection=connection, pk=error_id).first()
    if found:
        found.connection = connection
    return found
