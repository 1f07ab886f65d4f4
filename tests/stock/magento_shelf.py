"""A connected pair of Heartland and Magento whose items are linked and whose locations all count."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.cache import cache

from connections.clients import heartland_client
from connections.connect.magento.connecting import store_connect
from connections.headless import pairs_set_up
from connections.models import Connection, InventorySettings, Merchant
from connections.services import heartland_connect
from mappings.models import Link, StockLevel
from syncjobs.stories.demo.sim import Sandbox
from tests.bulk import link_all
from tests.flows.conftest import Pair, heartland_server
from tests.sandbox.conftest import Running, running
from tests.stock.conftest import Shelf
from tests.stores.magento import SECRETS

__all__ = ["heartland_server"]

SOURCE = "harbor_main"  # that the website sells from first
WEBSITE = "base"


@dataclass
class MagentoShelf(Shelf):
    """Stock at both ends of such a pair; of the pair's two sandboxes the store's is Magento's."""

    server: Running

    @property
    def magento(self) -> Sandbox:
        return self.pair.bigcommerce

    def web(self) -> dict[str, int]:
        """What the website's sources hold, by SKU, for linked items; the seed's own orders are reserved beside."""
        linked = {level.sku for level in self.levels()}
        held = Counter(dict.fromkeys(linked, 0))
        for row in self.magento.rows("source_items"):
            if row["source_code"] in self.sources and row["sku"] in linked and row["status"]:
                held[row["sku"]] += int(row["quantity"])
        return dict(held)

    @property
    def sources(self) -> set[str]:
        """Those that the website sells from: all but Europe's, and one that is switched off."""
        return {SOURCE, "pine_annex", "depot"}

    def only(self, source: str) -> None:
        """Staff clear the shelves of all other sources, which nothing of ours feeds."""
        state = self.server.app.service.state
        for row in state.source_items.all():
            if row["source_code"] != source:
                state.source_items.update(row["id"], quantity=0, status=0)

    def at(self, sku: str, source: str = SOURCE) -> int:
        """On hand at a source."""
        return int(self.stock(sku)["sources"][source])

    def salable(self, sku: str) -> int:
        return int(self.stock(sku)["salable"][WEBSITE])

    def stock(self, sku: str) -> Any:
        return self.magento.get("/_sim/stock", sku=sku)

    def place(self, **lines: int) -> str:
        """A shopper orders and pays; answers the order's id."""
        recipe = {"lines": [{"sku": sku.replace("_", "-"), "quantity": pieces} for sku, pieces in lines.items()]}
        return str(self.magento.post("/_sim/orders", recipe)["ids"][0])

    def distributed(self, order: str) -> int:
        """Staff have the location ship it, and we hear of it; answers the sales order's id."""
        link = Link.objects.get(connection=self.pair.connection, kind=Link.Kind.ORDER, source_id=order)
        number = int(link.target_id)
        self.pair.heartland.post("/_sim/staff/distribute", {"order_id": number, "location_id": 100005})
        self.pair.run(order)
        return number

    def open_places(self) -> list[str]:
        """Heartland's locations."""
        places = self.pair.connection.heartland.locations.filter(is_active=True)
        return list(places.values_list("external_id", flat=True))

    def expected_at(self, sku: str, feeds: Mapping[str, str]) -> dict[str, int]:
        """What is to stand at each source, from Heartland's own stock at this moment."""
        client = heartland_client(self.pair.connection.heartland)
        item = StockLevel.objects.filter(sku=sku).values_list("item_id", flat=True)[0]
        found = dict.fromkeys(feeds.values(), 0)
        for row in client.stock_of([item], sorted(feeds), by_location=True):
            found[feeds[str(row["location_id"])]] += int(row["qty_available"])
        return found

    def reserve(self, sku: str, pieces: int) -> int:
        """A reservation that nobody made, as a module with a fault leaves behind; answers its id."""
        row = {"stock_id": 2, "sku": sku, "sku_key": sku.casefold(), "quantity": Decimal(pieces), "metadata": "{}"}
        state = self.server.app.service.state
        return int(state.insert(state.reservations, row)["id"])

    def unreserve(self, number: int) -> None:
        self.server.app.service.state.reservations.delete(number)


@pytest.fixture(scope="session")
def magento_server() -> Iterator[Running]:
    server = running("magento")
    yield server
    server.close()


@pytest.fixture
def magento_pair(db: None, heartland_server: Running, magento_server: Running, settings: LazySettings) -> Pair:
    settings.HEARTLAND_CALLS_PER_SECOND = 10_000
    cache.clear()
    heartland, magento = Sandbox(heartland_server.fresh()), Sandbox(magento_server.fresh())
    for system in (heartland, magento):
        system.delete("/_sim/faults")
    merchant = Merchant.objects.create(name="Harbor & Pine")
    heartland_connect(merchant=merchant, base_url=f"{heartland.base}/api", token="sim-heartland-token")
    store_connect(merchant=merchant, address=magento.base, secrets=SECRETS, website=WEBSITE)
    (done,) = pairs_set_up(merchant, currency="USD", shipping_method="Ground", books_other_payments=True)
    assert done["state"] == "active", done
    return Pair(heartland, magento, Connection.objects.get())


@pytest.fixture
def shelf(magento_pair: Pair, magento_server: Running) -> MagentoShelf:
    InventorySettings.objects.update_or_create(
        connection=magento_pair.connection, defaults={"counts_all_locations": True}
    )
    link_all(magento_pair.connection)
    made = MagentoShelf(magento_pair, magento_server)
    made.only(SOURCE)
    made.calls()
    return made
