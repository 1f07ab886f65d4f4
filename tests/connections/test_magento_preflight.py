"""The preflight of a Magento shop: each trouble has its finding and its fix."""

from datetime import UTC, datetime, timedelta

import pytest

from connections import services
from connections.connect.magento.connecting import store_connect
from connections.connect.magento.kind import clock_told
from connections.fixes import PAGES
from connections.models import Connection, HeartlandAccount, InventorySettings, Merchant
from connections.preflight.doctor import preflight
from connections.preflight.findings import Finding, Severity
from connections.store_kinds import kind_of
from tests.connections.magento_shop import Admin, admin, magento_server

__all__ = ["admin", "magento_server"]
pytestmark = pytest.mark.django_db
OK, WARN = Severity.OK, Severity.WARN


@pytest.fixture
def pair(admin: Admin, merchant: Merchant, account: HeartlandAccount) -> Connection:
    """The shop's first website, paired with Heartland."""
    store = store_connect(merchant=merchant, address=admin.url, secrets=admin.four_values(), website="base")
    return services.connection_create(heartland=account, store=store, actor=None)


def looked(pair: Connection) -> dict[str, Finding]:
    return {finding.code: finding for finding in preflight(pair)}


def test_a_sound_shop_is_found_sound(pair: Connection) -> None:
    found = looked(pair)
    codes = ("store_access", "sources", "database_zone")
    assert {code: found[code].severity for code in codes} == dict.fromkeys(codes, OK)
    pages = {*PAGES, "heartland", "store", "merchant", ""}
    assert {finding.fix_page for finding in found.values()} <= pages
    assert all(finding.fix for finding in found.values() if finding.severity != OK)


def test_views_that_sell_in_another_currency_are_told(pair: Connection) -> None:
    finding = looked(pair)["currencies"]
    assert finding.severity == WARN
    assert finding.sentence.startswith("One store view sells in CAD, and the website reckons in USD")


def test_orders_in_statuses_that_stay_behind_are_counted(pair: Connection, admin: Admin) -> None:
    taken = pair.order_settings.eligible_statuses
    orders = admin.sim("GET", "state/orders")["rows"]
    left_out = [order for order in orders if order["status"] not in taken]
    finding = looked(pair)["statuses"]
    assert (finding.severity, len(left_out) > 0) == (WARN, True)
    assert finding.sentence.startswith(f"{len(left_out)} orders are in statuses that are not brought over")
    pair.order_settings.eligible_statuses = sorted({order["status"] for order in orders})
    pair.order_settings.save()
    assert looked(pair)["statuses"].severity == OK


def test_a_database_that_does_not_keep_utc_is_betrayed_by_an_order_in_the_future(
    pair: Connection, admin: Admin
) -> None:
    (order_id,) = admin.orders(1)
    assert looked(pair)["database_zone"].severity == OK
    later = datetime.now(UTC) + timedelta(hours=2, seconds=20)
    admin.sim("PUT", f"orders/{order_id}/columns", {"order": {"created_at": f"{later:%Y-%m-%d %H:%M:%S}"}})
    finding = looked(pair)["database_zone"]
    assert (finding.severity, finding.sentence.split(" in the future")[0]) == (
        WARN,
        "The shop's newest order is 120 minutes",
    )


def test_a_shop_without_sources_is_told_so(pair: Connection, admin: Admin) -> None:
    admin.switch(inventory_modules=False)
    services.store_check(store=pair.store)
    pair.store.refresh_from_db()
    assert looked(pair)["sources"].sentence == "The shop keeps one stock, without sources."
    assert dict(services.store_check(store=pair.store).shown)["Sources"] == "one stock, no sources"


def test_a_shop_with_sources_names_those_that_are_switched_on(pair: Connection) -> None:
    assert (pair.store.facts["stock_id"], pair.store.facts["source"]) == (2, "harbor_main")
    assert looked(pair)["sources"].sentence == "The website sells from harbor_main, pine_annex, depot."
    places = kind_of(pair.store).places(pair.store)
    assert [(place.id, place.is_enabled) for place in places] == [
        ("harbor_main", True),
        ("pine_annex", True),
        ("depot", True),
        ("popup", False),
    ]


def test_sources_that_are_sold_from_and_never_told_are_named_once_locations_are_chosen(
    pair: Connection, admin: Admin
) -> None:
    """Magento sells the sum of a stock's sources: what stands where nobody sends anything is sold unseen."""
    places = list(pair.heartland.locations.filter(is_active=True)[:2])
    counted = pair.counted_locations.create(location=places[0], store_location="harbor_main")
    codes = ("pine_annex", "depot")
    standing = [row for row in admin.sim("GET", "state/source_items?limit=5000")["rows"] if row["source_code"] in codes]
    stocked = len([row for row in standing if row["quantity"] > 0])
    finding = looked(pair)["sources"]
    assert (finding.severity, stocked > 1) == (WARN, True)
    assert finding.sentence.startswith(
        f"The website also sells from pine_annex, depot, to which no stock is sent: {stocked} quantities stand there"
    )
    counted.delete()
    InventorySettings.objects.update_or_create(connection=pair, defaults={"counts_all_locations": True})
    assert f"{stocked} quantities" in looked(pair)["sources"].sentence
    for place, code in zip(places, codes, strict=True):
        pair.counted_locations.create(location=place, store_location=code)
    assert looked(pair)["sources"].severity == OK


def test_input_limits_are_told(pair: Connection, admin: Admin) -> None:
    assert dict(services.store_check(store=pair.store).shown)["Input limits"] == "off"
    admin.switch(input_limiting=True)
    assert dict(services.store_check(store=pair.store).shown)["Input limits"] == "on: at most 300 rows a page"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "the same as ours"), (600, "600 seconds ahead of ours"), (-90, "90 seconds behind ours")],
)
def test_a_clock_that_is_off_is_told(seconds: int, words: str) -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    assert clock_told(now + timedelta(seconds=seconds), now) == words
