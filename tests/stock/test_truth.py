"""What both systems hold now, and never our memory of it: locations, other stores, hands, refusals, odd answers."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connections.models import ConnectionLocation, InventorySettings, Location, Role
from errors.models import SyncError
from mappings.linking import item_link
from mappings.models import Link, StockLevel, StockRule
from syncjobs import tasks
from syncjobs.models import Cursor, Run, StockMove
from syncjobs.stock.availability import cards_of
from syncjobs.stock.check_levels import CHECK, NOT_TOLD, accuracy
from syncjobs.stock.follow_ledger import stock_follow
from syncjobs.stock.full_sync import PREVIEW
from tests import factories
from tests.bulk import link_all
from tests.flows.conftest import Pair
from tests.flows.test_identity import second_store, two
from tests.screens.conftest import Shop
from tests.stock.conftest import Shelf
from tests.stock.test_full import ALONE, levels_set

__all__ = ["second_store", "two"]

TOKEN = {"Authorization": "Bearer sim-heartland-token"}
STORE_TOKEN = {"X-Auth-Token": "sim-bigcommerce-token"}


@pytest.fixture
def synced(shelf: Shelf) -> Shelf:
    """Synced long ago, so that the store shows what it was told."""
    shelf.sync()
    StockLevel.objects.update(held_at=timezone.now() - timedelta(minutes=6))
    StockLevel.objects.filter(pushed_at__isnull=False).update(pushed_at=timezone.now() - timedelta(minutes=5))
    shelf.calls()
    return shelf


def shop_of(shelf: Shelf) -> Shop:
    connection = shelf.pair.connection
    people = {role: factories.member(connection.merchant, role) for role in Role}
    return Shop(merchant=connection.merchant, connection=connection, people=people)


def page_of(shop: Shop, path: str) -> str:
    return " ".join(shop.client().get(shop.at(path)).content.decode().split())


def held(shelf: Shelf, sku: str, location: int = 1) -> int:
    """What the store itself holds."""
    client = shelf.pair.store_client()
    return next(int(row["total_inventory_onhand"]) for row in client.levels_of([sku], location))


def begun(shelf: Shelf) -> Run:
    """The run that the last look began by itself, worked to its end."""
    run = Run.objects.get(kind="stock_sync", state=Run.State.RUNNING)
    assert run.started_by is None
    return shelf.work(run)


# --- the store itself -----------------------------------------------------------------------------


def test_a_hand_edit_is_previewed_shown_and_made_equal_by_a_full_sync(synced: Shelf) -> None:
    shop, right = shop_of(synced), synced.web()["HP-TEE-RED-XS"]
    assert "Both agree" in page_of(shop, "inventory/why/?sku=HP-TEE-RED-XS")
    levels_set(synced, {"HP-TEE-RED-XS": right + 73})
    card = page_of(shop, "inventory/why/?sku=HP-TEE-RED-XS")
    assert f"The store holds <strong>{right + 73}</strong>, asked just now" in card
    assert ("They differ" in card, "Both agree" in card) == (True, False)
    preview = synced.sync(kind=PREVIEW)
    change = preview.changes.get()
    assert (change.subject, change.before, change.after) == ("HP-TEE-RED-XS", str(right + 73), str(right))
    assert held(synced, "HP-TEE-RED-XS") == right + 73
    assert synced.sync().sentence == f"Looked at 572 SKUs and changed 1.{ALONE}"
    assert held(synced, "HP-TEE-RED-XS") == right
    card = page_of(shop, "inventory/why/?sku=HP-TEE-RED-XS")
    assert "Both agree" in card
    assert card.index("In runs over the stock") < card.index("In previews") < card.index("Would be changed")


def test_a_hand_edit_a_moment_after_we_wrote_is_made_equal_too(shelf: Shelf) -> None:
    shelf.sync()
    right = shelf.web()["DOG-LEAD"]
    levels_set(shelf, {"DOG-LEAD": right + 1})
    shelf.sync()
    assert held(shelf, "DOG-LEAD") == right


def test_accuracy_compares_the_store_with_heartland(synced: Shelf) -> None:
    """The store holds what it was told, and Heartland another number that nobody heard of."""
    synced.move("DOG-LEAD", 5)
    Cursor.objects.filter(feed=Cursor.STOCK).update(position=str(10**9))
    run = synced.sync(kind=CHECK)
    assert run.sentence == f"569 of 570 SKUs hold what Heartland says; 1 is put right.{ALONE}"
    assert round(accuracy(run) or 0, 2) == 99.82
    assert run.changes.get().reason == NOT_TOLD
    assert synced.follow() is not None
    assert synced.web() == synced.expected()


def test_what_the_ledger_moved_is_in_the_cards_history(synced: Shelf) -> None:
    was = synced.web()["DOG-LEAD"]
    synced.move("DOG-LEAD", -1)
    synced.follow()
    move = StockMove.objects.get()
    assert (move.sku, move.before, move.after) == ("DOG-LEAD", was, was - 1)
    card = page_of(shop_of(synced), "inventory/why/?sku=DOG-LEAD")
    assert "Followed by itself" in card
    assert f"no. {move.entry}" in card


def test_the_card_knows_why_no_stock_is_sent(shelf: Shelf) -> None:
    connection, now = shelf.pair.connection, timezone.now()
    assert "no sync has run yet" in cards_of(connection, "DOG-LEAD", now).lacking
    assert "not linked" in cards_of(connection, "NOBODY", now).lacking
    InventorySettings.objects.update(counts_all_locations=False)
    assert cards_of(connection, "DOG-LEAD", now).lacking.startswith("No location counts")


# --- other stores of the account ------------------------------------------------------------------


def test_pieces_promised_by_one_store_are_off_sale_in_the_other(two: tuple[Pair, Pair]) -> None:
    shelves = [Shelf(pair) for pair in two]
    for shelf in shelves:
        shelf.pair.bigcommerce.put("/_sim/switches", {"inventory_delay": 0})
        InventorySettings.objects.filter(connection=shelf.pair.connection).update(counts_all_locations=True)
        link_all(shelf.pair.connection)
        shelf.sync()
    first, second = shelves
    free = held(first, "DOG-LEAD")
    assert free == held(second, "DOG-LEAD") >= 2
    order = second.pair.book(lines=[{"sku": "DOG-LEAD", "quantity": 2}])
    look(first)
    assert held(first, "DOG-LEAD") == free - 2
    assert cards_of(first.pair.connection, "DOG-LEAD", timezone.now()).cards[0].answer.pending == 2
    number = second.pair.record(order).target_label
    second.pair.heartland.post("/_sim/staff/cancel", {"order": number, "refund": True})
    second.pair.bigcommerce.post(f"/_sim/orders/{order}/cancel", {})
    second.pair.run(order)
    look(first)
    assert held(first, "DOG-LEAD") == free


def look(shelf: Shelf) -> None:
    Cursor.objects.filter(feed=Cursor.STOCK).update(due_at=timezone.now())
    assert stock_follow(connection=shelf.pair.connection, now=timezone.now()) is not None


# --- locations ------------------------------------------------------------------------------------


def test_a_closed_and_a_new_location_are_heeded_by_themselves(synced: Shelf) -> None:
    heartland, account = synced.pair.heartland, synced.pair.connection.heartland
    before = synced.web()
    heartland.post("/_sim/staff/location", {"location": "DEPOT", "gone": True})
    assert tasks.places() == "1 accounts"
    assert tasks.look_at_places(synced.pair.connection.pk) == f"{account.locations.count() - 1} locations"
    synced.follow()
    begun(synced)
    assert synced.web() == synced.expected() != before
    synced.follow()
    heartland.post("/_sim/staff/location", {"number": "MARKET", "name": "Harbor Market"})
    synced.move("DOG-LEAD", 44, "MARKET")
    tasks.look_at_places(synced.pair.connection.pk)
    synced.follow()
    begun(synced)
    assert synced.web() == synced.expected()
    assert account.locations.filter(name="Harbor Market", is_active=True).exists()
    heartland.post("/_sim/staff/location", {"location": "MARKET", "active": False})
    heartland.post("/_sim/staff/location", {"location": "MAIN", "name": "Harbor Quay"})
    synced.sync()  # reads the locations itself
    assert synced.web() == synced.expected()
    assert set(account.locations.filter(is_active=True).values_list("name", flat=True)) >= {"Harbor Quay"}
    assert not Run.objects.filter(state=Run.State.RUNNING).exists()


def only(shelf: Shelf, **targets: str) -> None:
    """These locations count, and feed these of the store."""
    InventorySettings.objects.update(counts_all_locations=False)
    ConnectionLocation.objects.all().delete()
    for number, target in targets.items():
        place = Location.objects.get(number=number)
        ConnectionLocation.objects.create(connection=shelf.pair.connection, location=place, store_location=target)


def second_location(shelf: Shelf) -> None:
    address = {"city": "Austin", "state": "Texas", "zip": "78701", "country_code": "US", "address1": "1 Elm St"}
    body = {"label": "Annex", "managed_by_external_source": False, "type_id": "PHYSICAL", "time_zone": "UTC"}
    url = f"{shelf.pair.bigcommerce.base}/stores/a1b2c3d4e5/v3/inventory/locations"
    answer = shelf.pair.bigcommerce.session.post(url, json=[body | {"address": address}], headers=STORE_TOKEN)
    answer.raise_for_status()


def test_moving_and_removing_a_location_undoes_what_it_fed(shelf: Shelf) -> None:
    second_location(shelf)
    only(shelf, MAIN="1")
    shelf.sync()
    pieces = held(shelf, "DOG-LEAD")
    main = Location.objects.get(number="MAIN").external_id
    shop = shop_of(shelf)
    client = shop.client()
    client.post(shop.at("inventory/lists/"))
    asked = client.post(shop.at("inventory/feeds/"), {f"feeds-{main}": "2"}).content.decode()
    assert "Nothing was changed yet" in asked
    assert ConnectionLocation.objects.get().store_location == "1"
    client.post(shop.at("inventory/feeds/"), {f"feeds-{main}": "2", "sure": "on"})
    shelf.work(Run.objects.get(state=Run.State.RUNNING))
    shelf.follow()
    assert (held(shelf, "DOG-LEAD", 1), held(shelf, "DOG-LEAD", 2)) == (0, pieces)
    assert "Take stock off sale?" in client.post(shop.at("inventory/remove/"), {"location": main}).content.decode()
    client.post(shop.at("inventory/remove/"), {"location": main, "sure": "on"})
    shelf.follow()
    assert (held(shelf, "DOG-LEAD", 1), held(shelf, "DOG-LEAD", 2)) == (0, 0)
    assert not StockLevel.objects.exclude(refusal="").exists()
    assert "No location counts, so nothing is offered" in page_of(shop, "inventory/")
    assert "No location counts, so nothing is offered" in client.get("/").content.decode()


def test_the_last_location_that_closes_takes_everything_off_sale_and_says_so(shelf: Shelf) -> None:
    only(shelf, DEPOT="1")
    shelf.sync()
    assert any(shelf.web().values())
    shelf.pair.heartland.post("/_sim/staff/location", {"location": "DEPOT", "gone": True})
    tasks.look_at_places(shelf.pair.connection.pk)
    shelf.follow()
    rows = {row["identity"]["sku"]: row for page in shelf.pair.store_client().iter_levels(1) for row in page}
    linked = Link.objects.filter(kind="item").exclude(stock_levels__keeps_stock=False)
    assert {rows[sku]["total_inventory_onhand"] for sku in linked.values_list("source_id", flat=True)} <= {0}
    shop = shop_of(shelf)
    tab = page_of(shop, "inventory/")
    assert "Closed, or no longer shown to us in Heartland:" in tab
    assert "No location counts, so nothing is offered" in tab


# --- numbers that are not the sum -----------------------------------------------------------------


def test_c67_what_is_clamped_says_why_in_runs_files_and_on_the_dashboard(shelf: Shelf) -> None:
    row = next(one for one in shelf.pair.heartland.rows("items") if one["public_id"] == "LGT-LANT")
    url = f"{shelf.pair.heartland.base}/api/items/{row['id']}"
    shelf.pair.heartland.session.put(url, json={"allow_fractional_qty": True}, headers=TOKEN).raise_for_status()
    for location, quantity in (("MAIN", 2.5), ("DEPOT", 1.75)):
        shelf.pair.heartland.post("/_sim/staff/adjust", {"location": location, "sku": "LGT-LANT", "set_to": quantity})
    for place in Location.objects.exclude(number__in=("MAIN", "DEPOT")):
        shelf.pair.heartland.post("/_sim/staff/adjust", {"location": place.number, "sku": "LGT-LANT", "set_to": 0})
        shelf.pair.heartland.post("/_sim/staff/adjust", {"location": place.number, "sku": "DOG-LEAD", "set_to": 0})
    for number, quantity in (("MAIN", -4), ("DEPOT", 0)):
        shelf.pair.heartland.post("/_sim/staff/adjust", {"location": number, "sku": "DOG-LEAD", "set_to": quantity})
    run = shelf.sync()
    lantern, lead = run.changes.get(subject="LGT-LANT"), run.changes.get(subject="DOG-LEAD")
    assert (lantern.after, lantern.reason) == ("4", "The sum is 4.25: only whole pieces are sold.")
    assert (lead.after, lead.reason) == ("0", "The sum is -4: fewer than none is none.")
    assert "1 × only whole pieces are sold" in run.sentence
    shop = shop_of(shelf)
    lines = b"".join(shop.client().get(shop.at(f"runs/{run.pk}/csv/"))).decode()
    assert "The sum is 4.25: only whole pieces are sold." in lines
    short = StockLevel.objects.filter(clamps="negative").count()
    assert f"{short} SKU{'' if short == 1 else 's'} with fewer than none in Heartland" in " ".join(
        shop.client().get("/").content.decode().split()
    )
    tab = page_of(shop, "inventory/")
    assert "Numbers that are not the plain sum" in tab
    assert "?sku=DOG-LEAD" in tab
    card = page_of(shop, "inventory/why/?sku=LGT-LANT")
    assert (">1.75<" in card, "The sum is 4.25: only whole pieces are sold." in card) == (True, True)


# --- rules ----------------------------------------------------------------------------------------


def test_a_bad_rule_is_named_and_the_others_hold(synced: Shelf) -> None:
    connection = synced.pair.connection
    StockRule.objects.create(connection=connection, field="departmnt", value="Audit", safety_units=1)
    StockRule.objects.create(connection=connection, value="DOG-LEAD", safety_units=2)
    was = synced.web()["DOG-LEAD"]
    run = synced.sync()
    assert run.state == Run.State.DONE
    assert "A rule was not applied: departmnt Audit: Heartland refused the request (400)" in run.sentence
    assert held(synced, "DOG-LEAD") == was - 2
    assert "Not applied: Heartland refused" in page_of(shop_of(synced), "inventory/")


def test_a_rule_is_checked_against_both_systems_before_it_is_saved(synced: Shelf) -> None:
    shop = shop_of(synced)
    client = shop.client()
    numbers = {"safety_units": "2", "safety_percent": "0", "last_units": "0"}
    for wish, field, words in (
        ({"field": "departmnt", "value": "Audit"}, "field", "no item field with the key departmnt"),
        ({"field": "", "value": "NOT-A-SKU"}, "value", "No linked item has the SKU NOT-A-SKU."),
        ({"field": "", "value": "dog-lead"}, "value", "Do you mean DOG-LEAD?"),
        ({"field": "", "value": ""}, "value", "Name the SKU"),
    ):
        answer = client.post(shop.at("inventory/rules/"), wish | numbers)
        assert answer.status_code == 400
        assert words in str(answer.context["item_form"].errors[field])
    synced.pair.heartland.post("/_sim/faults", {"path": "/api/items", "status": 503, "times": 1})
    answer = client.post(shop.at("inventory/rules/"), {"field": "department", "value": "Footwear"} | numbers)
    assert "could not be asked" in str(answer.context["item_form"].errors["field"])
    assert not StockRule.objects.exists()
    answer = client.post(shop.at("inventory/rules/"), {"field": "department", "value": "Toys"} | numbers, follow=True)
    assert "No item of Heartland has Toys in department yet." in answer.content.decode()
    main = Location.objects.get(number="MAIN")
    client.post(shop.at("inventory/rules/"), {"field": "", "value": "", "location": main.pk} | numbers)
    assert "Stock at Harbor Main" in page_of(shop, "inventory/")


def test_a_location_keeps_back_of_its_own_stock(synced: Shelf) -> None:
    """Row 39: pieces kept back by location; elsewhere all is sold."""
    connection = synced.pair.connection
    main = Location.objects.get(number="MAIN")
    StockRule.objects.create(connection=connection, value=main.external_id, location=main, safety_units=3)
    there = {
        row["item_id"]: max(0, row["on_hand"] - row["committed"])
        for row in synced.pair.heartland.rows("stock")
        if row["location_id"] == int(main.external_id)
    }
    free = {level.sku: level.item_id for level in synced.levels()}
    expected = {
        sku: max(0, quantity - int(min(3, there.get(free[sku], 0)))) for sku, quantity in synced.expected().items()
    }
    synced.follow()
    begun(synced)
    assert {sku: one for sku, one in synced.web().items() if one != expected[sku]} == {}
    synced.move("DOG-LEAD", -1)
    synced.follow()
    assert "kept back at locations" in page_of(shop_of(synced), "inventory/why/?sku=DOG-LEAD")


# --- how the store and Heartland are asked ---------------------------------------------------------


def test_items_are_named_by_what_the_store_counts(synced: Shelf) -> None:
    """By product where it counts products, by variant else; a SKU renamed in the store is told on."""
    level = StockLevel.objects.get(sku="DOG-LEAD")
    assert level.by_product
    url = f"{synced.pair.bigcommerce.base}/stores/a1b2c3d4e5/v3/catalog/products/{level.product_id}"
    synced.pair.bigcommerce.session.put(url, json={"sku": "DOG-LEAD-2"}, headers=STORE_TOKEN).raise_for_status()
    synced.move("DOG-LEAD", 1)
    synced.follow()
    assert held(synced, "DOG-LEAD-2") == level.quantity + 1  # type: ignore[operator]
    synced.pair.bigcommerce.session.put(
        url, json={"inventory_tracking": "variant"}, headers=STORE_TOKEN
    ).raise_for_status()
    synced.move("DOG-LEAD", 1)
    synced.move("LGT-LANT", 1)
    synced.calls()
    synced.follow()
    assert not SyncError.objects.open().exists()
    assert not StockLevel.objects.get(sku="DOG-LEAD").by_product
    assert held(synced, "DOG-LEAD-2") == level.quantity + 2  # type: ignore[operator]


def test_what_the_store_counts_by_product_is_told_in_its_words(synced: Shelf) -> None:
    sku = "HP-TEE-RED-XS"
    level = StockLevel.objects.get(sku=sku)
    url = f"{synced.pair.bigcommerce.base}/stores/a1b2c3d4e5/v3/catalog/products/{level.product_id}"
    body = {"inventory_tracking": "product"}
    synced.pair.bigcommerce.session.put(url, json=body, headers=STORE_TOKEN).raise_for_status()
    synced.move(sku, 1)
    synced.move("LGT-LANT", 1)
    synced.follow()
    error = SyncError.objects.open().get()
    assert (error.external_id, error.code) == (sku, "stock_of_whole_product")
    assert held(synced, "LGT-LANT") == StockLevel.objects.get(sku="LGT-LANT").quantity


def test_a_friendly_store_takes_the_same(shelf: Shelf) -> None:
    shelf.pair.bigcommerce.put("/_sim/switches", {"product_identity": "any"})
    shelf.sync()
    assert shelf.web() == shelf.expected()


@pytest.mark.parametrize("switches", [{"values_unsorted": True}, {"values_filter": "equality"}])
@pytest.mark.parametrize("counts_all", [True, False])
def test_heartland_may_sort_and_filter_stock_otherwise(
    shelf: Shelf, switches: dict[str, object], counts_all: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connections.connectors.heartland.stock._plain", set())
    monkeypatch.setattr("connections.connectors.heartland.stock.ROWS", 300)
    if not counts_all:
        only(shelf, MAIN="1")
    account = shelf.pair.connection.heartland
    places = None if counts_all else [Location.objects.get(number="MAIN").external_id]
    shelf.pair.heartland.put("/_sim/switches", switches)
    shelf.sync()
    shelf.move("DOG-LEAD", 2)
    assert shelf.follow() is not None
    web = shelf.web()
    shelf.pair.heartland.put("/_sim/switches", {"values_unsorted": False, "values_filter": "all"})
    if places:
        account.locations.exclude(external_id__in=places).delete()
    assert web == shelf.expected()


def test_c32_both_listings_of_an_item_offer_its_stock(synced: Shelf) -> None:
    connection = synced.pair.connection
    body = {"type": "physical", "weight": 1, "price": 9, "name": "Lead again", "sku": "DOG-LEAD-B"}
    synced.pair.store_client().product_create(body | {"inventory_tracking": "product", "inventory_level": 1})
    link_all(connection)
    person = factories.member(connection.merchant)
    item_link(connection=connection, sku="DOG-LEAD-B", number="DOG-LEAD", was="", actor=person)
    synced.sync()
    held = synced.web()
    assert held["DOG-LEAD"] == held["DOG-LEAD-B"] == synced.expected()["DOG-LEAD"] > 1
    synced.move("DOG-LEAD", 3)
    synced.follow()
    assert {synced.web()[sku] for sku in ("DOG-LEAD", "DOG-LEAD-B")} == {held["DOG-LEAD"] + 3}
