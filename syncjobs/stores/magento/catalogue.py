"""Magento's catalogue: products with their children, found by ids and written by SKUs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property

from django.utils import timezone

from connections.connectors.magento import MagentoClient
from connections.connectors.magento.criteria import LARGEST_PAGE
from connections.models import Store
from errors.failures import NotFound, Rejected
from ipaas.types import JSON
from mappings.core.canonical.listing import Listing, Names
from mappings.core.canonical.product import Policy, Product
from mappings.core.magento.product_bodies import Changes, changes_of
from mappings.core.magento.products import (
    BRAND,
    CONFIGURABLE,
    DISABLED,
    Axis,
    Reading,
    axes_of,
    item_from_magento,
    links_of,
    listing_from_magento,
    names_from_magento,
)
from mappings.core.rules.chosen_options import chosen
from mappings.core.rules.matching import StoreItem
from mappings.core.rules.product_changes import Change
from syncjobs.stores.magento.child_links import ChildLinks, Parents
from syncjobs.stores.magento.make_products import ProductMaker, fitted, picture_of
from syncjobs.stores.magento.product_attributes import ProductAttributes
from syncjobs.stores.magento.product_edits import ProductEdits
from syncjobs.stores.magento.product_prices import MOST_PRICES, ProductPrices
from syncjobs.stores.port import Edit, Made

PRODUCTS, PRICES, VARIANTS = "products", "prices", "variants"  # kinds of edits
LISTED = 50  # products of a page, each with its children
PICTURES = "/media/catalog/product"


class MagentoCatalogue:
    """Fulfils `port.Catalogue` (Magento notes §14)."""

    most_edits: Mapping[str, int] = {PRODUCTS: 1, PRICES: MOST_PRICES, VARIANTS: 1}

    def __init__(self, client: MagentoClient, store: Store) -> None:
        self._client, self._store = client, store
        self._attributes = ProductAttributes(client)
        self._edits = ProductEdits(client, self._attributes)
        self._prices = ProductPrices(client, store)
        self._links = ChildLinks(client, store)
        self._maker = ProductMaker(client, store, self._attributes, self._parents_anew)

    def count(self) -> int:
        return self._client.products_count() - len(self._links.parents)

    def page(self, after: str, *, changed_since: datetime | None = None) -> tuple[list[Listing], bool]:
        last = int(after or 0)
        ids = self._changed(last, changed_since) if changed_since else self._next(last)
        return self.listings([str(one) for one in ids[:LISTED]]), len(ids) > LISTED

    def _next(self, after: int) -> list[int]:
        """Ids of products that are no children, more than a page lists where there are more."""
        if after:
            self._links.take_up()
        else:
            self._links.keep()
        found = list[int]()
        while True:
            page = self._client.products_page(after, only_ids=True, page_size=LARGEST_PAGE)
            found += [int(row["id"]) for row in page.rows if int(row["id"]) not in self._links.parents]
            if len(found) > LISTED or page.total <= len(page.rows) or not page.rows:
                return found
            after = int(page.rows[-1]["id"])

    def _changed(self, after: int, since: datetime) -> list[int]:
        """Of all that changed, with the products whose children did: a child's change does not move its parent."""
        found, last = set[int](), 0
        while True:
            page = self._client.products_page(last, changed_since=since, only_ids=True, page_size=LARGEST_PAGE)
            for row in page.rows:
                found.update(self._links.parents.get(int(row["id"]), [int(row["id"])]))
            if page.total <= len(page.rows) or not page.rows:
                return sorted(one for one in found if one > after)
            last = int(page.rows[-1]["id"])

    def listings(self, ids: Sequence[str]) -> list[Listing]:
        rows = self._client.products_of([int(one) for one in ids])
        if not rows:
            return []
        children = {int(row["id"]): row for row in self._priced(self._client.products_of(_children(rows)))}
        reading = self._reading()
        return [
            listing_from_magento(row, [children[one] for one in links_of(row) if one in children], reading)
            for row in self._priced(rows)
        ]

    def _priced(self, rows: list[JSON]) -> list[JSON]:
        """With the prices of the website, where it has its own: one call more for each question."""
        if not rows or not self._prices.has_own:
            return rows
        view = self._client.scoped(self._view_code)
        own = {int(row["id"]): row for row in view.prices_of([int(row["id"]) for row in rows])}
        return [own_prices(row, own.get(int(row["id"]), {})) for row in rows]

    def names(self) -> Names:
        brands = next((axis for axis in self._attributes.axes.values() if axis.code == BRAND), None)
        return names_from_magento(self._client.categories(), brands)

    def item(self, sku: str) -> StoreItem | None:
        row = next((row for row in self._client.products_with([sku]) if row["sku"] == sku), None)
        return item_from_magento(row, self._reading()) if row else None

    def category_create(self, name: str) -> str:
        return str(self._client.category_create(name, self._root_category)["id"])

    def create(
        self, product: Product, policy: Policy, *, category_ids: Sequence[str], pictures: Sequence[str], is_shown: bool
    ) -> Made:
        made = self._maker.create(product, policy, category_ids=category_ids, pictures=pictures, is_shown=is_shown)
        self._links.forget()
        return made

    def edits(
        self,
        source: Product,
        target: Product,
        changes: Sequence[Change],
        policy: Policy,
        *,
        category_ids: Sequence[str],
    ) -> list[Edit]:
        whole, prices = changes_of(source, target, changes, policy, category_ids)
        return [Edit(kind=PRODUCTS, body=one) for one in whole] + [Edit(kind=PRICES, body=one) for one in prices]

    def additions(self, source: Product, target: Product, skus: set[str]) -> list[Edit]:
        row = self._edits.row(target.external_id)
        axes = list(axes_of(row, self._attributes.axes))
        fresh = [one for one in source.variants if one.sku in skus]
        told = {one.sku: chosen(one, [axis.label for axis in axes]) for one in fresh}
        shaped = fitted(replace(source, variants=tuple(replace(one, options=told[one.sku]) for one in fresh)), axes)
        labels = [dict(one.options) for one in shaped.variants]
        axes = [self._attributes.axis(axis.label, [one[axis.label] for one in labels]) for axis in axes]
        return [Edit(kind=VARIANTS, body=(target.external_id, shaped, one.sku, axes)) for one in shaped.variants]

    def withdrawal(self, product_id: str, *, is_hidden: bool) -> Edit:
        """Off sale and shown it cannot be: what is shown is sold as long as there is stock."""
        return Edit(kind=PRODUCTS, body=Changes(product_id=int(product_id), product={"status": DISABLED}))

    def send(self, edits: Sequence[Edit]) -> None:
        match edits[0].kind:
            case "prices":
                self._prices.send([one.body for one in edits])
            case "variants":
                for one in edits:
                    self._add(*one.body)
            case _:
                self._edits.send([one.body for one in edits])

    def _add(self, parent_id: str, product: Product, sku: str, axes: Sequence[Axis]) -> None:
        self._maker.child_make(product, sku, axes)
        self._edits.attach(parent_id, sku)
        self._links.forget()

    def named(self, edits: Sequence[Edit], refusal: Rejected) -> list[Edit]:
        """By the SKU of a price, or the id of a product."""
        return [one for one in edits if _name_of(one) in refusal.fields]

    def has_pictures(self, product_id: str) -> bool:
        return bool(self._edits.row(product_id).get("media_gallery_entries"))

    def picture_add(self, product_id: str, url: str, *, is_first: bool) -> None:
        try:
            picture = picture_of(url)
        except NotFound as gone:
            raise Rejected(gone.summary, status=404) from gone
        self._edits.picture_add(product_id, picture, is_first=is_first)

    def delete(self, product_id: str) -> None:
        """With the children that no other product has."""
        row = self._edits.row(product_id)
        mine = [one for one in links_of(row) if self._links.parents.get(one) == [int(product_id)]]
        children = self._client.products_of(mine)
        self._client.product_delete(str(row["sku"]))
        for child in children:
            self._client.product_delete(str(child["sku"]))
        self._links.forget()

    def _parents_anew(self) -> Parents:
        self._links.forget()
        return self._links.parents

    def _reading(self) -> Reading:
        base = self._store.api_base.rstrip("/").removesuffix("/index.php")
        return Reading(
            axes=self._attributes.axes,
            barcode=self._attributes.barcode,
            pictures=f"{base}{PICTURES}",
            now=timezone.now(),
        )

    @cached_property
    def _view_code(self) -> str:
        """The code of the website's first store view: one call."""
        ours = self._store.facts["website_id"]
        rows = [row for row in self._client.store_views() if row.get("website_id") == ours]
        return str(min(rows, key=lambda row: int(row["id"]))["code"])

    @cached_property
    def _root_category(self) -> int:
        """The category under which the website's own stand: one call."""
        ours = self._store.facts["website_id"]
        return next(int(row["root_category_id"]) for row in self._client.store_groups() if row["website_id"] == ours)


def own_prices(row: JSON, own: JSON) -> JSON:
    """A product with the prices that a website has of its own."""
    prices = {"special_price", "special_from_date", "special_to_date", "cost"}
    others = [one for one in row.get("custom_attributes") or [] if one.get("attribute_code") not in prices]
    mine = [one for one in own.get("custom_attributes") or [] if one.get("attribute_code") in prices]
    return {**row, "price": own.get("price", row.get("price")), "custom_attributes": [*others, *mine]}


def _children(rows: Sequence[JSON]) -> list[int]:
    return [child for row in rows if row.get("type_id") == CONFIGURABLE for child in links_of(row)]


def _name_of(edit: Edit) -> str:
    if edit.kind == PRICES:
        return str(edit.body.sku)
    return str(edit.body.product_id) if edit.kind == PRODUCTS else ""
