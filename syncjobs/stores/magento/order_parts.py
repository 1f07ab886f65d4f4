"""Orders by what hangs on them: shipments, credit memos and invoices, each by a clock of its own. Its notes §20.1."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from connections.connectors.magento.changes import CLOCK
from ipaas.types import JSON
from mappings.core.canonical.json_fields import Row
from syncjobs.stores.magento.order_heads import ChangedHeads, ChangedRows
from syncjobs.stores.magento.orders import OrderRows
from syncjobs.stores.port import OrderHead, OrderPart


class MagentoOrderParts:
    """Fulfils `port.OrderParts`."""

    def __init__(self, rows: OrderRows) -> None:
        self._rows, client = rows, rows.client
        self._changed: dict[OrderPart, Callable[[datetime], Iterator[JSON]]] = {
            OrderPart.SHIPMENTS: client.shipments_changed,
            OrderPart.REFUNDS: client.creditmemos_changed,
            OrderPart.INVOICES: client.invoices_changed,
        }

    def changed_since(self, part: OrderPart, moment: datetime) -> ChangedHeads:
        return ChangedHeads(ChangedRows(lambda: self._changed[part](moment)), self._orders)

    def _orders(self, parts: Iterable[JSON]) -> Iterator[OrderHead]:
        """A call for each hundred. The latest part of an order comes last."""
        told = {order_id: row for row in parts if (order_id := str(row.get("order_id") or ""))}
        for head in self._rows.heads(self._rows.client.orders_by_id(sorted(told, key=int))):
            yield replace(head, changed_at=Row(told[head.id], f"A part of order {head.id}").moment(CLOCK))
