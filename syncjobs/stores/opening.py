"""Opening a store: its client and its mapping joined behind the port, whatever kind it is."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from connections.models import Store
from connections.store_kinds import profile_of
from errors.failures import NotOffered
from ipaas.types import CallObserver, NoObserver
from mappings.core.canonical.product import CatalogueLimits
from mappings.core.canonical.statuses import Statuses
from syncjobs.stores import port

T = TypeVar("T")
Opens = Callable[[Store, CallObserver], port.Store]
OPENERS: dict[str, tuple[Opens, Opens]] = {}  # by kind: as runs open it, and as who is waited for does
LIMITS: dict[str, CatalogueLimits] = {}  # by kind, of those with a catalogue
STATUSES: dict[str, Statuses] = {}  # by kind, of those with orders


def register(
    kind: str,
    opens: Opens,
    opens_patiently: Opens,
    limits: CatalogueLimits | None = None,
    statuses: Statuses | None = None,
) -> None:
    """Make it known how a kind of store is opened, what it takes of a product, and its statuses of orders."""
    OPENERS[kind] = opens, opens_patiently
    if limits:
        LIMITS[kind] = limits
    if statuses:
        STATUSES[kind] = statuses


def limits_of(store: Store) -> CatalogueLimits:
    """What the store takes of a product: known without asking it. Raises NotOffered."""
    return _offered(store, "catalogue", LIMITS)


def statuses_of(store: Store) -> Statuses:
    """The statuses of the store's orders: known without asking it. Raises NotOffered."""
    return _offered(store, "orders", STATUSES)


def _offered(store: Store, capability: str, known: Mapping[str, T]) -> T:
    if store.kind not in known:
        raise NotOffered(port.LACKING.format(profile_of(store).name, capability))
    return known[store.kind]


def store_of(store: Store, observer: CallObserver) -> port.Store:
    """The store, each call of which the observer counts. Raises CredentialsRejected when there is no token."""
    return OPENERS[store.kind][0](store, observer)


def store_of_patience(store: Store, observer: CallObserver | None = None) -> port.Store:
    """The same for work that a person waits for: it waits out short throttling."""
    return OPENERS[store.kind][1](store, observer or NoObserver())
