"""The Inventory tab: locations that count, the rule, runs over the stock, and why a number is what it is."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from connections import preferences, store_lists
from connections.models import Connection, InventorySettings
from connections.permissions import Action, may, role_of
from connections.store_kinds import profile_of
from connections.strict import takes
from connections.trail_lists import last_changes
from connections.views.base import PersonRequest, for_connection, go_back, is_as_shown, page, wants_partial
from errors.failures import ConfigurationFailure, SyncFailure
from mappings import services as mapping_services
from syncjobs.bulk import run_progress, runs
from syncjobs.models import RunChange, StockMove
from syncjobs.pages.comments.comment_views import comments_on
from syncjobs.pages.conflicts import both
from syncjobs.pages.inventory import inventory_state as shown
from syncjobs.pages.inventory.inventory_forms import ItemRuleForm, StockRuleForm
from syncjobs.pages.inventory.inventory_rooms import rooms_of
from syncjobs.pages.inventory.location_views import changed
from syncjobs.pages.inventory.rule_outlook import outlook
from syncjobs.pages.inventory.sku_card import difference, names_of, product_of, told_of
from syncjobs.pages.items.item_lists import custom_keys
from syncjobs.pages.runs import forecasts
from syncjobs.pages.runs.run_views import run_or_404, undo_offer
from syncjobs.stock.availability import Cards, cards_of
from syncjobs.stock.check_levels import CHECK
from syncjobs.stock.follow_locations import SYNC
from syncjobs.stock.full_sync import PREVIEW
from syncjobs.stock.plan import plan_of, settings_of
from syncjobs.stock.send_now import stock_send, stock_track

ROWS_A_PAGE = 100
CLAMPED_SHOWN = 50
HISTORY_SHOWN = 20
STALE = "This preview was made before the rule or the locations changed: nothing was done. Preview again."
STARTED = {
    SYNC: "The full sync has begun; its progress is shown here.",
    PREVIEW: "The preview has begun: nothing is written to the store.",
    CHECK: "The check of the store has begun; what differs is listed and put right.",
}


@require_safe
@for_connection(Action.LOOK)
def inventory(request: PersonRequest, connection: Connection) -> HttpResponse:
    """The whole tab, or of a run that goes on only its progress."""
    return tab(request, connection)


def tab(
    request: PersonRequest,
    connection: Connection,
    *,
    form: StockRuleForm | None = None,
    item_form: ItemRuleForm | None = None,
    conflict: preferences.SavedMeanwhile | None = None,
    status: int = 200,
) -> HttpResponse:
    now, settings = timezone.now(), settings_of(connection)
    context: dict[str, Any] = {
        "connection": connection,
        "tab": "inventory",
        "places": shown.places_of(connection),
        "formula": shown.formula(settings),
        "version": plan_of(connection).stamp,
        "settings": settings,
        "form": form or StockRuleForm(instance=settings),
        "conflict": conflict,
        "both": both(form) if conflict and form else [],
        "item_form": item_form or ItemRuleForm(connection=connection, auto_id="item_%s"),
        "keys": custom_keys(connection),
        "rules": connection.stock_rules.select_related("location").annotate(affects=Count("levels")),
        "clamped": shown.clamped_rows(connection, CLAMPED_SHOWN),
        "state": (state := shown.state_of(connection, now)),
        "progress": run_progress.going_on(connection, "stock", now),
        "runs": run_progress.recent(connection, "stock", now),
        "run_page": "inventory_run",
        "budgets": shown.budgets_of(connection, now),
        "forecast": forecasts.of_stock(connection, state.skus),
        "store_locations": store_lists.locations_known(connection.store),
    }
    context["changed"] = last_changes(connection, ("stock_rule.set",), context["rules"])
    context["rooms"] = rooms_of(
        places=context["places"],
        formula=context["formula"],
        rules=len(context["rules"]),
        state=context["state"],
        form=context["form"],
        item_form=context["item_form"],
        is_conflict=conflict is not None,
    )
    template = "runs/_run_progress.html" if wants_partial(request) else "inventory/inventory.html"
    answer = page(request, template, context, merchant=connection.merchant)
    answer.status_code = status
    return answer


@takes(StockRuleForm, "version")
@require_POST
@for_connection(Action.SETTINGS)
def rule(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Save the rule; where stock follows by itself, everything is worked out anew."""
    form = StockRuleForm(request.POST, instance=settings_of(connection))
    if not form.is_valid():
        return tab(request, connection, form=form, status=400)
    changes = {name: form.cleaned_data[name] for name in form.fields}
    shown_then = request.POST.get("version", "")
    try:
        with transaction.atomic():
            preferences.settings_check(InventorySettings, connection, form.fields, shown_then)
            saved = preferences.inventory_settings_save(connection=connection, changes=changes, actor=request.user)
    except preferences.SavedMeanwhile as conflict:
        anew = StockRuleForm(request.POST, instance=settings_of(connection))
        return tab(request, connection, form=anew, conflict=conflict, status=409)
    if set(saved) - {"night_from", "night_to"}:
        changed(request, connection, "The rule is saved.")
    elif saved:
        messages.success(request, "The night is saved.")
    else:
        messages.info(request, "Nothing was changed.")
    return redirect("inventory", public_id=connection.public_id)


@takes(ItemRuleForm, "version")
@require_POST
@for_connection(Action.SETTINGS)
def item_rule(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Keep something else back of one SKU or of a category."""
    form = ItemRuleForm(request.POST, connection=connection, auto_id="item_%s")
    if not is_as_shown(request, plan_of(connection).stamp):
        return redirect("inventory", public_id=connection.public_id)
    if not form.is_valid():
        return tab(request, connection, item_form=form, status=400)
    rule = mapping_services.stock_rule_set(connection=connection, actor=request.user, **form.cleaned_data)
    changed(request, connection, f"The rule for {rule} is saved.{form.besides}")
    return redirect("inventory", public_id=connection.public_id)


@takes("version", "rule")
@require_POST
@for_connection(Action.SETTINGS)
def rule_remove(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Let the store-wide rule hold again."""
    rule_id = request.POST.get("rule", "")
    if not is_as_shown(request, plan_of(connection).stamp):
        return redirect("inventory", public_id=connection.public_id)
    is_number = rule_id.isascii() and rule_id.isdigit() and len(rule_id) < 18
    if not is_number or not mapping_services.stock_rule_remove(
        connection=connection, rule_id=int(rule_id), actor=request.user
    ):
        raise Http404
    changed(request, connection, "The rule is removed.")
    return redirect("inventory", public_id=connection.public_id)


@takes("version", "preview", "kind", "when", "next")
@require_POST
@for_connection(Action.RUNS)
def start(request: PersonRequest, connection: Connection) -> HttpResponse:
    """*Start Sync*, *Preview changes*, *Check the store*."""
    kind = request.POST.get("kind", "")
    if kind not in STARTED:
        raise Http404
    if preview := request.POST.get("preview"):
        if is_stale(connection, preview):
            messages.error(request, STALE)
            return go_back(request, "inventory", public_id=connection.public_id)
    elif not is_as_shown(request, plan_of(connection).stamp):
        return go_back(request, "inventory", public_id=connection.public_id)
    begin(request, connection, kind, at_night=request.POST.get("when") == "night")
    return go_back(request, "inventory", public_id=connection.public_id)


def is_stale(connection: Connection, preview: str) -> bool:
    """Whether a preview that is to be applied was made by another rule or other locations than hold now."""
    if not preview:
        return False
    run = run_or_404(connection, int(preview) if preview.isascii() and preview.isdigit() else 0, "stock")
    return bool(run.parameters.get("plan") != plan_of(connection).stamp)


def begin(request: PersonRequest, connection: Connection, kind: str, *, at_night: bool) -> None:
    parameters = {"at_night": True} if at_night else {}
    try:
        runs.run_start(connection=connection, actor=request.user, kind=kind, now=timezone.now(), parameters=parameters)
    except ConfigurationFailure as failure:
        messages.error(request, failure.summary)
    else:
        messages.success(request, STARTED[kind])


@takes("preview", "sku[]", "next")
@require_POST
@for_connection(Action.RUNS)
def send(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Send the stock of chosen SKUs now."""
    if is_stale(connection, request.POST.get("preview", "")):
        messages.error(request, STALE)
        return go_back(request, "inventory", public_id=connection.public_id)
    skus = [sku for sku in dict.fromkeys(request.POST.getlist("sku")) if sku][:ROWS_A_PAGE]
    if not skus:
        messages.error(request, "Nothing was sent: tick at least one SKU.")
        return go_back(request, "inventory", public_id=connection.public_id)
    try:
        count = stock_send(connection=connection, skus=skus, actor=request.user, now=timezone.now())
    except ConfigurationFailure as failure:
        messages.error(request, failure.summary)
    else:
        messages.success(
            request, f"The stock of {count} {'SKU is' if count == 1 else 'SKUs is'} read anew and sent now."
        )
    return go_back(request, "inventory", public_id=connection.public_id)


@takes("sku", "next")
@require_POST
@for_connection(Action.RUNS)
def track(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Have the store keep stock of a SKU's product."""
    sku = request.POST.get("sku", "")
    try:
        stock_track(connection=connection, sku=sku, actor=request.user, now=timezone.now())
    except SyncFailure as failure:
        messages.error(request, failure.summary)
    else:
        messages.success(
            request,
            f"{profile_of(connection.store).name} tracks the stock of {sku} from now on; its number is sent now.",
        )
    return go_back(request, "inventory", public_id=connection.public_id)


@require_safe
@for_connection(Action.LOOK)
def run(request: PersonRequest, connection: Connection, run_id: int) -> HttpResponse:
    """One run with its differences, the biggest jumps first."""
    found = run_or_404(connection, run_id, "stock")
    rows = found.changes.order_by("-weight", "id")
    if text := request.GET.get("q", "").strip():
        rows = rows.filter(subject__icontains=text)
    shown_rows = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "connection": connection,
        "tab": "inventory",
        "run": found,
        "progress": run_progress.progress_of(found, timezone.now()),
        "can_send": found.kind == PREVIEW and settings_of(connection).follows,
        "is_stale": found.kind == PREVIEW and is_stale(connection, str(found.pk)),
        "rows": shown_rows,
        "drawn": [(row, difference(row)) for row in shown_rows],
        "names": names_of(connection, [row.subject for row in shown_rows]),
        "text": text,
        **undo_offer(found),
    }
    return page(request, "inventory/stock_run.html", context, merchant=connection.merchant)


@require_safe
@for_connection(Action.LOOK)
def affects(request: PersonRequest, connection: Connection) -> HttpResponse:
    """How many SKUs the rule that is being typed would be about, as plain text."""
    field, value = (request.GET.get(name, "").strip()[:255] for name in ("field", "value"))
    return HttpResponse(outlook(connection, field, value), content_type="text/plain; charset=utf-8")


@require_safe
@for_connection(Action.LOOK)
def why(request: PersonRequest, connection: Connection) -> HttpResponse:
    """*Why is this number 3?* of one SKU."""
    sku = request.GET.get("sku", "").strip()
    changes = RunChange.objects.filter(run__connection=connection, subject=sku).select_related("run").order_by("-id")
    moves = list(StockMove.objects.filter(connection=connection, sku=sku).order_by("-at", "-pk")[:HISTORY_SHOWN])
    sees_shoppers = may(role_of(request.user, connection.merchant), Action.SHOPPERS)
    context = {
        "connection": connection,
        "tab": "inventory",
        "sku": sku,
        "found": cards_of(connection, sku, timezone.now()) if sku else Cards(cards=[]),
        "product": product_of(connection, sku) if sku else None,
        "moves": moves,
        "told": told_of(moves),
        "history": changes.exclude(run__kind=PREVIEW)[:HISTORY_SHOWN],
        "comments": comments_on(connection, sku=sku) if sees_shoppers else [],
        "previews": changes.filter(run__kind=PREVIEW)[:HISTORY_SHOWN],
    }
    return page(request, "inventory/stock_card.html", context, merchant=connection.merchant)
