"""The Errors tab: causes above, the records behind them below; the same list as a file."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from connections.components import FilterChip, StateTab
from connections.models import Connection, Membership
from connections.permissions import Action, role_of
from connections.strict import takes
from connections.views.base import PersonRequest, for_connection, page, wants_partial
from errors.issues.error_filters import (
    AGES,
    CLASSES,
    FLOWS,
    ME,
    MOST_COUNTED,
    NOBODY,
    OPEN,
    RECORD_TABS,
    SKIPPED,
    ErrorFilters,
    errors_filtered,
    filters_from,
    issue_counts,
    issues_filtered,
    record_counts,
)
from errors.models import Issue, SyncError
from syncjobs.pages.errors.issue_cards import issue_cards, tag_names
from syncjobs.pages.errors.record_rows import (
    record_page,
    row_of_error,
    row_of_record,
    skipped,
    skipped_count,
    tried_now,
)
from syncjobs.pages.lists.chosen import keep_view, views_of
from syncjobs.pages.runs.run_views import csv_answer

LIST = "errors"
ISSUES = 20
PLACES = ("after", "before", "issue_page")  # of an address: where in its lists it is
CALLING = ("open", "held", "dead")


@require_safe
@vary_on_headers("HX-Request")
@for_connection(Action.LOOK)
def errors(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Why records have not gone through, with the fix where the cause is shown."""
    if (store := request.GET.get("store", "")) and store != str(connection.public_id):
        other = get_object_or_404(Connection.objects.for_user(request.user), public_id=known_uuid(store))
        return redirect(f"/stores/{other.public_id}/errors/?{without(request.GET, 'store', *PLACES)}")
    role = role_of(request.user, connection.merchant)
    now, me, filters = timezone.now(), request.user.pk, filters_from(request.GET)
    shown = Paginator(issues_filtered(connection, filters, me=me, now=now).select_related("assignee"), ISSUES)
    issues = shown.get_page(request.GET.get("issue_page"))
    counts = record_counts(connection) | {SKIPPED: skipped_count(connection)}
    records = record_page(connection, filters, request.GET, me=me, now=now)
    is_narrowed = bool(chips(connection, filters, request.GET))
    context: dict[str, Any] = {
        "connection": connection,
        "tab": "errors",
        "filters": filters,
        "filters_text": without(request.GET, *PLACES),
        "chips": chips(connection, filters, request.GET),
        "clear": f"?{urlencode({'state': filters.state, 'issues': filters.issues})}",
        "issue_tabs": issue_tabs(request.GET, filters, issue_counts(connection, now)),
        "issues": issues,
        "cards": issue_cards(connection, list(issues), now, role=role),
        "chosen": Issue.objects.filter(connection=connection, pk=filters.issue).first() if filters.issue else None,
        "record_tabs": record_tabs(request.GET, filters, counts),
        "states": [(key, counts.get(key, 0)) for key in RECORD_TABS if key != SKIPPED],
        "records": records,
        "matching": matching(connection, filters, counts, is_narrowed=is_narrowed, me=me, now=now),
        "newer": place(request.GET, "before", records.newer),
        "older": place(request.GET, "after", records.older),
        "tried_now": tried_now(connection, now),
        "people": people_of(connection),
        "tags": tag_names(connection),
        "stores": Connection.objects.for_user(request.user).select_related("store").order_by("store__name", "pk"),
        "flows": list(FLOWS.items()),
        "classes": CLASSES,
        "ages": AGES,
        "drawn": now.isoformat(),
        "here": request.get_full_path(),
        "query": urlencode(filters.address),
        "views": [(view, f"?{view.query}") for view in views_of(request.user, LIST)],
        "is_listed": filters.state not in {"resolved", SKIPPED},
    }
    template = "errors/_errors.html" if wants_partial(request) else "errors/errors.html"
    return page(request, template, context, merchant=connection.merchant)


def matching(
    connection: Connection, filters: ErrorFilters, counts: dict[str, int], *, is_narrowed: bool, me: int, now: datetime
) -> int:
    """How many records the list holds on all its pages; known already where nothing narrows a tab."""
    if filters.state in (SKIPPED, "resolved"):
        return 0
    if not is_narrowed:
        return counts.get(filters.state, 0)
    return errors_filtered(connection, filters, me=me, now=now).order_by().count()


def known_uuid(text: str) -> str | None:
    """A store's public id of an address; None, which no store has, for what is none."""
    plain = text.replace("-", "")
    return text if len(plain) == 32 and plain.isalnum() and plain.isascii() and is_hex(plain) else None


def is_hex(text: str) -> bool:
    return all(sign in "0123456789abcdefABCDEF" for sign in text)


def page_under(request: PersonRequest) -> str:
    """Where a form leads back to: the page that a part of a page is drawn beside, else its own."""
    beside = request.htmx.current_url_abs_path if wants_partial(request) else None
    return beside or request.get_full_path()


def people_of(connection: Connection) -> list[Membership]:
    """Whom something may be assigned to."""
    rows = Membership.objects.filter(merchant=connection.merchant, user__is_active=True)
    return list(rows.select_related("user").order_by("user__email"))


def without(asked: QueryDict, *names: str) -> str:
    """An address's question without these."""
    query = asked.copy()
    for name in names:
        query.pop(name, None)
    return query.urlencode()


def place(asked: QueryDict, name: str, at: str) -> str:
    """The address of the page before or after; "" where there is none."""
    rest = without(asked, "after", "before")
    return f"?{rest}{'&' if rest else ''}{urlencode({name: at})}" if at else ""


def tab_address(asked: QueryDict, name: str, key: str) -> str:
    """The address of a tab: the same filters, from its beginning."""
    rest = without(asked, name, *PLACES)
    return f"?{rest}{'&' if rest else ''}{urlencode({name: key})}"


def issue_tabs(asked: QueryDict, filters: ErrorFilters, counts: dict[str, int]) -> list[StateTab]:
    return [
        StateTab(
            label=str(state.label),
            href=tab_address(asked, "issues", state),
            is_current=filters.issues == state,
            count=counts[state],
            needs_you=state == Issue.State.OPEN,
        )
        for state in Issue.State
    ]


def record_tabs(asked: QueryDict, filters: ErrorFilters, counts: dict[str, int]) -> list[StateTab]:
    return [
        StateTab(
            label=label,
            href=tab_address(asked, "state", key),
            is_current=filters.state == key,
            count=f"{MOST_COUNTED:,}+" if counts.get(key, 0) >= MOST_COUNTED else counts.get(key, 0),
            needs_you=key in CALLING,
        )
        for key, label in RECORD_TABS.items()
    ]


def chips(connection: Connection, filters: ErrorFilters, asked: QueryDict) -> list[FilterChip]:
    """The filters that are set, beside the tabs."""
    people = {str(row.user_id): row.user.email for row in people_of(connection)} if filters.assignee else {}
    whose = {ME: "me", NOBODY: "nobody", **people}
    set_ones = {
        "issue": ("Cause", title_of(connection, filters.issue)),
        "flow": ("Object", FLOWS.get(filters.flow, "")),
        "owner": ("Class", next((words for key, words in CLASSES.items() if key == filters.owner), "")),
        "age": ("Age", AGES[filters.age][1] if filters.age else ""),
        "money": ("Worth at least", str(filters.money or "")),
        "assignee": ("Whose", whose.get(filters.assignee, "somebody else") if filters.assignee else ""),
        "tag": ("Tag", filters.tag),
        "q": ("Words", filters.text),
    }
    return [
        FilterChip(name=name, value=value, href=f"?{without(asked, key, *PLACES)}")
        for key, (name, value) in set_ones.items()
        if value
    ]


def title_of(connection: Connection, issue: int | None) -> str:
    if issue is None:
        return ""
    titles = Issue.objects.filter(connection=connection, pk=issue).values_list("title", flat=True)
    return titles.first() or "unknown"


@takes("name", "filters", "delete")
@require_POST
@for_connection(Action.LOOK)
def views(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Keep the filters under a name for every store's errors, or delete a view."""
    query = urlencode(filters_from(dict(parse_qsl(request.POST.get("filters", "")[:2000]))).address)
    keep_view(request, LIST, query)
    return redirect(f"{reverse('errors', args=[connection.public_id])}?{query}")


@require_safe
@for_connection(Action.LOOK)
def errors_csv(request: PersonRequest, connection: Connection) -> StreamingHttpResponse:
    """The records that the filters show, all of them, as a file."""
    filters = filters_from(request.GET)
    lines = csv_lines(connection, filters, request.user.pk, timezone.now())
    return csv_answer(f"errors-{filters.state}.csv", lines)


def csv_lines(connection: Connection, filters: ErrorFilters, me: int, now: datetime) -> Iterator[tuple[str, ...]]:
    yield ("Record", "Object", "Id", "State", "Reason", "Amount", "Currency", "Attempts", "First seen", "Last seen",
           "Next try", "Assigned to")  # fmt: skip
    if filters.state == SKIPPED:
        rows = (row_of_record(one) for one in skipped(connection, filters, now=now).iterator(500))
    else:
        found = errors_filtered(connection, filters, me=me, now=now).select_related("assignee")
        rows = (row_of_error(one, 0) for one in found.iterator(500))
    for row in rows:
        yield (
            row.label,
            FLOWS.get(row.flow, row.flow),
            row.external_id,
            RECORD_TABS.get(row.state, row.state),
            row.reason,
            str(row.amount or ""),
            row.currency,
            str(row.attempts),
            row.first_seen_at.isoformat(timespec="seconds"),
            row.last_seen_at.isoformat(timespec="seconds"),
            row.next_try_at.isoformat(timespec="seconds") if row.next_try_at else "",
            row.assignee,
        )


def all_open(filters: ErrorFilters) -> ErrorFilters:
    """The same list, never more than what waits: bulk acts are not about what is over."""
    return filters if filters.state in {OPEN, *SyncError.State.values} else replace(filters, state=OPEN)
