"""Connecting Heartland: by token and by OAuth, its abilities, and access that goes and comes back."""

from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from pytest_django import Settings

from connections import services
from connections.connectors.heartland import oauth
from connections.connectors.hosts import HostRefused
from connections.heartland_access import heartland_base_url, scopes_asked
from connections.models import AccessState, Credential, HeartlandAccount, Merchant, User
from errors.failures import ConfigurationFailure, SyncFailure
from tests.connections.conftest import HEARTLAND_TOKEN, actions, sim

pytestmark = pytest.mark.django_db


def test_a_token_is_checked_then_kept_encrypted(account: HeartlandAccount, merchant: Merchant) -> None:
    assert (account.state, account.auth, account.name) == (AccessState.CONNECTED, "token", "Harbor & Pine")
    assert account.acts_as
    assert account.abilities["View inventory transactions"] is True
    assert account.abilities["Create and edit sales orders"] is None
    assert account.locations.get(external_id="100007").name == "Website"
    raw = Credential.objects.extra(select={"raw": "secret"}).values_list("raw", flat=True).get()
    assert HEARTLAND_TOKEN not in str(raw)
    assert HEARTLAND_TOKEN not in f"{account!r} {account.credential!r}"
    assert actions(merchant) == ["heartland.connected"]


@pytest.mark.parametrize(("token", "path"), [("wrong-token", ""), (HEARTLAND_TOKEN, ":1")])
def test_nothing_is_kept_when_it_does_not_work(merchant: Merchant, heartland_url: str, token: str, path: str) -> None:
    address = heartland_url.rpartition(":")[0] + path if path else heartland_url
    with pytest.raises(ConfigurationFailure):
        services.heartland_connect(merchant=merchant, base_url=address, token=token)
    assert (HeartlandAccount.objects.count(), Credential.objects.count(), actions(merchant)) == (0, 0, [])


@pytest.mark.parametrize(
    ("token", "where", "words"),
    [
        ("nobody-gave-me", "/api", "This token is not valid at {host}."),
        (HEARTLAND_TOKEN, "/nowhere/api", "{host} is not a Heartland address"),
        (HEARTLAND_TOKEN, "!", "Nobody answers at 127.0.0.1:9."),
    ],
)
def test_a_first_contact_is_told_in_its_own_words(
    merchant: Merchant, heartland_url: str, token: str, where: str, words: str
) -> None:
    address = "http://127.0.0.1:9/api" if where == "!" else f"{heartland_url}{where}"
    with pytest.raises(SyncFailure) as refused:
        services.heartland_connect(merchant=merchant, base_url=address, token=token)
    assert words.format(host=heartland_url.removeprefix("http://")) in refused.value.summary


def test_a_private_address_is_refused_in_production(merchant: Merchant, heartland_url: str, settings: Settings) -> None:
    settings.ALLOW_PRIVATE_HOSTS = False
    for address in (heartland_url, heartland_url.replace("http:", "https:"), "https://169.254.169.254/api"):
        with pytest.raises(SyncFailure):
            services.heartland_connect(merchant=merchant, base_url=address, token=HEARTLAND_TOKEN)
    assert HeartlandAccount.objects.count() == 0


@pytest.mark.parametrize(
    ("typed", "base"),
    [
        ("acme", "https://acme.retail.heartland.us/api"),
        ("acme.retail.heartland.us", "https://acme.retail.heartland.us/api"),
        (" https://acme.retail.heartland.us/ ", "https://acme.retail.heartland.us/api"),
        ("https://acme.retail.heartland.us/#sales/orders", "https://acme.retail.heartland.us/api"),
        ("https://acme.retail.heartland.us/api/", "https://acme.retail.heartland.us/api"),
        ("http://127.0.0.1:8001", "http://127.0.0.1:8001/api"),
    ],
)
def test_people_type_addresses_in_many_ways(typed: str, base: str) -> None:
    assert heartland_base_url(typed) == base


@pytest.mark.parametrize(
    "typed",
    ["https://retail-heartland.us.evil.example", "https://acme.retail.heartland.us.evil.example/", "evil.example",
     "https://acmeretail.heartland.us", "https://retail.heartland.us"],
)  # fmt: skip
def test_only_heartlands_own_addresses_are_sent_a_token(typed: str, settings: Settings) -> None:
    settings.HEARTLAND_DOMAINS = ["retail.heartland.us"]
    with pytest.raises(HostRefused, match="not an address of Heartland Retail"):
        heartland_base_url(typed)
    assert heartland_base_url("acme") == "https://acme.retail.heartland.us/api"


def test_connecting_again_replaces_the_token(account: HeartlandAccount, merchant: Merchant, heartland_url: str) -> None:
    services.access_revoked(owner=account, reason="401")
    again = services.heartland_connect(merchant=merchant, base_url=heartland_url, token=HEARTLAND_TOKEN)
    assert (again.pk, again.state, again.state_reason) == (account.pk, AccessState.CONNECTED, "")
    assert Credential.objects.count() == 1
    assert actions(merchant) == ["heartland.connected", "heartland.revoked", "heartland.reconnected"]


def test_a_limited_token_connects_and_says_what_is_missing(merchant: Merchant, heartland_url: str) -> None:
    account = services.heartland_connect(merchant=merchant, base_url=heartland_url, token="sim-heartland-limited")
    assert account.abilities["Create and edit sales orders"] is False
    diagnosis = services.heartland_check(account=account)
    assert not diagnosis.is_ok
    assert diagnosis.missing == (
        "Manage custom fields",
        "Create and manage customers",
        "Manage locations, stations and cash drawers",
        "Manage payment types",
        "Create and fulfil invoices from sales orders",
        "Create and edit sales orders",
    )
    assert all(name in diagnosis.reason for name in diagnosis.missing)


@pytest.mark.parametrize("left_out", ["", "reporting.read", "inventory.transaction.read"])
def test_oauth_finds_the_tenant_asks_for_all_and_compares(
    merchant: Merchant, owner: User, heartland_url: str, settings: Settings, left_out: str
) -> None:
    scopes = [scope for scope in scopes_asked() if scope != left_out]
    settings.HEARTLAND_OAUTH_BASE = heartland_url
    settings.HEARTLAND_CLIENT_ID, settings.HEARTLAND_CLIENT_SECRET = "sim-heartland-client", "sim-heartland-secret"
    redirect_uri = "https://tillbridge.example/connect/heartland/callback/"
    asked = oauth.authorize_url(
        heartland_url, client_id="sim-heartland-client", scopes=scopes, redirect_uri=redirect_uri, state="s1"
    )
    form = {name: values[0] for name, values in parse_qs(urlsplit(asked).query).items()}
    answer = requests.post(
        f"{heartland_url}/oauth/authorize", data={**form, "decision": "allow"}, allow_redirects=False, timeout=5
    )
    came_back = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert came_back["state"] == ["s1"]
    code = came_back["code"][0]
    account = services.heartland_authorize(merchant=merchant, code=code, redirect_uri=redirect_uri, actor=owner)
    assert (account.auth, account.base_url) == ("oauth", f"{heartland_url}/api")
    diagnosis = services.heartland_check(account=account)
    lacking = {grant.name: grant.without for grant in diagnosis.grants if grant.is_granted is not True}
    assert (
        lacking
        == {
            "": {},
            "reporting.read": {"Reporting analysis": "the sales of the shops are not shown beside the web's"},
            "inventory.transaction.read": {"View inventory transactions": ""},
        }[left_out]
    )
    assert diagnosis.is_ok is (left_out != "inventory.transaction.read")
    with pytest.raises(SyncFailure):
        services.heartland_authorize(merchant=merchant, code=code, redirect_uri=redirect_uri, actor=owner)


def test_a_doubted_access_is_asked_once_more(account: HeartlandAccount, heartland_url: str, merchant: Merchant) -> None:
    assert services.access_recheck(owner=account, reason="401 on order 7") is False
    assert account.state == AccessState.CONNECTED
    sim(heartland_url, "POST", "faults", {"path": "/api/system/whoami", "status": 401, "times": 2})
    assert services.access_recheck(owner=account, reason="401 on order 7") is True
    assert services.access_recheck(owner=account, reason="401 on order 8") is True
    assert (account.state, account.state_reason) == (AccessState.REVOKED, "401 on order 7")
    assert actions(merchant) == ["heartland.connected", "heartland.revoked"]
    assert services.heartland_check(account=account).is_ok
    account.refresh_from_db()
    assert account.state == AccessState.CONNECTED
    assert actions(merchant)[2:] == ["heartland.restored"]
