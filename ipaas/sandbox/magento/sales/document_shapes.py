"""Invoices, shipments, credit memos and transactions as the API shows them (apis/magento.md §9-§13)."""

from __future__ import annotations

from ipaas.sandbox.magento.sales.cents import Row, base
from ipaas.sandbox.magento.sales.states import BESIDE
from ipaas.sandbox.magento.state import State


def invoice_shape(state: State, row: Row) -> Row:
    """An invoice with items and comments."""
    return _with_comments(state, "invoice", row) | {
        "items": state.invoice_items.find(parent_id=row["entity_id"]),
        "extension_attributes": _beside(state, row),
    }


def creditmemo_shape(state: State, row: Row) -> Row:
    """A credit memo with a row for every row of the order."""
    return _with_comments(state, "creditmemo", row) | {
        "items": state.creditmemo_items.find(parent_id=row["entity_id"]),
        "extension_attributes": _beside(state, row),
    }


def shipment_shape(state: State, row: Row) -> Row:
    """A shipment with items, tracks and the source it left."""
    return _with_comments(state, "shipment", row) | {
        "items": state.shipment_items.find(parent_id=row["entity_id"]),
        "tracks": state.tracks.find(parent_id=row["entity_id"]),
        "packages": [],
        "extension_attributes": {"source_code": row.get("source_code")},
    }


def transaction_shape(state: State, row: Row) -> Row:
    """A transaction with those that followed it, which stand in lists once more by themselves (§13)."""
    children = state.transactions.find(order_id=row["order_id"], parent_id=row["transaction_id"])
    return row | {"child_transactions": [transaction_shape(state, child) for child in children]}


def comments_of(state: State, kind: str, parent_id: int) -> list[Row]:
    """Comments of a document, the newest first."""
    return state.document_comments.find(parent_id=parent_id, kind=kind)[::-1]


def _with_comments(state: State, kind: str, row: Row) -> Row:
    return row | {"comments": comments_of(state, kind, row["entity_id"])}


def _beside(state: State, row: Row) -> Row:
    """What gift cards and store credit paid of it; Adobe Commerce alone has them."""
    if not state.profile.is_commerce:
        return {}
    names = [name for column in BESIDE for name in (column, base(column))]
    return {name: row[name] for name in names if row.get(name)}
