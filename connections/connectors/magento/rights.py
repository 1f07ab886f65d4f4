"""The rights of an integration: ACL resources, with their names in the tree that Admin shows (notes §2.4).

Which route needs which: the list of routes beside the sandbox's schemas.
"""

from connections.connectors.needs import Need


def _need(module: str, name: str, words: str, *, without: str = "") -> Need:
    return Need(scope=f"Magento_{module}::{name}", words=words, without=without)


VIEW_ORDERS = _need("Sales", "actions_view", "Sales > Operations > Orders > Actions > View")
INVOICE = _need(
    "Sales", "invoice", "Sales > Operations > Orders > Actions > Invoice",
    without="no money is taken as goods leave",
)  # fmt: skip
SHIP = _need("Sales", "ship", "Sales > Operations > Orders > Actions > Ship")
CREDIT_MEMO = _need(
    "Sales", "creditmemo", "Sales > Operations > Orders > Actions > Credit Memos",
    without="returns at the till are not refunded",
)  # fmt: skip
CANCEL = _need("Sales", "cancel", "Sales > Operations > Orders > Actions > Cancel")
HOLD = _need("Sales", "hold", "Sales > Operations > Orders > Actions > Hold")
UNHOLD = _need("Sales", "unhold", "Sales > Operations > Orders > Actions > Unhold")
COMMENT = _need("Sales", "comment", "Sales > Operations > Orders > Actions > Comment")
PICKUP_READY = Need(
    scope="Magento_InventoryInStorePickupApi::notify_orders_are_ready_for_pickup",
    words="Sales > Operations > Orders > Actions > Notify Orders are Ready for Pickup",
    without="shoppers are not told that their order can be collected",
)
EMAILS = _need("Sales", "emails", "Sales > Operations > Orders > Actions > Send Sales Emails")
SAVE_ORDERS = _need("Sales", "create", "Sales > Operations > Orders > Actions > Create")
INVOICES = _need(
    "Sales", "sales_invoice", "Sales > Operations > Invoices",
    without="no money is taken as goods leave",
)  # fmt: skip
SHIPMENTS = _need("Sales", "shipment", "Sales > Operations > Shipments")
CREDIT_MEMOS = _need(
    "Sales", "sales_creditmemo", "Sales > Operations > Credit Memos",
    without="what was given back is not booked",
)  # fmt: skip
TRANSACTIONS = _need("Sales", "transactions_fetch", "Sales > Operations > Transactions > Fetch")

PRODUCTS = _need("Catalog", "products", "Catalog > Inventory > Products")
CATALOG = _need("Catalog", "catalog", "Catalog")
LEGACY_STOCK = _need("Catalog", "catalog_inventory", "Catalog > Inventory")
ATTRIBUTES = _need("Catalog", "attributes_attributes", "Stores > Attributes > Product")
ATTRIBUTE_SETS = _need("Catalog", "sets", "Stores > Attributes > Attribute Set")
CATEGORIES = _need("Catalog", "categories", "Catalog > Inventory > Categories")
TAX_CLASSES = _need("Tax", "manage_tax", "Stores > Taxes > Tax Rules")

SOURCES = _need("InventoryApi", "source", "Stores > Inventory > Sources")
EDIT_SOURCES = _need("InventoryApi", "source_edit", "Stores > Inventory > Sources > Edit Sources")
STOCKS = _need("InventoryApi", "stock", "Stores > Inventory > Stocks")
STOCK_LINKS = _need("InventoryApi", "stock_source_link", "Stores > Inventory > Stocks > Source to Stock Assigning")
SOURCE_ITEMS = _need("InventoryApi", "stock_source_item_assign", "Stores > Inventory > Stocks > Source Item Assigning")
SALES_STOCK = _need("InventorySalesApi", "stock", "Stores > Inventory > Sales Stock")

CUSTOMERS = _need("Customer", "customer", "Customers")
EDIT_CUSTOMERS = _need("Customer", "manage", "Customers > All Customers")
CUSTOMER_GROUPS = _need("Customer", "group", "Customers > Customer Groups")
IMPORT = Need(
    scope="Magento_ImportCsvApi::import_api",
    words="System > Data Transfer > API Import",
    without="store credit cannot be moved",
)

STORES = _need("Backend", "store", "Stores > Settings > All Stores")
MODULES = _need("Backend", "admin", "any other one", without="edition and modules are not known")  # comes with any
BULK = _need(
    "Logging", "system_magento_logging_bulk_operations", "System > Action Logs > Bulk Actions",
    without="large writes are sent one after the other",
)  # fmt: skip

WORDS = {need.scope: need.words for need in tuple(globals().values()) if isinstance(need, Need)}
