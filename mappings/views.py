"""The Items Information tab: how items are kept alike, which are linked, which are not and why."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from connections.models import Connection
from connections.permissions import Action, abilities, role_of
from connections.views.base import PersonRequest, for_connection, page
from errors.failures import SyncFailure
from mappings.item_check import item_check, items_check
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
        "check": item_check(connection),
        "rows": Paginator(linked, ROWS).get_page(request.GET.get("page")),
    }
    return page(request, "mappings/items.html", context, merchant=connection.merchant)


@require_POST
@for_connection(Action.MAPS)
def check(request: PersonRequest, connection: Connection) -> HttpResponse:
    """*Check all items*: compare both catalogues now and link what is equal."""
    try:
        found = items_check(connection=connection, actor=request.user)
    except SyncFailure as failure:
        messages.error(request, failure.summary)
    else:
        messages.success(request, f"{found.matched} SKUs are linked; {found.unmatched} have no Heartland item.")
    return redirect("items", public_id=connection.public_id)
