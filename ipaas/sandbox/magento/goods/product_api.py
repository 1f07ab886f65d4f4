"""Routes of products themselves and of their websites (note §14.1, §14.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from ipaas.sandbox.magento.call import Call
from ipaas.sandbox.magento.conditions import Filter
from ipaas.sandbox.magento.errors import bad
from ipaas.sandbox.magento.goods.product_rows import (
    STATIC_COLUMNS,
    product_by_sku,
    product_columns,
    product_shape,
)
from ipaas.sandbox.magento.goods.product_save import product_delete, product_save
from ipaas.sandbox.magento.inventory.stock_items import stock_item_shape
from ipaas.sandbox.magento.routing import Routes
from ipaas.sandbox.magento.search_rows import Related
from ipaas.sandbox.magento.state import Row, State

routes = Routes()
KINDS = (
    ("simple", "Simple Product"),
    ("virtual", "Virtual Product"),
    ("downloadable", "Downloadable Product"),
    ("bundle", "Bundle Product"),
    ("configurable", "Configurable Product"),
    ("grouped", "Grouped Product"),
)


def _single(call: Call, product: Mapping[str, Any], store_id: int) -> Row:
    """A product as asked for alone: with its stock."""
    shape = product_shape(call.state, product, store_id)
    shape["extension_attributes"]["stock_item"] = stock_item_shape(call.state, product)
    return shape


@routes.get("/V1/products")
def product_list(call: Call) -> Row:
    """Products by static columns and attributes, and by category, website or store."""
    state, store_id = call.state, call.store_id
    columns = {**STATIC_COLUMNS, **{row["attribute_code"]: _column_type(row) for row in state.attributes.all()}}

    def shape(row: Mapping[str, Any]) -> Row:
        return product_shape(state, row, store_id)

    def view(row: Mapping[str, Any]) -> Row:
        return product_columns(row, store_id)

    related = Related(MEMBERSHIPS, partial(_is_related, state))
    return call.search(state.products, shape, columns=columns, eav=True, view=view, related=related)


MEMBERSHIPS = ("category_id", "website_id", "store_id")


def _is_related(state: State, product: Mapping[str, Any], wanted: Filter) -> bool:
    """Whether a product is in one of the filter's categories, websites or stores; not in them for `neq` and `nin`."""
    ids = {int(one) for one in str(wanted.value).split(",") if one.strip().isdecimal()}
    is_in = not ids.isdisjoint(_memberships(state, product, wanted.field))
    return is_in != wanted.condition.startswith("n")


def _memberships(state: State, product: Mapping[str, Any], field: str) -> Iterable[int]:
    if field == "category_id":
        return [int(link["category_id"]) for link in product["category_links"]]
    if field == "website_id":
        return list(product["website_ids"])
    return [row["id"] for row in state.store_views.all() if row["website_id"] in product["website_ids"]]


def _column_type(attribute: Mapping[str, Any]) -> str:
    return "number" if attribute["backend_type"] in ("decimal", "int") else "string"


@routes.get("/V1/products/{sku}")
def product_get(call: Call) -> Row:
    """One product as a store view sees it."""
    store_id = call.query.get("storeId")
    product = product_by_sku(call.state, call.path["sku"])
    return _single(call, product, call.store_id if store_id is None else store_id)


@routes.post("/V1/products")
def product_post(call: Call) -> Row:
    """Create the product, or change it where its SKU exists."""
    return _single(call, product_save(call.state, call.store, call.body["product"]), call.store_id)


@routes.put("/V1/products/{sku}")
def product_put(call: Call) -> Row:
    """Change what the body names; the path's SKU wins over the body's. An unknown SKU is a product to be made."""
    wish = {**call.body["product"], "sku": call.path["sku"]}
    return _single(call, product_save(call.state, call.store, wish), call.store_id)


@routes.delete("/V1/products/{sku}")
def product_remove(call: Call) -> bool:
    """Delete a product."""
    product_delete(call.state, product_by_sku(call.state, call.path["sku"]))
    return True


@routes.get("/V1/products/types")
def types_list(call: Call) -> list[Row]:
    """Types of products."""
    own = (("giftcard", "Gift Card"),) if call.state.profile.is_commerce else ()
    return [{"name": name, "label": label} for name, label in (*KINDS, *own)]


# --- websites --------------------------------------------------------------------------------------


def _website_add(call: Call) -> bool:
    product = product_by_sku(call.state, call.path["sku"])
    website = call.body["productWebsiteLink"]["website_id"]
    if website not in call.state.websites:
        raise bad('Could not assign product "%1" to websites "%2"', product["id"], website)
    ids = list(dict.fromkeys([*product["website_ids"], website]))
    call.state.products.update(product["id"], website_ids=ids)  # does not move the product's clock (§20.1)
    return True


@routes.post("/V1/products/{sku}/websites")
def website_post(call: Call) -> bool:
    """Sell a product on one more website."""
    return _website_add(call)


@routes.put("/V1/products/{sku}/websites")
def website_put(call: Call) -> bool:
    """The same as POST."""
    return _website_add(call)


@routes.delete("/V1/products/{sku}/websites/{websiteId}")
def website_delete(call: Call) -> bool:
    """Take a product off a website."""
    product = product_by_sku(call.state, call.path["sku"])
    ids = [one for one in product["website_ids"] if one != call.path["websiteId"]]
    call.state.products.update(product["id"], website_ids=ids)
    return True
