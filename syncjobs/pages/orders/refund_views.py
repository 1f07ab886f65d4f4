"""What the store gave back of an order: what it became or will become, and the look that a person takes before."""

from dataclasses import dataclass

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from connections.models import Connection
from connections.permissions import Action
from connections.strict import takes
from connections.views.base import PersonRequest, for_connection, go_back
from ipaas.types import JSON
from syncjobs import engine
from syncjobs.flows import REFUNDS
from syncjobs.flows.refunds.plan_returns import CHOICES
from syncjobs.models import Record
from syncjobs.pages.orders.part_record import part_record


@dataclass(frozen=True, kw_only=True)
class RefundRow:
    """One refund as the order's page shows it."""

    record: Record
    choices: tuple[tuple[Record.Choice, str, str], ...] = ()  # with their buttons' words and what they do

    @property
    def plan(self) -> list[JSON]:
        """The returns that it will become; none once it is booked, or nothing is left to be booked of it."""
        is_ahead = self.record.disposition in (Record.Disposition.HELD, Record.Disposition.RETRYING)
        found: list[JSON] = self.record.facts.get("plan", []) if is_ahead else []
        return found

    @property
    def waits_for_provider(self) -> bool:
        return self.record.code == "refund_pending"


def refunds_of(record: Record) -> list[RefundRow]:
    """Refunds of an order, oldest first."""
    rows = Record.objects.filter(connection=record.connection, order_id=record.external_id, flow=REFUNDS.name)
    return [RefundRow(record=one, choices=choices_of(one)) for one in rows.order_by("first_seen_at", "pk")]


def choices_of(record: Record) -> tuple[tuple[Record.Choice, str, str], ...]:
    if record.disposition != Record.Disposition.HELD:
        return ()
    return tuple((choice, words, effect) for choice, (words, effect) in CHOICES.get(record.code, {}).items())


@takes("question", "choice", "next")
@require_POST
@for_connection(Action.RETRY)
def choose(request: PersonRequest, connection: Connection, external_id: str) -> HttpResponse:
    """Book what the page showed; what became something else meanwhile is not booked by it."""
    with transaction.atomic():
        record = part_record(connection, REFUNDS, external_id)
        wish, question = request.POST.get("choice", ""), request.POST.get("question", "")
        offered = [choice for choice, _, _ in choices_of(record)]
        if wish not in offered or not question or question != record.facts.get("question"):
            messages.error(request, f"{record} does not wait for this choice any more: look at what it says now.")
        else:
            engine.refund_choose(record=record, choice=Record.Choice(wish), question=question, actor=request.user)
            messages.success(request, f"{record} is booked now.")
    return go_back(request, "order", connection.public_id, record.order_id)
