"""The preflight doctor: each trouble has its finding, its severity and its fix."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import requests
from pytest_django import Settings

from connections import services
from connections.connect.bigcommerce.clients import bigcommerce_client
from connections.connectors.bigcommerce import BigCommerceClient
from connections.connectors.needs import gathered
from connections.fixes import PAGES
from connections.hooks import hooks_arm
from connections.models import Connection, Location
from connections.preflight import local
from connections.preflight.doctor import Clocks, preflight
from connections.preflight.findings import Finding, Severity
from ipaas.types import Call, System
from mappings.models import FieldDefault
from tests import factories
from tests.connections.conftest import rows, sim

pytestmark = pytest.mark.django_db
BLOCK, WARN, OK = Severity.BLOCK, Severity.WARN, Severity.OK


def looked(connection: Connection) -> dict[str, Finding]:
    return {finding.code: finding for finding in preflight(connection)}


def severities(connection: Connection) -> dict[str, Severity]:
    return {code: finding.severity for code, finding in looked(connection).items()}


def test_a_fresh_pair_is_told_what_is_missing(connection: Connection) -> None:
    found = looked(connection)
    blocked = {code for code, finding in found.items() if finding.severity == BLOCK}
    assert blocked == {"source_location", "payment_type", "mastery", "currency"}
    assert all(finding.fix for finding in found.values() if finding.severity != OK)
    pages = {*PAGES, "heartland", "store", "merchant", ""}
    assert {finding.fix_page for finding in found.values()} <= pages
    assert len(found) == len(preflight(connection))


def test_a_finished_set_up_blocks_nothing(active: Connection) -> None:
    hooks_arm(active)
    found = severities(active)
    assert BLOCK not in found.values()
    expected = ("heartland_access", "store_access", "source_location", "payment_type", "mastery", "hooks")
    assert [found[code] for code in expected] == [OK] * 6
    assert (found["clock_heartland"], found["clock_bigcommerce"]) == (OK, OK)


def test_statuses_that_stay_behind_are_counted_live(active: Connection) -> None:
    finding = looked(active)["statuses"]
    assert finding.severity == WARN
    assert "Awaiting Pickup (" in finding.sentence
    assert "Incomplete" not in finding.sentence
    settings = active.order_settings
    settings.eligible_statuses = [str(number) for number in range(15)]
    settings.save(update_fields=["eligible_statuses"])
    assert looked(active)["statuses"].severity == OK


def test_a_required_field_wants_a_default(active: Connection, heartland_url: str) -> None:
    body = {"group_id": "customer", "name": "Shoe size", "validation_type": "text", "required": True}
    sim_api(heartland_url, "custom_fields", body)
    finding = looked(active)["required_fields"]
    assert finding.severity == WARN
    assert "“Shoe size” (customer)" in finding.sentence
    FieldDefault.objects.create(connection=active, group="customer", key="shoe_size", value="42")
    assert "Shoe size" not in looked(active)["required_fields"].sentence


def test_a_location_that_went_away_blocks(active: Connection, heartland_url: str) -> None:
    sim(heartland_url, "POST", "faults", {"path": "/api/locations.*", "status": 200, "times": 9, "body": EMPTY})
    found = looked(active)
    assert found["source_location"].severity == BLOCK
    assert "no longer active" in found["source_location"].sentence


EMPTY = {"total": 0, "pages": 0, "results": []}


def test_a_limited_token_blocks(active: Connection) -> None:
    services.heartland_connect(
        merchant=active.merchant, base_url=active.heartland.base_url, token="sim-heartland-limited"
    )
    active.heartland.refresh_from_db()
    finding = looked(active)["heartland_access"]
    assert finding.severity == BLOCK
    assert "Create and edit sales orders" in finding.sentence


def test_a_scope_that_the_store_does_not_grant_is_named(active: Connection) -> None:
    credential = active.store.credential
    assert credential
    needs = gathered(BigCommerceClient)
    credential.scopes = " ".join(need.scope for need in needs if need.is_essential)
    credential.save(update_fields=["scopes"])
    finding = looked(active)["store_access"]
    lacking = ", ".join(need.scope for need in needs if not need.is_essential)
    assert (finding.severity, finding.sentence) == (
        WARN,
        f"BigCommerce lets us in, without {lacking}, which later features need.",
    )
    credential.scopes = "store_v2_information_read_only"
    credential.save(update_fields=["scopes"])
    assert looked(active)["store_access"].severity == BLOCK


@pytest.mark.parametrize(
    ("ahead", "severity", "words"),
    [(59, OK, "agrees"), (-200, WARN, "200 seconds behind"), (301, BLOCK, "301 seconds ahead of")],
)
def test_clocks_that_disagree(ahead: int, severity: Severity, words: str) -> None:
    clocks = Clocks()
    now = datetime.now(UTC).replace(microsecond=0)
    date = format_datetime(now + timedelta(seconds=ahead), usegmt=True)
    call = Call(
        system=System.BIGCOMMERCE,
        method="GET",
        path="/",
        status=200,
        duration_ms=1,
        began_at=now,
        headers={"date": date},
    )
    clocks.after(call)
    finding = local.clock(System.BIGCOMMERCE, clocks.seconds_ahead[System.BIGCOMMERCE])
    assert (finding.severity, words in finding.sentence) == (severity, True)


@pytest.mark.parametrize(
    ("number", "words"),
    [("BC-", "Another store of this Heartland numbers its orders BC-… too"), ("", "numbered without a prefix")],
)
def test_numbers_that_are_not_this_stores_alone_are_told(active: Connection, number: str, words: str) -> None:
    assert severities(active)["prefix"] == OK
    factories.prefix_as_before([active], number)
    active.order_settings.refresh_from_db()
    finding = looked(active)["prefix"]
    assert (finding.severity, words in finding.sentence, finding.fix_page) == (WARN, True, "orders")
    assert f": {'BC2-' if number else 'BC-'} is free." in finding.fix


def test_one_look_that_fails_spares_the_others(active: Connection, bigcommerce_url: str) -> None:
    sim(bigcommerce_url, "POST", "faults", {"path": ".*/v3/catalog/variants", "status": 503, "times": 9})
    found = looked(active)
    assert found["skus"].severity == WARN
    assert "could not be checked" in found["skus"].sentence
    assert "statuses" in found


def test_an_address_nobody_can_reach_is_named(active: Connection, settings: Settings) -> None:
    settings.PUBLIC_HOST, settings.PUBLIC_URL = "127.0.0.1", "http://127.0.0.1:8000"
    assert "nobody outside this machine" in looked(active)["hooks"].sentence


def sim_api(url: str, path: str, body: object) -> None:
    """A call to the Heartland sandbox as its own staff would make it."""
    headers = {"Authorization": "Bearer sim-heartland-token"}
    requests.post(f"{url}/api/{path}", json=body, headers=headers, timeout=5).raise_for_status()
    assert rows(url, path)


ODD = ("capture", "gift_wrap_used", "fees_used", "skus_blank", "skus_double", "skus_blanks_around", "tracking_off")


def test_what_the_seeds_oddities_lead_to_is_found(active: Connection, bigcommerce_url: str) -> None:
    plain = {"lines": [{"sku": "DOG-LEAD", "quantity": 1}]}
    sim(bigcommerce_url, "POST", "orders", plain | {"payment": "authorized"})
    wrapped = {"lines": [{"sku": "BOK-STEW", "quantity": 1, "gift_wrap": "Kraft paper"}], "handling": "2.00"}
    sim(bigcommerce_url, "POST", "orders", wrapped)
    active.order_settings.gift_wrap_item_id = active.order_settings.fee_item_id = ""
    active.order_settings.save()
    rows = [{"id": number, "sku": sku} for number, sku in enumerate(["", "TEE", "tee", " CAP"], 1)]
    page = {"data": rows, "meta": {"pagination": {"total": 4, "total_pages": 1, "current_page": 1}}}
    sim(bigcommerce_url, "POST", "faults", {"path": "/v3/catalog/variants", "status": 200, "times": 9, "body": page})
    found = severities(active)
    assert {code: found.get(code) for code in ODD} == dict.fromkeys(ODD, WARN)


def test_items_that_the_store_takes_for_one_and_those_that_cost_nothing_are_counted(
    active: Connection, heartland_url: str, bigcommerce_url: str
) -> None:
    found = looked(active)
    codes = ("numbers_alike", "items_free", "products_free")
    assert {code: found[code].severity for code in codes} == dict.fromkeys(codes, OK)
    for number, price in (("au-plain", 9), ("AU-PLAIN", 9), ("AU-ZERO", 0)):
        sim_api(heartland_url, "items", {"public_id": number, "description": number, "cost": 1, "price": price})
    body = {"name": "For nothing", "type": "physical", "weight": 1, "price": 0, "sku": "AU-ZERO", "categories": []}
    store = bigcommerce_client(active.store)
    store.product_create(body | {"is_visible": True})
    store.product_create(body | {"name": "Hidden", "sku": "AU-ZERO-2", "is_visible": False})
    found = looked(active)
    assert {code: found[code].severity for code in codes} == dict.fromkeys(codes, WARN)
    assert found["numbers_alike"].sentence.startswith("2 Item #s of all ")
    assert "differ by large and small letters only: AU-PLAIN, au-plain." in found["numbers_alike"].sentence
    assert found["items_free"].sentence.endswith(" has the price 0 in Heartland: AU-ZERO.")
    assert found["products_free"].sentence.endswith(" products 1 is on sale at the price 0: AU-ZERO.")


def test_shipping_from_a_location_that_is_gone_blocks(active: Connection) -> None:
    settings = active.order_settings
    settings.shipping = settings.Shipping.ONE
    settings.ship_from = Location.objects.create(account=active.heartland, external_id="999", name="Closed Cove")
    settings.save()
    assert severities(active)["ship_from"] == BLOCK


def test_sales_orders_without_a_field_for_the_mark_are_told(active: Connection) -> None:
    assert severities(active)["mark"] == OK
    active.order_settings.number_field = ""
    active.order_settings.save()
    finding = looked(active)["mark"]
    assert (finding.severity, finding.fix_page) == (WARN, "orders")
    assert finding.sentence.startswith("Sales orders bear no mark of this store")


def test_a_source_without_a_station_blocks(active: Connection, heartland_url: str) -> None:
    source = active.order_settings.source_location
    assert source
    row = {"id": int(source.external_id), "name": source.name, "active?": True, "stations": []}
    body = {"total": 1, "pages": 1, "results": [row]}
    sim(heartland_url, "POST", "faults", {"path": "/api/locations.*", "status": 200, "times": 9, "body": body})
    assert severities(active)["station"] == BLOCK
