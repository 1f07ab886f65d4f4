"""A whole stock run to a kind of store that knows SKUs and codes alone: preview, full sync, and what follows of itself.

Nothing of `syncjobs/stock` was made for it; what the store then holds is read from its sandbox.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from django.conf import LazySettings
from django.utils import timezone

from connections.models import Connection, InventorySettings
from errors.models import SyncError
from mappings.models import Link
from syncjobs.models import Cursor, Run
from syncjobs.stock.check_levels import CHECK
from syncjobs.stock.follow_ledger import stock_follow
from syncjobs.stock.follow_locations import SYNC
from syncjobs.stock.full_sync import PREVIEW
from tests import factories
from tests.bulk import run_whole
from tests.flows.conftest import Pair, heartland_server, open_store, pair
from tests.stock.conftest import Shelf as Stock
from tests.stores.shelf import sandbox
from tests.stores.shelf.levels import DEFAULT_PLACE
from tests.stores.shelf.under_test import ShelfUnderTest

__all__ = ["heartland_server", "open_store", "pair"]

READ, WRITE = "GET /places/<code>/stock", "PUT /places/<code>/stock"
ALONE = " 1 SKU whose product keeps no stock in Shelf left alone."


@dataclass
class Shop:
    """A Shelf whose SKUs are linked with Heartland's items of the same number."""

    pair: Pair
    shelf: ShelfUnderTest
    connection: Connection

    def run(self, kind: str) -> Run:
        return run_whole(self.connection, kind)

    def follow(self) -> int | None:
        """Look at the ledger now; how many levels were looked at."""
        Cursor.objects.filter(connection=self.connection, feed=Cursor.STOCK).update(due_at=timezone.now())
        followed = stock_follow(connection=self.connection, now=timezone.now())
        return followed.looked_at if followed else None

    def held(self) -> dict[str, int]:
        return self.shelf.held(DEFAULT_PLACE)

    def expected(self) -> dict[str, int]:
        """What the formula says, from Heartland's own stock at this moment, of what is told at all."""
        return Stock(replace(self.pair, connection=self.connection)).expected()

    def count(self, counts: dict[str, int]) -> None:
        """Staff count by hand, behind our back."""
        token = {"Authorization": f"Bearer {sandbox.TOKEN}"}
        self.shelf.sandbox.write("PUT", f"/places/{DEFAULT_PLACE}/stock", {"counts": counts}, token)
        self.calls()

    def calls(self) -> Counter[str]:
        found = Counter(self.shelf.sandbox.get("/_sim/calls")["counts"])
        self.shelf.sandbox.delete("/_sim/calls")
        return found


@pytest.fixture
def shop(pair: Pair) -> Iterator[Shop]:
    shelf = ShelfUnderTest()
    with shelf.registered():
        store = factories.store(pair.connection.merchant, "pine", kind=shelf.kind, api_base=shelf.sandbox.base)
        store.credential = factories.credential(sandbox.TOKEN)
        store.save()
        connection = Connection.objects.create(
            merchant=pair.connection.merchant, heartland=pair.connection.heartland, store=store,
            state=Connection.State.ACTIVE,
        )  # fmt: skip
        InventorySettings.objects.create(connection=connection, counts_all_locations=True)
        items = {row["public_id"]: row["id"] for row in pair.heartland.rows("items")}
        Link.objects.bulk_create(
            Link(connection=connection, kind=Link.Kind.ITEM, source_id=sku, target_id=str(items[sku]), target_label=sku)
            for sku in shelf.held(DEFAULT_PLACE)
            if sku in items
        )
        made = Shop(pair, shelf, connection)
        made.calls()
        yield made
    shelf.server.close()


def test_preview_sync_follow_and_check(shop: Shop, settings: LazySettings) -> None:
    settings.SETTLE_SECONDS = 0
    shop.count({"DOG-LEAD": 999, "LGT-LANT": 0, "AID-KIT1": 7})
    shop.shelf.count_stop("AID-KIT1")
    shop.shelf.sku_rename("AID-KIT2", "AID-KIT9")
    before = shop.held()
    shop.calls()

    preview = shop.run(PREVIEW)
    assert preview.sentence == "Would change 4 of 573; 0 to zero; 1 from zero."
    assert {row.subject: (row.before, row.after) for row in preview.changes.all()} == {
        "DOG-LEAD": ("999", "41"),
        "LGT-LANT": ("0", "50"),
        "AID-KIT1": ("7", "38"),
        "AID-KIT2": ("", "18"),  # the store lists no such SKU
    }
    assert (shop.calls(), shop.held()) == ({READ: 2}, before)

    run = shop.run(SYNC)
    assert run.sentence == f"Looked at 573 SKUs and changed 2; the store refused 1.{ALONE}"
    assert shop.calls() == {READ: 2, WRITE: 5}  # of a batch of four, two bad ones are parted from it
    assert shop.held() == before | {"DOG-LEAD": 41, "LGT-LANT": 50}
    error = SyncError.objects.get()
    assert (error.external_id, error.code) == ("AID-KIT2", "stock_sku_gone")
    assert {sku: shop.held()[sku] for sku in shop.expected()} == shop.expected()
    assert len(shop.expected()) == 571

    sale = {"location": "MAIN", "lines": [{"sku": "DOG-LEAD", "qty": 2}]}
    shop.pair.heartland.post("/_sim/staff/pos_sale", sale)
    assert (shop.follow(), shop.calls()) == (1, {WRITE: 1})
    assert shop.held()["DOG-LEAD"] == 39
    assert (shop.follow(), shop.calls()) == (0, {})

    shop.count({"DOG-LEAD": 1})
    check = shop.run(CHECK)
    assert check.sentence == f"570 of 571 SKUs hold what Heartland says; 1 is put right.{ALONE}"
    assert shop.calls() == {READ: 2}
    assert (shop.follow(), shop.calls()) == (1, {WRITE: 1})
    assert shop.held() == before | {"DOG-LEAD": 39, "LGT-LANT": 50}
