"""Control calls that do to goods and stock what people do in Admin (apis/magento.md §22), and the pictures themselves.

Whether the inventory modules are there and whether the consumer runs are switches.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ipaas.sandbox.core.jsonio import loads
from ipaas.sandbox.core.web import ApiError, Reply, Request, Router, json_reply
from ipaas.sandbox.magento.goods.attribute_api import option_add
from ipaas.sandbox.magento.goods.attribute_rows import attribute_named
from ipaas.sandbox.magento.goods.product_rows import product_by_sku
from ipaas.sandbox.magento.goods.product_save import product_delete, product_rename, product_save
from ipaas.sandbox.magento.goods.storefront_price import storefront_price
from ipaas.sandbox.magento.inventory.stock_levels import (
    legacy_set,
    reserved,
    salable,
    source_item_set,
    source_items_of,
    stock_of_website,
)
from ipaas.sandbox.magento.service import NO_PAGE
from ipaas.sandbox.magento.state import Row, State

router: Router[Any] = Router()


def _wish(request: Request, *names: str) -> dict[str, Any]:
    wish = request.json_object()
    if missing := [name for name in names if wish.get(name) is None]:
        raise ApiError(400, {"error": f"{', '.join(missing)} missing"})
    return wish


@router.route("PUT", "/_sim/stock")
def stock_put(service: Any, request: Request) -> Reply:
    """Count stock: `{"sku", "quantity", "source_code", "status"}`; without sources no `source_code`."""
    state, wish = service.state, _wish(request, "sku", "quantity")
    quantity = Decimal(str(wish["quantity"]))
    if state.switches["inventory_modules"]:
        source_item_set(state, wish["sku"], wish["source_code"], quantity, int(wish.get("status", quantity > 0)))
    else:
        legacy_set(state, product_by_sku(state, wish["sku"])["id"], quantity)
    return json_reply(_stock(state, wish["sku"]))


@router.route("GET", "/_sim/stock")
def stock_get(service: Any, request: Request) -> Reply:
    """What lies where of `?sku=`, and what each website can sell of it."""
    return json_reply(_stock(service.state, request.args["sku"]))


def _stock(state: State, sku: str) -> Row:
    sites = [row["code"] for row in state.websites.all() if row["id"]]
    stocks = {code: int(stock_of_website(state, code)["id"]) for code in sites}
    return {
        "sku": sku,
        "sources": {row["source_code"]: row["quantity"] for row in source_items_of(state, sku)},
        "salable": {code: salable(state, sku, number) for code, number in stocks.items()},
        "reserved": {code: reserved(state, sku, number) for code, number in stocks.items()},
    }


@router.route("GET", "/_sim/reservations")
def reservations_get(service: Any, request: Request) -> Reply:
    """Reservations of `?sku=`, oldest first."""
    rows = service.state.reservations.find(sku_key=request.args["sku"].casefold())
    return json_reply([{**row, "metadata": loads(row["metadata"])} for row in rows])


@router.route("POST", "/_sim/products/rename")
def product_rename_post(service: Any, request: Request) -> Reply:
    """`{"sku", "new_sku"}`."""
    wish = _wish(request, "sku", "new_sku")
    row = product_rename(service.state, product_by_sku(service.state, wish["sku"]), wish["new_sku"])
    return json_reply({"id": row["id"], "sku": row["sku"]})


@router.route("POST", "/_sim/products/delete")
def product_delete_post(service: Any, request: Request) -> Reply:
    """`{"sku"}`."""
    product_delete(service.state, product_by_sku(service.state, _wish(request, "sku")["sku"]))
    return json_reply({"deleted": True})


@router.route("POST", "/_sim/products/change")
def product_change_post(service: Any, request: Request) -> Reply:
    """Edit as in Admin: `{"sku", "store_id": 0, ...}` with any fields of a product body (`price`, `name`, `status`)."""
    state, wish = service.state, _wish(request, "sku")
    product_by_sku(state, wish["sku"])
    store = state.store_views.get(int(wish.pop("store_id", 0)))
    row = product_save(state, store, wish)
    return json_reply({"id": row["id"], "updated_at": row["updated_at"]})


@router.route("POST", "/_sim/options")
def option_post(service: Any, request: Request) -> Reply:
    """Add an option in Admin, where any label may be given: `{"attribute_code", "label", "id"}`, the id at will."""
    state, wish = service.state, _wish(request, "attribute_code", "label")
    attribute = attribute_named(state, wish["attribute_code"])
    row = option_add(state, attribute, wish, wish.get("id"), is_admin=True)
    return json_reply({"id": row["id"]}, 201)


@router.route("GET", "/_sim/selling-price")
def selling_price_get(service: Any, request: Request) -> Reply:
    """What one piece of `?sku=` costs now in the storefront, for each view or in `?quantity=` pieces."""
    state, quantity = service.state, Decimal(request.args.get("quantity", "1"))
    product = product_by_sku(state, request.args["sku"])
    views: list[Mapping[str, Any]] = [row for row in state.store_views.all() if row["id"]]
    return json_reply({row["code"]: storefront_price(state, product, row["id"], quantity) for row in views})


@router.route("GET", "/media/catalog/product/<path:file>")
def picture_get(service: Any, request: Request, file: str) -> Reply:
    """A picture of the catalogue."""
    entry = service.state.media_entries.first(file=f"/{file}")
    if entry is None:
        return Reply(NO_PAGE, 404, mimetype="text/html")
    return Reply(base64.b64decode(entry["data"]), mimetype=entry["mime_type"])
