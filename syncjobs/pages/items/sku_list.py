"""The list of SKUs on the Items Information tab: what it shows, and what a person keeps of it."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from connections.models import Connection
from connections.permissions import Action, may, role_of
from connections.strict import takes
from connections.views.base import PersonRequest, for_connection
from mappings import link_list
from syncjobs.pages.items.item_lists import links_of
from syncjobs.pages.items.sku_columns import BY_KEY, KEYS, USUAL
from syncjobs.pages.items.sku_filters import (
    ALL,
    AT_ONCE,
    SORTS,
    SkuFilters,
    all_matching,
    chips,
    filters_of,
    href,
    ids_found,
    mark_of,
    skus_filtered,
    tabs,
)
from syncjobs.pages.lists.chosen import columns_choose, columns_chosen, keep_view, views_of
from syncjobs.pages.lists.keyset import count_words, counted, page_of
from syncjobs.pages.runs.run_views import csv_answer

LIST = "items"


def sku_list(request: PersonRequest, connection: Connection) -> dict[str, Any]:
    """What the list's part of the tab is drawn of; nothing before the first check."""
    if not counted([skus_filtered(connection, SkuFilters(state=ALL))], SORTS["sku"], most=0):
        return {"is_checked": False}
    filters = filters_of(request.GET.dict())
    found = ids_found(connection, filters.text) if filters.text else set()
    part = skus_filtered(connection, filters, found)
    rows = page_of([part.prefetch_related("product")], filters.ordered, request.GET.dict())
    matching = counted([part], filters.ordered)
    shown = columns_chosen(request.user, LIST, KEYS, USUAL)
    may_link = may(role_of(request.user, connection.merchant), Action.MAPS)
    return {
        "is_checked": True,
        "rows": rows,
        "links": links_of(connection, rows.rows),
        "matching_words": count_words(matching),
        "at_once": min(matching, AT_ONCE),
        "shown_mark": mark_of(all_matching(connection, filters, found)) if may_link and rows.rows else "",
        "filters": filters,
        "query": urlencode(filters.address),
        "tabs": tabs(connection, filters, found),
        "chips": chips(filters),
        "newer": href(filters, before=rows.newer) if rows.newer else "",
        "older": href(filters, after=rows.older) if rows.older else "",
        "sorts": {key: sort.label for key, sort in SORTS.items()},
        "columns": [BY_KEY[key] for key in shown],
        "all_columns": [(BY_KEY[key], key in shown) for key in KEYS],
        "views": [(view, f"?{view.query}#linking") for view in views_of(request.user, LIST)],
    }


def filters_sent(request: PersonRequest) -> SkuFilters:
    return filters_of(dict(parse_qsl(request.POST.get("filters", "")[:2000])))


def list_of(connection: Connection, filters: SkuFilters) -> HttpResponse:
    return redirect(f"{reverse('items', args=[connection.public_id])}{href(filters)}")


@takes("column[]", "filters")
@require_POST
@for_connection(Action.LOOK)
def columns(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Keep which columns the person wants to see, of every store's list."""
    columns_choose(request.user, LIST, request.POST.getlist("column"), KEYS)
    return list_of(connection, filters_sent(request))


@takes("name", "filters", "delete")
@require_POST
@for_connection(Action.LOOK)
def views(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Keep the filters under a name, or delete a view."""
    filters = filters_sent(request)
    keep_view(request, LIST, urlencode(filters.address))
    return list_of(connection, filters)


@require_safe
@for_connection(Action.LOOK)
def export(request: PersonRequest, connection: Connection) -> StreamingHttpResponse:
    """The SKUs that match with their links, as a file that can be filled in and read again; all without filters."""
    filters = filters_of(request.GET.dict() or {"state": ALL})
    return csv_answer("links.csv", link_list.exported(connection, skus_filtered(connection, filters)))
