"""Shipments with all their traps: cut quantities, dropped ids, nothing meaning everything (apis/magento.md §10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from ipaas.sandbox.magento.errors import bad, no_entity
from ipaas.sandbox.magento.sales import states, stock_moves
from ipaas.sandbox.magento.sales.cents import ZERO, Row, number
from ipaas.sandbox.magento.sales.comments import comment_given
from ipaas.sandbox.magento.sales.invoicing import mail
from ipaas.sandbox.magento.sales.numbering import next_number
from ipaas.sandbox.magento.sales.order_lookup import counted, items_of, order_of, refused, settled
from ipaas.sandbox.magento.state import State

NO_PRODUCTS = "You can't create a shipment without products."
NOT_SAVED = "Could not save a shipment, see error log for details"
TRACK_NOT_SAVED = "Could not save the shipment tracking."
TRACK_FIELDS = ("track_number", "title", "carrier_code")


def ship(
    state: State,
    order_id: int,
    wanted: Sequence[Row] = (),
    *,
    tracks: Sequence[Row] = (),
    source: str = "",
    notifies: bool = False,
    comment: Row | None = None,
) -> Row:
    """Ship the wanted `{order_item_id, qty}`, or without any all that is left, from one source; answers the shipment.

    More than what is left is cut to it, an unknown id is dropped. Raises `Refused` with the shop's own texts.
    """
    order, items = order_of(state, order_id), items_of(state, order_id)
    pieces = _pieces(order, items, wanted, tracks)
    place = source or stock_moves.chosen_source(state, order["store_id"])
    _take(state, order, items, pieces, place)
    row = _insert(state, order, items, pieces, place)
    for track in tracks:
        _track(state, row, track)
    comment_given(state, "shipment", row["entity_id"], comment, notifies)
    for item in items:
        if item["item_id"] in pieces:
            counted(state, item, qty_shipped=pieces[item["item_id"]])
    settled(state, order_id, in_process=True)
    if notifies:
        mail(state, "shipment", order, row)
    return state.shipments.get(row["entity_id"]) or row


def shipment_of(state: State, shipment_id: int) -> Row:
    """The shipment. Raises `Refused` 404."""
    row = state.shipments.get(shipment_id)
    if row is None:
        raise no_entity()
    return row


# --- which pieces ---------------------------------------------------------------------------------


def _pieces(order: Row, items: Sequence[Row], wanted: Sequence[Row], tracks: Sequence[Row]) -> dict[int, Decimal]:
    """Pieces by order item. Raises `Refused`, several texts in one."""
    if wanted:
        asked = {int(row["order_item_id"]): Decimal(row["qty"]) for row in wanted}
        pieces = {item["item_id"]: _cut(item, asked[item["item_id"]]) for item in items if item["item_id"] in asked}
    else:
        pieces = {item["item_id"]: states.qty_to_ship(item) for item in items}
    pieces = {item_id: qty for item_id, qty in pieces.items() if qty > ZERO}
    lines: list[str] = []
    if order["state"] in {states.HOLDED, states.PAYMENT_REVIEW, states.CANCELED}:
        lines.append(f"A shipment cannot be created when an order has a status of {order['status']}")
    elif not states.can_ship(order, items):
        lines.append("The order does not allow a shipment to be created.")
    if not pieces:
        lines.append(NO_PRODUCTS)
    if any(not track.get("track_number") for track in tracks):
        lines.append("Please enter a tracking number.")
    refused("Shipment", lines)
    return pieces


def _cut(item: Row, qty: Decimal) -> Decimal:
    """What of a wanted quantity is shipped: whole pieces, unless sold by fractions, and no more than are left."""
    whole = qty if item.get("is_qty_decimal") else Decimal(int(qty))
    return min(whole, states.qty_to_ship(item))


# --- what it does ---------------------------------------------------------------------------------


def _take(state: State, order: Row, items: Sequence[Row], pieces: Mapping[int, Decimal], place: str) -> None:
    """Take the pieces out of their source and let go what was kept for the order.

    Raises `Refused` where there are too few; what was missing a real shop writes to its log only.
    """
    needed = [
        (sku, qty)
        for item in items
        if item["item_id"] in pieces
        for sku, qty in stock_moves.pieces(items, item, pieces[item["item_id"]])
    ]
    if not all(stock_moves.can_leave(state, sku, place, qty) for sku, qty in needed):
        raise bad(NOT_SAVED)
    for sku, qty in needed:
        stock_moves.left(state, order, sku, place, qty, "shipment_created")


def _insert(state: State, order: Row, items: Sequence[Row], pieces: Mapping[int, Decimal], place: str) -> Row:
    row = state.insert(
        state.shipments,
        {
            "order_id": order["entity_id"],
            "store_id": order["store_id"],
            "customer_id": order.get("customer_id"),
            "increment_id": next_number(state, "shipment", order["store_id"]),
            "billing_address_id": order.get("billing_address_id"),
            "shipping_address_id": order.get("shipping_address_id"),
            "total_qty": sum(pieces.values(), ZERO),
            "source_code": place,
        },
    )
    for item in items:
        if item["item_id"] not in pieces:
            continue
        own = {name: item.get(name) for name in ("sku", "name", "price", "weight", "product_id")}
        more = {"order_item_id": item["item_id"], "qty": pieces[item["item_id"]], "parent_id": row["entity_id"]}
        state.insert(state.shipment_items, own | more)
    return row


# --- tracks ---------------------------------------------------------------------------------------


def _track(state: State, shipment: Row, given: Row) -> Row:
    row = {name: given.get(name) for name in (*TRACK_FIELDS, "weight", "qty", "description")}
    return state.insert(state.tracks, row | {"parent_id": shipment["entity_id"], "order_id": shipment["order_id"]})


def track_added(state: State, given: Row) -> Row:
    """A tracking number that comes later; it moves neither the order nor the shipment (§20.1). Raises `Refused`."""
    shipment = state.shipments.get(int(given.get("parent_id") or 0))
    if shipment is None or int(given.get("order_id") or 0) != shipment["order_id"] or not given.get("track_number"):
        raise bad(TRACK_NOT_SAVED)
    return _track(state, shipment, given)


def track_removed(state: State, track_id: int) -> None:
    """Take a tracking number away. Raises `Refused` 404."""
    if not state.tracks.delete(track_id):
        raise no_entity()


# --- pick-up --------------------------------------------------------------------------------------


def ready_for_pickup(state: State, order_id: int) -> None:
    """Ship what is left to the pick-up place and tell the shopper (§10). Raises `Refused`."""
    order = order_of(state, order_id)
    if not order.get("pickup_location_code"):
        raise bad(f'The order with ID "{order_id}" isn\'t an in-store pickup order.')
    ship(state, order_id, source=order["pickup_location_code"])
    state.mails.insert({"kind": "ready_for_pickup", "order_id": order_id, "number": order["increment_id"]})


def shipped_from(state: State, item: Row) -> list[tuple[str, Decimal]]:
    """(source, pieces) of the shipments that an order item left by, oldest first."""
    rows = state.shipment_items.find(order_item_id=item["item_id"])
    return [(shipment_of(state, row["parent_id"])["source_code"], number(row, "qty")) for row in rows]
