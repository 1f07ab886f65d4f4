"""The records of the Errors tab: those with a problem of their own, and what was skipped; pages by their last row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from connections.models import Connection
from errors.issues.error_filters import AGES, MOST_COUNTED, SKIPPED, ErrorFilters, errors_filtered, number
from errors.models import SyncError
from syncjobs.engine.retry_rules import SAME_RESULTS_ALLOWED
from syncjobs.models import Record, SyncJob

ROWS = 50
BETWEEN = "~"  # the parts of a place in a list


@dataclass(frozen=True, kw_only=True)
class RecordRow:
    """One record, whichever table it stands in."""

    pk: int | None  # of its SyncError; None of what was skipped
    label: str
    flow: str
    external_id: str
    state: str
    reason: str
    amount: Decimal | None
    currency: str
    attempts: int
    first_seen_at: datetime
    last_seen_at: datetime
    next_try_at: datetime | None = None
    resolved_at: datetime | None = None
    ignored_until: datetime | None = None
    assignee: str = ""
    same_results: int = 0
    problem: SyncError | None = None

    @property
    def needs_person(self) -> bool:
        """The same result so often in a row that nothing tries it by itself any more."""
        return self.same_results >= SAME_RESULTS_ALLOWED


@dataclass(frozen=True, kw_only=True)
class RecordPage:
    """Rows with the places where the lists before and after them begin; "" where there is none."""

    rows: list[RecordRow]
    newer: str = ""
    older: str = ""


def record_page(
    connection: Connection, filters: ErrorFilters, asked: Mapping[str, str], *, me: int, now: datetime
) -> RecordPage:
    """The rows after or before the place that an address names; the newest ones without any. Two queries."""
    is_skipped = filters.state == SKIPPED
    field = "changed_at" if is_skipped else "last_seen_at"
    rows: QuerySet[Any] = (
        skipped(connection, filters, now=now)
        if is_skipped
        else errors_filtered(connection, filters, me=me, now=now).select_related("assignee")
    )
    found, newer, older = keyset(rows, field, asked)
    if is_skipped:
        return RecordPage(rows=[row_of_record(one) for one in found], newer=newer, older=older)
    alike = same_results(connection, found)
    return RecordPage(
        rows=[row_of_error(one, alike.get((one.flow, one.external_id), 0)) for one in found], newer=newer, older=older
    )


def keyset(rows: QuerySet[Any], field: str, asked: Mapping[str, str]) -> tuple[list[Any], str, str]:
    """ROWS rows of a list that is ordered by -field, -id, and the places of the pages before and after; one query."""
    after, before = place_of(asked.get("after", "")), place_of(asked.get("before", ""))
    if after:
        rows = rows.filter(Q(**{f"{field}__lt": after[0]}) | Q(**{field: after[0], "id__lt": after[1]}))
    elif before:
        rows = rows.filter(Q(**{f"{field}__gt": before[0]}) | Q(**{field: before[0], "id__gt": before[1]})).reverse()
    found = list(rows[: ROWS + 1])
    has_more, found = len(found) > ROWS, found[:ROWS]
    if before:
        found.reverse()
    has_older, has_newer = bool(before) or has_more, bool(after) or (bool(before) and has_more)
    ends = [f"{getattr(one, field).isoformat()}{BETWEEN}{one.pk}" for one in found]
    return found, ends[0] if has_newer and ends else "", ends[-1] if has_older and ends else ""


def place_of(text: str) -> tuple[datetime, int] | None:
    """`2026-03-02T18:20:00+00:00~17` as moment and id; None for what is none."""
    moment, _, pk = text.partition(BETWEEN)
    known = number(pk)
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return (at, known) if at.tzinfo and known is not None else None


def skipped(connection: Connection, filters: ErrorFilters, *, now: datetime) -> QuerySet[Record]:
    """What was left out for a reason, newest first. Causes, and whose they are, it has none."""
    rows = Record.objects.filter(connection=connection, disposition=Record.Disposition.SKIPPED)
    if filters.issue or filters.owner or filters.assignee or filters.tag:
        return rows.none()
    if filters.flow:
        rows = rows.filter(flow=filters.flow)
    if filters.age:
        rows = rows.filter(first_seen_at__lte=now - AGES[filters.age][0])
    if filters.money is not None:
        rows = rows.filter(source_total__gte=filters.money)
    if text := filters.text.lstrip("#"):
        is_number = Q(external_id=text) | Q(number=text)
        rows = rows.filter(is_number if text.isdigit() else is_number | Q(reason__icontains=text))
    return rows.order_by("-changed_at", "-id")


def tried_now(connection: Connection, now: datetime) -> int:
    """Records with an open problem that are being tried, or as soon as a worker comes to them; one query."""
    due = SyncJob.objects.filter(connection=connection, flow=OuterRef("flow"), external_id=OuterRef("external_id"))
    waiting = due.filter(Q(status="running") | Q(status="pending", not_before__lte=now))
    return SyncError.objects.open().filter(Exists(waiting), connection=connection).count()


def skipped_count(connection: Connection) -> int:
    """Up to MOST_COUNTED; one query."""
    rows = Record.objects.filter(connection=connection, disposition=Record.Disposition.SKIPPED)
    return rows.order_by()[:MOST_COUNTED].count()


def same_results(connection: Connection, errors: Iterable[SyncError]) -> dict[tuple[str, str], int]:
    """By flow and id: how often in a row a record ended the same way; one query."""
    ids = [one.external_id for one in errors]
    rows = Record.objects.filter(connection=connection, external_id__in=ids, same_result_count__gt=1)
    return {(row.flow, row.external_id): row.same_result_count for row in rows.defer("facts")} if ids else {}


def row_of_error(error: SyncError, alike: int) -> RecordRow:
    return RecordRow(
        pk=error.pk,
        label=error.label,
        flow=error.flow,
        external_id=error.external_id,
        state=error.state,
        reason=error.reason,
        amount=error.amount or None,
        currency=error.currency,
        attempts=error.attempts,
        first_seen_at=error.first_seen_at,
        last_seen_at=error.last_seen_at,
        next_try_at=error.next_try_at,
        resolved_at=error.resolved_at,
        ignored_until=error.ignored_until,
        assignee=error.assignee.email if error.assignee else "",
        same_results=alike if error.state != SyncError.State.RESOLVED else 0,
        problem=error,
    )


def row_of_record(record: Record) -> RecordRow:
    return RecordRow(
        pk=None,
        label=str(record),
        flow=record.flow,
        external_id=record.external_id,
        state=record.disposition,
        reason=record.reason,
        amount=record.source_total,
        currency=record.currency,
        attempts=0,
        first_seen_at=record.first_seen_at,
        last_seen_at=record.changed_at,
    )
