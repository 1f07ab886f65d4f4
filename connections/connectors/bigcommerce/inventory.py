"""Stock: absolute adjustments, levels as the store holds them, locations."""

from collections.abc import Iterator, Sequence

from connections.connectors.bigcommerce.base import BigCommerceBase
from connections.connectors.bigcommerce.rights import INVENTORY, LOCATIONS
from connections.connectors.http import segment
from connections.connectors.needs import needs
from connections.connectors.parts import in_parts
from ipaas.types import JSON

MOST_ITEMS = 2_000  # of one adjustment (notes §20.2)
LEVELS_PER_PAGE = 1_000
DEFAULT_LOCATION = 1  # always exists (notes §20.1)


class InventoryCalls(BigCommerceBase):
    """Questions about stock (notes §20, §21)."""

    @needs(INVENTORY)
    def stock_set(self, items: Sequence[JSON], reason: str) -> None:
        """Set quantities, at most MOST_ITEMS of `{location_id, quantity}` and one of `variant_id, product_id, sku`.

        Accepted now, applied within seconds; safe to repeat. Raises Rejected, with nothing applied, when one is bad.
        """
        self._send("PUT", "/v3/inventory/adjustments/absolute", body={"reason": reason, "items": list(items)})

    @needs(INVENTORY)
    def iter_levels(self, location_id: int, *, first_page: int = 1) -> Iterator[list[JSON]]:
        """Yield pages of `{identity: {sku, …}, available_to_sell, total_inventory_onhand, …}` of one location."""
        return self._v3_pages(_items_of(location_id), "stock levels", limit=LEVELS_PER_PAGE, first=first_page)

    @needs(INVENTORY)
    def levels_of(self, skus: Sequence[str], location_id: int = DEFAULT_LOCATION) -> list[JSON]:
        """The same rows of some SKUs. A SKU with a comma cannot be asked for."""

        def ask(part: list[str]) -> list[JSON]:
            wanted = [("sku:in", ",".join(part))]
            return list(self._v3_walk(_items_of(location_id), "stock levels", wanted, limit=LEVELS_PER_PAGE))

        return in_parts(self._base_url, skus, ask)

    @needs(INVENTORY)
    def level_of(self, variant_id: int, location_id: int) -> JSON | None:
        """The row of one variant; None when the store does not list it."""
        wanted = [("variant_id:in", str(variant_id))]
        rows = self._v3_walk(_items_of(location_id), "stock levels", wanted, limit=LEVELS_PER_PAGE)
        return next((row for row in rows if row.get("identity", {}).get("variant_id") == variant_id), None)

    @needs(LOCATIONS)
    def stock_locations(self) -> list[JSON]:
        """The store's locations: `{id, code, label, enabled, …}`."""
        return list(self._v3_walk("/v3/inventory/locations", "locations"))


def _items_of(location_id: int) -> str:
    return f"/v3/inventory/locations/{segment(location_id)}/items"
