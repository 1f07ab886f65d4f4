"""OAuth scopes: which of them open which kind of endpoint (note §4)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Need:
    """Scopes that open an endpoint: one of `read` for GET, one of `write` for the rest; empty = any token."""

    read: frozenset[str]
    write: frozenset[str]

    def allows(self, method: str, granted: frozenset[str]) -> bool:
        wanted = self.read if method == "GET" else self.write
        return not wanted or not wanted.isdisjoint(granted)


def need(*scopes: str) -> Need:
    """The write scopes named; reading also accepts their `_read_only` twins."""
    write = frozenset(scopes)
    return Need(read=write | {f"{scope}_read_only" for scope in scopes}, write=write)


ANY_TOKEN = Need(frozenset(), frozenset())
ORDERS = need("store_v2_orders")
TRANSACTIONS = need("store_v2_transactions")
PAYMENT_ACTIONS = need("store_v2_orders", "store_v2_transactions")
PRODUCTS = need("store_v2_products")
CUSTOMERS = need("store_v2_customers")
MARKETING = need("store_v2_marketing")
INFORMATION = need("store_v2_information")
INVENTORY = need("store_inventory")
LOCATIONS = need("store_locations")
CHANNELS = need("store_channel_settings")
CARTS = need("store_cart")
CHECKOUTS = need("store_checkout")
PAYMENT_METHODS = Need(read=frozenset({"store_payments_methods_read"}), write=frozenset())

ALL_SCOPES = (
    "store_v2_default",
    "store_v2_orders",
    "store_v2_transactions",
    "store_v2_products",
    "store_v2_customers",
    "store_v2_marketing",
    "store_v2_information",
    "store_inventory",
    "store_locations",
    "store_channel_settings_read_only",
    "store_channel_listings",
    "store_payments_methods_read",
    "store_fulfillment_methods_read_only",
    "store_order_fulfillment_read_only",
)
"""Everything an app profile may ask for in the sandbox."""
FURTHER_SCOPES = ("store_cart", "store_checkout", "store_channel_settings")
"""What the store's own API account may besides: an integration does not need it (§4)."""
