"""What people ask for: look again at a record, or at all that waited for one fix; let a connection go on."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from connections.models import Connection, User
from connections.services import audit
from errors.issues.issue_lists import errors_behind
from errors.issues.record_errors import error_stop
from errors.models import Issue, SyncError
from syncjobs.engine.dependents import invoices_of
from syncjobs.engine.enqueueing import jobs_enqueue, lane_wake
from syncjobs.flows import FLOWS, ORDERS, SHIPMENTS
from syncjobs.flows.orders.changing import about
from syncjobs.models import Lane, Record, ServiceClass, SyncJob

STOPPED = "Its retries were stopped by hand."


def record_retry(
    *,
    connection: Connection,
    flow: str,
    external_id: str,
    actor: User | None,
    now: datetime | None = None,
    at: datetime | None = None,
) -> SyncJob:
    """Look at a record again now, or `at` a later moment, whatever its back-off; its attempts start anew.

    An order brings its invoices. What waits for its next try anyway is not put off.
    """
    now = now or timezone.now()
    detail = {"at": at.isoformat()} if at else {}
    with transaction.atomic():
        ids = _again(connection, flow, [external_id], SyncJob.LOOK_AGAIN, now, at)
        if flow == ORDERS.name and (invoices := invoices_of(connection, external_id)):
            _again(connection, SHIPMENTS.name, invoices, SyncJob.LOOK_AGAIN, now, at)
        if at:
            whose = {"connection": connection, "flow": flow, "external_id": external_id}
            SyncError.objects.open().filter(**whose, next_try_at=None).update(next_try_at=at)
        subject = f"{FLOWS[flow].title} {external_id}"
        audit(merchant=connection.merchant, actor=actor, action="record.retried", subject=subject, **detail)
    return SyncJob.objects.get(pk=ids[0])


def orders_retry(*, connection: Connection, external_ids: list[str], actor: User) -> int:
    """Look at many orders of a store again, with their invoices, in one transaction; answers how many orders."""
    now = timezone.now()
    with transaction.atomic():
        count = len(_again(connection, ORDERS.name, external_ids, SyncJob.LOOK_AGAIN, now))
        rows = Record.objects.filter(connection=connection, flow=SHIPMENTS.name, order_id__in=external_ids)
        if invoices := list(rows.values_list("external_id", flat=True)):
            _again(connection, SHIPMENTS.name, invoices, SyncJob.LOOK_AGAIN, now)
        audit(merchant=connection.merchant, actor=actor, action="orders.retried", subject=connection, records=count)
    return count


def record_stop(
    *, connection: Connection, flow: str, external_id: str, actor: User, now: datetime | None = None
) -> bool:
    """A record that waits for its next try waits for a person instead, until one retries it or it changes.

    False when it does not wait for one, or is worked on right now.
    """
    now = now or timezone.now()
    whose = {"connection": connection, "flow": flow, "external_id": external_id}
    jobs = SyncJob.objects.filter(**whose)
    with transaction.atomic():
        record = Record.objects.filter(**whose, disposition=Record.Disposition.RETRYING).first()
        if record is None or jobs.filter(status=SyncJob.Status.RUNNING).exists():
            return False
        if not jobs.filter(status=SyncJob.Status.PENDING).update(status=SyncJob.Status.DEAD, finished_at=now):
            return False
        error_stop(connection=connection, flow=flow, external_id=external_id, words=STOPPED)
        Record.objects.filter(pk=record.pk).update(
            disposition=Record.Disposition.DEAD, reason=f"{record.reason} {STOPPED}", changed_at=now
        )
        audit(merchant=connection.merchant, actor=actor, action="record.stopped", subject=str(record))
    return True


def order_choose(*, record: Record, choice: Record.Choice, actor: User, now: datetime | None = None) -> None:
    """What a person decided about the store's order as it is now; the order is looked at again at once."""
    now = now or timezone.now()
    connection = record.connection
    with transaction.atomic():
        Record.objects.filter(pk=record.pk).update(choice=choice, choice_about=about(record))
        _again(connection, record.flow, [record.external_id], "fix", now)
        audit(merchant=connection.merchant, actor=actor, action="order.decided", subject=record.label, choice=choice)


def invoice_choose(
    *, record: Record, choice: Record.Choice, question: str, actor: User, now: datetime | None = None
) -> None:
    """What a person decided about what an invoice's hold asks; it is looked at again at once."""
    now = now or timezone.now()
    connection = record.connection
    with transaction.atomic():
        Record.objects.filter(pk=record.pk).update(choice=choice, choice_about=question)
        _again(connection, record.flow, [record.external_id], "fix", now)
        audit(merchant=connection.merchant, actor=actor, action="invoice.decided", subject=record.label, choice=choice)


def return_choose(
    *,
    record: Record,
    choice: Record.Choice,
    question: str,
    actor: User,
    order_id: str = "",
    now: datetime | None = None,
) -> None:
    """What a person decided about what a return asks, and of which order it is where that was asked."""
    now = now or timezone.now()
    connection = record.connection
    facts = record.facts | ({"chosen_order": order_id} if order_id else {})
    with transaction.atomic():
        Record.objects.filter(pk=record.pk).update(choice=choice, choice_about=question, facts=facts)
        _again(connection, record.flow, [record.external_id], "fix", now)
        audit(merchant=connection.merchant, actor=actor, action="return.decided", subject=record.label, choice=choice)


def return_unchoose(*, record: Record, actor: User, now: datetime | None = None) -> None:
    """Take all answers about a return back: it is looked at again at once, and asks anew where it has to."""
    now = now or timezone.now()
    connection = record.connection
    facts = {name: value for name, value in record.facts.items() if name not in ("answers", "chosen_order")}
    with transaction.atomic():
        Record.objects.filter(pk=record.pk).update(choice="", choice_about="", facts=facts)
        _again(connection, record.flow, [record.external_id], "fix", now)
        audit(merchant=connection.merchant, actor=actor, action="return.undecided", subject=record.label)


def refund_choose(
    *, record: Record, choice: Record.Choice, question: str, actor: User, now: datetime | None = None
) -> None:
    """A person looked at what a refund becomes and wants it so; it is worked on at once."""
    now = now or timezone.now()
    connection = record.connection
    with transaction.atomic():
        Record.objects.filter(pk=record.pk).update(choice=choice, choice_about=question)
        _again(connection, record.flow, [record.external_id], "fix", now)
        audit(merchant=connection.merchant, actor=actor, action="refund.decided", subject=record.label, choice=choice)


def order_unchoose(*, record: Record, actor: User, now: datetime | None = None) -> None:
    """Take a decision back: the order is looked at again at once, and asks anew where it has to."""
    now = now or timezone.now()
    connection = record.connection
    with transaction.atomic():
        Record.objects.filter(pk=record.pk).update(choice="", choice_about="")
        _again(connection, record.flow, [record.external_id], "fix", now)
        audit(merchant=connection.merchant, actor=actor, action="order.undecided", subject=record.label)


def records_release(
    *,
    connection: Connection,
    issue: Issue,
    actor: User | None = None,
    now: datetime | None = None,
    among: QuerySet[SyncError] | None = None,
) -> int:
    """The cause is fixed: everything that waited behind it (and is `among` what a page showed) goes again.

    Answers how many records.
    """
    now = now or timezone.now()
    waiting: dict[str, list[str]] = {}
    behind = errors_behind(issue) if among is None else among
    for flow, external_id in behind.values_list("flow", "external_id"):
        waiting.setdefault(flow, []).append(external_id)
    with transaction.atomic():
        count = sum(len(_again(connection, flow, ids, "fix", now)) for flow, ids in waiting.items())
        audit(merchant=connection.merchant, actor=actor, action="issue.released", subject=issue.title, records=count)
    return count


def connection_wake(*, connection: Connection, now: datetime) -> int:
    """After a pause or a reconnect: wake the lanes whose jobs waited. Answers how many."""
    lanes = Lane.objects.filter(connection=connection, jobs__status=SyncJob.Status.PENDING).distinct()
    return sum(lane_wake(lane.pk, ServiceClass(lane.service_class), now=now) for lane in lanes)


def _again(
    connection: Connection, flow: str, external_ids: list[str], cause: str, now: datetime, at: datetime | None = None
) -> list[int]:
    failed = Record.objects.filter(connection=connection, flow=flow, external_id__in=external_ids)
    failed.exclude(disposition=Record.Disposition.SKIPPED).update(same_result_count=0)
    return jobs_enqueue(
        connection=connection, flow=flow, external_ids=external_ids, cause=cause, now=now, not_before=at
    )
