"""Heartland's lists of what changed, behind the port (its notes, §9, §12)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from connections.connectors.heartland import HeartlandClient
from connections.models import Connection
from mappings.core.heartland.invoices import invoice_version
from mappings.core.heartland.sales_orders import sales_order_from_heartland
from mappings.core.heartland.till_returns import return_version
from syncjobs.pos.port import ChangedOrder, CustomerHead, InvoiceHead, ReturnHead

PENDING, VOID = "pending", "void"


class HeartlandFeeds:
    """Fulfils `port.Feeds`."""

    def __init__(self, client: HeartlandClient, connection: Connection) -> None:
        self._client = client
        self._connection = connection

    def invoices(self, after: str, *, since: datetime) -> tuple[list[InvoiceHead], bool]:
        rows, has_more = self._client.invoices_page(int(after or 0), updated_since=since)
        settings = self._connection.order_settings
        fields = {"tracking_field": settings.tracking_field, "carrier_field": settings.carrier_field}
        return [
            InvoiceHead(
                id=str(row["id"]),
                order_id=str(row.get("order_id") or ""),
                version=invoice_version(row, **fields),
                is_pending=row.get("status") == PENDING,
                changed_at=changed_at(row),
            )
            for row in rows
        ], has_more

    def sales_orders(self, after: str, *, since: datetime) -> tuple[list[ChangedOrder], bool]:
        rows, has_more = self._client.orders_changed_page(int(after or 0), since=since)
        return [ChangedOrder(sales_order_from_heartland(row), changed_at(row)) for row in rows], has_more

    def till_returns(self, after: str, *, since: datetime) -> tuple[list[ReturnHead], bool]:
        rows, has_more = self._client.returns_page(int(after or 0), updated_since=since)
        return [
            ReturnHead(
                id=str(row["id"]),
                parent_id=str(row.get("parent_transaction_id") or ""),
                customer_id=str(row.get("customer_id") or ""),
                version=return_version(row),
                is_void=row.get("status") == VOID,
                changed_at=changed_at(row),
            )
            for row in rows
        ], has_more

    def orders_of_invoices(self, ids: Sequence[str]) -> Mapping[str, str]:
        return {str(row["id"]): str(row.get("order_id") or "") for row in self._client.invoices_by_ids(ids)}

    def customers(self, after: str, *, since: datetime) -> tuple[list[CustomerHead], bool]:
        rows, has_more = self._client.customers_changed_page(int(after or 0), since=since)
        return [
            CustomerHead(
                id=str(row["id"]),
                version=str(row["updated_at"]),
                changed_at=changed_at(row),
                is_living=row.get("active?") is not False and not row.get("deleted_at"),
            )
            for row in rows
        ], has_more

    def returns_of(self, invoices: Sequence[str]) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for ticket in self._client.returns_of(invoices):
            found[str(ticket["parent_transaction_id"])].append(str(ticket["id"]))
        return found


def changed_at(row: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(str(row["updated_at"]))
