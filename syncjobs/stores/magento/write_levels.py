"""Writing source items: what the shop would take without a word is looked for before, and its limits are learnt.

Absolute quantities in lists as large as the shop takes, all or none each. Where it takes so few that a write would be
many calls, its queue works them off instead, if somebody works at it.
"""

from collections.abc import Sequence

from connections.connectors.magento import MagentoClient
from connections.connectors.magento.base import SaveFailed
from connections.models import Store
from errors.failures import NotFound, Rejected
from ipaas.types import JSON
from mappings.core.magento.source_items import is_same, source_item
from syncjobs.stores.level_port import Cause, LevelWrite
from syncjobs.stores.magento.learnt_sizes import LearntSize
from syncjobs.stores.magento.stock_queue import StockQueue

MOST_ITEMS = 500  # of one call (notes §5): a quarter of it is seconds of the shop's time
CALLS_UNTIL_QUEUED = 4
KNOWN_AT_ONCE = 20_000  # SKUs: a batch that is parted does not look for them again
COMPOSITE = frozenset({"configurable", "bundle", "grouped"})  # what lies on a shelf is their parts
MOST_FAILED = 8  # parts that a shop cannot save before it is the shop that is in trouble

UNKNOWN = "Magento has no product with this SKU."
COMPOSED = "Magento keeps no stock of this product: it is made of others, which are told."
NO_SOURCE = "Magento has no source “{}” any more."
UNSAVED = "Magento cannot save the stock of this SKU, and does not say why; the others it saves."


class LevelsRefused(Rejected):
    """What we do not send, or what the shop saves others beside: why, and which SKUs (none: all of them)."""

    def __init__(self, summary: str, cause: Cause, skus: Sequence[str] = ()) -> None:
        super().__init__(summary, status=422)
        self.cause = cause
        self.skus = frozenset(skus)


class SourceItemWriter:
    """Writes quantities of one place at a time."""

    def __init__(self, client: MagentoClient, store: Store) -> None:
        self._client = client
        self._rows = LearntSize(store, "source items of a call", MOST_ITEMS)
        self._types: dict[str, str] = {}  # of the SKUs looked for so far; "" for one that is none
        self.queue = StockQueue(client, store)

    def write(self, levels: Sequence[LevelWrite]) -> None:
        """A call for each two hundred SKUs to look for them, one for what is there, one for each list of rows.

        Raises LevelsRefused, Rejected, SaveFailed.
        """
        self._look_for([one.sku for one in levels])
        rows = self._differing(levels)
        if len(rows) > CALLS_UNTIL_QUEUED * self._rows.most and self.queue.is_open():
            rows = self.queue.worked_off(rows)
        while rows:
            part = rows[: self._rows.most]
            try:
                self._save(part)
            except Rejected as refusal:
                if isinstance(refusal, LevelsRefused):
                    raise
                self._rows.refused(refusal)
                continue
            rows = rows[len(part) :]

    def _look_for(self, skus: Sequence[str]) -> None:
        """Unknown SKUs would be taken and leave rows of nothing, composite ones mean nothing (notes §15.2)."""
        if len(self._types) > KNOWN_AT_ONCE:
            self._types = {}
        if fresh := [sku for sku in skus if sku not in self._types]:
            self._types |= dict.fromkeys(fresh, "")
            self._types |= {str(row["sku"]): str(row["type_id"]) for row in self._client.product_types(fresh)}
        if unknown := [sku for sku in skus if not self._types[sku]]:
            raise LevelsRefused(UNKNOWN, Cause.SKU_GONE, unknown)
        if composed := [sku for sku in skus if self._types[sku] in COMPOSITE]:
            raise LevelsRefused(COMPOSED, Cause.NOT_COUNTED, composed)

    def _differing(self, levels: Sequence[LevelWrite]) -> list[JSON]:
        """The rows that are not there as they should be."""
        place = levels[0].place
        present = {row["sku"]: row for row in self._client.source_items_of([one.sku for one in levels], [place])}
        rows = [source_item(one.sku, place, one.quantity + one.reserved, present.get(one.sku)) for one in levels]
        return [row for row in rows if not is_same(row, present.get(row["sku"]))]

    def _save(self, rows: Sequence[JSON]) -> None:
        """One call; where the shop cannot save them, those that keep it from it are found."""
        try:
            self._client.source_items_save(rows)
            self._rows.taken(len(rows))
        except SaveFailed as failure:
            place = rows[0]["source_code"]
            try:
                self._client.source(place)
            except NotFound:
                raise LevelsRefused(NO_SOURCE.format(place), Cause.PLACE_GONE) from failure
            self._save_parted(rows, failure)

    def _save_parted(self, rows: Sequence[JSON], failure: SaveFailed) -> None:
        """Raises LevelsRefused for those that stand alone at last; the failure when no part of them was saved."""
        waiting, bad, has_saved, failed = [list(rows)], list[str](), False, 0
        while waiting:
            part = waiting.pop()
            try:
                self._client.source_items_save(part)
                has_saved = True
            except SaveFailed:
                failed += 1
                if failed > MOST_FAILED and not has_saved:
                    raise
                middle = len(part) // 2
                if middle:
                    waiting += [part[middle:], part[:middle]]
                else:
                    bad += [row["sku"] for row in part]
        if not has_saved:
            raise failure
        if bad:
            raise LevelsRefused(UNSAVED, Cause.OTHER, bad)
