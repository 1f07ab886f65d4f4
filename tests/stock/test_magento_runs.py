"""Stock from Heartland into Magento's sources, through both sandboxes: previewed, told whole, followed, checked.

What Magento's open orders reserve is told on top (case of D7): the pieces lie there still, and are sold once.
"""

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from connections.models import ConnectionLocation, InventorySettings
from connections.preferences import location_feed
from errors.models import SyncError
from mappings.models import StockLevel
from syncjobs.bulk.undoing_runs import STOCK_UNDO
from syncjobs.models import Run, RunChange
from syncjobs.stock.check_levels import CHECK, accuracy
from syncjobs.stock.check_reserved import COUNT
from syncjobs.stock.full_sync import PREVIEW
from syncjobs.stock.reserved_pieces import Pieces, Reserves
from tests import factories
from tests.bulk import run_whole
from tests.stock.magento_shelf import SOURCE, MagentoShelf, heartland_server, magento_pair, magento_server, shelf

__all__ = ["heartland_server", "magento_pair", "magento_server", "shelf"]

SKU = "DOG-LEAD"
SAVE, LOOK, HELD, ORDERS, LINKED = (
    "POST /V1/inventory/source-items", "GET /V1/products", "GET /V1/inventory/source-items", "GET /V1/orders",
    "GET /V1/inventory/get-sources-assigned-to-stock-ordered-by-priority/{stockId}",
)  # fmt: skip


def of_store(calls: Counter[str]) -> dict[str, int]:
    """Those to Magento."""
    return {call: count for call, count in calls.items() if "/V1/" in call}


def test_a_preview_writes_nothing_and_a_sync_makes_the_store_equal(shelf: MagentoShelf) -> None:
    """The fewest calls: the source's rows in one page, and once more before they are written, since what was taken off
    sale by hand stays so; per 200 of 569 SKUs whether there are such products, as Magento takes unknown ones without a
    word; a write for each 500; the open orders once for what is compared and once for what is told.
    """
    before = shelf.magento.rows("source_items")
    preview = shelf.sync(kind=PREVIEW)
    assert (preview.state, shelf.magento.rows("source_items")) == (Run.State.DONE, before)
    assert of_store(shelf.calls()) == {HELD: 1, ORDERS: 1}
    run = shelf.sync()
    made = of_store(shelf.calls())
    assert made == {HELD: 2, LOOK: made[LOOK], SAVE: 2, ORDERS: 2}
    assert made[LOOK] <= 4
    assert shelf.web() == shelf.expected()
    assert run.changes.count() == preview.changes.count() > 500
    assert shelf.sync().changes.count() == 0
    assert of_store(shelf.calls()) == {HELD: 1, ORDERS: 1}


def test_what_moves_is_told_in_four_calls_and_idleness_in_none(shelf: MagentoShelf) -> None:
    shelf.sync()
    shelf.follow()
    shelf.calls()
    shelf.move(SKU, -5)
    shelf.move("LGT-LANT", 3)
    shelf.follow()
    assert of_store(shelf.calls()) == {LOOK: 1, HELD: 1, ORDERS: 1, SAVE: 1}
    assert shelf.web() == shelf.expected()
    shelf.follow()
    assert of_store(shelf.calls()) == {}


def test_pieces_of_an_order_are_taken_off_once_from_its_placing_to_its_leaving(shelf: MagentoShelf) -> None:
    shelf.sync()
    shelf.follow()
    had = shelf.salable(SKU)
    order = shelf.place(DOG_LEAD=3)
    steps = [steady(shelf)]  # Magento takes them off by itself, before we hear of it
    assert shelf.pair.run(order) == "done"
    steps.append(steady(shelf))
    sales_order = shelf.distributed(order)
    steps.append(steady(shelf))
    shelf.pair.heartland.post("/_sim/staff/invoice", {"order_id": sales_order, "custom": {"tracking_number": "1Z9"}})
    steps.append(steady(shelf))  # they left the shop, and Magento does not know: they are reserved and told still
    shelf.magento.post(f"/_sim/orders/{order}/ship", {"source": SOURCE})
    steps.append(steady(shelf))
    assert steps == [(had, had - 3)] * 4 + [(had - 3, had - 3)]
    assert shelf.expected_of(SKU) == had - 3


def steady(shelf: MagentoShelf) -> tuple[int, int]:
    """On hand and salable after a look; two more looks change neither."""
    shelf.follow()
    found = shelf.at(SKU), shelf.salable(SKU)
    for _ in range(2):
        StockLevel.objects.filter(sku=SKU).update(is_dirty=True)
        shelf.follow()
    assert (shelf.at(SKU), shelf.salable(SKU)) == found
    return found


def test_an_order_that_we_have_not_heard_of_is_not_offered_again(shelf: MagentoShelf) -> None:
    shelf.sync()
    had = shelf.salable(SKU)
    shelf.place(DOG_LEAD=3)
    shelf.move(SKU, -1)
    shelf.follow()
    assert (shelf.at(SKU), shelf.salable(SKU)) == (had - 1, had - 4)
    shelf.sync()
    assert (shelf.at(SKU), shelf.salable(SKU)) == (had - 1, had - 4)


def test_a_shipment_between_reading_and_writing_is_not_undone(
    shelf: MagentoShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.sync()
    had = shelf.salable(SKU)
    order = shelf.place(DOG_LEAD=3)
    assert shelf.pair.run(order) == "done"
    shelf.follow()
    shelf.distributed(order)
    read, shipped = Reserves.read, list[str]()

    def interrupted(self: Reserves) -> Pieces:
        pieces = read(self)
        if not shipped:
            shelf.magento.post(f"/_sim/orders/{order}/ship", {"source": SOURCE})
            shipped.append(order)
        return pieces

    monkeypatch.setattr(Reserves, "read", interrupted)
    shelf.move(SKU, -1)
    shelf.follow()
    assert shipped == [order]
    assert (shelf.at(SKU), shelf.salable(SKU)) == (had - 4, had - 4) == (shelf.expected_of(SKU),) * 2


def test_pieces_of_a_refunded_order_stay_off_sale_until_a_person_decides(shelf: MagentoShelf) -> None:
    shelf.sync()
    had = shelf.salable(SKU)
    order = shelf.place(DOG_LEAD=3)
    assert shelf.pair.run(order) == "done"
    shelf.follow()
    shelf.magento.post(f"/_sim/orders/{order}/cancel", {})
    assert shelf.pair.run(order) == "hold"
    assert steady(shelf) == (had - 3, had - 3)  # Magento reserves nothing any more, Heartland holds the order


def test_the_card_says_what_the_store_reserves(shelf: MagentoShelf, client: Client) -> None:
    shelf.sync()
    had = shelf.salable(SKU)
    assert shelf.pair.run(shelf.place(DOG_LEAD=3)) == "done"
    shelf.follow()
    client.force_login(factories.member(shelf.pair.connection.merchant))
    address = reverse("inventory_why", args=[shelf.pair.connection.public_id])
    page = " ".join(client.get(address, {"sku": SKU}).content.decode().split())
    assert "<b>3</b><span>reserved by the store's open orders</span>" in page
    assert "</strong> for sale, and what it reserves on top, " in page
    assert f"<b>{had - 3}</b><span>for sale online</span>" in page
    assert f"The store holds <strong>{had}</strong> and sells {had - 3}, asked just now." in page
    assert "Both agree" in page


def test_each_location_feeds_its_source_and_several_feed_one(shelf: MagentoShelf) -> None:
    shelf.only("")
    connection = shelf.pair.connection
    person = factories.member(connection.merchant)
    connection.inventory_settings.counts_all_locations = False
    connection.inventory_settings.save()
    feeds = dict(zip(sorted(shelf.open_places()), (SOURCE, "depot", "depot"), strict=False))
    for place, source in feeds.items():
        location = connection.heartland.locations.get(external_id=place)
        row = ConnectionLocation.objects.create(connection=connection, location=location, store_location=SOURCE)
        location_feed(place=row, store_location=source, actor=person)
    shelf.sync()
    expected = shelf.expected_at(SKU, feeds)
    assert {source: shelf.at(SKU, source) for source in expected} == expected
    assert shelf.salable(SKU) == sum(expected.values())


def test_what_the_place_that_sells_lacks_comes_off_the_next_one(shelf: MagentoShelf) -> None:
    connection = shelf.pair.connection
    shelf.only("")
    connection.inventory_settings.counts_all_locations = False
    connection.inventory_settings.save()
    first, second = sorted(shelf.open_places())[:2]
    for place, source in ((first, SOURCE), (second, "depot")):
        location = connection.heartland.locations.get(external_id=place)
        ConnectionLocation.objects.create(connection=connection, location=location, store_location=source)
    shelf.sync()
    here, there = shelf.at(SKU), shelf.at(SKU, "depot")
    order = shelf.place(DOG_LEAD=here + 2)
    assert shelf.pair.run(order) == "done"
    shelf.follow()
    assert shelf.salable(SKU) == there - 2
    assert shelf.at(SKU) + shelf.at(SKU, "depot") == here + there


def test_a_reservation_that_no_order_explains_is_found_by_night(shelf: MagentoShelf) -> None:
    shelf.sync()
    assert shelf.pair.run(shelf.place(DOG_LEAD=3)) == "done"
    shelf.follow()
    assert shelf.sync(kind=CHECK).result.get(COUNT, 0) == 0
    stray = shelf.reserve(SKU, -2)
    run = shelf.sync(kind=CHECK)
    change = run.changes.get(subject=SKU)
    assert (change.kind, change.before, change.after) == (RunChange.Kind.DIFFERENT, "5", "3")
    assert change.reason == "The store reserves 5 for open orders, and these hold 3."
    assert run.result[COUNT] == 1
    error = SyncError.objects.open().get(code="reserved_otherwise")
    assert SKU in error.violations[0]["fix"]
    shelf.unreserve(stray)
    assert shelf.sync(kind=CHECK).result.get(COUNT, 0) == 0
    assert not SyncError.objects.open().filter(code="reserved_otherwise").exists()


def test_a_sku_that_magento_has_no_longer_is_named_and_keeps_nobody_back(shelf: MagentoShelf) -> None:
    shelf.sync()
    shelf.follow()
    shelf.magento.post("/_sim/products/delete", {"sku": SKU})
    shelf.move(SKU, -1)
    shelf.move("LGT-LANT", 2)
    shelf.follow()
    assert StockLevel.objects.get(sku=SKU).refusal == "Magento has no product with this SKU."
    error: Any = SyncError.objects.open().get(external_id=SKU)
    assert error.code == "stock_sku_gone"
    assert shelf.web()["LGT-LANT"] == shelf.expected_of("LGT-LANT")


def test_a_sync_is_undone_and_stock_follows_no_more(shelf: MagentoShelf) -> None:
    shelf.sync(kind=PREVIEW)
    before = shelf.web()
    run = shelf.sync()
    undone = run_whole(shelf.pair.connection, STOCK_UNDO, of=run.pk)
    assert undone.sentence.startswith(f"Put {run.changes.filter(kind='update').count()} numbers back. Stock does not")
    assert shelf.web() == before
    assert not InventorySettings.objects.get().follows


def test_what_is_sold_from_a_source_that_nothing_feeds_is_no_agreement(shelf: MagentoShelf) -> None:
    """Magento sells the sum of its sources: the card, the check and its share of agreement say what lies elsewhere."""
    connection = shelf.pair.connection
    shelf.sync()
    clean = shelf.sync(kind=CHECK)
    assert ("different" in clean.result, "elsewhere" in clean.result, accuracy(clean)) == (False, False, 100.0)
    state = shelf.server.app.service.state
    (row,) = state.source_items.find(sku=SKU, source_code="pine_annex")
    state.source_items.update(row["id"], quantity=Decimal("3.7"), status=1)
    client = Client()
    client.force_login(factories.member(connection.merchant))
    shelf.calls()
    page = client.get(reverse("inventory_why", args=[connection.public_id]), {"sku": SKU}).content.decode()
    assert of_store(shelf.calls()) == {ORDERS: 1, HELD: 3, LINKED: 1}  # the number, others at all, and of this SKU
    assert ("Both agree" in page, "Sold from elsewhere too" in page) == (False, True)
    assert "It also sells 3 from <code>pine_annex</code></strong>, to which no stock is sent" in page
    assert f"shoppers can buy {shelf.at(SKU) + 3} in all" in page
    run = shelf.sync(kind=CHECK)
    compared = clean.result["agree"]
    assert (run.result["agree"], run.result["elsewhere"]) == (compared - 1, 1)
    assert accuracy(run) == 100.0 * (compared - 1) / compared
    assert "; 1 sold from places to which no stock is sent" in run.sentence
    (change,) = run.changes.all()
    assert (change.subject, int(change.before) - int(change.after), change.weight) == (SKU, 3, 3)
    state.source_items.update(row["id"], status=0)  # out of stock there: not sold
    page = client.get(reverse("inventory_why", args=[connection.public_id]), {"sku": SKU}).content.decode()
    assert "Both agree" in page
