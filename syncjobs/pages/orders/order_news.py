"""What a list of orders that stands open asks now and then: its counts, and how many orders are new to it."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from connections.views.base import PersonRequest, member, page
from syncjobs.pages.lists.keyset import beyond, count_words, counted, place_of
from syncjobs.pages.orders.order_filters import filters_of, href, orders_filtered, tabs
from syncjobs.pages.orders.order_list_views import scope_of, stores_of


@require_safe
@member
def news(request: PersonRequest) -> HttpResponse:
    """The counts, and how many orders now stand before the one that the page begins with: no row moves under a hand."""
    filters = filters_of(request.GET.dict())
    scope, sort = scope_of(request, stores_of(request), filters), filters.ordered
    place = place_of(request.GET.get("first", ""), sort)
    parts = [part.annotate(sorted_by=sort.by) for part in orders_filtered(scope, filters)]
    if place:
        parts = [part.filter(beyond(place, falls=not sort.falls)) for part in parts]
    new = counted(parts, sort) if place or request.GET.get("first") == "" else 0
    context = {"tabs": tabs(scope, filters), "new": new, "new_words": count_words(new), "where": href(filters)}
    merchant = scope.connections[0].merchant if scope.connections else None
    return page(request, "orders/_news.html", context, merchant=merchant)
