"""A connected pair whose items are linked and whose locations all count; what both systems hold, read from outside."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from django.conf import LazySettings
from django.utils import timezone

from connections.clients import heartland_client
from connections.connect.bigcommerce.clients import bigcommerce_client
from connections.models import InventorySettings
from mappings.core.rules.stock_arithmetic import Figures, Rule, figures_of, sellable
from mappings.models import LEFT_ALONE, StockLevel
from syncjobs.models import Cursor, Run
from syncjobs.stock.follow_ledger import Followed, stock_follow
from syncjobs.stock.follow_locations import SYNC
from tests.bulk import link_all, run_whole, work
from tests.flows.conftest import Pair, heartland_server, open_store, pair

__all__ = ["heartland_server", "open_store", "pair"]


@dataclass
class Shelf:
    """Stock at both ends of a pair."""

    pair: Pair

    def sync(self, *, kind: str = SYNC) -> Run:
        """A full run from its start to its end."""
        return run_whole(self.pair.connection, kind)

    def work(self, run: Run) -> Run:
        return work(run)

    def follow(self) -> Followed | None:
        """Look at the ledger now."""
        Cursor.objects.filter(feed=Cursor.STOCK).update(due_at=timezone.now())
        return stock_follow(connection=self.pair.connection, now=timezone.now())

    def web(self) -> dict[str, int]:
        """What the store holds, by SKU, for linked items."""
        client = bigcommerce_client(self.pair.connection.store)
        levels = {
            row["identity"]["sku"]: row["total_inventory_onhand"] for page in client.iter_levels(1) for row in page
        }
        return {level.sku: levels[level.sku] for level in self.levels()}

    def expected(self, rule: Rule | None = None, pending: Mapping[str, int] | None = None) -> dict[str, int]:
        """What the formula says, from Heartland's own stock at this moment."""
        connection = self.pair.connection
        places = [place.external_id for place in connection.heartland.locations.filter(is_active=True)]
        stock, has_more = dict[int, Figures](), True
        while has_more:
            rows, has_more = heartland_client(connection.heartland).stock_page(max(stock, default=0), places)
            stock |= {row["item_id"]: figures_of(row) for row in rows}
        return {
            level.sku: sellable(
                stock.get(level.item_id, Figures()), rule or Rule(), (pending or {}).get(level.sku, 0)
            ).quantity
            for level in self.levels()
        }

    def expected_of(self, sku: str) -> int:
        """The same of one SKU."""
        return self.expected()[sku]

    def levels(self) -> list[StockLevel]:
        """Those whose stock is kept alike."""
        return list(StockLevel.objects.filter(refusal="").exclude(LEFT_ALONE).order_by("item_id"))

    def calls(self) -> Counter[str]:
        """Calls that both systems counted since the last time, by method and path."""
        found: Counter[str] = Counter()
        for system in (self.pair.heartland, self.pair.bigcommerce):
            found.update(system.get("/_sim/calls")["counts"])
            system.delete("/_sim/calls")
        return found

    def move(self, sku: str, quantity: int, location: str = "MAIN") -> None:
        """Someone at the shop adjusts the stock."""
        self.pair.heartland.post("/_sim/staff/adjust", {"location": location, "sku": sku, "qty": quantity})


@pytest.fixture
def shelf(pair: Pair, settings: LazySettings) -> Shelf:
    pair.bigcommerce.put("/_sim/switches", {"inventory_delay": 0})
    InventorySettings.objects.update_or_create(connection=pair.connection, defaults={"counts_all_locations": True})
    link_all(pair.connection)
    made = Shelf(pair)
    made.calls()
    return made
