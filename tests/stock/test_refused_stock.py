"""What either system refuses, and items and products of which no stock is kept."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connections.preflight.doctor import preflight
from errors.models import Issue, SyncError
from mappings.models import StockLevel
from syncjobs.catalogue.follow_catalogues import catalogue_follow, followed_from
from syncjobs.engine import job_run, record_retry
from syncjobs.models import Cursor
from syncjobs.stock.check_levels import CHECK
from tests.bulk import link_all
from tests.stock.conftest import Shelf
from tests.stock.test_full import ALONE, WRITE, levels_set
from tests.stock.test_truth import STORE_TOKEN, TOKEN, held, only, page_of, second_location, shop_of, synced

__all__ = ["synced"]


def test_c07_more_items_than_an_address_holds_get_through(synced: Shelf) -> None:
    synced.pair.heartland.post("/_sim/faults", {"path": "/inventory/values.{2000}", "status": 414})
    for row in StockLevel.objects.filter(keeps_stock=True)[:560]:
        StockLevel.objects.filter(pk=row.pk).update(is_dirty=True)
    synced.move("LGT-STRG", 21)
    assert synced.follow() is not None
    assert synced.web() == synced.expected()
    assert not StockLevel.objects.filter(is_dirty=True).exists()


def test_one_item_that_heartland_refuses_to_tell_keeps_no_other_back(synced: Shelf) -> None:
    was, bad = synced.web(), StockLevel.objects.get(sku="AID-KIT1")
    synced.pair.heartland.post("/_sim/faults", {"path": f"/inventory/values.*{bad.item_id}", "status": 400})
    for sku in ("AID-KIT1", "DOG-LEAD", "LGT-LANT"):
        synced.move(sku, 3)
    assert synced.follow() is not None
    now = synced.web()
    assert (now["DOG-LEAD"] - was["DOG-LEAD"], now["LGT-LANT"] - was["LGT-LANT"]) == (3, 3)
    error = SyncError.objects.open().get()
    assert error.code == "stock_unreadable"
    assert (error.external_id, error.reason) == ("AID-KIT1", "AID-KIT1: Heartland refused the request (400).")
    synced.pair.heartland.delete("/_sim/faults")
    job = record_retry(connection=synced.pair.connection, flow="stock", external_id="AID-KIT1", actor=None)
    assert job_run(job_id=job.pk, now=timezone.now()) == "done"
    synced.follow()
    assert synced.web() == synced.expected()
    assert not SyncError.objects.open().exists()


def test_a_location_that_the_store_removed_is_one_refusal_and_not_one_an_item(shelf: Shelf) -> None:
    second_location(shelf)
    only(shelf, MAIN="2")
    shelf.sync()
    url = f"{shelf.pair.bigcommerce.base}/stores/a1b2c3d4e5/v3/inventory/locations"
    gone = shelf.pair.bigcommerce.session.delete(url, params={"location_id:in": "2"}, headers=STORE_TOKEN)
    gone.raise_for_status()
    shelf.move("DOG-LEAD", 1)
    shelf.move("LGT-LANT", 1)
    shelf.calls()
    assert shelf.follow() is not None
    assert shelf.calls()["PUT /stores/<store_hash>/v3/inventory/adjustments/absolute"] == 1
    assert {error.code for error in SyncError.objects.open()} == {"stock_location_gone"}
    assert SyncError.objects.open().count() == 2


@pytest.mark.parametrize("status", [400, 403])
def test_a_look_that_is_refused_unchanged_is_somebodys_to_mend(synced: Shelf, status: int) -> None:
    synced.move("DOG-LEAD", 3)
    synced.pair.heartland.post("/_sim/faults", {"path": "/inventory/values", "status": status})
    assert synced.follow() is None
    Cursor.objects.filter(feed=Cursor.STOCK).update(succeeded_at=timezone.now() - timedelta(minutes=6))
    assert synced.follow() is None
    issue = Issue.objects.get(is_open=True)
    assert issue.title.startswith("Following Heartland's stock does not get through: Heartland ")
    shop = shop_of(synced)
    assert "does not get through" in shop.client().get("/").content.decode()
    tab = page_of(shop, "inventory/")
    assert ("Somebody has to put that right" in tab, "nothing is lost" in tab) == (True, False)
    synced.pair.heartland.delete("/_sim/faults")
    assert synced.follow() is not None
    assert synced.web() == synced.expected()
    assert not Issue.objects.filter(is_open=True).exists()


# --- items without stock --------------------------------------------------------------------------


def make_service(shelf: Shelf) -> int:
    """C37: an item whose stock Heartland does not keep, sold in the store with a number of its own."""
    item = {"public_id": "SVC-1", "description": "Knife sharpening", "price": 8, "cost": 1, "track_inventory": False}
    product = {
        "name": "Sharpening", "type": "physical", "weight": 0, "sku": "SVC-1", "price": 8, "categories": [],
        "inventory_tracking": "product", "inventory_level": 100,
    }  # fmt: skip
    pair = shelf.pair
    made = pair.heartland.session.post(f"{pair.heartland.base}/api/items", json=item, headers=TOKEN)
    made.raise_for_status()
    url = f"{pair.bigcommerce.base}/stores/a1b2c3d4e5/v3/catalog/products"
    pair.bigcommerce.session.post(url, json=product, headers=STORE_TOKEN).raise_for_status()
    link_all(pair.connection)
    return int(made.headers["Location"].rsplit("/", 1)[-1])


def test_c37_an_item_without_stock_keeping_is_left_alone_until_it_is_kept(synced: Shelf) -> None:
    item = make_service(synced)
    synced.follow()
    assert held(synced, "SVC-1") == 100
    alone = ALONE.replace("2", "3")
    assert synced.sync().sentence.endswith(alone)
    assert synced.sync(kind=CHECK).sentence.endswith(alone)
    synced.follow()
    assert held(synced, "SVC-1") == 100
    shop = shop_of(synced)
    card = page_of(shop, "inventory/why/?sku=SVC-1")
    assert "Heartland keeps no stock of this item" in card
    assert ("Left alone" in card, "Both agree" in card, "for sale online" in card) == (True, False, False)
    assert "<b>3</b><span>without stock keeping, left alone</span>" in page_of(shop, "inventory/")
    url = f"{synced.pair.heartland.base}/api/items/{item}"
    synced.pair.heartland.session.put(url, json={"track_inventory": True}, headers=TOKEN).raise_for_status()
    Cursor.objects.filter(feed=Cursor.ITEMS).update(due_at=timezone.now())
    assert catalogue_follow(connection=synced.pair.connection, feed=Cursor.ITEMS, now=timezone.now()) is not None
    synced.move("SVC-1", 7)
    synced.follow()
    assert held(synced, "SVC-1") == 7
    synced.pair.heartland.session.put(url, json={"track_inventory": False}, headers=TOKEN).raise_for_status()
    levels_set(synced, {"SVC-1": 50})
    synced.sync()
    assert held(synced, "SVC-1") == 50


# --- products of which the store keeps no stock ----------------------------------------------------


def tracking_set(shelf: Shelf, sku: str, way: str) -> None:
    """Staff of the store switch a product's tracking."""
    variant = next(row for row in shelf.pair.bigcommerce.rows("variants") if row["sku"] == sku)
    url = f"{shelf.pair.bigcommerce.base}/stores/a1b2c3d4e5/v3/catalog/products/{variant['product_id']}"
    answer = shelf.pair.bigcommerce.session.put(url, json={"inventory_tracking": way}, headers=STORE_TOKEN)
    answer.raise_for_status()


def products_look(shelf: Shelf) -> None:
    """The next look at the store's changes."""
    followed_from(shelf.pair.connection, timezone.now())
    Cursor.objects.filter(feed=Cursor.PRODUCTS).update(due_at=timezone.now())
    assert catalogue_follow(connection=shelf.pair.connection, feed=Cursor.PRODUCTS, now=timezone.now()) is not None


UNTRACKED = " 1 SKU whose product keeps no stock in BigCommerce left alone."


def test_a_product_without_tracking_is_told_no_stock_and_costs_no_call(shelf: Shelf) -> None:
    tracking_set(shelf, "DOG-LEAD", "none")
    link_all(shelf.pair.connection)
    shelf.calls()
    run = shelf.sync()
    assert run.sentence.endswith(f"{ALONE}{UNTRACKED}")
    assert shelf.calls()[WRITE] == 1
    assert not SyncError.objects.open().exists()
    shop = shop_of(shelf)
    card = page_of(shop, "inventory/why/?sku=DOG-LEAD")
    assert ("BigCommerce keeps no stock of this product" in card, "Both agree" in card) == (True, False)
    assert "<b>1</b><span>not tracked by the store, left alone</span>" in page_of(shop, "inventory/")
    shelf.move("DOG-LEAD", 3)
    shelf.calls()
    shelf.follow()
    assert shelf.calls()[WRITE] == 0
    findings = {finding.code: finding.sentence for finding in preflight(shelf.pair.connection)}
    assert "not track stock: the store sells without limit, and is told no number" in findings["tracking_off"]


def test_tracking_that_went_off_unheard_is_learned_from_one_refusal(synced: Shelf) -> None:
    tracking_set(synced, "DOG-LEAD", "none")
    synced.move("DOG-LEAD", 3)
    synced.move("LGT-LANT", 1)
    synced.calls()
    synced.follow()
    assert synced.calls()[WRITE] == 2  # the whole, and without the one that it names
    assert held(synced, "LGT-LANT") == synced.expected()["LGT-LANT"]
    assert not SyncError.objects.open().exists()
    assert synced.sync().sentence == f"Looked at 572 SKUs and changed 0.{ALONE}{UNTRACKED}"
    assert synced.calls()[WRITE] == 0
    products_look(synced)
    assert StockLevel.objects.get(sku="DOG-LEAD").is_left_alone
    tracking_set(synced, "DOG-LEAD", "product")
    products_look(synced)
    synced.follow()
    assert held(synced, "DOG-LEAD") == synced.expected()["DOG-LEAD"]
    assert synced.sync().sentence == f"Looked at 572 SKUs and changed 0.{ALONE}"


def test_a_person_has_the_store_track_a_product(shelf: Shelf) -> None:
    tracking_set(shelf, "DOG-LEAD", "none")
    link_all(shelf.pair.connection)
    shelf.sync()
    shop = shop_of(shelf)
    client = shop.client()
    answer = client.post(shop.at("inventory/track/"), {"sku": "DOG-LEAD"}, follow=True)
    assert "BigCommerce tracks the stock of DOG-LEAD from now on" in answer.content.decode()
    shelf.follow()
    assert held(shelf, "DOG-LEAD") == shelf.expected()["DOG-LEAD"]
    answer = client.post(shop.at("inventory/track/"), {"sku": "NOT-A-SKU"}, follow=True)
    assert "was not read with this SKU" in answer.content.decode()
    shelf.pair.bigcommerce.post("/_sim/faults", {"method": "PUT", "path": ".*/v3/catalog/products", "status": 422})
    answer = client.post(shop.at("inventory/track/"), {"sku": "LGT-LANT"}, follow=True)
    assert "refused the request (422)" in answer.content.decode()


def test_a_store_that_takes_stock_of_untracked_products_is_told_none(shelf: Shelf) -> None:
    shelf.pair.bigcommerce.put("/_sim/switches", {"untracked_item": "accept"})
    tracking_set(shelf, "DOG-LEAD", "none")
    link_all(shelf.pair.connection)
    assert shelf.sync().sentence.endswith(UNTRACKED)
    assert StockLevel.objects.get(sku="DOG-LEAD").pushed_at is None
