"""The match page of one SKU: candidates with their reasons, and a person's choice, which frees what waited for it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from connections.models import Connection
from connections.permissions import Action, abilities, role_of
from connections.views.base import PersonRequest, for_connection, page
from errors.failures import SyncFailure
from mappings.core.matching import only_fit
from mappings.linking import item_link, item_unlink, workbench
from syncjobs.fulfilment import released_by
from syncjobs.stock.hurrying import stock_hurry

LONGEST = 255


@require_safe
@for_connection(Action.LOOK)
def match(request: PersonRequest, connection: Connection) -> HttpResponse:
    """What both systems hold of a SKU now, side by side."""
    sku = request.GET.get("sku", "").strip()[:LONGEST]
    context: dict[str, Any] = {
        "connection": connection,
        "can": abilities(role_of(request.user, connection.merchant)),
        "tab": "items",
        "tab_title": "Items Information",
        "sku": sku,
    }
    if sku:
        try:
            bench = workbench(connection, sku)
        except SyncFailure as failure:
            context["problem"] = failure.summary
        else:
            context |= {"bench": bench, "best": only_fit(bench.matches)}
    return page(request, "syncjobs/item_match.html", context, merchant=connection.merchant)


@require_POST
@for_connection(Action.MAPS)
def link(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Link a SKU with the item of a number, chosen or typed."""
    sku, number = wanted(request, "sku"), request.POST.get("number", "").strip()[:LONGEST]
    if not number:
        messages.error(request, "Nothing was linked: choose an item, or type its Item #.")
        return back(connection, sku)
    try:
        item_link(connection=connection, sku=sku, number=number, actor=request.user)
    except SyncFailure as failure:
        messages.error(request, f"Nothing was linked. {failure.summary}")
        return back(connection, sku)
    messages.success(request, f"{sku} is linked with item {number}.")
    if released := released_by(connection, ["item_links"], actor=request.user):
        messages.info(
            request, f"{released} waiting {'order is' if released == 1 else 'orders are'} looked at again now."
        )
    stock_hurry(connection.pk, timezone.now())
    return redirect("items", public_id=connection.public_id)


@require_POST
@for_connection(Action.MAPS)
def unlink(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Part a SKU from its item."""
    sku = wanted(request, "sku")
    if item_unlink(connection=connection, sku=sku, actor=request.user):
        messages.success(request, f"{sku} is parted from its item: no stock is sent for it, and orders with it wait.")
    else:
        messages.info(request, f"{sku} was not linked.")
    return redirect("items", public_id=connection.public_id)


def wanted(request: PersonRequest, name: str) -> str:
    """A value that the form must hold."""
    value = request.POST.get(name, "").strip()
    if not value or len(value) > LONGEST:
        raise Http404
    return value


def back(connection: Connection, sku: str) -> HttpResponse:
    return redirect(f"{reverse('item_match', args=[connection.public_id])}?{urlencode({'sku': sku})}")
