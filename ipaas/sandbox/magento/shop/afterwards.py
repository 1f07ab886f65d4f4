"""What staff does with an order after the checkout: a function an act, for the Admin's pages and the control calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from ipaas.sandbox.magento.inventory.stock_levels import source_item_change, sources_of_stock
from ipaas.sandbox.magento.sales import changing, states
from ipaas.sandbox.magento.sales.cents import ZERO, Row
from ipaas.sandbox.magento.sales.order_lookup import items_of, order_of
from ipaas.sandbox.magento.sales.refunding import Wish, refund
from ipaas.sandbox.magento.sales.shipping import ship
from ipaas.sandbox.magento.sales.stock_moves import can_leave, having_source, pieces, stock_of
from ipaas.sandbox.magento.state import State

CANCELLED = 5  # status_id of a cancelled order in the shared recipes
TRACK = {"carrier_code": "ups", "title": "United Parcel Service", "track_number": "1Z999AA10123456784"}


def finish(state: State, order_id: int, recipe: Row) -> Row:
    """The `ship`, `refund` and `status_id` of a recipe, in this order; answers the order.

    Of the other shop's statuses only *cancelled* has a meaning here.
    """
    if recipe.get("ship"):
        _receive(state, order_id)
        ship_left(state, order_id, part=recipe["ship"] == "part")
    if recipe.get("refund"):
        refund_left(state, order_id, part=recipe["refund"] == "part")
    if recipe.get("status_id") == CANCELLED:
        give_up(state, order_id)
    return order_of(state, order_id)


def _receive(state: State, order_id: int) -> None:
    """What a recipe says has left was there: pieces that no source holds together come in before they leave."""
    order, items = order_of(state, order_id), items_of(state, order_id)
    left = [(item, states.qty_to_ship(item)) for item in items]
    needed = [one for item, qty in left if qty > ZERO for one in pieces(items, item, qty)]
    if all(can_leave(state, sku, having_source(state, order["store_id"], needed), qty) for sku, qty in needed):
        return
    places = sources_of_stock(state, stock_of(state, order["store_id"]))
    place = next(str(one["source_code"]) for one in places if one["enabled"])
    for sku, qty in needed:
        if not can_leave(state, sku, place, qty):
            source_item_change(state, sku, place, qty)


def ship_left(
    state: State,
    order_id: int,
    *,
    part: bool = False,
    wanted: Sequence[Row] = (),
    tracks: Sequence[Row] = (TRACK,),
    source: str = "",
) -> Row:
    """Ship the wanted `{order_item_id, qty}`, all that is left, or one piece of the first row (`part`)."""
    items = items_of(state, order_id)
    left = [item for item in items if states.qty_to_ship(item) > ZERO]
    if part:
        wanted = [{"order_item_id": left[0]["item_id"], "qty": 1}] if left else []
    needed = wanted or [{"order_item_id": item["item_id"], "qty": states.qty_to_ship(item)} for item in left]
    place = source or _having_source(state, order_of(state, order_id), items, needed)
    return ship(state, order_id, needed, tracks=tracks, source=place, notifies=True)


def _having_source(state: State, order: Row, items: Sequence[Row], needed: Sequence[Row]) -> str:
    """The source that the Admin proposes for some pieces."""
    by_id = {item["item_id"]: item for item in items}
    wanted = [one for row in needed for one in pieces(items, by_id[row["order_item_id"]], Decimal(row["qty"]))]
    return having_source(state, order["store_id"], wanted)


def refund_left(
    state: State, order_id: int, *, part: bool = False, wanted: Wish | None = None, is_online: bool | None = None
) -> Row:
    """A credit memo over the wish, over everything, or over one piece of the first row; without the delivery then.

    By the gateway where the order's only invoice was captured, unless `is_online` says otherwise.
    """
    wish = wanted or Wish()
    if part:
        items = items_of(state, order_id)
        first = next(item for item in items if states.qty_to_refund(item) > ZERO)
        wish = Wish(items=[{"order_item_id": first["item_id"], "qty": 1}], shipping=ZERO)
    invoices = state.invoices.find(order_id=order_id)
    taken = len(invoices) == 1 and bool(invoices[0].get("transaction_id"))
    online = taken if is_online is None else is_online
    return refund(state, order_id, wish, invoice_id=invoices[0]["entity_id"] if online else None, is_online=online)


def give_up(state: State, order_id: int) -> bool:
    """Cancel an order; of one that is paid in full the money goes back instead."""
    order, items = order_of(state, order_id), items_of(state, order_id)
    if states.can_cancel(order, items):
        return changing.cancel(state, order_id)
    if states.can_creditmemo(order, items):
        refund_left(state, order_id)
        return True
    return False


def named_pieces(state: State, order_id: int, given: Sequence[Mapping[str, object]]) -> list[Row]:
    """`{line, quantity}` as `{order_item_id, qty}`; `line` is an item's id or a place among the parents."""
    items = items_of(state, order_id)
    parents, by_id = (
        [item for item in items if not item.get("parent_item_id")],
        {item["item_id"]: item for item in items},
    )
    found: list[Row] = []
    for row in given:
        number = int(str(row["line"]))
        item = by_id[number] if number in by_id else parents[number]
        found.append({"order_item_id": item["item_id"], "qty": Decimal(str(row.get("quantity", item["qty_ordered"])))})
    return found
