"""What an integration may do: each right that the client's methods need is tried, by a call that changes nothing.

Magento looks at the right before anything else, so whatever but 401 is answered, the right is there (notes §2.4). A
call that writes is tried on order 0, which is nobody's, or without what it cannot do without.
"""

from connections.connectors.magento import MagentoClient, rights
from connections.connectors.needs import gathered
from connections.diagnosis import Grant

TRIES = {  # method, route
    rights.VIEW_ORDERS: ("GET", "/orders"),
    rights.INVOICE: ("POST", "/order/0/invoice"),
    rights.SHIP: ("POST", "/order/0/ship"),
    rights.CREDIT_MEMO: ("POST", "/order/0/refund"),
    rights.CANCEL: ("POST", "/orders/0/cancel"),
    rights.HOLD: ("POST", "/orders/0/hold"),
    rights.UNHOLD: ("POST", "/orders/0/unhold"),
    rights.COMMENT: ("POST", "/orders/0/comments"),
    rights.PICKUP_READY: ("POST", "/order/notify-orders-are-ready-for-pickup"),
    rights.EMAILS: ("POST", "/orders/0/emails"),
    rights.SAVE_ORDERS: ("POST", "/orders"),
    rights.INVOICES: ("GET", "/invoices"),
    rights.SHIPMENTS: ("GET", "/shipments"),
    rights.CREDIT_MEMOS: ("GET", "/creditmemos"),
    rights.TRANSACTIONS: ("GET", "/transactions"),
    rights.PRODUCTS: ("GET", "/products"),
    rights.CATALOG: ("POST", "/products/base-prices-information"),
    rights.LEGACY_STOCK: ("GET", "/stockItems/lowStock/"),
    rights.ATTRIBUTES: ("GET", "/products/attributes"),
    rights.ATTRIBUTE_SETS: ("GET", "/products/attribute-sets/sets/list"),
    rights.CATEGORIES: ("GET", "/categories/list"),
    rights.TAX_CLASSES: ("GET", "/taxClasses/search"),
    rights.SOURCES: ("GET", "/inventory/sources"),
    rights.EDIT_SOURCES: ("POST", "/inventory/sources"),
    rights.STOCKS: ("GET", "/inventory/stocks"),
    rights.STOCK_LINKS: ("GET", "/inventory/stock-source-links"),
    rights.SOURCE_ITEMS: ("POST", "/inventory/source-items"),
    rights.SALES_STOCK: ("GET", "/inventory/stock-resolver/website/0"),
    rights.CUSTOMERS: ("GET", "/customers/search"),
    rights.EDIT_CUSTOMERS: ("GET", "/customers/0/billingAddress"),
    rights.CUSTOMER_GROUPS: ("GET", "/customerGroups/search"),
    rights.IMPORT: ("POST", "/import/csv"),
    rights.STORES: ("GET", "/store/websites"),
    rights.MODULES: ("GET", "/modules"),
    rights.BULK: ("GET", "/bulk"),
}


def grants_of(client: MagentoClient) -> tuple[Grant, ...]:
    """What the client's methods need, with whether we hold it: one call each. Ask once another call was let in."""
    return tuple(
        Grant(name=f"{need.words} ({need.scope})", is_granted=client.is_let_in(*TRIES[need]), without=need.without)
        for need in gathered(MagentoClient)
    )
