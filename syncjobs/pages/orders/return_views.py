"""What a person decides about a return at the till that waits: the buttons stand on its order's page."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from connections.models import Connection
from connections.permissions import Action
from connections.strict import takes
from connections.views.base import PersonRequest, for_connection, go_back
from syncjobs import engine
from syncjobs.flows import RETURNS
from syncjobs.flows.returns.return_questions import AS_CHOSEN, CHOICES
from syncjobs.models import Record
from syncjobs.pages.orders.part_record import part_record
from syncjobs.pages.shown import mark_of, moved_on


@dataclass(frozen=True, kw_only=True)
class Question:
    """A return that waits for a choice."""

    record: Record
    choices: list[tuple[Record.Choice, str, str]]  # with the words of the button, and what it does
    orders: list[tuple[str, str]]  # that it may be of, by number, where that is asked


def returned(record: Record) -> list[Record]:
    """Returns at the tills of an order, oldest first."""
    rows = Record.objects.filter(connection=record.connection, order_id=record.external_id, flow=RETURNS.name)
    return list(rows.order_by("first_seen_at", "pk"))


def questions_of(returns: Sequence[Record]) -> list[Question]:
    held = [one for one in returns if one.disposition == Record.Disposition.HELD and one.code in CHOICES]
    return [
        Question(
            record=one,
            choices=[(choice, words, effect) for choice, (words, effect) in CHOICES[one.code].items()],
            orders=[(row["order"], row["number"]) for row in candidates_of(one)],
        )
        for one in held
    ]


def answered(returns: Sequence[Record]) -> list[tuple[Record, str]]:
    """Returns that ended as a person chose, each with the mark of how it is shown."""
    ended = (Record.Disposition.BOOKED, Record.Disposition.SKIPPED)
    found = [one for one in returns if one.disposition in ended and one.code in AS_CHOSEN and one.facts.get("answers")]
    return [(one, mark_of(one)) for one in found]


def candidates_of(record: Record) -> list[dict[str, str]]:
    """The web orders that a return may be of, while it asks for that."""
    return list(record.facts.get("candidates") or ()) if record.code == "return_of_which_order" else []


@takes("question", "choice", "order", "next")
@require_POST
@for_connection(Action.RETRY)
def choose(request: PersonRequest, connection: Connection, external_id: str) -> HttpResponse:
    """Answer what the page asked; another question than the one that was shown is not answered by it."""
    with transaction.atomic():
        record = part_record(connection, RETURNS, external_id)
        shown_on = record.order_id
        wish, question = request.POST.get("choice", ""), request.POST.get("question", "")
        order = request.POST.get("order", "")
        choices = CHOICES.get(record.code, {}) if record.disposition == Record.Disposition.HELD else {}
        meant = {row["order"] for row in candidates_of(record)} | {""}
        if wish not in choices or not question or question != record.facts.get("question") or order not in meant:
            messages.error(request, f"{record} does not wait for this choice any more: look at what it says now.")
        else:
            choice = Record.Choice(wish)
            engine.return_choose(record=record, choice=choice, question=question, actor=request.user, order_id=order)
            messages.success(request, f"{choices[choice][0]}: {record} is worked on now.")
    return go_back(request, "order", connection.public_id, shown_on)


@takes("shown")
@require_POST
@for_connection(Action.RETRY)
def unchoose(request: PersonRequest, connection: Connection, external_id: str) -> HttpResponse:
    """Take the answers about a return back that left something as it was: it asks anew."""
    with transaction.atomic():
        record = part_record(connection, RETURNS, external_id)
        if request.POST.get("shown") != mark_of(record):
            messages.error(request, moved_on(record))
        elif not answered([record]):
            messages.error(request, f"There is no answer about {record} to take back any more.")
        else:
            engine.return_unchoose(record=record, actor=request.user)
            messages.success(request, f"The answers are taken back: {record} is looked at again.")
    return redirect("order", connection.public_id, record.order_id)
