"""What open orders reserve, by the orders themselves: the shop lists its reservations nowhere (notes §15.1)."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import count

from connections.connectors.magento import MagentoClient
from connections.connectors.magento.criteria import LARGEST_PAGE
from connections.models import Store
from errors.failures import ContractBroken, NotFound
from ipaas.types import JSON
from mappings.core.magento.reserved import reserved_by
from mappings.core.magento.source_items import IN, quantity_of
from syncjobs.stores.level_port import ReservationGap, Reserved


class Reservations:
    """Those of the stock that the website sells from."""

    def __init__(self, client: MagentoClient, store: Store) -> None:
        self._client, self._facts = client, store.facts
        self._sources: list[str] | None = None

    def of(self, places: Collection[str]) -> Sequence[Reserved]:
        """A call for each page of open orders, and one for the order of sources where several are told.

        They stand at the source that the website sells from first: which one ships, the shop decides by its quantity.
        """
        if self._facts.get("stock_id") is None:  # one source: its quantity falls with each order
            return ()
        place = self._first_of(places)
        return [
            Reserved(order_id=str(order["entity_id"]), sku=sku, place=place, pieces=pieces)
            for order in self._client.iter_open_orders()
            for sku, pieces in _reserved_by(order).items()
        ]

    def otherwise(self, first: int) -> Iterator[list[ReservationGap]]:
        """SKUs whose open orders reserve another number than the shop takes off what it sells.

        Each is looked at twice: an order that came between two readings is no gap. A few calls for each page of SKUs.
        """
        if self._facts.get("stock_id") is None:
            return
        ordered = self._ordered()
        for number in count(first):
            page = self._client.salable(self._facts["website"], page=number, page_size=LARGEST_PAGE)
            gaps = self._gaps(page.rows, ordered)
            if gaps:
                skus = [one.sku for one in gaps]
                gaps = self._gaps(self._client.salable_of(self._facts["website"], skus), self._ordered())
            yield [one for one in gaps if not self._is_explained(one)]
            if number * page.size >= page.total or not page.rows:
                return

    def _gaps(self, salable: Sequence[JSON], ordered: Counter[str]) -> list[ReservationGap]:
        """Of some rows of what is sold: what lies there, less that, is what the shop reserves."""
        sold = {str(row["sku"]): quantity_of({"quantity": row["qty"]}) for row in salable if row.get("qty") is not None}
        lies: Counter[str] = Counter()
        for row in self._client.source_items_of(list(sold), self._by_priority()) if sold else ():
            if row.get("status") == IN:
                lies[row["sku"]] += int(quantity_of(row))
        kept = {sku: int(lies[sku] - qty) for sku, qty in sold.items()}
        found = [ReservationGap(sku=sku, ordered=ordered[sku], reserved=pieces) for sku, pieces in kept.items()]
        return [one for one in found if one.reserved != one.ordered]

    def _is_explained(self, gap: ReservationGap) -> bool:
        """The shop keeps the last pieces of a product back, or does not count it: its own settings say so."""
        try:
            item = self._client.stock_item(gap.sku)
        except NotFound:
            return True
        kept_back = int(item.get("min_qty") or 0)
        return item.get("manage_stock") is False or gap.reserved - gap.ordered == kept_back

    def _first_of(self, places: Collection[str]) -> str:
        if len(places) == 1:
            return next(iter(places))
        return next((code for code in self._by_priority() if code in places), min(places, default=""))

    def _by_priority(self) -> list[str]:
        if self._sources is None:
            rows = self._client.sources_of_stock(int(self._facts["stock_id"]))
            self._sources = [str(row["source_code"]) for row in rows if row.get("enabled") is not False]
        return self._sources

    def _ordered(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for order in self._client.iter_open_orders():
            if self._facts["views"].get(str(order.get("store_id"))) == self._facts["website_id"]:
                found.update(_reserved_by(order))
        return found


def _reserved_by(order: JSON) -> Counter[str]:
    """Nothing of an order that cannot be read: its pieces are then taken off twice, and none is sold twice."""
    try:
        return reserved_by(order)
    except ContractBroken:
        return Counter()
