"""Tell the store which sales order its order became, so that it is searchable from both sides."""

from dataclasses import replace

from django.utils import timezone

from mappings.core.canonical.order import Order, Source
from mappings.core.canonical.statuses import StatusMeaning
from syncjobs.flows.base import Outcome
from syncjobs.flows.orders import given_back, worth_points
from syncjobs.flows.orders.order_context import Effect, OrderContext
from syncjobs.flows.orders.splitting import KEPT_AS_SPLIT
from syncjobs.models import Record
from syncjobs.stores.known_statuses import head_understood
from syncjobs.stores.port import OrderHead


def is_as_read(head: OrderHead, order: Order) -> bool:
    """False when the store's answer to our write shows that somebody changed the order since we read it.

    The version that we know then stays the one that was read: polling finds the order and looks at it again.
    """
    return (
        head.status == order.status_key
        and head.total == order.total
        and head.notes == tuple(one for one in order.written if one.source in {Source.COMMENT, Source.STAFF_NOTES})
        and head.is_deleted == order.is_deleted
    )


def confirm(context: OrderContext) -> Outcome:
    """Write the Heartland number to the order's external id unless somebody else's stands there; ends the run.

    The write moves the order's date_modified: its new value is kept, so that polling and callbacks know our own echo.
    """
    label = context.link.target_label if context.link else ""
    code = given_back.note(context)
    there = context.order.external_order_id
    if there != label and (not there or context.is_our_number(there)):
        context.intend(Effect.NOTHING, f"Booked as {label}; the store's order is told this number.")
        status, expected = status_wanted(context)
        head = context.store.feedback.number_write(context.external_id, label, status=status)
        if is_as_read(head, expected):
            context.learn(source_version=head.version or context.order.version, own_write_at=head.changed_at)
            if status:
                now = head_understood(head, context.tables)
                context.learn(source_status=now.status_name, source_meaning=now.meaning, source_seen_at=timezone.now())
        context.decide(f"The store's order now names {label}.")
    worth_points.booked(context)
    rest = ", without what the store gave back" if code else ""
    beside = "".join(f", beside {part['number']}" for part in context.parts)
    sentence = f"Booked as {label}{beside}{rest}."
    is_split = bool(beside and not code)
    return Outcome(disposition=Record.Disposition.BOOKED, code=KEPT_AS_SPLIT if is_split else code, sentence=sentence)


def status_wanted(context: OrderContext) -> tuple[str, Order]:
    """The status that the merchant's table gives a booked order, to be written along; and the order as it then is."""
    order, wanted = context.as_read, context.settings.booked_status
    if not wanted or order.meaning is not StatusMeaning.OPEN:
        return "", order
    return wanted, replace(order, status_key=wanted)
