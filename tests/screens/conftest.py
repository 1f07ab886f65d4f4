"""A merchant with one connection and a person per role; a second merchant whose things nobody else may see."""

from dataclasses import dataclass

import pytest
from django.test import Client
from pytest_django import Settings

from connections.models import Connection, Merchant, Role, User
from tests import factories
from tests.sandbox.conftest import bigcommerce_server, bigcommerce_url, heartland_server, heartland_url
from tests.screens.drawn import Browser

__all__ = ["bigcommerce_server", "bigcommerce_url", "heartland_server", "heartland_url"]


@pytest.fixture(autouse=True)
def _here(settings: Settings) -> None:
    settings.PUBLIC_URL = "http://testserver"
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.ALLOW_PRIVATE_HOSTS = True
    settings.BIGCOMMERCE_CLIENT_ID = "simclientid0001"
    settings.BIGCOMMERCE_CLIENT_SECRET = "sim-client-secret-0001"
    settings.HEARTLAND_CLIENT_ID = "sim-heartland-client"
    settings.HEARTLAND_CLIENT_SECRET = "sim-heartland-secret"


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A merchant, its connection, and its people by role."""

    merchant: Merchant
    connection: Connection
    people: dict[Role, User]

    def client(self, role: Role = Role.OWNER, *, enforce_csrf: bool = False) -> Client:
        """A browser in which the person with this role is logged in."""
        client = Browser(enforce_csrf_checks=enforce_csrf)
        client.force_login(self.people[role])
        return client

    def at(self, path: str) -> str:
        """A path below the store."""
        return f"/stores/{self.connection.public_id}/{path}"


def open_shop(name: str) -> Shop:
    merchant = factories.merchant(name)
    people = {role: factories.member(merchant, role) for role in Role}
    return Shop(merchant=merchant, connection=factories.connection(merchant), people=people)


@pytest.fixture
def shop(db: None) -> Shop:
    return open_shop("Harbor & Pine")


@pytest.fixture(params=["both walls", "first wall"])
def rival(request: pytest.FixtureRequest, db: None, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Somebody else's shop. The first wall, the filters, must hide it alone too: the second would hide their lack."""
    if request.param == "first wall":
        monkeypatch.setattr("connections.views.base.wall_raise", lambda person: None)
    return open_shop("Cove & Cedar")
