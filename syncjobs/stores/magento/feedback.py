"""What a Magento order is told. Its notes §8.1, §12.

Our number stands in a comment that no shopper sees. A comment takes the order's status along: it is read just before,
because old releases blank a status that is not sent and newer ones refuse one that is not of the state.
"""

from errors.failures import Rejected
from ipaas.types import JSON
from mappings.core.canonical.json_fields import Row
from mappings.core.magento.order_texts import comment_of, is_noted, note_of, number_told
from mappings.core.magento.statuses import CANCELED, HELD, STATUSES
from syncjobs.stores.magento.orders import OrderRows
from syncjobs.stores.port import OrderHead

BY_ITSELF = "Magento gives its orders this state by itself, by what was invoiced, shipped and refunded."


class MagentoFeedback:
    """Fulfils `port.Feedback`."""

    def __init__(self, rows: OrderRows) -> None:
        self._rows, self._client = rows, rows.client

    def number_write(self, order_id: str, number: str, *, status: str = "") -> OrderHead:
        """Two calls, one where the number stands there already; two more to move it."""
        row = self._rows.read(order_id)
        if number_told(Row(row, f"Order {order_id}")) != number:
            self._client.comment_add(order_id, comment_of(number), str(row.get("status") or ""))
        return self._moved(row, status) if status else self._rows.head(row)

    def status_write(self, order_id: str, status: str) -> OrderHead:
        """Three calls; one where the order is in it already."""
        return self._moved(self._rows.read(order_id), status)

    def note_write(self, order_id: str, text: str) -> OrderHead:
        row = self._rows.read(order_id)
        if not is_noted(Row(row, f"Order {order_id}"), text):
            self._client.comment_add(order_id, note_of(text), str(row.get("status") or ""))
        return self._rows.head(row)

    def _moved(self, row: JSON, status: str) -> OrderHead:
        """Cancelled or put on hold; every other state is Magento's to give. Raises Rejected."""
        head = self._rows.head(row)
        if head.status == status:
            return head
        if status == CANCELED:
            self._client.order_cancel(head.id)
        elif status == HELD:
            self._client.order_hold(head.id)
        else:
            name = STATUSES[status].name if status in STATUSES else status
            raise Rejected(f"An order cannot be moved to {name} from outside. {BY_ITSELF}", status=400)
        return self._rows.head(self._rows.read(head.id))
