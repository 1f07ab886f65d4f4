"""The list of orders to distribute: all as suggested, some, or one; what was done lately, and taking it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from connections.models import Connection
from connections.permissions import Action
from connections.strict import takes
from connections.views.base import PersonRequest, demand, for_connection, page, wants_partial
from syncjobs.distribution.begin_distribution import (
    BACK,
    BACK_WITHIN,
    SEND,
    Wish,
    assignments_of,
    distribution_begin,
    distribution_stop,
    distribution_take_back,
)
from syncjobs.distribution.waiting_lines import lines_waiting, orders_waiting
from syncjobs.distribution.work_distribution import orders
from syncjobs.models import Assignment, Run
from syncjobs.pages.distribution.worklist import SHOWN, lines_placed, shown_of, worklist_of

SUGGESTED, TICKED = "suggested", "ticked"  # else the id of one order's record
LATELY = 5  # runs
State = Assignment.State


@dataclass(frozen=True, kw_only=True)
class Lately:
    """A distribution of the last day, or one that goes on."""

    run: Run
    stays: list[Assignment]  # what was left over, or could not be taken back, with the reason
    may_take_back: bool

    @property
    def percent(self) -> int:
        return 100 * self.run.done // (self.run.total or 1)

    @property
    def is_back(self) -> bool:
        return self.run.kind == BACK


@takes("what", "order[]", "place-*", "suggest-*", "shown-*")
@require_http_methods(["GET", "POST"])
@for_connection(Action.LOOK)
def distribution(request: PersonRequest, connection: Connection) -> HttpResponse:
    """The list; a part of it while a run goes on. A form begins to distribute orders."""
    if request.method == "POST":
        demand(request, connection.merchant, Action.DISTRIBUTE)
        return begin(request, connection)
    lately = lately_of(connection, timezone.now())
    running = next((one for one in lately if one.run.state == Run.State.RUNNING), None)
    context = {"connection": connection, "tab": "fulfilment", "running": running}
    if wants_partial(request):
        answer = page(request, "distribution/_progress.html", context, merchant=connection.merchant)
        if running is None:
            answer["HX-Refresh"] = "true"
        return answer
    names = dict(connection.heartland.locations.filter(is_active=True).values_list("external_id", "name"))
    context |= {
        "list": worklist_of(connection),
        "lately": [one for one in lately if one.run.state != Run.State.RUNNING],
        "places": sorted(names.items(), key=lambda pair: pair[1]),
    }
    return page(request, "distribution/worklist.html", context, merchant=connection.merchant)


def begin(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Distribute what was asked for; what is not as its page showed it is left out and said."""
    wishes, outdated, unplaced = wishes_of(connection, request.POST)
    run = distribution_begin(connection=connection, wishes=wishes, actor=request.user, now=timezone.now())
    count = run.total or 0 if run else 0
    if count:
        messages.success(request, f"{orders(count)} {'is' if count == 1 else 'are'} being distributed now.")
    if changed := outdated + len(wishes) - count:
        messages.error(request, f"{orders(changed)} not distributed: changed or taken since this page was drawn.")
    if unplaced:
        messages.error(request, f"{orders(unplaced)} not distributed: choose a location first.")
    if not (count or changed or unplaced):
        messages.error(request, "Nothing was done: tick at least one order.")
    return redirect("distribution", public_id=connection.public_id)


def wishes_of(connection: Connection, form: QueryDict) -> tuple[dict[int, Wish], int, int]:
    """Wishes by record; how many orders are not as shown any more, and how many have no location."""
    names = dict(connection.heartland.locations.filter(is_active=True).values_list("external_id", "name"))
    wanted = places_wanted(form)
    found, unplaced, outdated = dict[int, Wish](), 0, 0
    records = {record.pk: record for record in orders_waiting(connection).filter(connection=connection, pk__in=wanted)}
    for key, place in wanted.items():
        record = records.get(key)
        lines = lines_waiting(record) if record else None
        if record is None or not lines or form.get(f"shown-{key}") != shown_of(record, lines):
            outdated += 1
        elif placed := lines_placed(lines, place, names):
            found[key] = Wish(lines=placed, is_suggested=place == form.get(f"suggest-{key}"))
        else:
            unplaced += 1
    return found, outdated, unplaced


def places_wanted(form: QueryDict) -> Mapping[int, str]:
    """Which order is to ship from where, by record: as suggested, as ticked, or one alone."""
    what = form.get("what", "")
    if what == SUGGESTED:
        rows = [(name.removeprefix("suggest-"), str(form[name])) for name in form if name.startswith("suggest-")]
    else:
        keys = [str(key) for key in form.getlist("order")] if what == TICKED else [what]
        rows = [(key, str(form.get(f"place-{key}", ""))) for key in keys]
    return {int(key): place for key, place in rows[:SHOWN] if key.isascii() and key.isdigit() and len(key) < 18}


def lately_of(connection: Connection, now: datetime) -> list[Lately]:
    """Distributions of the last day, newest first."""
    runs = Run.objects.filter(connection=connection, kind__in=[SEND, BACK], started_at__gt=now - BACK_WITHIN)
    return [lately(run, now) for run in runs.select_related("started_by").order_by("-started_at", "-pk")[:LATELY]]


def lately(run: Run, now: datetime) -> Lately:
    rows = assignments_of(run)
    stays = rows.filter(state=State.DONE) if run.kind == BACK else rows.filter(state=State.LEFT)
    stands = run.kind == SEND and run.state != Run.State.RUNNING and rows.filter(state=State.DONE).exists()
    return Lately(run=run, stays=list(stays), may_take_back=stands)


@require_POST
@for_connection(Action.DISTRIBUTE)
def take_back(request: PersonRequest, connection: Connection, run_id: int) -> HttpResponse:
    """Take a distribution back; what was invoiced or changed since stays."""
    run = get_object_or_404(Run, connection=connection, kind=SEND, pk=run_id)
    back = distribution_take_back(run=run, actor=request.user, now=timezone.now())
    if back:
        messages.success(request, f"Taking back {orders(back.total or 0)} now.")
    else:
        messages.info(request, "Nothing was done: nothing of it can be taken back any more.")
    return redirect("distribution", public_id=connection.public_id)


@require_POST
@for_connection(Action.DISTRIBUTE)
def stop(request: PersonRequest, connection: Connection, run_id: int) -> HttpResponse:
    """End a distribution where it is."""
    run = get_object_or_404(Run, connection=connection, kind__in=[SEND, BACK], pk=run_id)
    count = distribution_stop(run=run, actor=request.user, now=timezone.now())
    messages.info(request, f"Stopped: {orders(count)} not touched." if count else "It was over already.")
    return redirect("distribution", public_id=connection.public_id)
