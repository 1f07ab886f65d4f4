"""What is asked of a BigCommerce store while it is set up and watched. See `connections.store_kinds.StoreKind`."""

from datetime import datetime

from django.conf import settings

from connections.connect.bigcommerce.clients import bigcommerce_client, bigcommerce_setup_client
from connections.connect.bigcommerce.grants import grants_of
from connections.connect.bigcommerce.hook_side import BigCommerceSide
from connections.connect.bigcommerce.install import description
from connections.diagnosis import Grant
from connections.models import Store
from connections.store_kinds import Description, Place


def access(store: Store) -> tuple[Description, tuple[Grant, ...]]:
    """One call, and one for each scope where the token does not tell its own."""
    client = bigcommerce_setup_client(store)
    said = description(client.store_read())
    return said, grants_of(store.credential.scopes if store.credential else "", client)


def addresses() -> list[str]:
    return [settings.BIGCOMMERCE_LOGIN_BASE, settings.BIGCOMMERCE_API_BASE]


def ping(store: Store) -> datetime:
    return bigcommerce_client(store).time()


def hooks(store: Store) -> BigCommerceSide:
    return BigCommerceSide(bigcommerce_setup_client(store))


def places(store: Store) -> list[Place]:
    """The store's locations: one call."""
    rows = bigcommerce_setup_client(store).stock_locations()
    return [
        Place(id=str(row["id"]), name=str(row.get("label") or row["id"]), is_enabled=bool(row.get("enabled")))
        for row in rows
    ]
