"""A Magento shop behind the port, and its kind as the rooms around it know it."""

from connections.connect.magento import clients as store_clients
from connections.connect.magento import kind
from connections.connect.magento.websites import DEFAULT_SOURCE
from connections.connectors.magento import MagentoClient
from connections.connectors.needs import gathered
from connections.models import Store
from connections.store_kinds import StoreKind, StoreProfile
from ipaas.types import CallObserver, System
from syncjobs.stores import port

LEVELS_PER_PAGE = 300
LEVELS_PER_WRITE = 200  # a shop that limits its inputs tells how many it takes (its notes, §5)

PROFILE = StoreProfile(
    kind="magento",
    system=System.MAGENTO,
    name="Magento",
    websites_page="integrations_magento",
    reconnect_page="magento_reconnect",
    adding="Adding one makes an integration in your shop’s Admin.",
    first_step="Make an integration in your Magento’s Admin and activate it.",
    back_office="Magento's Admin",
    needs=gathered(MagentoClient),
    lacks="The integration lacks {}: tick them in Admin → System → Extensions → Integrations → API, and save.",
    access_fix="In Admin → System → Extensions → Integrations, see that the integration is active and has every right.",
    default_place=DEFAULT_SOURCE,
    levels_per_page=LEVELS_PER_PAGE,
    levels_per_write=LEVELS_PER_WRITE,
)


class MagentoStore(port.Store):
    """What the shop can be asked for so far."""

    profile = PROFILE

    def __init__(self, client: MagentoClient) -> None:
        self._client = client

    def hurry(self, seconds: float) -> None:
        self._client.call_seconds = seconds


def opens(store: Store, observer: CallObserver) -> MagentoStore:
    return MagentoStore(store_clients.magento_client(store, observer))


def opens_patiently(store: Store, observer: CallObserver) -> MagentoStore:
    return MagentoStore(store_clients.magento_setup_client(store, observer))


MAGENTO = StoreKind(
    profile=PROFILE,
    access=kind.access,
    ping=kind.ping,
    places=kind.places,
    addresses=kind.addresses,
)
