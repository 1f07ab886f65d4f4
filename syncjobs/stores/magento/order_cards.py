"""Gift cards as Adobe Commerce's orders tell of them: no call lists cards or moves one. Its notes §18."""

from ipaas.masking import SECRET
from mappings.core.canonical.card import CardsOfOrder
from mappings.core.magento.order_cards import cards_of_order
from syncjobs.stores.magento.orders import OrderRows


class MagentoOrderCards:
    """Fulfils `port.OrderCards`."""

    def __init__(self, rows: OrderRows) -> None:
        self._rows = rows

    def of(self, order_id: str) -> CardsOfOrder:
        found = cards_of_order(self._rows.known(order_id), currency=self._rows.currency)
        self._rows.client.redactor.conceal(SECRET, [one.number for one in (*found.sold, *found.spent)])
        return found
