"""A merchant with people, and settings that point at the sandbox."""

from typing import Any

import pytest
import requests
from pytest_django import Settings

from connections import services
from connections.connect.bigcommerce.install import store_connect
from connections.models import Connection, HeartlandAccount, Membership, Merchant, Role, Store, User
from connections.setup import Choices, setup_apply
from tests.sandbox.conftest import bigcommerce_server, bigcommerce_url, heartland_server, heartland_url

__all__ = ["bigcommerce_server", "bigcommerce_url", "heartland_server", "heartland_url"]

STORE_HASH = "a1b2c3d4e5"
HEARTLAND_TOKEN = "sim-heartland-token"
STORE_TOKEN = "sim-bigcommerce-token"


@pytest.fixture(autouse=True)
def _here(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://tillbridge.example"
    settings.PUBLIC_HOST = "tillbridge.example"
    settings.ALLOW_PRIVATE_HOSTS = True


@pytest.fixture
def merchant(db: None) -> Merchant:
    return Merchant.objects.create(name="Harbor & Pine")


@pytest.fixture
def owner(merchant: Merchant) -> User:
    user = User.objects.create_user(username="owner", email="owner@harbor.example", password="long enough 1")
    Membership.objects.create(user=user, merchant=merchant, role=Role.OWNER)
    return user


@pytest.fixture
def account(merchant: Merchant, owner: User, heartland_url: str) -> HeartlandAccount:
    """Heartland, connected with the full token."""
    return services.heartland_connect(merchant=merchant, base_url=heartland_url, token=HEARTLAND_TOKEN, actor=owner)


@pytest.fixture
def store(merchant: Merchant, owner: User, bigcommerce_url: str) -> Store:
    """The store, connected without a browser."""
    return store_connect(
        merchant=merchant,
        store_hash=STORE_HASH,
        access_token=STORE_TOKEN,
        client_id="simclientid0001",
        client_secret="sim-client-secret-0001",
        api_base=bigcommerce_url,
        actor=owner,
    )


@pytest.fixture
def connection(account: HeartlandAccount, store: Store, owner: User) -> Connection:
    """Both paired, nothing set up yet."""
    return services.connection_create(heartland=account, store=store, actor=owner)


@pytest.fixture
def active(connection: Connection, owner: User) -> Connection:
    """Set up with the assistant's suggestions, and switched on."""
    setup_apply(connection, Choices(acknowledges_mastery=True, currency="USD"), owner)
    return connection


@pytest.fixture
def app(settings: Settings, bigcommerce_url: str) -> str:
    """Our app, registered at the sandbox; answers its address."""
    settings.ROOT_URLCONF = "connections.urls"
    settings.BIGCOMMERCE_CLIENT_ID = "simclientid0001"
    settings.BIGCOMMERCE_CLIENT_SECRET = "sim-client-secret-0001"
    settings.BIGCOMMERCE_LOGIN_BASE = settings.BIGCOMMERCE_API_BASE = bigcommerce_url
    sim(bigcommerce_url, "PUT", "app", {"auth_callback": "https://tillbridge.example/connect/bigcommerce/auth/"})
    return bigcommerce_url


def sim(url: str, method: str, path: str, body: object | None = None) -> Any:
    """A control call of a sandbox service."""
    answer = requests.request(method, f"{url}/_sim/{path}", json=body, timeout=5)
    answer.raise_for_status()
    return answer.json()


def rows(url: str, table: str) -> list[dict[str, Any]]:
    """The rows of one table of a sandbox service."""
    found: list[dict[str, Any]] = sim(url, "GET", f"state/{table}")["rows"]
    return found


def actions(merchant: Merchant) -> list[str]:
    """What the audit trail tells, oldest first."""
    return list(merchant.audit_entries.order_by("pk").values_list("action", flat=True))
