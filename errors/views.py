"""The Errors tab: issues by cause above, records with reason and attempts below."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from connections.models import Connection
from connections.permissions import Action
from connections.views.base import PersonRequest, for_connection, page, wants_partial
from errors.issues.issue_lists import TABS, errors_filtered, filters_from, issues_open, state_counts
from errors.models import Issue, SyncError

ROWS = 50


@require_safe
@vary_on_headers("HX-Request")
@for_connection(Action.LOOK)
def errors(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Why records have not gone through, and the buttons that mend or retry them."""
    filters = filters_from(request.GET)
    counts = state_counts(connection)
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "connection": connection,
        "tab": "errors",
        "issues": issues_open(connection),
        "chosen": Issue.objects.filter(connection=connection, pk=filters.issue).first() if filters.issue else None,
        "filters": filters,
        "filters_text": query.urlencode(),
        "states": [(key, label, counts.get(key, 0)) for key, label in TABS.items()],
        "rows": Paginator(errors_filtered(connection, filters), ROWS).get_page(request.GET.get("page")),
        "drawn": timezone.now().isoformat(),
        "is_resolved": filters.state == SyncError.State.RESOLVED,
    }
    template = "errors/_errors.html" if wants_partial(request) else "errors/errors.html"
    return page(request, template, context, merchant=connection.merchant)
