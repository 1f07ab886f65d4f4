"""Connecting Heartland: OAuth with a state of this session, or a pasted token that is checked first."""

from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.test import Client
from pytest_django import Settings

from connections.models import HeartlandAccount, Role
from connections.views import heartland
from tests.screens.conftest import Shop

START = "/settings/integrations/heartland/authorize/"
CALLBACK = "/connect/heartland/callback/"
TOKEN = "sim-heartland-token"


@pytest.fixture
def tenant(settings: Settings, heartland_url: str) -> str:
    settings.HEARTLAND_OAUTH_BASE = heartland_url
    return heartland_url


def begin(client: Client, shop: Shop) -> dict[str, str]:
    """Press *Connect Heartland*; answers what the browser carries to Heartland."""
    answer = client.post(START, {"merchant": shop.merchant.public_id})
    assert answer.status_code == 302
    return {name: values[0] for name, values in parse_qs(urlsplit(answer["Location"]).query).items()}


def allow(tenant: str, asked: dict[str, str]) -> dict[str, str]:
    """Allow access at Heartland; answers what the browser brings back."""
    answer = requests.post(
        f"{tenant}/oauth/authorize", data={**asked, "decision": "allow"}, allow_redirects=False, timeout=5
    )
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def accounts(shop: Shop) -> list[str]:
    """Addresses of the merchant's accounts besides the first."""
    rows = HeartlandAccount.objects.filter(merchant=shop.merchant).exclude(pk=shop.connection.heartland_id)
    return list(rows.values_list("base_url", flat=True))


def test_oauth_connects_the_tenant(tenant: str, shop: Shop) -> None:
    client = shop.client()
    asked = begin(client, shop)
    assert (asked["client_id"], asked["redirect_uri"]) == ("sim-heartland-client", f"http://testserver{CALLBACK}")
    answer = client.get(CALLBACK, allow(tenant, asked))
    account = HeartlandAccount.objects.get(merchant=shop.merchant, auth="oauth")
    assert answer["Location"] == "/"
    assert account.base_url == f"{tenant}/api"


def test_a_state_works_once(tenant: str, shop: Shop) -> None:
    client = shop.client()
    brought = allow(tenant, begin(client, shop))
    assert client.get(CALLBACK, brought).status_code == 302
    assert client.get(CALLBACK, brought).status_code == 400


def test_a_state_of_another_session_or_none_is_refused(tenant: str, shop: Shop) -> None:
    brought = allow(tenant, begin(shop.client(), shop))
    other = shop.client()
    assert other.get(CALLBACK, brought).status_code == 400
    begin(other, shop)
    assert other.get(CALLBACK, brought).status_code == 400
    assert other.get(CALLBACK, {"code": brought["code"]}).status_code == 400
    assert accounts(shop) == []


def test_a_wrong_state_uses_up_the_right_one(tenant: str, shop: Shop) -> None:
    client = shop.client()
    brought = allow(tenant, begin(client, shop))
    assert client.get(CALLBACK, {**brought, "state": "guess"}).status_code == 400
    assert client.get(CALLBACK, brought).status_code == 400


def test_a_state_dies_after_ten_minutes(tenant: str, shop: Shop) -> None:
    client = shop.client()
    brought = allow(tenant, begin(client, shop))
    session = client.session
    asked = session[heartland.STATE]
    session[heartland.STATE] = {**asked, "at": asked["at"] - 601}
    session.save()
    assert client.get(CALLBACK, brought).status_code == 400
    assert accounts(shop) == []


def test_a_refusal_at_heartland_is_said_and_changes_nothing(tenant: str, shop: Shop) -> None:
    client = shop.client()
    asked = begin(client, shop)
    shown = client.get(CALLBACK, {"error": "access_denied", "state": asked["state"]}, follow=True).content.decode()
    assert "access was not allowed there" in shown
    assert accounts(shop) == []


def test_only_an_owner_of_the_merchant_may_connect(tenant: str, shop: Shop, rival: Shop) -> None:
    page = f"/settings/integrations/heartland/token/{shop.merchant.public_id}/"
    for role in (Role.STAFF, Role.OPS, Role.VIEWER):
        assert shop.client(role).post(START, {"merchant": shop.merchant.public_id}).status_code == 403
        assert shop.client(role).get(page).status_code == 403
    assert rival.client().post(START, {"merchant": shop.merchant.public_id}).status_code == 404
    assert rival.client().get(page).status_code == 404
    stranger = f"/settings/integrations/heartland/{shop.connection.heartland.public_id}/"
    assert rival.client().get(stranger).status_code == 404


def test_a_pasted_token_is_checked_then_kept_and_never_shown(tenant: str, shop: Shop) -> None:
    client = shop.client()
    page = f"/settings/integrations/heartland/token/{shop.merchant.public_id}/"
    answer = client.post(page, {"base_url": tenant, "token": TOKEN})
    account = HeartlandAccount.objects.get(merchant=shop.merchant, base_url=f"{tenant}/api")
    assert answer["Location"] == "/"
    shown = client.get(f"/settings/integrations/heartland/{account.public_id}/").content.decode()
    assert "kept encrypted, never shown" in shown
    assert TOKEN not in shown
    assert account.locations.filter(name="Website").exists()


@pytest.mark.parametrize(
    ("address", "token", "words"),
    [
        ("", TOKEN, "This field is required."),
        ("ftp://acme.example", TOKEN, ""),
        ("{tenant}", "wrong-token", ""),
        ("{tenant}", "has blanks in it", "This does not look like a token"),
    ],
)
def test_a_token_that_does_not_work_is_refused_with_the_reason(
    address: str, token: str, words: str, tenant: str, shop: Shop
) -> None:
    page = f"/settings/integrations/heartland/token/{shop.merchant.public_id}/"
    answer = shop.client().post(page, {"base_url": address.format(tenant=tenant), "token": token})
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert words in shown
    assert "errorlist" in shown
    assert token not in shown
    assert accounts(shop) == []
