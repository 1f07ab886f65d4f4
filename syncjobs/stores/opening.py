"""Opening a store: its client and its mapping joined behind the port, whatever kind it is."""

from collections.abc import Callable

from connections.models import Store
from ipaas.types import CallObserver, NoObserver
from mappings.core.canonical.product import CatalogueLimits
from mappings.core.canonical.statuses import Statuses
from syncjobs.stores import port

Opens = Callable[[Store, CallObserver], port.Store]
OPENERS: dict[str, tuple[Opens, Opens]] = {}  # by kind: as runs open it, and as who is waited for does


LIMITS: dict[str, CatalogueLimits] = {}  # by kind
STATUSES: dict[str, Statuses] = {}  # by kind


def register(kind: str, opens: Opens, opens_patiently: Opens, limits: CatalogueLimits, statuses: Statuses) -> None:
    """Make it known how a kind of store is opened, what it takes of a product, and its statuses of orders."""
    OPENERS[kind] = opens, opens_patiently
    LIMITS[kind] = limits
    STATUSES[kind] = statuses


def limits_of(store: Store) -> CatalogueLimits:
    """What the store takes of a product: known without asking it."""
    return LIMITS[store.kind]


def statuses_of(store: Store) -> Statuses:
    """The statuses of the store's orders: known without asking it."""
    return STATUSES[store.kind]


def store_of(store: Store, observer: CallObserver) -> port.Store:
    """The store, each call of which the observer counts. Raises CredentialsRejected when there is no token."""
    return OPENERS[store.kind][0](store, observer)


def store_of_patience(store: Store, observer: CallObserver | None = None) -> port.Store:
    """The same for work that a person waits for: it waits out short throttling."""
    return OPENERS[store.kind][1](store, observer or NoObserver())
