"""Shelf's profile, set-up and opening. In the product: connections/connect/shelf/, syncjobs/stores/shelf/store.py."""

from django.conf import settings

from connections.clients import token_of
from connections.connectors.needs import gathered
from connections.diagnosis import Grant
from connections.models import Store
from connections.patience import Patient
from connections.store_kinds import Description, Place, StoreKind, StoreProfile
from ipaas.types import CallObserver, NoObserver
from syncjobs.stores import port
from tests.stores.shelf.client import MOST_COUNTS, ROWS_PER_PAGE, SHELF, ShelfClient
from tests.stores.shelf.levels import DEFAULT_PLACE, ShelfLevels

PROFILE = StoreProfile(
    kind="shelf",
    system=SHELF,
    name="Shelf",
    back_office="Shelf's office",
    needs=gathered(ShelfClient),
    lacks="The key may not: {}. Tick it in Shelf's office.",
    access_fix="Make a new key in Shelf's office and paste it.",
    default_place=DEFAULT_PLACE,
    levels_per_page=ROWS_PER_PAGE,
    levels_per_write=MOST_COUNTS,
)


class PatientShelfClient(Patient, ShelfClient):
    """ShelfClient for set-up and pages."""


class ShelfStore(port.Store):
    """Stock alone: whatever else is asked of it is not offered."""

    profile = PROFILE

    def __init__(self, client: ShelfClient) -> None:
        self._client = client
        self.levels = ShelfLevels(client)

    def limit_calls_to(self, seconds: float) -> None:
        self._client.call_seconds = seconds


def client(store: Store, observer: CallObserver, made: type[ShelfClient] = PatientShelfClient) -> ShelfClient:
    """Raises CredentialsRejected when there is no key."""
    token = token_of(store.credential, PROFILE.name)
    return made(store.api_base, token, observer, public_only=not settings.ALLOW_PRIVATE_HOSTS)


def opens(store: Store, observer: CallObserver) -> ShelfStore:
    return ShelfStore(client(store, observer, ShelfClient))


def opens_patiently(store: Store, observer: CallObserver) -> ShelfStore:
    return ShelfStore(client(store, observer))


def access(store: Store) -> tuple[Description, tuple[Grant, ...]]:
    said = client(store, NoObserver()).about()
    grants = tuple(Grant(name=one.words, is_granted=one.scope in said["rights"]) for one in PROFILE.needs)
    return Description(name=said["name"], domain=said["domain"], currency=said["currency"]), grants


def places(store: Store) -> list[Place]:
    return [Place(id=row["code"], name=row["title"]) for row in client(store, NoObserver()).places()]


KIND = StoreKind(profile=PROFILE, access=access, ping=access, places=places)
