"""Letting work go on, or rest: one record, those ticked, all of a filter, all behind an issue, a paused connection."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from connections import services as connection_services
from connections.models import Connection, User
from connections.permissions import Action
from connections.strict import takes
from connections.views.base import PersonRequest, for_connection, go_back
from errors.issues.error_filters import errors_filtered, filters_from
from errors.issues.issue_lists import errors_behind
from errors.models import Issue, SyncError
from syncjobs import engine
from syncjobs.flows import FLOWS
from syncjobs.models import Record
from syncjobs.pages.shown import as_drawn, drawn_at, mark_of, moved_on

AT_ONCE = 1000
SAID = ("kind", "number", "note")  # what became of records that are closed by hand
LISTED = (  # the Errors tab's one form over its records, by any button
    *("pick[]", "drawn", "filters", "only", "all_matching", *SAID, "next"),
    *("when", "assignee", "until"),
)
LATER = {  # when records are tried again, as people choose it
    "now": ("now", timedelta()),
    "1h": ("in 1 hour", timedelta(hours=1)),
    "4h": ("in 4 hours", timedelta(hours=4)),
    "1d": ("in 24 hours", timedelta(days=1)),
}


@takes("shown", "next")
@require_POST
@for_connection(Action.RETRY)
def one(request: PersonRequest, connection: Connection, flow: str, external_id: str) -> HttpResponse:
    """Look at this record again now, or replay it as its preview showed."""
    record = get_object_or_404(Record, connection=connection, flow=flow, external_id=external_id)
    record.connection = connection
    if request.POST.get("shown") != mark_of(record):
        messages.error(request, moved_on(record))
    else:
        retry(connection, flow, external_id, request.user)
        messages.success(request, f"{record} is looked at again now.")
    return go_back(request, "errors", connection.public_id)


@takes(*LISTED)
@require_POST
@for_connection(Action.RETRY)
def many(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Retry ticked errors, the one whose button was pressed, or all that match the list's filters; now or later."""
    words, delay = LATER.get(request.POST.get("when", ""), LATER["now"])
    at = timezone.now() + delay if delay else None
    chosen = wished(request, connection, waiting_as_drawn(request, connection))
    for row in chosen.rows:
        retry(connection, row.flow, row.external_id, request.user, at)
    if chosen.rows:
        sequel = "look again in a moment" if at is None else "what waits for its own next try keeps that"
        messages.success(request, f"{counted(len(chosen.rows))} tried again {words}; {sequel}.{chosen.left_words}")
    else:
        messages.warning(request, "Nothing to retry: tick a record that is still as this list showed it.")
    return go_back(request, "errors", connection.public_id)


@takes(*LISTED)
@require_POST
@for_connection(Action.RETRY)
def stop(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Let what would be tried again by itself wait for a person: chosen like what is retried."""
    retrying = SyncError.objects.filter(connection=connection, state=SyncError.State.RETRYING)
    waiting = as_drawn(retrying, drawn_at(request.POST.get("drawn", "")))
    stopped = [row for row in wished(request, connection, waiting).rows if stop_one(row, request.user)]
    if stopped:
        messages.success(request, f"{counted(len(stopped))} not tried again until somebody asks.")
    else:
        messages.warning(request, "Nothing to stop: no record as this page showed it waits for its next try.")
    return go_back(request, "errors", connection.public_id)


def stop_one(row: SyncError, actor: User) -> bool:
    return engine.record_stop(connection=row.connection, flow=row.flow, external_id=row.external_id, actor=actor)


@dataclass(frozen=True, kw_only=True)
class Wished:
    """Records that a form's button is about; `left`: as many more match than are done at once."""

    rows: list[SyncError]
    left: int = 0

    @property
    def left_words(self) -> str:
        return f" {self.left} more match: press again when these are through." if self.left else ""


def waiting_as_drawn(request: PersonRequest, connection: Connection) -> QuerySet[SyncError]:
    """Open problems that stood on the form's page."""
    return as_drawn(SyncError.objects.open().filter(connection=connection), drawn_at(request.POST.get("drawn", "")))


def wished(request: PersonRequest, connection: Connection, waiting: QuerySet[SyncError]) -> Wished:
    """Of those that wait the one whose button was pressed, all that match the list's filters, or those ticked."""
    if only := request.POST.get("only"):
        waiting = waiting.filter(pk=number(only))
    elif request.POST.get("all_matching") == "1":
        filters = filters_from(QueryDict(request.POST.get("filters", "")))
        shown = errors_filtered(connection, filters, me=request.user.pk, now=timezone.now())
        waiting = waiting.filter(pk__in=shown.values("pk"))
    else:
        waiting = waiting.filter(pk__in=[number(one) for one in request.POST.getlist("pick")])
    rows = list(waiting.order_by("first_seen_at")[:AT_ONCE])
    for row in rows:
        row.connection = connection
    return Wished(rows=rows, left=waiting.count() - AT_ONCE if len(rows) == AT_ONCE else 0)


@takes("drawn", "next")
@require_POST
@for_connection(Action.RETRY)
def release(request: PersonRequest, connection: Connection, issue_id: int) -> HttpResponse:
    """Fixed once: everything that waits behind this cause goes again."""
    issue = get_object_or_404(Issue, connection=connection, pk=issue_id)
    shown = as_drawn(errors_behind(issue), drawn_at(request.POST.get("drawn", "")))
    count = engine.records_release(connection=connection, issue=issue, actor=request.user, among=shown)
    messages.success(request, f"Released: {counted(count)} tried again now.")
    return go_back(request, "errors", connection.public_id)


@require_POST
@for_connection(Action.PAUSE)
def resume(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Let the flows go on where they stopped, and wake what waited."""
    connection_services.connection_resume(connection=connection, actor=request.user)
    engine.connection_wake(connection=connection, now=timezone.now())
    messages.success(request, "Resumed. What waited is worked on now.")
    return redirect("connection", public_id=connection.public_id)


def retry(connection: Connection, flow: str, external_id: str, actor: User, at: datetime | None = None) -> None:
    if flow in FLOWS:
        engine.record_retry(connection=connection, flow=flow, external_id=external_id, actor=actor, at=at)


def counted(count: int) -> str:
    return "1 record is" if count == 1 else f"{count} records are"


def number(text: str) -> int:
    """A primary key from a form; 0, which matches nothing, when it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
