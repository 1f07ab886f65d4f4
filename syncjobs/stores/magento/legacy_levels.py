"""Stock of a shop without several sources: a stock item for each product, one call each (notes §15.3).

Its quantity falls with each order that is placed, so nothing is reserved.
"""

from collections.abc import Iterator, Sequence
from itertools import count

from connections.connectors.magento import MagentoClient
from connections.connectors.magento.criteria import LARGEST_PAGE
from errors.failures import NotFound
from ipaas.types import JSON
from mappings.core.magento.source_items import IN, OUT, is_same, quantity_of, source_item
from syncjobs.stores.level_port import Cause, Level, LevelWrite
from syncjobs.stores.magento.write_levels import COMPOSED, COMPOSITE, UNKNOWN, LevelsRefused


class LegacyLevels:
    """Reads and writes stock items; the place is the only one."""

    def __init__(self, client: MagentoClient) -> None:
        self._client = client

    def pages(self, place: str, first: int) -> Iterator[list[Level]]:
        """A call for each page of products, and one for each product."""
        for number in count(first):
            page = self._client.products_by_sku(page=number, page_size=LARGEST_PAGE)
            yield self.levels([str(row["sku"]) for row in page.rows if row.get("type_id") not in COMPOSITE])
            if number * page.size >= page.total or not page.rows:
                return

    def levels(self, skus: Sequence[str]) -> list[Level]:
        found = ((sku, self._row(sku)) for sku in skus)
        return [Level(sku=sku, onhand=int(quantity_of(row) // 1)) for sku, row in found if row]

    def write(self, levels: Sequence[LevelWrite]) -> None:
        """Two calls a level that differs, one for any other. Raises LevelsRefused."""
        for one in levels:
            present = self._row(one.sku)
            if present is None:
                raise LevelsRefused(UNKNOWN, Cause.SKU_GONE, [one.sku])
            if present["manage_stock"] is False:
                raise LevelsRefused(COMPOSED, Cause.NOT_COUNTED, [one.sku])
            row = source_item(one.sku, one.place, one.quantity, present)
            if not is_same(row, present):
                changes = {"qty": row["quantity"], "is_in_stock": row["status"] == IN}
                self._client.stock_item_save(one.sku, changes)

    def _row(self, sku: str) -> JSON | None:
        """A stock item as a source item reads; None for a SKU that is none."""
        try:
            item = self._client.stock_item(sku)
        except NotFound:
            return None
        status = IN if item.get("is_in_stock") else OUT
        return {"sku": sku, "quantity": item.get("qty"), "status": status, "manage_stock": item.get("manage_stock")}
