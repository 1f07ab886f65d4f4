"""Reading both catalogues: page by page for whole runs, a few products for writes and changes."""

from collections.abc import Sequence
from dataclasses import asdict

from django.core.cache import cache

from connections.connectors.heartland import HeartlandClient
from connections.models import Connection
from ipaas.cache import kept
from ipaas.types import JSON
from mappings.catalogue import (
    GRID,
    grids_remember,
    heartland_key,
    items_remember,
    products_forget,
    products_remember,
)
from mappings.core.canonical.listing import Names
from mappings.models import Side
from syncjobs.stores.port import Catalogue

NAMES_SECONDS = 600


def names_of(connection: Connection, store: Catalogue, *, fresh: bool = False) -> Names:
    """Names of the store's brands and categories: two short lists, kept for ten minutes."""
    key = f"store-names:{connection.store_id}"
    known = None if fresh else kept(key, _names_of)
    if known is None:
        known = store.names()
        cache.set(key, asdict(known), NAMES_SECONDS)
    return known


def _names_of(value: JSON) -> Names:
    return Names(
        brands={key: str(name) for key, name in value["brands"].items()},
        categories={key: [str(name) for name in path] for key, path in value["categories"].items()},
    )


def names_forget(connection: Connection) -> None:
    """A brand or category was added."""
    cache.delete(f"store-names:{connection.store_id}")


def heartland_refresh(connection: Connection, heartland: HeartlandClient, keys: Sequence[str]) -> set[str]:
    """Read some of Heartland's products anew; answers those that changed. One or two calls for six hundred."""
    grids = [int(key[1:]) for key in keys if key.startswith(GRID)]
    ids = [int(key[1:]) for key in keys if not key.startswith(GRID)]
    rows = heartland.items_of(ids=ids, grids=grids)
    changed = items_remember(connection, rows)
    changed |= grids_remember(connection, heartland.grids_of(grids))
    gone = set(keys) - {heartland_key(row) for row in rows}
    products_forget(connection, Side.HEARTLAND, gone)
    return changed | gone


def store_refresh(connection: Connection, store: Catalogue, keys: Sequence[str]) -> set[str]:
    """Read some of the store's products anew; answers those that changed. The fewest calls."""
    found = store.listings(keys)
    changed = products_remember(connection, found, names_of(connection, store))
    gone = set(keys) - {listing.id for listing in found}
    products_forget(connection, Side.STORE, gone)
    return changed | gone
