"""V3 catalog parts: options, modifiers, images, brands, categories, trees, summary (note §19)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ipaas.sandbox.bigcommerce import actions
from ipaas.sandbox.bigcommerce import catalog_rows as shapes
from ipaas.sandbox.bigcommerce.actions import options as parts
from ipaas.sandbox.bigcommerce.actions.catalog import product_get
from ipaas.sandbox.bigcommerce.actions.options import category_event
from ipaas.sandbox.bigcommerce.api import catalog_render as render
from ipaas.sandbox.bigcommerce.api.common import Call, Endpoints, numbers, only_fields, v3_list, v3_one
from ipaas.sandbox.bigcommerce.errors import Refused, not_found
from ipaas.sandbox.bigcommerce.scopes import PRODUCTS
from ipaas.sandbox.bigcommerce.state import Row, named
from ipaas.sandbox.core.tables import Table
from ipaas.sandbox.core.web import Reply, Router, empty

router: Router[Any] = Router()
v3 = Endpoints(router, "v3")
PRODUCT = "/catalog/products/<int:product_id>"
Render = Callable[[Row], Row]


def _part_routes(name: str, render_one: Render, create: Callable[..., Row]) -> None:
    """List, make, read, change and remove the options, modifiers or images of a product."""
    path = f"{PRODUCT}/{name}"

    def table(call: Call) -> Table:
        return call.state.db.table(name)

    @v3("GET", path, PRODUCTS)
    def listing(call: Call, product_id: int) -> Reply:
        """All of one product."""
        product_get(call.state, product_id)
        return v3_list(call, table(call).find(product_id=product_id), render_one)

    @v3("POST", path, PRODUCTS)
    def post(call: Call, product_id: int) -> Reply:
        """Make one."""
        return v3_one(call, render_one(create(call.state, product_id, call.body())))

    @v3("GET", f"{path}/<int:part_id>", PRODUCTS)
    def get(call: Call, product_id: int, part_id: int) -> Reply:
        """Read one."""
        return v3_one(call, render_one(parts.part_get(table(call), product_id, part_id)))

    @v3("PUT", f"{path}/<int:part_id>", PRODUCTS)
    def put(call: Call, product_id: int, part_id: int) -> Reply:
        """Change one."""
        return v3_one(call, render_one(parts.part_update(call.state, table(call), product_id, part_id, call.body())))

    @v3("DELETE", f"{path}/<int:part_id>", PRODUCTS)
    def delete(call: Call, product_id: int, part_id: int) -> Reply:
        """Remove one."""
        parts.part_delete(call.state, table(call), product_id, part_id)
        return empty(204)


def _value_routes(name: str) -> None:
    """The values of options and modifiers."""
    path = f"{PRODUCT}/{name}/<int:part_id>/values"

    def table(call: Call) -> Table:
        return call.state.db.table(name)

    @v3("GET", path, PRODUCTS)
    def listing(call: Call, product_id: int, part_id: int) -> Reply:
        """Values of one."""
        row = parts.part_get(table(call), product_id, part_id)
        return v3_list(call, row["option_values"], lambda value: value)

    @v3("POST", path, PRODUCTS)
    def post(call: Call, product_id: int, part_id: int) -> Reply:
        """Add a value."""
        return v3_one(call, parts.value_create(call.state, table(call), product_id, part_id, call.body()))

    @v3("GET", f"{path}/<int:value_id>", PRODUCTS)
    def get(call: Call, product_id: int, part_id: int, value_id: int) -> Reply:
        """One value."""
        row = parts.part_get(table(call), product_id, part_id)
        value = next((value for value in row["option_values"] if value["id"] == value_id), None)
        if value is None:
            raise not_found()
        return v3_one(call, value)

    @v3("PUT", f"{path}/<int:value_id>", PRODUCTS)
    def put(call: Call, product_id: int, part_id: int, value_id: int) -> Reply:
        """Change a value."""
        body = call.body()
        return v3_one(call, parts.value_update(call.state, table(call), product_id, part_id, value_id, body))

    @v3("DELETE", f"{path}/<int:value_id>", PRODUCTS)
    def delete(call: Call, product_id: int, part_id: int, value_id: int) -> Reply:
        """Remove a value."""
        parts.value_update(call.state, table(call), product_id, part_id, value_id, None)
        return empty(204)


_part_routes("options", render.option_object, actions.option_create)
_part_routes("modifiers", render.modifier_object, actions.modifier_create)
_part_routes("images", render.image_object, actions.image_create)
_value_routes("options")
_value_routes("modifiers")


# --- brands and categories ------------------------------------------------------------------------


def _named_filter(call: Call, rows: list[Row]) -> list[Row]:
    for name in ("id:in", "id"):
        if text := call.arg(name):
            wanted = numbers(name, text)
            rows = [row for row in rows if row["id"] in wanted]
    if text := call.arg("name"):
        rows = [row for row in rows if row["name"] == text]
    if text := call.arg("name:like"):
        rows = [row for row in rows if text.casefold() in row["name"].casefold()]
    if text := call.arg("parent_id"):
        wanted = numbers("parent_id", text)
        rows = [row for row in rows if row.get("parent_id") in wanted]
    return rows


def _named_routes(name: str, fields: shapes.Fields, create: Callable[..., Row]) -> None:
    """Brands and legacy categories: the same five calls."""
    path = f"/catalog/{name}"

    def table(call: Call) -> Table:
        return call.state.db.table(name)

    def one(call: Call, row_id: int) -> Row:
        row = table(call).get(row_id)
        if row is None:
            raise not_found()
        return row

    def told(call: Call, row: Row, what: str) -> None:
        if name == "categories":
            category_event(call.state, row, what)

    @v3("GET", path, PRODUCTS)
    def listing(call: Call) -> Reply:
        """List by id, name or parent."""
        rows = _named_filter(call, list(table(call).all()))
        return v3_list(call, rows, lambda row: only_fields(call, row))

    @v3("POST", path, PRODUCTS)
    def post(call: Call) -> Reply:
        """Make one."""
        return v3_one(call, create(call.state, call.body()))

    @v3("DELETE", path, PRODUCTS)
    def delete_some(call: Call) -> Reply:
        """Remove by filter; without one nothing is removed."""
        if not call.request.args:
            raise Refused(422, f"A filter is required to delete {name}")
        for row in _named_filter(call, list(table(call).all())):
            table(call).delete(row["id"])
            told(call, row, "deleted")
        return empty(204)

    @v3("GET", f"{path}/<int:row_id>", PRODUCTS)
    def get(call: Call, row_id: int) -> Reply:
        """Read one."""
        return v3_one(call, one(call, row_id))

    @v3("PUT", f"{path}/<int:row_id>", PRODUCTS)
    def put(call: Call, row_id: int) -> Reply:
        """Change one."""
        one(call, row_id)
        row = table(call).update(row_id, shapes.read(fields, call.body()))
        told(call, row, "updated")
        return v3_one(call, row)

    @v3("DELETE", f"{path}/<int:row_id>", PRODUCTS)
    def delete(call: Call, row_id: int) -> Reply:
        """Remove one."""
        row = one(call, row_id)
        table(call).delete(row_id)
        told(call, row, "deleted")
        return empty(204)


_named_routes("brands", shapes.BRAND, actions.brand_create)
_named_routes("categories", shapes.CATEGORY, actions.category_create)


# --- trees ----------------------------------------------------------------------------------------


@v3("GET", "/catalog/trees", PRODUCTS)
def trees_list(call: Call) -> Reply:
    """Category trees."""
    return v3_list(call, list(call.state.trees.all()), lambda row: row)


def _branch(call: Call, tree_id: int, parent_id: int, depth: int) -> list[Row]:
    return [
        {
            "id": row["id"],
            "parent_id": parent_id,
            "depth": depth,
            "path": [row["id"]],
            "name": row["name"],
            "is_visible": row["is_visible"],
            "url": row["custom_url"].get("url", ""),
            "children": _branch(call, tree_id, row["id"], depth + 1),
        }
        for row in call.state.categories.all()
        if row["parent_id"] == parent_id and row["tree_id"] == tree_id
    ]


@v3("GET", "/catalog/trees/<int:tree_id>/categories", PRODUCTS)
def tree_categories(call: Call, tree_id: int) -> Reply:
    """One tree, nested."""
    if tree_id not in call.state.trees:
        raise not_found()
    return call.reply({"data": _branch(call, tree_id, 0, 0), "meta": {}})


def _tree_category(row: Row) -> Row:
    return {
        "category_id": row["id"],
        "url": {"path": row["custom_url"].get("url", ""), "is_customized": False},
        **{name: value for name, value in row.items() if name not in ("id", "custom_url")},
    }


@v3("GET", "/catalog/trees/categories", PRODUCTS)
def all_tree_categories(call: Call) -> Reply:
    """Categories of all trees, flat."""
    rows = list(call.state.categories.all())
    if text := call.arg("category_id:in"):
        wanted = numbers("category_id:in", text)
        rows = [row for row in rows if row["id"] in wanted]
    return v3_list(call, _named_filter(call, rows), _tree_category)


@v3("POST", "/catalog/trees/categories", PRODUCTS)
def tree_categories_post(call: Call) -> Reply:
    """Make categories in a tree."""
    rows = [actions.category_create(call.state, body) for body in call.array(50)]
    meta = {"total": len(rows), "success": len(rows), "failed": 0}
    return call.reply({"data": [_tree_category(row) for row in rows], "meta": meta}, 201)


@v3("PUT", "/catalog/trees/categories", PRODUCTS)
def tree_categories_put(call: Call) -> Reply:
    """Change categories in a tree: 204."""
    for body in call.array(50):
        if named(call.state.categories, body.get("category_id")) is None:
            raise not_found()
        category_event(
            call.state, call.state.categories.update(body["category_id"], shapes.read(shapes.CATEGORY, body)), "updated"
        )
    return empty(204)


@v3("GET", "/catalog/summary", PRODUCTS)
def summary(call: Call) -> Reply:
    """Counts of the catalogue."""
    return v3_one(
        call,
        {
            "variant_count": len(call.state.variants),
            "inventory_count": 0,
            "product_count": len(call.state.products),
            "primary_category_id": 0,
        },
    )
