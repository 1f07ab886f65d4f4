"""Adobe Commerce as a Cloud Service: a token of Adobe's log-in in place of an integration (apis/magento.md §1, §2.1).

The sandbox plays the editions that merchants host; here a server answers as Adobe's guide says.
"""

import json
from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest
from pytest_django import Settings

from connections.connect.magento.clients import magento_client
from connections.connect.magento.connecting import store_connect
from connections.connectors.magento import ims
from connections.models import Merchant, Store
from errors.failures import ConfigurationFailure, CredentialsRejected
from tests.connectors.conftest import BadServer, answering

pytestmark = pytest.mark.django_db
TOKEN = "eyJhbGciOiJSUzI1NiJ9.cloud.token"
PROJECT = {"client_id": "project-1", "client_secret": "p8e-secret-1", "organization": "1A2B@AdobeOrg"}
GIVEN = json.dumps({"access_token": TOKEN, "token_type": "bearer", "expires_in": 86399})
CONFIG = {
    "id": 1, "website_id": 1, "code": "default", "secure_base_url": "https://cloud.example/",
    "base_currency_code": "USD", "timezone": "UTC", "default_display_currency_code": "USD",
}  # fmt: skip
LISTS = (
    [{"id": 0, "code": "admin", "name": "Admin"}, {"id": 1, "code": "base", "name": "Cloud"}],
    [{"id": 1, "code": "default", "name": "Default", "website_id": 1}],
    [CONFIG],
    ["Magento_Sales"],
    {"stock_id": 1},
    [{"source_code": "default", "name": "Default Source", "enabled": True}],
)


@pytest.fixture(autouse=True)
def _no_token_kept() -> None:
    ims._kept.clear()


@pytest.fixture
def login(settings: Settings) -> Iterator[BadServer]:
    """Adobe's log-in."""
    server = BadServer()
    settings.MAGENTO_IMS_BASE = server.url
    server.will(answering("200 OK", GIVEN))
    yield server
    server.close()


@pytest.fixture
def cloud() -> Iterator[BadServer]:
    """The shop's REST endpoint."""
    server = BadServer()
    server.will(*(answering("200 OK", json.dumps(one)) for one in (*LISTS, LISTS[0])))
    yield server
    server.close()


def test_a_projects_credentials_connect_a_shop(login: BadServer, cloud: BadServer, merchant: Merchant) -> None:
    store = store_connect(merchant=merchant, address=f"{cloud.url}/AbCdEf123/V1/", secrets=PROJECT)
    assert (store.state, store.name, store.api_base) == ("connected", "Cloud", f"{cloud.url}/AbCdEf123")
    assert store.credential is not None
    assert store.credential.read() == PROJECT
    body = login.requests[0].decode().split("\r\n\r\n")[1]
    form = {name: values[0] for name, values in parse_qs(body).items()}
    assert login.requests[0].startswith(b"POST /ims/token/v3 HTTP/1.1\r\n")
    assert form == {
        "grant_type": "client_credentials",
        "client_id": "project-1",
        "client_secret": "p8e-secret-1",
        "scope": ims.SCOPES,
    }
    head = cloud.requests[0].decode()
    assert head.startswith("GET /AbCdEf123/V1/store/websites HTTP/1.1\r\n")
    lines = {f"Authorization: Bearer {TOKEN}", "x-api-key: project-1", "x-gw-ims-org-id: 1A2B@AdobeOrg"}
    assert lines <= set(head.split("\r\n"))


def test_a_token_is_asked_for_once_while_it_is_good(login: BadServer, cloud: BadServer, merchant: Merchant) -> None:
    store = store_connect(merchant=merchant, address=cloud.url, secrets=PROJECT)
    assert len(magento_client(store).websites()) == 2
    assert len(login.requests) == 1
    ims._kept.update({whose: (token, 0.0) for whose, (token, _) in ims._kept.items()})  # its hour is over
    magento_client(store)
    assert len(login.requests) == 2


@pytest.mark.parametrize(
    ("status", "body"),
    [
        ("400 Bad Request", '{"error": "invalid_client", "error_description": "invalid client_secret p8e-secret-1"}'),
        ("401 Unauthorized", '{"error": "invalid_client"}'),
        ("200 OK", "{}"),
    ],
)
def test_credentials_that_adobe_refuses_are_not_kept(
    login: BadServer, cloud: BadServer, merchant: Merchant, status: str, body: str
) -> None:
    login.will(answering(status, body))
    with pytest.raises((CredentialsRejected, ConfigurationFailure), match="Adobe") as caught:
        store_connect(merchant=merchant, address=cloud.url, secrets=PROJECT)
    assert "p8e-secret-1" not in f"{caught.value.summary}{caught.value.detail}"
    assert (Store.objects.count(), len(cloud.requests)) == (0, 0)
