"""The list of orders, and one order with both systems side by side."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from connections.fixes import Fix, fix_for, heartland_order_url, store_order_url
from connections.models import Connection
from connections.permissions import ROLES, Action, may, role_of
from connections.strict import takes
from connections.templatetags.tillbridge import elapsed, money
from connections.views.base import PersonRequest, for_connection, go_back, page, wants_partial
from errors.failures import SyncFailure
from errors.models import SyncError
from mappings.models import Link
from syncjobs import engine
from syncjobs.bulk.run_retry import FEED, RUN
from syncjobs.catalogue.product_retry import ITEMS
from syncjobs.flows import CARDS, CUSTOMERS, DESK_ORDERS, ORDERS, POINTS, REFUNDS, RETURNS, SHIPMENTS
from syncjobs.flows.orders.changing import CHOICES, effect
from syncjobs.flows.orders.compare_orders import changes
from syncjobs.flows.shipments.questions import AS_CHOSEN
from syncjobs.flows.shipments.questions import CHOICES as INVOICE_CHOICES
from syncjobs.models import Cursor, Record, Settlement, SyncJob
from syncjobs.pages.closed.close_records import BY_HAND, is_closable, own_number
from syncjobs.pages.comments.comment_views import comments_on
from syncjobs.pages.lists.keyset import neighbours
from syncjobs.pages.orders.departed import has_shipped, order_call_back, order_left
from syncjobs.pages.orders.distribute import order_distribute
from syncjobs.pages.orders.edit_order import is_editable
from syncjobs.pages.orders.line_rows import LineRow, line_rows, skus_of
from syncjobs.pages.orders.live_look import order_look, seen
from syncjobs.pages.orders.order_corrections import corrections_accept, corrections_kept, digest, proposed_for
from syncjobs.pages.orders.order_filters import OrderFilters, attached, filters_of, href, orders_filtered
from syncjobs.pages.orders.order_list import (
    KINDS,
    comparison,
    equation,
    order_url,
    paid_words,
    promise_words,
    shipped,
    timeline,
)
from syncjobs.pages.orders.order_list_views import scope_of, stores_of
from syncjobs.pages.orders.people_shown import people_shown
from syncjobs.pages.orders.refund_views import refunds_of
from syncjobs.pages.orders.replay_preview import replay_preview
from syncjobs.pages.orders.return_views import answered, questions_of, returned
from syncjobs.pages.orders.texts_shown import written_rows
from syncjobs.pages.pictures import pictures_of
from syncjobs.pages.shown import mark_of, moved_on
from syncjobs.stock.stock_retry import STOCK

SECOND = timedelta(seconds=1)
BY_TURN = "by-turn"
PAGE_OF_FLOW = {
    CUSTOMERS.name: "customer_questions",
    CARDS.name: "cards",
    POINTS.name: "loyalty",
    DESK_ORDERS.name: "desk_orders",
}
PAGE_OF_STALLED = {
    "stock": "inventory",
    "items": "items",
    "orders": "fulfilment",
    Cursor.STOCK: "inventory",
    Cursor.ITEMS: "items",
    Cursor.PRODUCTS: "items",
    Cursor.INVOICES: "fulfilment",
    Cursor.SALES_ORDERS: "fulfilment",
    Cursor.TILL_RETURNS: "fulfilment",
    Cursor.ORDERS: "fulfilment",
    Cursor.ORDER_SWEEP: "fulfilment",
    Cursor.STORE_SHIPMENTS: "fulfilment",
    Cursor.STORE_REFUNDS: "fulfilment",
    Cursor.STORE_INVOICES: "fulfilment",
    Cursor.POINTS: "loyalty",
    Cursor.CARDS: "cards",
    Cursor.CUSTOMERS: "customer_settings",
    Cursor.ACCOUNTS: "customer_settings",
    Cursor.ACCOUNT_SWEEP: "customer_settings",
}


@require_safe
@vary_on_headers("HX-Request")
@for_connection(Action.LOOK)
def order(request: PersonRequest, connection: Connection, external_id: str) -> HttpResponse:
    """One order: where it stands and why, both systems, the money, everything that happened."""
    record = order_record(connection, external_id)
    problem = SyncError.objects.open().filter(connection=connection, flow=ORDERS.name, external_id=external_id).first()
    invoices, returns, refunds = shipped(record), returned(record), refunds_of(record)
    parts = [*invoices, *returns, *(row.record for row in refunds)]
    show = request.GET.get("show", "") if request.GET.get("show") in KINDS else ""
    here = reverse("order", args=[connection.public_id, external_id])
    pending = SyncJob.objects.filter(
        connection=connection, flow=ORDERS.name, external_id=external_id, status__in=["pending", "running"]
    ).first()
    sees_shoppers = may(role_of(request.user, connection.merchant), Action.SHOPPERS)
    comments = comments_on(connection, external_id=external_id) if sees_shoppers else []
    listed = filters_of(dict(parse_qsl(request.GET.get("list", "")[:2000])))
    context = {
        "connection": connection,
        "record": record,
        "people": people_shown(record) if sees_shoppers else None,
        "shoppers_seen_by": sorted(str(role.label).lower() for role in ROLES[Action.SHOPPERS]),
        "booked_after": booked_after(record),
        "line_rows": lines_of(record),
        "place_names": dict(connection.heartland.locations.values_list("external_id", "name")),
        "pictures": pictures_of(connection, skus_of(record.facts.get("lines") or [])),
        "list": listed,
        "list_href": href(listed),
        "beside": beside(request, record, listed),
        "problem": problem,
        "reasons": [
            (row, elsewhere(fix_for(connection, row.get("fix_page", "")), here)) for row in violations(problem)
        ],
        "pending": pending,
        "rows": comparison(record, money),
        "equation": equation(record),
        "look": seen(record),
        "asks": connection.is_running and not pending,
        "paid_words": paid_words(record),
        "promise": promise_shown(connection, record),
        "moments": [one for one in timeline(record, parts, comments) if show in {"", one.kind}],
        "kinds": KINDS,
        "show": show,
        "invoices": invoices,
        "refunds": refunds,
        "invoice_questions": invoice_questions(invoices),
        "returns": returns,
        "return_questions": questions_of(returns),
        "returns_answered": answered(returns),
        "invoices_chosen": [(one, mark_of(one)) for one in invoices if one.choice and one.code in AS_CHOSEN],
        "changes": changes(record.facts, amount=lambda value: money(value, record.currency)),
        "written": written_rows(record, shows_texts=sees_shoppers),
        "proposed": (proposed := proposed_for(record) if sees_shoppers else []),
        "proposed_shown": digest(proposed),
        "corrected": corrections_kept(record, accepted=True) if sees_shoppers else [],
        "may_edit": sees_shoppers and is_editable(record),
        "places": connection.heartland.locations.filter(is_active=True).order_by("name"),
        "has_shipped": has_shipped(record),
        "has_turns": connection.shipping_routes.exists(),
        "choices": [(one, effect(record, one)) for one in choices_of(record)],
        "there": record.facts.get("there") or (),
        "shown": mark_of(record),
        "drawn": timezone.now().isoformat(),
        "here": here,
        "settlement": Settlement.objects.filter(record=record).select_related("by").first(),
        "closable": is_closable(record),
        "closing_kinds": [(one.value, one.label) for one in BY_HAND],
        "own_number": own_number(record),
        "heartland_url": heartland_order_url(connection.heartland, record.target_id),
        "store_url": store_order_url(connection, external_id),
    }
    template = "orders/_order.html" if wants_partial(request) else "orders/order.html"
    return page(request, template, context, merchant=connection.merchant)


def promise_shown(connection: Connection, record: Record) -> str:
    """What the payment says of a bank's promise."""
    settings = getattr(connection, "order_settings", None)
    zone = ZoneInfo(connection.merchant.time_zone)
    return promise_words(record, settings.promise_days, zone, timezone.now()) if settings else ""


def lines_of(record: Record) -> list[LineRow]:
    """The lines of both systems, paired by the items that the SKUs are linked with."""
    store, heartland = record.facts.get("lines") or [], (record.facts.get("heartland") or {}).get("lines") or []
    links = Link.objects.of(record.connection, Link.Kind.ITEM).filter(source_id__in=skus_of(store))
    return line_rows(store, heartland, dict(links.values_list("source_id", "target_id")))


def beside(request: PersonRequest, record: Record, listed: OrderFilters) -> tuple[str, str]:
    """Addresses of the orders before and after this one in the list that the person came from; "" at its ends."""
    scope = scope_of(request, stores_of(request), listed)
    placed = record.source_placed_at or record.first_seen_at
    total = record.source_total or Decimal(0)
    vars(record)["sorted_by"] = placed if listed.sort in {"newest", "oldest"} else total
    found = neighbours(orders_filtered(scope, listed), listed.ordered, record)
    attached(filter(None, found), scope.connections)
    query = f"?{urlencode({'list': urlencode(listed.address)})}" if listed.address else ""
    before, after = (f"{order_url(row)}{query}" if row else "" for row in found)
    return before, after


@require_POST  # it spends calls, and what moved is kept
@for_connection(Action.LOOK)
def order_seen(request: PersonRequest, connection: Connection, external_id: str) -> HttpResponse:
    """A part of the order's page: what both sides say now. The page is drawn anew where that is something else."""
    record = order_record(connection, external_id)
    look = order_look(record=record, now=timezone.now())
    context = {
        "connection": connection,
        "record": record,
        "equation": equation(record),
        "look": look,
        "is_live": True,
    }
    answer = page(request, "orders/_seen.html", context, merchant=connection.merchant)
    if look.redraws:
        answer["HX-Refresh"] = "true"
    return answer


def booked_after(record: Record) -> str:
    """How long the order took to be booked, in a sentence; "" while it is not. Both moments are by different clocks."""
    if record.booked_at is None or record.source_placed_at is None:
        return ""
    took = record.booked_at - record.source_placed_at
    return f"Booked {'within a second' if took < SECOND else elapsed(took)} after it was placed."


@require_POST
@for_connection(Action.RETRY)
def replay(request: PersonRequest, connection: Connection, external_id: str) -> HttpResponse:
    """Ask both systems what replaying the order would do, before anybody does."""
    record = order_record(connection, external_id)
    context = {
        "connection": connection,
        "tab": "fulfilment",
        "record": record,
        "shown": mark_of(record),
        "preview": replay_preview(record, timezone.now()),
    }
    return page(request, "orders/order_replay.html", context, merchant=connection.merchant)


@takes("shown", "choice", "next")
@require_POST
@for_connection(Action.RETRY)
def choose(request: PersonRequest, connection: Connection, external_id: str) -> HttpResponse:
    """Accept what the store made of a booked order, or keep what Heartland holds."""
    wish = request.POST.get("choice", "")
    with transaction.atomic():
        record = order_record(connection, external_id, locked=True)
        if request.POST.get("shown") != mark_of(record):
            messages.error(request, moved_on(record))
        elif wish not in choices_of(record):
            messages.error(request, f"{record} does not wait for this choice any more: look at what it says now.")
        else:
            engine.order_choose(record=record, choice=Record.Choice(wish), actor=request.user)
            messages.success(request, f"{Record.Choice(wish).label}: {record} is worked on now.")
    return go_back(request, "order", connection.public_id, external_id)


@takes("shown")
@require_POST
@for_connection(Action.RETRY)
def unchoose(request: PersonRequest, connection: Connection, external_id: str) -> HttpResponse:
    """Take back what was chosen: the order asks anew."""
    with transaction.atomic():
        record = order_record(connection, external_id, locked=True)
        if request.POST.get("shown") != mark_of(record) or not record.choice:
            messages.error(request, moved_on(record))
        else:
            engine.order_unchoose(record=record, actor=request.user)
            messages.success(request, f"Taken back: {record} is looked at again now.")
    return redirect("order", connection.public_id, external_id)


@takes("shown", "next")
@require_POST
@for_connection(Action.RETRY)
def correct(request: PersonRequest, connection: Connection, external_id: str) -> HttpResponse:
    """Accept the corrections that the page proposed for this order."""
    record, shown = order_record(connection, external_id), request.POST.get("shown", "")
    if corrections_accept(record=record, shown=shown, actor=request.user, now=timezone.now()):
        messages.success(request, f"The correction is applied: {record} is worked on now.")
    else:
        messages.error(request, "Nothing was applied: the order has changed since. Look at what is proposed now.")
    return go_back(request, "order", connection.public_id, external_id)


@takes("shown", "place")
@require_POST
@for_connection(Action.DISTRIBUTE)
def distribute(request: PersonRequest, connection: Connection, external_id: str) -> HttpResponse:
    """Let one location, or those that have a turn, ship a booked order."""
    record = order_record(connection, external_id)
    wish = request.POST.get("place", "")
    if wish == BY_TURN:
        routes = connection.shipping_routes.select_related("location").filter(location__is_active=True)
        places = [route.location for route in routes]
    else:
        places = list(connection.heartland.locations.filter(is_active=True, external_id=wish))
    if request.POST.get("shown") != mark_of(record) or record.disposition != Record.Disposition.BOOKED:
        messages.error(request, moved_on(record))
    elif not record.target_id or not places:
        messages.error(request, "Nothing was done: choose a location of this Heartland account.")
    else:
        try:
            said = order_distribute(record=record, places=places, actor=request.user, now=timezone.now())
            messages.success(request, said)
        except SyncFailure as failure:
            messages.error(request, failure.summary)
    return redirect("order", connection.public_id, external_id)


@takes("shown", "place", "what")
@require_POST
@for_connection(Action.DISTRIBUTE)
def departed(request: PersonRequest, connection: Connection, external_id: str) -> HttpResponse:
    """Of an order that left in the store: say from which location, or call it back from the one that is to ship it."""
    record = order_record(connection, external_id)
    place = connection.heartland.locations.filter(is_active=True, external_id=request.POST.get("place", "")).first()
    if request.POST.get("shown") != mark_of(record) or not (record.is_left_open or record.calls_back):
        messages.error(request, moved_on(record))
        return redirect("order", connection.public_id, external_id)
    try:
        if request.POST.get("what") == "call_back":
            said = order_call_back(record=record, actor=request.user, now=timezone.now())
        else:
            said = order_left(record=record, place=place, actor=request.user, now=timezone.now())
        messages.success(request, said)
    except SyncFailure as failure:
        messages.error(request, failure.summary)
    return redirect("order", connection.public_id, external_id)


def choices_of(record: Record) -> tuple[Record.Choice, ...]:
    """What a person may choose about an order now; nothing while it does not wait for that."""
    return CHOICES.get(record.code, ()) if record.disposition == Record.Disposition.HELD else ()


def order_record(connection: Connection, external_id: str, *, locked: bool = False) -> Record:
    """The order's record, with its connection as read already; 404 where there is none.

    `locked` until the transaction ends: of two people who decide at once, the second sees what the first did.
    """
    rows = Record.objects.select_for_update() if locked else Record.objects.all()
    record = get_object_or_404(rows, connection=connection, flow=ORDERS.name, external_id=external_id)
    record.connection = connection
    return record


@require_safe
@for_connection(Action.LOOK)
def record(request: PersonRequest, connection: Connection, flow: str, external_id: str) -> HttpResponse:
    """Lead to the page that explains a record: an order's own, also for its parts; a SKU's card; its object's page."""
    match flow:
        case STOCK.name:
            card = reverse("inventory_why", args=[connection.public_id])
            return redirect(f"{card}?{urlencode({'sku': external_id})}")
        case ITEMS.name:
            return redirect("items", connection.public_id)
        case RUN.name | FEED.name:
            return redirect(PAGE_OF_STALLED.get(external_id.partition("_")[0], "connection"), connection.public_id)
        case CUSTOMERS.name | CARDS.name | POINTS.name | DESK_ORDERS.name:
            return redirect(PAGE_OF_FLOW[flow], connection.public_id)
        case SHIPMENTS.name | RETURNS.name | REFUNDS.name:
            part = get_object_or_404(
                Record.objects.exclude(order_id=""), connection=connection, flow=flow, external_id=external_id
            )
            return redirect("order", connection.public_id, part.order_id)
        case ORDERS.name:
            return redirect("order", connection.public_id, order_record(connection, external_id).external_id)
        case _:
            raise Http404


def invoice_questions(invoices: Sequence[Record]) -> list[tuple[Record, list[tuple[Record.Choice, str, str]]]]:
    """Invoices that wait for a choice, each with its choices, their buttons' words and what they do."""
    held = [one for one in invoices if one.disposition == Record.Disposition.HELD and one.code in INVOICE_CHOICES]
    return [
        (one, [(choice, words, effect) for choice, (words, effect) in INVOICE_CHOICES[one.code].items()])
        for one in held
    ]


def violations(problem: SyncError | None) -> list[dict[str, str]]:
    return list(problem.violations) if problem else []


def elsewhere(fix: Fix | None, here: str) -> Fix | None:
    """The fix, unless it leads to the page on which it would stand."""
    return None if fix and fix.href == here else fix
