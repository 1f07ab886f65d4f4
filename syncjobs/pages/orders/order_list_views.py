"""The list of orders: tabs, filters, columns, views of one's own, what is done with many, and the file."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import chain
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from connections.models import Connection
from connections.permissions import Action, may, refusal, role_of
from connections.strict import takes
from connections.views.base import PersonRequest, member, page
from syncjobs import engine
from syncjobs.models import Record
from syncjobs.pages.dashboard.dashboard_scope import Scope
from syncjobs.pages.lists.chosen import columns_choose, columns_chosen, keep_view, views_of
from syncjobs.pages.lists.keyset import MOST_COUNTED, Page, count_words, counted, named, page_of
from syncjobs.pages.orders.order_columns import BY_KEY, COLUMNS, KEYS, NOBODY, USUAL, people_of
from syncjobs.pages.orders.order_filters import (
    PERIOD_WORDS,
    SORTS,
    OrderFilters,
    attached,
    chips,
    filters_of,
    href,
    orders_filtered,
    tabs,
)
from syncjobs.pages.retry.retry_views import number
from syncjobs.pages.runs.run_views import csv_answer
from syncjobs.pages.search.shoppers_seen import seeing_shoppers

LIST = "orders"
AT_ONCE = 500  # orders that one act is about
FILE_PAGE = 500


def stores_of(request: PersonRequest) -> list[Connection]:
    rows = Connection.objects.for_user(request.user).select_related("merchant", "heartland", "store")
    return list(rows.order_by("store__name", "pk"))


def scope_of(request: PersonRequest, stores: list[Connection], filters: OrderFilters) -> Scope:
    """The stores that the list is about; one shopper's orders only where the person may see who ordered."""
    mine = [row for row in stores if not filters.store or str(row.public_id) == filters.store]
    return Scope(connections=seeing_shoppers(request, mine) if filters.shopper else mine)


@require_safe
@member
def orders(request: PersonRequest) -> HttpResponse:
    """Every order with its one status; filters live in the address."""
    stores, filters = stores_of(request), filters_of(request.GET.dict())
    scope = scope_of(request, stores, filters)
    parts = orders_filtered(scope, filters)
    rows = page_of(parts, filters.ordered, request.GET.dict())
    attached(rows.rows, stores)
    seen = [row.pk for row in seeing_shoppers(request, scope.connections)]
    known = [key for key in KEYS if seen or not BY_KEY[key].is_personal]
    shown = columns_chosen(request.user, LIST, known, [key for key in USUAL if key != "store" or len(stores) > 1])
    people = people_of(rows.rows, seen) if any(BY_KEY[key].is_personal for key in shown) else {}
    matching = counted(parts, filters.ordered)
    context = {
        "rows": rows,
        "drawn": [(row, people.get(row.pk, NOBODY)) for row in rows.rows],
        "matching": matching,
        "matching_words": count_words(matching),
        "at_once": min(matching, AT_ONCE),
        "totals": totals(chain.from_iterable(parts) if matching <= MOST_COUNTED else rows.rows),
        "totals_of_all": matching <= MOST_COUNTED,
        "filters": filters,
        "query": urlencode(filters.address),
        "tabs": tabs(scope, filters),
        "chips": chips(filters, stores),
        "clear": href(OrderFilters(state=filters.state, undistributed=filters.undistributed)),
        "news": news_address(filters, rows),
        "newer": href(filters, before=rows.newer) if rows.newer else "",
        "older": href(filters, after=rows.older) if rows.older else "",
        "stores": stores,
        "one_store": scope.connections[0] if len(scope.connections) == 1 else None,
        "periods": PERIOD_WORDS,
        "sorts": {key: sort.label for key, sort in SORTS.items()},
        "columns": [BY_KEY[key] for key in shown],
        "all_columns": [(BY_KEY[key], key in shown) for key in known],
        "views": [(view, href(OrderFilters()) + f"?{view.query}") for view in views_of(request.user, LIST)],
        "is_filtered": bool(filters.address.keys() - {"sort"}),
        "may_retry": any(may(role_of(request.user, row.merchant), Action.RETRY) for row in scope.connections[:1]),
    }
    merchant = scope.connections[0].merchant if scope.connections else None
    return page(request, "orders/orders.html", context, merchant=merchant)


def news_address(filters: OrderFilters, rows: Page[Record]) -> str:
    """Where the list asks what is new to it: the orders before its first one, where it is sorted by age and begins."""
    first = {"first": named(rows.rows[0]) if rows.rows else ""} if filters.sort == "newest" and not rows.newer else {}
    return f"{reverse('orders_news')}?{urlencode({**filters.address, **first})}"


def totals(rows: Iterable[Record]) -> list[tuple[str, Decimal, Decimal]]:
    """(currency, the store's total, of it what is booked) of some orders."""
    sums: dict[str, list[Decimal]] = {}
    for row in rows:
        one = sums.setdefault(row.currency, [Decimal(0), Decimal(0)])
        one[0] += row.source_total or 0
        one[1] += (row.target_total or 0) if row.disposition == Record.Disposition.BOOKED else 0
    return [(currency, one[0], one[1]) for currency, one in sorted(sums.items()) if currency]


@takes("pick[]", "all_matching", "filters")
@require_POST
@member
def retry(request: PersonRequest) -> HttpResponse:
    """Look again at the ticked orders, or at all that match, AT_ONCE at a time."""
    filters = filters_of(dict(parse_qsl(request.POST.get("filters", "")[:2000])))
    stores = stores_of(request)
    parts = orders_filtered(scope_of(request, stores, filters), filters)
    if request.POST.get("all_matching") == "1":
        rows = page_of(parts, filters.ordered, {}, rows=AT_ONCE).rows
    else:
        picked = [number(text) for text in request.POST.getlist("pick")[:AT_ONCE]]
        rows = list(Record.objects.filter(pk__in=picked, connection__in=stores, flow="orders"))
    count = 0
    for connection in stores:
        ids = [row.external_id for row in rows if row.connection_id == connection.pk]
        if ids:
            demand_retry(request, connection)
            count += engine.orders_retry(connection=connection, external_ids=ids, actor=request.user)
    if not count:
        messages.warning(request, "Nothing to retry: tick an order first.")
    else:
        more = f" These are the first {AT_ONCE}: retry again for more." if count == AT_ONCE else ""
        messages.success(request, f"{count} {'order is' if count == 1 else 'orders are'} looked at again now.{more}")
    return redirect(href(filters))


def demand_retry(request: PersonRequest, connection: Connection) -> None:
    role = role_of(request.user, connection.merchant)
    if not may(role, Action.RETRY):
        raise PermissionDenied(refusal(role, Action.RETRY))


@takes("column[]", "filters")
@require_POST
@member
def columns(request: PersonRequest) -> HttpResponse:
    """Keep which columns the person wants to see."""
    columns_choose(request.user, LIST, request.POST.getlist("column"), KEYS)
    return redirect(href(filters_of(dict(parse_qsl(request.POST.get("filters", "")[:2000])))))


@takes("name", "filters", "delete")
@require_POST
@member
def views(request: PersonRequest) -> HttpResponse:
    """Keep the filters under a name, or delete a view."""
    filters = filters_of(dict(parse_qsl(request.POST.get("filters", "")[:2000])))
    keep_view(request, LIST, urlencode(filters.address))
    return redirect(href(filters))


@require_safe
@member
def export(request: PersonRequest) -> StreamingHttpResponse:
    """All orders that match as a file, made while it is sent; who ordered only where the person may see it."""
    stores, filters = stores_of(request), filters_of(request.GET.dict())
    scope = scope_of(request, stores, filters)
    seen = [row.pk for row in seeing_shoppers(request, scope.connections)]
    return csv_answer("orders.csv", lines(scope, filters, seen))


def lines(scope: Scope, filters: OrderFilters, seen: list[int]) -> Iterator[tuple[str, ...]]:
    """The head, then a line for each order; columns of people only where some may be seen."""
    shown = [column for column in COLUMNS if seen or not column.is_personal]
    yield ("Web order", *(column.label for column in shown))
    place = ""
    while True:
        found = page_of(orders_filtered(scope, filters), filters.ordered, {"after": place}, rows=FILE_PAGE)
        people = people_of(found.rows, seen)
        for row in attached(found.rows, scope.connections):
            yield (row.title, *(column.text(row, people.get(row.pk, NOBODY)) for column in shown))
        place = found.older
        if not place:
            return
