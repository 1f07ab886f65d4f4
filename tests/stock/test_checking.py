"""Reconciliation: what the store holds against what it was told."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from connections.connectors.bigcommerce import inventory
from mappings.models import StockLevel
from syncjobs import tasks
from syncjobs.models import Run, RunChange
from syncjobs.stock import check_levels
from syncjobs.stock.check_levels import CHECK, accuracy
from tests.stock.conftest import Shelf
from tests.stock.test_full import ALONE, BEGIN, VALUES, levels_set

LEVELS = "GET /stores/<store_hash>/v3/inventory/locations/<int:location_id>/items"


@pytest.fixture
def settled(shelf: Shelf) -> Shelf:
    """Synced long ago."""
    shelf.sync()
    StockLevel.objects.update(pushed_at=timezone.now() - timedelta(minutes=5))
    shelf.calls()
    return shelf


def edit_by_hand(shelf: Shelf, sku: str, quantity: int) -> None:
    levels_set(shelf, {sku: quantity})


def test_a_hand_edit_is_found_named_and_put_right(settled: Shelf) -> None:
    was = settled.web()
    edit_by_hand(settled, "DOG-LEAD", was["DOG-LEAD"] + 500)
    edit_by_hand(settled, "LGT-LANT", 0)
    settled.calls()
    run = settled.sync(kind=CHECK)
    assert settled.calls() == BEGIN + Counter({LEVELS: 1, VALUES: 1})
    assert run.sentence == f"568 of 570 SKUs hold what Heartland says; 2 are put right.{ALONE}"
    assert round(accuracy(run) or 0, 2) == 99.65
    first, second = run.changes.order_by("-weight")
    assert (first.subject, first.weight, first.kind) == ("DOG-LEAD", 500, RunChange.Kind.DIFFERENT)
    assert (first.reason, second.reason) == (check_levels.BY_HAND, check_levels.FEWER)
    assert settled.follow() is not None
    assert settled.web() == was == settled.expected()


def test_nothing_different_writes_nothing(settled: Shelf) -> None:
    run = settled.sync(kind=CHECK)
    assert (accuracy(run), run.changes.count()) == (100.0, 0)
    followed = settled.follow()
    assert followed is not None
    assert followed.pushed.calls == 0


def test_what_was_written_a_moment_ago_is_not_blamed(settled: Shelf) -> None:
    edit_by_hand(settled, "DOG-LEAD", 999)
    StockLevel.objects.filter(sku="DOG-LEAD").update(pushed_at=timezone.now())
    run = settled.sync(kind=CHECK)
    assert (run.result["on_its_way"], run.result.get("different")) == (1, None)


def test_pages_are_checkpoints(settled: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventory, "LEVELS_PER_PAGE", 100)
    monkeypatch.setattr("syncjobs.bulk.run_walk.SLICE_SECONDS", 0.0)
    variants = len(settled.pair.bigcommerce.rows("variants"))
    run = settled.sync(kind=CHECK)
    slices = Counter({LEVELS: -(-variants // 100) + 1, VALUES: 1})  # the slice after the last page finds none
    assert settled.calls() == BEGIN + slices
    assert (run.result["agree"], run.result["looked_at"]) == (570, 572)


def test_every_day_each_running_store_is_checked(settled: Shelf) -> None:
    assert tasks.stock_checks() == "1 begun"
    assert tasks.stock_checks() == "0 begun"
    assert Run.objects.filter(kind=CHECK, state=Run.State.RUNNING).count() == 1
