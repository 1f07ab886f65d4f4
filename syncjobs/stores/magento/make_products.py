"""Making products: whether they are there is asked first, since what is made over a SKU writes over it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import cached_property

from django.conf import settings

from connections.connectors.magento import MagentoClient
from connections.connectors.pictures import Picture, picture_read
from connections.models import Store
from errors.failures import NotFound, Rejected, Unreachable
from ipaas.types import JSON
from mappings.core.canonical.product import Field, Policy, Product
from mappings.core.magento.product_bodies import Home, parent_body, parent_skus, simple_body
from mappings.core.magento.products import Axis
from syncjobs.stores.magento.child_links import Parents
from syncjobs.stores.magento.product_attributes import ProductAttributes
from syncjobs.stores.magento.product_edits import picture_entry
from syncjobs.stores.port import Made

TAKEN = "Magento has the SKU “{}” already, and takes large and small letters for the same."
OTHERWISE = "Magento has the SKU “{}” already, as a {} product: it is none that we make."
NO_SKU = "Magento has all SKUs already that the product of these variants could have: {}."
PLAIN = frozenset({"simple", "virtual", "downloadable"})


class ProductMaker:
    """Makes products in the shop's own set, for the website that the store stands for."""

    def __init__(
        self, client: MagentoClient, store: Store, attributes: ProductAttributes, parents: Callable[[], Parents]
    ) -> None:
        self._client, self._store, self._attributes, self._parents = client, store, attributes, parents

    def create(
        self, product: Product, policy: Policy, *, category_ids: Sequence[str], pictures: Sequence[str], is_shown: bool
    ) -> Made:
        holders = parent_skus(product) if product.has_options else []
        there = self.there([one.sku for one in product.variants], holders)
        home = self._home(product, policy)
        if product.has_options:
            return self._create_grid(product, policy, home, there, category_ids, pictures, is_shown=is_shown)
        (variant,) = product.variants
        if variant.sku in there:
            return Made(id=str(there[variant.sku]["id"]))
        body = simple_body(product, variant, policy, home, category_ids=category_ids, is_shown=is_shown)
        row = self._client.product_create(body | self._gallery(pictures))
        return Made(id=str(row["id"]), brand_id=home.brand)

    def _create_grid(
        self,
        product: Product,
        policy: Policy,
        home: Home,
        there: dict[str, JSON],
        category_ids: Sequence[str],
        pictures: Sequence[str],
        *,
        is_shown: bool,
    ) -> Made:
        """The children first, as far as they are missing, then what holds them: one call each."""
        axes = self._axes(product)
        shaped = fitted(product, axes)
        children = {
            one.sku: int((there.get(one.sku) or self._child(shaped, one.sku, policy, home, axes))["id"])
            for one in shaped.variants
        }
        held = self._parents() if there else {}
        parents = {one for child in children.values() for one in held.get(child, ())}
        if parents:
            return Made(id=str(min(parents)))
        sku = _free(parent_skus(product), there)
        body = parent_body(shaped, sku, children, policy, home, axes=axes, category_ids=category_ids, is_shown=is_shown)
        row = self._client.product_create(body | self._gallery(pictures))
        return Made(id=str(row["id"]), brand_id=home.brand)

    def _child(self, product: Product, sku: str, policy: Policy, home: Home, axes: Sequence[Axis]) -> JSON:
        variant = next(one for one in product.variants if one.sku == sku)
        return self._client.product_create(simple_body(product, variant, policy, home, axes=axes))

    def child_make(self, product: Product, sku: str, axes: Sequence[Axis]) -> None:
        """One more child, of a product whose options are called as the shop calls them, unless it is there."""
        if sku not in self.there([sku]):
            policy = Policy()
            self._child(product, sku, policy, self._home(product, policy), axes)

    def there(self, skus: Sequence[str], others: Sequence[str] = ()) -> dict[str, JSON]:
        """Those that are there, and would be written over. Raises Rejected for one in letters of another size.

        One call. Of the `others` only whether they are there is of interest.
        """
        rows = {str(row["sku"]): row for row in self._client.product_types(list(dict.fromkeys([*skus, *others])))}
        wanted = {sku.casefold() for sku in skus}
        if other := next((sku for sku in rows if sku not in skus and sku.casefold() in wanted), None):
            raise Rejected(TAKEN.format(other), status=409)
        for sku in rows.keys() & set(skus):
            if rows[sku]["type_id"] not in PLAIN:
                raise Rejected(OTHERWISE.format(sku, rows[sku]["type_id"]), status=409)
        return rows

    def _axes(self, product: Product) -> list[Axis]:
        names = dict.fromkeys(name for one in product.variants for name, _ in one.options)
        labels = {name: [dict(one.options).get(name, "") for one in product.variants] for name in names}
        return [self._attributes.axis(name, labels[name]) for name in names]

    def _home(self, product: Product, policy: Policy) -> Home:
        has_barcode = Field.BARCODE in policy.fields and any(one.barcode for one in product.variants)
        has_brand = Field.BRAND in policy.fields and product.brand
        return Home(
            set_id=self._attributes.set_id,
            website_id=int(self._store.facts["website_id"]),
            tax_class=self._tax_class,
            barcode=self._attributes.barcode_made() if has_barcode else "",
            brand=self._attributes.brand(product.brand) if has_brand else "",
        )

    def _gallery(self, urls: Sequence[str]) -> JSON:
        """Pictures that are made with the product. One that cannot be fetched is added later, where it still lacks."""
        found = list[Picture]()
        for url in urls:
            try:
                found.append(picture_of(url))
            except (Unreachable, NotFound, Rejected):
                continue
        entries = [picture_entry(one, place=place, is_first=place == 1) for place, one in enumerate(found, 1)]
        return {"media_gallery_entries": entries} if entries else {}

    @cached_property
    def _tax_class(self) -> str:
        """The first of those for products: one call."""
        ids = sorted(int(row["class_id"]) for row in self._client.tax_classes())
        return str(ids[0]) if ids else ""


def picture_of(url: str) -> Picture:
    """Fetched from its address. Raises what `picture_read` raises."""
    return picture_read(url, public_only=not settings.ALLOW_PRIVATE_HOSTS)


def _free(skus: Sequence[str], there: Collection[str]) -> str:
    """The first of some SKUs that no product has. Raises Rejected."""
    taken = {sku.casefold() for sku in there}
    found = next((sku for sku in skus if sku.casefold() not in taken), None)
    if found is None:
        raise Rejected(NO_SKU.format(", ".join(skus)), status=409)
    return found


def fitted(product: Product, axes: Sequence[Axis]) -> Product:
    """The product with its options called as the shop calls them, in the order of its attributes."""
    variants = tuple(
        replace(one, options=tuple((axis.label, value) for axis, (_, value) in zip(axes, one.options, strict=True)))
        for one in product.variants
    )
    return replace(product, variants=variants)
