"""Linking by hand: one SKU with its candidates, many at once, or a list from a file. It frees what waited for it."""

import hashlib
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from connections.models import Connection, ItemSettings
from connections.permissions import Action
from connections.strict import takes
from connections.trail_lists import last_changes
from connections.views.base import PersonRequest, for_connection, go_back, is_as_shown, page
from errors.failures import SyncFailure
from mappings import link_list
from mappings.core.rules.matching import only_fit
from mappings.core.rules.tables import ListRefused, text_of
from mappings.linking import (
    item_link,
    item_unlink,
    links_store,
    listings_of,
    skus_exclude,
    suggested_link,
    workbench,
)
from syncjobs.catalogue.choices import item_settings
from syncjobs.catalogue.make_item import item_make
from syncjobs.catalogue.orphans import stock_errors_close
from syncjobs.engine.expedite_stock import stock_expedite
from syncjobs.engine.settings_changed import released_by
from syncjobs.pages.items.item_lists import direction
from syncjobs.pages.items.sku_filters import all_matching, mark_of
from syncjobs.pages.items.sku_list import filters_sent
from syncjobs.stores.opening import store_of_patience

LONGEST = 255
MOST_TICKED = 100
MOST_PROBLEMS = 5
LARGEST_LIST = 2 * 2**20


@require_safe
@for_connection(Action.LOOK)
def match(request: PersonRequest, connection: Connection) -> HttpResponse:
    """What both systems hold of a SKU now, side by side."""
    sku = request.GET.get("sku", "").strip()[:LONGEST]
    context: dict[str, Any] = {
        "connection": connection,
        "tab": "items",
        "sku": sku,
        "moves": item_settings(connection).mode != ItemSettings.Mode.MANUAL,
        "mode": item_settings(connection).mode,
        "direction": direction(item_settings(connection)),
        "changed": last_changes(connection, ("item.linked", "item.unlinked", "item.made"), [sku]),
    }
    if sku:
        try:
            bench = workbench(connection, sku, store_of_patience(connection.store).catalogue)
        except SyncFailure as failure:
            context["problem"] = failure.summary
        else:
            context |= {"bench": bench, "best": only_fit(bench.matches)}
    return page(request, "items/item_match.html", context, merchant=connection.merchant)


@takes("sku", "was", "number")
@require_POST
@for_connection(Action.MAPS)
def link(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Link a SKU with the item of a number, chosen or typed."""
    sku, number = wanted(request, "sku"), request.POST.get("number", "").strip()[:LONGEST]
    if not number:
        messages.error(request, "Nothing was linked: choose an item, or type its Item #.")
        return back(connection, sku)
    try:
        made = item_link(connection=connection, sku=sku, number=number, actor=request.user, was=request.POST.get("was"))
    except SyncFailure as failure:
        messages.error(request, f"Nothing was linked. {failure.summary}")
        return back(connection, sku)
    others = [one for one in listings_of(connection, made.target_id) if one != sku]
    rest = f" {others[0]} means it too: both get its stock." if others else ""
    messages.success(request, f"{sku} is linked with item {number}.{rest}")
    after_linking(request, connection)
    return redirect("items", public_id=connection.public_id)


def after_linking(request: PersonRequest, connection: Connection) -> None:
    """What waited for the links goes on; what was said of links that are gone is over."""
    stock_errors_close(connection, timezone.now())
    if released := released_by(connection, ["item_links"], actor=request.user):
        messages.info(
            request, f"{released} waiting {'order is' if released == 1 else 'orders are'} looked at again now."
        )
    stock_expedite(connection.pk, timezone.now())


@takes("sku", "was")
@require_POST
@for_connection(Action.MAPS)
def unlink(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Part a SKU from its item."""
    sku = wanted(request, "sku")
    if item_unlink(connection=connection, sku=sku, was=request.POST.get("was"), actor=request.user):
        stock_errors_close(connection, timezone.now())
        messages.success(request, f"{sku} is parted from its item: no stock is sent for it, and orders with it wait.")
    else:
        messages.info(request, f"Nothing was parted: {sku} is not linked with what the page showed.")
    return redirect("items", public_id=connection.public_id)


@takes("sku[]", "was-*", "do", "next", "all_matching", "filters", "shown")
@require_POST
@for_connection(Action.MAPS)
def many(request: PersonRequest, connection: Connection) -> HttpResponse:
    """The ticked SKUs, or all that match: accept what is suggested, exclude, or take in again."""
    if request.POST.get("all_matching") == "1":
        said = all_matching(connection, filters_sent(request))
        if not is_as_shown(request, mark_of(said), "shown"):
            return go_back(request, "items", public_id=connection.public_id)
    else:
        ticked = [sku for sku in dict.fromkeys(request.POST.getlist("sku")) if sku][:MOST_TICKED]
        said = {sku: request.POST.get(f"was-{sku}", "") for sku in ticked}
    skus = list(said)
    if not skus:
        messages.error(request, "Nothing was changed: tick at least one SKU.")
        return go_back(request, "items", public_id=connection.public_id)
    match request.POST.get("do"):
        case "accept":
            linked, problems = suggested_link(connection=connection, shown=said, actor=request.user)
            messages.success(request, f"{linked} of {len(skus)} are linked with what was suggested.")
            for words in problems[:MOST_PROBLEMS]:
                messages.error(request, words)
            if linked:
                after_linking(request, connection)
        case "exclude" | "include" as verb:
            count = skus_exclude(connection=connection, skus=skus, actor=request.user, is_excluded=verb == "exclude")
            words = "excluded: nothing links or moves them" if verb == "exclude" else "taken in again"
            rest = (
                "" if count == len(skus) or verb == "include" else " Linked ones are parted first, on their own page."
            )
            messages.success(request, f"{count} of {len(skus)} are {words}.{rest}")
        case _:
            raise Http404
    return go_back(request, "items", public_id=connection.public_id)


@takes("sku")
@require_POST
@for_connection(Action.MAPS)
def make(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Make the item that Heartland lacks."""
    sku = wanted(request, "sku")
    try:
        count = item_make(connection=connection, sku=sku, actor=request.user)
    except SyncFailure as failure:
        messages.error(request, f"Nothing was made. {failure.summary}")
        return back(connection, sku)
    messages.success(request, f"{count} {'item was' if count == 1 else 'items were'} made in Heartland and linked.")
    after_linking(request, connection)
    return redirect("items", public_id=connection.public_id)


def file_text(upload: "UploadedFile[bytes]") -> str:
    """What a file holds. Raises ListRefused where its name or its bytes are no CSV's."""
    if not str(upload.name).lower().endswith(".csv"):
        raise ListRefused("This is no CSV file: save the list as CSV, its name then ends with .csv.")
    return text_of(upload.read())


@takes("file", "list", "shown", "do")
@require_POST
@for_connection(Action.MAPS)
def read_list(request: PersonRequest, connection: Connection) -> HttpResponse:
    """A list of links: what each line would do; stored only when the person says so after having seen it."""
    upload = request.FILES.get("file")
    if upload is not None and (upload.size or 0) > LARGEST_LIST:
        messages.error(request, f"The file is larger than {LARGEST_LIST // 2**20} MB: split it.")
        return redirect("items", public_id=connection.public_id)
    try:
        text = file_text(upload) if upload is not None else request.POST.get("list", "")
        rows = link_list.judged(connection, link_list.read(text))
    except ListRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("items", public_id=connection.public_id)
    new, items = link_list.counted(rows)
    outlook = digest_of(rows)
    if request.POST.get("do") == "store" and is_as_shown(request, outlook, "shown"):
        linked = links_store(connection=connection, rows=rows, actor=request.user)
        with_items = f" with {items} item{'' if items == 1 else 's'}" if items != linked else ""
        messages.success(
            request, f"{linked} {'SKU is' if linked == 1 else 'SKUs are'} linked{with_items} from the list."
        )
        after_linking(request, connection)
        return redirect("items", public_id=connection.public_id)
    context = {
        "connection": connection,
        "tab": "items",
        "list": text,
        "shown": outlook,
        "lines": len(rows),
        "new": new,
        "items": items,
        "notes": [row for row in rows if row.note],
        "problems": [row for row in rows if row.problem],
    }
    return page(request, "items/links_import.html", context, merchant=connection.merchant)


def digest_of(rows: list[link_list.Row]) -> str:
    """What a list would do, as a form carries it: another outlook is shown before anything is stored."""
    lines = [f"{row.line}\x1f{row.sku}\x1f{row.item_id}\x1f{row.problem}\x1f{row.is_new}" for row in rows]
    return hashlib.sha256("\x1e".join(lines).encode()).hexdigest()[:16]


def wanted(request: PersonRequest, name: str) -> str:
    """A value that the form must hold."""
    value = request.POST.get(name, "").strip()
    if not value or len(value) > LONGEST:
        raise Http404
    return value


def back(connection: Connection, sku: str) -> HttpResponse:
    return redirect(f"{reverse('item_match', args=[connection.public_id])}?{urlencode({'sku': sku})}")
