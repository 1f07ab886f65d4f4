"""Stores: install, claim, headless connect, uninstall. Nothing is attached without a person's confirmation."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections, transaction
from django.utils import timezone
from pytest_django import Settings

from connections import services
from connections.connect.bigcommerce.install import store_connect, store_install, store_uninstalled
from connections.models import AccessState, Connection, Credential, Hook, Merchant, Store, User
from errors.failures import (
    ConfigurationFailure,
    ContractBroken,
    Rejected,
    SyncFailure,
)
from tests import factories
from tests.connections.conftest import STORE_HASH, STORE_TOKEN, actions, sim

pytestmark = pytest.mark.django_db


def came_back(app: str, **wish: object) -> dict[str, Any]:
    """What BigCommerce puts on the auth callback after consent."""
    url = sim(app, "POST", "app/install", wish)["url"]
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    return {name: query[name] for name in ("code", "context", "scope")}


def test_an_install_waits_to_be_claimed(app: str, merchant: Merchant, owner: User) -> None:
    store, is_external = store_install(**came_back(app), is_external=True)
    assert is_external
    assert (store.state, store.merchant, store.store_hash) == (AccessState.UNCLAIMED, None, STORE_HASH)
    assert (store.name, store.currency) != ("", "")
    assert store.owner_email == "owner@example.com"
    claimed = services.store_claim(store=store, merchant=merchant, actor=owner)
    assert (claimed.state, claimed.merchant) == (AccessState.CONNECTED, merchant)
    assert actions(merchant) == ["store.claimed", "merchant.time_zone"]
    assert services.store_check(store=store).is_ok


def test_a_second_claim_by_others_is_refused(app: str, merchant: Merchant, owner: User) -> None:
    store, _ = store_install(**came_back(app))
    services.store_claim(store=store, merchant=merchant, actor=owner)
    other = Merchant.objects.create(name="Other")
    with pytest.raises(ConfigurationFailure):
        services.store_claim(store=store, merchant=other, actor=None)
    store.refresh_from_db()
    assert store.merchant == merchant
    assert services.store_claim(store=store, merchant=merchant, actor=owner) == store
    assert actions(merchant) == ["store.claimed", "merchant.time_zone"]


WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_claim_at_once_one_is_refused() -> None:
    found, merchants = factories.store(None), [factories.merchant("One"), factories.merchant("Two")]

    def claim(merchant: Merchant) -> str:
        try:
            services.store_claim(store=Store.objects.get(pk=found.pk), merchant=merchant, actor=None)
        except ConfigurationFailure:
            return "refused"
        finally:
            connections.close_all()
        return "claimed"

    with ThreadPoolExecutor(2) as threads:
        with transaction.atomic(), connection.cursor() as cursor:
            Store.objects.select_for_update().get(pk=found.pk)
            claims = [threads.submit(claim, merchant) for merchant in merchants]
            for _ in range(200):  # until both have looked, and wait to act
                cursor.execute(WAITING)
                if cursor.fetchone() == (2,):
                    break
                time.sleep(0.05)
        said = [one.result() for one in claims]
    assert sorted(said) == ["claimed", "refused"]
    assert Store.objects.get().merchant == merchants[said.index("claimed")]


def test_a_renewed_consent_replaces_the_token_and_asks_nobody(app: str, merchant: Merchant, owner: User) -> None:
    store, _ = store_install(**came_back(app))
    services.store_claim(store=store, merchant=merchant, actor=owner)
    services.access_revoked(owner=store, reason="401")
    before = store.credential.read()["token"] if store.credential else ""
    again, _ = store_install(**came_back(app))
    assert (again.pk, again.state, again.merchant) == (store.pk, AccessState.CONNECTED, merchant)
    assert again.credential is not None
    assert again.credential.read()["token"] != before
    assert (Store.objects.count(), Credential.objects.count()) == (1, 1)


def test_a_reinstall_after_disconnecting_must_be_confirmed_again(app: str, merchant: Merchant, owner: User) -> None:
    store, _ = store_install(**came_back(app))
    services.store_claim(store=store, merchant=merchant, actor=owner)
    store_uninstalled(store=store, issued_at=timezone.now())
    assert (store.state, store.credential, Credential.objects.count()) == (AccessState.DISCONNECTED, None, 0)
    again, _ = store_install(**came_back(app))
    assert (again.state, again.merchant) == (AccessState.UNCLAIMED, merchant)
    with pytest.raises(ConfigurationFailure):
        services.store_claim(store=again, merchant=Merchant.objects.create(name="Other"), actor=None)
    assert services.store_claim(store=again, merchant=merchant, actor=owner).state == AccessState.CONNECTED


def test_an_uninstall_erases_the_token_and_keeps_history(active: Connection) -> None:
    Hook.objects.filter(connection=active, system="bigcommerce").update(state=Hook.State.LIVE)
    store_uninstalled(store=active.store, issued_at=timezone.now())
    assert Connection.objects.running().count() == 0
    assert set(active.hooks.filter(system="bigcommerce").values_list("state", flat=True)) <= {Hook.State.MISSING}
    assert Connection.objects.get().order_settings.payment_type_id


def test_an_uninstall_from_before_the_latest_install_is_old_news(store: Store) -> None:
    an_hour_ago = timezone.now() - timedelta(hours=1)
    assert store_uninstalled(store=store, issued_at=an_hour_ago) is False
    store.refresh_from_db()
    assert (store.state, store.credential is None) == (AccessState.CONNECTED, False)


def test_used_wrong_and_empty_grants_are_refused(app: str, settings: Settings) -> None:
    query = came_back(app)
    store_install(**query)
    with pytest.raises(Rejected, match="used or too old"):
        store_install(**query)
    with pytest.raises((Rejected, ContractBroken)):
        store_install(**(came_back(app) | {"context": "stores/zzzzz"}))
    settings.BIGCOMMERCE_CLIENT_SECRET = "another-secret-0000000"
    with pytest.raises(SyncFailure, match="BIGCOMMERCE_CLIENT_SECRET") as caught:
        store_install(**came_back(app))
    assert "another-secret" not in f"{caught.value.summary} {caught.value.detail}"
    assert Store.objects.count() == 1


def test_a_token_that_opens_nothing_is_not_kept(app: str) -> None:
    sim(app, "PUT", "switches", {"null_scope": True})
    with pytest.raises(ContractBroken):
        store_install(**came_back(app))
    assert Store.objects.count() == 0


def test_a_store_connects_without_a_browser(store: Store, merchant: Merchant) -> None:
    assert (store.state, store.merchant, store.store_hash) == (AccessState.CONNECTED, merchant, STORE_HASH)
    assert store.credential is not None
    assert store.credential.read() == {
        "token": STORE_TOKEN,
        "client_id": "simclientid0001",
        "client_secret": "sim-client-secret-0001",
    }
    diagnosis = services.store_check(store=store)
    assert diagnosis.is_ok
    assert diagnosis.missing == ()
    assert actions(merchant) == ["store.connected", "merchant.time_zone"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"access_token": "wrong-token"}, "This token is not valid at"),
        ({"store_hash": "zzzzzz"}, "This token does not open store zzzzzz"),
        ({"store_hash": "../admin"}, "The store hash is the short code"),
        ({"api_base": "ftp://elsewhere"}, "The address must begin with https://"),
    ],
)
def test_what_does_not_work_is_not_kept(
    merchant: Merchant, bigcommerce_url: str, changes: dict[str, Any], words: str
) -> None:
    wish = {"store_hash": STORE_HASH, "access_token": STORE_TOKEN, "api_base": bigcommerce_url} | changes
    with pytest.raises(ConfigurationFailure, match=words):
        store_connect(merchant=merchant, **wish)
    assert (Store.objects.count(), Credential.objects.count()) == (0, 0)


def test_a_store_of_another_merchant_is_not_taken_over(store: Store, bigcommerce_url: str, merchant: Merchant) -> None:
    with pytest.raises(ConfigurationFailure):
        store_connect(
            merchant=Merchant.objects.create(name="Other"),
            store_hash=STORE_HASH,
            access_token=STORE_TOKEN,
            api_base=bigcommerce_url,
        )
    store.refresh_from_db()
    assert store.merchant == merchant


def test_a_limited_token_says_which_scopes_are_missing(merchant: Merchant, bigcommerce_url: str) -> None:
    sim(bigcommerce_url, "POST", "tokens", {"token": "sim-tiny-token", "scopes": ["store_v2_information"]})
    store = store_connect(
        merchant=merchant, store_hash=STORE_HASH, access_token="sim-tiny-token", api_base=bigcommerce_url
    )
    merchant.refresh_from_db()
    assert (store.time_zone, merchant.time_zone) == ("America/Chicago", "America/Chicago")  # the first store's
    diagnosis = services.store_check(store=store)
    assert not diagnosis.is_ok
    assert diagnosis.missing == (
        "store_inventory",
        "store_v2_customers_read_only",
        "store_v2_orders",
        "store_v2_products",
    )


def test_a_lost_token_pauses_and_a_found_one_resumes(store: Store, bigcommerce_url: str, merchant: Merchant) -> None:
    sim(bigcommerce_url, "POST", "faults", {"path": ".*/v2/store", "status": 401, "times": 1})
    assert not services.store_check(store=store).is_ok
    store.refresh_from_db()
    assert store.state == AccessState.REVOKED
    assert services.store_check(store=store).is_ok
    store.refresh_from_db()
    assert store.state == AccessState.CONNECTED
    assert actions(merchant)[-2:] == ["bigcommerce.revoked", "bigcommerce.restored"]


def test_a_store_of_no_registered_kind_is_not_written(db: None) -> None:
    """Nobody could open it: every page and every worker that meets it would break."""
    ours = factories.store(factories.merchant())
    for write in (
        lambda: factories.store(ours.merchant, kind="woo"),
        lambda: Store.objects.filter(pk=ours.pk).update(kind="woo"),
        lambda: Store.objects.bulk_create([Store(kind="woo", store_hash="h", api_base=ours.api_base)]),
        lambda: Store(kind="woo", store_hash="h", api_base=ours.api_base).full_clean(),
    ):
        with (
            pytest.raises(ValidationError, match="There is no kind of store “woo”; known are: bigcommerce"),
            transaction.atomic(),
        ):
            write()
    assert Store.objects.get() == ours
    ours.refresh_from_db()
    assert ours.kind == "bigcommerce"
