"""Which flow looks at what a webhook names. A topic without a flow is kept in the inbox and starts nothing yet."""

from collections.abc import Mapping
from typing import Any

from ipaas.types import System

FLOW_OF_TOPIC = {
    "store/order/created": "orders",
    "store/order/updated": "orders",
    "store/order/archived": "orders",
    "store/order/statusUpdated": "orders",
    "store/order/refund/created": "orders",
    "store/order/transaction/updated": "orders",
    "store/shipment/created": "orders",  # what left by hand is not to be packed again
    "store/shipment/deleted": "orders",  # and so are its invoices, when the store shows less than it was told
}

ECHOES = {"store/order/updated"}  # our own writes to an order are told of by these too
MOVES_STOCK = {"sales_transaction_completed"}  # the ledger is looked at now instead of when it is due
SHIPS = {"sales_transaction_completed"}  # and so are the invoices, as one may have been completed
EDITS_SHIPMENTS = {"store/shipment/updated"}  # the invoice that made it is looked at
MENDS = {"item_created", "item_updated", "customer_created", "customer_updated"}  # perhaps what held records wait for
CHANGES_ITEMS = {  # the catalogue's changes are looked at now
    "item_created": "heartland.items",
    "item_updated": "heartland.items",
    "store/product/created": "bigcommerce.products",
    "store/product/updated": "bigcommerce.products",
}


def flow_of(topic: str) -> str | None:
    """The flow for a BigCommerce scope or Heartland event; None when none handles it yet."""
    return FLOW_OF_TOPIC.get(topic)


def record_of(system: System, topic: str, body: Mapping[str, Any]) -> str:
    """The id of the record that a callback names, as text; empty when it names none.

    BigCommerce notes §25.2: transactions and shipments name their order beside their own id.
    """
    if system == System.HEARTLAND:
        return id_text(body.get("id"))
    data = body.get("data")
    if not isinstance(data, Mapping):
        return ""
    if topic.startswith("store/order/transaction/"):
        return id_text(data.get("order_id"))
    if topic.startswith("store/shipment/"):
        return id_text(data.get("orderId"))
    return id_text(data.get("id"))


def id_text(value: Any) -> str:
    """An id of at most 80 printable signs; anything else is none."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return ""
    text = str(value)
    return text if len(text) <= 80 and text.isprintable() else ""
