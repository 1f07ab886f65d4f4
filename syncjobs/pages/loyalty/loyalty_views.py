"""The loyalty page with its rules, and the page of one account's points."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from connections import heartland_lists
from connections.models import Connection
from connections.permissions import Action
from connections.strict import takes
from connections.views.base import PersonRequest, demand, for_connection, is_as_shown, page
from errors.failures import ConfigurationFailure
from syncjobs.engine.enqueueing import job_enqueue
from syncjobs.flows import POINTS
from syncjobs.flows.points.count_points import ANSWERS, points_answer
from syncjobs.flows.points.settings_points import loyalty_of, loyalty_save, version
from syncjobs.models import PointsMovement, PointsSide, Record
from syncjobs.pages.loyalty.loyalty_form import LoyaltyForm
from syncjobs.pages.loyalty.loyalty_lists import offered_known, offered_read
from syncjobs.pages.shown import mark_of

SHOWN = 50


@takes(LoyaltyForm, "version", "name-*", "earned-*", "group-*")
@require_http_methods(["GET", "POST"])
@for_connection(Action.LOOK)
def loyalty(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Rules, sums and the newest movements; saves the rules."""
    row, offered = loyalty_of(connection), offered_known(connection.store)
    shown, lists = version(row), heartland_lists.choices(connection.heartland)
    data = request.POST if request.method == "POST" else None
    if data is not None:
        demand(request, connection.merchant, Action.SETTINGS)
        if not is_as_shown(request, shown):
            return redirect("loyalty", public_id=connection.public_id)
    form = LoyaltyForm(data, instance=row, heartland=lists.customer_fields, offered=offered)
    if form.is_valid():
        wish = {name: form.cleaned_data[name] for name in (*LoyaltyForm.Meta.fields, "tiers")}
        loyalty_save(connection=connection, actor=request.user, **wish)
        messages.success(request, "The loyalty rules are saved.")
        return redirect("loyalty", public_id=connection.public_id)
    context = {
        "connection": connection, "tab": "fulfilment", "form": form, "version": shown, "offered": offered,
        "problem": lists.problem, "settings": loyalty_of(connection), **sums(connection),
    }  # fmt: skip
    response = page(request, "loyalty/loyalty.html", context, merchant=connection.merchant)
    response.status_code = 400 if form.is_bound else 200
    return response


def sums(connection: Connection) -> dict[str, Any]:
    """How many points this store's people have, and what moved last."""
    sides = PointsSide.objects.filter(connection=connection)
    whole = sides.aggregate(people=Count("account", distinct=True), points=Sum("account__balance"))
    rows = PointsMovement.objects.filter(side__connection=connection).select_related("side")
    held = Record.objects.filter(connection=connection, flow=POINTS.name, disposition=Record.Disposition.HELD)
    return {
        "people": whole["people"],
        "points": whole["points"] or 0,
        "movements": rows.order_by("-at", "-pk")[:SHOWN],
        "held": held.order_by("changed_at", "pk")[:SHOWN],
    }


@require_POST
@for_connection(Action.TEST)
def lists(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Read the fields and groups of both sides anew."""
    heartland = heartland_lists.choices(connection.heartland, fresh=True)
    store = offered_read(connection.store)
    if problem := heartland.problem or store.problem:
        messages.error(request, problem)
    else:
        messages.success(request, "Fields and customer groups are read anew.")
    return redirect("loyalty", public_id=connection.public_id)


@require_safe
@for_connection(Action.LOOK)
def points(request: PersonRequest, connection: Connection, account: str) -> HttpResponse:
    """Whose points these are is not told here: an account, its customer, and every movement."""
    side = PointsSide.objects.filter(connection=connection, external_id=account).select_related("account").first()
    record = Record.objects.filter(connection=connection, flow=POINTS.name, external_id=account).first()
    if side is None and record is None:
        messages.info(request, "Nothing is known of this account's points.")
        return redirect("loyalty", public_id=connection.public_id)
    rows = PointsMovement.objects.filter(account=side.account) if side else PointsMovement.objects.none()
    asks = record.facts.get("asks", []) if record and record.disposition == Record.Disposition.HELD else []
    context = {
        "connection": connection,
        "tab": "fulfilment",
        "account": account,
        "side": side,
        "record": record,
        "mark": mark_of(record) if record else "",
        "answers": [(one, ANSWERS[one]) for one in asks],
        "movements": rows.select_related("side__connection__store", "by").order_by("-at", "-pk")[: 4 * SHOWN],
    }
    return page(request, "loyalty/points.html", context, merchant=connection.merchant)


@takes("mark", "choice")
@require_POST
@for_connection(Action.MAPS)
def points_say(request: PersonRequest, connection: Connection, account: str) -> HttpResponse:
    """A person says what nobody else can tell; the points are looked at again."""
    record = get_object_or_404(Record, connection=connection, flow=POINTS.name, external_id=account)
    if is_as_shown(request, mark_of(record), "mark"):
        choice = request.POST.get("choice", "")
        try:
            points_answer(record=record, choice=choice, actor=request.user)
        except ConfigurationFailure as failure:
            messages.error(request, failure.summary)
        else:
            now = timezone.now()
            job_enqueue(connection=connection, flow=POINTS.name, external_id=account, cause="fix", now=now)
            messages.success(request, f"Kept: {ANSWERS[choice]}. The points are looked at again now.")
    return redirect("points", public_id=connection.public_id, account=account)
