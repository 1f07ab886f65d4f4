"""What people say of causes and of records: known, snoozed, ignored, whose it is, tags, notes."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from connections.components import undoable
from connections.models import AuditEntry, Connection, User
from connections.permissions import Action, role_of
from connections.strict import takes
from connections.views.base import PersonRequest, for_connection, go_back, page, wants_partial
from errors.failures import SyncFailure
from errors.issues import triage
from errors.issues.error_filters import number
from errors.issues.trends import trend_by_hour
from errors.models import Issue
from syncjobs.pages.errors.error_views import page_under, people_of
from syncjobs.pages.errors.issue_cards import issue_cards
from syncjobs.pages.retry.retry_views import LISTED, counted, waiting_as_drawn, wished

ACTS_SHOWN = 20
SET_ASIDE = {"acknowledge", "snooze", "ignore"}  # what opening a cause again undoes
UNTIL = {  # for how long something may wait, as people choose it
    "1h": ("1 hour", timedelta(hours=1)),
    "1d": ("1 day", timedelta(days=1)),
    "3d": ("3 days", timedelta(days=3)),
    "7d": ("a week", timedelta(days=7)),
    "30d": ("30 days", timedelta(days=30)),
}


@require_safe
@vary_on_headers("HX-Request")
@for_connection(Action.LOOK)
def issue(request: PersonRequest, connection: Connection, issue_id: int) -> HttpResponse:
    """One cause with all that is said of it; beside the list, or a page of its own."""
    found, role = issue_or_404(connection, issue_id), role_of(request.user, connection.merchant)
    now = timezone.now()
    acts = AuditEntry.objects.filter(
        merchant=connection.merchant, action__startswith="issue.", subject=found.title[:160]
    )
    context = {
        "connection": connection,
        "tab": "errors",
        "card": issue_cards(connection, [found], now, role=role)[0],
        "hours": trend_by_hour(found, now),
        "notes": found.notes.select_related("by").order_by("-at"),
        "acts": acts.select_related("actor").order_by("-at")[:ACTS_SHOWN],
        "people": people_of(connection),
        "untils": [(key, words) for key, (words, _) in UNTIL.items()],
        "drawn": now.isoformat(),
        "here": page_under(request),
    }
    template = "errors/_issue.html" if wants_partial(request) else "errors/issue.html"
    return page(request, template, context, merchant=connection.merchant)


def issue_or_404(connection: Connection, issue_id: int) -> Issue:
    found = get_object_or_404(Issue.objects.select_related("assignee"), connection=connection, pk=issue_id)
    found.connection = connection
    return found


@takes("do", "until", "because", "assignee", "tag", "text", "next")
@require_POST
@for_connection(Action.TRIAGE)
def say(request: PersonRequest, connection: Connection, issue_id: int) -> HttpResponse:
    """Say something of a cause."""
    found, given = issue_or_404(connection, issue_id), request.POST
    do, was_open = given.get("do", ""), found.triage == Issue.Triage.NONE
    try:
        words = said(found, request.user, do, {name: given.get(name, "") for name in given})
        if do in SET_ASIDE and was_open:
            undoable(request, words, undo=request.path, fields={"do": "open", "next": given.get("next", "")})
        else:
            messages.success(request, words)
    except SyncFailure as failure:
        messages.error(request, failure.summary)
    return go_back(request, "issue", connection.public_id, issue_id)


def said(issue: Issue, actor: User, do: str, given: dict[str, str]) -> str:
    """Do what a form asks for; answers what was done, in a sentence. Raises ConfigurationFailure."""
    now = timezone.now()
    match do:
        case "acknowledge":
            triage.issue_acknowledge(issue=issue, actor=actor)
            return "Acknowledged: it stands under that tab until its last record went through."
        case "snooze":
            words, span = UNTIL.get(given.get("until", ""), UNTIL["1d"])
            triage.issue_snooze(issue=issue, until=now + span, actor=actor, now=now)
            return f"Snoozed for {words}: it calls for nobody, and comes back by itself."
        case "ignore":
            triage.issue_ignore(issue=issue, because=given.get("because", ""), actor=actor)
            return "Ignored until somebody opens it again: its records wait, and the daily proof names them."
        case "open":
            triage.issue_open(issue=issue, actor=actor)
            return "Open again: it calls for people."
        case "assign":
            person = chosen_person(issue.connection, given.get("assignee", ""))
            triage.issue_assign(issue=issue, assignee=person, actor=actor)
            return f"Assigned to {person.email}." if person else "Assigned to nobody."
        case "tag":
            return f"Tagged “{triage.issue_tag(issue=issue, name=given.get('tag', ''), actor=actor)}”."
        case "untag":
            is_gone = triage.issue_untag(issue=issue, name=given.get("tag", ""), actor=actor)
            return "The tag is taken away." if is_gone else "Nothing was changed: it has no such tag any more."
        case "note":
            triage.issue_note(issue=issue, text=given.get("text", ""), actor=actor, now=now)
            return "Noted."
        case _:
            return "Nothing was changed."


def chosen_person(connection: Connection, key: str) -> User | None:
    """One of the merchant's people by the number in a form; None for nobody, and for whoever is none of them."""
    wanted = number(key)
    return next((row.user for row in people_of(connection) if row.user_id == wanted), None)


@takes(*LISTED)
@require_POST
@for_connection(Action.TRIAGE)
def assign_many(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Say whose the chosen records are."""
    person = chosen_person(connection, request.POST.get("assignee", ""))
    chosen = wished(request, connection, waiting_as_drawn(request, connection))
    if chosen.rows:
        count = triage.records_assign(errors=chosen.rows, assignee=person, actor=request.user)
        whom = person.email if person else "nobody"
        messages.success(request, f"{counted(count)} assigned to {whom}.{chosen.left_words}")
    else:
        messages.warning(request, "Nothing was assigned: tick a record that is still as this list showed it.")
    return go_back(request, "errors", connection.public_id)


@takes(*LISTED)
@require_POST
@for_connection(Action.TRIAGE)
def ignore_many(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Let the chosen records call for nobody for a while, or again."""
    now, wish = timezone.now(), UNTIL.get(request.POST.get("until", ""))
    chosen = wished(request, connection, waiting_as_drawn(request, connection))
    if not chosen.rows:
        messages.warning(request, "Nothing was ignored: tick a record that is still as this list showed it.")
        return go_back(request, "errors", connection.public_id)
    until = now + wish[1] if wish else None
    count = triage.records_ignore(errors=chosen.rows, until=until, actor=request.user, now=now)
    words = f"ignored for {wish[0]}: they wait, and call for nobody" if wish else "no longer ignored"
    messages.success(request, f"{counted(count)} {words}.{chosen.left_words}")
    return go_back(request, "errors", connection.public_id)
