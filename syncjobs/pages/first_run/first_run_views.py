"""The checklist as a page of its own and as the part that the dashboard refreshes; and the acts that have no page."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from connections import preferences
from connections.models import Connection, Merchant, OrderSettings
from connections.permissions import Action, abilities, role_of
from connections.strict import takes
from connections.views.base import PersonRequest, for_connection, is_as_shown, member, page, wants_partial
from errors.failures import SyncFailure
from syncjobs.intake.backfill import orders_backfill
from syncjobs.intake.first_look import first_preview_ask
from syncjobs.intake.orders_before import orders_before
from syncjobs.models import Record
from syncjobs.pages.first_run.checklist import Checklist, checklist_of, unfinished
from syncjobs.stock.plan import plan_of

UNCHANGED = 204  # htmx leaves the page as it is
STAFF = OrderSettings.Shipping.STAFF.value


@require_safe
@vary_on_headers("HX-Request")
@member
def first_run(request: PersonRequest) -> HttpResponse:
    """The lists of the person's stores that are not through; as a part, nothing while they say the same as `shown`."""
    lists = checklists(request)
    if wants_partial(request) and request.GET.get("shown") == digest_of(lists):
        return HttpResponse(status=UNCHANGED)
    mine = Record.objects.filter(connection__in=Connection.objects.for_user(request.user), target_id__gt="")
    context = {**checklist_context(request, lists), "newest": None if lists else mine.order_by("-booked_at").first()}
    template = "first_run/_checklists.html" if wants_partial(request) else "first_run/first_run.html"
    return page(request, template, context, merchant=lists[0].merchant if lists else None)


def checklist_context(request: PersonRequest, lists: Sequence[Checklist]) -> dict[str, Any]:
    """What the templates of the lists need."""
    return {
        "checklists": lists,
        "checklists_digest": digest_of(lists),
        "store": request.GET.get("store", ""),
        "can_authorize": bool(settings.HEARTLAND_CLIENT_ID),
    }


def digest_of(lists: Sequence[Checklist]) -> str:
    """Equal while the lists say the same."""
    return "-".join(one.digest for one in lists)


def checklists(request: PersonRequest) -> list[Checklist]:
    """One for each store that is not through, and one for each merchant that has none; of the chosen store alone."""
    chosen, found = request.GET.get("store", ""), []
    merchants = list(Merchant.objects.for_user(request.user).order_by("name"))
    rows = Connection.objects.for_user(request.user).exclude(state=Connection.State.DISCONNECTED)
    having = set(rows.values_list("merchant_id", flat=True))
    open_ones = unfinished(rows.select_related("merchant", "heartland", "store", "order_settings")).order_by("-pk")
    for merchant in merchants:
        can = abilities(role_of(request.user, merchant))
        mine: Iterable[Connection | None] = [row for row in open_ones if row.merchant_id == merchant.pk]
        if chosen:
            mine = [row for row in mine if row and str(row.public_id) == chosen]
        elif merchant.pk not in having:
            mine = [None]
        found += [checklist_of(merchant, row, can) for row in mine]
    return [one for one in found if not one.is_over]


@takes("version", "location[]")
@require_POST
@for_connection(Action.SETTINGS)
def places(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Let the ticked locations sell online, and have the first stock previewed."""
    if not is_as_shown(request, plan_of(connection).stamp):
        return redirect("dashboard")
    ids = list(dict.fromkeys(request.POST.getlist("location")))
    ticked = list(connection.heartland.locations.filter(is_active=True, external_id__in=ids))
    if not ticked:
        messages.error(request, "Nothing was changed: tick at least one location.")
        return redirect("dashboard")
    with transaction.atomic():
        for location in ticked:
            preferences.location_count(connection=connection, location=location, actor=request.user)
        first_preview_ask(connection)
    names = ", ".join(location.name for location in ticked)
    messages.success(request, f"The stock of {names} counts now; what that changes in the store is worked out.")
    return redirect("dashboard")


@takes("version", "shipping")
@require_POST
@for_connection(Action.SETTINGS)
def ships(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Say who ships: staff, or one location gets every order."""
    wish = request.POST.get("shipping", "")
    place = None
    if wish != STAFF:
        place = get_object_or_404(connection.heartland.locations.filter(is_active=True), external_id=wish)
    changes = {"shipping": OrderSettings.Shipping.ONE.value if place else STAFF, "ship_from": place}
    shown = request.POST.get("version", "")
    try:
        with transaction.atomic():
            preferences.settings_check(OrderSettings, connection, preferences.ORDER_NAMES, shown)
            preferences.order_settings_save(connection=connection, changes=changes, actor=request.user)
    except preferences.SavedMeanwhile as failure:
        messages.error(request, f"Nothing was saved. {failure.summary}")
    else:
        messages.success(request, f"{place} ships every order." if place else "Staff distribute each order.")
    return redirect("dashboard")


@require_POST
@for_connection(Action.BACKFILL)
def bring(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Bring the open orders that were placed before the store was connected."""
    ids = orders_before(connection)
    if not ids:
        messages.info(request, "No open order of before is left to bring.")
        return redirect("dashboard")
    try:
        orders_backfill(connection=connection, known_ids=ids, actor=request.user, now=timezone.now())
    except SyncFailure as failure:
        messages.error(request, failure.summary)
    else:
        words = "One open order of before is" if len(ids) == 1 else f"{len(ids)} open orders of before are"
        messages.success(request, f"{words} brought now.")
    return redirect("dashboard")
