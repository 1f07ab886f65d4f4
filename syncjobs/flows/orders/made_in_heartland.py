"""A store order that records a sales order of Heartland's desk: it is followed there, and never booked.

The mark that stands in the store's own order decides, so that it is known after our memory was lost, and where another
database made it.
"""

from typing import TYPE_CHECKING

from django.db import transaction

from errors.failures import NotFound, Violation, held
from mappings import services
from mappings.core.canonical.statuses import ENDED
from mappings.core.heartland.desk_marks import DeskMark, account_named, desk_mark
from mappings.core.heartland.sales_orders import SalesOrder, sales_order_from_heartland
from syncjobs.flows.base import Outcome
from syncjobs.flows.orders import evidence
from syncjobs.flows.settled import settlement_of
from syncjobs.models import Record, Settlement

if TYPE_CHECKING:
    from syncjobs.flows.orders.order_context import OrderContext

MADE, MADE_IN_HEARTLAND = Settlement.Kind.MADE_IN_HEARTLAND, "made_in_heartland"


def made_in_heartland(context: "OrderContext") -> Outcome | None:
    """End here with an order that bears the desk's mark, or bore it; None for all others. One call of Heartland.

    Raises the hold that asks a person, where one side ended and the other did not.
    """
    settlement = settlement_of(context) if context.traces.settlement else None
    if settlement and settlement.kind != MADE:  # as a person closed it
        return None
    mark = desk_mark(context.order.external_order_id)
    if mark is None and settlement:
        mark = DeskMark(account_named(context.connection.heartland.base_url), settlement.heartland_id)
    if mark is None:
        return None
    sales_order = recorded_there(context, mark)
    if settlement is None:
        remember(context, sales_order)
    if sales_order.is_alive == (context.order.meaning in ENDED):
        raise held(ended_on_one_side(context, sales_order))
    sentence = (
        f"Made in Heartland as {sales_order.public_id}, and recorded in {context.store_name}: it is never booked."
    )
    context.decide(sentence)
    return Outcome(disposition=Record.Disposition.SKIPPED, code=MADE_IN_HEARTLAND, sentence=sentence)


def recorded_there(context: "OrderContext", mark: DeskMark) -> SalesOrder:
    """The sales order as it is now. Raises a hold where this account has it no more, or never had."""
    try:
        if mark.account != account_named(context.connection.heartland.base_url):
            raise NotFound("It is another account's.")
        sales_order = sales_order_from_heartland(context.heartland.order_read(mark.sales_order))
    except NotFound as gone:
        raise held(unknown_there(context)) from gone
    context.learn(
        target_id=sales_order.id,
        target_label=sales_order.public_id,
        target_total=sales_order.total,
        target_seen_at=context.now,
        is_distributed=sales_order.is_distributed,
        facts=context.facts["facts"] | {"heartland": evidence.heartland_facts(sales_order)},
    )
    return sales_order


def remember(context: "OrderContext", sales_order: SalesOrder) -> None:
    """Have its invoices followed; and tell the store's stock anew, as the store took its pieces once more."""
    with transaction.atomic():
        Settlement.objects.update_or_create(
            record=context.record,
            defaults={"kind": MADE, "about": "", "heartland_id": sales_order.id, "at": context.now},
        )
        services.levels_doubt(context.connection, {line.sku for line in context.order.lines})
    if sales_order.is_final:  # no feed tells again of what left before
        invoices = context.heartland.invoices_of_order(sales_order.id)
        context.others += [("shipments", str(row["id"])) for row in invoices]


def ended_on_one_side(context: "OrderContext", sales_order: SalesOrder) -> Violation:
    there = "is cancelled in Heartland" if not sales_order.is_alive else f"stands in Heartland, {sales_order.status}"
    here = "goes on" if not sales_order.is_alive else f"is {context.order.meaning.value}"
    fix = (
        f"Cancel it in {context.store_name} too; money is given back where it was taken, in Heartland."
        if not sales_order.is_alive
        else f"Cancel {sales_order.public_id} in Heartland too, or put the order back in {context.store_name}."
    )
    return Violation(
        code="made_there_ended_on_one_side",
        sentence=f"Order {context.title} was made in Heartland: {sales_order.public_id} {there}, and the order {here} "
        f"in {context.store_name}.",
        field="status",
        value=context.order.status,
        fix=f"{fix} This goes on by itself then.",
        fix_page="store" if not sales_order.is_alive else "heartland",
    )


def unknown_there(context: "OrderContext") -> Violation:
    return Violation(
        code="made_there_unknown",
        sentence=f"Order {context.title} bears the mark of an order that was made in Heartland, and this account holds "
        "that one no more.",
        field="external_order_id",
        value=context.order.external_order_id,
        fix="Close it here as settled elsewhere; it is never booked by itself.",
        fix_page=f"order/{context.external_id}",
    )
