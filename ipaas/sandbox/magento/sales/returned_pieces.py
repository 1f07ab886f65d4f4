"""What a credit memo does to stock, by whether pieces had left and whether they return (apis/magento.md §15.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from ipaas.sandbox.magento.sales import states, stock_moves
from ipaas.sandbox.magento.sales.cents import ZERO, Row, number
from ipaas.sandbox.magento.sales.shipping import shipped_from
from ipaas.sandbox.magento.state import State


def return_pieces(
    state: State, order: Row, items: Sequence[Row], pieces: Mapping[int, Decimal], returned: frozenset[int]
) -> None:
    """What a memo does to stock, by whether the pieces had left and whether they come back (§15.1)."""
    for item in items:
        qty = pieces.get(item["item_id"], ZERO)
        if not qty or item.get("is_virtual") or item["product_type"] == "bundle" or states.is_money_dummy(item):
            continue
        unshipped = min(qty, max(_left_behind(items, item), ZERO))
        comes = item["item_id"] in returned or item.get("parent_item_id") in returned
        for sku, count in stock_moves.pieces(items, item, unshipped):
            if comes:
                stock_moves.reserve(state, order, sku, count, "creditmemo_created")
            else:
                place = stock_moves.having_source(state, order["store_id"], [(sku, count)])
                stock_moves.left(state, order, sku, place, count, "creditmemo_created")
        if comes:
            _back_into_sources(state, order, items, item, qty - unshipped)


def _left_behind(items: Sequence[Row], item: Row) -> Decimal:
    """Pieces that are neither shipped nor refunded nor cancelled; a part of a bundle leaves with its parent."""
    parent = next((row for row in items if row["item_id"] == item.get("parent_item_id")), None)
    shipped = number(item, "qty_shipped")
    if parent is not None and not item.get("ships_separately"):
        shipped = number(parent, "qty_shipped") * number(item, "qty_ordered") / number(parent, "qty_ordered")
    return number(item, "qty_ordered") - shipped - number(item, "qty_refunded") - number(item, "qty_canceled")


def _back_into_sources(state: State, order: Row, items: Sequence[Row], item: Row, qty: Decimal) -> None:
    """Pieces that were shipped go back into the sources they came from, the last first."""
    carrier = (
        item
        if shipped_from(state, item)
        else next((row for row in items if row["item_id"] == item.get("parent_item_id")), item)
    )
    for source, shipped in reversed(shipped_from(state, carrier)):
        part = min(qty, shipped)
        for sku, count in stock_moves.pieces(items, item, part):
            stock_moves.came_back(state, order, sku, source, count)
        qty -= part
