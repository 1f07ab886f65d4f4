"""Which Heartland locations' stock counts as available online. The tab itself is drawn where the runs are known."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from connections import preferences
from connections.models import Connection
from connections.permissions import Action
from connections.views.base import PersonRequest, for_connection


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
