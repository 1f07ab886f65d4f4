"""Whether a cart's goods can be had, as the checkout asks before it places an order (apis/magento.md §15.1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from ipaas.sandbox.magento.inventory.stock_levels import is_salable
from ipaas.sandbox.magento.sales.cart import Line
from ipaas.sandbox.magento.sales.stock_moves import stock_of
from ipaas.sandbox.magento.shop.unsellable import Unsellable
from ipaas.sandbox.magento.state import State

STOCKED = "simple"


def check_stock(state: State, lines: Sequence[Line], store_id: int) -> None:
    """Raises `Unsellable` for the first SKU of which there is too little."""
    stock_id, wanted = stock_of(state, store_id), dict[str, Decimal]()
    for sku, pieces in _pieces(lines, Decimal(1)):
        wanted[sku] = wanted.get(sku, Decimal(0)) + pieces
    for sku, pieces in wanted.items():
        if not is_salable(state, sku, stock_id, pieces):
            raise Unsellable("lines", f'The requested qty is not available for "{sku}".')


def _pieces(lines: Sequence[Line], times: Decimal) -> Iterator[tuple[str, Decimal]]:
    for line in lines:
        if line.children:
            yield from _pieces(line.children, times * line.qty)
        elif line.product_type == STOCKED:
            yield line.sku, times * line.qty
