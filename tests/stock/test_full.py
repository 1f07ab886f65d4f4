"""Full runs: everything that differs and nothing else, in the smallest number of calls."""

from collections import Counter

import pytest
from django.utils import timezone

from connections.connectors.heartland import stock as heartland_stock
from connections.models import ConnectionLocation, InventorySettings, Location
from errors.failures import ConfigurationFailure
from errors.models import SyncError
from mappings.core.rules.stock_arithmetic import Counting, Rule
from mappings.models import Link, StockLevel
from syncjobs import tasks
from syncjobs.bulk.runs import run_start
from syncjobs.engine import job_run, record_retry
from syncjobs.models import Run, RunChange, ServiceClass
from syncjobs.stock.follow_locations import SYNC
from syncjobs.stock.full_sync import PREVIEW
from syncjobs.stores.bigcommerce.levels import BigCommerceLevels
from tests.stock.conftest import Shelf

FENCE = "GET /api/inventory/transactions"
VALUES = "GET /api/inventory/values"
LEVELS = "GET /stores/<store_hash>/v3/inventory/locations/<int:location_id>/items"
PLACES = "GET /api/locations"
ITEMS = "GET /api/items"
BEGIN = Counter({FENCE: 1, PLACES: 1, ITEMS: 1})  # what moved last, what is open, what has no stock
DIFFERING = 492  # of the seed's 572 linked SKUs
ALONE = " 2 SKUs without stock keeping in Heartland left alone."
WRITE = "PUT /stores/<store_hash>/v3/inventory/adjustments/absolute"


def levels_set(shelf: Shelf, quantities: dict[str, int]) -> None:
    """Somebody changes the store's own numbers, behind our back."""
    variants = {row["sku"]: row for row in shelf.pair.bigcommerce.rows("variants")}
    items = [
        {"location_id": 1, **identity(variants[sku]), "quantity": quantity} for sku, quantity in quantities.items()
    ]
    url = f"{shelf.pair.bigcommerce.base}/stores/a1b2c3d4e5/v3/inventory/adjustments/absolute"
    token = {"X-Auth-Token": "sim-bigcommerce-token"}
    answer = shelf.pair.bigcommerce.session.put(url, json={"reason": "By hand", "items": items}, headers=token)
    answer.raise_for_status()


def identity(variant: dict[str, int]) -> dict[str, int]:
    whole = variant["sku_id"] is None
    return {"product_id": variant["product_id"]} if whole else {"variant_id": variant["id"]}


def test_a_full_sync_costs_its_pages_its_batches_and_one_fence(shelf: Shelf) -> None:
    shelf.sync()
    shelf.calls()
    levels_set(shelf, dict.fromkeys(shelf.web(), 999_999))  # as if everything had changed
    shelf.calls()
    run = shelf.sync()
    assert shelf.calls() == BEGIN + Counter({LEVELS: 1, VALUES: 1, WRITE: 1})
    assert (run.state, run.done, run.total) == (Run.State.DONE, 572, 572)
    assert run.sentence == f"Looked at 572 SKUs and changed 570.{ALONE}"
    assert shelf.web() == shelf.expected()


def test_the_first_sync_reads_once_what_the_store_holds_and_writes_what_differs(shelf: Shelf) -> None:
    before = shelf.pair.bigcommerce.rows("variants")
    run = shelf.sync()
    assert shelf.calls() == BEGIN + Counter({VALUES: 1, LEVELS: -(-len(before) // 1_000), WRITE: 1})
    assert run.sentence == f"Looked at 572 SKUs and changed {DIFFERING}.{ALONE}"
    assert shelf.web() == shelf.expected()
    assert not run.changes.filter(before="").exists()


def test_small_pages_and_batches_cost_exactly_their_number(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartland_stock, "ROWS", 100)
    monkeypatch.setattr(BigCommerceLevels, "most_writes", 40)
    shelf.sync()
    rows = len({row["item_id"] for row in shelf.pair.heartland.rows("stock")})
    calls = BEGIN + Counter({VALUES: -(-rows // 100), LEVELS: 1, WRITE: -(-DIFFERING // 40)})
    assert shelf.calls() == calls
    assert shelf.web() == shelf.expected()


def test_a_sync_with_nothing_changed_writes_nothing(shelf: Shelf) -> None:
    shelf.sync()
    shelf.calls()
    run = shelf.sync()
    assert shelf.calls() == BEGIN + Counter({LEVELS: 1, VALUES: 1})
    assert run.sentence == f"Looked at 572 SKUs and changed 0.{ALONE}"
    assert not run.changes.exists()


def test_a_preview_writes_nothing_and_says_what_would_change(shelf: Shelf) -> None:
    shelf.sync()
    shelf.move("DOG-LEAD", 5)
    before, web = dict(StockLevel.objects.values_list("sku", "quantity")), shelf.web()
    shelf.calls()
    preview = shelf.sync(kind=PREVIEW)
    assert shelf.calls() == BEGIN + Counter({LEVELS: 1, VALUES: 1})
    assert preview.sentence == f"Would change 1 of 572; 0 to zero; 0 from zero.{ALONE}"
    change = preview.changes.get()
    assert (change.subject, change.weight, int(change.after) - int(change.before)) == ("DOG-LEAD", 5, 5)
    assert (dict(StockLevel.objects.values_list("sku", "quantity")), shelf.web()) == (before, web)


def test_locations_can_feed_locations_of_the_store(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    address = {"city": "Austin", "state": "Texas", "zip": "78701", "country_code": "US", "address1": "1 Elm St"}
    second = {"label": "Annex", "managed_by_external_source": False, "type_id": "PHYSICAL", "time_zone": "UTC"}
    connection = shelf.pair.connection
    token = {"X-Auth-Token": "sim-bigcommerce-token"}
    url = f"{shelf.pair.bigcommerce.base}/stores/a1b2c3d4e5/v3/inventory/locations"
    shelf.pair.bigcommerce.session.post(url, json=[second | {"address": address}], headers=token).raise_for_status()
    InventorySettings.objects.update(counts_all_locations=False)
    for number, target in (("MAIN", "1"), ("DEPOT", "1"), ("ANNEX", "2")):
        place = Location.objects.get(number=number)
        ConnectionLocation.objects.create(connection=connection, location=place, store_location=target)
    monkeypatch.setattr(heartland_stock, "ROWS", 100)
    shelf.calls()
    shelf.sync()
    rows = [row for row in shelf.pair.heartland.rows("stock") if row["item_id"]]
    assert StockLevel.objects.count() == 2 * 572
    assert shelf.calls()[VALUES] >= len(rows) // 100
    held = {(row["item_id"], row["location_id"]): row["on_hand"] - row["committed"] for row in rows}
    places = {place.number: int(place.external_id) for place in Location.objects.all()}
    for level in StockLevel.objects.all():
        feeding = ("ANNEX",) if level.store_location == "2" else ("MAIN", "DEPOT")
        total = sum(held.get((level.item_id, places[number]), 0) for number in feeding)
        assert level.quantity == max(0, int(total)), level


def test_the_rule_of_the_merchant_counts(shelf: Shelf) -> None:
    InventorySettings.objects.update(counting="on_hand", safety_units=2, last_units=3)
    shelf.sync()
    assert shelf.web() == shelf.expected(Rule(counting=Counting.ON_HAND, safety_units=2, last_units=3))


def test_items_that_the_store_refuses_are_named_and_the_rest_arrives(shelf: Shelf) -> None:
    connection = shelf.pair.connection
    for number in range(3):
        Link.objects.create(
            connection=connection, kind=Link.Kind.ITEM, source_id=f"GONE-{number}", target_id=str(number + 1)
        )
    run = shelf.sync()
    assert shelf.calls()[WRITE] == 1 + 3  # the whole, and without each that it names
    assert run.sentence == f"Looked at 575 SKUs and changed {DIFFERING}; the store refused 3.{ALONE}"
    assert shelf.web() == shelf.expected()
    errors = SyncError.objects.open().order_by("external_id")
    assert [error.external_id for error in errors] == ["GONE-0", "GONE-1", "GONE-2"]
    assert {error.code for error in errors} == {"stock_sku_gone"}
    assert {issue.title for issue in errors[0].issues.all()} == {"BigCommerce no longer knows the SKU of linked items."}
    shelf.calls()
    assert shelf.sync().sentence == f"Looked at 575 SKUs and changed 0.{ALONE}"
    assert shelf.calls()[WRITE] == 0  # what was refused waits for a person


def test_a_refused_item_is_tried_again_when_a_person_asks(shelf: Shelf) -> None:
    connection = shelf.pair.connection
    Link.objects.create(connection=connection, kind=Link.Kind.ITEM, source_id="NEW-ONE", target_id="7")
    shelf.sync()
    product = {"name": "New one", "type": "physical", "weight": 1, "price": 5, "sku": "NEW-ONE", "categories": []}
    product["inventory_tracking"] = "product"
    token = {"X-Auth-Token": "sim-bigcommerce-token"}
    url = f"{shelf.pair.bigcommerce.base}/stores/a1b2c3d4e5/v3/catalog/products"
    shelf.pair.bigcommerce.session.post(url, json=product, headers=token).raise_for_status()
    job = record_retry(connection=connection, flow="stock", external_id="NEW-ONE", actor=None)
    assert job_run(job_id=job.pk, now=timezone.now()) == "done"
    followed = shelf.follow()
    assert followed is not None
    assert [one.level.sku for one in followed.pushed.taken] == ["NEW-ONE"]
    assert not SyncError.objects.open().exists()


def test_one_run_at_a_time_and_none_without_a_location(shelf: Shelf) -> None:
    connection = shelf.pair.connection
    run_start(connection=connection, actor=None, kind=SYNC, now=timezone.now())
    with pytest.raises(ConfigurationFailure, match="goes on already"):
        run_start(connection=connection, actor=None, kind=PREVIEW, now=timezone.now())
    Run.objects.all().delete()
    InventorySettings.objects.update(counts_all_locations=False)
    with pytest.raises(ConfigurationFailure, match="no location counts"):
        run_start(connection=connection, actor=None, kind=SYNC, now=timezone.now())
    assert not Run.objects.exists()


def test_a_stopped_run_writes_no_more_and_a_second_token_finds_nothing(shelf: Shelf) -> None:
    run = run_start(connection=shelf.pair.connection, actor=None, kind=SYNC, now=timezone.now())
    Run.objects.update(state=Run.State.STOPPED)
    assert tasks.run_slice(run.pk) == "not due"
    Run.objects.update(state=Run.State.RUNNING, due_at=timezone.now())
    assert tasks.run_slice(run.pk) == "done"
    assert tasks.run_slice(run.pk) == "not due"
    assert shelf.calls()[WRITE] == 1
    assert RunChange.objects.count() == DIFFERING
    assert ServiceClass.BULK.queue == "bulk"
