"""BigCommerce's catalogue: two kinds of batches, options by their ids, and a product that is made in one call."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from connections.connectors.bigcommerce import BigCommerceClient
from connections.connectors.bigcommerce.catalog import MOST_PRODUCTS, MOST_VARIANTS
from errors.failures import NotFound, Rejected
from mappings.core.bigcommerce.products import (
    item_from_bigcommerce,
    listing_from_bigcommerce,
    names_from_bigcommerce,
    new_variant_body,
    store_changes_body,
    store_product_body,
    store_variant_bodies,
    withdrawn_body,
)
from mappings.core.canonical.listing import Listing, Names
from mappings.core.canonical.product import Policy, Product
from mappings.core.rules.chosen_options import chosen
from mappings.core.rules.matching import StoreItem
from mappings.core.rules.product_changes import Change
from syncjobs.stores.port import Edit, Made

PRODUCTS, VARIANTS = "products", "variants"  # kinds of edits
TAKEN = 409


class BigCommerceCatalogue:
    """Fulfils `port.Catalogue` (BigCommerce notes §18, §19)."""

    most_edits: Mapping[str, int] = {PRODUCTS: MOST_PRODUCTS, VARIANTS: MOST_VARIANTS}

    def __init__(self, client: BigCommerceClient) -> None:
        self._client = client

    def count(self) -> int:
        return self._client.products_count()

    def page(self, after: str, *, changed_since: datetime | None = None) -> tuple[list[Listing], bool]:
        rows, has_more = self._client.products_page(int(after or 0), modified_since=changed_since)
        return [listing_from_bigcommerce(row) for row in rows], has_more

    def listings(self, ids: Sequence[str]) -> list[Listing]:
        return [listing_from_bigcommerce(row) for row in self._client.products_of([int(one) for one in ids])]

    def names(self) -> Names:
        return names_from_bigcommerce(self._client.brands(), self._client.categories())

    def item(self, sku: str) -> StoreItem | None:
        variant = self._client.variant_by_sku(sku)
        if variant is None:
            return None
        try:
            product = self._client.product_read(str(variant["product_id"]), only=("name", "upc", "price"))
        except NotFound:
            product = {}
        return item_from_bigcommerce(sku, variant, product)

    def category_create(self, name: str) -> str:
        return str(self._client.category_create(name)["id"])

    def create(
        self, product: Product, policy: Policy, *, category_ids: Sequence[str], pictures: Sequence[str], is_shown: bool
    ) -> Made:
        body = store_product_body(product, policy, category_ids=category_ids, pictures=pictures, is_visible=is_shown)
        try:
            row = self._client.product_create(body)
        except Rejected as refusal:
            found = self._client.variant_by_sku(product.variants[0].sku) if refusal.status == TAKEN else None
            if found is None:
                raise
            return Made(id=str(found["product_id"]))
        return Made(id=str(row["id"]), brand_id=str(row.get("brand_id") or ""))

    def edits(
        self,
        source: Product,
        target: Product,
        changes: Sequence[Change],
        policy: Policy,
        *,
        category_ids: Sequence[str],
    ) -> list[Edit]:
        body = store_changes_body(source, target, changes, policy, category_ids=category_ids)
        whole = [Edit(kind=PRODUCTS, body=body)] if body else []
        return whole + [Edit(kind=VARIANTS, body=one) for one in store_variant_bodies(source, target, changes, policy)]

    def additions(self, source: Product, target: Product, skus: set[str]) -> list[Edit]:
        options = {str(row["display_name"]).casefold(): row for row in self._client.options_of(target.external_id)}
        return [
            Edit(
                kind=VARIANTS,
                body=new_variant_body(
                    target,
                    variant,
                    [
                        self._value(target, options[name.casefold()], label)
                        for name, label in chosen(variant, [str(row["display_name"]) for row in options.values()])
                    ],
                ),
            )
            for variant in source.variants
            if variant.sku in skus
        ]

    def withdrawal(self, product_id: str, *, is_hidden: bool) -> Edit:
        return Edit(kind=PRODUCTS, body=withdrawn_body(product_id, is_hidden=is_hidden))

    def send(self, edits: Sequence[Edit]) -> None:
        bodies = [one.body for one in edits]
        if edits[0].kind == PRODUCTS:
            self._client.products_update(bodies)
        else:
            self._client.variants_write(bodies)

    def named(self, edits: Sequence[Edit], refusal: Rejected) -> list[Edit]:
        """By their place in the batch, as in `3.sku` (notes §7.3)."""
        places = {name.partition(".")[0] for name in refusal.fields}
        return [edits[int(one)] for one in sorted(places) if one.isdigit() and int(one) < len(edits)]

    def has_pictures(self, product_id: str) -> bool:
        return bool(self._client.pictures_of(product_id))

    def picture_add(self, product_id: str, url: str, *, is_first: bool) -> None:
        self._client.picture_add(product_id, url, is_first=is_first)

    def delete(self, product_id: str) -> None:
        self._client.product_delete(product_id)

    def _value(self, target: Product, option: dict[str, Any], label: str) -> dict[str, Any]:
        """A value of an option, added where the option lacks it."""
        values = option["option_values"]
        known = next((value for value in values if str(value["label"]).casefold() == label.casefold()), None)
        if known is None:
            number = self._client.option_value_add(target.external_id, int(option["id"]), label, len(values))
            known = {"id": number, "label": label}
            values.append(known)
        return {"option_id": int(option["id"]), "id": int(known["id"])}
