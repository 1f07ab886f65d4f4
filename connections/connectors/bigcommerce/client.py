"""The whole BigCommerce client."""

from connections.connectors.bigcommerce.catalog import CatalogCalls
from connections.connectors.bigcommerce.customers import CustomerCalls
from connections.connectors.bigcommerce.gift_certificates import GiftCertificateCalls
from connections.connectors.bigcommerce.inventory import InventoryCalls
from connections.connectors.bigcommerce.loyalty import LoyaltyCalls
from connections.connectors.bigcommerce.orders import OrderCalls
from connections.connectors.bigcommerce.store_information import StoreCalls


class BigCommerceClient(
    OrderCalls, CatalogCalls, CustomerCalls, GiftCertificateCalls, InventoryCalls, LoyaltyCalls, StoreCalls
):
    """One method per question that we ask a store.

    Every method can raise Unreachable, ServerTrouble, Throttled, CredentialsRejected, PermissionMissing and
    ContractBroken; methods that name a record NotFound; methods that write Rejected.
    """
