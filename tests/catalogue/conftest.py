"""A connected pair, both catalogues as seeded, and a merchant who chose a direction."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest

from connections.connect.bigcommerce.clients import bigcommerce_client
from connections.connectors.bigcommerce import BigCommerceClient
from connections.connectors.heartland import HeartlandClient
from connections.models import ItemSettings
from ipaas.types import JSON
from mappings.models import CatalogueSku, Side
from syncjobs.catalogue.choices import apply_kind
from syncjobs.catalogue.walk_catalogues import PREVIEW
from syncjobs.models import Cursor, Run
from tests.bulk import run_whole, work
from tests.flows.conftest import Pair, heartland_server, open_store, pair

__all__ = ["heartland_server", "open_store", "pair"]


@dataclass
class Catalogue:
    """Both catalogues of a pair."""

    pair: Pair

    def choose(self, mode: str, **choices: Any) -> ItemSettings:
        """What the merchant decides on the Items Information tab."""
        settings, _ = ItemSettings.objects.update_or_create(
            connection=self.pair.connection, defaults={"mode": mode} | choices
        )
        return settings

    def preview(self) -> Run:
        return run_whole(self.pair.connection, PREVIEW)

    def apply(self, preview: Run, **wish: Any) -> Run:
        """Apply all, or the `changes` that are named."""
        kind = apply_kind(self.pair.connection.item_settings)
        return run_whole(self.pair.connection, kind, preview=preview.pk, **wish)

    def go_on(self) -> Run:
        """Work the run that was cut, as the next worker does once the dead one's lease is over."""
        Cursor.objects.update(lease_until=None, lease_owner="")
        return work(Run.objects.get(state=Run.State.RUNNING))

    def calls(self) -> Counter[str]:
        """Calls that both systems counted since the last time, by method and path."""
        found: Counter[str] = Counter()
        for system in (self.pair.heartland, self.pair.bigcommerce):
            found.update(system.get("/_sim/calls")["counts"])
            system.delete("/_sim/calls")
        return found

    def writes(self) -> Counter[str]:
        """Of them, those that may change something."""
        return Counter({call: count for call, count in self.calls().items() if not call.startswith("GET ")})

    def item(self, sku: str) -> JSON:
        return next(row for row in self.pair.heartland.rows("items") if row["public_id"] == sku)

    def variant(self, sku: str) -> JSON:
        return next(row for row in self.pair.bigcommerce.rows("variants") if row["sku"] == sku)

    def product(self, sku: str) -> JSON:
        """The store's product that holds a SKU."""
        number = self.variant(sku)["product_id"]
        return next(row for row in self.pair.bigcommerce.rows("products") if row["id"] == number)

    def items_of_product(self, sku: str, *, by_store: bool = False) -> list[JSON]:
        """Heartland's items of the SKUs that share a product of the store, or those variants themselves."""
        number = self.variant(sku)["product_id"]
        variants = [row for row in self.pair.bigcommerce.rows("variants") if row["product_id"] == number]
        return variants if by_store else [self.item(row["sku"]) for row in variants]

    @property
    def heartland(self) -> HeartlandClient:
        """Heartland as its staff write to it."""
        return self.pair.heartland_client()

    @property
    def store(self) -> BigCommerceClient:
        """The store as its owner writes to it."""
        return bigcommerce_client(self.pair.connection.store)

    def states(self) -> Counter[str]:
        """How the store's SKUs stand."""
        return Counter(CatalogueSku.objects.filter(side=Side.STORE).values_list("state", flat=True))


@pytest.fixture
def catalogue(pair: Pair) -> Catalogue:
    made = Catalogue(pair)
    made.calls()
    return made
