"""*Add a BigCommerce website*: who asked is who gets the store, and only after a confirmation."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.core import signing
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from connections.connect.bigcommerce.claims import claim_token, claim_url
from connections.connect.bigcommerce.install import store_uninstalled
from connections.models import AccessState, Connection, HeartlandAccount, Hook, Role, Store
from tests import factories
from tests.screens.conftest import Shop

STORE_HASH = "a1b2c3d4e5"
AUTH = "/connect/bigcommerce/auth/"
COOKIE = "tillbridge_install"


@pytest.fixture
def bigcommerce(settings: Settings, bigcommerce_url: str) -> str:
    """The BigCommerce sandbox with our app registered at it."""
    settings.BIGCOMMERCE_LOGIN_BASE = settings.BIGCOMMERCE_API_BASE = bigcommerce_url
    requests.put(f"{bigcommerce_url}/_sim/app", json={"auth_callback": f"http://testserver{AUTH}"}, timeout=5)
    return bigcommerce_url


def consent(url: str) -> dict[str, str]:
    """What the store's owner brings back after Install and Confirm."""
    address = requests.post(f"{url}/_sim/app/install", json={}, timeout=5).json()["url"]
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def press(client: Client, shop: Shop) -> HttpResponse:
    """*Add a BigCommerce website*."""
    answer: Any = client.post("/settings/integrations/bigcommerce/install/", {"merchant": shop.merchant.public_id})
    return answer  # type: ignore[no-any-return]


def test_the_button_leads_to_the_install_and_remembers_who_asked(bigcommerce: str, shop: Shop) -> None:
    client = shop.client()
    answer = press(client, shop)
    assert (answer.status_code, answer["Location"]) == (302, f"{bigcommerce}/app/simclientid0001/install")
    cookie = client.cookies[COOKIE]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (AUTH, True, "Lax", 1200)


def test_only_an_owner_may_add_and_only_to_their_merchant(bigcommerce: str, shop: Shop, rival: Shop) -> None:
    for role in (Role.STAFF, Role.OPS, Role.VIEWER):
        assert press(shop.client(role), shop).status_code == 403
    assert press(shop.client(), rival).status_code == 404
    assert shop.client().post("/settings/integrations/bigcommerce/install/", {"merchant": "x"}).status_code == 404


def test_the_store_is_added_after_confirm_and_paired(bigcommerce: str, shop: Shop) -> None:
    client = shop.client()
    press(client, shop)
    answer = client.get(AUTH, consent(bigcommerce))
    store = Store.objects.get(store_hash=STORE_HASH)
    assert (store.state, store.merchant) == (AccessState.UNCLAIMED, None)
    assert answer.status_code == 302
    page = client.get(answer["Location"]).content.decode()
    assert "Add Harbor &amp; Pine?" in page
    assert client.cookies[COOKIE].value == ""

    confirmed = client.post(answer["Location"], {"merchant": shop.merchant.public_id})
    store.refresh_from_db()
    assert (store.state, store.merchant) == (AccessState.CONNECTED, shop.merchant)
    assert confirmed["Location"] == "/"
    connection = Connection.objects.get(store=store)
    assert (connection.merchant, connection.state) == (shop.merchant, Connection.State.SETTING_UP)
    assert connection.heartland == shop.connection.heartland


def test_where_there_are_two_accounts_a_person_says_which(bigcommerce: str, shop: Shop) -> None:
    other = factories.heartland(shop.merchant, f"{factories.NOBODY}/other/api")
    client = shop.client()
    press(client, shop)
    confirm = client.get(AUTH, consent(bigcommerce))["Location"]
    confirmed = client.post(confirm, {"merchant": shop.merchant.public_id})
    store = Store.objects.get(store_hash=STORE_HASH)
    assert confirmed["Location"] == f"/settings/integrations/stores/{store.public_id}/pair/"
    assert not Connection.objects.filter(store=store).exists()
    assert client.post(confirmed["Location"], {"heartland": other.public_id})["Location"] == "/"
    assert Connection.objects.get(store=store).heartland == other


def test_what_was_not_granted_is_said_at_once(bigcommerce: str, shop: Shop) -> None:
    granted = ["store_v2_orders", "store_v2_products_read_only", "store_v2_customers", "store_v2_information"]
    requests.put(f"{bigcommerce}/_sim/app", json={"scopes": granted}, timeout=5).raise_for_status()
    said = "Missing: Store inventory: modify, Products: modify."
    assert said in Client().get(AUTH, consent(bigcommerce)).content.decode()
    client = shop.client()
    press(client, shop)
    confirm = client.get(AUTH, consent(bigcommerce))["Location"]
    assert said in client.get(confirm).content.decode()
    client.post(confirm, {"merchant": shop.merchant.public_id})
    page = client.get(client.get(AUTH, consent(bigcommerce)).headers.get("Location", confirm), follow=True)
    assert "BigCommerce did not grant Store inventory: modify, Products: modify" in page.content.decode()


def test_where_all_was_granted_nothing_is_missing(bigcommerce: str, shop: Shop) -> None:
    assert "Missing:" not in Client().get(AUTH, consent(bigcommerce)).content.decode()


def test_a_forced_install_attaches_nothing_to_the_victim(bigcommerce: str, shop: Shop) -> None:
    """An attacker's code opened in the browser of somebody who is logged in (GUARANTEES.md, attack 4)."""
    answer = shop.client().get(AUTH, consent(bigcommerce))
    assert answer.status_code == 200
    assert "Sign in to finish" in answer.content.decode()
    assert Store.objects.get(store_hash=STORE_HASH).merchant is None


def test_another_persons_cookie_does_not_count(bigcommerce: str, shop: Shop, rival: Shop) -> None:
    client = shop.client()
    press(client, shop)
    client.force_login(rival.people[Role.OWNER])
    answer = client.get(AUTH, consent(bigcommerce))
    assert answer.status_code == 200
    assert "Sign in to finish" in answer.content.decode()


def test_a_cookie_that_was_tampered_with_does_not_count(bigcommerce: str, shop: Shop) -> None:
    client = shop.client()
    press(client, shop)
    client.cookies[COOKIE] = client.cookies[COOKIE].value.replace(":", "9:", 1)
    assert "Sign in to finish" in client.get(AUTH, consent(bigcommerce)).content.decode()


def test_from_the_control_panel_the_store_is_claimed_after_log_in(bigcommerce: str, shop: Shop) -> None:
    shown = Client().get(AUTH, consent(bigcommerce))
    store = Store.objects.get(store_hash=STORE_HASH)
    assert "/settings/integrations/bigcommerce/claim/" in shown.content.decode()
    link = urlsplit(claim_url(store)).path
    assert Client().get(link)["Location"].startswith("/accounts/login/?next=")
    assert shop.client(Role.STAFF).post(link, {"merchant": shop.merchant.public_id}).status_code == 200
    store.refresh_from_db()
    assert store.merchant is None
    shop.client().post(link, {"merchant": shop.merchant.public_id})
    store.refresh_from_db()
    assert store.merchant == shop.merchant


def test_a_used_code_and_a_foreign_context_are_refused_in_words(bigcommerce: str, db: None) -> None:
    brought = consent(bigcommerce)
    assert Client().get(AUTH, brought).status_code == 200
    again = Client().get(AUTH, brought)
    assert again.status_code == 400
    assert "The store was not added" in again.content.decode()
    for query in ({}, {**consent(bigcommerce), "context": "stores/../admin"}, {**brought, "code": ""}):
        assert Client().get(AUTH, query).status_code == 400
    assert Store.objects.count() == 1


def test_a_claim_link_that_is_forged_or_of_another_kind_is_a_404(shop: Shop) -> None:
    store = factories.store(None)
    base = "/settings/integrations/bigcommerce/claim"
    for token in ("x", claim_token(store)[:-2] + "xx", signing.dumps(str(store.public_id), salt="other")):
        assert shop.client().get(f"{base}/{token}/").status_code == 404
    assert shop.client().get(f"{base}/{claim_token(store)}/").status_code == 200


def test_a_claimed_store_is_a_404_for_others_and_a_way_home_for_its_own(shop: Shop, rival: Shop) -> None:
    link = urlsplit(claim_url(shop.connection.store)).path
    assert rival.client().get(link).status_code == 404
    assert rival.client().post(link, {"merchant": rival.merchant.public_id}).status_code == 404
    assert shop.client().get(link)["Location"] == shop.at("connection/")
    shop.connection.store.refresh_from_db()
    assert shop.connection.store.merchant == shop.merchant


def test_a_foreign_merchant_or_heartland_account_cannot_be_chosen(shop: Shop, rival: Shop) -> None:
    store = factories.store(None)
    link = urlsplit(claim_url(store)).path
    assert shop.client().post(link, {"merchant": rival.merchant.public_id}).status_code == 200
    store.refresh_from_db()
    assert store.merchant is None
    mine = factories.store(shop.merchant)
    pair = f"/settings/integrations/stores/{mine.public_id}/pair/"
    shop.client().post(pair, {"heartland": rival.connection.heartland.public_id})
    assert not Connection.objects.filter(store=mine).exists()
    assert rival.client().get(pair).status_code == 404
    assert HeartlandAccount.objects.filter(merchant=shop.merchant).count() == 1


def test_after_a_reinstall_webhooks_are_armed_at_once(bigcommerce: str, shop: Shop, settings: Settings) -> None:
    """An uninstall takes them along: orders must not wait for the hourly look."""
    client = shop.client()
    press(client, shop)
    confirm = client.get(AUTH, consent(bigcommerce))["Location"]
    client.post(confirm, {"merchant": shop.merchant.public_id})
    store = Store.objects.get(store_hash=STORE_HASH)
    connection = Connection.objects.get(store=store)
    Connection.objects.filter(pk=connection.pk).update(state=Connection.State.ACTIVE)
    store_uninstalled(store=store, issued_at=timezone.now() + timedelta(minutes=1))

    press(client, shop)
    confirm = client.get(AUTH, consent(bigcommerce))["Location"]
    settings.PUBLIC_URL = "https://tillbridge.example"
    back = client.post(confirm, {"merchant": shop.merchant.public_id}, follow=True)
    assert back.redirect_chain[-1][0] == f"/stores/{connection.public_id}/connection/"
    assert "is connected again; what was missed meanwhile is asked for now." in back.content.decode()
    live = connection.hooks.filter(system="bigcommerce", state=Hook.State.LIVE)
    assert live.count() == connection.hooks.filter(system="bigcommerce").count() > 5

    client.get(confirm, follow=True)
    again = client.get(confirm, follow=True).content.decode()
    assert "is connected already; there is nothing to confirm." in again
