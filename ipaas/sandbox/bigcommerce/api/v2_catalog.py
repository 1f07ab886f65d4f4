"""V2 products, brands and categories, to read: deprecated and still called; the forms are the old edition's (§18)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ipaas.sandbox.bigcommerce.actions.stock import product_level
from ipaas.sandbox.bigcommerce.api.catalog_render import calculated_price
from ipaas.sandbox.bigcommerce.api.common import Call, Endpoints, v2_list, whole_arg
from ipaas.sandbox.bigcommerce.api.orders_render import link
from ipaas.sandbox.bigcommerce.errors import not_found
from ipaas.sandbox.bigcommerce.scopes import PRODUCTS
from ipaas.sandbox.bigcommerce.state import Row
from ipaas.sandbox.bigcommerce.wire import rfc2822
from ipaas.sandbox.core.tables import Table
from ipaas.sandbox.core.web import Reply, Router

router: Router[Any] = Router()
v2 = Endpoints(router, "v2")
TRACKING = {"none": "none", "product": "simple", "variant": "sku"}
MONEY = (
    *("price", "cost_price", "retail_price", "sale_price", "fixed_cost_shipping_price"),
    *("weight", "width", "height", "depth"),
)
SAME = (
    *("id", "name", "type", "sku", "description", "sort_order", "is_visible", "is_featured", "warranty"),
    *("inventory_warning_level", "is_free_shipping", "total_sold", "brand_id", "view_count", "page_title"),
    *("meta_description", "layout_file", "is_price_hidden", "price_hidden_label", "categories", "condition"),
    *("is_condition_shown", "is_preorder_only", "preorder_message", "order_quantity_minimum"),
    *("order_quantity_maximum", "open_graph_type", "open_graph_title", "open_graph_description", "upc"),
    *("tax_class_id", "option_set_id", "option_set_display", "bin_picking_number", "availability"),
    *("availability_description", "search_keywords"),
)
PARTS = ("images", "discount_rules", "configurable_fields", "custom_fields", "videos", "skus", "rules", "options")


def _product(call: Call, row: Row) -> Row:
    path = f"/products/{row['id']}"
    return {
        **{name: row[name] for name in SAME},
        **{name: call.money(Decimal(row[name])) for name in MONEY},
        "calculated_price": call.money(calculated_price(row)),
        "inventory_tracking": TRACKING[row["inventory_tracking"]],
        "inventory_level": product_level(call.state, row, call.state.variants.find(product_id=row["id"])),
        "related_products": ",".join(str(one) for one in row["related_products"]),
        "meta_keywords": ",".join(str(word) for word in row["meta_keywords"]),
        "rating_total": row["reviews_rating_sum"],
        "rating_count": row["reviews_count"],
        "date_created": rfc2822(row["date_created"]),
        "date_modified": rfc2822(row["date_modified"]),
        "preorder_release_date": "",
        "custom_url": (row["custom_url"] or {}).get("url", ""),
        "brand": link(call, f"/brands/{row['brand_id']}") if row["brand_id"] else None,
        **{name: link(call, f"{path}/{name}") for name in PARTS},
    }


def _brand(call: Call, row: Row) -> Row:
    return {
        **{name: row[name] for name in ("id", "name", "page_title", "meta_description", "search_keywords")},
        "meta_keywords": ",".join(str(word) for word in row["meta_keywords"]),
        "image_file": row["image_url"],
    }


def _category(call: Call, row: Row) -> Row:
    same = ("id", "parent_id", "name", "description", "sort_order", "page_title", "meta_description", "layout_file")
    return {
        **{name: row[name] for name in (*same, "is_visible", "search_keywords")},
        "meta_keywords": ",".join(str(word) for word in row["meta_keywords"]),
        "parent_category_list": _line(call, row),
        "image_file": row["image_url"],
        "url": (row["custom_url"] or {}).get("url", ""),
    }


def _line(call: Call, row: Row) -> list[int]:
    """The category's parents from the top, itself last."""
    found: list[int] = []
    seen: Row | None = row
    while seen is not None and seen["id"] not in found:
        found.insert(0, seen["id"])
        seen = call.state.categories.get(seen["parent_id"] or 0)
    return found


def _chosen(call: Call, table: Table) -> list[Row]:
    """Rows by id bounds, name, SKU, brand or parent."""
    rows = list(table.all())
    for name in ("name", "sku", "upc", "condition", "availability"):
        if text := call.arg(name):
            rows = [row for row in rows if row.get(name) == text]
    for name in ("brand_id", "parent_id"):
        if call.arg(name):
            wanted = whole_arg(call, name, 0)
            rows = [row for row in rows if row.get(name) == wanted]
    for name, sign in (("min_id", 1), ("max_id", -1)):
        if call.arg(name):
            bound = whole_arg(call, name, 0)
            rows = [row for row in rows if (row["id"] - bound) * sign >= 0]
    return rows


def _routes(name: str, shown: Any) -> None:
    """List, count and read."""

    @v2("GET", f"/{name}", PRODUCTS)
    def listing(call: Call) -> Reply:
        """All that the query names; 204 when there are none."""
        return v2_list(call, _chosen(call, call.state.db.table(name)), lambda row: shown(call, row))

    @v2("GET", f"/{name}/count", PRODUCTS)
    def count(call: Call) -> Reply:
        """How many."""
        return call.reply({"count": len(_chosen(call, call.state.db.table(name)))})

    @v2("GET", f"/{name}/<int:row_id>", PRODUCTS)
    def get(call: Call, row_id: int) -> Reply:
        """One."""
        row = call.state.db.table(name).get(row_id)
        if row is None:
            raise not_found()
        return call.reply(shown(call, row))


_routes("products", _product)
_routes("brands", _brand)
_routes("categories", _category)
