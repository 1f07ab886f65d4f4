"""What of an order still has to leave: pieces that were shipped or given back in the store are packed by nobody.

The store's word is the facts of the order as last read, Heartland's the sales order's lines beside them.
"""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connections.models import Connection
from ipaas.types import JSON
from mappings.catalogue import linked_items
from mappings.core.canonical import Order
from mappings.core.distribution import gone_from_store
from mappings.core.eligibility import OVER, SHIPPED_STATUSES

if TYPE_CHECKING:
    from syncjobs.flows.orders.context import OrderContext


def to_distribute(connection: Connection, facts: JSON, status: str) -> int | None:
    """Pieces of the sales order that wait for a location, less those that have gone in the store; None when unknown.

    Of an item of which some have gone, those without a location count as gone first.
    """
    lines = facts.get("heartland", {}).get("lines")
    if lines is None:
        return None
    waiting = _pieces([line for line in lines if not line["is_distributed"]])
    if status in OVER or not waiting:
        return 0
    settings = connection.order_settings
    extras = {settings.gift_wrap_item_id, settings.fee_item_id}
    rest = waiting - gone_by_item(connection, facts)
    return rest.total() if any(item not in extras for item in rest) else 0


def gone_by_item(connection: Connection, facts: JSON) -> Counter[str]:
    """Pieces by Heartland item that the store shows as shipped or given back and Heartland has not invoiced."""
    lines = [line for line in facts.get("lines", ()) if gone_from_store(line)]
    if not lines:
        return Counter()
    items = linked_items(connection, {line["sku"] for line in lines})
    gone: Counter[str] = Counter()
    for line in lines:
        if line["sku"] in items:
            gone[items[line["sku"]]] += gone_from_store(line)
    return gone - _pieces(facts.get("heartland", {}).get("lines") or [], "invoiced")


def _pieces(lines: list[Mapping[str, Any]], name: str = "quantity") -> Counter[str]:
    found: Counter[str] = Counter()
    for line in lines:
        found[str(line.get("item_id"))] += int(Decimal(str(line.get(name) or 0)))
    return +found


def gone_at_booking(context: "OrderContext") -> Counter[str]:
    """Pieces by Heartland item that had left when the order was taken up: no location is to ship them."""
    items = context.lookups.item_ids
    gone: Counter[str] = Counter()
    for line in context.order.lines:
        if line.sku in items:
            gone[items[line.sku]] += line.quantity if has_left(context.order) else line.quantity_shipped
    return +gone


def has_left(order: Order) -> bool:
    """Whether the store says that all of it is on its way, also where no shipment says which pieces."""
    return order.status_id in SHIPPED_STATUSES
