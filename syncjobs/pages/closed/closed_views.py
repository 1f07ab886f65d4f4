"""Closing records by hand: one on its page, many on the Errors tab; what was closed, with the way back."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from connections.components import undoable
from connections.models import Connection
from connections.permissions import Action
from connections.strict import takes
from connections.views.base import PersonRequest, for_connection, go_back, page
from errors.failures import SyncFailure
from errors.models import SyncError
from syncjobs.models import Record, Settlement
from syncjobs.pages.closed.close_records import BY_HAND, Closing, record_of_problem, record_reopen, records_close
from syncjobs.pages.retry.retry_views import LISTED, SAID, number, wished
from syncjobs.pages.shown import as_drawn, drawn_at, mark_of, moved_on

ROWS = 50
REASONS_SHOWN = 5


@require_safe
@for_connection(Action.LOOK)
def closed(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Everything that people closed by hand, newest first."""
    said = Settlement.objects.filter(record__connection=connection, kind__in=BY_HAND)
    rows = said.select_related("record", "by").order_by("-at")
    context = {
        "connection": connection,
        "tab": "errors",
        "rows": Paginator(rows, ROWS).get_page(request.GET.get("page")),
    }
    return page(request, "closed/closed.html", context, merchant=connection.merchant)


@takes("shown", *SAID, "next")
@require_POST
@for_connection(Action.CLOSE)
def close_one(request: PersonRequest, connection: Connection, flow: str, external_id: str) -> HttpResponse:
    """Close a record as its page showed it."""
    record = record_shown(connection, flow, external_id)
    if request.POST.get("shown") != mark_of(record):
        messages.error(request, moved_on(record))
    else:
        close(request, [record])
    return go_back(request, "errors", connection.public_id)


@takes(*LISTED)
@require_POST
@for_connection(Action.CLOSE)
def close_many(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Close the chosen records that are still as the list showed them."""
    chosen = wished(request, connection, SyncError.objects.open().filter(connection=connection))
    is_by_ticks = not request.POST.get("only") and request.POST.get("all_matching") != "1"
    asked = len(set(request.POST.getlist("pick"))) if is_by_ticks else len(chosen.rows)
    if not asked:
        messages.warning(request, "Nothing was closed: tick the records that need nobody any more.")
    problems = SyncError.objects.filter(pk__in=[row.pk for row in chosen.rows]).exclude(state="retrying")
    rows = list(as_drawn(problems, drawn_at(request.POST.get("drawn", "")), strictly=True).order_by("first_seen_at"))
    if left := asked - len(rows):
        messages.warning(request, f"{left} of the ticked records go on by themselves or changed: look again.")
    for row in rows:
        row.connection = connection
    if rows:
        close(request, [record_of_problem(row) for row in rows])
    return go_back(request, "errors", connection.public_id)


@takes("closing", "next")
@require_POST
@for_connection(Action.CLOSE)
def reopen(request: PersonRequest, connection: Connection, flow: str, external_id: str) -> HttpResponse:
    """Take a closing back."""
    record = record_shown(connection, flow, external_id)
    if not Settlement.objects.filter(record=record, pk=number(request.POST.get("closing", ""))).exists():
        messages.error(request, moved_on(record))
        return go_back(request, "closed", connection.public_id)
    try:
        record_reopen(record=record, actor=request.user, now=timezone.now())
        messages.success(request, f"Taken back: {record} is worked on like any other again.")
    except SyncFailure as failure:
        messages.error(request, failure.summary)
    return go_back(request, "closed", connection.public_id)


def close(request: PersonRequest, records: list[Record]) -> None:
    """Close them in the form's words, and say what came of it."""
    kind = request.POST.get("kind", "")
    if kind not in BY_HAND:
        messages.error(request, "Nothing was closed: say what became of it.")
        return
    closing = Closing(
        kind=Settlement.Kind(kind),
        note=request.POST.get("note", "").strip()[:300],
        number=request.POST.get("number", "").strip()[:60],
    )
    if closing.number and len(records) > 1:
        messages.error(request, "Nothing was closed: a sales order stands for one record only.")
        return
    try:
        count, refusals = records_close(records=records, closing=closing, actor=request.user, now=timezone.now())
    except SyncFailure as failure:
        messages.error(request, f"Nothing was closed: {failure.summary}")
        return
    for words in refusals[:REASONS_SHOWN]:
        messages.error(request, words)
    if len(refusals) > REASONS_SHOWN:
        messages.error(request, f"And {len(refusals) - REASONS_SHOWN} more stay open.")
    if count and len(records) == 1:
        offer_undo(request, records[0])
    elif count:
        messages.success(request, f"{'1 record is' if count == 1 else f'{count} records are'} closed.")


def offer_undo(request: PersonRequest, record: Record) -> None:
    """Say that one record is closed, with the way back."""
    where = reverse("reopen", args=[record.connection.public_id, record.flow, record.external_id])
    closing = Settlement.objects.values_list("pk", flat=True).get(record=record)
    fields = {"closing": str(closing), "next": request.POST.get("next", "")}
    undoable(request, "1 record is closed.", undo=where, fields=fields)


def record_shown(connection: Connection, flow: str, external_id: str) -> Record:
    record = get_object_or_404(Record, connection=connection, flow=flow, external_id=external_id)
    record.connection = connection
    return record
