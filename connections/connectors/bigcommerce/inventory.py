"""Stock: absolute adjustments, levels as the store holds them, locations."""

from collections.abc import Iterator, Sequence

from connections.connectors.bigcommerce.base import BigCommerceBase
from connections.connectors.bigcommerce.rights import INVENTORY, LOCATIONS
from connections.connectors.http import segment
from connections.connectors.needs import needs
from ipaas.types import JSON

MOST_ITEMS = 2_000  # of one adjustment (notes §20.2)
LEVELS_PER_PAGE = 1_000
DEFAULT_LOCATION = 1  # always exists (notes §20.1)


class InventoryCalls(BigCommerceBase):
    """Questions about stock (notes §20, §21)."""

    @needs(INVENTORY)
    def stock_set(self, items: Sequence[JSON], reason: str) -> None:
        """Set quantities, at most MOST_ITEMS of `{location_id, sku, quantity}`; accepted now, applied within seconds.

        Safe to repeat. Raises Rejected, with nothing applied, when one of them is bad.
        """
        self._send("PUT", "/v3/inventory/adjustments/absolute", body={"reason": reason, "items": list(items)})

    @needs(INVENTORY)
    def iter_levels(self, location_id: int, *, first_page: int = 1) -> Iterator[list[JSON]]:
        """Yield pages of `{identity: {sku, …}, available_to_sell, total_inventory_onhand, …}` of one location."""
        path = f"/v3/inventory/locations/{segment(location_id)}/items"
        return self._v3_pages(path, "stock levels", limit=LEVELS_PER_PAGE, first=first_page)

    @needs(LOCATIONS)
    def stock_locations(self) -> list[JSON]:
        """The store's locations: `{id, code, label, enabled, …}`."""
        return list(self._v3_walk("/v3/inventory/locations", "locations"))
