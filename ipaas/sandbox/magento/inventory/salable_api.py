"""Routes that tell what can be sold: one SKU, several, or everything that a website's stock has (note §15.2)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ipaas.sandbox.magento.call import Call
from ipaas.sandbox.magento.errors import Refused, bad, required
from ipaas.sandbox.magento.goods.configurables import children_of
from ipaas.sandbox.magento.goods.product_rows import COMPOSITE, CONFIGURABLE, product_found
from ipaas.sandbox.magento.inventory.stock_api import NO_LINKED_STOCK
from ipaas.sandbox.magento.inventory.stock_levels import is_salable, salable, source_items_of, sources_of_stock, stocked
from ipaas.sandbox.magento.routing import Routes
from ipaas.sandbox.magento.state import Row, State

routes = Routes()
NO_SOURCE_ITEMS = "Can't check requested quantity for products without Source Items support."
NOT_ASSIGNED = "The requested sku is not assigned to given stock."
NOT_ENOUGH = "The requested qty is not available"
COLUMNS = {"sku": "string", "entity_id": "integer", "type_id": "string"}


def sells(state: State, sku: str, stock_id: int, quantity: Decimal = Decimal(0)) -> bool:
    """Whether a stock sells a product; a configurable as long as it sells one of its children."""
    product = product_found(state, sku)
    if product is None:
        return False
    if product["type_id"] == CONFIGURABLE:
        return any(is_salable(state, child["sku"], stock_id) for child in children_of(state, product))
    return product["type_id"] in COMPOSITE or is_salable(state, sku, stock_id, quantity)


@routes.get("/V1/inventory/get-product-salable-quantity/{sku}/{stockId}")
def salable_quantity_get(call: Call) -> Decimal:
    """The salable quantity of one SKU. Raises `Refused` where it has none by nature."""
    state, sku, stock_id = call.state, call.path["sku"], call.path["stockId"]
    product = product_found(state, sku)
    if product is not None and product["type_id"] in COMPOSITE:
        raise bad(NO_SOURCE_ITEMS)
    codes = {row["source_code"] for row in sources_of_stock(state, stock_id)}
    if product is None or not any(row["source_code"] in codes for row in source_items_of(state, sku)):
        raise bad(NOT_ASSIGNED)
    return salable(state, sku, stock_id)


@routes.get("/V1/inventory/is-product-salable/{sku}/{stockId}")
def is_salable_get(call: Call) -> bool:
    """Whether one SKU is sold."""
    return sells(call.state, call.path["sku"], call.path["stockId"])


@routes.get("/V1/inventory/is-product-salable-for-requested-qty/{sku}/{stockId}/{requestedQty}")
def is_salable_for_get(call: Call) -> Row:
    """Whether that many of one SKU are sold."""
    is_sold = sells(call.state, call.path["sku"], call.path["stockId"], Decimal(call.path["requestedQty"]))
    wrong = {"code": "is_salable_with_reservations-not_enough_qty", "message": NOT_ENOUGH}
    return {"salable": is_sold, "errors": [] if is_sold else [wrong]}


@routes.get("/V1/inventory/are-products-salable")
def are_salable_get(call: Call) -> list[Row]:
    """Whether each of the `skus` is sold."""
    stock_id = call.query.get("stockId")
    if stock_id is None:
        raise required("stockId")
    return [
        {"sku": sku, "stock_id": stock_id, "salable": sells(call.state, sku, stock_id)}
        for sku in call.query.get("skus") or ()
    ]


def _stock_of_channel(call: Call) -> Row:
    channel = {"type": call.path["salesChannelType"], "code": call.path["salesChannelCode"]}
    found = next((row for row in call.state.stocks.all() if channel in row["sales_channels"]), None)
    if found is None:
        raise Refused(404, NO_LINKED_STOCK)
    return found


@routes.get("/V1/inventory/export-stock-salable-qty/{salesChannelType}/{salesChannelCode}")
def salable_export(call: Call) -> Row:
    """Salable quantities of products, page by page."""
    state, stock_id = call.state, _stock_of_channel(call)["id"]

    def shape(row: Mapping[str, Any]) -> Row:
        left = Decimal(0) if row["type_id"] in COMPOSITE else salable(state, row["sku"], stock_id)
        return {"sku": row["sku"], "qty": left, "is_salable": sells(state, row["sku"], stock_id)}

    return call.search(state.products, shape, columns=COLUMNS, view=lambda row: {**row, "entity_id": row["id"]})


@routes.get("/V1/inventory/dump-stock-index-data/{salesChannelType}/{salesChannelCode}")
def index_dump(call: Call) -> list[Row]:
    """The stock index of a channel: what lies there, reservations not counted."""
    state, stock_id = call.state, _stock_of_channel(call)["id"]
    rows = (row for row in state.products.all() if row["type_id"] not in COMPOSITE)
    counted = ((row["sku"], stocked(state, row["sku"], stock_id)) for row in rows)
    return [{"sku": sku, "qty": quantity, "is_salable": quantity > 0} for sku, quantity in counted]
