"""Runs over stock and items: pause, resume, stop, and their differences as a file."""

import csv
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from connections.models import Connection
from connections.permissions import Action
from connections.strict import takes
from connections.views.base import PersonRequest, for_connection
from errors.failures import ConfigurationFailure
from mappings.core.rules.product_changes import change_of
from mappings.core.rules.tables import cell_for_spreadsheet
from syncjobs.bulk import runs
from syncjobs.bulk.run_progress import GROUPS, KINDS, group_of
from syncjobs.bulk.undoing_runs import UNDOES, undo_obstacle
from syncjobs.engine.retention import UNDO_WITHIN
from syncjobs.models import Run, RunChange

TABS = {"stock": "inventory", "items": "items"}


@takes("do")
@require_POST
@for_connection(Action.RUNS)
def move(request: PersonRequest, connection: Connection, run_id: int) -> HttpResponse:
    """Pause, resume or stop a run."""
    run = run_or_404(connection, run_id)
    now = timezone.now()
    match request.POST.get("do"):
        case "pause":
            is_done = runs.run_pause(run=run, actor=request.user)
        case "resume":
            is_done = runs.run_resume(run=run, actor=request.user, now=now)
        case "stop":
            is_done = runs.run_stop(run=run, actor=request.user, now=now)
        case _:
            raise Http404
    if not is_done:
        messages.info(request, "The run was over already, or in that state.")
    return redirect(TABS[group_of(run)], public_id=connection.public_id)


@require_POST
@for_connection(Action.RUNS)
def undo(request: PersonRequest, connection: Connection, run_id: int) -> HttpResponse:
    """Begin a run that puts back what this one changed, where nobody has changed it since."""
    run = run_or_404(connection, run_id)
    kind = UNDOES.get(run.kind, "")
    try:
        if not kind:
            raise ConfigurationFailure(f"Nothing was undone: {undo_obstacle(run, timezone.now())}")
        runs.run_start(
            connection=connection, actor=request.user, kind=kind, now=timezone.now(), parameters={"of": run.pk}
        )
    except ConfigurationFailure as failure:
        messages.error(request, failure.summary)
    else:
        messages.success(request, "The undo has begun; how far it is is shown here.")
    return redirect(TABS[group_of(run)], public_id=connection.public_id)


@require_safe
@for_connection(Action.LOOK)
def differences(request: PersonRequest, connection: Connection, run_id: int) -> StreamingHttpResponse:
    """The differences as a file, whatever their number."""
    run = run_or_404(connection, run_id)
    group = group_of(run)
    return csv_answer(f"{group}-run-{run.pk}.csv", stock_lines(run) if group == "stock" else item_lines(run))


def run_or_404(connection: Connection, run_id: int, group: str = "") -> Run:
    kinds = GROUPS[group] if group else KINDS
    return get_object_or_404(Run.objects.select_related("started_by"), connection=connection, pk=run_id, kind__in=kinds)


def undo_offer(run: Run) -> dict[str, Any]:
    """What a run's page says of undoing it: whether it can be, until when, and the run that did."""
    now = timezone.now()
    undone = Run.objects.filter(connection=run.connection, kind=UNDOES.get(run.kind, ""), parameters__of=run.pk)
    may_undo = run.kind in UNDOES and not undo_obstacle(run, now)
    return {
        "undone_by": undone.select_related("started_by").order_by("-pk").first(),
        "undo_until": run.finished_at + UNDO_WITHIN if may_undo and run.finished_at else None,
    }


def csv_answer(name: str, rows: Iterator[tuple[str, ...]]) -> StreamingHttpResponse:
    """Rows as a file that is made while it is sent."""
    writer = csv.writer(Echo())
    lines = (writer.writerow([cell_for_spreadsheet(cell) for cell in row]) for row in rows)
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


class Echo:
    """What csv.writer writes to: hands each line back."""

    def write(self, line: str) -> str:
        return line


def stock_lines(run: Run) -> Iterator[tuple[str, ...]]:
    yield ("SKU", "Kind", "Before", "After", "Reason")
    for row in _rows(run):
        yield (row.subject, row.get_kind_display(), row.before, row.after, row.reason)


def item_lines(run: Run) -> Iterator[tuple[str, ...]]:
    """A line for each field; a product without fields has one of its own."""
    yield ("Product", "Kind", "SKU", "Field", "Before", "After", "Reason")
    for row in _rows(run):
        head = (row.title, row.get_kind_display())
        changes = [change_of(detail) for detail in row.details]
        for change in changes:
            yield (*head, change.sku or row.subject, change.label, change.before, change.after, row.reason)
        if not changes:
            yield (*head, row.subject, "", "", "", row.reason)


def _rows(run: Run) -> Iterator[RunChange]:
    return run.changes.order_by("-weight", "id").iterator(2_000)
