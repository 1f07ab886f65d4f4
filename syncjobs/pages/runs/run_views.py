"""Runs over stock and items: pause, resume, stop, and their differences as a file."""

import csv
from collections.abc import Iterator

from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from connections.models import Connection
from connections.permissions import Action
from connections.strict import takes
from connections.views.base import PersonRequest, for_connection
from mappings.core.rules.product_changes import change_of
from mappings.core.rules.tables import cell_for_spreadsheet
from syncjobs.bulk import runs
from syncjobs.bulk.run_progress import GROUPS, KINDS, group_of
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
