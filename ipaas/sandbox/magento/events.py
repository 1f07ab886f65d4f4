"""Adobe I/O Events of Adobe Commerce: what was saved is told, at least once, after its commit (apis/magento.md §19).

The event's envelope is Adobe's and not in the note; readers are to trust nothing of it but that something was saved.
"""

from __future__ import annotations

import uuid

from ipaas.sandbox.core.jsonio import dumps
from ipaas.sandbox.core.outbox import Outbox
from ipaas.sandbox.magento.state import Row, State

OBSERVED = {
    "orders": "observer.sales_order_save_commit_after",
    "invoices": "observer.sales_order_invoice_save_after",
    "shipments": "observer.sales_order_shipment_save_after",
    "creditmemos": "observer.sales_order_creditmemo_save_after",
    "products": "observer.catalog_product_save_commit_after",
    "customers": "observer.customer_save_commit_after",
    "stock_items": "observer.cataloginventory_stock_item_save_commit_after",
}
PREFIX = "com.adobe.commerce."
MOST_TRIES = 7
RETRY_SECONDS = 60  # Commerce sends by cron


class Events:
    """Collects what a transaction saves and queues one event for each row before it commits."""

    def __init__(self, state: State, outbox: Outbox) -> None:
        self._state, self._outbox = state, outbox
        self._saved: dict[tuple[str, int], Row] = {}
        state.on_save = self._note
        outbox.retry = lambda row: RETRY_SECONDS if len(row["tries"]) < MOST_TRIES else None

    def _note(self, table: str, row: Row) -> None:
        if table in OBSERVED and self._state.switches["event_url"]:
            self._saved[table, row["id"]] = row

    def flush(self) -> None:
        """Queue what was saved, for whom subscribed to it."""
        saved, self._saved = self._saved, {}
        if not saved or not self._state.profile.is_commerce:
            return
        wanted = {row["name"]: row for row in self._state.event_subscriptions.all()}
        for (table, _), row in saved.items():
            subscription = wanted.get(OBSERVED[table])
            if subscription is not None:
                self._outbox.enqueue(self._state.switches["event_url"], self._body(subscription, row))

    def forget(self) -> None:
        """Drop what a transaction saved that did not commit."""
        self._saved.clear()

    def _body(self, subscription: Row, row: Row) -> str:
        names = [field["name"] for field in subscription.get("fields") or ()]
        value = {name: row[name] for name in names if name in row}
        event = {
            "specversion": "1.0",
            "id": str(uuid.uuid4()),
            "type": PREFIX + subscription["name"],
            "time": self._state.clock.now().isoformat(),
            "data": {"value": value, "_metadata": {"commerceVersion": self._state.profile.version}},
        }
        return dumps(event)
