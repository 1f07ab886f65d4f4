"""The scopes of a BigCommerce token (notes §4). One without `_read_only` includes reading."""

from connections.connectors.needs import Need

ORDERS = Need(scope="store_v2_orders", words="Orders: modify")
PRODUCTS = Need(scope="store_v2_products", words="Products: modify")
CUSTOMERS = Need(scope="store_v2_customers_read_only", words="Customers: read-only")
EDIT_CUSTOMERS = Need(
    scope="store_v2_customers",
    words="Customers: modify",
    without="customers are not kept alike on both sides",
)
INFORMATION = Need(scope="store_v2_information_read_only", words="Information & settings: read-only")
INVENTORY = Need(scope="store_inventory", words="Store inventory: modify")
TRANSACTIONS = Need(
    scope="store_v2_transactions_read_only",
    words="Order transactions: read-only",
    without="the parts of a payment by gift certificate or store credit are not told apart",
)
MARKETING = Need(
    scope="store_v2_marketing",
    words="Marketing: modify",
    without="gift certificates and the gift cards of the tills stay apart",
)
LOCATIONS = Need(
    scope="store_locations_read_only",
    words="Store locations: read-only",
    without="stock goes to the store's default location only",
)
