"""Statuses that the store's kind does not document, read as the one that a person says they stand for."""

from dataclasses import replace

from connections.models import Connection
from mappings.core.canonical.order import Order
from mappings.core.canonical.statuses import Disposition, Statuses, StatusMeaning
from mappings.models import ValueMap
from mappings.value_tables import ValueTables
from syncjobs.stores.opening import statuses_of
from syncjobs.stores.port import OrderHead

GIVEN_BACK = (StatusMeaning.REFUNDED, StatusMeaning.PART_REFUNDED)  # what went back, the refunds say


def stand_ins(connection: Connection) -> Statuses:
    """What an unknown status may stand for."""
    known = statuses_of(connection.store).items()
    return {
        key: one
        for key, one in known
        if one.meaning not in GIVEN_BACK and one.default_disposition is not Disposition.HOLD
    }


def order_understood(order: Order, tables: ValueTables) -> Order:
    """The order in the status that its own stands for; as it is where it is known, or nobody has said."""
    if order.meaning is not StatusMeaning.UNKNOWN:
        return order
    target = tables.resolve(ValueMap.Kind.STATUS, order.status or order.status_key, has_default=False)
    status = stand_ins(tables.connection).get(target)
    return replace(order, status_key=status.key, meaning=status.meaning) if status else order


def head_understood(head: OrderHead, tables: ValueTables) -> OrderHead:
    """The same for an order as lists show it; what nobody has said of is not noted, as the order's own look does."""
    if head.meaning is not StatusMeaning.UNKNOWN:
        return head
    target = tables.target_of(ValueMap.Kind.STATUS, head.status_name or head.status)
    status = stand_ins(tables.connection).get(target)
    return replace(head, status=status.key, meaning=status.meaning) if status else head
