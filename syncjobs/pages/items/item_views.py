"""The Items Information tab: the direction, linking, previews and the runs that apply them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from connections import preferences
from connections.models import Connection, ItemSettings
from connections.permissions import Action
from connections.store_kinds import profile_of
from connections.strict import takes
from connections.templatetags.tillbridge import money
from connections.views.base import PersonRequest, for_connection, is_as_shown, page, wants_partial
from errors.failures import ConfigurationFailure
from syncjobs.bulk import run_progress, runs
from syncjobs.bulk.undoing_runs import ITEMS_UNDO, PULL_UNDO
from syncjobs.catalogue.apply_products import stale
from syncjobs.catalogue.choices import PULL, PUSH, apply_kind, conditions, item_settings
from syncjobs.catalogue.orphans import orphans, orphans_named
from syncjobs.catalogue.walk_catalogues import CHECK, PREVIEW
from syncjobs.models import Run, RunChange
from syncjobs.pages.conflicts import Both
from syncjobs.pages.conflicts import both as differences
from syncjobs.pages.items import item_lists as shown
from syncjobs.pages.items.change_groups import SIZES
from syncjobs.pages.items.item_forms import ItemSettingsForm, conditions_form, conditions_given, conditions_words
from syncjobs.pages.items.item_rooms import rooms_of
from syncjobs.pages.items.sku_list import sku_list
from syncjobs.pages.runs import forecasts
from syncjobs.pages.runs.run_views import run_or_404, undo_offer

CHANGES, ORPHANS = 50, 100
LEFT_OUT = RunChange.Kind.LEFT_OUT
KINDS = ("create", "update", "archive", "conflict", "refused", LEFT_OUT.value)
NOT_SAVED = "Nothing was saved: {} The choices are shown as they are now."
STARTED = {
    CHECK: "Both catalogues are being read; what is equal is linked, and nothing is changed in either system.",
    PREVIEW: "The preview has begun: nothing is written to either system.",
}


@require_safe
@for_connection(Action.LOOK)
def items(request: PersonRequest, connection: Connection) -> HttpResponse:
    """The whole tab, or of a run that goes on only its progress."""
    return tab(request, connection)


def tab(
    request: PersonRequest,
    connection: Connection,
    *,
    form: ItemSettingsForm | None = None,
    filters: Any = None,
    conflict: preferences.SavedMeanwhile | None = None,
    both: Sequence[Both] = (),
    status: int = 200,
) -> HttpResponse:
    now, settings = timezone.now(), item_settings(connection)
    context: dict[str, Any] = {
        "connection": connection,
        "tab": "items",
        "settings": settings,
        "direction": shown.direction(settings),
        "version": preferences.version(settings, preferences.ITEM_NAMES),
        "form": form or ItemSettingsForm(settings),
        "filters": filters or conditions_form(settings),
        "conflict": conflict,
        "both": both,
        "keys": shown.custom_keys(connection),
        "check": shown.last_check(connection),
        "followed": shown.followed(connection),
        "progress": run_progress.going_on(connection, "items", now),
        "runs": run_progress.recent(connection, "items", now),
        "run_page": "items_run",
        "orphans": orphans_named(connection, list(orphans(connection)[:ORPHANS])),
    }
    context["rooms"] = rooms_of(
        settings,
        direction=context["direction"],
        form=context["form"],
        is_refused=form is not None,
        is_new=context["check"] is None and settings.mode == ItemSettings.Mode.MANUAL,
    )
    template = "runs/_run_progress.html"
    if not wants_partial(request):
        template, context["list"] = "items/items.html", sku_list(request, connection)
    answer = page(request, template, context, merchant=connection.merchant)
    answer.status_code = status
    return answer


@takes("version", "mode")
@require_POST
@for_connection(Action.SETTINGS)
def mode(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Choose the direction. Nothing moves before a preview is applied, or changes are followed."""
    wanted = request.POST.get("mode", "")
    if wanted not in ItemSettings.Mode.values:
        raise Http404
    settings = item_settings(connection)
    changes: dict[str, Any] = {"mode": wanted, "follows": False}
    if wanted != settings.mode:  # what may be overwritten was said of the other side
        changes["updates"] = False
    if save(request, connection, changes):
        store = profile_of(connection.store).name
        words = {
            "manual": "Items are managed manually now: no item data moves.",
            "push": "Heartland is the original now. Nothing has moved yet: choose what goes, and preview it.",
            "pull": f"{store} is the original now. Nothing has moved yet: preview what would come.",
        }
        messages.success(request, words[wanted])
    return redirect("items", public_id=connection.public_id)


@takes(ItemSettingsForm, "filter-*", "version")
@require_POST
@for_connection(Action.SETTINGS)
def settings_save(request: PersonRequest, connection: Connection) -> HttpResponse:
    """What moves, and how."""
    settings = item_settings(connection)
    is_push = settings.mode == ItemSettings.Mode.PUSH
    form = ItemSettingsForm(settings, request.POST)
    filters = conditions_form(settings, request.POST) if is_push else None
    if not form.is_valid() or (filters is not None and not filters.is_valid()):
        return tab(request, connection, form=form, filters=filters, status=400)
    changes = {name: form.cleaned_data[name] for name in form.fields}
    if filters is not None:
        changes["filters"] = conditions_given(filters)
    try:
        if store(request, connection, changes):
            messages.success(request, "Saved. A preview shows what follows from it.")
    except preferences.SavedMeanwhile as conflict:
        return beside_theirs(request, connection, conflict, changes)
    return redirect("items", public_id=connection.public_id)


def beside_theirs(
    request: PersonRequest, connection: Connection, conflict: preferences.SavedMeanwhile, given: dict[str, Any]
) -> HttpResponse:
    """The page with what somebody else saved beside this person's answers; of another direction, as it is now."""
    saved = item_settings(connection)
    was_push = "filter-TOTAL_FORMS" in request.POST
    if was_push != (saved.mode == ItemSettings.Mode.PUSH) or saved.mode == ItemSettings.Mode.MANUAL:
        messages.error(request, NOT_SAVED.format(conflict.summary))
        return redirect("items", public_id=connection.public_id)
    form = ItemSettingsForm(saved, request.POST)
    rows = differences(form)
    filters = conditions_form(saved, request.POST) if "filters" in given else None
    if filters is not None and given["filters"] != saved.filters:
        theirs, mine = conditions_words(saved.filters), conditions_words(given["filters"])
        rows.append(Both(label="Only items for which all of this holds", saved=theirs, given=mine))
    return tab(request, connection, form=form, filters=filters, conflict=conflict, both=rows, status=409)


def store(request: PersonRequest, connection: Connection, changes: dict[str, Any]) -> bool:
    """Keep choices over what the page showed; answers whether that changed anything. Raises SavedMeanwhile."""
    with transaction.atomic():
        shown_then = request.POST.get("version", "")
        preferences.settings_check(ItemSettings, connection, preferences.ITEM_NAMES, shown_then)
        saved = preferences.item_settings_save(connection=connection, changes=changes, actor=request.user)
    if not saved:
        messages.info(request, "Nothing was changed.")
    return bool(saved)


def save(request: PersonRequest, connection: Connection, changes: dict[str, Any]) -> bool:
    """The same of one choice, whose page is drawn anew: where somebody was first, says so."""
    try:
        return store(request, connection, changes)
    except preferences.SavedMeanwhile as conflict:
        messages.error(request, NOT_SAVED.format(conflict.summary))
        return False


@takes("version", "links_by_barcode")
@require_POST
@for_connection(Action.SETTINGS)
def barcodes(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Whether a barcode links where one item only has it, in every mode."""
    wanted = request.POST.get("links_by_barcode") == "on"
    changes = {"links_by_barcode": wanted}
    if save(request, connection, changes):
        words = (
            "links now where one item only has it; check all items to apply it" if wanted else "links nothing any more"
        )
        messages.success(request, f"A barcode {words}. Links that exist stay.")
    return redirect("items", public_id=connection.public_id)


@require_safe
@for_connection(Action.LOOK)
def fitting(request: PersonRequest, connection: Connection) -> HttpResponse:
    """How many of Heartland's items the saved filter lets through."""
    count, is_all = shown.fitting(connection, conditions(item_settings(connection)))
    words = f"{count:,} active item{'' if count == 1 else 's'} of Heartland fit{'s' if count == 1 else ''} the filter"
    rest = "" if is_all else f", among the first {shown.COUNTED_AT_MOST:,}"
    return HttpResponse(f"{words}{rest}.", content_type="text/plain; charset=utf-8")


@takes("version", "kind")
@require_POST
@for_connection(Action.RUNS)
def start(request: PersonRequest, connection: Connection) -> HttpResponse:
    """*Re-check*, *Preview changes*, *Trigger Full Sync*."""
    kind = request.POST.get("kind", "")
    if kind not in STARTED:
        raise Http404
    if is_as_shown(request, preferences.version(item_settings(connection), preferences.ITEM_NAMES)):
        begin(request, connection, kind, STARTED[kind])
    return redirect("items", public_id=connection.public_id)


@takes("what", "change[]")
@require_POST
@for_connection(Action.RUNS)
def apply(request: PersonRequest, connection: Connection, run_id: int) -> HttpResponse:
    """Apply all of a preview, or the ticked products."""
    preview = run_or_404(connection, run_id, "items")
    if preview.kind != PREVIEW or preview.state != Run.State.DONE:
        raise Http404
    parameters: dict[str, Any] = {"preview": preview.pk}
    if request.POST.get("what") != "all":
        ticked = [int(one) for one in request.POST.getlist("change") if one.isascii() and one.isdigit()][:CHANGES]
        if not ticked:
            messages.error(request, "Nothing was applied: tick at least one product.")
            return redirect("items_run", public_id=connection.public_id, run_id=preview.pk)
        parameters["changes"] = ticked
    kind = apply_kind(item_settings(connection))
    begin(request, connection, kind, "It is being applied; the progress is shown here.", parameters)
    return redirect("items", public_id=connection.public_id)


@takes("mode", "sku")
@require_POST
@for_connection(Action.RUNS)
def sync_one(request: PersonRequest, connection: Connection) -> HttpResponse:
    """*Sync this item now*: the original's values are written, whatever the other side holds."""
    sku = request.POST.get("sku", "").strip()
    settings = item_settings(connection)
    if request.POST.get("mode") != settings.mode:
        messages.error(request, f"Nothing was written: the direction is {shown.direction(settings)} now.")
        return redirect("items", public_id=connection.public_id)
    key = shown.original_key(connection, settings, sku)
    if not key:
        messages.error(request, f"No check has seen “{sku}” in the original's catalogue: check all items first.")
        return redirect("items", public_id=connection.public_id)
    kind = apply_kind(item_settings(connection))
    begin(request, connection, kind, f"{sku} is read anew and written.", {"keys": [key], "forced": True})
    return redirect("items", public_id=connection.public_id)


def begin(
    request: PersonRequest, connection: Connection, kind: str, words: str, parameters: dict[str, Any] | None = None
) -> None:
    try:
        runs.run_start(connection=connection, actor=request.user, kind=kind, now=timezone.now(), parameters=parameters)
    except ConfigurationFailure as failure:
        messages.error(request, failure.summary)
    else:
        messages.success(request, words)


@require_safe
@for_connection(Action.LOOK)
def run(request: PersonRequest, connection: Connection, run_id: int) -> HttpResponse:
    """One run with its products, field by field; the biggest price moves first."""
    found = run_or_404(connection, run_id, "items")
    kind, text = request.GET.get("kind", ""), request.GET.get("q", "").strip()[:80]
    rows = found.changes.order_by("-weight", "id")
    counts = {name: found.result.get(name, 0) for name in KINDS}
    rows = rows.filter(kind=kind) if kind in KINDS else rows.exclude(kind=LEFT_OUT)
    if text:
        rows = rows.filter(title__icontains=text) | rows.filter(subject__icontains=text)
    size = int(request.GET.get("size", "0")) if request.GET.get("size") in {str(one) for one in SIZES} else 0
    rows = rows.filter(weight__gte=size) if size else rows
    is_preview = found.kind == PREVIEW and found.state == Run.State.DONE
    outdated = stale(found, item_settings(connection)) if is_preview else ""
    can_apply = is_preview and has_work(found) and not outdated
    found_rows = Paginator(rows, CHANGES).get_page(request.GET.get("page"))
    context = {
        "connection": connection,
        "tab": "items",
        "run": found,
        "progress": run_progress.progress_of(found, timezone.now()),
        "direction": shown.run_direction(found),
        "rows": found_rows,
        "differences": shown.differences_of(list(found_rows), connection.heartland.currency),
        "counts": [(RunChange.Kind(name), count) for name, count in counts.items() if count],
        "kind": kind,
        "text": text,
        "size": size,
        "sizes": [(cents, money(Decimal(cents) / 100, connection.heartland.currency)) for cents in SIZES],
        "new_fields": found.parameters.get("new_fields", []),
        "can_apply": can_apply,
        "outdated": outdated,
        "forecast": forecasts.of_items(found, item_settings(connection)) if can_apply else None,
        "is_written": found.kind in (PUSH, PULL, ITEMS_UNDO, PULL_UNDO),
        **undo_offer(found),
    }
    return page(request, "items/items_run.html", context, merchant=connection.merchant)


def has_work(preview: Run) -> bool:
    return any(preview.result.get(name) for name in ("create", "update", "archive"))
