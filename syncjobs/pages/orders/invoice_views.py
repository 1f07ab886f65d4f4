"""What a person decides about an invoice that waits: the buttons stand on its order's page."""

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
from syncjobs.flows import SHIPMENTS
from syncjobs.flows.shipments.questions import AS_CHOSEN, CHOICES
from syncjobs.models import Record
from syncjobs.pages.orders.part_record import part_record
from syncjobs.pages.shown import mark_of, moved_on


@takes("question", "choice", "next")
@require_POST
@for_connection(Action.RETRY)
def choose(request: PersonRequest, connection: Connection, external_id: str) -> HttpResponse:
    """Answer what the page asked; another question than the one that was shown is not answered by it."""
    with transaction.atomic():
        record = part_record(connection, SHIPMENTS, external_id)
        wish, question = request.POST.get("choice", ""), request.POST.get("question", "")
        choices = CHOICES.get(record.code, {}) if record.disposition == Record.Disposition.HELD else {}
        if wish not in choices or not question or question != record.facts.get("question"):
            messages.error(request, f"{record} does not wait for this choice any more: look at what it says now.")
        else:
            choice = Record.Choice(wish)
            engine.invoice_choose(record=record, choice=choice, question=question, actor=request.user)
            messages.success(request, f"{choices[choice][0]}: {record} is worked on now.")
    return go_back(request, "order", connection.public_id, record.order_id)


@takes("shown")
@require_POST
@for_connection(Action.RETRY)
def unchoose(request: PersonRequest, connection: Connection, external_id: str) -> HttpResponse:
    """Take a choice back that left the store as it was: the invoice asks anew."""
    with transaction.atomic():
        record = part_record(connection, SHIPMENTS, external_id)
        if request.POST.get("shown") != mark_of(record):
            messages.error(request, moved_on(record))
        elif not record.choice or record.code not in AS_CHOSEN:
            messages.error(request, f"There is no choice about {record} to take back any more.")
        else:
            engine.order_unchoose(record=record, actor=request.user)
            messages.success(request, f"The choice is taken back: {record} is looked at again.")
    return redirect("order", connection.public_id, record.order_id)
