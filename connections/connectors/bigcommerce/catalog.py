"""Products, variants, and how the store counts stock."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from connections.connectors.bigcommerce.base import BigCommerceBase
from connections.connectors.http import segment
from ipaas.types import JSON

IDS_PER_CALL = 250  # keeps the address short


class CatalogCalls(BigCommerceBase):
    """Questions about the catalogue (notes §18 to §20)."""

    def variant_by_sku(self, sku: str) -> JSON | None:
        """The variant with exactly this SKU; base variants of simple products count. None when there is none."""
        rows = self._v3_walk("/v3/catalog/variants", "variants", [("sku", sku)])
        return next((row for row in rows if str(row.get("sku") or "").strip() == sku.strip()), None)

    def iter_variants(self, *, only: Sequence[str] = ()) -> Iterator[JSON]:
        """Yield all variants, base variants of simple products too, of the fields `only` when given."""
        fields = [("include_fields", ",".join(only))] if only else []
        return self._v3_walk("/v3/catalog/variants", "variants", fields)

    def iter_products(
        self, *, modified_since: datetime | None = None, only: Sequence[str] = (), include: str = ""
    ) -> Iterator[JSON]:
        """Yield products; `include` embeds sub-resources such as `variants`."""
        params = []
        if modified_since:  # with its time of day: a bare date would get the present one appended
            params.append(("date_modified:min", modified_since.isoformat()))
        if only:
            params.append(("include_fields", ",".join(only)))
        if include:
            params.append(("include", include))
        return self._v3_walk("/v3/catalog/products", "products", params)

    def product_read(self, product_id: str, *, only: Sequence[str] = ()) -> JSON:
        """One product, of the fields `only` when given. Raises NotFound."""
        fields = [("include_fields", ",".join(only))] if only else []
        product: JSON = self._data(
            self._send("GET", f"/v3/catalog/products/{segment(product_id)}", params=fields), "product"
        )
        return product

    def products_count(self, **filters: str) -> int:
        """How many products match, for the price of one row."""
        return self._count("/v3/catalog/products", "products", [*filters.items(), ("include_fields", "id")])

    def customers_count(self) -> int:
        """How many customers the store has."""
        return self._count("/v3/customers", "customers")

    def variants_of(self, product_ids: Sequence[str]) -> list[JSON]:
        """All variants of some products with their `option_values` (notes §19)."""
        wanted = list(dict.fromkeys(product_ids))
        rows: list[JSON] = []
        for start in range(0, len(wanted), IDS_PER_CALL):
            chunk = ",".join(wanted[start : start + IDS_PER_CALL])
            rows += self._v3_walk("/v3/catalog/variants", "variants", [("product_id:in", chunk)])
        return rows

    def inventory_settings(self) -> JSON:
        """When the store takes stock off and puts it back (notes §20.6)."""
        settings: JSON = self._data(self._send("GET", "/v3/settings/inventory"), "inventory settings")
        return settings
