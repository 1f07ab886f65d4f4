"""Who ships: the one location, the first ones that have the goods, or nobody yet."""

from collections import Counter, defaultdict
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connections.models import Connection, OrderSettings
from mappings.core.canonical.order import HeartlandOrder, Order
from mappings.core.heartland.shape_order import delivery_address
from mappings.core.rules.distribution import Stock, free_from_heartland, shared, without_gone
from mappings.core.rules.nearness import nearest_first
from syncjobs.flows.orders.left_pieces import has_left

if TYPE_CHECKING:
    from syncjobs.flows.orders.order_context import OrderContext


def routed(context: "OrderContext") -> HeartlandOrder:
    """The order with its lines shared out over the locations that ship; what has left already gets none."""
    lines: list[dict[str, Any]] = list(context.desired.header["lines"])  # type: ignore[call-overload]
    rows = list(without_gone(lines, gone_at_booking(context)))
    left, waiting = [row for row, may_ship in rows if not may_ship], [row for row, may_ship in rows if may_ship]
    if left:
        context.decide(f"{pieces(left)} left in the store already: no location is asked to ship them.")
    if waiting and context.settings.ships_from_several:
        waiting = shared_out(context, waiting)
        context.decide(words(context, waiting))
    parted = [*waiting, *left]
    return replace(context.desired, header=context.desired.header | {"lines": parted}, line_count=len(parted))


def gone_at_booking(context: "OrderContext") -> Counter[str]:
    """Pieces by Heartland item that had left when the order was taken up: no location is to ship them."""
    items = context.lookups.item_ids
    gone: Counter[str] = Counter()
    for line in context.order.lines:
        if line.sku in items:
            gone[items[line.sku]] += line.quantity if has_left(context.order) else line.quantity_shipped
    return +gone


def pieces(lines: list[dict[str, Any]]) -> str:
    count = sum(int(line["qty"]) for line in lines)
    return f"{count} {'piece' if count == 1 else 'pieces'}"


def shared_out(context: "OrderContext", lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines with their locations, by turn or nearness and by stock: one call."""
    places = in_turn(context.connection, context.order)
    wanted = [(str(line["item_id"]), int(line["qty"])) for line in lines]
    items = sorted({int(item) for item, _ in wanted})
    rows = context.heartland.stock_of(items, places, by_location=True) if places else []
    free = with_own(context, free_from_heartland(rows))
    return [
        line | {"qty": count} | ({"ship_from_location_id": int(place)} if place else {})
        for line, shares in zip(lines, shared(wanted, free, places), strict=True)
        for place, count in shares
    ]


def in_turn(connection: Connection, order: Order) -> list[str]:
    """Ids of the locations that ship, in the order in which they are asked; closed ones are not."""
    routes = connection.shipping_routes.select_related("location").filter(location__is_active=True)
    areas = {route.location.external_id: route.areas for route in routes}
    if connection.order_settings.shipping != OrderSettings.Shipping.NEAREST:
        return list(areas)
    return nearest_first(list(areas), areas, delivery_address(order))


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
