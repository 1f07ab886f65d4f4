"""One record beside the list, or on a page of its own: what happened, every try, what comes next; and its bundle."""

import json

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from connections.fixes import heartland_order_url, store_order_url
from connections.models import Connection
from connections.permissions import Action, role_of
from connections.views.base import PersonRequest, for_connection, page, wants_partial
from errors.models import SyncError
from syncjobs.flows import ORDERS
from syncjobs.pages.errors import record_story
from syncjobs.pages.errors.error_views import page_under, people_of
from syncjobs.pages.errors.issue_cards import issue_cards
from syncjobs.pages.errors.record_rows import row_of_error
from syncjobs.pages.errors.support_bundle import bundle_of
from syncjobs.pages.orders.order_corrections import digest, proposed_for


@require_safe
@vary_on_headers("HX-Request")
@for_connection(Action.LOOK)
def error(request: PersonRequest, connection: Connection, error_id: int) -> HttpResponse:
    """One record that has not gone through, or that did after a while."""
    found, role = error_or_404(connection, error_id), role_of(request.user, connection.merchant)
    now, record = timezone.now(), record_story.record_of(found)
    is_order = found.flow == ORDERS.name
    context = {
        "connection": connection,
        "tab": "errors",
        "error": found,
        "row": row_of_error(found, record.same_result_count if record else 0),
        "record": record,
        "effect": record_story.effect_of(found, record),
        "cards": issue_cards(connection, record_story.issues_of(found), now, role=role),
        "proposed": (proposed := proposed_for(record) if is_order and record else []),
        "proposed_shown": digest(proposed),
        "looks": record_story.looks(found),
        "schedule": record_story.schedule_of(found, record, now),
        "related": record_story.related(found),
        "acts": record_story.acts_of(found),
        "people": people_of(connection),
        "heartland_url": heartland_order_url(connection.heartland, record.target_id) if is_order and record else "",
        "store_url": store_order_url(connection, found.external_id) if is_order else "",
        "drawn": now.isoformat(),
        "here": page_under(request),
        "is_waiting": found.state != SyncError.State.RESOLVED,
    }
    template = "errors/_record.html" if wants_partial(request) else "errors/record.html"
    return page(request, template, context, merchant=connection.merchant)


@require_safe
@for_connection(Action.RETRY)
def bundle(request: PersonRequest, connection: Connection, error_id: int) -> HttpResponse:
    """The record's story as a file for support."""
    found = error_or_404(connection, error_id)
    text = json.dumps(bundle_of(found, timezone.now()), indent=2, ensure_ascii=False)
    answer = HttpResponse(text, content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="support-{found.flow}-{found.pk}.json"'
    return answer


def error_or_404(connection: Connection, error_id: int) -> SyncError:
    found = record_story.error_or_none(connection, error_id)
    if found is None:
        raise Http404
    return found
