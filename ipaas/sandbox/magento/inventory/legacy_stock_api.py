"""Routes of the legacy stock item (note §15.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from ipaas.sandbox.magento.call import Call
from ipaas.sandbox.magento.errors import Refused
from ipaas.sandbox.magento.goods.product_rows import COMPOSITE, product_found
from ipaas.sandbox.magento.inventory.stock_items import stock_item_save, stock_item_shape
from ipaas.sandbox.magento.inventory.stock_levels import DEFAULT_STOCK
from ipaas.sandbox.magento.routing import Routes
from ipaas.sandbox.magento.state import Row, State

routes = Routes()
NO_PRODUCT = 'The Product with the "%1" SKU doesn\'t exist.'


def _product(call: Call) -> Row:
    found = product_found(call.state, call.path["productSku"])
    if found is None:
        raise Refused(404, NO_PRODUCT, [call.path["productSku"]])
    return found


@routes.get("/V1/stockItems/{productSku}")
def stock_item_get(call: Call) -> Row:
    """The stock item of a product."""
    return stock_item_shape(call.state, _product(call))


@routes.get("/V1/stockStatuses/{productSku}")
def stock_status_get(call: Call) -> Row:
    """The same as a status."""
    product = _product(call)
    item = stock_item_shape(call.state, product)
    status = {"product_id": product["id"], "stock_id": DEFAULT_STOCK, "qty": item["qty"]}
    return {**status, "stock_status": int(item["is_in_stock"]), "stock_item": item}


@routes.put("/V1/products/{productSku}/stockItems/{itemId}")
def stock_item_put(call: Call) -> int:
    """Set quantity or settings. The item's number in the path is not looked at: the SKU decides (§15.3)."""
    product = _product(call)
    stock_item_save(call.state, product, call.body["stockItem"])
    return int(product["id"])


@routes.get("/V1/stockItems/lowStock")
def low_stock(call: Call) -> Row:
    """Stock items below `qty`, a page of them."""
    size, page = call.query.get("pageSize"), max(1, call.query.get("currentPage") or 1)
    most = Decimal(call.query["qty"])
    rows = [item for item in _items(call.state) if item["qty"] <= most]
    shown = rows[(page - 1) * size : page * size] if size else rows
    criteria = {"mapper_interface_name": "", "criteria_list": [], "filters": [], "orders": [], "limit": []}
    return {"items": shown, "search_criteria": criteria, "total_count": len(rows)}


def _items(state: State) -> Iterator[Row]:
    products: Iterator[Mapping[str, Any]] = state.products.all()
    return (stock_item_shape(state, row) for row in products if row["type_id"] not in COMPOSITE)
