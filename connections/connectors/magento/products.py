"""Products: read in lists, written one by one; prices many at a time (notes §14)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from connections.connectors.http import segment
from connections.connectors.magento.base import MagentoBase, Page
from connections.connectors.magento.criteria import Filter, Sort, any_of
from connections.connectors.magento.inventory import asked_in_parts
from connections.connectors.magento.rights import CATALOG, CATEGORIES, PRODUCTS, TAX_CLASSES
from connections.connectors.needs import needs
from connections.connectors.parts import in_parts
from ipaas.types import JSON

PRODUCTS_PER_PAGE = 100
IDS_PER_CALL = 200
KEY = "entity_id"
SORTED = [Sort(field=KEY)]
SOLD = "simple,virtual,downloadable,giftcard,configurable,bundle"  # a group is never on an order itself
LINKS = "items[id,extension_attributes[configurable_product_links]],total_count"


class ProductCalls(MagentoBase):
    """Questions about products, their categories and tax classes."""

    @needs(PRODUCTS)
    def product_types(self, skus: Sequence[str]) -> list[JSON]:
        """`{id, sku, type_id}` of some SKUs, whatever the size of their letters, as far as there are such products."""
        return self._products_of(skus, "items[id,sku,type_id],total_count")

    @needs(PRODUCTS)
    def products_by_sku(self, *, page: int, page_size: int) -> Page:
        """A page of `{id, sku, type_id}` of all products, in the order in which they were made."""
        fields = "items[id,sku,type_id],total_count"
        return self._fitting_page("/products", "products", sort=SORTED, page_size=page_size, page=page, fields=fields)

    @needs(PRODUCTS)
    def products_page(
        self, after: int, *, changed_since: datetime | None = None, only_ids: bool = False, page_size: int
    ) -> Page:
        """Products with a greater id, ascending, all that are sold or those changed since; `total` is of all left.

        Of groups none is listed: what they are made of is.
        """
        groups = [
            [Filter(field="type_id", value=SOLD, condition="in")],
            [Filter(field="entity_id", value=str(after), condition="gt")],
        ]
        if changed_since:
            groups.append([Filter(field="updated_at", value=f"{changed_since:%Y-%m-%d %H:%M:%S}", condition="gteq")])
        fields = "items[id,sku],total_count" if only_ids else ""
        return self._fitting_page("/products", "products", groups, sort=SORTED, page_size=page_size, fields=fields)

    @needs(PRODUCTS)
    def products_of(self, ids: Sequence[int]) -> list[JSON]:
        """Some products, whole but for their stock item, which lists leave out."""

        return self._of_ids(ids)

    @needs(PRODUCTS)
    def prices_of(self, ids: Sequence[int]) -> list[JSON]:
        """`{id, price, custom_attributes}` of some products, in the client's scope."""
        return self._of_ids(ids, "items[id,price,custom_attributes],total_count")

    @needs(PRODUCTS)
    def products_with(self, skus: Sequence[str]) -> list[JSON]:
        """The same by SKU, whatever the size of its letters."""
        return self._products_of(skus)

    @needs(PRODUCTS)
    def children_of_all(self) -> dict[int, list[int]]:
        """By the id of each configurable product those of its children: a call for each page of such products."""
        groups = [[Filter(field="type_id", value="configurable")]]
        rows = self._walk_after_id(groups, LINKS)
        return {
            int(row["id"]): [
                int(one) for one in (row.get("extension_attributes") or {}).get("configurable_product_links") or ()
            ]
            for row in rows
        }

    @needs(PRODUCTS)
    def products_count(self) -> int:
        """How many products are sold, children of configurable ones too."""
        return self.products_page(0, only_ids=True, page_size=1).total

    @needs(PRODUCTS)
    def product_create(self, product: Mapping[str, Any]) -> JSON:
        """Make a product. One that has its SKU already is written over: look before. Raises Rejected, SaveFailed."""
        body = {"product": product, "saveOptions": True}
        return self._object(self._send("POST", self._v1("/products"), body=body), "product")

    @needs(PRODUCTS)
    def product_update(self, sku: str, product: Mapping[str, Any]) -> JSON:
        """Change what is named of a product and nothing else; a list that is named is replaced (§14.2).

        Raises NotFound, Rejected, SaveFailed.
        """
        path = self._v1(f"/products/{segment(sku)}")
        return self._object(self._send("PUT", path, body={"product": product}), "product")

    @needs(PRODUCTS)
    def product_delete(self, sku: str) -> None:
        """Remove a product for good. Raises NotFound."""
        self._send("DELETE", self._v1(f"/products/{segment(sku)}"))

    @needs(PRODUCTS)
    def child_add(self, parent_sku: str, child_sku: str) -> None:
        """Attach a child; one that is attached already is refused as such (§14.4). Raises Rejected, NotFound."""
        path = self._v1(f"/configurable-products/{segment(parent_sku)}/child")
        self._send("POST", path, body={"childSku": child_sku})

    @needs(CATALOG)
    def base_prices_save(self, prices: Sequence[JSON]) -> list[JSON]:
        """Set `{sku, store_id, price}`; answers what was refused, while the others were saved (§14.2)."""
        return self._refused("/products/base-prices", prices)

    @needs(CATALOG)
    def special_prices_save(self, prices: Sequence[JSON]) -> list[JSON]:
        """Set `{sku, store_id, price, price_from, price_to}`, times in UTC; answers what was refused."""
        return self._refused("/products/special-price", prices)

    @needs(CATALOG)
    def special_prices_of(self, skus: Sequence[str]) -> list[JSON]:
        """Sale prices of some products, over or not, in each scope that has its own: as `special_prices_save` takes."""
        answer = self._send("POST", self._v1("/products/special-price-information"), body={"skus": list(skus)})
        return answer.data if isinstance(answer.data, list) else []

    @needs(CATALOG)
    def special_prices_delete(self, prices: Sequence[JSON]) -> list[JSON]:
        """Take sale prices away, by whole rows as they stand there; answers what was refused."""
        return self._refused("/products/special-price-delete", prices)

    @needs(CATALOG)
    def costs_save(self, prices: Sequence[JSON]) -> list[JSON]:
        """Set `{sku, store_id, cost}`; answers what was refused."""
        return self._refused("/products/cost", prices)

    @needs(CATALOG)
    def pictures_of(self, sku: str) -> list[JSON]:
        """A product's pictures: `{id, file, types, position}`. Raises NotFound."""
        return self._bare(f"/products/{segment(sku)}/media", "pictures")

    @needs(CATALOG)
    def picture_add(self, sku: str, entry: Mapping[str, Any]) -> None:
        """Add a picture; a second time it is there twice: look before. Raises NotFound, Rejected."""
        self._send("POST", self._v1(f"/products/{segment(sku)}/media"), body={"entry": entry})

    @needs(CATEGORIES)
    def categories(self) -> JSON:
        """The tree: `{id, parent_id, name, level, children_data}` from the root that no shop shows."""
        return self._read("/categories", "categories")

    @needs(CATEGORIES)
    def category_create(self, name: str, parent_id: int) -> JSON:
        """Add a category that is shown. Raises Rejected."""
        body = {"category": {"name": name, "parent_id": parent_id, "is_active": True}}
        return self._object(self._send("POST", self._v1("/categories"), body=body), "category")

    @needs(CATEGORIES)
    def category_join(self, category_id: str, sku: str) -> None:
        """Put a product into a category, at the end; its other categories stay. Raises NotFound, Rejected."""
        body = {"productLink": {"sku": sku, "category_id": category_id, "position": 0}}
        self._send("POST", self._v1(f"/categories/{segment(category_id)}/products"), body=body)

    @needs(TAX_CLASSES)
    def tax_classes(self) -> list[JSON]:
        """Tax classes of products: `{class_id, class_name}`."""
        groups = [[Filter(field="class_type", value="PRODUCT")]]
        return list(
            self._walk("/taxClasses/search", "tax classes", groups, key="class_id", page_size=PRODUCTS_PER_PAGE)
        )

    def _of_ids(self, ids: Sequence[int], fields: str = "") -> list[JSON]:
        def ask(part: list[int]) -> list[JSON]:
            groups = [[Filter(field="entity_id", value=",".join(map(str, part)), condition="in")]]
            return list(self._walk("/products", "products", groups, key=KEY, page_size=len(part), fields=fields))

        return in_parts(self._base_url, ids, ask, most=IDS_PER_CALL)

    def _products_of(self, skus: Sequence[str], fields: str = "") -> list[JSON]:
        def ask(part: list[str]) -> list[JSON]:
            groups = [any_of("sku", part)]
            return list(self._walk("/products", "products", groups, key=KEY, page_size=len(part), fields=fields))

        return asked_in_parts(self._base_url, skus, ask)

    def _walk_after_id(self, groups: Sequence[Sequence[Filter]], fields: str) -> list[JSON]:
        """Products are filtered by `entity_id`, and answer it as `id`."""
        rows, after = list[JSON](), 0
        while True:
            more = [*groups, [Filter(field="entity_id", value=str(after), condition="gt")]]
            size = PRODUCTS_PER_PAGE
            page = self._fitting_page("/products", "products", more, sort=SORTED, page_size=size, fields=fields)
            rows += page.rows
            if len(page.rows) < page.size or page.total <= page.size:
                return rows
            after = int(page.rows[-1]["id"])

    def _refused(self, route: str, prices: Sequence[JSON]) -> list[JSON]:
        """Rows that were not saved, with words: the answer is a success even if none was."""
        answer = self._send("POST", self._v1(route), body={"prices": list(prices)})
        return answer.data if isinstance(answer.data, list) else []
