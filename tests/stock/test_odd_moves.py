"""What both sides do to a SKU at once, or in the midst of a run: its stock arrives all the same, by the right item."""

from typing import Any

import pytest
from django.utils import timezone

from connections.models import Location
from errors.models import SyncError
from ipaas.types import JSON
from mappings.models import Link, StockLevel
from syncjobs import tasks
from syncjobs.bulk.runs import run_start
from syncjobs.catalogue.follow_catalogues import catalogue_follow, followed_from
from syncjobs.models import Cursor, Run
from syncjobs.stock import full_sync
from syncjobs.stock.follow_locations import SYNC
from syncjobs.stores.bigcommerce.levels import BigCommerceLevels
from tests.bulk import link_all
from tests.stock.conftest import Shelf
from tests.stock.test_truth import STORE_TOKEN, TOKEN, begun, held, synced

__all__ = ["synced"]


def catalogues_look(shelf: Shelf) -> None:
    """Both sides' changes are looked for."""
    for feed in (Cursor.ITEMS, Cursor.PRODUCTS):
        followed_from(shelf.pair.connection, timezone.now())
        Cursor.objects.filter(feed=feed).update(due_at=timezone.now())
        assert catalogue_follow(connection=shelf.pair.connection, feed=feed, now=timezone.now()) is not None


def product_of(shelf: Shelf, sku: str) -> JSON:
    variant = next(row for row in shelf.pair.bigcommerce.rows("variants") if row["sku"] == sku)
    return next(row for row in shelf.pair.bigcommerce.rows("products") if row["id"] == variant["product_id"])


def store_put(shelf: Shelf, product: JSON, **changes: Any) -> None:
    url = f"{shelf.pair.bigcommerce.base}/stores/a1b2c3d4e5/v3/catalog/products/{product['id']}"
    shelf.pair.bigcommerce.session.put(url, json=changes, headers=STORE_TOKEN).raise_for_status()


def test_a_product_deleted_and_made_again_under_its_sku_gets_the_stock(synced: Shelf) -> None:
    former = product_of(synced, "DOG-LEAD")
    store = synced.pair.store_client()
    store.product_delete(str(former["id"]))
    body = {"name": "Dog lead, new", "type": "physical", "weight": 1, "price": 9, "sku": "DOG-LEAD"}
    made = store.product_create(body | {"inventory_tracking": "product"})
    synced.move("DOG-LEAD", 3)
    synced.move("LGT-LANT", 1)
    synced.follow()
    assert held(synced, "LGT-LANT") == synced.expected_of("LGT-LANT")
    synced.sync()
    assert held(synced, "DOG-LEAD") == synced.expected_of("DOG-LEAD")
    assert StockLevel.objects.get(sku="DOG-LEAD").product_id == str(made["id"])
    assert not SyncError.objects.open().exists()


def test_an_item_renumbered_and_its_sku_renamed_at_once_stay_one(synced: Shelf) -> None:
    item_id = StockLevel.objects.get(sku="DOG-LEAD").item_id
    url = f"{synced.pair.heartland.base}/api/items/{item_id}"
    synced.pair.heartland.session.put(url, json={"public_id": "LEAD-2"}, headers=TOKEN).raise_for_status()
    store_put(synced, product_of(synced, "DOG-LEAD"), sku="LEAD-2")
    catalogues_look(synced)
    link_all(synced.pair.connection)
    synced.move("LEAD-2", 3)
    synced.follow()
    assert Link.objects.of(synced.pair.connection, Link.Kind.ITEM).get(source_id="LEAD-2").target_id == str(item_id)
    assert held(synced, "LEAD-2") == synced.expected_of("LEAD-2")
    synced.sync()
    assert held(synced, "LEAD-2") == synced.expected_of("LEAD-2")


def test_a_location_that_closes_while_a_sync_runs_counts_no_more(
    synced: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    for sku in ("DOG-LEAD", "LGT-LANT"):
        synced.move(sku, 5, "DEPOT")
    monkeypatch.setattr(BigCommerceLevels, "most_writes", 1)
    run = run_start(connection=synced.pair.connection, actor=None, kind=SYNC, now=timezone.now())
    monkeypatch.setattr(full_sync.FullWalk, "is_over", property(lambda self: True))
    assert tasks.run_slice(run.pk) == "another slice is ahead"
    monkeypatch.undo()
    synced.pair.heartland.post("/_sim/staff/location", {"location": "DEPOT", "gone": True})
    tasks.look_at_places(synced.pair.connection.pk)
    assert not Location.objects.get(number="DEPOT").is_active
    synced.work(run)
    synced.follow()
    if Run.objects.filter(kind=SYNC, state=Run.State.RUNNING).exists():
        begun(synced)
    assert synced.web() == synced.expected()


def test_skus_that_differ_by_case_are_stocked_each_by_its_own_item(synced: Shelf) -> None:
    """The store refuses a second SKU that differs by case only; an item of such a number feeds nobody else's stock."""
    body = {"public_id": "dog-lead", "description": "Another lead", "cost": 1, "price": 2}
    synced.pair.heartland.session.post(
        f"{synced.pair.heartland.base}/api/items", json=body, headers=TOKEN
    ).raise_for_status()
    synced.move("dog-lead", 40)
    catalogues_look(synced)
    link_all(synced.pair.connection)
    synced.follow()
    synced.sync()
    assert StockLevel.objects.filter(sku__iexact="dog-lead").count() == 1
    assert held(synced, "DOG-LEAD") == synced.expected_of("DOG-LEAD")


def test_a_product_with_variants_that_becomes_a_simple_one_is_told_by_its_product(synced: Shelf) -> None:
    store = synced.pair.store_client()
    former = product_of(synced, "HP-TEE-RED-XS")
    store.product_delete(str(former["id"]))
    body = {"name": "Tee, one size", "type": "physical", "weight": 1, "price": 9, "sku": "HP-TEE-RED-XS"}
    made = store.product_create(body | {"inventory_tracking": "product"})
    catalogues_look(synced)
    synced.move("HP-TEE-RED-XS", 2)
    synced.sync()
    level = StockLevel.objects.get(sku="HP-TEE-RED-XS")
    assert (level.by_product, level.product_id, level.refusal) == (True, str(made["id"]), "")
    assert held(synced, "HP-TEE-RED-XS") == synced.expected_of("HP-TEE-RED-XS")
