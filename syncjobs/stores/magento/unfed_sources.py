"""Sources that the website sells from and to which no stock is sent. Notes §15.1: its quantity is the sum of all."""

from collections.abc import Collection, Sequence

from connections.connectors.magento import MagentoClient
from connections.models import Store
from mappings.core.magento.source_items import quantity_of
from syncjobs.stores.level_port import Elsewhere

IN_STOCK = 1


class UnfedSources:
    """Those beside some sources, asked for once."""

    def __init__(self, client: MagentoClient, store: Store) -> None:
        self._client, self._stock_id = client, store.facts.get("stock_id")
        self._known: dict[frozenset[str], list[str]] = {}

    def pieces(self, skus: Sequence[str], fed: Collection[str]) -> list[Elsewhere]:
        codes = self._stocked(frozenset(fed)) if skus else []
        rows = self._client.source_items_of(skus, codes) if codes else []
        return [
            Elsewhere(sku=str(row["sku"]), place=str(row["source_code"]), pieces=pieces)
            for row in rows
            if row.get("status") == IN_STOCK and (pieces := int(quantity_of(row) // 1)) > 0
        ]

    def _stocked(self, fed: frozenset[str]) -> list[str]:
        """Sources of the website's stock that are switched on, not fed, and hold pieces of anything."""
        if self._stock_id is None:
            return []
        if fed not in self._known:
            rows = self._client.sources_of_stock(self._stock_id)
            enabled = [str(row["source_code"]) for row in rows if row.get("enabled") is not False]
            unfed = [code for code in enabled if code not in fed]
            self._known[fed] = unfed if unfed and self._client.stocked_count(unfed) else []
        return self._known[fed]
