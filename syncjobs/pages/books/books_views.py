"""The books: a month's grid, a day to close, the chart of accounts, and files for accounting systems."""

from calendar import monthrange
from datetime import date, timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from connections.models import Connection
from connections.permissions import Action
from connections.strict import takes
from connections.views.base import PersonRequest, for_connection, is_as_shown, page
from errors.failures import ConfigurationFailure
from mappings.core.rules.journal import NAMES, Account
from mappings.core.rules.journal_layouts import LAYOUTS, Entry, missing, parts
from syncjobs.models import DayClose
from syncjobs.money.chart import chart_read, chart_state, chart_write
from syncjobs.money.close_day import Posted, closes_verify, day_close, draft_of, entries_of, next_day
from syncjobs.money.import_payouts import currency_of
from syncjobs.money.open_points import LABELS, points_between
from syncjobs.pages.books.books_state import (
    balances,
    chart_of,
    day_asked,
    entries_shown,
    groups_of,
    month_asked,
    month_rows,
    offers_of,
    today_of,
)
from syncjobs.pages.runs.run_views import csv_answer

LONGEST = 300


@require_safe
@for_connection(Action.LOOK)
def books(request: PersonRequest, connection: Connection) -> HttpResponse:
    """A month, day by day."""
    now = timezone.now()
    first = month_asked(request.GET.get("month", ""), today_of(connection, now))
    rows = month_rows(connection, first, now)
    count, problem = closes_verify(connection)
    entries = entries_closed(connection, month_of(first))
    after = (first + timedelta(days=31)).replace(day=1)
    context = {
        "connection": connection,
        "tab": "fulfilment",
        "first": first,
        "before": first - timedelta(days=1),
        "after": after if after <= today_of(connection, now) else None,
        "rows": rows,
        "labels": list(LABELS.values()),
        "open": sum(not row.is_green for row in rows),
        "total": sum(row.total for row in rows),
        "currency": currency_of(connection),
        "closed": sum(row.close is not None for row in rows),
        "chained": count,
        "problem": problem,
        "layouts": [(key, label, range(1, len(files_in(key, entries)) + 1)) for key, (label, _) in LAYOUTS.items()],
    }
    return page(request, "books/books.html", context, merchant=connection.merchant)


@require_safe
@for_connection(Action.LOOK)
def books_day(request: PersonRequest, connection: Connection) -> HttpResponse:
    """One day: as it was closed, or as it would be now, with all that is open of it."""
    now, day = timezone.now(), day_asked(request.GET.get("on", ""))
    if day is None or day > today_of(connection, now):
        return redirect("books", public_id=connection.public_id)
    close = DayClose.objects.filter(connection=connection, day=day).select_related("connection__store").first()
    draft = None if close else draft_of(connection, day, now)
    lines = [Posted.read(line) for line in close.lines] if close else list(draft.lines if draft else ())
    figures = close.figures if close else (draft.figures if draft else {})
    wanted = next_day(connection)
    points = points_between(connection, day, day, now)
    context = {
        "connection": connection,
        "tab": "fulfilment",
        "day": day,
        "close": close,
        "draft": draft,
        "figures": figures,
        "balances": balances(figures),
        "currency": close.currency if close else currency_of(connection),
        "groups": groups_of(points),
        "offers": list(offers_of(connection, points).values()),
        "is_over": day < today_of(connection, now),
        "wanted": wanted,
        "is_next": wanted in {None, day},
        "layouts": [(key, label) for key, (label, _) in LAYOUTS.items()],
        **entries_shown(lines, day),
    }
    return page(request, "books/day.html", context, merchant=connection.merchant)


@takes("day", "was", "note")
@require_POST
@for_connection(Action.MONEY)
def books_close(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Close a day as its page showed it."""
    day = day_asked(request.POST.get("day", ""))
    if day is None:
        raise Http404
    note = request.POST.get("note", "").strip()[:LONGEST]
    try:
        made = day_close(
            connection=connection, day=day, shown=request.POST.get("was", ""), note=note, actor=request.user,
            now=timezone.now(),
        )  # fmt: skip
    except ConfigurationFailure as failure:
        messages.error(request, f"Nothing was closed. {failure.summary}")
    else:
        messages.success(request, f"{date_format(made.day, 'F j')} is closed and sealed.")
    return to_day(connection, day.isoformat())


@require_safe
@for_connection(Action.LOOK)
def books_export(request: PersonRequest, connection: Connection) -> HttpResponseBase:
    """The closed days of a month, or one of them, as a file for an accounting system."""
    layout = request.GET.get("layout", next(iter(LAYOUTS)))
    if layout not in LAYOUTS:
        raise Http404
    day = day_asked(request.GET.get("on", ""))
    first = month_asked(request.GET.get("month", ""), today_of(connection, timezone.now()))
    entries = entries_closed(connection, (day, day) if day else month_of(first))
    chart = chart_read(connection)
    if lacks := missing(layout, entries, chart):
        names = ", ".join(NAMES[account] for account in lacks)
        messages.error(request, f"Nothing was exported: give these accounts a code and a tax rate first: {names}.")
        return redirect("books_accounts", public_id=connection.public_id)
    files = files_in(layout, entries)
    number = request.GET.get("part", "1")
    if number not in {str(one + 1) for one in range(len(files))}:
        raise Http404
    named = day.isoformat() if day else f"{first:%Y-%m}"
    part = f"-{number}" if len(files) > 1 else ""
    return csv_answer(f"{layout}-{named}{part}.csv", LAYOUTS[layout][1](files[int(number) - 1], chart))


@require_safe
@for_connection(Action.LOOK)
def books_accounts(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Which account of the merchant's own books each of ours is."""
    rows, was = chart_of(connection), chart_state(connection)
    context = {"connection": connection, "tab": "fulfilment", "rows": rows, "was": was}
    return page(request, "books/accounts.html", context, merchant=connection.merchant)


@takes("was", "code-*", "name-*", "tax-*")
@require_POST
@for_connection(Action.MONEY)
def books_accounts_keep(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Keep them as typed."""
    if is_as_shown(request, chart_state(connection), "was"):
        given = {
            account: tuple(request.POST.get(f"{what}-{account}", "").strip() for what in ("code", "name", "tax"))
            for account in Account
        }
        chart_write(connection=connection, given=given, actor=request.user)
        messages.success(request, "The accounts are kept: every export uses them from now on.")
    return redirect("books_accounts", public_id=connection.public_id)


def month_of(first: date) -> tuple[date, date]:
    return first, first.replace(day=monthrange(first.year, first.month)[1])


def entries_closed(connection: Connection, days: tuple[date, date]) -> list[Entry]:
    """The entries of all closed days of this time, the oldest first."""
    closes = DayClose.objects.filter(connection=connection, day__range=days).select_related("connection__store")
    return [entry for close in closes.order_by("day") for entry in entries_of(close)]


def files_in(layout: str, entries: list[Entry]) -> list[list[Entry]]:
    """The entries in as many files as the system needs: Xero reads a limited number of lines of each."""
    return parts(entries) if layout == "xero" else [entries]


def to_day(connection: Connection, day: str) -> HttpResponse:
    return redirect(f"{reverse('books_day', args=[connection.public_id])}?{urlencode({'on': day})}")
