"""Faults of apis/magento.md §22 played while stock is told: the shelves end equal, and nobody is blamed."""

import pytest

from connections.connectors.magento import MagentoClient
from connections.connectors.needs import gathered
from errors.models import SyncError
from mappings.models import StockLevel
from syncjobs.models import Run
from syncjobs.stores.magento import stock_queue
from tests.stock.magento_shelf import MagentoShelf, heartland_server, magento_pair, magento_server, shelf

__all__ = ["heartland_server", "magento_pair", "magento_server", "shelf"]

SKU = "DOG-LEAD"
SAVE = "/V1/inventory/source-items"


def play(shelf: MagentoShelf, preset: str, times: int | None = 1) -> None:
    shelf.magento.post(f"/_sim/faults/presets/{preset}", {"method": "POST", "path": SAVE, "times": times})


def blamed() -> int:
    """Levels that are called refused."""
    return StockLevel.objects.exclude(refusal="").count()


@pytest.mark.parametrize(
    "preset", ["deadlock", "lock_wait", "maintenance", "report", "throttled_bare", "cut", "truncated", "lost_answer"]
)
def test_what_could_not_be_told_is_told_at_the_next_look(shelf: MagentoShelf, preset: str) -> None:
    shelf.sync()
    shelf.follow()
    shelf.move(SKU, -5)
    play(shelf, preset)
    for _ in range(2):
        shelf.follow()
    assert (shelf.web()[SKU], blamed()) == (shelf.expected_of(SKU), 0)
    assert not SyncError.objects.open().filter(external_id=SKU).exists()


def test_a_limit_of_twenty_that_came_overnight_is_kept_to_by_a_whole_sync(shelf: MagentoShelf) -> None:
    shelf.magento.put("/_sim/switches", {"input_limiting": True, "array_max": 20})
    run = shelf.sync()
    assert run.state == Run.State.DONE
    assert (shelf.web() == shelf.expected(), blamed()) == (True, 0)
    assert shelf.sync().changes.count() == 0


def test_a_queue_at_which_nobody_works_keeps_no_stock_back(
    shelf: MagentoShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stock_queue, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(stock_queue, "ROWS_PER_SECOND", 10_000)
    monkeypatch.setattr(stock_queue, "WAITED_SECONDS", 0.4)
    shelf.magento.put("/_sim/switches", {"input_limiting": True, "array_max": 20, "consumer_running": False})
    assert shelf.sync().state == Run.State.DONE
    assert (shelf.web() == shelf.expected(), blamed()) == (True, 0)


def test_a_right_that_is_missing_is_one_cause_and_the_stock_goes_on_when_it_is_given(shelf: MagentoShelf) -> None:
    shelf.sync()
    shelf.follow()
    state = shelf.server.app.service.state
    (row,) = state.integrations.all()
    needed = "Magento_InventoryApi::stock_source_item_assign"
    before = row["resources"]
    rights = {need.scope for need in gathered(MagentoClient)} - {needed}
    state.integrations.update(row["id"], resources=sorted(rights))
    shelf.move(SKU, -5)
    shelf.move("LGT-LANT", 2)
    shelf.follow()
    assert blamed() == 0
    state.integrations.update(row["id"], resources=before)
    shelf.follow()
    assert (shelf.web() == shelf.expected(), blamed()) == (True, 0)
    shelf.pair.connection.store.refresh_from_db()
    assert shelf.pair.connection.store.state == "connected"
