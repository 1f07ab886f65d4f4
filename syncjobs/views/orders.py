"""The list of orders, and one order with both systems side by side."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from connections.fixes import fix_for, heartland_order_url, store_order_url
from connections.models import Connection
from connections.permissions import Action
from connections.templatetags.tillbridge import money
from connections.views.base import PersonRequest, for_connection, member, page, wants_partial
from errors.models import SyncError
from syncjobs.models import Record, SyncJob
from syncjobs.orderbook import OrderFilters, comparison, equation, orders_filtered, timeline
from syncjobs.overview import ORDERS, PERIODS, Scope
from syncjobs.views.dashboard import connections_of

ROWS = 50


@require_safe
@member
def orders(request: PersonRequest) -> HttpResponse:
    """Every order with its one disposition; filters live in the address."""
    mine = connections_of(request)
    asked = request.GET
    filters = OrderFilters(
        state=asked.get("state", "") if asked.get("state") in Record.Disposition.values else "",
        code=asked.get("code", "")[:60],
        status=asked.get("status", "")[:60],
        period=asked.get("period", "all") if asked.get("period") in PERIODS else "all",
        text=asked.get("q", "").strip()[:80],
        undistributed=asked.get("undistributed") == "1",
    )
    rows = orders_filtered(Scope(connections=mine), filters)
    context = {
        "rows": Paginator(rows, ROWS).get_page(asked.get("page")),
        "filters": filters,
        "store": asked.get("store", ""),
        "stores": Connection.objects.for_user(request.user).select_related("store").order_by("store__name"),
        "states": Record.Disposition.choices,
        "periods": PERIODS,
        "is_filtered": bool(set(asked) - {"page"}),
    }
    merchant = mine[0].merchant if mine else None
    return page(request, "syncjobs/orders.html", context, merchant=merchant)


@require_safe
@vary_on_headers("HX-Request")
@for_connection(Action.LOOK)
def order(request: PersonRequest, connection: Connection, external_id: str) -> HttpResponse:
    """One order: where it stands and why, both systems, the money, everything that happened."""
    record = get_object_or_404(Record, connection=connection, flow=ORDERS, external_id=external_id)
    record.connection = connection
    problem = SyncError.objects.open().filter(connection=connection, flow=ORDERS, external_id=external_id).first()
    context = {
        "connection": connection,
        "record": record,
        "problem": problem,
        "reasons": [(row, fix_for(connection, row.get("fix_page", ""))) for row in violations(problem)],
        "pending": SyncJob.objects.filter(
            connection=connection, flow=ORDERS, external_id=external_id, status__in=["pending", "running"]
        ).first(),
        "rows": comparison(record, money),
        "equation": equation(record),
        "moments": timeline(record),
        "heartland_url": heartland_order_url(connection.heartland, record.target_id),
        "store_url": store_order_url(connection, external_id),
    }
    template = "syncjobs/_order.html" if wants_partial(request) else "syncjobs/order.html"
    return page(request, template, context, merchant=connection.merchant)


def violations(problem: SyncError | None) -> list[dict[str, str]]:
    return list(problem.violations) if problem else []
