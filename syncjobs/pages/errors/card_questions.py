"""What only a person can settle about one record, drawn in the card of its cause: both versions, and the choices."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse

from connections.models import Connection
from connections.templatetags.tillbridge import money
from errors.models import Issue, SyncError
from syncjobs.flows import ORDERS, REFUNDS, RETURNS, SHIPMENTS
from syncjobs.flows.orders.changing import CHOICES, effect
from syncjobs.flows.orders.compare_orders import Change, changes
from syncjobs.flows.refunds.plan_returns import CHOICES as REFUND_CHOICES
from syncjobs.flows.returns.return_questions import CHOICES as RETURN_CHOICES
from syncjobs.flows.shipments.questions import CHOICES as INVOICE_CHOICES
from syncjobs.models import Record
from syncjobs.pages.orders.return_views import candidates_of
from syncjobs.pages.shown import mark_of

Words = tuple[Record.Choice, str, str]  # a choice, the words of its button, and what it does
ABOUT_PARTS: Mapping[
    str, tuple[Mapping[str, Mapping[Record.Choice, tuple[str, str]]], str]
] = {  # flow → by the code of a hold, its choices; and the address that takes them
    SHIPMENTS.name: (INVOICE_CHOICES, "invoice_choose"),
    RETURNS.name: (RETURN_CHOICES, "return_choose"),
    REFUNDS.name: (REFUND_CHOICES, "refund_choose"),
}
CODES = {*CHOICES, *INVOICE_CHOICES, *RETURN_CHOICES, *REFUND_CHOICES}


@dataclass(frozen=True, kw_only=True)
class CardQuestion:
    """One record that waits for a choice. `shown` goes back as `shown_as`: another state is not decided by it."""

    record: Record
    address: str
    shown_as: str  # its name in the form
    shown: str
    choices: Sequence[Words]
    changes: Sequence[Change] = ()  # by the store, since it was booked
    there: Sequence[dict[str, str]] = ()  # by Heartland's desk: name, booked, now
    planned: Sequence[str] = ()  # what would be booked, in sentences
    orders: Sequence[tuple[str, str]] = ()  # web orders that a return may be of: id and number


def card_questions(connection: Connection, issues: Collection[Issue]) -> dict[int, CardQuestion]:
    """By issue id, for those that one record waits behind with a choice to make; two queries."""
    asking = {issue.pk: issue.code for issue in issues if issue.code in CODES and issue.is_open}
    if not asking:
        return {}
    behind = SyncError.objects.open().filter(connection=connection, issues__in=asking)
    named: dict[int, set[tuple[str, str]]] = {}
    for pk, flow, external_id in behind.values_list("issues", "flow", "external_id"):
        named.setdefault(pk, set()).add((flow, external_id))
    alone = {pk: next(iter(names)) for pk, names in named.items() if len(names) == 1}
    records = _records(connection, set(alone.values()))
    found = {pk: question_of(records[name], asking[pk]) for pk, name in alone.items() if name in records}
    return {pk: question for pk, question in found.items() if question is not None}


def question_of(record: Record, code: str) -> CardQuestion | None:
    """What a record asks; None where it asks nothing, or something else than `code` first."""
    is_asking = record.disposition == Record.Disposition.HELD and record.code == code
    if not is_asking:
        return None
    return _about_order(record) if record.flow == ORDERS.name else _about_part(record)


def _about_order(record: Record) -> CardQuestion | None:
    offered = CHOICES.get(record.code, ())
    if not offered:
        return None
    return CardQuestion(
        record=record,
        address=_address(record, "order_choose"),
        shown_as="shown",
        shown=mark_of(record),
        choices=[(choice, choice.label, effect(record, choice)) for choice in offered],
        changes=changes(record.facts, amount=lambda value: money(value, record.currency)),
        there=record.facts.get("there") or (),
    )


def _about_part(record: Record) -> CardQuestion | None:
    """Of an invoice, a return at a till or a refund."""
    by_code, address = ABOUT_PARTS.get(record.flow, ({}, ""))
    offered, question = by_code.get(record.code, {}), str(record.facts.get("question") or "")
    if not offered or not question:
        return None
    return CardQuestion(
        record=record,
        address=_address(record, address),
        shown_as="question",
        shown=question,
        choices=[(choice, words, does) for choice, (words, does) in offered.items()],
        planned=record.facts.get("planned") or (),
        orders=[(row["order"], row["number"]) for row in candidates_of(record)],
    )


def _records(connection: Connection, names: Collection[tuple[str, str]]) -> dict[tuple[str, str], Record]:
    """Records by flow and id; one query."""
    wanted = Q(pk__in=())
    for flow, external_id in names:
        wanted |= Q(flow=flow, external_id=external_id)
    found = Record.objects.filter(wanted, connection=connection)
    for record in found:
        record.connection = connection
    return {(record.flow, record.external_id): record for record in found}


def _address(record: Record, name: str) -> str:
    return reverse(name, args=[record.connection.public_id, record.external_id])
