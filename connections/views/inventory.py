"""The Inventory tab: which Heartland locations' stock counts as available online."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from connections import preferences
from connections.models import Connection, InventorySettings
from connections.permissions import Action, abilities, role_of
from connections.views.base import PersonRequest, for_connection, page


@require_safe
@for_connection(Action.LOOK)
def inventory(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Locations that count, those that could, and the rule in words."""
    settings = InventorySettings.objects.filter(connection=connection).first()
    places = list(connection.heartland.locations.filter(is_active=True))
    added = set(connection.counted_locations.values_list("location_id", flat=True))
    counts_all = bool(settings and settings.counts_all_locations)
    context = {
        "connection": connection,
        "can": abilities(role_of(request.user, connection.merchant)),
        "tab": "inventory",
        "tab_title": "Inventory",
        "counts_all": counts_all,
        "counted": places if counts_all else [place for place in places if place.pk in added],
        "others": [] if counts_all else [place for place in places if place.pk not in added],
        "kept": [place for place in places if place.pk in added] if counts_all else [],
    }
    return page(request, "connections/inventory.html", context, merchant=connection.merchant)


@require_POST
@for_connection(Action.SETTINGS)
def all_locations(request: PersonRequest, connection: Connection) -> HttpResponse:
    """The switch *All locations*."""
    counts_all = request.POST.get("all") == "on"
    preferences.all_locations_set(connection=connection, counts_all=counts_all, actor=request.user)
    words = "All locations count now." if counts_all else "Only the locations that you add count now."
    messages.success(request, words)
    warn_of_distribution(request, connection)
    return redirect("inventory", public_id=connection.public_id)


@require_POST
@for_connection(Action.SETTINGS)
def add(request: PersonRequest, connection: Connection) -> HttpResponse:
    """*Add Location*."""
    location = get_object_or_404(
        connection.heartland.locations.filter(is_active=True), external_id=request.POST.get("location", "")
    )
    preferences.location_count(connection=connection, location=location, actor=request.user)
    messages.success(request, f"{location} counts now.")
    warn_of_distribution(request, connection)
    return redirect("inventory", public_id=connection.public_id)


@require_POST
@for_connection(Action.SETTINGS)
def remove(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Take a location out again."""
    location = get_object_or_404(connection.heartland.locations, external_id=request.POST.get("location", ""))
    preferences.location_ignore(connection=connection, location=location, actor=request.user)
    messages.success(request, f"{location} counts no longer.")
    return redirect("inventory", public_id=connection.public_id)


def warn_of_distribution(request: PersonRequest, connection: Connection) -> None:
    """Say so when orders still distribute themselves to one location although several sell."""
    settings = preferences.order_settings(connection)
    if settings.auto_distribute and preferences.counted_locations(connection) > 1:
        messages.warning(
            request,
            f"Several locations sell online now, but orders still distribute themselves to {settings.ship_from}: "
            "switch that off on the Order Fulfillment tab, or some orders cannot be shipped from there.",
        )
