"""Who ships: the one location, the first ones that have the goods, or nobody yet."""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connections.models import OrderSettings
from mappings.core.canonical import HeartlandOrder
from mappings.core.distribution import Stock, free_from_heartland, shared, without_gone
from syncjobs.flows.orders.leaving import gone_at_booking

if TYPE_CHECKING:
    from syncjobs.flows.orders.context import OrderContext


def routed(context: "OrderContext") -> HeartlandOrder:
    """The order with its lines shared out over the locations that ship; what has left already gets none."""
    lines: list[dict[str, Any]] = list(context.desired.header["lines"])  # type: ignore[call-overload]
    rows = list(without_gone(lines, gone_at_booking(context)))
    left, waiting = [row for row, may_ship in rows if not may_ship], [row for row, may_ship in rows if may_ship]
    if left:
        context.decide(f"{pieces(left)} left in the store already: no location is asked to ship them.")
    if waiting and context.settings.shipping == OrderSettings.Shipping.PRIORITY:
        waiting = by_turn(context, waiting)
        context.decide(words(context, waiting))
    parted = [*waiting, *left]
    return replace(context.desired, header=context.desired.header | {"lines": parted}, line_count=len(parted))


def pieces(lines: list[dict[str, Any]]) -> str:
    count = sum(int(line["qty"]) for line in lines)
    return f"{count} {'piece' if count == 1 else 'pieces'}"


def by_turn(context: "OrderContext", lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines with their locations, by priority and stock: one call."""
    places = [route.location.external_id for route in context.connection.shipping_routes.select_related("location")]
    wanted = [(str(line["item_id"]), int(line["qty"])) for line in lines]
    items = sorted({int(item) for item, _ in wanted})
    rows = context.heartland.stock_of(items, places, by_location=True) if places else []
    free = with_own(context, free_from_heartland(rows))
    return [
        line | {"qty": count} | ({"ship_from_location_id": int(place)} if place else {})
        for line, shares in zip(lines, shared(wanted, free, places), strict=True)
        for place, count in shares
    ]


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
