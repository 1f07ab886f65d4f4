"""What an Errors tab that stands open asks now and then: its counts, and how many records are new to it."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from connections.models import Connection
from connections.permissions import Action
from connections.views.base import PersonRequest, for_connection, page
from errors.issues.error_filters import (
    MOST_COUNTED,
    SKIPPED,
    errors_filtered,
    filters_from,
    issue_counts,
    record_counts,
)
from syncjobs.pages.errors.error_views import PLACES, issue_tabs, record_tabs, without
from syncjobs.pages.errors.record_rows import skipped, skipped_count
from syncjobs.pages.shown import drawn_at


@require_safe
@for_connection(Action.LOOK)
def news(request: PersonRequest, connection: Connection) -> HttpResponse:
    """The counts, and how many records came to the list since it was drawn: no row moves under a hand."""
    asked, now = request.GET.copy(), timezone.now()
    asked.pop("drawn", None)
    drawn = drawn_at(request.GET.get("drawn", ""))
    filters = filters_from(asked)
    counts = record_counts(connection) | {SKIPPED: skipped_count(connection)}
    rows: QuerySet[Any]
    if filters.state == SKIPPED:
        rows = skipped(connection, filters, now=now).filter(changed_at__gt=drawn or now)
    else:
        found = errors_filtered(connection, filters, me=request.user.pk, now=now)
        rows = found.filter(first_seen_at__gt=drawn or now)
    new = rows.order_by()[:MOST_COUNTED].count()
    context = {
        "issue_tabs": issue_tabs(asked, filters, issue_counts(connection, now)),
        "record_tabs": record_tabs(asked, filters, counts),
        "new": new,
        "new_words": f"{new:,}{'+' if new == MOST_COUNTED else ''}",
        "where": f"?{without(asked, *PLACES)}",
    }
    return page(request, "errors/_news.html", context, merchant=connection.merchant)
