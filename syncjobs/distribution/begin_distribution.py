"""A person says which location ships which orders, and may take that back: runs of their own, no order in two."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from connections.audit import audit
from connections.models import Connection, User
from ipaas import queue
from syncjobs.distribution.waiting_lines import AT_WORK, goods_digest
from syncjobs.engine.sweeping import RUN_SLICE
from syncjobs.models import Assignment, Record, Run, ServiceClass

SEND, BACK = "distribution_send", "distribution_back"  # kinds of runs
BACK_WITHIN = timedelta(hours=24)
State = Assignment.State


@dataclass(frozen=True, kw_only=True)
class Wish:
    """An order with the place of each of its lines that wait."""

    lines: Sequence[Mapping[str, Any]]  # as Assignment.lines
    is_suggested: bool


@transaction.atomic
def distribution_begin(*, connection: Connection, wishes: Mapping[int, Wish], actor: User, now: datetime) -> Run | None:
    """Begin to distribute orders, by the ids of their records; those that somebody works at already are left out.

    Answers the run, whose `total` says how many orders it has; None where none was left. Of two people at once the
    second waits here until the first is through.
    """
    locked = Record.objects.select_for_update().filter(connection=connection, pk__in=wishes).order_by("pk")
    busy = Assignment.objects.filter(record__in=wishes, state__in=AT_WORK).values_list("record", flat=True)
    records = [record for record in locked if record.pk not in set(busy) and record.waits_for_location]
    if not records:
        return None
    run = _begun(connection, SEND, len(records), actor, now)
    Assignment.objects.bulk_create(
        Assignment(
            run=run,
            record=record,
            lines=list(wishes[record.pk].lines),
            is_suggested=wishes[record.pk].is_suggested,
            goods=goods_digest(record.facts.get("lines", ())),
        )
        for record in sorted(records, key=lambda one: (one.source_placed_at or one.first_seen_at, one.pk))
    )
    return run


@transaction.atomic
def distribution_take_back(*, run: Run, actor: User, now: datetime) -> Run | None:
    """Begin to take a distribution back; None where nothing of it stands any more, or it is too long ago."""
    if run.finished_at is None or run.finished_at < now - BACK_WITHIN:
        return None
    rows = list(run.assignments.select_for_update().filter(state=State.DONE).order_by("pk"))
    busy = set(
        Assignment.objects.filter(record__in=[row.record_id for row in rows], state__in=AT_WORK).values_list(
            "record", flat=True
        )
    )
    ids = [row.pk for row in rows if row.record_id not in busy]
    if not ids:
        return None
    back = _begun(run.connection, BACK, len(ids), actor, now, of=run.pk)
    Assignment.objects.filter(pk__in=ids).update(state=State.TAKING_BACK, taken_back_by=back)
    return back


@transaction.atomic
def distribution_stop(*, run: Run, actor: User, now: datetime) -> int:
    """End it where it is: answers how many orders it had not come to, which wait as before."""
    over = {"state": Run.State.STOPPED, "finished_at": now, "sentence": "Stopped by hand.", "is_listed": True}
    if not Run.objects.filter(pk=run.pk, state=Run.State.RUNNING).update(**over):
        return 0
    audit(merchant=run.connection.merchant, actor=actor, action=f"{run.kind}.stopped", subject=run.connection.store)
    left = {"state": State.LEFT, "sentence": "It was stopped before this order's turn."}
    waiting = run.assignments.filter(state=State.WAITING).update(**left)
    return waiting + run.taken_back.filter(state=State.TAKING_BACK).update(state=State.DONE)


def assignments_of(run: Run) -> "QuerySet[Assignment]":
    """The orders of a run of either kind, with their records."""
    rows = run.taken_back if run.kind == BACK else run.assignments
    return rows.select_related("record").order_by("pk")


def _begun(connection: Connection, kind: str, total: int, actor: User, now: datetime, **parameters: int) -> Run:
    run = Run.objects.create(
        connection=connection,
        kind=kind,
        parameters=parameters,
        total=total,
        started_by=actor,
        started_at=now,
        due_at=now,
    )
    queue.token_put(ServiceClass.NOW.queue, RUN_SLICE, run.pk)
    audit(
        merchant=connection.merchant, actor=actor, action=f"{kind}.started", subject=connection.store, run=run.pk,
        orders=total,
    )  # fmt: skip
    return run
