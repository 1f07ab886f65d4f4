"""Heartland's customers who are one person: one stays, what the other had goes there, the other is switched off.

That two are one is kept before anything is written (`CustomerMerge`); each step may be repeated, so that a merge whose
answers were lost goes on where it was. Heartland offers no merge over its API (its notes are silent): orders that are
still open are made out to who stays, closed ones and tickets stay where they were booked, and the profile shows them.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from connections.models import HeartlandAccount
from errors.failures import NotFound
from ipaas.types import JSON
from mappings.models import Link
from syncjobs.flows.customers.move_orders import orders_move
from syncjobs.flows.points.join_points import points_join, points_take
from syncjobs.flows.points.points_context import NAME as POINTS
from syncjobs.flows.points.read_points import customer_number, points_of
from syncjobs.models import CustomerIdentity, CustomerMerge, CustomerQuestion, LoyaltySettings, Record

if TYPE_CHECKING:
    from syncjobs.flows.customers.customer_context import CustomerContext

Because = CustomerMerge.Because
ORDERS = "orders"  # the flow's name


@transaction.atomic
def merge_keep(*, heartland: HeartlandAccount, gone: str, kept: str, because: Because, now: datetime) -> None:
    """Keep that two are one; who was merged into the one that goes is the one that stays too."""
    rows = CustomerMerge.objects.filter(heartland=heartland)
    rows.filter(gone_id=kept).delete()  # merged the other way round once, and switched on again since
    rows.filter(kept_id=gone).update(kept_id=kept)
    said = {"kept_id": kept, "because": because, "said_at": now, "done_at": None, "reopened_at": None}
    rows.update_or_create(heartland=heartland, gone_id=gone, defaults=said)


def merge_asked(context: "CustomerContext") -> None:
    """Carry out that a person called the other candidates the same."""
    wanted = CustomerQuestion.objects.filter(
        identity=context.identity, answer=CustomerQuestion.Answer.SAME, merges=True, done_at=None
    )
    heartland = context.connection.heartland
    for question in wanted:
        with transaction.atomic():
            for gone in question.candidates:
                if gone != question.chosen_id:
                    merge_keep(
                        heartland=heartland, gone=gone, kept=question.chosen_id, because=Because.PERSON, now=context.now
                    )
            CustomerQuestion.objects.filter(pk=question.pk).update(done_at=context.now)


def merges_carry_out(context: "CustomerContext", kept: str) -> None:
    """Take over whoever is this customer too and was not taken over yet: two calls each, more where orders are open
    or points are kept alike.
    """
    merges = CustomerMerge.objects.standing().filter(heartland=context.connection.heartland, kept_id=kept, done_at=None)
    for merge in merges.order_by("pk"):
        _take_over(context, merge)


def _take_over(context: "CustomerContext", merge: CustomerMerge) -> None:
    gone, kept, is_ours = merge.gone_id, merge.kept_id, merge.because != Because.HEARTLAND
    loyalty = LoyaltySettings.objects.filter(connection=context.connection, is_on=True).first()
    if is_ours:
        orders_move(context, gone, kept)
        _switch_off(context, merge, loyalty)
    with transaction.atomic():
        points_join(merge.heartland, gone, kept, is_field_apart=is_ours)
        stores = merge.heartland.connections.all()
        Link.objects.filter(connection__in=stores, kind=Link.Kind.CUSTOMER, target_id=gone).update(target_id=kept)
        others = CustomerIdentity.objects.filter(connection__in=stores, customer_id=gone)
        mine = list(others.filter(connection=context.connection).values_list("account_id", flat=True))
        others.update(customer_id=kept, heartland_version="", store_digest="")  # another store's next sweep looks
        CustomerMerge.objects.filter(pk=merge.pk).update(done_at=context.now)
        context.ask_again(context.job.flow, *(one for one in mine if one != context.external_id))
        context.ask_again(POINTS, *({context.external_id, *mine} if loyalty else ()))
        context.ask_again(ORDERS, *_orders_asked_about(context, gone))
    context.decide(f"Customer {gone} is the same person as {kept}.")


def _orders_asked_about(context: "CustomerContext", gone: str) -> list[str]:
    """Orders that wait for a person and were booked for who is somebody else now: that may be all that was asked."""
    waiting = Record.objects.filter(connection=context.connection, flow=ORDERS, disposition=Record.Disposition.HELD)
    return list(waiting.filter(facts__booked_there__customer_id=gone).values_list("external_id", flat=True))


def _switch_off(context: "CustomerContext", merge: CustomerMerge, loyalty: LoyaltySettings | None) -> None:
    """With no points left in the field: they are counted for who stays before."""
    gone = merge.gone_id
    try:
        points = _points_taken(context, merge, loyalty) if loyalty else {}
        context.heartland.customer_update(gone, active=False, **points)
    except NotFound:
        context.decide(f"Customer {gone} is gone in Heartland already.")
    else:
        context.decide(f"Customer {gone} was switched off in Heartland.")


def _points_taken(context: "CustomerContext", merge: CustomerMerge, settings: LoyaltySettings) -> JSON:
    """Count what the field shows: one call; answers what is written in its place."""
    field, row = settings.heartland_field, context.heartland.customer_read(merge.gone_id)
    text = str((row.get("custom") or {}).get(field) or "")
    if not text:
        return {}
    shown = points_of(text, f"Heartland's field of customer {customer_number(row)}")
    about = f"{merge.gone_id}:{merge.said_at.isoformat()}"
    points_take(
        settings=settings, gone=merge.gone_id, kept=merge.kept_id, shown=shown or 0, about=about, now=context.now
    )
    return {"custom": {field: "0"}}
