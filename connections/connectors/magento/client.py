"""The whole Magento client."""

from connections.connectors.magento.attributes import AttributeCalls
from connections.connectors.magento.bulk import BulkCalls
from connections.connectors.magento.creditmemos import CreditMemoCalls
from connections.connectors.magento.customers import CustomerCalls
from connections.connectors.magento.inventory import InventoryCalls
from connections.connectors.magento.invoices import InvoiceCalls
from connections.connectors.magento.loyalty import LoyaltyCalls
from connections.connectors.magento.order_figures import OrderFigures
from connections.connectors.magento.orders import OrderCalls
from connections.connectors.magento.products import ProductCalls
from connections.connectors.magento.refunding import RefundCalls
from connections.connectors.magento.shipments import ShipmentCalls
from connections.connectors.magento.shop import ShopCalls
from connections.connectors.magento.store_credit import StoreCreditCalls
from connections.connectors.magento.transactions import TransactionCalls


class MagentoClient(
    ShopCalls,
    OrderCalls,
    OrderFigures,
    ShipmentCalls,
    InvoiceCalls,
    CreditMemoCalls,
    RefundCalls,
    TransactionCalls,
    CustomerCalls,
    LoyaltyCalls,
    StoreCreditCalls,
    InventoryCalls,
    BulkCalls,
    ProductCalls,
    AttributeCalls,
):
    """One method per question that we ask a shop.

    Every method can raise Unreachable, ServerTrouble, Throttled, CredentialsRejected, PermissionMissing, NotOffered
    and ContractBroken; methods that name a record NotFound; methods that write Rejected, and SaveFailed.
    """
