"""What of an order still has to leave: pieces that were shipped or given back in the store are packed by nobody.

The store's word is the facts of the order as last read, Heartland's the sales order's lines beside them.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connections.models import Connection
from ipaas.types import JSON
from mappings.catalogue import linked_items
from mappings.core.canonical.order import Order
from mappings.core.canonical.statuses import LEFT, OVER
from mappings.core.rules.distribution import gone_from_store
from syncjobs.flows.refund_records import RETURNS
from syncjobs.models import Record


@dataclass(frozen=True, kw_only=True)
class StillToLeave:
    """Pieces of a sales order that is open, beside what the store shows as gone; None when its lines are not known."""

    to_distribute: int | None  # wait for a location and have not gone
    to_call_back: int | None  # a location is asked to ship them, and they have gone


def still_to_leave(connection: Connection, order_id: str, facts: JSON, meaning: str) -> StillToLeave:
    """What of the sales order no location, or a location in vain, is to ship. `meaning` is a StatusMeaning.

    Of an item of which some have gone, those without a location count as gone first.
    """
    lines = facts.get("heartland", {}).get("lines")
    if lines is None:
        return StillToLeave(to_distribute=None, to_call_back=None)
    waiting = _pieces([line for line in lines if not line["is_distributed"]])
    asked = _pieces([line for line in lines if line["is_distributed"]])
    asked -= _pieces([line for line in lines if line["is_distributed"]], "invoiced")
    extras = _extras(connection, facts, waiting + asked)
    if meaning in OVER:
        return StillToLeave(to_distribute=0, to_call_back=_goods(asked, extras))
    gone = gone_by_item(connection, order_id, facts) if waiting or asked else Counter()
    in_vain = (gone - waiting) & asked
    return StillToLeave(to_distribute=_goods(waiting - gone, extras), to_call_back=_goods(in_vain, extras))


def _extras(connection: Connection, facts: JSON, pieces: Counter[str]) -> set[str]:
    """Items of wrapping, fees and cards sold, unless the shopper bought the very article: one query where it may be."""
    settings = connection.order_settings
    extras = {settings.gift_wrap_item_id, settings.fee_item_id, settings.gift_card_item_id} - {""}
    if extras.isdisjoint(pieces):
        return extras
    bought = set(linked_items(connection, {line["sku"] for line in facts.get("lines", ())}).values())
    return extras - (bought - {settings.gift_card_item_id} if facts.get("cards_sold") else bought)


def _goods(pieces: Counter[str], extras: set[str]) -> int:
    """All pieces, or none where only wrapping, fees and cards are left: nobody packs those alone."""
    return pieces.total() if any(item not in extras for item in pieces) else 0


def gone_by_item(connection: Connection, order_id: str, facts: JSON) -> Counter[str]:
    """Pieces by Heartland item that the sales order has open although the store shows them as shipped or given back.

    What the sales order was booked without is not on it, and what came back over the counter had left before.
    """
    lines = facts.get("lines", ())
    if not any(map(gone_from_store, lines)):
        return Counter()
    items = linked_items(connection, {line["sku"] for line in lines})
    back = _back_at_tills(connection, order_id) if any(line.get("refunded") for line in lines) else Counter()
    sold, gone = Counter[str](), Counter[str]()
    for line in lines:
        if item := items.get(line["sku"]):
            came_back = min(int(line.get("refunded", 0)), back[line["sku"]])
            back[line["sku"]] -= came_back
            sold[item] += int(line["quantity"])
            gone[item] += gone_from_store({**line, "refunded": int(line.get("refunded", 0)) - came_back})
    there = facts.get("heartland", {}).get("lines") or []
    return gone - (sold - _pieces(there)) - _pieces(there, "invoiced")


def _back_at_tills(connection: Connection, order_id: str) -> Counter[str]:
    """Pieces by SKU that the store gave back as a return at a till had it do: one query."""
    rows = Record.objects.filter(connection=connection, flow=RETURNS, order_id=order_id)
    found = Counter[str]()
    for pieces in rows.values_list("facts__refund__pieces", flat=True):
        found.update(pieces or {})
    return found


def shipped_by_item(connection: Connection, facts: JSON, meaning: str) -> Counter[str]:
    """Pieces by Heartland item that the store shows as shipped and Heartland has not invoiced.

    Its status alone may say that all were which were not given back.
    """
    lines = facts.get("lines", ())
    has_all_left = meaning in LEFT and not any(int(line.get("shipped", 0)) for line in lines)
    items = linked_items(connection, {line["sku"] for line in lines})
    gone: Counter[str] = Counter()
    for line in lines:
        if line["sku"] in items:
            whole = int(line["quantity"]) - int(line.get("refunded", 0)) if has_all_left else 0
            gone[items[line["sku"]]] += int(line.get("shipped", 0)) or whole
    return gone - _pieces(facts.get("heartland", {}).get("lines") or [], "invoiced")


def _pieces(lines: list[Mapping[str, Any]], name: str = "quantity") -> Counter[str]:
    found: Counter[str] = Counter()
    for line in lines:
        found[str(line.get("item_id"))] += int(Decimal(str(line.get(name) or 0)))
    return +found


def has_left(order: Order) -> bool:
    """Whether the store says that all of it is on its way, also where no shipment says which pieces."""
    return order.meaning in LEFT
