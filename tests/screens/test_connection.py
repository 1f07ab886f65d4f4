"""The connection page against the sandbox: test, pause, resume, webhooks, set-up, preflight, disconnect."""

import pytest
from pytest_django import Settings

from connections import services
from connections.connect.bigcommerce.install import store_connect
from connections.models import AccessState, Connection, HeartlandAccount, Hook, Role, Store
from tests.screens.conftest import Shop, open_shop

HEARTLAND_TOKEN, STORE_TOKEN, STORE_HASH = "sim-heartland-token", "sim-bigcommerce-token", "a1b2c3d4e5"


@pytest.fixture
def paired(db: None, heartland_url: str, bigcommerce_url: str, settings: Settings) -> Shop:
    """A shop whose connection is a fresh pair of both sandbox systems, not set up yet."""
    settings.PUBLIC_URL = "https://tillbridge.example"  # webhooks are sent to https only
    shop = open_shop("Harbor & Pine")
    owner = shop.people[Role.OWNER]
    account = services.heartland_connect(
        merchant=shop.merchant, base_url=heartland_url, token=HEARTLAND_TOKEN, actor=owner
    )
    store = store_connect(
        merchant=shop.merchant,
        store_hash=STORE_HASH,
        access_token=STORE_TOKEN,
        api_base=bigcommerce_url,
        actor=owner,
    )
    made = services.connection_create(heartland=account, store=store, actor=owner)
    return Shop(merchant=shop.merchant, connection=made, people=shop.people)


def reload(shop: Shop) -> Connection:
    return Connection.objects.select_related("heartland", "store").get(pk=shop.connection.pk)


def actions(shop: Shop) -> list[str]:
    return list(shop.merchant.audit_entries.order_by("-pk").values_list("action", flat=True))


def test_the_assistant_says_what_it_found_and_would_create(paired: Shop) -> None:
    shown = paired.client(Role.STAFF).get(paired.at("setup/")).content.decode()
    assert "Website (" in shown
    assert "a station will be created" in shown
    assert "Payment type “BigCommerce External payments”" in shown
    assert "I understand that Heartland becomes master of quantities" in shown


def test_set_up_without_the_tick_writes_nothing(paired: Shop) -> None:
    found = paired.client().get(paired.at("setup/")).context["found"]
    shown = paired.client().post(paired.at("setup/"), {"location": found.location_id, "fields": "on"}, follow=True)
    assert "Nothing was created or changed, here or in Heartland" in shown.content.decode()
    assert reload(paired).state == Connection.State.SETTING_UP
    assert shown.context["found"] == found
    assert "connection.set_up" not in actions(paired)


def test_set_up_creates_what_is_missing_and_lets_orders_flow(paired: Shop) -> None:
    client = paired.client(Role.STAFF)
    found = client.get(paired.at("setup/")).context["found"]
    wish = {
        "location": found.location_id,
        "payment_type": "",
        "fields": "on",
        "mastery": "on",
        "currency": "usd",
        "other_payments": "book",
    }
    answer = client.post(paired.at("setup/"), wish)
    assert answer["Location"] == "/"
    connection = reload(paired)
    assert connection.state == Connection.State.ACTIVE
    source = connection.order_settings.source_location
    assert source is not None
    assert source.station_id != ""
    assert connection.order_settings.shipping_method_id == ""  # nobody chose one: unmapped methods wait
    assert connection.heartland.currency == "USD"
    assert connection.order_settings.payment_type_id != ""
    assert connection.order_settings.books_other_payments is True
    states = set(connection.hooks.values_list("state", flat=True))
    assert states == {Hook.State.LIVE, Hook.State.POLLED}
    assert "Set-up is complete" in client.get(answer["Location"]).content.decode()
    shown = client.get(paired.at("connection/")).content.decode()
    assert "store/order/created" in shown
    assert "Polled: no webhook exists" in shown


def test_the_connection_test_shows_account_and_grants(paired: Shop) -> None:
    shown = paired.client(Role.OPS).post(paired.at("connection/test/")).content.decode()
    assert "Both systems answer and allow what we need" in shown
    assert "store_v2_orders" in shown
    assert "Create and edit sales orders" in shown


def test_a_revoked_token_is_said_with_a_way_to_reconnect(paired: Shop) -> None:
    services.access_revoked(owner=paired.connection.heartland, reason="Heartland refused our token.")
    client = paired.client()
    shown = client.get(paired.at("errors/")).content.decode()
    assert "Flows are paused:</strong> Heartland refused our token. Orders wait and none is lost." in shown
    page = client.get(paired.at("connection/")).content.decode()
    assert "Reconnect Heartland" in page
    assert "no longer lets us in" in client.get("/").content.decode()
    again = f"/settings/integrations/heartland/token/{paired.merchant.public_id}/"
    client.post(again, {"base_url": paired.connection.heartland.base_url, "token": HEARTLAND_TOKEN})
    assert HeartlandAccount.objects.get(pk=paired.connection.heartland_id).state == AccessState.CONNECTED
    assert "Flows are paused:" not in client.get(paired.at("errors/")).content.decode()


def test_pause_and_resume_are_changes_of_state_with_a_trail(shop: Shop) -> None:
    client = shop.client(Role.STAFF)
    assert client.post(shop.at("connection/pause/"))["Location"] == shop.at("connection/")
    assert reload(shop).state == Connection.State.PAUSED
    assert "Paused." in client.get(shop.at("items/")).content.decode()
    client.post(shop.at("connection/resume/"))
    assert reload(shop).state == Connection.State.ACTIVE
    assert actions(shop) == ["connection.resumed", "connection.paused"]


def test_hooks_are_armed_listed_and_removed(paired: Shop) -> None:
    client = paired.client()
    client.post(paired.at("connection/hooks/arm/"))
    assert paired.connection.hooks.filter(state=Hook.State.LIVE).count() > 5
    page = client.get(paired.at("connection/")).content.decode()
    for hook in paired.connection.hooks.all():
        assert hook.topic in page
        assert hook.token not in page
        assert not hook.secret or hook.secret not in page
    client.post(paired.at("connection/hooks/remove/"))
    assert not paired.connection.hooks.filter(state=Hook.State.LIVE).exists()


def test_preflight_lists_findings_with_their_fix(paired: Shop) -> None:
    client = paired.client(Role.OPS)
    assert "Not looked at lately." in client.get(paired.at("preflight/")).content.decode()
    shown = client.post(paired.at("preflight/look/"), follow=True).content.decode()
    assert "Blocks orders" in shown
    assert paired.at("setup/") in shown


def test_disconnecting_needs_the_stores_name(paired: Shop) -> None:
    client = paired.client()
    page = client.get(paired.at("connection/disconnect/")).content.decode()
    assert "Orders, links and this history stay." in page
    refused = client.post(paired.at("connection/disconnect/"), {"confirmation": "something"})
    assert "Nothing was changed." in refused.content.decode()
    assert reload(paired).state == Connection.State.SETTING_UP


def test_disconnecting_erases_tokens_and_keeps_history(paired: Shop) -> None:
    client = paired.client()
    client.post(paired.at("connection/hooks/arm/"))
    name = str(paired.connection.store)
    answer = client.post(paired.at("connection/disconnect/"), {"confirmation": name}, follow=True)
    assert "tokens are erased, the history is kept" in answer.content.decode()
    connection = reload(paired)
    assert connection.state == Connection.State.DISCONNECTED
    assert (connection.store.credential, connection.heartland.credential) == (None, None)
    assert Store.objects.get(pk=connection.store_id).state == AccessState.DISCONNECTED
    assert client.get(paired.at("items/")).status_code == 200
    assert "Pair again" in client.get(paired.at("connection/")).content.decode()
    assert "no webhooks to change" in client.post(paired.at("connection/hooks/arm/"), follow=True).content.decode()


def test_a_system_that_does_not_answer_is_said_in_words(shop: Shop) -> None:
    client = shop.client()
    assert "Heartland could not be asked." in client.get(shop.at("setup/")).content.decode()
    assert "Something is missing" in client.post(shop.at("connection/test/")).content.decode()
    assert client.post(shop.at("preflight/look/"), follow=True).status_code == 200
    assert client.get(shop.at("fulfillment/")).status_code == 200
    assert client.get(shop.at("fulfillment/counts/")).status_code == 200
