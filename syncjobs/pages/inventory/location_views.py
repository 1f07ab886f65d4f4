"""The Inventory tab's locations: which count, and where in the store their stock is shown."""

from collections.abc import Callable

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from connections import preferences, store_lists
from connections.models import Connection
from connections.permissions import Action
from connections.store_kinds import profile_of
from connections.strict import takes
from connections.views.base import PersonRequest, for_connection, is_as_shown, page
from errors.failures import ConfigurationFailure
from mappings.models import StockLevel
from syncjobs.bulk import run_progress, runs
from syncjobs.engine.expedite_stock import stock_expedite
from syncjobs.models import Run
from syncjobs.stock.follow_locations import SYNC
from syncjobs.stock.plan import in_order, plan_of, settings_of


@takes("version", "all", "sure")
@require_POST
@for_connection(Action.SETTINGS)
def all_locations(request: PersonRequest, connection: Connection) -> HttpResponse:
    """The switch *All locations*."""
    counts_all = request.POST.get("all") == "on"

    def change() -> str:
        preferences.all_locations_set(connection=connection, counts_all=counts_all, actor=request.user)
        return "All locations count now." if counts_all else "Only the locations that you add count now."

    answer = made(request, connection, change)
    warn_of_distribution(request, connection)
    return answer


@takes("version", "location", "sure")
@require_POST
@for_connection(Action.SETTINGS)
def add(request: PersonRequest, connection: Connection) -> HttpResponse:
    """*Add Location*."""
    open_ones = connection.heartland.locations.filter(is_active=True)
    location = get_object_or_404(open_ones, external_id=request.POST.get("location", ""))

    def change() -> str:
        preferences.location_count(connection=connection, location=location, actor=request.user)
        return f"{location} counts now."

    answer = made(request, connection, change)
    warn_of_distribution(request, connection)
    return answer


@takes("version", "location", "sure")
@require_POST
@for_connection(Action.SETTINGS)
def remove(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Take a location out again."""
    location = get_object_or_404(connection.heartland.locations, external_id=request.POST.get("location", ""))

    def change() -> str:
        preferences.location_ignore(connection=connection, location=location, actor=request.user)
        return f"{location} counts no longer."

    return made(request, connection, change)


@takes("version", "feeds-*", "sure")
@require_POST
@for_connection(Action.SETTINGS)
def feeds(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Which location of the store each counted location feeds."""
    known = {key for key, _ in store_lists.locations(connection.store).rows}

    def change() -> str:
        moved = 0
        for place in connection.counted_locations.select_related("location"):
            wanted = request.POST.get(f"feeds-{place.location.external_id}", "")
            if wanted in known and wanted != place.store_location:
                preferences.location_feed(place=place, store_location=wanted, actor=request.user)
                moved += 1
        return f"{moved} {'location feeds' if moved == 1 else 'locations feed'} another one now." if moved else ""

    return made(request, connection, change)


@require_POST
@for_connection(Action.TEST)
def lists(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Read the store's locations."""
    found = store_lists.locations(connection.store, fresh=True)
    if found.problem:
        messages.error(request, found.problem)
    else:
        messages.success(
            request, f"{profile_of(connection.store).name} has {len(found.rows)} locations that can show stock."
        )
    return redirect("inventory", public_id=connection.public_id)


def made(request: PersonRequest, connection: Connection, change: Callable[[], str]) -> HttpResponse:
    """Make a change, unless it takes stock off sale and nobody was asked: then the page that asks.

    `change` answers what it did in words; "" when there was nothing to do.
    """
    before = plan_of(connection)
    if not is_as_shown(request, before.stamp):
        return redirect("inventory", public_id=connection.public_id)
    with transaction.atomic():
        words = change()
        unfed = before.sources.keys() - plan_of(connection).sources.keys()
        levels = StockLevel.objects.filter(connection=connection, store_location__in=unfed)
        shown = sum(1 for level in levels.iterator() if level.shown)
        asks = bool(shown) and settings_of(connection).follows and request.POST.get("sure") != "on"
        transaction.set_rollback(asks)
    if asks:
        return asked(request, connection, words, shown, sorted(unfed, key=in_order))
    if words:
        changed(request, connection, words)
    else:
        messages.info(request, "Nothing was changed.")
    return redirect("inventory", public_id=connection.public_id)


def asked(request: PersonRequest, connection: Connection, words: str, shown: int, unfed: list[str]) -> HttpResponse:
    """Nothing is changed yet: what would go off sale, and the same form again."""
    labels = dict(known.rows) if (known := store_lists.locations_known(connection.store)) else {}
    context = {
        "connection": connection,
        "tab": "inventory",
        "words": words,
        "shown": shown,
        "unfed": [labels.get(key, f"location {key}") for key in unfed],
        "fields": [(name, value) for name, value in request.POST.items() if name != "csrfmiddlewaretoken"],
    }
    return page(request, "inventory/places_sure.html", context, merchant=connection.merchant)


def changed(request: PersonRequest, connection: Connection, words: str) -> None:
    """Say it, and where stock follows by itself, work out everything anew."""
    if not settings_of(connection).follows:
        messages.success(request, words)
    elif plan_of(connection).sources:
        messages.success(request, f"{words} The stock of all items is worked out anew.")
        begin_anew(request, connection)
    else:
        messages.warning(request, f"{words} No location counts any more: the store is told that there is nothing.")
        stock_expedite(connection.pk, timezone.now())


def begin_anew(request: PersonRequest, connection: Connection) -> None:
    """A full sync by what holds now; one that goes on by what held before ends."""
    for going_on in run_progress.runs_of(connection, "stock").filter(state__in=[Run.State.RUNNING, Run.State.PAUSED]):
        runs.run_stop(
            run=going_on, actor=request.user, now=timezone.now(), reason="Stopped: the rule or the locations changed."
        )
    try:
        runs.run_start(connection=connection, actor=request.user, kind=SYNC, now=timezone.now())
    except ConfigurationFailure as failure:
        messages.warning(request, f"{failure.summary} It is worked out once stock is followed again.")


def warn_of_distribution(request: PersonRequest, connection: Connection) -> None:
    """Say so when orders still distribute themselves to one location although several sell."""
    settings = preferences.order_settings(connection)
    if settings.ships_from_one and preferences.counted_locations(connection) > 1:
        messages.warning(
            request,
            f"Several locations sell online now, but orders still distribute themselves to {settings.ship_from}: "
            "switch that off on the Order Fulfillment tab, or some orders cannot be shipped from there.",
        )
