"""Routes of categories (note §14.5)."""

from __future__ import annotations

from ipaas.sandbox.magento.call import Call
from ipaas.sandbox.magento.errors import bad
from ipaas.sandbox.magento.goods.category_rows import (
    ROOT,
    category_by_id,
    category_columns,
    category_delete,
    category_save,
    category_shape,
    link_save,
    links_shape,
    tree_shape,
)
from ipaas.sandbox.magento.goods.product_rows import product_by_sku
from ipaas.sandbox.magento.routing import Routes
from ipaas.sandbox.magento.state import Row

routes = Routes()
NOT_LINKED = "The category doesn't contain the specified product."
COLUMNS = {
    "entity_id": "integer",
    "parent_id": "integer",
    "level": "integer",
    "position": "integer",
    "path": "string",
    "name": "string",
    "is_active": "integer",
    "url_key": "string",
    "created_at": "string",
    "updated_at": "string",
}


@routes.get("/V1/categories")
def category_tree(call: Call) -> Row:
    """The tree under `rootCategoryId`, `depth` levels of it."""
    root = category_by_id(call.state, call.query.get("rootCategoryId") or ROOT)
    return tree_shape(call.state, root, call.store_id, call.query.get("depth"))


@routes.get("/V1/categories/list")
def category_list(call: Call) -> Row:
    """Categories by their values."""
    return call.search(
        call.state.categories,
        lambda row: category_shape(call.state, row, call.store_id),
        columns=COLUMNS,
        eav=True,
        view=lambda row: category_columns(row, call.store_id),
    )


@routes.get("/V1/categories/{categoryId}")
def category_get(call: Call) -> Row:
    """One category."""
    store_id = call.query.get("storeId", call.store_id)
    return category_shape(call.state, category_by_id(call.state, call.path["categoryId"]), store_id)


@routes.post("/V1/categories")
def category_post(call: Call) -> Row:
    """Create a category."""
    row = category_save(call.state, call.store, call.body["category"])
    return category_shape(call.state, row, call.store_id)


@routes.put("/V1/categories/{id}")
def category_put(call: Call) -> Row:
    """Change a category."""
    number = category_by_id(call.state, call.path["id"])["id"]
    row = category_save(call.state, call.store, call.body["category"], number)
    return category_shape(call.state, row, call.store_id)


@routes.delete("/V1/categories/{categoryId}")
def category_remove(call: Call) -> bool:
    """Delete a category with those below it."""
    category_delete(call.state, category_by_id(call.state, call.path["categoryId"]))
    return True


@routes.get("/V1/categories/{categoryId}/products")
def link_list(call: Call) -> list[Row]:
    """Products in a category."""
    return links_shape(call.state, category_by_id(call.state, call.path["categoryId"])["id"])


def _link(call: Call) -> bool:
    wish = call.body["productLink"]
    number = category_by_id(call.state, wish.get("category_id") or call.path["categoryId"])["id"]
    link_save(call.state, product_by_sku(call.state, wish.get("sku") or ""), number, wish.get("position") or 0)
    return True


@routes.post("/V1/categories/{categoryId}/products")
def link_post(call: Call) -> bool:
    """Put a product into a category."""
    return _link(call)


@routes.put("/V1/categories/{categoryId}/products")
def link_put(call: Call) -> bool:
    """The same as POST."""
    return _link(call)


@routes.delete("/V1/categories/{categoryId}/products/{sku}")
def link_delete(call: Call) -> bool:
    """Take a product out of a category."""
    number = str(category_by_id(call.state, call.path["categoryId"])["id"])
    product = product_by_sku(call.state, call.path["sku"])
    left = [link for link in product["category_links"] if link["category_id"] != number]
    if len(left) == len(product["category_links"]):
        raise bad(NOT_LINKED)
    call.state.products.update(product["id"], category_links=left)
    return True
