"""The page of orders of Heartland's desk: find one, see what would be made of it in the store, have it made."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from connections.models import Connection
from connections.permissions import Action, may, role_of
from connections.store_kinds import profile_of
from connections.strict import takes
from connections.views.base import PersonRequest, for_connection, page
from errors.failures import ConfigurationFailure, SyncFailure
from syncjobs.flows import DESK_ORDERS
from syncjobs.models import Record
from syncjobs.pages.desk_orders.choose_desk_order import desk_order_choose
from syncjobs.pages.desk_orders.preview_desk_order import preview, recent

SHOWN, LONGEST = 50, 60


@require_safe
@for_connection(Action.LOOK)
def desk_orders(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Those that were recorded; with `?number=` what would be made of one, with `?recent=1` what may be meant."""
    now, role = timezone.now(), role_of(request.user, connection.merchant)
    lacking = profile_of(connection.store).without_desk_orders
    asks = may(role, Action.BACKFILL) and connection.is_running and not lacking
    number = request.GET.get("number", "").strip()[:LONGEST]
    context = {
        "connection": connection,
        "tab": "fulfilment",
        "lacking": lacking,
        "asks": asks,
        "number": number,
        "preview": preview(connection, number, now) if asks and number else None,
        "sees_shoppers": may(role, Action.SHOPPERS),
        "rows": Record.objects.filter(connection=connection, flow=DESK_ORDERS.name).order_by("-changed_at")[:SHOWN],
    }
    if asks and request.GET.get("recent"):
        try:
            context["recent"] = recent(connection, now)
        except SyncFailure as failure:
            messages.error(request, failure.summary)
    return page(request, "desk_orders/desk_orders.html", context, merchant=connection.merchant)


@takes("order", "number", "shown")
@require_POST
@for_connection(Action.BACKFILL)
def choose(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Have one recorded, exactly as the page showed it."""
    if lacking := profile_of(connection.store).without_desk_orders:
        messages.error(request, f"Nothing is recorded. {lacking}")
        return redirect("desk_orders", public_id=connection.public_id)
    number = request.POST.get("number", "").strip()[:LONGEST]
    try:
        desk_order_choose(
            connection=connection,
            sales_order=request.POST.get("order", "")[:20],
            number=number,
            shown=request.POST.get("shown", "")[:64],
            actor=request.user,
            now=timezone.now(),
        )
    except ConfigurationFailure as failure:
        messages.error(request, f"Nothing is recorded. {failure.summary}")
    else:
        messages.success(request, f"{number} is being recorded in {connection.store}.")
    return redirect("desk_orders", public_id=connection.public_id)
