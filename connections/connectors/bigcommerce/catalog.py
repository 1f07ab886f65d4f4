"""Products, variants, and how the store counts stock."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from connections.connectors.bigcommerce.base import BigCommerceBase
from connections.connectors.bigcommerce.rights import INFORMATION, PRODUCTS
from connections.connectors.http import segment
from connections.connectors.needs import needs
from connections.connectors.parts import in_parts
from ipaas.types import JSON

IDS_PER_CALL = 250  # as many as a page has
MOST_PRODUCTS, MOST_VARIANTS = 10, 50  # of one write (notes §18, §19)
WHOLE = "variants,images"


class CatalogCalls(BigCommerceBase):
    """Questions about the catalogue (notes §18 to §20)."""

    @needs(PRODUCTS)
    def variant_by_sku(self, sku: str) -> JSON | None:
        """The variant with exactly this SKU; base variants of simple products count. None when there is none."""
        rows = self._v3_walk("/v3/catalog/variants", "variants", [("sku", sku)])
        return next((row for row in rows if str(row.get("sku") or "").strip() == sku.strip()), None)

    @needs(PRODUCTS)
    def iter_variants(self, *, only: Sequence[str] = ()) -> Iterator[JSON]:
        """Yield all variants, base variants of simple products too, of the fields `only` when given (`id` always)."""
        fields = [("include_fields", ",".join(only))] if only else []
        return self._v3_walk("/v3/catalog/variants", "variants", fields)

    @needs(PRODUCTS)
    def iter_products(self) -> Iterator[JSON]:
        """Yield all products with every field of their own: gift wrapping is none that can be asked for alone."""
        return self._v3_walk("/v3/catalog/products", "products")

    @needs(PRODUCTS)
    def products_page(self, after: int, *, modified_since: datetime | None = None) -> tuple[list[JSON], bool]:
        """Whole products with a greater id, ascending, all or those changed since; and whether more follow.

        By id and not by page number, so that changes during the walk neither hide nor repeat one.
        """
        params = [("include", WHOLE), ("sort", "id"), ("id:greater", str(after))]
        if modified_since:  # with its time of day: a bare date would get the present one appended
            params.append(("date_modified:min", modified_since.isoformat()))
        rows, has_more = self._v3_page("/v3/catalog/products", "products", params)
        return self._with_variants(rows), has_more

    @needs(PRODUCTS)
    def products_of(self, ids: Sequence[int]) -> list[JSON]:
        """Some products, whole."""

        def ask(part: list[int]) -> list[JSON]:
            params = [("include", WHOLE), ("id:in", joined(part))]
            return self._with_variants(list(self._v3_walk("/v3/catalog/products", "products", params)))

        return in_parts(self._base_url, ids, ask, most=IDS_PER_CALL)

    def _with_variants(self, rows: list[JSON]) -> list[JSON]:
        """Each product has a variant: where the include brought none, it is asked for them, one call each."""
        for row in rows:
            if not row.get("variants"):
                path = f"/v3/catalog/products/{segment(str(row['id']))}/variants"
                row["variants"] = list(self._v3_walk(path, "variants"))
        return rows

    @needs(PRODUCTS)
    def product_create(self, body: Mapping[str, Any]) -> JSON:
        """Add a product with its variants; what it became is read by its `id`.

        Raises Rejected with status 409 when its name or a SKU is taken. A 207 means that only a part that we do not
        send was not saved (notes §18).
        """
        product: JSON = self._data(self._send("POST", "/v3/catalog/products", body=body), "product")
        return product

    @needs(PRODUCTS)
    def products_update(self, bodies: Sequence[Mapping[str, Any]]) -> None:
        """Change at most MOST_PRODUCTS, all or none; each names its `id`. Safe to repeat. Raises Rejected."""
        self._send("PUT", "/v3/catalog/products", body=list(bodies))

    @needs(PRODUCTS)
    def product_delete(self, product_id: str) -> None:
        """Remove one product. Raises NotFound when it is gone already."""
        self._send("DELETE", f"/v3/catalog/products/{segment(product_id)}")

    @needs(PRODUCTS)
    def variants_write(self, bodies: Sequence[Mapping[str, Any]]) -> None:
        """Change, or with `product_id` add, at most MOST_VARIANTS, all or none. Raises Rejected."""
        self._send("PUT", "/v3/catalog/variants", body=list(bodies))

    @needs(PRODUCTS)
    def picture_add(self, product_id: str, url: str, *, is_first: bool) -> None:
        """Have the store fetch a picture."""
        body = {"image_url": url, "is_thumbnail": is_first}
        self._send("POST", f"/v3/catalog/products/{segment(product_id)}/images", body=body)

    @needs(PRODUCTS)
    def pictures_of(self, product_id: str) -> list[JSON]:
        """A product's pictures, by a call of their own: an include that brought none proves nothing."""
        return list(self._v3_walk(f"/v3/catalog/products/{segment(product_id)}/images", "pictures"))

    @needs(PRODUCTS)
    def options_of(self, product_id: str) -> list[JSON]:
        """A product's options with their values: `{id, display_name, option_values: [{id, label}]}`."""
        return list(self._v3_walk(f"/v3/catalog/products/{segment(product_id)}/options", "options"))

    @needs(PRODUCTS)
    def option_value_add(self, product_id: str, option_id: int, label: str, order: int) -> int:
        """One more value of an option; answers its id."""
        path = f"/v3/catalog/products/{segment(product_id)}/options/{segment(option_id)}/values"
        value = self._data(self._send("POST", path, body={"label": label, "sort_order": order}), "option value")
        return int(value["id"])

    @needs(PRODUCTS)
    def brands(self) -> list[JSON]:
        """All brands: `{id, name}`."""
        return list(self._v3_walk("/v3/catalog/brands", "brands", [("include_fields", "name")]))

    @needs(PRODUCTS)
    def categories(self) -> list[JSON]:
        """All categories: `{id, parent_id, name}`."""
        fields = [("include_fields", "parent_id,name")]
        return list(self._v3_walk("/v3/catalog/categories", "categories", fields))

    @needs(PRODUCTS)
    def category_create(self, name: str) -> JSON:
        """Add a category at the top. Raises Rejected with status 409 when its name is taken."""
        body = {"name": name, "parent_id": 0}
        category: JSON = self._data(self._send("POST", "/v3/catalog/categories", body=body), "category")
        return category

    @needs(PRODUCTS)
    def product_read(self, product_id: str, *, only: Sequence[str] = ()) -> JSON:
        """One product, of the fields `only` when given. Raises NotFound."""
        fields = [("include_fields", ",".join(only))] if only else []
        product: JSON = self._data(
            self._send("GET", f"/v3/catalog/products/{segment(product_id)}", params=fields), "product"
        )
        return product

    @needs(PRODUCTS)
    def products_count(self, **filters: str) -> int:
        """How many products match, for the price of one row."""
        return self._count("/v3/catalog/products", "products", [*filters.items()])

    @needs(PRODUCTS)
    def variants_of(self, product_ids: Sequence[str]) -> list[JSON]:
        """All variants of some products with their `option_values` (notes §19)."""

        def ask(part: list[int]) -> list[JSON]:
            return list(self._v3_walk("/v3/catalog/variants", "variants", [("product_id:in", joined(part))]))

        wanted = [int(one) for one in dict.fromkeys(product_ids)]
        return in_parts(self._base_url, wanted, ask, most=IDS_PER_CALL)

    @needs(INFORMATION)
    def inventory_settings(self) -> JSON:
        """When the store takes stock off and puts it back (notes §20.6)."""
        settings: JSON = self._data(self._send("GET", "/v3/settings/inventory"), "inventory settings")
        return settings


def joined(values: Sequence[int | str]) -> str:
    """A list as V3 filters take it."""
    return ",".join(map(str, values))
