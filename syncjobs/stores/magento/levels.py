"""Stock at Magento: source items by SKU and source, or the stock item of a shop without several sources."""

from collections.abc import Collection, Iterator, Sequence
from itertools import count

from connections.connect.magento.websites import source_of
from connections.connectors.magento import MagentoClient
from connections.models import Store
from errors.failures import ContractBroken, NotFound, NotOffered, Rejected, SyncFailure
from ipaas.types import JSON
from mappings.core.magento.source_items import quantity_of
from syncjobs.stores.level_port import Cause, Elsewhere, Level, LevelWrite, Refusal, ReservationGap, Reserved
from syncjobs.stores.magento.learnt_sizes import LearntSize
from syncjobs.stores.magento.legacy_levels import LegacyLevels
from syncjobs.stores.magento.reservations import Reservations
from syncjobs.stores.magento.unfed_sources import UnfedSources
from syncjobs.stores.magento.write_levels import LevelsRefused, SourceItemWriter

LEVELS_PER_PAGE = 1_000
MOST_WRITES = 2_000


class MagentoLevels:
    """Fulfils `level_port.Levels` (Magento notes §15). It knows SKUs alone, and places by their source codes.

    A shop without several sources says so by having no such route; it has one place.
    """

    most_writes = MOST_WRITES
    has_ids = False

    def __init__(self, client: MagentoClient, store: Store) -> None:
        self._client, self._default = client, source_of(store)
        self._page = LearntSize(store, "rows of a page", LEVELS_PER_PAGE)
        self._writer = SourceItemWriter(client, store)
        self._legacy = LegacyLevels(client)
        self._reservations = Reservations(client, store)
        self._unfed = UnfedSources(client, store)

    def pages(self, place: str, *, first: int = 1) -> Iterator[list[Level]]:
        try:
            yield from self._pages(place, first)
        except NotOffered:
            yield from self._legacy.pages(place, first)

    def _pages(self, place: str, first: int) -> Iterator[list[Level]]:
        for number in count(first):
            try:
                page = self._client.source_items(place, page=number, page_size=self._page.most)
            except Rejected as refusal:  # pages are smaller from now on: what it holds was not passed yet
                self._page.refused(refusal)
                yield from self._pages(place, number)
                return
            if not page.rows and number == first:
                self._client.source(place)  # a source that is not there has no rows either: NotFound
            yield [level_from_magento(row) for row in page.rows]
            if number * self._page.most >= page.total or not page.rows:
                return

    def levels(self, skus: Sequence[str]) -> list[Level]:
        return self._levels_of(skus, self._default)

    def level(self, sku: str, place: str, *, variant_id: str = "") -> Level | None:
        return next((one for one in self._levels_of([sku], place) if one.sku == sku), None)

    def _levels_of(self, skus: Sequence[str], place: str) -> list[Level]:
        try:
            return [level_from_magento(row) for row in self._client.source_items_of(skus, [place])]
        except NotOffered:
            return self._legacy.levels(skus)

    def reserved(self, places: Collection[str]) -> Sequence[Reserved]:
        return self._reservations.of(places)

    def reserved_otherwise(self, *, first: int = 1) -> Iterator[list[ReservationGap]]:
        return self._reservations.otherwise(first)

    def elsewhere(self, skus: Sequence[str], places: Collection[str]) -> Sequence[Elsewhere]:
        return self._unfed.pieces(skus, places)

    def late(self) -> Collection[str]:
        return self._writer.queue.late()

    def write(self, levels: Sequence[LevelWrite]) -> None:
        try:
            self._writer.write(levels)
        except NotOffered:
            self._legacy.write(levels)

    def refusal_of(self, levels: Sequence[LevelWrite], failure: SyncFailure) -> Refusal:
        if not isinstance(failure, LevelsRefused):
            cause = Cause.PLACE_GONE if isinstance(failure, NotFound) else Cause.OTHER
            return Refusal(cause=cause, words=failure.in_full)
        named = tuple(one for one in levels if one.sku in failure.skus)
        return Refusal(cause=failure.cause, words=failure.summary, named=named)

    def count(self, sku: str, product_id: str, *, is_by_variant: bool) -> None:
        self._client.stock_item_save(sku, {"manage_stock": True, "use_config_manage_stock": False})


def level_from_magento(row: JSON) -> Level:
    """A source item; of part of a piece only the whole ones count. Raises ContractBroken."""
    if not isinstance(row.get("sku"), str):
        raise ContractBroken("Magento's stock does not say of what it is.")
    return Level(sku=row["sku"], onhand=int(quantity_of(row) // 1))
