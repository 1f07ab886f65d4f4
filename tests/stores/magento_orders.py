"""What shoppers and staff do with orders in the Magento sandbox, for the contract suite."""

import json
from abc import ABC
from decimal import Decimal
from typing import Any, ClassVar

import pytest

from connections.connectors.magento import orders, shipments
from ipaas.types import JSON
from mappings.core.magento.statuses import (
    FRAUD,
    HELD,
    PART_SHIPPED,
    PROCESSING,
    SHIPPED,
)
from tests.stores.under_test import CHARGE, CREDIT, MOVE, NUMBER, ORDER, ORDERS, REFUND, SHIP, TRACK, StoreUnderTest

LABELS = {"new": "pending"}  # of states whose own status has another name
ORDER_CALLS = {
    ORDER: ("GET", r"/V1/orders/[0-9]+$"),
    ORDERS: ("GET", r"/V1/orders\?"),
    NUMBER: ("POST", r"/V1/orders/[0-9]+/comments"),
    SHIP: ("POST", r"/V1/order/[0-9]+/ship"),
    REFUND: ("POST", r"/V1/(order|invoice)/[0-9]+/refund"),
    CHARGE: ("POST", r"/V1/order/[0-9]+/invoice"),
}


class OrdersOfMagento(StoreUnderTest, ABC):
    """The part of a StoreUnderTest that is about orders."""

    moves = (HELD, HELD)  # what is paid is cancelled no more
    uncounted = frozenset({FRAUD, PART_SHIPPED, SHIPPED})
    costs: ClassVar[dict[str, int]] = {
        CREDIT: 3,  # whose address the import names, what is there, the import
        NUMBER: 2,  # the status is read just before, since a comment takes it along
        MOVE: 2,  # the act, and what became of the order, of which it says nothing
        SHIP: 2,  # and what was made: pieces above what is left are cut in silence
        TRACK: 4,  # what is there, the number, the mail, what is there then
    }

    def order_pages_of(self, monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
        monkeypatch.setattr(orders, "ORDERS_PER_PAGE", rows)
        monkeypatch.setattr(shipments, "SHIPMENTS_PER_PAGE", rows)

    def account(self) -> str:
        return str(self.sandbox.rows("customers")[0]["email"]).lower()

    def order_total(self, order_id: str) -> Decimal:
        return Decimal(str(self._order(order_id)["grand_total"]))

    def order_move(self, order_id: str, status: str) -> None:
        """By what brings an order there, where something does; else as a module of the merchant's."""
        match status:
            case _ if status == HELD:
                self.sandbox.post(f"/_sim/orders/{order_id}/hold", {})
            case _ if status in {PART_SHIPPED, SHIPPED}:
                self.sandbox.post(f"/_sim/orders/{order_id}/ship", {"part": status == PART_SHIPPED})
                self._relabel(order_id, PROCESSING, PROCESSING)
            case _ if status == FRAUD:
                self._relabel(order_id, FRAUD, PROCESSING)
            case _:
                self._relabel(order_id, LABELS.get(status, status), status)

    def order_remove(self, order_id: str) -> None:
        """Nothing of the shop's own removes an order: a module does."""
        state = self.server.app.service.state
        state.orders.delete(int(order_id))

    def order_note(self, order_id: str, text: str) -> None:
        self.sandbox.post(f"/_sim/orders/{order_id}/comment", {"comment": text})

    def number_shown(self, order_id: str) -> str:
        told = [row["comment"] or "" for row in self._order(order_id)["status_histories"]]
        numbers = [text.rpartition(" ")[2] for text in told if text.startswith("Heartland sales order")]
        return numbers[-1] if numbers else ""

    def taken(self, order_id: str) -> Decimal:
        rows = [row for row in self.sandbox.rows("transactions") if str(row["order_id"]) == order_id]
        notes = [json.loads(row["additional_information"][0]) for row in rows if row["txn_type"] == "capture"]
        return sum((Decimal(note["amount"]) for note in notes), Decimal(0))

    def tracking_shown(self, order_id: str) -> list[str]:
        rows = [row for row in self.sandbox.rows("shipments") if str(row["order_id"]) == order_id]
        tracks = self.sandbox.rows("tracks")
        return [
            ", ".join(one["track_number"] for one in tracks if one["parent_id"] == row["entity_id"]) for row in rows
        ]

    def _order(self, order_id: str) -> JSON:
        found: JSON = self.sandbox.get(f"/_sim/orders/{order_id}")
        return found

    def _relabel(self, order_id: str, status: str, state: str) -> None:
        body: dict[str, Any] = {"status": status, "state": state}
        self.sandbox.post(f"/_sim/orders/{order_id}/status", body)
