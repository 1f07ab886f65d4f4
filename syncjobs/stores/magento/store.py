"""A Magento shop behind the port, and its kind as the rooms around it know it."""

from connections.connect.magento import clients as store_clients
from connections.connect.magento import kind
from connections.connect.magento.hand_ways import WAYS
from connections.connect.magento.preflight_checks import checks
from connections.connect.magento.websites import DEFAULT_SOURCE, source_of
from connections.connectors.magento import MagentoClient
from connections.connectors.needs import gathered
from connections.models import Connection, Store
from connections.store_kinds import StoreKind, StoreProfile
from ipaas.types import CallObserver, System
from mappings.core.magento.statuses import CANCELED, COMPLETE, NEW, PROCESSING, SHIPPED
from syncjobs.stores import port
from syncjobs.stores.magento.accounts import MagentoAccounts
from syncjobs.stores.magento.catalogue import MagentoCatalogue
from syncjobs.stores.magento.charges import MagentoCharges
from syncjobs.stores.magento.feedback import MagentoFeedback
from syncjobs.stores.magento.levels import LEVELS_PER_PAGE, MagentoLevels
from syncjobs.stores.magento.loyalty import MagentoLoyalty
from syncjobs.stores.magento.order_cards import MagentoOrderCards
from syncjobs.stores.magento.order_parts import MagentoOrderParts
from syncjobs.stores.magento.order_website import Views
from syncjobs.stores.magento.orders import (
    MagentoOrderLists,
    MagentoOrders,
    MagentoOrderSweeps,
    MagentoPayments,
    OrderRows,
)
from syncjobs.stores.magento.pickups import MagentoPickups
from syncjobs.stores.magento.refunds import MagentoRefunds
from syncjobs.stores.magento.shipments import MagentoShipments
from syncjobs.stores.magento.shop_customers import MagentoCustomers
from syncjobs.stores.magento.store_credit import MagentoStoreCredit
from syncjobs.stores.magento.write_levels import MOST_ITEMS

PROFILE = StoreProfile(
    kind="magento",
    system=System.MAGENTO,
    name="Magento",
    websites_page="integrations_magento",
    reconnect_page="magento_reconnect",
    adding="Adding one makes an integration in your shop’s Admin.",
    first_step="Make an integration in your Magento’s Admin and activate it.",
    first_form="connections/magento/begin_here.html",
    back_office="Magento's Admin",
    needs=gathered(MagentoClient),
    lacks="The integration lacks {}: tick them in Admin → System → Extensions → Integrations → API, and save.",
    access_fix="In Admin → System → Extensions → Integrations, see that the integration is active and has every right.",
    default_place=DEFAULT_SOURCE,
    levels_per_page=LEVELS_PER_PAGE,
    levels_per_write=MOST_ITEMS,
    numbers_repeat=True,
    sweeps_orders=True,
    hand_hooks=WAYS,
    order_prefix="MG-",
    order_defaults={
        "eligible_statuses": [NEW, PROCESSING, COMPLETE, SHIPPED, CANCELED],
        "sales_rep": "Magento",
    },
    without_desk_orders="Magento takes an order that another system writes as it is, without reserving its pieces: "
    "whoever ships or cancels it there would put pieces on sale that are gone. Orders of Heartland's desk stay there.",
    without_gift_cards="Magento Open Source has no gift cards, and Adobe Commerce lets other systems neither list nor "
    "move its own: cards that its orders sell come to the tills, and what its orders spend is taken off there. What "
    "tills spend it is not told, so that it can be spent there again; that is listed as overdrawn. Store credit is "
    "kept in step all the same with Adobe Commerce 2.4.9 or later; what is older shows it to nobody.",
    mails_shopper=True,
    order_path="sales/order/view/order_id/{id}",
)


class MagentoStore(port.Store):
    """What the shop can be asked for so far."""

    profile = PROFILE

    def __init__(self, client: MagentoClient, store: Store) -> None:
        self._client = client
        currency = account_currency(store)
        rows = OrderRows(client, Views(client, store), currency)
        self.orders = MagentoOrders(rows)
        self.order_lists = MagentoOrderLists(rows)
        self.order_sweeps = MagentoOrderSweeps(rows)
        self.order_parts = MagentoOrderParts(rows)
        self.accounts = MagentoAccounts(client)
        self.customers = MagentoCustomers(client, store)
        self.loyalty = MagentoLoyalty(client)
        self.payments = MagentoPayments(rows)
        self.refunds = MagentoRefunds(rows)
        self.charges = MagentoCharges(rows)
        self.feedback = MagentoFeedback(rows)
        self.shipments = shipments = MagentoShipments(rows, shipping_source(store))
        self.pickups = MagentoPickups(rows, shipments)
        self.levels = MagentoLevels(client, store)
        self.catalogue = MagentoCatalogue(client, store)
        self.order_cards = MagentoOrderCards(rows)
        self.store_credit = MagentoStoreCredit(client, store, currency)

    def limit_calls_to(self, seconds: float) -> None:
        self._client.call_seconds = seconds


def account_currency(store: Store) -> str:
    """What Heartland keeps its sums in, or else what the website does: amounts of orders are read in it (notes §7)."""
    connection = Connection.objects.filter(store=store).select_related("heartland").first()
    return (connection.heartland.currency if connection else "") or store.currency


def shipping_source(store: Store) -> str:
    """The source that ships where the merchant named none; "" where several sources are switched off (notes §15.3)."""
    return "" if store.facts.get("stock_id") is None else str(store.facts.get("source") or DEFAULT_SOURCE)


def opens(store: Store, observer: CallObserver) -> MagentoStore:
    return MagentoStore(store_clients.magento_client(store, observer), store)


def opens_patiently(store: Store, observer: CallObserver) -> MagentoStore:
    return MagentoStore(store_clients.magento_setup_client(store, observer), store)


MAGENTO = StoreKind(
    profile=PROFILE,
    access=kind.access,
    ping=kind.ping,
    places=kind.places,
    default_place=source_of,
    addresses=kind.addresses,
    preflight=checks,
)
