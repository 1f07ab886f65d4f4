"""What orders do to stock: reservations, and quantities of sources (apis/magento.md §15.1)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal

from ipaas.sandbox.magento.sales.cents import ZERO, Row, number
from ipaas.sandbox.magento.sales.states import COMPOSITES
from ipaas.sandbox.magento.state import State

DEFAULT_SOURCE, DEFAULT_STOCK = "default", 1


def key(sku: str) -> str:
    """A SKU as the database compares it (§7)."""
    return sku.casefold()


def pieces(items: Sequence[Row], item: Row, qty: Decimal) -> Iterator[tuple[str, Decimal]]:
    """The (SKU, pieces) that lie in stock for `qty` of an order item: a composite's are those of its parts."""
    children = [row for row in items if row.get("parent_item_id") == item["item_id"]]
    if item["product_type"] not in COMPOSITES:
        yield item["sku"], qty
    for child in children:
        yield child["sku"], qty * number(child, "qty_ordered") / number(item, "qty_ordered")


def keeps_stock(state: State, sku: str) -> bool:
    """Whether the shop counts the pieces of a SKU; of a product that is gone it does not."""
    product = state.products.first(sku_key=key(sku))
    if product is None:
        return False
    row = state.stock_items.first(product_id=product["id"])
    return row is None or bool(row.get("manage_stock", 1))


def stock_of(state: State, store_id: int) -> int:
    """The stock that serves a store view's website."""
    view = state.store_views.get(store_id)
    website = state.websites.get(view["website_id"]) if view else None
    code = website["code"] if website else ""
    for stock in state.stocks.all():
        if any(channel["code"] == code for channel in stock.get("sales_channels") or ()):
            return int(stock["stock_id"])
    return DEFAULT_STOCK


def reserve(state: State, order: Row, sku: str, qty: Decimal, event: str) -> None:
    """Append a reservation: below zero keeps pieces for the order, above zero lets them go."""
    if not qty or not keeps_stock(state, sku):
        return
    about = {"event_type": event, "object_type": "order", "object_id": str(order["entity_id"])}
    state.insert(
        state.reservations,
        {
            "stock_id": stock_of(state, order["store_id"]),
            "sku": sku,
            "sku_key": key(sku),
            "quantity": qty,
            "metadata": json.dumps(about | {"object_increment_id": order["increment_id"]}),
        },
    )


def source_item(state: State, sku: str, source: str) -> Row | None:
    """What a source has of a SKU."""
    return state.source_items.first(sku_key=key(sku), source_code=source)


def move(state: State, sku: str, source: str, qty: Decimal) -> None:
    """Put pieces into a source or, below zero, take them out; its last one leaves it out of stock."""
    row = source_item(state, sku, source)
    if row is None or not keeps_stock(state, sku):
        return
    quantity, came = Decimal(row["quantity"]) + qty, qty > ZERO
    status = 0 if quantity <= ZERO else 1 if came else row["status"]
    state.update(state.source_items, row["id"], quantity=quantity, status=status)


def can_take(state: State, sku: str, source: str, qty: Decimal) -> bool:
    """Whether a source has the pieces: it must be enabled, know the SKU, and have enough of it (§10)."""
    if not keeps_stock(state, sku):
        return True
    place, row = state.sources.first(source_code=source), source_item(state, sku, source)
    return bool(place and place.get("enabled") and row and Decimal(row["quantity"]) >= qty)


def chosen_source(state: State, store_id: int) -> str:
    """The source of a shipment that names none: the only one of the stock, else `default` (§10)."""
    links = state.stock_source_links.find(stock_id=stock_of(state, store_id))
    return links[0]["source_code"] if len(links) == 1 else DEFAULT_SOURCE
