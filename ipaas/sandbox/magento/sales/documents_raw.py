"""Documents stored as they are sent: no order, no counter and no stock hears of them (apis/magento.md §10, §11.1)."""

from __future__ import annotations

from ipaas.sandbox.magento.sales.cents import Row
from ipaas.sandbox.magento.sales.numbering import next_number
from ipaas.sandbox.magento.sales.order_lookup import order_of
from ipaas.sandbox.magento.state import State

INNER = ("items", "tracks", "comments", "packages", "extension_attributes", "entity_id", "updated_at")


def saved_raw(state: State, kind: str, given: Row) -> Row:
    """Store a document of a kind (invoice, shipment, creditmemo). Raises `Refused` 404 for an unknown order."""
    order = order_of(state, int(given["order_id"]))
    table, items = {
        "invoice": (state.invoices, state.invoice_items),
        "shipment": (state.shipments, state.shipment_items),
        "creditmemo": (state.creditmemos, state.creditmemo_items),
    }[kind]
    own = {"store_id": order["store_id"], "increment_id": next_number(state, kind, order["store_id"])}
    row = state.insert(table, own | {name: value for name, value in given.items() if name not in INNER})
    for item in given.get("items") or ():
        columns = {name: value for name, value in item.items() if name != "entity_id"}
        state.insert(items, columns | {"parent_id": row["entity_id"]})
    for track in given.get("tracks") or ():
        state.insert(state.tracks, track | {"parent_id": row["entity_id"], "order_id": order["entity_id"]})
    return row
