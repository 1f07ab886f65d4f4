"""What orders do to stock: reservations, and quantities of sources (apis/magento.md §15.1).

A shop without the inventory modules takes pieces off when they are ordered and counts them again when an order or its
memo gives them back; what is shipped moves nothing there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from ipaas.sandbox.magento.inventory.stock_levels import (
    DEFAULT_SOURCE,
    reservation_add,
    source_item,
    source_item_change,
    sources_of_stock,
    stock_of_website,
)
from ipaas.sandbox.magento.inventory.stock_settings import settings_of
from ipaas.sandbox.magento.sales.cents import Row, number
from ipaas.sandbox.magento.sales.states import COMPOSITES
from ipaas.sandbox.magento.state import State


def pieces(items: Sequence[Row], item: Row, qty: Decimal) -> Iterator[tuple[str, Decimal]]:
    """The (SKU, pieces) that lie in stock for `qty` of an order item: a composite's are those of its parts."""
    children = [row for row in items if row.get("parent_item_id") == item["item_id"]]
    if item["product_type"] not in COMPOSITES:
        yield item["sku"], qty
    for child in children:
        yield child["sku"], qty * number(child, "qty_ordered") / number(item, "qty_ordered")


def stock_of(state: State, store_id: int) -> int:
    """The stock that serves a store view's website."""
    view = state.store_views.get(store_id) or {}
    website = state.websites.get(view["website_id"]) or {}
    return int(stock_of_website(state, website["code"])["stock_id"])


def reserve(state: State, order: Row, sku: str, qty: Decimal, event: str) -> None:
    """Keep pieces for an order (below zero), or let go what is given up or given back."""
    if qty and _is_counted(state, sku):
        reservation_add(state, sku, stock_of(state, order["store_id"]), qty, event, order)


def left(state: State, order: Row, sku: str, source: str, qty: Decimal, event: str) -> None:
    """Pieces leave a source for good, and are no longer kept for the order."""
    if qty and _is_counted(state, sku) and state.switches["inventory_modules"]:
        source_item_change(state, sku, source, -qty)
        reserve(state, order, sku, qty, event)


def came_back(state: State, order: Row, sku: str, source: str, qty: Decimal) -> None:
    """Pieces that had been shipped are in a source again."""
    if not qty or not _is_counted(state, sku):
        return
    if state.switches["inventory_modules"]:
        source_item_change(state, sku, source, qty)
    else:
        reserve(state, order, sku, qty, "creditmemo_created")


def can_leave(state: State, sku: str, source: str, qty: Decimal) -> bool:
    """Whether a source has the pieces: it must be enabled, know the SKU, and have enough of it (§10)."""
    if not state.switches["inventory_modules"] or not _is_counted(state, sku):
        return True
    place, row = state.sources.first(source_code=source), source_item(state, sku, source)
    if place is None or not place["enabled"] or row is None:
        return False
    return Decimal(row["quantity"]) >= qty or bool(settings_of(state, sku)["backorders"])


def chosen_source(state: State, store_id: int) -> str:
    """The source of a shipment that names none: the only one of the stock, else `default` (§10)."""
    places = sources_of_stock(state, stock_of(state, store_id))
    return str(places[0]["source_code"]) if len(places) == 1 else DEFAULT_SOURCE


def having_source(state: State, store_id: int, needed: Sequence[tuple[str, Decimal]]) -> str:
    """The first source of the stock that has all the (SKU, pieces), as the shop proposes one; else `chosen_source`."""
    for place in sources_of_stock(state, stock_of(state, store_id)):
        if all(can_leave(state, sku, place["source_code"], qty) for sku, qty in needed):
            return str(place["source_code"])
    return chosen_source(state, store_id)


def _is_counted(state: State, sku: str) -> bool:
    """Whether the shop counts the pieces of a SKU; of a product that is gone it does not."""
    known = state.products.first(sku_key=sku.casefold()) is not None
    return known and bool(settings_of(state, sku)["manage_stock"])
