"""From two connected systems to running orders: pair, what will be created, mastery notice, check-up."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from connections import hooks, services
from connections.first_look import first_look
from connections.fixes import fix_for
from connections.forms import PairForm
from connections.models import Connection, OrderSettings, Store
from connections.permissions import Action
from connections.preferences import ORDER_NAMES, order_settings, settings_check, version
from connections.preflight.doctor import preflight
from connections.preflight.findings import Severity
from connections.preflight.kept import preflight_keep, preflight_known
from connections.setup import Choices, setup_apply
from connections.setup_findings import setup_find
from connections.strict import takes
from connections.views.base import PersonRequest, demand, for_connection, go_back, member, page, wants_partial
from errors.failures import SyncFailure

OTHERS = {"book": True, "wait": False}  # payment methods without a row of their own
LIVE = "Set-up is complete: new orders come to Heartland from now on."
ORDER = {Severity.BLOCK: 0, Severity.WARN: 1, Severity.OK: 2}


@takes(PairForm)
@require_http_methods(["GET", "POST"])
@member
def pair(request: PersonRequest, public_id: str) -> HttpResponse:
    """Choose the Heartland account that a store's orders go to."""
    store = get_object_or_404(Store.objects.for_user(request.user).select_related("merchant"), public_id=public_id)
    demand(request, store.merchant, Action.CONNECT)
    existing = Connection.objects.filter(store=store).exclude(state=Connection.State.DISCONNECTED).first()
    if existing:
        return redirect("connection", public_id=existing.public_id)
    form = PairForm(request.POST or None, merchant=store.merchant)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.connection_create(heartland=form.cleaned_data["heartland"], store=store, actor=request.user)
        except SyncFailure as failure:
            messages.error(request, failure.summary)
            return redirect("store_pair", public_id=store.public_id)
        messages.success(request, f"{store} is paired with Heartland account {made.heartland}.")
        return redirect("dashboard")
    return page(request, "connections/pair.html", {"store": store, "form": form}, merchant=store.merchant)


@takes("version", "location", "payment_type", "other_payments", "currency", "shipping_method", "fields", "mastery")
@require_http_methods(["GET", "POST"])
@for_connection(Action.SETTINGS)
def assistant(request: PersonRequest, connection: Connection) -> HttpResponse:
    """What Heartland has, what we would choose or create, and the mastery notice; for the checklist, a part of it."""
    if connection.state == Connection.State.DISCONNECTED:
        messages.error(request, "This store is disconnected: connect it again first.")
        return redirect("connection", public_id=connection.public_id)
    if request.method == "POST":
        return apply(request, connection)
    context: dict[str, object] = {
        "connection": connection,
        "version": version(order_settings(connection), ORDER_NAMES),
    }
    try:
        context["found"] = setup_find(connection)
    except SyncFailure as failure:
        context["problem"] = failure.summary
    template = "connections/_plan.html" if wants_partial(request) else "connections/setup.html"
    return page(request, template, context, merchant=connection.merchant)


def apply(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Create and choose what was agreed to; then register webhooks, when orders may flow."""
    choices = Choices(
        location_id=request.POST.get("location", ""),
        payment_type_id=request.POST.get("payment_type", ""),
        books_other_payments=OTHERS.get(request.POST.get("other_payments", "")),
        shipping_method_id=request.POST.get("shipping_method"),
        currency=request.POST.get("currency", "").strip().upper(),
        creates_fields=request.POST.get("fields") == "on",
        acknowledges_mastery=request.POST.get("mastery") == "on",
    )
    was_set_up = connection.state != Connection.State.SETTING_UP
    try:
        with transaction.atomic():
            settings_check(OrderSettings, connection, ORDER_NAMES, request.POST.get("version", ""))
        done = setup_apply(connection, choices, request.user)
    except SyncFailure as failure:
        messages.error(request, failure.summary)
        return redirect("setup", public_id=connection.public_id)
    messages.success(
        request, "Saved." if was_set_up else "Set-up is complete: new orders come to Heartland from now on."
    )
    messages.info(request, " ".join(done))
    connection.refresh_from_db()
    for problem in hooks.hooks_arm(connection=connection, actor=request.user).problems:
        messages.warning(request, problem)
    if was_set_up:
        return redirect("setup", public_id=connection.public_id)
    first_look(connection)
    return redirect("dashboard")


@require_POST
@for_connection(Action.SETTINGS)
def mastery(request: PersonRequest, connection: Connection) -> HttpResponse:
    """The merchant has read that Heartland becomes master of quantities."""
    services.mastery_acknowledge(connection=connection, actor=request.user)
    messages.success(request, "Noted: Heartland is master of quantities.")
    return redirect("setup", public_id=connection.public_id)


@require_safe
@for_connection(Action.LOOK)
def findings(request: PersonRequest, connection: Connection) -> HttpResponse:
    """The preflight list as last looked at: what would hold orders, each finding with its fix."""
    known = preflight_known(connection)
    rows = sorted(known.findings, key=lambda finding: ORDER[finding.severity]) if known else []
    context = {
        "connection": connection,
        "looked_at": known.at if known else None,
        "findings": [(finding, fix_for(connection, finding.fix_page)) for finding in rows],
        "blocks": len(known.of(Severity.BLOCK)) if known else 0,
        "warnings": len(known.of(Severity.WARN)) if known else 0,
    }
    return page(request, "connections/preflight.html", context, merchant=connection.merchant)


@takes("next")
@require_POST
@for_connection(Action.TEST)
def look(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Look now: about fifteen calls to both systems."""
    try:
        found = preflight(connection)
    except SyncFailure as failure:
        messages.error(request, f"The check could not be made: {failure.summary}")
    else:
        preflight_keep(connection, found, timezone.now())
    return go_back(request, "preflight", public_id=connection.public_id)
