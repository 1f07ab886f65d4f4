"""Writing changes of products: each by its SKU, as it is now, and of lists nothing but what joins them."""

import base64
from collections.abc import Sequence

from connections.connectors.magento import MagentoClient
from connections.connectors.pictures import Picture
from errors.failures import NotFound, Rejected
from ipaas.types import JSON
from mappings.core.magento.product_bodies import Changes, address_of, attributes
from mappings.core.magento.products import BRAND, category_ids_of, custom, picture_files
from syncjobs.stores.magento.product_attributes import ProductAttributes

GONE = "Magento has this product no longer."
NAMELESS = "Magento takes no product without a name."
ROLES = ["image", "small_image", "thumbnail"]  # of the first picture
ATTACHED = "already attached"


class ProductEdits:
    """Writes one product after the other."""

    def __init__(self, client: MagentoClient, attributes: ProductAttributes) -> None:
        self._client, self._attributes = client, attributes

    def send(self, changes: Sequence[Changes]) -> None:
        """One call to look at them, one for each, and one for each category that one joins. Raises Rejected."""
        if any(not one.product.get("name", "?").strip() for one in changes):
            raise Rejected(NAMELESS, status=400)
        present = {int(row["id"]): row for row in self._client.products_of([one.product_id for one in changes])}
        if gone := [str(one.product_id) for one in changes if one.product_id not in present]:
            raise Rejected(GONE, status=404, fields=dict.fromkeys(gone, GONE))
        for one in changes:
            self._send(one, present[one.product_id])

    def _send(self, one: Changes, row: JSON) -> None:
        values = dict(one.custom)
        if one.is_renamed:
            values["url_key"] = custom(row).get("url_key") or address_of(str(row["name"]), str(row["sku"]))
        if one.barcode is not None:
            values[self._attributes.barcode_made()] = one.barcode
        if one.brand is not None:
            values[BRAND] = self._attributes.brand(one.brand) if one.brand else ""
        body = dict(one.product) | ({"custom_attributes": attributes(values)} if values else {})
        if body:
            self._client.product_update(str(row["sku"]), body)
        stands_in = {str(number) for number in category_ids_of(row)}
        for category_id in one.category_ids:
            if category_id not in stands_in:
                self._client.category_join(category_id, str(row["sku"]))

    def attach(self, parent_id: str, child_sku: str) -> None:
        """A child to its parent; safe to repeat: two calls. Raises Rejected."""
        try:
            self._client.child_add(str(self.row(parent_id)["sku"]), child_sku)
        except Rejected as refusal:
            if ATTACHED not in refusal.summary:
                raise

    def picture_add(self, product_id: str, picture: Picture, *, is_first: bool) -> None:
        """Unless the product has this very one already: it may have been added without an answer. Two calls."""
        row = self.row(product_id)
        stem = picture.name.partition(".")[0]
        if not any(stem in file for file in picture_files(row)):
            entry = picture_entry(picture, place=len(picture_files(row)) + 1, is_first=is_first)
            self._client.picture_add(str(row["sku"]), entry)

    def row(self, product_id: str) -> JSON:
        """A product as it is now: one call. Raises NotFound."""
        rows = self._client.products_of([int(product_id)])
        if not rows:
            raise NotFound(GONE)
        return rows[0]


def picture_entry(picture: Picture, *, place: int, is_first: bool) -> JSON:
    """An entry of a product's gallery."""
    return {
        "media_type": "image",
        "label": "",
        "position": place,
        "disabled": False,
        "types": ROLES if is_first else [],
        "content": {
            "base64_encoded_data": base64.b64encode(picture.content).decode(),
            "type": f"image/{picture.kind}",
            "name": picture.name,
        },
    }
