"""A BigCommerce store behind the port, and its kind as the rooms around it know it."""

from datetime import timedelta

from connections.connect.bigcommerce import clients as store_clients
from connections.connect.bigcommerce import kind
from connections.connect.bigcommerce.hook_side import CUSTOMER_TOPICS, TOPICS
from connections.connect.bigcommerce.preflight_checks import checks
from connections.connectors.bigcommerce import BigCommerceClient
from connections.connectors.bigcommerce.catalog import MOST_PRODUCTS
from connections.connectors.bigcommerce.inventory import DEFAULT_LOCATION, LEVELS_PER_PAGE, MOST_ITEMS
from connections.connectors.needs import gathered
from connections.models import Store
from connections.store_kinds import StoreKind, StoreProfile
from ipaas.types import CallObserver, System
from syncjobs.stores import port
from syncjobs.stores.bigcommerce.catalogue import BigCommerceCatalogue
from syncjobs.stores.bigcommerce.certificates import BigCommerceCertificates
from syncjobs.stores.bigcommerce.charges import BigCommerceCharges
from syncjobs.stores.bigcommerce.desk_orders import BigCommerceDeskOrders
from syncjobs.stores.bigcommerce.levels import BigCommerceLevels
from syncjobs.stores.bigcommerce.limits import LIMITS
from syncjobs.stores.bigcommerce.loyalty import BigCommerceLoyalty
from syncjobs.stores.bigcommerce.orders import (
    BigCommerceAccounts,
    BigCommerceFeedback,
    BigCommerceOrderLists,
    BigCommerceOrders,
    BigCommercePayments,
)
from syncjobs.stores.bigcommerce.refunds import BigCommerceRefunds
from syncjobs.stores.bigcommerce.shipments import BigCommerceShipments
from syncjobs.stores.bigcommerce.store_credit import BigCommerceStoreCredit
from syncjobs.stores.bigcommerce.store_customers import BigCommerceCustomers

PROFILE = StoreProfile(
    kind="bigcommerce",
    system=System.BIGCOMMERCE,
    name="BigCommerce",
    websites_page="integrations_bigcommerce",
    reconnect_page="bigcommerce_install",
    adding="Adding one installs our app in your BigCommerce store.",
    first_step="Install our app in your BigCommerce store and confirm.",
    first_form="connections/bigcommerce_begin.html",
    id_name="Store hash",
    back_office="BigCommerce's control panel",
    needs=gathered(BigCommerceClient),
    lacks="The app was not granted {}: install it again and confirm.",
    access_fix="Install the app again in BigCommerce and confirm all permissions.",
    default_place=str(DEFAULT_LOCATION),
    levels_per_page=LEVELS_PER_PAGE,
    levels_per_write=MOST_ITEMS,
    products_per_write=MOST_PRODUCTS,
    limits=LIMITS,
    topics=TOPICS,
    customer_topics=CUSTOMER_TOPICS,
    hooks_carry_secret=True,
    hooks_idle=timedelta(days=75),  # the store switches off what was silent for 90 days (its notes, §25.1)
    order_prefix="BC-",
    order_defaults={
        "eligible_statuses": ["11", "5", "6", "2"],  # Awaiting Fulfillment, Cancelled, Declined, Shipped
        "part_shipped_status": "3",
        "shipped_status": "2",
        "sales_rep": "BigCommerce",
    },
    mails_shopper=True,
    panel_path="manage",
    order_path="orders/{id}",
)


class BigCommerceStore(port.Store):
    """Every capability."""

    profile = PROFILE

    def __init__(self, client: BigCommerceClient, store: Store) -> None:
        self._client = client
        self.refunds = refunds = BigCommerceRefunds(client)
        self.orders = BigCommerceOrders(client, refunds)
        self.order_lists = BigCommerceOrderLists(client, refunds)
        self.accounts = BigCommerceAccounts(client)
        self.customers = BigCommerceCustomers(client)
        self.loyalty = BigCommerceLoyalty(client)
        self.payments = BigCommercePayments(client)
        self.charges = BigCommerceCharges(client)
        self.feedback = BigCommerceFeedback(client)
        self.desk_orders = BigCommerceDeskOrders(client)
        self.shipments = BigCommerceShipments(client)
        self.levels = BigCommerceLevels(client)
        self.catalogue = BigCommerceCatalogue(client)
        self.gift_cards = BigCommerceCertificates(client, store)
        self.store_credit = BigCommerceStoreCredit(client)

    def limit_calls_to(self, seconds: float) -> None:
        self._client.call_seconds = seconds


def opens(store: Store, observer: CallObserver) -> BigCommerceStore:
    return BigCommerceStore(store_clients.bigcommerce_client(store, observer), store)


def opens_patiently(store: Store, observer: CallObserver) -> BigCommerceStore:
    return BigCommerceStore(store_clients.bigcommerce_setup_client(store, observer), store)


BIGCOMMERCE = StoreKind(
    profile=PROFILE,
    access=kind.access,
    ping=kind.ping,
    hooks=kind.hooks,
    places=kind.places,
    preflight=checks,
    addresses=kind.addresses,
)
