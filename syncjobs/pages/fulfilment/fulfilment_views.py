"""The Order Fulfillment tab: which orders come, where they go, how values map, and backfills."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from connections import heartland_lists, preferences
from connections.models import Connection, OrderSettings
from connections.permissions import Action, may, role_of
from connections.store_kinds import profile_of
from connections.strict import takes
from connections.trail_lists import last_changes
from connections.views.base import PersonRequest, demand, for_connection, page, wants_partial
from errors.failures import ConfigurationFailure, SyncFailure
from ipaas.types import NoObserver
from mappings import services as mapping_services
from mappings.models import FieldDefault, ValueMap
from syncjobs.engine.settings_changed import released_by
from syncjobs.intake import backfill as backfills
from syncjobs.models import Run
from syncjobs.pages.conflicts import both
from syncjobs.pages.fulfilment.backfill_form import BackfillForm
from syncjobs.pages.fulfilment.fulfilment_forms import OrderSettingsForm
from syncjobs.pages.fulfilment.fulfilment_rooms import rooms_of
from syncjobs.pages.fulfilment.fulfilment_tables import (
    MAPS,
    MapRow,
    map_rows,
    required_fields,
    shipment_sums,
    status_rows,
)
from syncjobs.pages.fulfilment.order_settings_store import order_settings_store
from syncjobs.pages.orders.pipeline import pipeline
from syncjobs.stores.opening import store_of

RUNS_SHOWN = 10
CHANGES = ("value_map.set", "value_map.paid", "field_default.set")  # of rows of the tables


@takes(OrderSettingsForm, "rank-*", "areas-*", "version")
@require_http_methods(["GET", "POST"])
@for_connection(Action.LOOK)
def fulfilment(request: PersonRequest, connection: Connection) -> HttpResponse:
    """The whole tab; saves the order settings."""
    choices = heartland_lists.choices(connection.heartland)
    if request.method == "POST":
        demand(request, connection.merchant, Action.SETTINGS)
        form = OrderSettingsForm(request.POST, connection=connection, choices=choices)
        if form.is_valid():
            return save(request, connection, form)
    else:
        form = OrderSettingsForm(connection=connection, choices=choices)
    return tab(request, connection, choices, form=form, status=400 if form.is_bound else 200)


def save(request: PersonRequest, connection: Connection, form: OrderSettingsForm) -> HttpResponse:
    """Store checked settings, and look again at orders that waited for them."""
    try:
        shown = request.POST.get("version", "")
        changed, has_new_routes = order_settings_store(
            connection=connection, form=form, actor=request.user, shown=shown
        )
    except preferences.SavedMeanwhile as conflict:
        choices = heartland_lists.choices(connection.heartland)
        anew = OrderSettingsForm(request.POST, connection=connection, choices=choices)
        return tab(request, connection, choices, form=anew, conflict=conflict, status=409)
    except ConfigurationFailure as taken:
        messages.error(request, f"Nothing was saved: {taken.summary}")
        return redirect("fulfilment", public_id=connection.public_id)
    if not changed and not has_new_routes:
        messages.info(request, "Nothing was changed.")
        return redirect("fulfilment", public_id=connection.public_id)
    messages.success(request, "Order settings are saved.")
    announce(request, released_by(connection, changed, actor=request.user))
    return redirect("fulfilment", public_id=connection.public_id)


def announce(request: PersonRequest, count: int) -> None:
    """Say how many records a fix released."""
    if count:
        messages.info(request, f"{count} waiting {'order is' if count == 1 else 'orders are'} looked at again now.")


def tab(
    request: PersonRequest,
    connection: Connection,
    choices: heartland_lists.Choices,
    *,
    form: OrderSettingsForm | None = None,
    backfill_form: BackfillForm | None = None,
    conflict: preferences.SavedMeanwhile | None = None,
    status: int = 200,
) -> HttpResponse:
    """Draw the tab, with whichever form has to be corrected."""
    role = role_of(request.user, connection.merchant)
    form = form or OrderSettingsForm(connection=connection, choices=choices)
    older = Run.objects.filter(connection=connection, kind=backfills.BACKFILL)
    context: dict[str, Any] = {
        "connection": connection,
        "tab": "fulfilment",
        "form": form,
        "conflict": conflict,
        "both": both(form) if conflict else [],
        "can_edit": may(role, Action.SETTINGS) and connection.state != Connection.State.DISCONNECTED,
        "settings": form.row,
        "stages": pipeline(connection),
        "statuses": status_rows(connection, form.row),
        "choices": choices,
        "maps": [
            map_rows(connection, "payment", choices, fallback=other_payments(form.row)),
            map_rows(connection, "shipping", choices, fallback=form.row.shipping_method_id),
            map_rows(connection, "checkout", choices, fallback=form.row.checkout_field),
            map_rows(connection, "status", choices),
        ],
        "fields": required_fields(connection),
        "shipments": shipment_sums(connection),
        "backfill_form": backfill_form or BackfillForm(),
        "runs": list(older.select_related("started_by").order_by("-started_at")[:RUNS_SHOWN]),
    }
    rows = [*(row for table in context["maps"] for row in table.rows), *context["fields"]]
    context["changed"] = last_changes(connection, CHANGES, [row.subject for row in rows])
    parts = {name: context[name] for name in ("statuses", "maps", "fields", "shipments", "runs")}
    context["rooms"] = rooms_of(form, older=context["backfill_form"], is_conflict=conflict is not None, **parts)
    response = page(request, "fulfilment/fulfilment.html", context, merchant=connection.merchant)
    response.status_code = status
    return response


def other_payments(settings: OrderSettings) -> str:
    """The payment type of methods without a row of their own; empty when their orders wait."""
    return settings.payment_type_id if settings.books_other_payments else ""


@require_safe
@for_connection(Action.LOOK)
def counts(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Live counts by status from the store: how many orders the present choice ignores."""
    context: dict[str, Any] = {"connection": connection, "tab": "fulfilment", "is_live": True}
    row = preferences.order_settings(connection)
    try:
        live = store_of(connection.store, NoObserver()).orders.status_counts()
        context["statuses"] = status_rows(connection, row, live=live)
    except SyncFailure as failure:
        context |= {"statuses": status_rows(connection, row), "problem": failure.summary}
    template = "fulfilment/_status_counts.html" if wants_partial(request) else "fulfilment/status_counts.html"
    return page(request, template, context, merchant=connection.merchant)


@require_POST
@for_connection(Action.TEST)
def lists(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Read payment types, shipping methods and fields from Heartland anew."""
    found = heartland_lists.choices(connection.heartland, fresh=True)
    if found.problem:
        messages.error(request, found.problem)
    else:
        messages.success(request, "Payment types, shipping methods and fields are read anew from Heartland.")
    return redirect("fulfilment", public_id=connection.public_id)


@takes("target-*", "was-*", "paid-*")
@require_POST
@for_connection(Action.MAPS)
def value_map(request: PersonRequest, connection: Connection, kind: str) -> HttpResponse:
    """Save a value table: the targets that changed."""
    if kind not in MAPS:
        raise Http404
    rows = map_rows(connection, kind, heartland_lists.choices(connection.heartland))
    changed = refused = 0
    refused_meanwhile = False
    for row in rows.rows:
        changed += paid_set(request, connection, kind, row)
        target = request.POST.get(row.field, row.target)
        shown = request.POST.get(f"was-{row.field}")
        if target in {row.target, shown}:
            continue
        if shown is None:
            messages.error(request, unsaid(row.label))
            refused_meanwhile = True
            continue
        if shown != row.target:
            messages.error(request, chosen_meanwhile(row, rows.labels, target))
            refused_meanwhile = True
            continue
        if target and target not in rows.labels:
            refused += 1
            continue
        mapping_services.value_map_set(
            connection=connection,
            kind=ValueMap.Kind(kind),
            source_value=row.source,
            target_value=target,
            target_label=rows.labels.get(target, ""),
            actor=request.user,
        )
        changed += 1
    if refused:
        messages.error(request, "One of the chosen values is not offered any more: read the lists anew.")
    if changed:
        messages.success(request, f"{changed} {'row' if changed == 1 else 'rows'} saved.")
        announce(request, released_by(connection, [f"map_{kind}"], actor=request.user))
    elif not refused and not refused_meanwhile:
        messages.info(request, "Nothing was changed.")
    return redirect("fulfilment", public_id=connection.public_id)


def unsaid(label: str) -> str:
    """A form that was not drawn by our page, or by one of long ago."""
    return f"{label}: nothing was saved, as the form does not say what its page showed. Choose again."


def chosen_meanwhile(row: MapRow, labels: dict[str, str], target: str) -> str:
    """Somebody else mapped the value after the page was drawn: both choices, and theirs stays."""
    theirs, yours = (labels.get(one, one) or "by default" for one in (row.target, target))
    return f"{row.label}: somebody chose “{theirs}” meanwhile; your “{yours}” was not saved. Choose again to change it."


def paid_set(request: PersonRequest, connection: Connection, kind: str, row: MapRow) -> int:
    """Save whether a payment method counts as paid when ordered; answers how many rows changed."""
    is_paid = request.POST.get(f"paid-{row.field}") == "on"
    if f"was-paid-{row.field}" not in request.POST:
        if is_paid and not row.is_paid:
            messages.error(request, unsaid(row.label))
        return 0
    if is_paid == (request.POST.get(f"was-paid-{row.field}") == "on"):
        return 0
    if kind != ValueMap.Kind.PAYMENT or not row.may_be_paid or is_paid == row.is_paid:
        return 0
    kept = ValueMap.objects.get(connection=connection, kind=kind, source_value=row.source)
    mapping_services.value_map_paid_set(row=kept, is_paid=is_paid, actor=request.user)
    return 1


@takes("value-*", "was-*")
@require_POST
@for_connection(Action.MAPS)
def field_defaults(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Save values for the custom fields that Heartland insists on."""
    changed = 0
    for row in required_fields(connection):
        value = request.POST.get(row.field, row.value).strip()[: FieldDefault._meta.get_field("value").max_length]
        shown = request.POST.get(f"was-{row.field}")
        if value in {row.value, shown}:
            continue
        if shown is None:
            messages.error(request, unsaid(row.name))
        elif shown != row.value:
            messages.error(request, f"{row.name}: somebody gave it “{row.value}” meanwhile; yours was not saved.")
        else:
            mapping_services.field_default_set(
                connection=connection, group=row.group, key=row.key, value=value, actor=request.user
            )
            changed += 1
    if changed:
        messages.success(request, f"{changed} {'value' if changed == 1 else 'values'} saved.")
        announce(request, released_by(connection, ["field_defaults"], actor=request.user))
    else:
        messages.info(request, "Nothing was changed.")
    return redirect("fulfilment", public_id=connection.public_id)


@takes(BackfillForm)
@require_POST
@for_connection(Action.BACKFILL)
def backfill(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Fetch orders by number or date."""
    form = BackfillForm(request.POST, numbers_repeat=profile_of(connection.store).numbers_repeat)
    choices = heartland_lists.choices(connection.heartland)
    if not form.is_valid():
        return tab(request, connection, choices, backfill_form=form, status=400)
    data = form.cleaned_data
    try:
        run = backfills.orders_backfill(
            connection=connection,
            ids=data["ids"],
            placed_from=data["placed_from"],
            placed_to=data["placed_to"],
            actor=request.user,
        )
    except SyncFailure as failure:
        messages.error(request, failure.summary)
    else:
        messages.success(request, run.sentence or "The orders are being fetched; how far it is is shown below.")
    return redirect("fulfilment", public_id=connection.public_id)
