"""The list of a store's runs over stock, items and orders: what a person keeps of it, and the same as a file."""

from collections.abc import Iterator, Sequence
from urllib.parse import parse_qsl, urlencode

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from connections.models import Connection
from connections.permissions import Action
from connections.strict import takes
from connections.views.base import PersonRequest, for_connection, page
from syncjobs.bulk.run_progress import TITLES, group_of
from syncjobs.models import Run
from syncjobs.pages.lists.chosen import columns_choose, columns_chosen, keep_view, views_of
from syncjobs.pages.lists.keyset import count_words, counted, page_of
from syncjobs.pages.runs.run_columns import BY_KEY, COLUMNS, KEYS, USUAL, RunColumn
from syncjobs.pages.runs.run_filters import KINDS, PERIODS, SORTS, RunFilters, chips, filters_of, href, runs_filtered
from syncjobs.pages.runs.run_filters import tabs as tabs_of
from syncjobs.pages.runs.run_views import csv_answer

LIST = "runs"
FILE_PAGE = 500
PAGES = {"stock": "inventory_run", "items": "items_run"}  # group of a run → the page of one


@require_safe
@for_connection(Action.LOOK)
def runs(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Every run of a store; filters live in the address."""
    filters, now = filters_of(request.GET.dict()), timezone.now()
    part = runs_filtered(connection, filters, now)
    rows = page_of([part.prefetch_related("started_by")], filters.ordered, request.GET.dict())
    shown = columns_chosen(request.user, LIST, KEYS, USUAL)
    context = {
        "connection": connection,
        "tab": "items" if filters.kind.startswith("items") else "inventory",
        "rows": rows,
        "drawn": [(run, TITLES[run.kind], address_of(connection, run), cells_of(run, shown)) for run in rows.rows],
        "matching_words": count_words(counted([part], filters.ordered)),
        "filters": filters,
        "query": urlencode(filters.address),
        "tabs": tabs_of(connection, filters, now),
        "chips": chips(filters),
        "clear": href(RunFilters(state=filters.state)),
        "newer": href(filters, before=rows.newer) if rows.newer else "",
        "older": href(filters, after=rows.older) if rows.older else "",
        "kinds": list(KINDS.items()),
        "periods": {key: words for key, (words, _) in PERIODS.items()},
        "sorts": {key: sort.label for key, sort in SORTS.items()},
        "columns": [BY_KEY[key] for key in shown],
        "all_columns": [(BY_KEY[key], key in shown) for key in KEYS],
        "views": [(view, f"?{view.query}") for view in views_of(request.user, LIST)],
    }
    return page(request, "runs/runs.html", context, merchant=connection.merchant)


def cells_of(run: Run, shown: Sequence[str]) -> list[tuple[RunColumn, str]]:
    return [(BY_KEY[key], BY_KEY[key].text(run)) for key in shown]


def address_of(connection: Connection, run: Run) -> str:
    """The page of a run; "" where its kind has none."""
    name = PAGES.get(group_of(run))
    return reverse(name, args=[connection.public_id, run.pk]) if name else ""


def list_of(request: PersonRequest, connection: Connection) -> tuple[RunFilters, HttpResponse]:
    """The filters that a form was drawn with, and the way back to their list."""
    filters = filters_of(dict(parse_qsl(request.POST.get("filters", "")[:2000])))
    return filters, redirect(f"{reverse('runs', args=[connection.public_id])}{href(filters)}")


@takes("column[]", "filters")
@require_POST
@for_connection(Action.LOOK)
def columns(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Keep which columns the person wants to see, of every store's list."""
    columns_choose(request.user, LIST, request.POST.getlist("column"), KEYS)
    return list_of(request, connection)[1]


@takes("name", "filters", "delete")
@require_POST
@for_connection(Action.LOOK)
def views(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Keep the filters under a name, or delete a view."""
    filters, back = list_of(request, connection)
    keep_view(request, LIST, urlencode(filters.address))
    return back


@require_safe
@for_connection(Action.LOOK)
def export(request: PersonRequest, connection: Connection) -> StreamingHttpResponse:
    """All runs that match as a file, made while it is sent."""
    return csv_answer("runs.csv", lines(connection, filters_of(request.GET.dict())))


def lines(connection: Connection, filters: RunFilters) -> Iterator[tuple[str, ...]]:
    yield ("Run", *(column.label for column in COLUMNS))
    place, now = "", timezone.now()
    while True:
        part = runs_filtered(connection, filters, now).prefetch_related("started_by")
        found = page_of([part], filters.ordered, {"after": place}, rows=FILE_PAGE)
        for run in found.rows:
            yield (TITLES[run.kind], *(column.text(run) for column in COLUMNS))
        place = found.older
        if not place:
            return
