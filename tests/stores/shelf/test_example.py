"""What README says of the worked example is true, and what it lacks is said plainly."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connections.fixes import store_order_url, store_site
from connections.hook_sides import NoSide
from connections.models import AccessState
from connections.preferences import location_count, location_feed
from connections.services.access import access_recheck
from connections.services.stores import store_check
from connections.store_kinds import kind_of
from connections.store_lists import locations
from errors.failures import NotOffered, Unreachable
from syncjobs.stock.plan import plan_of
from syncjobs.stores.opening import limits_of, statuses_of, store_of_patience
from tests import factories
from tests.stores.shelf import sandbox
from tests.stores.shelf.under_test import ShelfUnderTest
from tests.stores.under_test import PAGES

HERE = Path(__file__).parent
PRODUCT = ("client.py", "levels.py", "kind.py")  # what would stand in the product's rooms
CAPABILITIES = ("orders", "accounts", "payments", "feedback", "shipments", "catalogue")


@pytest.fixture
def shelf(db: None) -> Iterator[ShelfUnderTest]:
    made = ShelfUnderTest()
    with made.registered():
        yield made
    made.server.close()


def test_a_store_with_one_capability_takes_less_than_150_lines() -> None:
    lines = [line for name in PRODUCT for line in (HERE / name).read_text().splitlines() if line.strip()]
    assert len(lines) < 150


@pytest.mark.parametrize("capability", CAPABILITIES)
def test_what_a_kind_lacks_is_not_offered(shelf: ShelfUnderTest, capability: str) -> None:
    store = shelf.opened()
    with pytest.raises(NotOffered, match=f"Shelf offers us no {capability}"):
        getattr(store, capability)
    with pytest.raises(AttributeError):
        _ = store.pastries


def test_what_is_known_without_asking_is_not_offered_either(shelf: ShelfUnderTest) -> None:
    row = shelf.row()
    with pytest.raises(NotOffered, match="no catalogue"):
        limits_of(row)
    with pytest.raises(NotOffered, match="no orders"):
        statuses_of(row)


def test_a_kind_without_webhooks_registers_none(shelf: ShelfUnderTest) -> None:
    row = shelf.row()
    side = kind_of(row).hooks(row)
    assert isinstance(side, NoSide)
    assert (side.registered(), side.blocked_seconds("tillbridge.example")) == ([], 0.0)


def test_a_kind_of_ones_own_is_set_up_and_watched_like_any(shelf: ShelfUnderTest) -> None:
    row = shelf.row()
    diagnosis = store_check(store=row)
    assert (diagnosis.is_ok, diagnosis.account, diagnosis.system) == (True, "Pine Shelf (shelf.example)", "shelf")
    assert not access_recheck(owner=row, reason="401")
    row.credential = factories.credential("another key")
    assert not store_check(store=row).is_ok
    row.refresh_from_db()
    assert row.state == AccessState.REVOKED
    assert row.state_reason == "Shelf no longer accepts our access: reconnect it."


def test_people_are_led_to_an_order_only_where_it_has_a_page(shelf: ShelfUnderTest) -> None:
    ours = factories.connection(kind=shelf.kind, control_panel_url="https://office.shelf.example/")
    assert (store_site(ours), store_order_url(ours, "A-7")) == ("https://office.shelf.example", "")
    other = factories.connection(control_panel_url="https://store-a1.example/manage")
    assert store_order_url(other, "7") == "https://store-a1.example/manage/orders/7"
    nowhere = factories.connection(control_panel_url="")
    assert (store_site(nowhere), store_order_url(nowhere, "7")) == ("", "")


def test_stock_is_planned_for_places_with_codes(shelf: ShelfUnderTest) -> None:
    ours = factories.connection(kind=shelf.kind, store_hash="pine", api_base=shelf.sandbox.base)
    ours.store.credential = factories.credential(sandbox.TOKEN)
    ours.store.save()
    ours.inventory_settings.counts_all_locations = False
    ours.inventory_settings.save()
    person = factories.member(ours.merchant)
    for place in ours.heartland.locations.filter(external_id__in=["100005", "100006"]):
        location_count(connection=ours, location=place, actor=person)
    pier = shelf.place_open("Pier")
    assert ("pier", "Pier") in locations(ours.store, fresh=True).rows
    location_feed(place=ours.counted_locations.get(location__external_id="100006"), store_location=pier, actor=person)
    plan = plan_of(ours)
    assert plan.sources == {"pier": ("100006",), "shop-floor": ("100005",)}
    assert (plan.default, plan.selling) == ("shop-floor", "shop-floor")


def test_who_waits_before_a_page_waits_no_longer_than_told(shelf: ShelfUnderTest) -> None:
    store = store_of_patience(shelf.row())
    store.limit_calls_to(0.25)
    shelf.spoil(PAGES, stall=2)
    with pytest.raises(Unreachable):
        next(store.levels.pages(store.profile.default_place))
