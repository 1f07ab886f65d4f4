"""Shipments at Magento. Its notes §10."""

from connections.connectors.magento.base import SaveFailed
from connections.connectors.magento.shipments import ShippedItem, Shipping, Track
from errors.failures import Rejected
from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.shipment import Invoice, Parcel, Shipment, Tracking
from mappings.core.magento.shipments import Parts, by_bundles, comment_of, parts_of, shipment_from_magento
from mappings.core.magento.tracking import carrier_code, numbers_of, title_of, tracking_of
from syncjobs.stores.magento.orders import OrderRows


class MagentoShipments:
    """Fulfils `port.Shipments`."""

    def __init__(self, rows: OrderRows, source: str) -> None:
        """`source` ships where no other is named; "" where the shop has no several sources, and takes none."""
        self._rows, self._client, self._source = rows, rows.client, source

    def shipments(self, order_id: str) -> list[Shipment]:
        """One call, and one for the order where this run has not read it: its bundles tell what a row's pieces are."""
        parts = parts_of(self._rows.known(order_id))
        return [shipment_from_magento(answer, parts) for answer in self._client.shipments_of(order_id)]

    def ship(
        self, order_id: str, parcel: Parcel, invoice: Invoice, *, place: str = "", notifies: bool = True
    ) -> Shipment:
        """Two calls: what is above what the shop has left is cut in silence, so that the shipment is read.

        One more for an order with bundles, whose products say whether they leave undivided.
        """
        parts = parts_of(self._rows.known(order_id))
        shipping = Shipping(
            items=self._items(order_id, parcel, parts),
            tracks=_tracks(invoice),
            comment=comment_of(invoice, tracking_of(invoice).further),
            source_code=self._source and (place or self._source),
            notifies=notifies,
        )
        try:
            shipment_id = self._client.ship(order_id, shipping)
        except SaveFailed as failure:
            where = f"its source {shipping.source_code}" if shipping.source_code else "the shop"
            summary = f"Magento could not save the shipment: mostly {where} has too few of the goods, or none."
            raise SaveFailed(summary, detail=failure.detail) from failure
        return shipment_from_magento(self._client.shipment_read(shipment_id), parts)

    def track(self, order_id: str, shipment_id: str, invoice: Invoice, *, notifies: bool = True) -> Shipment:
        """The shipment, each number that comes or goes, the mail, and the shipment again: a call each."""
        parts = parts_of(self._rows.known(order_id))
        there = Row(self._client.shipment_read(shipment_id), f"Shipment {shipment_id}")
        wanted = _tracks(invoice)
        for row in there.rows("tracks", "track"):
            known = Track(
                carrier_code=row.text("carrier_code"), title=row.text("title"), track_number=row.text("track_number")
            )
            if known in wanted:
                wanted.remove(known)
            else:
                self._client.track_remove(row.identifier("entity_id"))
        for track in wanted:
            self._client.track_add(order_id, shipment_id, track)
        if wanted and notifies:
            self._client.shipment_mail(shipment_id)
        return shipment_from_magento(self._client.shipment_read(shipment_id), parts)

    def tracking_of(self, invoice: Invoice) -> Tracking:
        return tracking_of(invoice)

    def _items(self, order_id: str, parcel: Parcel, parts: Parts) -> list[ShippedItem]:
        """By the rows that the shop takes. Raises Rejected where only part of a bundle that leaves undivided would."""
        named = {line for line, _ in parcel.pieces}
        bundles = {bundle for bundle, of in parts.items() if named & of.keys()}
        found = by_bundles(parcel.pieces, parts, self._whole(order_id, bundles))
        if found is None:
            raise Rejected(
                "A bundle leaves undivided in the store, and only some of its parts are to leave.", status=400
            )
        return [ShippedItem(order_item_id=int(line), qty=count) for line, count in found.items()]

    def _whole(self, order_id: str, bundles: set[str]) -> set[str]:
        """Those that leave undivided, by their products; one whose product is gone as the shop does unless told."""
        if not bundles:
            return set()
        rows = self._rows.known(order_id)["items"]
        products = {str(row["item_id"]): str(row.get("product_id")) for row in rows if str(row["item_id"]) in bundles}
        apart = self._client.bundles_apart(sorted(set(products.values()), key=int))
        return {bundle for bundle, product in products.items() if product not in apart}


def _tracks(invoice: Invoice) -> list[Track]:
    code, title = carrier_code(invoice), title_of(invoice)
    return [Track(carrier_code=code, title=title, track_number=number) for number in numbers_of(invoice)]
