"""Shipments at BigCommerce. Its notes §14."""

from connections.connectors.bigcommerce import BigCommerceClient
from mappings.core.bigcommerce.shipments import shipment_body, shipment_from_bigcommerce
from mappings.core.bigcommerce.tracking import tracking_of
from mappings.core.canonical.shipment import Invoice, Parcel, Shipment, Tracking


class BigCommerceShipments:
    """Fulfils `port.Shipments`."""

    def __init__(self, client: BigCommerceClient) -> None:
        self._client = client

    def shipments(self, order_id: str) -> list[Shipment]:
        return [shipment_from_bigcommerce(answer) for answer in self._client.order_shipments(order_id)]

    def ship(
        self, order_id: str, parcel: Parcel, invoice: Invoice, *, place: str = "", notifies: bool = True
    ) -> Shipment:
        """One call. The store takes no place, and mails by its own settings."""
        return shipment_from_bigcommerce(self._client.shipment_create(order_id, shipment_body(parcel, invoice)))

    def track(self, order_id: str, shipment_id: str, invoice: Invoice, *, notifies: bool = True) -> Shipment:
        """One call."""
        return shipment_from_bigcommerce(
            self._client.shipment_update(order_id, shipment_id, tracking_of(invoice).shown)
        )

    def tracking_of(self, invoice: Invoice) -> Tracking:
        return tracking_of(invoice)
