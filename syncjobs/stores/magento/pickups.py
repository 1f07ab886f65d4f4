"""Telling a Magento shop of orders that are collected at a counter. Its notes §10.

Both are shipments from the place where the order is fetched: so the shop's stock and the order's state follow.
"""

from dataclasses import replace

from mappings.core.canonical.order import Order
from mappings.core.canonical.shipment import Invoice, Parcel
from mappings.core.magento.pickups import pickup_place, pieces_to_collect
from syncjobs.stores.magento.orders import OrderRows
from syncjobs.stores.magento.shipments import MagentoShipments
from syncjobs.stores.port import OrderHead


class MagentoPickups:
    """Fulfils `port.Pickups`."""

    def __init__(self, rows: OrderRows, shipments: MagentoShipments) -> None:
        self._rows, self._client, self._shipments = rows, rows.client, shipments

    def ready(self, order: Order) -> OrderHead:
        """The shop's own word for it, which ships all that is left and mails; and how the order then is."""
        self._client.pickup_ready(order.source_id)
        return self._rows.head(self._rows.read(order.source_id))

    def collected(self, order: Order, invoice: Invoice) -> OrderHead:
        """A shipment of which nobody is mailed: two calls; and how the order then is."""
        row = self._rows.known(order.source_id)
        pieces = pieces_to_collect(row, currency=self._rows.currency)
        parcel = Parcel(address_id="", pieces=pieces)
        untracked = replace(invoice, tracking=(), carrier="")
        self._shipments.ship(order.source_id, parcel, untracked, place=pickup_place(row), notifies=False)
        return self._rows.head(self._rows.read(order.source_id))
