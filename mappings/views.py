"""The Items Information tab: how items are kept alike, which are linked, which are not and why."""

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from connections.models import Connection
from connections.permissions import Action, abilities, role_of
from connections.views.base import PersonRequest, for_connection, page
from mappings.models import Link

ROWS = 50


@require_safe
@for_connection(Action.LOOK)
def items(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Mode, unlinked SKUs with their reason, linked items."""
    text = request.GET.get("q", "").strip()[:80]
    linked = Link.objects.of(connection, Link.Kind.ITEM).order_by("source_id")
    if text:
        linked = linked.filter(Q(source_id__icontains=text) | Q(target_label__icontains=text))
    context = {
        "connection": connection,
        "can": abilities(role_of(request.user, connection.merchant)),
        "tab": "items",
        "tab_title": "Items Information",
        "text": text,
        "rows": Paginator(linked, ROWS).get_page(request.GET.get("page")),
    }
    return page(request, "mappings/items.html", context, merchant=connection.merchant)
