"""The checklist of the first steps: read from what is, by role, for one's own stores, and each act of it."""

from datetime import timedelta

import pytest
import requests
from django.utils import timezone

from connections.models import Connection, InventorySettings, OrderSettings, Role
from connections.preferences import ORDER_NAMES
from connections.preflight.findings import block, ok
from connections.preflight.kept import preflight_keep, preflight_known
from mappings.models import CatalogueSku
from syncjobs.intake.orders_before import orders_before, orders_before_find
from syncjobs.models import Record, Run
from syncjobs.pages.first_run.checklist import Step
from tests import factories
from tests.queue_worker import queue_work
from tests.screens.conftest import Shop
from tests.screens.test_connection import paired
from tests.screens.test_dashboard import plain

__all__ = ["paired"]
ACCEPT = {"payment_type": "", "fields": "on", "mastery": "on", "currency": "USD", "other_payments": "book"}


@pytest.fixture
def set_up(paired: Shop) -> Shop:
    """A shop whose set-up was just accepted; nobody has worked the queue yet."""
    client = paired.client()
    shown = client.get(paired.at("setup/"))
    found = shown.context["found"]
    wish = ACCEPT | {"location": found.location_id, "shipping_method": found.method_proposed}
    wish["version"] = shown.context["version"]
    assert client.post(paired.at("setup/"), wish)["Location"] == "/"
    return paired


def steps(shop: Shop, role: Role = Role.OWNER) -> dict[str, tuple[bool, bool]]:
    """By step: whether it is done, and whether it is the current one."""
    return {step.key: (step.is_done, step.is_current) for step in listed(shop, role)}


def listed(shop: Shop, role: Role = Role.OWNER) -> tuple[Step, ...]:
    """The steps of the shop's store."""
    lists = shop.client(role).get("/first/").context["checklists"]
    return next(one.steps for one in lists if one.connection == shop.connection)


def step_of(shop: Shop, key: str) -> Step:
    return next(step for step in listed(shop) if step.key == key)


def version(shop: Shop, key: str) -> str:
    return str(step_of(shop, key).about["version"])


def test_a_pair_waits_for_the_list_to_be_accepted(paired: Shop) -> None:
    found = steps(paired)
    assert (found["heartland"], found["website"], found["created"]) == ((True, False), (True, False), (False, True))
    part = paired.client().get(paired.at("setup/"), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "Will be created in Heartland once you accept:" in part
    found = paired.client().get(paired.at("setup/")).context["found"]
    assert found.to_create != ()
    assert all(what in plain(part.encode()) for what in found.to_create)


def test_accepting_creates_with_a_receipt_and_begins_to_look(set_up: Shop) -> None:
    made = step_of(set_up, "created").about["receipt"]
    assert "Field “Web order number”" in made
    assert step_of(set_up, "created").words == f"{len(made)} things were created in Heartland."
    assert steps(set_up)["checkup"] == (False, False)
    called = queue_work()
    assert {"first_look", "run_slice"} <= set(called)
    after = steps(set_up)
    assert (after["items"], after["places"]) == ((True, False), (False, True))
    linked = CatalogueSku.objects.filter(connection=set_up.connection, state="linked").count()
    assert step_of(set_up, "items").words.startswith(f"{linked:,} SKUs are linked")
    known = preflight_known(set_up.connection)
    assert known is not None
    assert f"of {len(known.findings)}" in step_of(set_up, "checkup").words


def test_locations_shipping_and_the_first_stock(set_up: Shop) -> None:
    queue_work()
    checked = preflight_known(set_up.connection)
    client = set_up.client(Role.STAFF)
    places = list(set_up.connection.heartland.locations.filter(is_active=True).exclude(name="Website"))
    wish = {"version": version(set_up, "places"), "location": [place.external_id for place in places]}
    assert client.post(set_up.at("first/places/"), wish)["Location"] == "/"
    assert set_up.connection.counted_locations.count() == len(places) > 1
    assert steps(set_up)["ships"] == (False, True)
    assert (
        client.post(set_up.at("first/ships/"), {"version": version(set_up, "ships"), "shipping": "staff"}).status_code
        == 302
    )
    settings = OrderSettings.objects.get(connection=set_up.connection)
    assert (settings.shipping, settings.is_shipping_chosen) == ("staff", True)
    queue_work()
    anew = preflight_known(set_up.connection)
    assert anew is not None
    assert checked is not None
    assert anew.at > checked.at  # of the locations that were chosen
    preview = Run.objects.get(kind="stock_preview")
    assert step_of(set_up, "stock").words == preview.sentence
    wish = {"version": version(set_up, "stock"), "kind": "stock_sync", "preview": str(preview.pk), "next": "/"}
    assert client.post(set_up.at("inventory/runs/"), wish)["Location"] == "/"
    queue_work()
    assert InventorySettings.objects.get(connection=set_up.connection).follows
    assert steps(set_up)["stock"] == (True, False)


def test_one_location_may_ship_everything(shop: Shop) -> None:
    place = shop.connection.heartland.locations.get(name="Harbor Main")
    OrderSettings.objects.filter(connection=shop.connection).update(is_shipping_chosen=False)
    wish = {"version": shown_version(shop), "shipping": place.external_id}
    shop.client().post(shop.at("first/ships/"), wish)
    settings = OrderSettings.objects.get(connection=shop.connection)
    assert (settings.shipping, settings.ship_from, settings.is_shipping_chosen) == ("one", place, True)
    stale = shop.client().post(shop.at("first/ships/"), {**wish, "shipping": "staff"}, follow=True)
    assert "Nothing was saved." in stale.content.decode()
    assert OrderSettings.objects.get(connection=shop.connection).shipping == "one"


def shown_version(shop: Shop) -> str:
    from connections.preferences import version as version_of

    return version_of(OrderSettings.objects.get(connection=shop.connection), ORDER_NAMES)


def test_no_location_ticked_changes_nothing(set_up: Shop) -> None:
    shown = set_up.client().post(set_up.at("first/places/"), {"version": version(set_up, "places")}, follow=True)
    assert "Nothing was changed: tick at least one location." in shown.content.decode()
    assert not set_up.connection.counted_locations.exists()
    stale = set_up.client().post(set_up.at("first/places/"), {"version": "x", "location": "1"}, follow=True)
    assert "Nothing was done" in stale.content.decode()


def test_open_orders_of_before_are_offered_and_brought(set_up: Shop, bigcommerce_url: str) -> None:
    recipes = requests.get(f"{bigcommerce_url}/_sim/recipes", params={"n": 2}, timeout=20).json()["recipes"]
    ids = [requests.post(f"{bigcommerce_url}/_sim/orders", json=one, timeout=20).json()["ids"][0] for one in recipes]
    OrderSettings.objects.filter(connection=set_up.connection).update(
        history_start_at=timezone.now() + timedelta(minutes=1)
    )
    connection = Connection.objects.select_related("store", "heartland", "order_settings").get(pk=set_up.connection.pk)
    found = orders_before_find(connection, timezone.now())
    assert found >= 2
    assert {str(one) for one in ids} <= set(orders_before(connection))
    assert f"Bring {found} open orders of before" in plain(set_up.client().get("/first/").content)
    shown = set_up.client(Role.OPS).post(set_up.at("first/bring/"), follow=True)
    assert f"{found} open orders of before are brought now." in shown.content.decode()
    queue_work()
    assert orders_before(connection) == []
    booked = Record.objects.filter(external_id__in=[str(one) for one in ids], disposition=Record.Disposition.BOOKED)
    assert booked.count() == 2
    again = set_up.client().post(set_up.at("first/bring/"), follow=True)
    assert "No open order of before is left to bring." in again.content.decode()


def test_a_part_that_says_the_same_is_not_drawn_again(shop: Shop) -> None:
    client = shop.client()
    digest = client.get("/first/").context["checklists_digest"]
    same = client.get(f"/first/?shown={digest}", headers={"HX-Request": "true"})
    assert (same.status_code, same.content) == (204, b"")
    preflight_keep(shop.connection, [ok("a", "Fine."), block("b", "No way in.", fix="Open it.")], timezone.now())
    other = client.get(f"/first/?shown={digest}", headers={"HX-Request": "true"})
    assert other.status_code == 200
    assert "1 of 2 findings would hold orders up." in other.content.decode()
    assert "No way in." in other.content.decode()


def test_what_is_done_is_no_longer_listed(shop: Shop) -> None:
    now = timezone.now()
    assert len(shop.client().get("/").context["checklists"]) == 1
    factories.order(shop.connection, "1", at=now)
    Run.objects.create(connection=shop.connection, kind="items_check", state=Run.State.DONE, started_at=now)
    InventorySettings.objects.update_or_create(connection=shop.connection, defaults={"follows": True})
    OrderSettings.objects.filter(connection=shop.connection).update(is_shipping_chosen=True)
    Connection.objects.filter(pk=shop.connection.pk).update(mastery_acknowledged_at=now)
    assert shop.client().get("/").context["checklists"] == []
    assert "Everything is set up" in shop.client().get("/first/").content.decode()


def test_another_merchants_steps_are_not_shown_nor_taken(shop: Shop, rival: Shop) -> None:
    shown = rival.client().get("/first/").context["checklists"]
    assert [one.merchant for one in shown] == [rival.merchant]
    for act in ("places", "ships", "bring"):
        assert rival.client().post(shop.at(f"first/{act}/")).status_code == 404
    for act in ("places", "ships"):
        assert shop.client(Role.OPS).post(shop.at(f"first/{act}/")).status_code == 403
    assert shop.client(Role.VIEWER).post(shop.at("first/bring/")).status_code == 403


def test_the_list_asks_a_bounded_number_of_questions(shop: Shop, django_assert_max_num_queries: object) -> None:
    client = shop.client()
    client.get("/first/")
    with django_assert_max_num_queries(60):  # type: ignore[operator]
        client.get("/first/")
