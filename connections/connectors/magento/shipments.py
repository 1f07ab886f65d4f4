"""Shipments and their tracking (notes §10).

Bodies are built here from typed arguments alone: the shop ignores a key that it does not know, and without `items` it
ships everything that is left.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from connections.connectors.http import segment
from connections.connectors.magento.changes import KEY, PartCalls
from connections.connectors.magento.criteria import Filter
from connections.connectors.magento.rights import PICKUP_READY, PRODUCTS, SHIP, SHIPMENTS
from connections.connectors.needs import needs
from errors.failures import ContractBroken, Rejected
from ipaas.types import JSON

SHIPMENTS_PER_PAGE = 100
SHIPMENT_TYPE, APART = "shipment_type", "1"  # of a bundle (§8.3)


@dataclass(frozen=True, kw_only=True)
class ShippedItem:
    """Pieces of an order's row."""

    order_item_id: int
    qty: int


@dataclass(frozen=True, kw_only=True)
class Track:
    """One number; the shop makes a link of it for the codes ups, usps, fedex and dhl."""

    carrier_code: str
    title: str
    track_number: str


@dataclass(frozen=True, kw_only=True)
class Shipping:
    """What leaves of an order at once, from one source."""

    items: Sequence[ShippedItem]  # never empty: see the module
    tracks: Sequence[Track]
    comment: str  # which no shopper sees
    source_code: str  # "" leaves it to the shop, which takes its only source or `default`
    notifies: bool  # the shop mails the shopper

    def body(self) -> JSON:
        if not self.items:
            raise ValueError("a shipment without items would ship everything")
        body: JSON = {
            "items": [vars(item) for item in self.items],
            "notify": self.notifies,
            "appendComment": False,
            "comment": {"comment": self.comment, "is_visible_on_front": 0},
            "tracks": [vars(track) for track in self.tracks],
        }
        source = {"arguments": {"extension_attributes": {"source_code": self.source_code}}}
        return body | (source if self.source_code else {})


class ShipmentCalls(PartCalls):
    """What left of an order."""

    @needs(SHIPMENTS)
    def shipments_of(self, order_id: str) -> list[JSON]:
        """All shipments of an order: none, too, for an order that there is not."""
        groups = [[Filter(field="order_id", value=order_id)]]
        return list(self._walk("/shipments", "shipments", groups, key=KEY, page_size=SHIPMENTS_PER_PAGE))

    @needs(SHIPMENTS)
    def shipments_changed(self, since: datetime) -> Iterator[JSON]:
        """See `PartCalls`."""
        return self._parts_changed("/shipments", "shipments", since)

    @needs(SHIPMENTS)
    def shipment_read(self, shipment_id: str) -> JSON:
        """One shipment with its items, tracks and comments. Raises NotFound."""
        return self._read(f"/shipment/{segment(shipment_id)}", f"shipment {shipment_id}")

    @needs(PRODUCTS)
    def bundles_apart(self, product_ids: Sequence[str]) -> set[str]:
        """Which of these bundles leave part by part; those that are gone are not told of."""
        groups = [[Filter(field=KEY, value=",".join(product_ids), condition="in")]]
        fields = f"items[id,custom_attributes[{SHIPMENT_TYPE}]],total_count"
        rows = self._walk("/products", "products", groups, key=KEY, page_size=SHIPMENTS_PER_PAGE, fields=fields)
        return {str(row.get("id")) for row in rows if _attribute(row, SHIPMENT_TYPE) == APART}

    @needs(SHIP)
    def ship(self, order_id: str, shipping: Shipping) -> str:
        """Ship; answers the shipment's id. Not safe to repeat: look before.

        A quantity above what is left is cut in silence: read what was made. Raises NotFound or Rejected; SaveFailed,
        mostly where the source has too few or none of them.
        """
        answer = self._send("POST", self._v1(f"/order/{segment(order_id)}/ship"), body=shipping.body())
        if not str(answer.data or "").isdecimal():
            raise ContractBroken("Magento made a shipment without telling its id.")
        return str(answer.data)

    @needs(PICKUP_READY)
    def pickup_ready(self, order_id: str) -> None:
        """Ship what is left of a pickup order from where it is fetched, and mail that it can be: look before.

        Raises NotFound, or Rejected with what the shop says.
        """
        path = self._v1("/order/notify-orders-are-ready-for-pickup")
        answer = self._object(self._send("POST", path, body={"orderIds": [int(order_id)]}), "result")
        if answer.get("successful") is not True:
            words = " ".join(map(str, answer.get("errors") or ["it does not say why"]))
            raise Rejected(f"Magento did not tell the shopper: {words}", status=200)

    @needs(SHIPMENTS)
    def track_add(self, order_id: str, shipment_id: str, track: Track) -> None:
        """Add a number to a shipment; twice makes two. Raises NotFound or Rejected."""
        named = {"order_id": int(order_id), "parent_id": int(shipment_id)}
        unused = {"weight": 0, "qty": 0, "description": ""}  # required by the shop
        self._send("POST", self._v1("/shipment/track"), body={"entity": named | unused | vars(track)})

    @needs(SHIPMENTS)
    def track_remove(self, track_id: str) -> None:
        """Take a number off its shipment. Raises NotFound."""
        self._send("DELETE", self._v1(f"/shipment/track/{segment(track_id)}"))

    @needs(SHIPMENTS)
    def shipment_mail(self, shipment_id: str) -> None:
        """Mail the shopper of a shipment again, with the numbers that it has now."""
        self._send("POST", self._v1(f"/shipment/{segment(shipment_id)}/emails"))


def _attribute(row: JSON, code: str) -> str:
    attributes = row.get("custom_attributes")
    named = {one.get("attribute_code"): one.get("value") for one in attributes or () if isinstance(one, dict)}
    return str(named.get(code) or "")
