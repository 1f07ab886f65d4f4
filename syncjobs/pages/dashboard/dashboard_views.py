"""The dashboard: verdict, who is needed, orders to distribute, health, activity."""

from collections.abc import Sequence

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from connections.fixes import heartland_order_url
from connections.models import Connection
from connections.views.base import PersonRequest, member, page, wants_partial
from syncjobs.pages.dashboard.activity_feed import activity
from syncjobs.pages.dashboard.connection_health import Health, health
from syncjobs.pages.dashboard.dashboard_scope import PERIODS, Scope, undistributed
from syncjobs.pages.dashboard.last_hours import order_hours
from syncjobs.pages.dashboard.needs_you import needs
from syncjobs.pages.dashboard.object_tiles import tiles
from syncjobs.pages.dashboard.sales_today import sales_today
from syncjobs.pages.dashboard.skip_reasons import skips
from syncjobs.pages.dashboard.verdict import verdict
from syncjobs.pages.first_run.first_run_views import checklist_context, checklists
from syncjobs.pages.lists.keyset import count_words, some

ALERTS_SHOWN = 4
NEEDS_SHOWN = 10


def connections_of(request: PersonRequest) -> list[Connection]:
    """The person's connections, or the one that `store` in the address names."""
    rows = Connection.objects.for_user(request.user).select_related("merchant", "heartland", "store", "item_settings")
    rows = rows.order_by("store__name", "pk")
    chosen = request.GET.get("store", "")
    found = list(rows)
    return [row for row in found if str(row.public_id) == chosen] if chosen else found


@require_safe
@vary_on_headers("HX-Request")
@member
def dashboard(request: PersonRequest) -> HttpResponse:
    """Is every order accounted for, and who has to do something."""
    live = [row for row in connections_of(request) if row.state != Connection.State.DISCONNECTED]
    if not live and request.user.has_perm("connections.view_merchant") and not request.user.memberships.exists():
        return redirect("merchants")  # platform staff belong to no merchant
    period = request.GET.get("period", "today")
    period = period if period in PERIODS else "today"
    scope = Scope(connections=live)
    waiting = undistributed(scope)
    alerts = [(row, heartland_order_url(row.connection.heartland, row.target_id)) for row in waiting[:ALERTS_SHOWN]]
    waiting_for = needs(scope)
    store = request.GET.get("store", "")
    states = [health(row, scope.now) for row in live]
    away = {side.name for one in states for side in one.away}
    hours = order_hours(scope, store=store)
    merchant = live[0].merchant if live else None
    lists = [] if wants_partial(request) else checklists(request)
    context = {
        **checklist_context(request, lists),
        "connections": live,
        "stores": Connection.objects.for_user(request.user)
        .exclude(state=Connection.State.DISCONNECTED)
        .select_related("store")
        .order_by("store__name", "pk"),
        "periods": PERIODS,
        "verdict": verdict(
            scope,
            period,
            poll_seconds=settings.POLL_SECONDS,
            store=store,
            waiting=sum(one.orders_waiting for one in states),
            away=away,
        ),
        "hours": hours,
        "is_outage": bool(away),
        "needs": waiting_for[:NEEDS_SHOWN],
        "needs_total": len(waiting_for),
        "needs_more": max(0, len(waiting_for) - NEEDS_SHOWN),
        "alerts": alerts,
        "alerts_total": (total := some(waiting)),
        "alerts_words": count_words(total),
        "alerts_oldest": alerts[0][0].booked_at if alerts else None,
        "distribute_href": worklist(alerts[0][0].connection) if alerts else "",
        "skips": skips(scope, period, store=store),
        "health": states,
        "tiles": tiles(scope, orders_lag_ms=slowest(states), hours=hours, store=store) if live else [],
        "events": activity(scope),
        "is_begun": any(row.state != Connection.State.SETTING_UP for row in live),
    }
    template = "dashboard/_dashboard.html" if wants_partial(request) else "dashboard/dashboard.html"
    return page(request, template, context, merchant=merchant)


def slowest(states: Sequence[Health]) -> float | None:
    """Within how many milliseconds 95 % were booked, of the slowest store."""
    return max((one.lag_ms for one in states if one.lag_ms is not None), default=None)


def worklist(connection: Connection) -> str:
    """The page on which a store's orders are distributed."""
    return reverse("distribution", args=[connection.public_id])


@require_safe
@vary_on_headers("HX-Request")
@member
def sales(request: PersonRequest) -> HttpResponse:
    """Web and store sales of today, side by side; asks Heartland, so the dashboard fetches it after it is drawn."""
    live = [row for row in connections_of(request) if row.state != Connection.State.DISCONNECTED]
    context = {"days": sales_today(live, timezone.now())}
    template = "dashboard/_sales.html" if wants_partial(request) else "dashboard/sales.html"
    return page(request, template, context, merchant=live[0].merchant if live else None)
