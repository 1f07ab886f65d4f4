"""The whole Heartland client."""

from connections.connectors.heartland.account import AccountCalls
from connections.connectors.heartland.catalog import CatalogCalls
from connections.connectors.heartland.customers import CustomerCalls
from connections.connectors.heartland.gift_cards import GiftCardCalls
from connections.connectors.heartland.sales import SalesCalls
from connections.connectors.heartland.stock import StockCalls


class HeartlandClient(AccountCalls, CatalogCalls, CustomerCalls, GiftCardCalls, SalesCalls, StockCalls):
    """One method per question that we ask a Heartland tenant.

    Every method can raise Unreachable, ServerTrouble, Throttled, CredentialsRejected, PermissionMissing and
    ContractBroken; methods that name a record NotFound; methods that write Rejected.
    """
