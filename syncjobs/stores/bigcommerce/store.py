"""A BigCommerce store behind the port, and its kind as the rooms around it know it."""

from connections import clients
from connections.connectors.bigcommerce import BigCommerceClient
from connections.connectors.bigcommerce.inventory import DEFAULT_LOCATION, LEVELS_PER_PAGE, MOST_ITEMS
from connections.connectors.needs import gathered
from connections.hooks import BIGCOMMERCE_TOPICS
from connections.models import Store
from connections.store_kinds import Place, StoreKind, StoreProfile
from ipaas.types import CallObserver, System
from syncjobs.stores.bigcommerce.levels import BigCommerceLevels
from syncjobs.stores.bigcommerce.orders import (
    BigCommerceAccounts,
    BigCommerceFeedback,
    BigCommerceOrders,
    BigCommercePayments,
)
from syncjobs.stores.bigcommerce.shipments import BigCommerceShipments
from syncjobs.stores.port import Accounts, Feedback, Levels, Orders, Payments, Shipments

PROFILE = StoreProfile(
    kind="bigcommerce",
    system=System.BIGCOMMERCE,
    name="BigCommerce",
    back_office="BigCommerce's control panel",
    needs=gathered(BigCommerceClient),
    default_place=str(DEFAULT_LOCATION),
    levels_per_page=LEVELS_PER_PAGE,
    levels_per_write=MOST_ITEMS,
    topics=BIGCOMMERCE_TOPICS,
    order_path="manage/orders/{id}",
)


class BigCommerceStore:
    """Fulfils `port.Store`."""

    profile = PROFILE

    def __init__(self, client: BigCommerceClient) -> None:
        self._client = client
        self.orders: Orders = BigCommerceOrders(client)
        self.accounts: Accounts = BigCommerceAccounts(client)
        self.payments: Payments = BigCommercePayments(client)
        self.feedback: Feedback = BigCommerceFeedback(client)
        self.shipments: Shipments = BigCommerceShipments(client)
        self.levels: Levels = BigCommerceLevels(client)

    def hurry(self, seconds: float) -> None:
        self._client.call_seconds = seconds


def opens(store: Store, observer: CallObserver) -> BigCommerceStore:
    return BigCommerceStore(clients.bigcommerce_client(store, observer))


def opens_patiently(store: Store, observer: CallObserver) -> BigCommerceStore:
    return BigCommerceStore(clients.bigcommerce_setup_client(store, observer))


def places(store: Store) -> list[Place]:
    """The store's locations: one call."""
    rows = clients.bigcommerce_setup_client(store).stock_locations()
    return [
        Place(id=str(row["id"]), name=str(row.get("label") or row["id"]), is_enabled=bool(row.get("enabled")))
        for row in rows
    ]


BIGCOMMERCE = StoreKind(profile=PROFILE, places=places)
