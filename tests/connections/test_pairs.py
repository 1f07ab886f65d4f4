"""Connections: pairing, set-up, activation, pause, disconnect."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connections import services
from connections.connect.bigcommerce.install import store_connect
from connections.hooks import hooks_arm
from connections.models import AccessState, Connection, HeartlandAccount, Merchant, OrderSettings, Store, User
from connections.setup import Choices, setup_apply
from connections.setup_findings import setup_find
from errors.failures import ConfigurationFailure
from tests.connections.conftest import HEARTLAND_TOKEN, actions, rows, sim

pytestmark = pytest.mark.django_db
State = Connection.State


def test_a_pair_begins_without_moving_anything(connection: Connection) -> None:
    assert (connection.state, connection.is_running) == (State.SETTING_UP, False)
    start = connection.order_settings.history_start_at
    assert start is not None
    assert timedelta(minutes=9) < timezone.now() - start < timedelta(minutes=11)
    assert connection.order_settings.eligible_statuses == ["11", "5", "6", "2"]
    assert connection.inventory_settings.counts_all_locations is False


def test_pairing_twice_is_one_pair(connection: Connection, owner: User) -> None:
    again = services.connection_create(heartland=connection.heartland, store=connection.store, actor=owner)
    assert again == connection
    assert actions(connection.merchant).count("connection.created") == 1


def test_systems_of_different_merchants_never_pair(account: HeartlandAccount, bigcommerce_url: str) -> None:
    other = Merchant.objects.create(name="Other")
    store = store_connect(
        merchant=other, store_hash="a1b2c3d4e5", access_token="sim-bigcommerce-token", api_base=bigcommerce_url
    )
    with pytest.raises(ConfigurationFailure):
        services.connection_create(heartland=account, store=store, actor=None)


def test_the_assistant_finds_the_website_and_creates_the_rest(
    connection: Connection, owner: User, heartland_url: str
) -> None:
    found = setup_find(connection)
    assert found.location is not None
    assert (found.location.name, found.location.station_id) == ("Website", "")
    assert (found.payment_type_id, found.payment_type_name) == ("", "BigCommerce External payments")
    assert found.shipping_methods
    done = setup_apply(connection, Choices(acknowledges_mastery=True), owner)
    assert len(done) == 13
    settings = connection.order_settings
    texts = (settings.comment_field, settings.checkout_field, settings.staff_notes_field, settings.pickup_field)
    assert texts == ("order_comment", "checkout_fields", "staff_notes", "pickup_location")
    assert "Web order 10457 becomes sales order BC-10457." in done
    assert "Orders whose payment method has no row of its own wait until it is mapped." in done
    assert OrderSettings.objects.get().books_other_payments is False
    done = setup_apply(connection, Choices(books_other_payments=True), owner)
    assert "Payment methods without a row of their own are booked as that type too." in done
    setup_apply(connection, Choices(), owner)  # whoever does not say leaves it as it is
    assert OrderSettings.objects.get().books_other_payments is True
    settings = Connection.objects.get().order_settings
    assert settings.source_location is not None
    assert settings.source_location.external_id == "100007"
    assert settings.source_location.station_id
    assert settings.payment_type_id
    assert (settings.number_field, settings.source_field) == ("web_order_number", "source_system")
    assert connection.state == State.ACTIVE
    assert Connection.objects.running().count() == 1
    counts = {path: len(rows(heartland_url, path)) for path in ("stations", "payment_types")}
    assert setup_apply(connection, Choices(), owner)
    assert counts == {path: len(rows(heartland_url, path)) for path in ("stations", "payment_types")}


def test_without_confirmation_nothing_flows(connection: Connection, owner: User) -> None:
    before = setup_find(connection)
    with pytest.raises(ConfigurationFailure, match="Nothing was created or changed"):
        setup_apply(connection, Choices(), owner)
    assert connection.state == State.SETTING_UP
    assert connection.order_settings.payment_type_id == ""
    after = setup_find(connection)
    assert after.to_create == before.to_create != ()
    assert [place.station_id for place in after.locations] == [place.station_id for place in before.locations]
    assert after.payment_types == before.payment_types
    setup_apply(connection, Choices(acknowledges_mastery=True), owner)
    assert connection.state == State.ACTIVE
    assert setup_find(connection).to_create == ()


def test_an_unknown_location_is_refused_with_advice(connection: Connection, owner: User) -> None:
    with pytest.raises(ConfigurationFailure, match="Website"):
        setup_apply(connection, Choices(location_id="42", acknowledges_mastery=True), owner)
    assert connection.order_settings.payment_type_id == ""


def test_without_leave_for_fields_orders_still_flow(merchant: Merchant, store: Store, heartland_url: str) -> None:
    sim(
        heartland_url,
        "POST",
        "faults",
        {"path": "/api/custom_fields.*", "status": 403, "times": 20, "body": {"error": "forbidden"}},
    )
    account = services.heartland_connect(merchant=merchant, base_url=heartland_url, token=HEARTLAND_TOKEN)
    connection = services.connection_create(heartland=account, store=store, actor=None)
    done = setup_apply(connection, Choices(acknowledges_mastery=True), None)
    assert connection.state == State.ACTIVE
    assert connection.order_settings.number_field == ""
    assert any("a sales order bears no mark of this store" in sentence for sentence in done)


def test_pause_and_resume(active: Connection, owner: User) -> None:
    services.connection_pause(connection=active, actor=owner)
    services.connection_pause(connection=active, actor=owner)
    assert active.state == State.PAUSED
    services.connection_resume(connection=active, actor=owner)
    assert active.state == State.ACTIVE
    assert actions(active.merchant)[-2:] == ["connection.paused", "connection.resumed"]


def test_disconnecting_removes_hooks_erases_tokens_keeps_history(
    active: Connection, owner: User, heartland_url: str, bigcommerce_url: str
) -> None:
    hooks_arm(active)
    assert services.connection_disconnect(connection=active, actor=owner) == ()
    active.refresh_from_db()
    assert active.state == State.DISCONNECTED
    for side in (active.store, active.heartland):
        side.refresh_from_db()
        assert (side.state, side.credential) == (AccessState.DISCONNECTED, None)
    assert rows(bigcommerce_url, "hooks") == []
    assert [row for row in rows(heartland_url, "webhooks") if "tillbridge" in row["url"]] == []
    assert active.order_settings.payment_type_id


def test_an_account_with_another_store_keeps_its_token(active: Connection, owner: User) -> None:
    other_store = Store.objects.create(
        merchant=active.merchant,
        kind="bigcommerce",
        store_hash="other",
        api_base="http://127.0.0.1:9",
        state=AccessState.CONNECTED,
    )
    other = services.connection_create(heartland=active.heartland, store=other_store, actor=owner)
    assert setup_find(other).payment_type_name == "BigCommerce External payments (other)"
    services.connection_disconnect(connection=active, actor=owner)
    active.heartland.refresh_from_db()
    assert (active.heartland.state, active.heartland.credential is None) == (AccessState.CONNECTED, False)


def test_reconnecting_takes_up_the_same_pair(active: Connection, owner: User, heartland_url: str, store: Store) -> None:
    services.connection_disconnect(connection=active, actor=owner)
    account = services.heartland_connect(
        merchant=active.merchant, base_url=heartland_url, token=HEARTLAND_TOKEN, actor=owner
    )
    store = store_connect(
        merchant=active.merchant,
        store_hash=store.store_hash,
        access_token="sim-bigcommerce-token",
        api_base=store.api_base,
    )
    again = services.connection_create(heartland=account, store=store, actor=owner)
    assert (again.pk, again.state) == (active.pk, State.SETTING_UP)
    services.connection_activate(connection=again, actor=owner)
    assert again.is_running
