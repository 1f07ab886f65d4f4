"""What a Magento shop gave back: its credit memos (notes §11.2)."""

from mappings.core.canonical.order import Order
from mappings.core.canonical.refund import Refund
from mappings.core.magento.refunds import refunds_from_magento
from syncjobs.stores.magento.give_back import GivingBack


class MagentoRefunds(GivingBack):
    """Fulfils `port.Refunds`."""

    def refunds(self, order: Order) -> list[Refund]:
        """The order's rows tell what a memo's are: known from the order's own reading, or from the list it came in."""
        memos = self._memos[order.source_id] = self._client.creditmemos_of(order.source_id)
        return refunds_from_magento(self._rows.known(order.source_id), memos, currency=self._rows.currency)
