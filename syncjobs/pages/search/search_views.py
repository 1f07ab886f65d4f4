"""The search page, and what is suggested while somebody types."""

from dataclasses import dataclass, field

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from connections.models import Connection
from connections.permissions import ROLES, Action
from connections.views.base import PersonRequest, member, page
from syncjobs.models import InboxEvent, Record
from syncjobs.pages.orders.order_list import order_url
from syncjobs.pages.search.find_items import ItemFound, items_found
from syncjobs.pages.search.find_orders import Shopper, newest, orders_exact, orders_of_part, shoppers_found
from syncjobs.pages.search.search_links import grouped
from syncjobs.pages.search.shoppers_seen import seeing_shoppers

LISTED, SUGGESTED = 50, 5  # of each group
TYPED = 80  # characters that are looked at


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a text means, group by group."""

    text: str
    orders: list[Record] = field(default_factory=list)
    exact: list[Record] = field(default_factory=list)  # of them, those whose whole number it is
    items: list[ItemFound] = field(default_factory=list)
    shoppers: list[Shopper] = field(default_factory=list)
    events: list[InboxEvent] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.orders or self.items or self.shoppers or self.events)

    @property
    def only_order(self) -> Record | None:
        """The order that is meant and nothing else."""
        others = self.items or self.shoppers or self.events
        return self.exact[0] if len(self.exact) == 1 and not others else None


def find(request: PersonRequest, text: str, most: int) -> Found:
    """Look in the person's stores; who ordered is found by those alone who may see that."""
    mine = list(Connection.objects.for_user(request.user).select_related("merchant", "store", "heartland"))
    number = text.lstrip("#").strip()
    if not number:
        return Found(text=text)
    exact = orders_exact(mine, number)
    known = {row.pk for row in exact}
    parts = [row for row in orders_of_part(mine, number, most + len(exact)) if row.pk not in known]
    return Found(
        text=text,
        orders=[*newest(exact), *parts][:most],
        exact=exact,
        items=items_found(mine, text, most),
        shoppers=shoppers_found(seeing_shoppers(request, mine), text, most),
        events=list(InboxEvent.objects.defer("body").filter(connection__in=mine, delivery_key=number)[:most]),
    )


def typed(request: PersonRequest) -> str:
    return " ".join(request.GET.get("q", "").split())[:TYPED]


@require_safe
@member
def search(request: PersonRequest) -> HttpResponse:
    """All that is found, by groups; the one order whose number it is opens."""
    found = find(request, typed(request), LISTED)
    if only := found.only_order:
        return redirect(order_url(only))
    mine = list(Connection.objects.for_user(request.user).select_related("merchant"))
    context = {
        "search_query": found.text,
        "found": found,
        "sees_shoppers": len(seeing_shoppers(request, mine)) == len(mine),
        "shoppers_seen_by": sorted(str(role.label).lower() for role in ROLES[Action.SHOPPERS]),
    }
    return page(request, "search/search.html", context)


@require_safe
@member
def suggest(request: PersonRequest) -> HttpResponse:
    """The first of each group as links: a part of a page, or JSON where `format` says so.

    {"query": …, "groups": [{"title": …, "hits": [{"text": …, "detail": …, "href": …}]}]}
    """
    found = find(request, typed(request), SUGGESTED)
    groups = [group for group in grouped(found.orders, found.items, found.shoppers, found.events) if group["hits"]]
    if request.GET.get("format") == "json":
        return JsonResponse({"query": found.text, "groups": groups})
    return page(request, "search/_suggestions.html", {"found": found, "groups": groups})
