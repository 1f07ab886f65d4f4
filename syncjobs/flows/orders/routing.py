"""Who ships: the one location, the first ones that have the goods, or nobody yet."""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from mappings.core.canonical import HeartlandOrder
from mappings.core.distribution import Stock, free_from_heartland, shared

if TYPE_CHECKING:
    from syncjobs.flows.orders.context import OrderContext


def routed(context: "OrderContext") -> HeartlandOrder:
    """The order with its lines shared out over the locations that ship, by priority and stock: one call."""
    places = [route.location.external_id for route in context.connection.shipping_routes.select_related("location")]
    lines: list[dict[str, Any]] = list(context.desired.header["lines"])  # type: ignore[call-overload]
    wanted = [(str(line["item_id"]), int(line["qty"])) for line in lines]
    items = sorted({int(item) for item, _ in wanted})
    rows = context.heartland.stock_of(items, places, by_location=True) if places else []
    free = with_own(context, free_from_heartland(rows))
    parted = [
        line | {"qty": count} | ({"ship_from_location_id": int(place)} if place else {})
        for line, shares in zip(lines, shared(wanted, free, places), strict=True)
        for place, count in shares
    ]
    context.decide(words(context, parted))
    return replace(context.desired, header=context.desired.header | {"lines": parted}, line_count=len(parted))


def with_own(context: "OrderContext", free: Stock) -> Stock:
    """Free pieces, with those that the sales order holds which this one replaces: they come free with it."""
    found = defaultdict(Decimal, free)
    if context.replaces and context.standing and context.standing.status == "open":
        for item, place, pieces in context.standing.committed():
            found[item, place] += pieces
    return found


def words(context: "OrderContext", lines: list[dict[str, Any]]) -> str:
    names = {route.location.external_id: route.location.name for route in context.connection.shipping_routes.all()}
    used = dict.fromkeys(str(line.get("ship_from_location_id") or "") for line in lines)
    said = [names.get(place, place) for place in used if place]
    waits = " Nobody has the rest: it waits for distribution." if "" in used else ""
    return f"Ships from {', then '.join(said)}.{waits}" if said else "No location has the goods: staff distribute it."
