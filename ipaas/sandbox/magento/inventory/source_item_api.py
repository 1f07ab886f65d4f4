"""Routes of source items: the absolute quantities by SKU and source (note §15.2)."""

from __future__ import annotations

from ipaas.sandbox.magento.call import Call
from ipaas.sandbox.magento.errors import bad
from ipaas.sandbox.magento.inventory.source_item_rules import EMPTY_LIST, source_items_check
from ipaas.sandbox.magento.inventory.stock_levels import source_item, source_item_set
from ipaas.sandbox.magento.routing import Routes
from ipaas.sandbox.magento.state import Row

routes = Routes()
COLUMNS = {
    "source_item_id": "integer",
    "sku": "string",
    "source_code": "string",
    "quantity": "number",
    "status": "integer",
}


@routes.get("/V1/inventory/source-items")
def source_item_list(call: Call) -> Row:
    """Source items by their columns. There is no time to ask by."""
    return call.search(call.state.source_items, columns=COLUMNS)


@routes.post("/V1/inventory/source-items")
def source_items_post(call: Call) -> None:
    """Set quantities and statuses, all or none. An unknown SKU leaves a row of nothing (§15.2)."""
    wishes = call.body["sourceItems"]
    source_items_check(call.state, wishes)
    for wish in wishes:
        source_item_set(call.state, wish["sku"], wish["source_code"], wish["quantity"], wish["status"])


@routes.post("/V1/inventory/source-items-delete")
def source_items_delete(call: Call) -> None:
    """Unassign SKUs from sources; what is not assigned is passed over."""
    wishes = call.body["sourceItems"]
    if not wishes:
        raise bad(EMPTY_LIST)
    for wish in wishes:
        held = source_item(call.state, str(wish.get("sku")), str(wish.get("source_code")))
        if held is not None:
            call.state.source_items.delete(held["id"])
